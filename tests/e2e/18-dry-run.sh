# A dry run of gen and fetch shows what would happen, and changes nothing.
. tests/e2e/lib.sh

KEY=$(make_key "$T/gnupg" publisher)
mkdir "$T/wiki" "$T/mine"
echo one >"$T/wiki/One.txt"
cat >"$T/conf" <<EOF
[state]
dir = $T/state
[publish]
site = $T/site
key = $KEY
gnupg-home = $T/gnupg
[feed help]
title = Help
url = http://127.0.0.1/help/
wiki = files:$T/wiki
pages = *
[follow help]
mirror = file://$T/site/help/
signer = $KEY
wiki = files:$T/mine
EOF

expect 0 wikicast gen -c "$T/conf" -n
grep -q 'published' "$T/out" || fail "gen -n does not say what it would do"
[ ! -e "$T/site/help/feed.atom" ] || fail "gen -n published"
expect 0 wikicast gen -c "$T/conf"
ok "gen -n publishes nothing"

expect 0 wikicast fetch -c "$T/conf" -n
grep -q "page 'One' would be installed" "$T/err" || fail "fetch -n is silent"
[ -z "$(ls "$T/mine")" ] || fail "fetch -n installed"
expect 0 wikicast fetch -c "$T/conf" -n
grep -q "page 'One' would be installed" "$T/err" ||
	fail "fetch -n remembered something"
expect 0 wikicast fetch -c "$T/conf"
cmp -s "$T/wiki/One.txt" "$T/mine/One.txt" || fail "not installed"
expect 0 wikicast fetch -c "$T/conf" -n
ok "fetch -n installs and remembers nothing"
