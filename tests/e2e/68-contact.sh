#!/bin/sh
# Requests tell who asks as far as the administrator wants it, in few bytes.
. tests/e2e/lib.sh

mkdir "$T/wiki" "$T/mine"
echo one >"$T/wiki/A.txt"
mkdir "$T/site"
"$B/tests/support/rogue" -l "$T/requests" "$T/site" >"$T/port" &
PIDS="$PIDS $!"
for i in $(seq 200); do
	PORT=$(cat "$T/port")
	[ -n "$PORT" ] && break
	sleep 0.05
done
URL=http://127.0.0.1:$PORT/news/
NOTIFY=http://127.0.0.1:$PORT/status=202/notify
publisher "files:$T/wiki" 'pages = *'
publish
cp -a "$T/site/news" "$T/site/peer"

# agents: what the server was told, each once.
agents() {
	tr -d '\r' <"$T/requests" | sed -n 's/^User-Agent: //p' | sort -u
	: >"$T/requests"
}
VERSION=$(wikicast --version | sed 's/.* //')
contact() {
	follower me "$URL" "wiki = files:$T/mine" \
	    "peer = http://127.0.0.1:$PORT/peer/ $NOTIFY" \
	    '[network]' "$@"
}

contact
fetches me 0 -q
[ "$(agents)" = "wikicast/$VERSION" ] || fail 'the usual name'
ok 'by itself it is the name of the program and its version'

for who in https://w.example/admin me@w.example; do
	contact "contact = $who"
	fetches me 0 -q
	expect 0 wikicast announce -c "$T/me.conf"
	grep -q '^POST /status=202/notify' "$T/requests" || fail 'nobody was told'
	got=$(agents)
	[ "$got" = "wikicast/$VERSION ($who)" ] || fail "they see $got"
done
ok 'a contact is told with every request'

# DESIGN section 7: what a poll may cost without one; here the request alone.
follower bare "$URL" "wiki = files:$T/mine"
fetches bare 0 -q
fetches bare 0 --json
[ "$(number requests)" = 1 ] || fail 'more than one request'
[ "$(number bytes)" -le 330 ] || fail "$(number bytes) bytes"
ok 'a poll keeps to its bytes'

for who in somebody 'me@w.example(x)' '"me at@w.example"' ftp://w.example/ \
    "$(printf 'me@%0100d' 0)"; do
	contact "contact = $who"
	fetches me 2 -q
	said "$T/me.conf:[0-9]*: 'contact' is neither"
done
ok 'what is no address is refused'
