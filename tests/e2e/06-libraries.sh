#!/bin/sh
# Each program is linked with what it may have, and with nothing else: who has
# the network cannot parse, and who parses or signs has no network.
. tests/e2e/lib.sh

command -v readelf >/dev/null && command -v nm >/dev/null ||
	skip "there are no binutils"

# needs PROGRAM: the libraries that it asks for by itself.
needs() {
	readelf -d "$1" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p'
}
if needs "$B/bin/wikicast" | grep -qE 'asan|ubsan'; then
	skip "libraries are not looked at under sanitizers"
fi

# hasnt PROGRAM LIBRARY PREFIX: neither needs the library nor calls into it.
hasnt() {
	[ -x "$1" ] || fail "there is no $1"
	needs "$1" | grep "^$2\." && fail "$1 is linked with $2"
	nm -D -u "$1" | awk '{ print $2 }' | grep "^$3" &&
		fail "$1 calls into $2"
	return 0
}
# has PROGRAM LIBRARY: lest the names above are wrong.
has() {
	needs "$1" | grep -q "^$2\." || fail "$1 is not linked with $2"
}
L=$B/libexec

for p in gen verify; do
	hasnt "$L/wikicast-$p" libcurl curl_
	for lib in libgpgme libxml2 libarchive libzstd; do
		has "$L/wikicast-$p" $lib
	done
	# Its own calls: libraries that look something up are GnuPG's.
	nm -D -u "$L/wikicast-$p" | awk '{ sub("@.*", "", $2); print $2 }' \
	    >"$T/calls"
	for call in socket connect bind listen accept accept4 getaddrinfo \
	    gethostbyname sendto; do
		grep -qx $call "$T/calls" && fail "$p calls $call()"
	done
done
ok "gen and verify have no network"

has "$L/wikicast-fetch" libcurl
hasnt "$L/wikicast-fetch" libgpgme gpgme_
hasnt "$L/wikicast-fetch" libxml2 xml
hasnt "$L/wikicast-fetch" libarchive archive_
hasnt "$L/wikicast-fetch" libzstd ZSTD_
has "$L/wikicast-verify" libpcre2-8
hasnt "$L/wikicast-fetch" libpcre2-8 pcre2_
ok "fetch has nothing that parses what came over the network"

nm -g --defined-only "$L/wikicast-gen" | awk '{ print $3 }' >"$T/gen"
if [ -s "$T/gen" ]; then
	grep -qx signature_sign "$T/gen" || fail "gen cannot sign"
	for p in fetch verify; do
		nm -g --defined-only "$L/wikicast-$p" | awk '{ print $3 }' |
			grep -E '^(signature_sign|signature_make_key)$' &&
			fail "$p can sign"
	done
	ok "nobody but gen can sign"
fi

# All programs' parts stand in one archive for the unit tests, where the first
# of two functions with one name would quietly win.
for lib in parts feeds wiki items base; do
	nm -g --defined-only "$B/lib$lib.a" 2>/dev/null
done | awk 'NF == 3 { print $3 }' | sort | uniq -d >"$T/twice"
[ ! -s "$T/twice" ] || fail "defined twice: $(tr '\n' ' ' <"$T/twice")"
ok "no two things in the house have one name"

if [ -x "$L/wikicast-notify" ]; then
	for lib in 'libcurl curl_' 'libgpgme gpgme_' 'libxml2 xml' \
	    'libarchive archive_' 'libzstd ZSTD_' 'libsqlite3 sqlite3_' \
	    'libpcre2-8 pcre2_'; do
		# shellcheck disable=SC2086 # two words
		hasnt "$L/wikicast-notify" $lib
	done
	nm -D -u "$L/wikicast-notify" |
		grep -E ' (socket|connect|execve?|execv[pe]*|fork|system|posix_spawn)(@|$)' &&
		fail "the receiver connects or runs something"
	ok "the receiver has no client, no keys and no parser of content"
fi

# Static where the system can.
case $(needs "$B/bin/wikicast" | grep -v '^ld-linux') in
'' | libc.so.6) ok "the front has nothing but libc" ;;
*) fail "the front has more than libc: $(needs "$B/bin/wikicast")" ;;
esac
