#!/bin/sh
# Pages for people: the site's and each feed's index.html, news.atom; a page
# of the site's owner is left alone, and a configuration that asks for what
# this version does not do is refused.
. tests/e2e/lib.sh

KEY=$(make_key "$T/gnupg" publisher)
mkdir "$T/wiki"
echo one >"$T/wiki/One.txt"
cat >"$T/conf" <<EOF
[state]
dir = $T/state
[publish]
site = $T/site
key = $KEY
gnupg-home = $T/gnupg
[feed help]
title = Help & more
url = http://127.0.0.1/help/
wiki = files:$T/wiki
pages = *
EOF

expect 0 wikicast gen -c "$T/conf"
grep -q '<a href="help/">Help &amp; more</a>' "$T/site/index.html" ||
	fail "the site's page does not name the feed"
grep -q "wikicast follow help http://127.0.0.1/help/ --signer $KEY" \
    "$T/site/help/index.html" || fail 'the page does not say how to follow'
grep -q "new page 'One'" "$T/site/help/news.atom" || fail 'no news'
ok 'the site, the feed and the news have pages'

echo 'my own page' >"$T/site/index.html"
cp "$T/site/index.html" "$T/site/help/index.html"
echo two >>"$T/wiki/One.txt"
expect 0 wikicast gen -c "$T/conf" --now
[ "$(cat "$T/site/index.html" "$T/site/help/index.html")" = 'my own page
my own page' ] || fail "the owner's page was overwritten"
grep -q "changed page 'One'" "$T/site/help/news.atom" || fail 'no news'
ok "a page of the site's owner is left alone"

printf '[feed b]\nrepublish = yes\n' >>"$T/conf"
expect 2 wikicast gen -c "$T/conf"
grep -q "republish" "$T/err" || fail 'the key is not named'
cat >"$T/merge.conf" <<EOF
[state]
dir = $T/state
[follow help]
mirror = file://$T/site/help/
signer = $KEY
serve = $T/copy
[merge BadContent]
follow = help
EOF
expect 2 wikicast fetch -c "$T/merge.conf"
grep -q "merge.conf:7: .*remove the section" "$T/err" ||
	fail "not in words: $(cat "$T/err")"
[ ! -e "$T/copy" ] || fail 'something was done'
ok 'what this version does not do is refused'
