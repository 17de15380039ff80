#!/bin/sh
# upload-rsync.sh DIR DEST -- bring a feed's folder to a web server with rsync.
#
#	upload-rsync.sh /srv/site/help www@host.example:/var/www/wikicast/help
#
# DIR is what "wikicast gen" publishes or "wikicast mirror" keeps.  The feed is
# taken aside first and shown last, when all that it names is there, whatever
# is published meanwhile.
set -eu

[ $# = 2 ] || { echo "usage: ${0##*/} DIR DEST" >&2; exit 2; }
aside=$(mktemp -d)
trap 'rm -rf "$aside"' EXIT
cp -p "$1/feed.atom" "$aside/"

# What is gone here is named by no feed that still counts.
rsync -rt --delete-after --exclude=/feed.atom --exclude='.*' \
    "${1%/}/" "${2%/}/"
# -t: the feed's time is what If-Modified-Since needs.
rsync -t "$aside/feed.atom" "${2%/}/"
