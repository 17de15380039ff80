#!/bin/sh
# What people of the follower's wiki write is never lost: it stands, it is
# told once, and it settles itself when the texts agree.
. tests/e2e/lib.sh

mkdir "$T/wiki" "$T/mine"
cd "$T" || exit 1
publisher "files:$T/wiki" 'pages = *'
follower me "file://$T/site/news/" "wiki = files:$T/mine"
for page in Alpha Beta Gamma Delta; do echo "$page" >wiki/$page.txt; done
mkdir wiki/Alpha.files
echo picture >wiki/Alpha.files/picture.png

# Before the feed: one text that is the shared one, one that is not.
echo Alpha >mine/Alpha.txt
echo 'my own Beta' >mine/Beta.txt
publish
fetches me 6 --json
[ "$(number adopted)" = 1 ] && [ "$(number installed)" = 3 ] ||
	fail "$(cat "$T/out")"
[ ! -e mine/Alpha.txt.~1~ ] || fail "an equal text was written again"
[ "$(cat mine/Beta.txt)" = 'my own Beta' ] || fail "a page was overwritten"
said "page 'Beta': conflict"
fetches me 0 -q
silent
expect 0 wikicast status -c me.conf
grep -q "page 'Beta' *conflict" "$T/out" || fail "$(cat "$T/out")"
ok "pages from before the feed: equal ones are adopted, others stand"

echo 'Gamma here' >mine/Gamma.txt
fetches me 0 -q
[ "$(cat mine/Gamma.txt)" = 'Gamma here' ] || fail "overwritten"
echo 'Gamma there' >wiki/Gamma.txt
echo 'Delta there' >wiki/Delta.txt
publish
fetches me 6 --json
[ "$(number installed)" = 1 ] && [ "$(number conflicts)" = 2 ] ||
	fail "$(cat "$T/out")"
said "page 'Gamma': conflict"
[ "$(cat mine/Gamma.txt)" = 'Gamma here' ] || fail "overwritten"
[ "$(cat mine/Delta.txt)" = 'Delta there' ] || fail "one held up the other"
fetches me 0 -q
silent
expect 0 wikicast status -c me.conf
grep -q "page 'Gamma' *conflict" "$T/out" || fail "$(cat "$T/out")"
ok "a conflict leaves the local text, and is told once"

echo 'Gamma there' >mine/Gamma.txt
fetches me 0 -q
expect 0 wikicast status -c me.conf
! grep -q "page 'Gamma'" "$T/out" || fail "$(cat "$T/out")"
echo 'Gamma once more' >wiki/Gamma.txt
publish
fetches me 0
[ "$(cat mine/Gamma.txt)" = 'Gamma once more' ] || fail "not followed again"
ok "it settles itself when the local text becomes the shared one"

echo 'Delta here' >mine/Delta.txt
echo 'Delta here' >wiki/Delta.txt
publish
fetches me 0 --json
[ "$(number adopted)" = 1 ] || fail "$(cat "$T/out")"
echo 'Delta again' >wiki/Delta.txt
publish
fetches me 0
[ "$(cat mine/Delta.txt)" = 'Delta again' ] || fail "not followed again"
ok "and when the shared one becomes the local text"

rm mine/Delta.txt
fetches me 0 -q
[ ! -e mine/Delta.txt ] || fail "came back without news"
echo 'Delta changed' >wiki/Delta.txt
publish
fetches me 6
[ ! -e mine/Delta.txt ] || fail "a page deleted here came back"
expect 0 wikicast status -c me.conf
grep -q "page 'Delta'" "$T/out" || fail "$(cat "$T/out")"
fetches me 0 -q
silent
ok "what was deleted here stays away, and is listed"

rm wiki/Delta.txt
publish
fetches me 0
expect 0 wikicast status -c me.conf
! grep -q "page 'Delta'" "$T/out" || fail "$(cat "$T/out")"
ok "gone at both ends is settled"

echo 'Gamma is ours' >mine/Gamma.txt
rm wiki/Gamma.txt
publish
fetches me 6
[ "$(cat mine/Gamma.txt)" = 'Gamma is ours' ] || fail "a local edit went"
ok "a page that is edited here survives its removal there"

# An attachment has a life of its own.
echo 'my picture' >mine/Alpha.files/picture.png
echo 'new picture' >wiki/Alpha.files/picture.png
echo 'Alpha two' >wiki/Alpha.txt
publish
fetches me 6
[ "$(cat mine/Alpha.files/picture.png)" = 'my picture' ] ||
	fail "an attachment was overwritten"
[ "$(cat mine/Alpha.txt)" = 'Alpha two' ] || fail "the page was held up"
ok "attachments are kept in the same way"

# The database is lost: what is equal is adopted, the rest are local edits.
items mine >before
rm -r me.state
stamp mine >before.stamp
wikicast fetch -c me.conf --json >"$T/out" 2>"$T/err"
[ "$(number installed)" = 0 ] && [ "$(number adopted)" = 1 ] ||
	fail "$(cat "$T/out")"
stamp mine | cmp -s - before.stamp || fail "the wiki was written to"
echo 'Alpha three' >wiki/Alpha.txt
publish
fetches me 0
[ "$(cat mine/Alpha.txt)" = 'Alpha three' ] || fail "not followed again"
ok "a lost database writes nothing to the wiki"
