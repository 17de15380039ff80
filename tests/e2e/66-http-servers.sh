#!/bin/sh
# Web servers as they are: without ETags or with weak ones, blind to
# conditions, and busy. News arrive all the same, and who asks for time gets it.
. tests/e2e/lib.sh
. tests/e2e/attack.sh
attack_start

answers() { echo "$1 $2" >"$CONTROL"; }
# from MODE: serial 1 is fetched so, then the file becomes that of serial 2.
from() {
	anew
	cp -a "$T/first/news/." "$WEB/"
	answers feed.atom "$1"
	fetches f 0 -q
	[ "$(standing)" = 1 ] || fail 'not serial 1'
	: >"$T/requests"
	rm -rf "$WEB"
	cp -a "$T/good/news" "$WEB"
	fetches f "${2:-0}" -q
}

# Both of one second, and asked for in that second, or in the next.
for seconds in 0 1; do
	from dated=$seconds
	same_wiki "$T/wiki" "$T/mine"
	ok "two versions of one second, the first seen within $seconds s"
done
# Else nothing is asked for twice.
from dated=2
grep -q '^If-Modified-Since: ' "$T/requests" || fail 'no condition'
[ "$(standing)" = 1 ] || fail 'this is no test'
ok 'a date that is old is a condition'

from whole
grep -q '^If-None-Match: ' "$T/requests" || fail 'no condition'
same_wiki "$T/wiki" "$T/mine"
: >"$T/requests"
fetches f 0 -q
silent
[ "$(grep -c '^GET ' "$T/requests")" = 1 ] || fail "$(cat "$T/requests")"
ok 'a server that is blind to conditions costs the feed, and nothing else'

# nginx has weak ETags for what it compresses.
anew
cp -a "$T/first/news/." "$WEB/"
echo 'gzip on; gzip_types application/octet-stream; gzip_min_length 1;' \
    >"$T/gzip"
rogue=$URL
start_nginx weak "$T/web; include $T/gzip"
sed -i "s|$rogue|http://127.0.0.1:$PORT/news/|" "$T/f.conf"
curl -s --compressed -D "$T/head" -o "$T/body" \
    "http://127.0.0.1:$PORT/news/feed.atom"
grep -q '^ETag: W/' "$T/head" || fail "no weak ETag: $(cat "$T/head")"
fetches f 0 -q
: >"$T/weak/access.log"
fetches f 0 -q
well
fetches f 0 -q
same_wiki "$T/wiki" "$T/mine"
for i in $(seq 200); do # the server notes it after it has answered
	[ "$(wc -l <"$T/weak/access.log")" -lt 2 ] || break
	sleep 0.05
done
sed -n 1p "$T/weak/access.log" | grep -q 'feed.atom.* 304 ' ||
	fail "$(cat "$T/weak/access.log")"
ok 'weak ETags are conditions, too'
