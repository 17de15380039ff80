#!/bin/sh
# What is wanted here changes, and so do the wiki and the other feeds: nobody
# is told of edits that nobody made, and no feed has more say than it was given.
. tests/e2e/lib.sh

mkdir "$T/wiki" "$T/mine"
cd "$T" || exit 1
publisher "files:$T/wiki" 'pages = *'
F="file://$T/site/news/"
W="wiki = files:$T/mine"

echo one >wiki/Page.txt
echo one >wiki/Other.txt
echo ' * Ann' >wiki/TeamGroup.txt
publish
follower me "$F" "$W" 'grant = TeamGroup'
fetches me 0
follower me "$F" "$W" 'not = Page'
fetches me 0
echo two >wiki/Page.txt
echo ' * Bob' >wiki/TeamGroup.txt
publish
fetches me 0
[ "$(cat mine/Page.txt)" = one ] || fail "a page that is not chosen arrived"
[ "$(cat mine/TeamGroup.txt)" = ' * Ann' ] || fail "a group without grant"
follower me "$F" "$W" 'grant = TeamGroup'
fetches me 0
same_wiki wiki mine
ok "a rule that is changed back finds no edits that nobody made"

follower me "$F" "$W"
rm wiki/TeamGroup.txt wiki/Page.txt
publish
fetches me 0
[ ! -e mine/Page.txt ] || fail "a removal was not carried out"
[ "$(cat mine/TeamGroup.txt)" = ' * Bob' ] ||
	fail "a feed took a page away that it may not bring"
ok "who may not bring a page may not take it away"

mkdir moved
follower me "$F" "wiki = files:$T/moved" 'grant = *'
fetches me 0
same_wiki wiki moved
ok "another wiki gets everything"

# Two feeds of one wiki.
mkdir first second both
for feed in first second; do
	sed "s|^wiki = .*|wiki = files:$T/$feed|; s|/news/|/$feed/|
	    s|^\[feed news|[feed $feed|; s|/pub\$|/pub.$feed|" pub.conf \
	    >"$feed.conf"
	echo "$feed" >"$feed/Page.txt"
	echo "$feed" >"$feed/TeamGroup.txt"
	expect 0 wikicast gen -q -c "$feed.conf"
done
# follows SECTION LINE...: of one feed into the wiki "both".
follows() {
	printf '[follow %s]\nmirror = file://%s/site/%s/\nsigner = %s\n' \
	    "$1" "$T" "$1" "$KEY"
	printf 'wiki = files:%s/both\n' "$T"
	shift
	printf '%s\n' "$@"
}
printf '[state]\ndir = %s/both.state\n' "$T" >state
{
	cat state
	follows first
	follows second 'grant = TeamGroup'
} >both.conf
fetches both 0 second
[ "$(cat both/Page.txt)" = second ] || fail "nothing arrived"
fetches both 0
[ "$(cat both/Page.txt)" = first ] || fail "the first section does not win"
[ "$(cat both/TeamGroup.txt)" = second ] || fail "a page without grant"
echo 'second again' | tee second/Page.txt >second/TeamGroup.txt
expect 0 wikicast gen -q -c second.conf
fetches both 0
[ "$(cat both/Page.txt)" = first ] || fail "the second section wins"
[ "$(cat both/TeamGroup.txt)" = 'second again' ] ||
	fail "a feed that may not bring a page keeps another from it"
expect 0 wikicast status -c both.conf second
grep -q "'Page'.*feed 'first' brings it" "$T/out" ||
	fail "it is not told who brings the page"
ok "the first section brings a page, if it may"

{
	cat state
	follows first 'not = Page'
	follows second 'grant = TeamGroup'
} >both.conf
fetches both 0
echo 'second, third time' >second/Page.txt
expect 0 wikicast gen -q -c second.conf
fetches both 0
[ "$(cat both/Page.txt)" = 'second, third time' ] ||
	fail "nobody brings the page"
ok "a page goes over to the other feed when the first wants it no more"
