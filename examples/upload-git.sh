#!/bin/sh
# upload-git.sh DIR CLONE/FOLDER -- bring a feed's folder to a web host that
# shows what is pushed to it ("pages").
#
#	git clone git@pages.example:me/me.git clone
#	upload-git.sh /srv/site/help clone/wikicast/help
#
# DIR is what "wikicast gen" publishes or "wikicast mirror" keeps.  The feed is
# taken aside first, and pushed when all that it names was pushed: a host need
# not lay the files of a push in any order.  The repository keeps whatever was
# in it; nobody needs that, so it can be begun anew at any time.
set -eu

[ $# = 2 ] || { echo "usage: ${0##*/} DIR CLONE/FOLDER" >&2; exit 2; }
dir=$(cd "$1" && pwd)
to=${2%/}
aside=$(mktemp -d)
trap 'rm -rf "$aside"' EXIT
cp -p "$dir/feed.atom" "$aside/"

# push WHAT: what is in the folder now.
push() {
	git -C "$to" add -A -f .
	git -C "$to" diff --cached --quiet || git -C "$to" commit -q -m "$1"
	git -C "$to" push -q origin HEAD
}
mkdir -p "$to"
# No line's end is changed here, or digests would not hold.
echo '* -text' >"$to/.gitattributes"
(cd "$dir" && tar -cf - --exclude=./feed.atom .) | tar -xf - -C "$to"
push 'what the feed names'
# What is gone here is named by no feed that still counts.
git -C "$to" ls-files pool history network | while IFS= read -r name; do
	[ -e "$dir/$name" ] || rm "$to/$name"
done
cp -p "$aside/feed.atom" "$to/"
push 'the feed'
