#!/bin/sh
# A person sees where things stand, what was done and why, and ends a hold.
. tests/e2e/lib.sh

mkdir "$T/wiki" "$T/mine" "$T/home"
HOME=$T/home
export HOME
cd "$T" || exit 1
for n in $(seq 10 39); do echo "page $n" >wiki/P$n.txt; done
echo 'bad' >wiki/BadContent.txt
expect 0 wikicast init news -c pub.conf --wiki files:wiki \
    --url http://x/news --site site --state pub --gnupg-home gnupg \
    --title 'The News' --pages '*' </dev/null
expect 0 wikicast gen -c pub.conf
key=$(sed -n 's/^key = //p' pub.conf)
expect 0 wikicast follow -c me.conf --state state news "file://$T/site/news" \
    --signer "$key" --wiki files:mine --yes

status() { expect 0 wikicast status -c me.conf "$@"; }
sees() { grep -q -- "$1" "$T/out" || fail "no '$1': $(cat "$T/out")"; }

status
sees '^news *not fetched yet'
expect 0 wikicast fetch -c me.conf
grep -q "1 item is not installed; 'wikicast status news'" "$T/err" ||
	fail "not told of the skipped item: $(cat "$T/err")"
status
sees '^news *up to date *The News *1 '
sees "file://$T/site/news/ *good *1 "
! grep -q 'gives power' "$T/out" || fail "skipped items are always listed"
status news
sees "page 'BadContent' *skipped *gives power, no grant"
status --json
python3 -c 'import json, sys
rows = [json.loads(line) for line in sys.stdin]
feed = [r for r in rows if r["type"] == "feed"][0]
assert (feed["serial"], feed["accepted"], feed["settled"]) == (1, 1, 1), feed
assert feed["items"] == 30 and feed["skipped"] == 1, feed
assert not feed["expired"] and not feed["forked"], feed
assert [r["type"] for r in rows] == ["feed", "mirror", "item", "signer"]
' <"$T/out" || fail "JSON: $(cat "$T/out")"
expect 2 wikicast status -c me.conf nothing
ok "status tells where feed, mirror and items stand"

expect 0 wikicast log -c me.conf --item P10
[ "$(wc -l <"$T/out")" = 2 ] || fail "log of an item: $(cat "$T/out")"
sees "news *1 *installed *page 'P10'"
expect 0 wikicast log -c me.conf --last 3 --json
[ "$(wc -l <"$T/out")" = 3 ] || fail "--last: $(cat "$T/out")"
expect 0 wikicast log -c me.conf --since 2100-01-01
[ ! -s "$T/out" ] || fail "--since: $(cat "$T/out")"
expect 2 wikicast log -c me.conf --since soon
ok "log tells what was done with an item, of which time"

expect 0 wikicast resume -c me.conf news
sees 'nothing to resume'

rm wiki/P1*.txt wiki/P2*.txt wiki/P30.txt
expect 6 wikicast gen -c pub.conf
expect 0 wikicast gen -c pub.conf --allow-drop
expect 6 wikicast fetch -c me.conf
[ -e mine/P10.txt ] || fail "held removals happened"
status
sees '^news *held '
[ "$(grep -c ' held ' "$T/out")" = 22 ] || fail "held: $(cat "$T/out")"
expect 0 wikicast resume -n -c me.conf news
sees 'would carry out 21 removals'
expect 0 wikicast fetch -c me.conf
[ -e mine/P10.txt ] || fail "-n ended the hold"
expect 0 wikicast resume -c me.conf news
sees 'the next fetch will carry out 21 removals'
expect 0 wikicast fetch -c me.conf
[ ! -e mine/P10.txt ] && [ -e mine/P39.txt ] || fail "not resumed"
status
sees '^news *up to date'
expect 0 wikicast log -c me.conf --last 30
sees ' resumed *- *held removals'
ok "many removals wait for a person, who lets them happen"

# Two publishers with one key and one past: a fork.
cp -a pub pub1
cp -a site site1
echo one >wiki/P39.txt
expect 0 wikicast gen -c pub.conf
expect 0 wikicast fetch -c me.conf
rm -rf pub site
mv pub1 pub
mv site1 site
echo two >wiki/P39.txt
sleep 1
expect 0 wikicast gen -c pub.conf
expect 4 wikicast fetch -c me.conf
[ "$(cat mine/P39.txt)" = one ] || fail "a fork was installed"
status
sees '^news *forked'
expect 4 wikicast fetch -c me.conf
grep -q "wikicast resume news" "$T/err" || fail "no way out is told"
expect 0 wikicast resume -c me.conf news
[ "$(ls state/evidence | wc -l)" = 2 ] || fail "no evidence is kept"
expect 0 wikicast fetch -c me.conf
[ "$(cat mine/P39.txt)" = two ] || fail "not taken up again"
[ "$(ls state/evidence | wc -l)" = 2 ] || fail "evidence went"
status
sees '^news *up to date'
expect 0 wikicast fetch -c me.conf
ok "a fork stops a feed until a person has looked"
gpgconf --homedir "$T/gnupg" --kill all
