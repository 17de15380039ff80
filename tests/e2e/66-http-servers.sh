#!/bin/sh
# Web servers as they are: without ETags or with weak ones, blind to
# conditions, and busy. News arrive all the same, and who asks for time gets it.
. tests/e2e/lib.sh
. tests/e2e/attack.sh
attack_start
PORT_OF_ROGUE=$PORT

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
start_nginx weak "$T/web; include $T/gzip"
sed -i "s|$URL|http://127.0.0.1:$PORT/news/|" "$T/f.conf"
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
follower f "$URL" "wiki = files:$T/mine"

# Who asks for time gets it, a day at most, also when nobody else is there;
# that is told.  What is no time asks for nothing.
health() { # OF-URL FIELD
	wikicast status -c "$T/f.conf" --json |
		python3 -c 'import json, sys
for line in sys.stdin:
    row = json.loads(line)
    if row.get("mirror") == sys.argv[1]:
        print(row[sys.argv[2]])' "$1" "$2"
}
asked() { grep -c '^GET ' "$T/requests"; }
for mode in busy=7200 unavailable=60 busy=1000000000000; do
	again
	answers feed.atom "$mode"
	before=$(date +%s)
	fetches f 3
	said "mirror '$URL': 'feed.atom': answers \(429\|503\)"
	[ "$(health "$URL" health)" = busy ] ||
		fail "$mode: $(health "$URL" health)"
	until=$(date -d "$(health "$URL" wait_until)" +%s)
	[ "$until" -le $((before + 86460)) ] || fail "$mode: more than a day"
	well
	: >"$T/requests"
	fetches f 3
	said "mirror '$URL': is busy, and is not asked before "
	[ "$(asked)" = 0 ] || fail "$mode: it is asked"
	ok "$mode is kept"
done
for mode in busy=-5 busy=soon busy= long-ago status=429; do
	again
	answers feed.atom "$mode"
	fetches f 3
	[ "$(health "$URL" health)" = failing ] ||
		fail "$mode: $(health "$URL" health)"
	arrives
	ok "$mode: the mirror is asked when no other is left"
done

# Of two, the one that rests is not asked while the other has nothing new, and
# is when the other is gone; one that is busy is not.
"$B/tests/support/rogue" "$T/first" >"$T/other.port" &
second=$!
PIDS="$PIDS $second"
for i in $(seq 100); do
	[ ! -s "$T/other.port" ] || break
	sleep 0.05
done
other=http://127.0.0.1:$(cat "$T/other.port")/news/
two() { # MODE: the first mirror was asked once, and answered so
	again
	follower f "$URL" "mirror = $other" "wiki = files:$T/mine"
	for try in $(seq 40); do
		answers feed.atom "$1"
		fetches f 0
		[ "$(health "$URL" failures)" = 0 ] || break
	done
	[ "$(health "$URL" failures)" = 1 ] || fail 'it was never asked'
	well
	: >"$T/requests"
}
for mode in status=500 busy=7200; do
	two $mode
	for try in 1 2 3 4 5 6; do
		fetches f 0 -q
		silent
	done
	[ "$(asked)" = 0 ] || fail "$mode: it is asked again"
	ok "$mode: not asked while another mirror answers"
done
two status=500
kill "$second"
wait "$second" 2>/dev/null
fetches f 0 -q
same_wiki "$T/wiki" "$T/mine"
ok 'and asked when the other is gone'

# Who is told of news may ask for quiet as well.
again
follower f "$URL" "wiki = files:$T/mine" "serve = $T/copy/news" \
    "peer = http://127.0.0.1:1/p/ http://127.0.0.1:$PORT_OF_ROGUE/busy=7200/n"
fetches f 0 -q
[ "$(grep -c '^POST /busy=7200/n ' "$T/requests")" = 1 ] ||
	fail "not told: $(cat "$T/requests")"
echo more >>"$T/wiki/A.txt"
publish --now
mirror_has "$T/site"
: >"$T/requests"
fetches f 0 -q
same_wiki "$T/wiki" "$T/mine"
! grep '^POST ' "$T/requests" || fail 'told again'
ok 'a receiver that asked for quiet is not told of the next news'
