#!/bin/sh
# A publisher is made by one command, and the usual mistakes are told in words
# that name the way out, before anything is made.
. tests/e2e/lib.sh

mkdir "$T/wiki" "$T/home"
echo 'a page' >"$T/wiki/Start.txt"
HOME=$T/home
XDG_CONFIG_HOME=$T/config
XDG_STATE_HOME=$T/home/state
export HOME XDG_CONFIG_HOME XDG_STATE_HOME
unset WIKICAST_CONFIG
cd "$T" || exit 1

# says STATUS WORDS OPTION...: one line on stderr with these words.
says() {
	status=$1
	words=$2
	shift 2
	expect "$status" wikicast init "$@" </dev/null
	[ "$(wc -l <"$T/err")" = 1 ] || fail "not one line: $(cat "$T/err")"
	grep -qF -- "$words" "$T/err" ||
		fail "'$words' is not said: $(cat "$T/err")"
}
nothing_made() {
	[ "$(echo *)" = 'err home out wiki' ] && [ -z "$(ls home)" ] ||
		fail "something was made: $(echo * home/*)"
}

says 2 '--wiki ENGINE:PLACE, --url URL, --site DIR, one of --pages' \
    -c a.conf news
says 2 'option '\''--url'\'': '\''ftp://x/'\'' is not an http or https URL' \
    -c a.conf news --wiki files:wiki --url ftp://x --site s --pages '*'
says 6 "No such file" \
    -c a.conf news --wiki files:none --url http://x --site s --pages '*'
says 2 "no engine 'mion'; there is" \
    -c a.conf news --wiki mion:wiki --url http://x --site s --pages '*'
says 2 "'--expires'" -c a.conf news --wiki files:wiki --url http://x \
    --site s --pages '*' --expires never
says 2 "cannot be a feed's name" -c a.conf 'my news' --wiki files:wiki
says 2 'too few arguments' -c a.conf
nothing_made
ok "mistakes are told in a line, and nothing is made"

expect 0 wikicast init news -n -c a.conf --wiki files:wiki \
    --url http://x/news --site site --state state --pages '*' </dev/null
grep -qx '\[feed news\]' "$T/out" || fail "no sections are shown"
nothing_made
ok "-n shows the sections, and makes nothing"

expect 0 wikicast init news -c a.conf --wiki files:wiki \
    --url http://x/news --site site --state state --pages 'St*' \
    --pages 'Two words' --title 'News; of "us" # 1' </dev/null
key=$(sed -n 's/^key = //p' a.conf)
[ ${#key} = 40 ] || fail "no fingerprint in the configuration"
grep -q "$key" "$T/out" || fail "the fingerprint is not shown"
grep -q 'next: wikicast gen -c a.conf' "$T/out" ||
	fail "the next command is not told"
[ "$(stat -c %a a.conf)" = 644 ] || fail "mode of the configuration"
[ "$(stat -c %a state)" = 700 ] || fail "mode of the state folder"
expect 0 wikicast gen -c a.conf
[ -s site/news/feed.atom ] || fail "nothing is published"
grep -q '<title>News; of \("us"\|&quot;us&quot;\) # 1</title>' site/news/feed.atom ||
	fail "the title is not the one that was given"
ok "what init makes, gen publishes at once"

cp a.conf before
says 2 "feed 'news' exists already (a.conf:9)" -c a.conf news
says 2 "'--site' says" -c a.conf two --wiki files:wiki --url http://x/two \
    --site other --pages '*'
cmp -s a.conf before || fail "the configuration was changed"
expect 0 wikicast init two -c a.conf --wiki files:wiki --url http://x/two \
    --pages '*' </dev/null
head -c "$(wc -c <before)" a.conf | cmp -s - before ||
	fail "what stood in the configuration was changed"
[ "$(grep -c '^key' a.conf)" = 1 ] || fail "a second key"
expect 0 wikicast gen -c a.conf two
ok "a second feed shares key and site, and nothing that stands is changed"

says 2 '40 hex digits' -c b.conf x --key 1234 --wiki files:wiki \
    --url http://x --site s --pages '*' --state st2
says 2 "name the one that GnuPG has it in with '--gnupg-home'" -c b.conf x \
    --key 0123456789012345678901234567890123456789 \
    --wiki files:wiki --url http://x --site s --pages '*' --state st2
says 2 0123456789012345678901234567890123456789 -c b.conf x \
    --key 0123456789012345678901234567890123456789 --gnupg-home state/gnupg \
    --wiki files:wiki --url http://x --site s --pages '*' --state st2
[ ! -e b.conf ] && [ ! -e s ] && [ ! -e st2 ] ||
	fail "something was made for a key that cannot sign"
mine=$(make_key "$T/gnupg" Mine) || exit 1
expect 0 wikicast init x -c b.conf --key "$mine" --gnupg-home gnupg \
    --wiki files:wiki --url http://x --site s --pages '*' --state st2 \
    --json </dev/null
grep -q "\"key\":\"$mine\",\"new_key\":false" "$T/out" ||
	fail "JSON: $(cat "$T/out")"
ok "a key of one's own is tried before it is believed"

if [ "$(id -u)" != 0 ] && [ ! -e /etc/wikicast ]; then
	expect 0 wikicast init three --wiki files:wiki --url http://x/three \
	    --site site3 --pages '*' </dev/null
	[ -s "$T/config/wikicast/wikicast.conf" ] || fail "no first file"
	expect 0 wikicast init four --wiki files:wiki --url http://x/four \
	    --pages '*' </dev/null
	[ -s "$T/config/wikicast/conf.d/four.conf" ] || fail "no drop-in"
	expect 0 wikicast gen
	gpgconf --homedir "$T/home/state/wikicast/gnupg" --kill all
	ok "the usual places are found without -c"
fi
