#!/bin/sh
# mirror-rsync.sh SOURCE DIR -- copy a feed's folder with rsync, in the order
# that keeps the copy whole at every moment: the feed aside first, then what it
# names, and the feed into its place last (FORMAT, section 2).
#
#	mirror-rsync.sh master.example::wikicast/help /var/www/wikicast/help
#
# It checks no signature, and need not: followers do.  Therefore the source's
# pages for people (index.html, news.atom) stay there: nobody signed them, and
# their scripts would run on this mirror's own origin.  Links, and whatever else
# a feed does not consist of, stay there too.  "wikicast mirror" does the same
# over https, checks all, and makes a page of the signed feed.
set -eu

[ $# = 2 ] || { echo "usage: ${0##*/} SOURCE DIR" >&2; exit 2; }
source=${1%/}
dir=${2%/}
mkdir -p "$dir"

# -t: the feed's time is what If-Modified-Since needs.
rsync -t "$source/feed.atom" "$dir/.feed.new"
# What is gone at the source is named by no feed that still counts.
rsync -rt --delete-after --include-from=- --exclude='*' \
    "$source/" "$dir/" <<END
/key.asc
/history/
/history/*.xml.zst
/network/
/network/*.xml.zst
/pool/
/pool/??/
/pool/??/*.tar.zst
/pool/??/*.tar.zst.sig
/pool/??/*.step.zst
/pool/??/*.pieces
/trust/
/trust/*.xml
END
mv "$dir/.feed.new" "$dir/feed.atom"
