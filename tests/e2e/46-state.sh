#!/bin/sh
# A database that is damaged, of a newer program, or no file at all, a link for
# a lock, a state folder that everybody may write: one line that names it, and
# the wiki and what is published stay.
. tests/e2e/lib.sh

cd "$T" || exit 1
mkdir wiki mine
publisher "files:$T/wiki" 'pages = *'
echo one >wiki/A.txt
publish
follower me "file://$T/site/news/" "wiki = files:$T/mine"
fetches me 0 -q
cp -a pub pub.good
cp -a me.state state.good
echo two >wiki/B.txt
items mine >mine.was

again() {
	rm -rf pub me.state
	cp -a pub.good pub
	cp -a state.good me.state
}
# refused STATUS TEXT COMMAND...: so it ends, and says so in one line.
refused() {
	status=$1
	text=$2
	shift 2
	stamp site >site.was
	expect "$status" "$@"
	[ ! -s out ] && [ "$(wc -l <err)" = 1 ] ||
		fail "not one line: $(cat out err)"
	said "$text"
	stamp site | cmp -s - site.was || fail 'what is published is touched'
	items mine | cmp -s - mine.was || fail 'the wiki is touched'
}
gen() { wikicast gen -q -c pub.conf --now; }
fetch() { wikicast fetch -q -c me.conf; }
status() { wikicast status -c me.conf; }
# both HOW STATUS TEXT: done to each database.
both() {
	again
	$1 pub/publish.db
	refused "$2" "'$T/pub/publish.db'.*$3" gen
	$1 me.state/follow.db
	refused "$2" "'$T/me.state/follow.db'.*$3" fetch
	refused "$2" "'$T/me.state/follow.db'.*$3" status
	ok "$1: $3"
}
no_database() { head -c 200 /dev/zero | dd of="$1" conv=notrunc status=none; }
torn_page() {
	head -c 4000 /dev/zero | tr '\0' '\377' |
		dd of="$1" bs=4096 seek=2 conv=notrunc status=none
}
short() { truncate -s 5000 "$1"; }
newer() {
	python3 -c 'import sqlite3, sys
d = sqlite3.connect(sys.argv[1])
d.execute("PRAGMA user_version = 99")
d.commit()' "$1"
}
folder() { rm "$1" && mkdir "$1"; }
fifo() { rm "$1" && mkfifo "$1"; }
both no_database 6 'not a database (move it away, and it is made anew)'
both torn_page 6 'malformed (move it away, and it is made anew)'
both short 6 'malformed (move it away, and it is made anew)'
both newer 2 'is from a newer wikicast'
both folder 6 'unable to open'
both fifo 6 'cannot open'

# As it says.
again
for database in pub/publish.db me.state/follow.db; do
	no_database $database
	mv $database $database.away
done
expect 0 gen
expect 0 fetch
same_wiki wiki mine
items mine >mine.was
rm -rf pub.good state.good
cp -a pub pub.good
cp -a me.state state.good
ok 'a damaged database that is moved away is made anew'

echo three >wiki/C.txt
chmod 777 pub me.state
refused 6 "folder '$T/pub' can be written by everybody" gen
refused 6 "folder '$T/me.state' can be written by everybody" fetch
ok 'a state folder that everybody may write is not used'

# A lock that leads elsewhere is neither followed nor made there.
again
ln -sf "$T/elsewhere" pub/publish.lock
ln -sf "$T/elsewhere" me.state/follow.lock
refused 6 'publish.lock' gen
refused 6 'follow.lock' fetch
[ ! -e elsewhere ] || fail 'it was followed'
again
expect 0 gen
expect 0 fetch
same_wiki wiki mine
ok 'nor is a link in the place of a lock followed'
