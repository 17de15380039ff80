#!/bin/sh
# make-wiki.sh DIR -- make a MoinMoin 1.9 data folder at DIR, with a few pages
# to publish.  The pages are in pages/ beside this script, each under the name
# of its folder in MoinMoin (wikiutil.py, quoteWikinameFS), with LF at the ends
# of lines; MoinMoin writes CRLF, and so does this.
set -eu

[ $# = 1 ] || { echo "usage: ${0##*/} DIR" >&2; exit 2; }
case $0 in */*) here=${0%/*} ;; *) here=. ;; esac
dir=$1
if [ -e "$dir/pages" ]; then
	echo "${0##*/}: '$dir' has pages already" >&2
	exit 1
fi

umask 007
mkdir -p "$dir/pages" "$dir/user" "$dir/cache" "$dir/plugin" "$dir/dict"
printf 'data_format_revision: 1091100\n' >"$dir/meta"
: >"$dir/edit-log"
: >"$dir/event-log"

# MoinMoin counts in microseconds; pages that are made in one second still get
# stamps of their own, in order.
second=$(date +%s)
count=0

# log NAME REVISION ACTION EXTRA COMMENT: one line in both logs.
log() {
	count=$((count + 1))
	printf '%d%06d\t%s\t%s\t%s\t\tlocalhost\t\t%s\t%s\n' \
	    "$second" "$count" "$2" "$3" "$1" "$4" "$5" |
		tee -a "$dir/pages/$1/edit-log" >>"$dir/edit-log"
}

for text in "$here"/pages/*; do
	name=${text##*/}
	page=$dir/pages/$name
	mkdir -p "$page/revisions"
	awk '{ printf "%s\r\n", $0 }' "$text" >"$page/revisions/00000001"
	printf '00000001\n' >"$page/current"
	log "$name" 00000001 SAVENEW '' 'the first version'
done

# attached NAME FILE QUOTED: a line for an attachment that is in its place;
# QUOTED is FILE as it stands in a URL.
attached() {
	[ -f "$dir/pages/$1/attachments/$2" ]
	log "$1" 99999999 ATTNEW "$3" ''
}

attachments=$dir/pages/HelpContents/attachments
mkdir "$attachments"
printf 'A small text, attached to a page, and published with it.\n' \
    >"$attachments/read me.txt"
attached HelpContents 'read me.txt' read%20me.txt
base64 -d >"$attachments/dot.png" <<'RED'
iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLv
AAAAAElFTkSuQmCC
RED
attached HelpContents dot.png dot.png
