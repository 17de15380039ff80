#!/bin/sh
# Servers are reached through the proxy of the configuration or of the
# environment; what the feed's own documents name does not lead behind it.
. tests/e2e/lib.sh

unset http_proxy https_proxy all_proxy no_proxy HTTPS_PROXY ALL_PROXY NO_PROXY
mkdir "$T/wiki" "$T/mine"
publisher "files:$T/wiki" 'pages = *'
echo 1 >"$T/wiki/A.txt"
publish

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 9 \
    -keyout "$T/tls.key" -out "$T/tls.crt" -subj /CN=mirror.example \
    -addext 'subjectAltName = DNS:mirror.example, IP:127.0.0.1' \
    2>/dev/null || fail 'there is no certificate'
cat "$T/tls.key" "$T/tls.crt" >"$T/tls.pem"
TLS=$(free_port)
tls="listen 127.0.0.1:$TLS ssl; ssl_certificate $T/tls.crt;"
tls="$tls ssl_certificate_key $T/tls.key;"
receiver='location = /notify { return 202; }'
start_nginx web "$T/site; $receiver } server { $tls root $T/site"

# proxy NAME [CERTIFICATE]: sets PROXY; requests are in $T/NAME.log.
proxy() {
	: >"$T/$1.log"
	: >"$T/$1.port"
	python3 -B tests/support/proxy.py "$T/$1.log" "$PORT" "$TLS" \
	    ${2:+"$2"} >"$T/$1.port" &
	PIDS="$PIDS $!"
	for i in $(seq 200); do
		PROXY=$(cat "$T/$1.port")
		[ -n "$PROXY" ] && return 0
		sleep 0.05
	done
	fail 'the proxy does not start'
}
proxy plain
PLAIN=127.0.0.1:$PROXY
proxy secure "$T/tls.pem"
SECURE=127.0.0.1:$PROXY
NOBODY=127.0.0.1:$(free_port)

# news: an edit; had: it came.
edition=1
news() {
	edition=$((edition + 1))
	echo $edition >"$T/wiki/A.txt"
	publish
	: >"$T/plain.log"
	: >"$T/secure.log"
	: >"$T/web/access.log"
}
had() {
	silent
	[ "$(cat "$T/mine/A.txt")" = $edition ] || fail "no edition $edition"
}
asked() {
	grep -qx "$1" "$T/plain.log" || fail "no '$1': $(cat "$T/plain.log")"
}
# use URL LINE...: of the mirror; lines of [network].
use() {
	url=$1
	shift
	follower me "$url" "wiki = files:$T/mine" '[network]' "$@"
}

M=http://mirror.example/news/
use $M "proxy = http://$PLAIN"
fetches me 0 -q
had
asked "GET ${M}feed.atom"
[ "$(sed -n 2p "$T/plain.log")" = fresh ] ||
	fail "a cache may answer: $(cat "$T/plain.log")"
grep -A 1 '\.zst$' "$T/plain.log" | grep -q fresh &&
	fail "no cache may answer: $(cat "$T/plain.log")"
ok 'http goes through an http proxy, which looks the name up'

for scheme in http socks5h; do
	news
	use https://mirror.example/news/ "proxy = $scheme://$PLAIN"
	export SSL_CERT_FILE="$T/tls.crt"
	fetches me 0 -q
	unset SSL_CERT_FILE
	had
	case $scheme in
	http) asked 'CONNECT mirror.example:443' ;;
	*) asked 'SOCKS mirror.example:443' ;;
	esac
	grep -q feed.atom "$T/plain.log" && fail 'it is not encrypted'
	ok "https goes through a tunnel: $scheme"
done
news
use $M "proxy = socks5h://$PLAIN"
fetches me 0 -q
had
asked 'SOCKS mirror.example:80'
ok 'http goes through SOCKS'

news
use $M "proxy = https://$SECURE"
export SSL_CERT_FILE="$T/tls.crt"
fetches me 0 -q
had
grep -qx "GET ${M}feed.atom" "$T/secure.log" || fail "$(cat "$T/secure.log")"
news
unset SSL_CERT_FILE
fetches me 3
said "mirror '$M'"
[ ! -s "$T/secure.log" ] || fail 'a proxy that anybody may be'
ok 'a proxy is spoken to by TLS, if its certificate is good'

HERE=http://127.0.0.1:$PORT/news/
for spared in 127.0.0.1 127.0.0.0/8 'a.example 127.0.0.1'; do
	news
	use "$HERE" "proxy = http://$PLAIN" "no-proxy = $spared"
	fetches me 0 -q
	had
	grep -q feed.atom "$T/plain.log" && fail "no-proxy = $spared"
	ok "some are asked without the proxy: $spared"
done
news
use "$HERE" "proxy = http://$PLAIN"
fetches me 0 -q
had
asked "GET ${HERE}feed.atom"
ok 'others are not'

# with NAME=VALUE... -- : the environment of a run.
with() { (
	for set in "$@"; do export "${set?}"; done
	fetches me 0 -q
) || exit 1; }
news
use $M
with http_proxy="http://$PLAIN"
had
asked "GET ${M}feed.atom"
news
use "$HERE"
with http_proxy="http://$NOBODY" no_proxy=127.0.0.1
had
news
with HTTP_PROXY="http://$NOBODY"
had
news
use https://mirror.example/news/
with SSL_CERT_FILE="$T/tls.crt" https_proxy="http://$PLAIN"
had
asked 'CONNECT mirror.example:443'
news
use $M
with all_proxy="socks5h://$PLAIN"
had
asked 'SOCKS mirror.example:80'
ok "where the configuration has none the environment's proxies are used"

news
use $M "proxy = http://$PLAIN"
with http_proxy="http://$NOBODY" no_proxy='*'
had
asked "GET ${M}feed.atom"
news
use "$HERE" 'proxy = none'
with http_proxy="http://$NOBODY" all_proxy="http://$NOBODY"
had
ok 'the configuration goes before the environment'

# What the network document names, when the mirror does not answer.
{
	for host in localhost intranet 127.0.0.1 a.lan; do
		echo "mirror = http://$host/behind/"
	done
	echo "peer = http://peer.example/news/ http://peer.example/notify"
} >>"$T/pub.conf"
news
use $M "proxy = http://$PLAIN"
fetches me 0 -q
news
mv "$T/site/news" "$T/site/gone"
fetches me 3 -v
asked 'GET http://peer.example/news/feed.atom'
grep -E 'localhost|intranet|127|lan' "$T/plain.log" &&
	fail 'others lead behind the proxy'
for host in localhost intranet 127.0.0.1 a.lan; do
	said "mirror 'http://$host/behind/': 'feed.atom': leads to an address that is not"
done
mv "$T/site/gone" "$T/site/news"
rm -rf "$T/me.state" "$T/mine/A.txt"
fetches me 0 -q
had
ok 'names that lead behind the proxy are refused where others chose them'

expect 0 wikicast announce -c "$T/me.conf"
asked 'POST http://peer.example/notify'
: >"$T/plain.log"
expect 0 wikicast mirror -q -c "$T/me.conf" --state "$T/copy.state" \
    --signer "$KEY" $M "$T/copy/news"
asked "GET ${M}feed.atom"
: >"$T/plain.log"
expect 0 wikicast follow -q --yes -c "$T/me.conf" --signer "$KEY" \
    --serve "$T/other" other $M
asked "GET ${M}feed.atom"
ok 'announce, mirror and follow use it as well'

news
use $M "proxy = http://$NOBODY"
fetches me 3 -v
said "mirror '$M': .*onnect"
[ ! -s "$T/web/access.log" ] || fail 'it was asked without the proxy'
ok 'a proxy that is down is trouble of the network'

for value in proxy.example:3128 http://proxy.example http://:3128 \
    socks5://127.0.0.1:9050 ftp://a:1 http://a:0 http://a:65536 \
    http://a:1/x '"http://a b:1"' http://u@:1 direct; do
	use $M "proxy = $value"
	fetches me 2 -q
	said "$T/me.conf:[0-9]*: 'proxy' is neither 'none' nor a URL"
done
for line in '' 'proxy = none'; do
	use $M 'no-proxy = a.example' "$line"
	fetches me 2 -q
	said "$T/me.conf:[0-9]*: 'no-proxy'"
done
ok 'what is no proxy is refused'
