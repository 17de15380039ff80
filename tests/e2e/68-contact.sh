#!/bin/sh
# Requests tell who asks as far as the administrator wants it, in few bytes.
. tests/e2e/lib.sh

mkdir "$T/wiki" "$T/mine"
echo one >"$T/wiki/A.txt"
start_nginx web "$T/site; location = /notify { return 202; } sendfile off"
URL=http://127.0.0.1:$PORT/news/
publisher "files:$T/wiki" 'pages = *'
publish
cp -a "$T/site/news" "$T/site/peer"

# agents: what the server saw, each once.
agents() {
	sed -n 's/.* "\([^"]*\)" "[^"]*"$/\1/p' "$T/web/access.log" | sort -u
	: >"$T/web/access.log"
}
VERSION=$(wikicast --version | sed 's/.* //')
contact() {
	follower me "$URL" "wiki = files:$T/mine" \
	    "peer = http://127.0.0.1:$PORT/peer/ http://127.0.0.1:$PORT/notify" \
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
	grep -q 'POST /notify' "$T/web/access.log" || fail 'nobody was told'
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
