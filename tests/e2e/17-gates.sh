#!/bin/sh
# Nothing mistakes a missing folder for a great clean-up, at either end.
. tests/e2e/lib.sh

mkdir "$T/wiki" "$T/mine" "$T/bold"
cd "$T" || exit 1
publisher "files:$T/wiki" 'pages = *'
follower me "file://$T/site/news/" "wiki = files:$T/mine"
follower bold "file://$T/site/news/" "wiki = files:$T/bold" 'max-drop = 100%'
for n in $(seq 10 69); do echo "page $n" >wiki/P$n.txt; done
publish
fetches me 0
fetches bold 0

gen() { expect "$1" wikicast gen -c pub.conf; }
at() { [ "$(serial site/news/feed.atom)" = "$1" ] ||
	fail "serial $(serial site/news/feed.atom), not $1"; }
mv wiki away
gen 6
mkdir wiki
gen 6
said 'none of the 60 published items'
said '--allow-drop'
at 1
rm -r wiki && mv away wiki
gen 0
at 1
ok "gen does not publish a wiki that is gone"

# 20 always may go; of 21 a quarter counts.
rm wiki/P1*.txt wiki/P2*.txt
gen 0
at 2
rm wiki/P3*.txt wiki/P4*.txt wiki/P50.txt
gen 6
said '21 of 40 items would be removed'
at 2
expect 0 wikicast gen -c pub.conf --allow-drop
at 3
ok "20 removals pass, more wait for --allow-drop"

# 41 of 60 are gone for the follower; what else is new goes in.
echo 'new' >wiki/P69.txt
echo 'another' >wiki/New.txt
publish
fetches me 6 --json
[ "$(number installed)" = 2 ] && [ "$(number removed)" = 0 ] ||
	fail "$(cat "$T/out")"
[ "$(ls mine/P[1-5]*.txt | wc -l)" = 50 ] || fail "removals happened"
[ "$(cat mine/P69.txt)" = new ] && [ -e mine/New.txt ] ||
	fail "the hold held up what is no removal"
fetches me 0 -q
silent
[ "$(ls mine/P[1-5]*.txt | wc -l)" = 50 ] || fail "removals happened"
ok "fetch holds many removals, and nothing else; it is told once"

fetches bold 0
same_wiki wiki bold
ok "max-drop = 100% lets all of them happen"

# The publisher takes one back, and removes one more.
echo 'page 10' >wiki/P10.txt
rm wiki/P69.txt
publish
wikicast fetch -c me.conf >out 2>err
[ -e mine/P10.txt ] && [ -e mine/P11.txt ] || fail "removals happened"
expect 0 wikicast status -c me.conf
! grep -q "page 'P10'" "$T/out" || fail "P10 is not held any more"
ok "what the publisher took back is not held any more"

expect 0 wikicast resume -c me.conf news
fetches me 0
same_wiki wiki mine
expect 0 wikicast status -c me.conf
grep -q '^news *up to date' "$T/out" || fail "$(cat "$T/out")"
[ "$(cat mine/P69.txt.~2~ 2>/dev/null || cat mine/P69.txt.~1~)" != '' ] ||
	fail "what was removed is not kept"
for n in $(seq 70 99); do echo "page $n" >wiki/P$n.txt; done
publish
fetches me 0
rm wiki/P[7-9]*.txt
expect 0 wikicast gen -q -c pub.conf --allow-drop
fetches me 6
[ -e mine/P70.txt ] || fail "one resume opens the gate for ever"
ok "resume lets the removals happen, once"
