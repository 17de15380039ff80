#!/bin/sh
# A mirror that stood still answers 304 to what it was asked with once: that
# is no word on what was accepted from another mirror since.
. tests/e2e/lib.sh

KEY=$(make_key "$T/gnupg" publisher)
mkdir "$T/wiki" "$T/mine" "$T/slow" "$T/fresh"
cat >"$T/gen.conf" <<EOF
[state]
dir = $T/pub
[publish]
site = $T/site
key = $KEY
gnupg-home = $T/gnupg
[feed help]
title = Help
url = http://127.0.0.1/help/
wiki = files:$T/wiki
pages = *
EOF
publish() {
	echo "$1" >"$T/wiki/One.txt"
	expect 0 wikicast gen -c "$T/gen.conf" --now
}
start_nginx one "$T/slow"; SLOW=http://127.0.0.1:$PORT; SLOW_PID=$NGINX_PID
start_nginx two "$T/fresh"; FRESH=http://127.0.0.1:$PORT; FRESH_PID=$NGINX_PID
cat >"$T/conf" <<EOF
[state]
dir = $T/state
[follow help]
mirror = $SLOW/help/
mirror = $FRESH/help/
signer = $KEY
wiki = files:$T/mine
EOF

publish one
cp -a "$T/site/help" "$T/slow/"
expect 0 wikicast fetch -c "$T/conf" # only the slow one has it
expect 0 wikicast fetch -c "$T/conf"
grep -q ' 304 ' "$T/one/access.log" || fail 'no conditional request was made'

# The fresh mirror brings the news, while the other one is away.
kill "$SLOW_PID"
wait "$SLOW_PID" 2>/dev/null
publish two
cp -a "$T/site/help" "$T/fresh/"
expect 0 wikicast fetch -c "$T/conf"
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
expect 3 wikicast fetch -c "$T/conf" -v
grep -q "mirror '$SLOW/help/'.*serial 1" "$T/err" ||
	fail "not told that it is behind: $(cat "$T/err")"
[ "$(cat "$T/mine/One.txt")" = two ] || fail 'the wiki went back'
ok 'a mirror that stood still is behind, whatever it answers'
