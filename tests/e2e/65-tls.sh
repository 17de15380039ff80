#!/bin/sh
# A mirror whose certificate is no good is told of in one line, as trouble of
# TLS; the next one is asked.  Authorities of one's own are named by the
# environment, as for OpenSSL's own programs.
. tests/e2e/lib.sh

command -v openssl >/dev/null || skip 'there is no openssl'
command -v nginx >/dev/null || skip 'there is no nginx'
cd "$T" || exit 1
mkdir wiki mine tls
unset SSL_CERT_FILE SSL_CERT_DIR
publisher "files:$T/wiki" 'pages = *'
echo one >wiki/A.txt
publish

# authority NAME; certificate NAME AUTHORITY HOST [OPTION...]
authority() {
	openssl req -x509 -newkey rsa:2048 -nodes -keyout "tls/$1.key" \
	    -out "tls/$1.crt" -days 9 -subj "/CN=$1" 2>/dev/null ||
		fail 'openssl'
}
certificate() {
	name=$1 ca=$2 host=$3
	shift 3
	openssl req -newkey rsa:2048 -nodes -keyout "tls/$name.key" \
	    -out "tls/$name.csr" -subj "/CN=$name" 2>/dev/null &&
		echo "subjectAltName = $host" >tls/alt &&
		openssl x509 -req -in "tls/$name.csr" -CA "tls/$ca.crt" \
		    -CAkey "tls/$ca.key" -CAcreateserial -extfile tls/alt \
		    -out "tls/$name.crt" "$@" 2>/dev/null || fail 'openssl'
}
authority ours
authority theirs
certificate good ours IP:127.0.0.1 -days 9
certificate expired ours IP:127.0.0.1 -days -1
certificate other ours DNS:other.example -days 9
certificate strange theirs IP:127.0.0.1 -days 9
authority alone

# serve NAME [LINE]: over TLS with that certificate; sets URL.
serve() {
	tls=$(free_port)
	cat >"tls/$1.conf" <<EOF
listen 127.0.0.1:$tls ssl;
ssl_certificate $T/tls/$1.crt; ssl_certificate_key $T/tls/$1.key;
${2:-}
EOF
	start_nginx "$1" "$T/site; include $T/tls/$1.conf"
	URL=https://127.0.0.1:$tls/news/
}
start_nginx plain "$T/site"
PLAIN=http://127.0.0.1:$PORT/news/

# bad NAME CAUSE [LINE]: alone it is told of; beside a good one the wiki is up
# to date.
bad() {
	serve "$1" "${3:-}"
	rm -rf f.state mine
	mkdir mine
	follower f "$URL" "wiki = files:$T/mine"
	fetches f 3
	[ "$(cat err)" = "wikicast: feed 'news': mirror '$URL': 'feed.atom': TLS: $2" ] ||
		fail "it says: $(cat err)"
	[ "$(ls mine)" = '' ] || fail 'something is installed'
	follower f "$URL" "wiki = files:$T/mine" "mirror = $PLAIN"
	# Which one is asked first is drawn by lot.
	for try in $(seq 40); do
		rm -rf f.state
		fetches f 0 -v
		! grep -q "mirror '$URL': 'feed.atom': TLS: $2" err || break
	done
	said "mirror '$URL': 'feed.atom': TLS: $2"
	same_wiki wiki mine
	ok "$1: $2"
}
export SSL_CERT_FILE="$T/tls/ours.crt"
bad expired 'certificate has expired'
bad other "no alternative certificate subject name matches target host name '127.0.0.1'"
bad strange 'unable to get local issuer certificate'
bad alone 'self-signed certificate'
cp tls/good.crt tls/old.crt
cp tls/good.key tls/old.key
bad old 'tlsv1 alert protocol version' \
    'ssl_protocols TLSv1.1; ssl_ciphers DEFAULT@SECLEVEL=0;'

serve good
rm -rf f.state mine
mkdir mine
follower f "$URL" "wiki = files:$T/mine"
fetches f 0 -q
silent
same_wiki wiki mine
ok "an authority of one's own is named by SSL_CERT_FILE"
unset SSL_CERT_FILE
fetches f 3
said 'TLS: unable to get local issuer certificate'
mkdir authorities
cp tls/ours.crt authorities/
openssl rehash authorities || fail 'openssl rehash'
export SSL_CERT_DIR="$T/authorities"
fetches f 0 -q
ok "or by SSL_CERT_DIR, and by nothing else"
