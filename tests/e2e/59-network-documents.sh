#!/bin/sh
# A network document that is signed and wrong adds no mirror and holds up no
# news; one that is right sends nobody to an address that is not public.
. tests/e2e/lib.sh
. tests/e2e/attack.sh
attack_start

ID=$(sed -n 's/^<id>\(.*\)<.*/\1/p' "$F" | head -n 1)
# Names of mirrors that nobody configured.
learnt() {
	wikicast status -c "$T/f.conf" --json 2>/dev/null |
		sed -n 's/.*"mirror":"\([^"]*\)".*"configured":false.*/\1/p'
}
# document LINE...: the network document with these elements.
document() {
	{
		printf '<network xmlns="urn:x-wikicast:1" feed="%s">\n' "$ID"
		printf '%s\n' "$@"
		printf '</network>\n'
	} >"$T/document"
	forge network "@$T/document"
}
mirror() { printf '<mirror url="%s" priority="%s"/>' "$1" "${2-1}"; }
peer() { printf '<peer url="%s" notify="%s"/>' "$1" "$2"; }

# bad NAME TEXT FUNCTION...: the news arrive, the document is no good.
bad() {
	label=$1
	text=$2
	shift 2
	again
	document "$(mirror http://127.0.0.2:1/kept/)"
	fetches f 0 -q
	silent
	[ "$(learnt)" = http://127.0.0.2:1/kept/ ] || fail "learnt: $(learnt)"
	wikicast status -c "$T/f.conf" --json >"$T/was"
	later "$@"
	fetches f 0 -v
	why="feed 'news': the network document: "
	[ "$(grep -c "$why" "$T/err")" = 1 ] ||
		fail "$label: not one line: $(cat "$T/err")"
	said "$why.*\($text\)"
	[ "$(learnt)" = http://127.0.0.2:1/kept/ ] || fail "learnt: $(learnt)"
	same_wiki "$T/wiki" "$T/mine"
	expect 4 wikicast verify --signer "$KEY" "$WEB"
	grep -q "network .*\($text\)" "$T/out" || fail "verify: $(cat "$T/out")"
	ok "$label"
}
# The change, in a document that is signed a moment later.
later() {
	well
	"$@"
	soon=$(date -u -d '+2 minutes' +%Y-%m-%dT%H:%M:%SZ)
	resign "0,/<updated>/s/<updated>[^<]*/<updated>$soon/"
}
other_feed() {
	forge network 's/(feed="urn:uuid:)......../\101234567/'
}
whole() {
	printf '%s\n' "$1" >"$T/document"
	forge network "@$T/document"
}
# Well formed, and more than a MiB of it.
big() {
	{
		printf '<network xmlns="urn:x-wikicast:1" feed="%s">\n' "$ID"
		mirror http://127.0.0.2:1/big/
		head -c 1100000 /dev/zero | tr '\0' ' '
		printf '</network>\n'
	} >"$T/document"
	forge network "@$T/document"
}
deep() {
	document "$(for i in $(seq 40); do printf '<x>'; done
	    for i in $(seq 40); do printf '</x>'; done)"
}
GOOD=$(mirror http://127.0.0.2:1/new/)
bad 'of another feed' 'of another feed\|of feed' other_feed
bad 'no feed id' 'feed' forge network 's/ feed="[^"]*"//'
bad 'a feed id that is none' 'not a feed id' \
    forge network 's/urn:uuid:/urn:uuie:/'
bad 'of another name' 'not what was expected' whole "<netwerk xmlns='urn:x-wikicast:1'/>"
bad 'of another namespace' 'not what was expected' \
    whole "<network xmlns='urn:x-other' feed='$ID'>$GOOD</network>"
bad 'a DOCTYPE' 'DOCTYPE' \
    whole "<!DOCTYPE network><network xmlns='urn:x-wikicast:1' feed='$ID'/>"
bad 'an entity' 'DOCTYPE' whole "<!DOCTYPE network [<!ENTITY x SYSTEM
    'file:///etc/passwd'>]><network xmlns='urn:x-wikicast:1' feed='$ID'/>"
bad 'an abyss' 'deep' deep
bad 'over the limit' 'larger\|limit\|allowed\|bytes' big
bad 'malformed' 'malformed' whole "<network xmlns='urn:x-wikicast:1'
    feed='$ID'>$GOOD"
for n in -1 0x1 '' 99999999999999999999; do
	bad "priority '$n'" 'priority' \
	    document "$GOOD" "$(mirror http://127.0.0.2:1/b/ "$n")"
done
bad 'no priority' 'priority' document '<mirror url="http://127.0.0.2:1/b/"/>'
bad 'no URL' 'url' document "$GOOD" '<mirror priority="1"/>'
truncated() {
	name=$(cd "$WEB" && ls network/*)
	head -c 40 "$WEB/$name" >"$T/cut"
	sum=$(sha256sum <"$T/cut" | cut -d ' ' -f 1)
	cp "$T/cut" "$WEB/network/$sum.xml.zst"
	resign "s|$name\" length=\"[0-9]+|network/$sum.xml.zst\" length=\"40|"
}
bad 'half of a frame' 'zstd' truncated

# good NAME WANTED LINE...: these are learnt, and not a word is said.
good() {
	label=$1
	printf '%s' "$2" >"$T/want"
	shift 2
	again
	document "$@"
	fetches f 0 -q
	silent
	same_wiki "$T/wiki" "$T/mine"
	learnt | sort >"$T/learnt"
	diff "$T/want" "$T/learnt" || fail "learnt: $(cat "$T/learnt")"
	expect 0 wikicast verify -q --signer "$KEY" "$WEB"
	ok "$label"
}
one='http://127.0.0.2:1/one/
'
long=http://127.0.0.2:1/$(head -c 3000 /dev/zero | tr '\0' a)/
for url in javascript:alert%281%29 file:///etc/ ftp://127.0.0.2/x/ \
    'data:text/html,x' //127.0.0.2/x/ http:///x/ http://u:p@127.0.0.2/x/ \
    'http://127.0.0.2/x/&#10;Host: evil' 'http://127.0.0.2/a b/' \
    http://127.0.0.2/x http://127.0.0.2/x/?y/ http://127.0.0.2/x/#y/ \
    "http://127.0.0.2:99999999/x/" "$long" ''; do
	good "passes over the URL '$(printf %.40s "$url")'" "$one" \
	    "$(mirror "$url")" "$(mirror http://127.0.0.2:1/one/)" \
	    "$(peer "$url" http://127.0.0.2:1/n)"
done
good 'a URL that stands ten times is one mirror' "$one" \
    "$(for i in 1 2 3 4 5; do
	mirror http://127.0.0.2:1/one/ $i
	peer http://127.0.0.2:1/one/ http://127.0.0.2:1/n
    done)"
good 'the mirror that is configured here is not another one' '' \
    "$(mirror "$URL")" "$(peer "$URL" http://127.0.0.2:1/n)"
good 'a peer whose notify URL is bad is a peer' "$one" \
    "$(peer http://127.0.0.2:1/one/ javascript:x)"
good 'what is unknown is passed over' "$one" '<hub url="x"/>' \
    '<mirror url="http://127.0.0.2:1/one/" priority="1" new="1"/>'
again
for i in $(seq 300); do
	mirror http://127.0.0.2:1/m$i/ $i
	peer http://127.0.0.2:1/p$i/ http://127.0.0.2:1/n
done >"$T/many"
document "$(cat "$T/many")"
fetches f 0 -q
silent
[ "$(learnt | grep -c '/m')" = 16 ] && [ "$(learnt | grep -c '/p')" = 64 ] ||
	fail "learnt: $(learnt)"
ok 'of many mirrors 16 are taken, and of many peers 64'

# The document leads to the wiki's own machine: nobody asks there.
trap_of() { printf '%s\n' "http://$1:$PORT/trap/"; }
[ -d "$T/web/trap" ] || cp -a "$T/good/news" "$T/web/trap"
LINES=
for host in 127.0.0.1 localhost 127.1 2130706433 0x7f000001 '[::1]' \
    '[::ffff:127.0.0.1]' 0.0.0.0; do
	LINES="$LINES $(mirror "http://$host:$PORT/trap/")"
done
refuses=
for try in $(seq 10); do
	again
	document "$LINES"
	fetches f 0 -q
	: >"$T/requests"
	later document "$LINES"
	fetches f 0 -v
	! grep -q '^GET /trap' "$T/requests" ||
		fail "it asked: $(cat "$T/requests")"
	refuses="$refuses $(grep -c 'is not public' "$T/err")"
done
[ "$(echo $refuses | tr -d ' 0')" != '' ] || fail 'none was ever tried'
ok 'what is not public is not asked because a document says so'

# Nor because a mirror does.
for host in localhost '[::1]'; do
	again
	: >"$T/requests"
	echo "feed.atom redirect=http://$host:$PORT/trap/feed.atom" >"$CONTROL"
	refused 3 "not public"
	! grep -q '^GET /trap' "$T/requests" ||
		fail "it asked: $(cat "$T/requests")"
	arrives
	ok "nor because a mirror leads to $host"
done
