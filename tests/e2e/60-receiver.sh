#!/bin/sh
# The receiver of notifications answers what the format says, behind a real web
# server, touches a file for news and nothing for anything else.
. tests/e2e/lib.sh

N=$B/libexec/wikicast-notify
FEED=6b1f1c56-0000-4000-8000-000000000001
HAS=$(printf 'a%.0s' $(seq 64))
NEW=$(printf 'b%.0s' $(seq 64))
FORM=application/x-www-form-urlencoded
mkdir -p "$T/box/news"
cat >"$T/box/feeds" <<END
[notify]
every = 300
jitter = 30
[feed $FEED]
serial = 7
state = $HAS
END
notice() { echo "feed=urn:uuid:$FEED&serial=$1&state=$2"; }
news() { ls "$T/box/news" | wc -l; }

# cgi STATUS NAME=VALUE...: as a web server runs it, with stdin as it is.
cgi() {
	want=$1
	shift
	env -i WIKICAST_NOTIFY_DIR="$T/box" REMOTE_ADDR=192.0.2.1 "$@" "$N" \
	    >"$T/out" 2>"$T/err" || fail "exit status $?: $(cat "$T/err")"
	head -n 1 "$T/out" | grep -q "^Status: $want " ||
		fail "not $want: $(cat "$T/out")"
}
say() { printf %s "$1" | cgi "$2" REQUEST_METHOD=POST CONTENT_TYPE=$FORM \
    CONTENT_LENGTH=${#1}; }
before=$(stamp "$T/box")
unchanged() {
	[ "$(stamp "$T/box")" = "$before" ] || fail "$1: the folder changed"
}

cgi 405 REQUEST_METHOD=GET QUERY_STRING="$(notice 8 $NEW)" </dev/null
grep -q '^Allow: POST' "$T/out" || fail "405 without Allow"
cgi 405 REQUEST_METHOD=HEAD </dev/null
cgi 411 REQUEST_METHOD=POST CONTENT_TYPE=$FORM </dev/null
cgi 413 REQUEST_METHOD=POST CONTENT_TYPE=$FORM CONTENT_LENGTH=4097 </dev/zero
cgi 415 REQUEST_METHOD=POST CONTENT_TYPE=text/plain CONTENT_LENGTH=5 </dev/zero
cgi 400 REQUEST_METHOD=POST CONTENT_TYPE=$FORM CONTENT_LENGTH=5 </dev/null
say 'feed=x&serial=8' 400
say "$(notice 8 x)" 400
say "$(notice 8 $NEW)&from=file:///etc/" 400
say "$(notice 8 $NEW | sed s/0001/0002/)" 404
unchanged "a bad request"
ok "what is no notification of a feed that is followed leaves nothing"

env -i REQUEST_METHOD=GET WIKICAST_NOTIFY_DIR="$T/box" "$N" --version |
	grep -q '^Status: 405 ' || fail "a query can become an option"
expect 0 "$N" --help
grep -q CGI "$T/out" || fail "no help"
expect 0 "$N" --version
expect 2 "$N"
expect 2 "$N" --frobnicate
printf %s "$(notice 8 $NEW)" >"$T/form"
expect 6 env -i REQUEST_METHOD=POST CONTENT_TYPE=$FORM \
    CONTENT_LENGTH="$(stat -c %s "$T/form")" WIKICAST_NOTIFY_DIR="$T/none" \
    sh -c "exec '$N' <'$T/form'"
grep -q '^Status: 503 ' "$T/out" && said 'none' || fail "no folder, no 503"
ok "a person gets help, and trouble of our own is 503 and a line of the log"

if command -v fcgiwrap >/dev/null && command -v nginx >/dev/null &&
    command -v curl >/dev/null; then
	start_receiver web "$T/box"
	url=$NOTIFY
	# say FORM STATUS, now over HTTP.
	say() {
		got=$(curl -s -o "$T/out" -D "$T/head" -w '%{http_code}' \
		    -d "$1" "$url")
		[ "$got" = "$2" ] || fail "$got instead of $2: $(cat "$T/out")"
	}
	got=$(curl -s -o "$T/out" -w '%{http_code}' "$url")
	[ "$got" = 405 ] || fail "$got instead of 405"
	say "$(notice 8 $NEW)&later=$(printf 'x%.0s' $(seq 5000))" 413
	say nonsense 400
	say "$(notice 8 $NEW | sed s/0001/0002/)" 404
	unchanged "a bad request"
	server=nginx
else
	server='no server'
fi
say "$(notice 7 $HAS)" 208
say "$(notice 6 $NEW)" 208
say "$(notice 7 $NEW)" 409
[ "$(news)" = 0 ] || fail "a file for what is known: $(ls "$T/box/news")"
say "$(notice 8 $NEW)&from=https://nobody.example/f/" 202
[ "$(ls "$T/box/news")" = "$FEED" ] || fail "files: $(ls "$T/box/news")"
[ ! -s "$T/box/news/$FEED" ] || fail "something is in it"
now=$(date +%s)
due=$(stat -c %Y "$T/box/news/$FEED")
[ "$due" -ge $((now - 60)) ] && [ "$due" -le $((now + 30)) ] ||
	fail "due at $due, now is $now"
say "$(notice 8 $NEW)" 208
say "$(notice 9 $NEW)" 202
[ "$(news)" = 1 ] || fail "files: $(ls "$T/box/news")"
ok "news touch a file, what is known does not (over $server)"

rm "$T/box/news/$FEED"
form=$(notice 7 $HAS)
for i in $(seq 40); do
	printf %s "$form" | env -i REQUEST_METHOD=POST CONTENT_TYPE=$FORM \
	    CONTENT_LENGTH=${#form} REMOTE_ADDR=192.0.2.9 \
	    WIKICAST_NOTIFY_DIR="$T/box" "$N" | head -n 1
done >"$T/answers"
grep -q '^Status: 208 ' "$T/answers" && grep -q '^Status: 429 ' "$T/answers" ||
	fail "a flood: $(cat "$T/answers")"
form=$(notice 99 $NEW)
printf %s "$form" | cgi 429 REQUEST_METHOD=POST CONTENT_TYPE=$FORM \
    CONTENT_LENGTH=${#form} REMOTE_ADDR=192.0.2.9
grep -q '^Retry-After: [1-9]' "$T/out" || fail "no Retry-After"
[ "$(news)" = 0 ] || fail "a flood leaves files: $(ls "$T/box/news")"
printf %s "$form" | cgi 202 REQUEST_METHOD=POST CONTENT_TYPE=$FORM \
    CONTENT_LENGTH=${#form} REMOTE_ADDR=192.0.2.10
[ "$(news)" = 1 ] || fail "who does not flood is not heard"
ok "a flood is answered 429, and others are heard"
