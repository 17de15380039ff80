#!/bin/sh
# A mirror that stood still answers 304 to what it was asked with once: that
# is no word on what was accepted from another mirror since.
. tests/e2e/lib.sh

mkdir "$T/wiki" "$T/mine" "$T/slow" "$T/fresh"
publisher "files:$T/wiki" 'pages = *'
says() {
	echo "$1" >"$T/wiki/One.txt"
	publish --now
}
start_nginx one "$T/slow"; SLOW=http://127.0.0.1:$PORT; SLOW_PID=$NGINX_PID
start_nginx two "$T/fresh"; FRESH=http://127.0.0.1:$PORT; FRESH_PID=$NGINX_PID
follower f "$SLOW/news/" "mirror = $FRESH/news/" "wiki = files:$T/mine"

says one
cp -a "$T/site/news" "$T/slow/"
fetches f 0 # only the slow one has it
fetches f 0
for i in $(seq 200); do # the server notes it after it has answered
	grep -q ' 304 ' "$T/one/access.log" && break
	sleep 0.05
done
grep -q ' 304 ' "$T/one/access.log" || fail 'no conditional request was made'

# The fresh mirror brings the news, while the other one is away.
kill "$SLOW_PID"
wait "$SLOW_PID" 2>/dev/null
says two
cp -a "$T/site/news" "$T/fresh/"
fetches f 0
[ "$(cat "$T/mine/One.txt")" = two ] || fail 'the news did not arrive'

# Now only the slow one is there, on its old port and with its old files.
kill "$FRESH_PID"
wait "$FRESH_PID" 2>/dev/null
nginx -e "$T/one/error.log" -c "$T/one/nginx.conf" &
PIDS="$PIDS $!"
for i in $(seq 200); do
	curl -s -o "$T/probe" "$SLOW/" && break
	sleep 0.05
done
fetches f 3 -v
grep -q "mirror '$SLOW/news/'.*serial 1" "$T/err" ||
	fail "not told that it is behind: $(cat "$T/err")"
[ "$(cat "$T/mine/One.txt")" = two ] || fail 'the wiki went back'
ok 'a mirror that stood still is behind, whatever it answers'
