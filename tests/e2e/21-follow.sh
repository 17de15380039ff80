#!/bin/sh
# A feed is looked at before it is followed; what is refused, by wikicast or by
# the person, leaves nothing behind.
. tests/e2e/lib.sh

mkdir "$T/wiki" "$T/mine" "$T/home"
HOME=$T/home
export HOME
cd "$T" || exit 1
for page in A B C; do echo "page $page" >wiki/$page.txt; done
expect 0 wikicast init news -c pub.conf --wiki files:wiki \
    --url http://x/news --site site --state pub --pages '*' </dev/null
expect 0 wikicast gen -c pub.conf
key=$(sed -n 's/^key = //p' pub.conf)
url=file://$T/site/news

says() {
	status=$1
	words=$2
	shift 2
	expect "$status" wikicast follow -c me.conf --state state "$@" </dev/null
	grep -qF -- "$words" "$T/err" ||
		fail "'$words' is not said: $(cat "$T/err")"
	[ ! -e me.conf ] && [ ! -e state ] || fail "something was made"
}
other=$(echo "$key" | tr 0-9A-F 1-9A-F0)
says 2 "which its publisher tells you by another way" news "$url" \
    --wiki files:mine
says 2 "'--wiki ENGINE:PLACE', into which to install" news "$url" \
    --signer "$key"
says 2 "'abc' is not a key's fingerprint" news "$url" --signer abc \
    --wiki files:mine
says 2 "say how many must sign" news "$url" --signer "$key" \
    --signer "$other" --wiki files:mine
says 2 "'ftp://x/' is not an http, https or file URL" news ftp://x \
    --signer "$key" --wiki files:mine
says 2 "'--acl': one of: drop" news "$url" --signer "$key" \
    --wiki files:mine --acl nobody
says 4 "no certificate of a pinned signer" news "$url" --signer "$other" \
    --wiki files:mine
says 3 "$url-not/" news "$url-not" --signer "$key" --wiki files:mine
says 2 "too few arguments" news --signer "$key"
says 2 "'--yes' says" news "$url" --signer "$key" --wiki files:mine
grep -q "^signer: $key" "$T/out" || fail "the signer is not shown"
grep -q '^wiki:   of 3 items 3 would be installed' "$T/out" ||
	fail "it is not shown what would arrive: $(cat "$T/out")"
says 0 'this would be added' news "$url" --signer "$key" \
    --wiki files:mine -n -v
[ "$(grep -c "page '.' would be installed" "$T/err")" = 3 ] ||
	fail "-v does not show each item"
[ -z "$(ls mine)" ] || fail "something was installed"
ok "mistakes and refusals are told, and leave nothing"

# As people read fingerprints to each other, and with the feed's own URL.
spaced=$(echo "$key" | sed 's/..../& /g')
expect 0 wikicast follow -c me.conf --state state news "$url/feed.atom" \
    --signer "$spaced" --wiki files:mine --acl '#acl All:read' \
    --languages 'en de' --grant BadContent --yes </dev/null
id=$(sed -n 's|.*<id>\(urn:uuid:[^<]*\)</id>.*|\1|p' site/news/feed.atom |
	head -n 1)
grep -qx "id = $id" me.conf || fail "the id is not pinned: $(cat me.conf)"
grep -qx 'acl = set "#acl All:read"' me.conf || fail "acl: $(cat me.conf)"
expect 0 wikicast fetch -c me.conf
[ "$(cat mine/A.txt)" = 'page A' ] || fail "nothing arrived"
ok "the answer pins the feed, and fetch brings it"

cp me.conf before
expect 2 wikicast follow -c me.conf news "$url" --signer "$key" \
    --wiki files:mine --yes
grep -qF "followed already (me.conf:" "$T/err" || fail "$(cat "$T/err")"
cmp -s me.conf before || fail "the configuration was changed"
ok "a name is followed once"

expect 0 wikicast unfollow -c me.conf news
grep -q "now remove \[follow news\] from 'me.conf', lines 4 to " "$T/err" ||
	fail "no word on the section: $(cat "$T/err")"
cmp -s me.conf before || fail "the configuration was changed"
[ -e mine/A.txt ] || fail "pages went"
expect 0 wikicast log -c me.conf
[ ! -s "$T/out" ] || fail "events are left: $(cat "$T/out")"
expect 2 wikicast unfollow -c me.conf nothing
ok "unfollow forgets, pages stay, and the person hears what to remove"

if [ ! -e /etc/wikicast ] && [ "$(id -u)" != 0 ]; then
	unset WIKICAST_CONFIG
	XDG_CONFIG_HOME=$T/config
	export XDG_CONFIG_HOME
	mkdir -p config/wikicast
	printf '[state]\ndir = %s/state3\n' "$T" >config/wikicast/wikicast.conf
	expect 0 wikicast follow news "$url" --signer "$key" \
	    --wiki files:mine --yes
	[ -s config/wikicast/conf.d/news.conf ] || fail "no drop-in"
	expect 0 wikicast fetch
	expect 0 wikicast unfollow news
	[ ! -e config/wikicast/conf.d/news.conf ] || fail "it is left"
	ok "a section in a file of its own goes with the feed"
fi

if script -qec true "$T/typed" >"$T/out" 2>&1; then
	# A person at a terminal: "no", and then "yes".
	for answer in n y; do
		rm -f me.conf
		echo $answer | script -qec "$B/bin/wikicast follow -c me.conf \
		    --state state2 news $url --signer $key --wiki files:mine" \
		    typed >"$T/out" 2>&1 || fail "$(cat "$T/out")"
		grep -q 'Follow it? \[y/N\]' "$T/out" ||
			fail "it was not asked: $(cat "$T/out")"
		case $answer in
		n) [ ! -e me.conf ] || fail "followed without a yes" ;;
		y) [ -s me.conf ] || fail "not followed: $(cat "$T/out")" ;;
		esac
	done
	printf 'files:%s\n\nsite2\nhttp://x/two\n\nstate4\n' "$T/wiki" |
		script -qec "$B/bin/wikicast init -c two.conf two" typed \
		>"$T/out" 2>&1 || fail "$(cat "$T/out")"
	grep -qx 'pages = \*' two.conf && grep -qx 'title = two' two.conf &&
	    grep -qx "site = $T/site2" two.conf &&
	    grep -qx 'url = http://x/two/' two.conf ||
		fail "answers are not taken: $(cat two.conf "$T/out")"
	gpgconf --homedir "$T/state4/gnupg" --kill all
	ok "at a terminal follow asks, and init asks for what is missing"
fi
