#!/bin/sh
# upload-rclone.sh DIR REMOTE -- bring a feed's folder to a store that rclone
# knows: S3 and what is like it, and most others.
#
#	upload-rclone.sh /srv/site/help s3:bucket/wikicast/help
#
# DIR is what "wikicast gen" publishes or "wikicast mirror" keeps.  The feed is
# taken aside first and shown last, when all that it names is there, whatever
# is published meanwhile.  In front of the store may be a CDN: it may keep what
# is named after its digest for ever, and the feed for a minute.
set -eu

[ $# = 2 ] || { echo "usage: ${0##*/} DIR REMOTE" >&2; exit 2; }
dir=${1%/}
to=${2%/}
aside=$(mktemp -d)
trap 'rm -rf "$aside"' EXIT
cp -p "$dir/feed.atom" "$aside/"

# named VERB: what is named after its digest, or its number.
named() {
	rclone "$1" --size-only --include '/{pool,history,network,trust}/**' \
	    --header-upload 'Cache-Control: max-age=31536000, immutable' \
	    "$dir" "$to"
}
named copy
rclone copy --checksum --include '/*.{asc,html}' --include /news.atom \
    --header-upload 'Cache-Control: max-age=60' "$dir" "$to"
rclone copyto --ignore-times --header-upload 'Cache-Control: max-age=60' \
    "$aside/feed.atom" "$to/feed.atom"
# What is gone here is named by no feed that still counts.
named sync
