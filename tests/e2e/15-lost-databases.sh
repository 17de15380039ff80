#!/bin/sh
# Losing a database loses nothing: the publisher goes on from its tree, the
# follower from its wiki, and nobody who follows notices.
. tests/e2e/lib.sh

mkdir "$T/wiki" "$T/mine"
cd "$T" || exit 1
publisher "files:$T/wiki" 'pages = *' 'patterns = BadContent'
follower me "file://$T/site/news/" "wiki = files:$T/mine" 'grant = *'
for n in $(seq 200); do echo "pattern$n\\.example"; done >wiki/BadContent.txt
mkdir wiki/Page.files
echo picture >wiki/Page.files/picture.png
edit() { echo "new$1\\.example" >>wiki/BadContent.txt; echo "$1" >wiki/Page.txt; }
news() { edit "$1"; publish; }
at() { [ "$(serial site/news/feed.atom)" = "$1" ] ||
	fail "serial $(serial site/news/feed.atom), not $1"; }
id() { sed -n 's|.*<id>\(urn:uuid:[^<]*\)</id>.*|\1|p' site/news/feed.atom |
	head -n 1; }
whole() { expect 0 wikicast verify --signer "$KEY" site/news; }
# A step it must be, not a copy anew.
goes_on() {
	fetches me 0 --json
	[ "$(number installed)" = "$1" ] || fail "$(cat "$T/out")"
	same_wiki wiki mine
}

for n in 1 2 3 4 5 6; do news $n; done
fetches me 0
same_wiki wiki mine
was=$(id)

rm -r pub
cp site/news/feed.atom before.atom
expect 0 wikicast gen -c pub.conf
said 'made anew from the published tree'
at 6
[ "$(id)" = "$was" ] || fail "another feed"
expect 0 wikicast gen -q -c pub.conf
silent
news 7
at 7
whole
goes_on 2
ok "without its database the publisher goes on from its tree"

rm -r pub
edit 8
expect 0 wikicast gen -c pub.conf
at 8
whole
goes_on 2
ok "also when there is news at once"

cp -a pub older
news 9
news 10
fetches me 0
rm -r pub && mv older pub
expect 0 wikicast gen -c pub.conf
said 'made anew from the published tree'
at 10
news 11
at 11
whole
goes_on 2
for n in 12 13 14 15 16; do news $n; done
goes_on 2
whole
ok "with an older database it burns no serial"

# The tree is older than the database: it was restored, or a disk failed.
cp -a site older
news 17
goes_on 2
rm -r site && mv older site
edit 18
publish
[ "$(serial site/news/feed.atom)" -ge 18 ] || fail "a serial again"
[ "$(id)" = "$was" ] || fail "another feed"
whole
goes_on 2
ok "with an older tree no serial is used twice"

rm -r site
edit 19
expect 0 wikicast gen -c pub.conf
said 'without a step from the one before'
[ "$(id)" = "$was" ] || fail "another feed"
whole
goes_on 2
news 20
goes_on 2
whole
ok "without its tree the publisher jumps, and followers go on"

news 21
goes_on 2
expect 2 wikicast gen -c pub.conf --after 1000100
said 'no follower would take it'
expect 0 wikicast gen -c pub.conf --after 100
at 101
rows() {
	zstd -q -d -c "site/news/$(grep -o 'history/[^"]*' site/news/feed.atom)" |
		grep -o '<serial n="[0-9]*"' | tr -dc '0-9\n'
}
[ "$(rows)" = 101 ] || fail "history: $(rows)"
goes_on 0
news 22
at 102
[ "$(rows | tr '\n' ' ')" = '101 102 ' ] || fail "history: $(rows)"
goes_on 2
whole
ok "a jump on purpose begins history anew, and followers go on"

rm -r site pub
news 23
[ "$(id)" != "$was" ] || fail "the same feed out of nothing"
fetches me 4
said 'another feed\|urn:uuid'
ok "without both it is another feed, which nobody takes for the old one"
