#!/bin/sh
# mirror-rsync.sh SOURCE DIR -- copy a feed's folder with rsync, in the order
# that keeps the copy whole at every moment: the feed aside first, then what it
# names, and the feed into its place last (FORMAT, section 2).
#
#	mirror-rsync.sh master.example::wikicast/help /var/www/wikicast/help
#
# It checks no signature, and need not: followers do.  "wikicast mirror" does
# the same over https, and checks.
set -eu

[ $# = 2 ] || { echo "usage: ${0##*/} SOURCE DIR" >&2; exit 2; }
source=${1%/}
dir=${2%/}
mkdir -p "$dir"

# -t: the feed's time is what If-Modified-Since needs.
rsync -t "$source/feed.atom" "$dir/.feed.new"
# What is gone at the source is named by no feed that still counts.
rsync -a --delete-after --exclude=/feed.atom --exclude=/.feed.new \
    "$source/" "$dir/"
mv "$dir/.feed.new" "$dir/feed.atom"
