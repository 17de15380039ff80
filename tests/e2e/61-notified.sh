#!/bin/sh
# A good notification brings the news with the next `fetch --notified`, from who
# has them; one that is none costs no request.
. tests/e2e/lib.sh

command -v fcgiwrap >/dev/null || skip "there is no fcgiwrap"
umask 022
mkdir "$T/wiki" "$T/mine" "$T/peers"
cd "$T" || exit 1
publisher "files:$T/wiki" 'pages = *'
start_receiver box "$T/spool"
start_nginx web "$T"
web=http://127.0.0.1:$PORT
edit() { echo "edit $1" >>wiki/Page.txt; publish; }
edit 1

# Six places with the first edition, told of in the configuration.
for n in 1 2 3 4 5 6; do
	mkdir "peers/$n"
	cp -a site/news "peers/$n/news"
	echo "peer = $web/peers/$n/news/"
done >lines
follower me "$web/site/news/" "wiki = files:$T/mine" "$(cat lines)"
printf '[notify]\ndir = %s/spool\nevery = 1s\njitter = 1s\n' "$T" >>me.conf
here() {
	cmp -s mine/Page.txt wiki/Page.txt || fail "no edition $1: $(cat err)"
}
requests() { grep -c . web/access.log; }
asked() { awk '{ print $7 }' web/access.log; }
left() { [ -z "$(ls spool/news)" ] || fail "left: $(ls -l spool/news)"; }

expect 0 wikicast fetch -q -c me.conf --notified
silent
[ ! -e spool ] || fail "a shared folder without a fetch"
fetches me 0
here 1
FEED=$(sed -n 's/.*<id>\(urn:uuid:[^<]*\)<.*/\1/p' site/news/feed.atom |
    head -n 1)
state() {
	sed -n 's/.*<wc:head .*state="\([0-9a-f]*\)".*/\1/p' \
	    "$1/news/feed.atom" | head -n 1
}
grep -q "^\[feed ${FEED#urn:uuid:}\]$" spool/feeds &&
    grep -qx "serial = 1" spool/feeds &&
    grep -qx "state = $(state site)" spool/feeds ||
	fail "not told: $(cat spool/feeds)"
[ "$(stat -c %a spool/feeds spool/memory spool/news | tr '\n' ' ')" = \
    '644 660 770 ' ] || fail "modes: $(ls -l spool)"
stamp spool >before
fetches me 0
stamp spool | cmp -s - before || fail "written without a change"
ok "fetch tells the receiver what it has, and nothing twice"

# tell STATUS SERIAL STATE [FROM]
tell() {
	got=$(curl -s -o answer -w '%{http_code}' -d \
	    "feed=$FEED&serial=$2&state=$3" ${4:+-d "from=$4"} "$NOTIFY")
	[ "$got" = "$1" ] || fail "$got instead of $1: $(cat answer)"
}
notified() {
	: >web/access.log
	fetches me "${1:-0}" -q --notified
}
old=$(state site)
tell 208 1 "$old"
tell 409 1 "$(echo "$old" | tr 0-9 9876543210)"
notified
silent
[ "$(requests)" = 0 ] || fail "asked without news: $(asked)"
ok "without news nobody is asked"

edit 2
cp -a site/news/. peers/4/news/
tell 202 2 "$(state site)" "$web/peers/4/news/"
[ "$(ls spool/news | wc -l)" = 1 ] || fail "files: $(ls spool/news)"
notified
silent
here 2
[ "$(asked)" = /peers/4/news/feed.atom ] || fail "asked: $(asked)"
left
grep -qx "serial = 2" spool/feeds || fail "not told: $(cat spool/feeds)"
tell 208 2 "$(state site)"
ok "who told the news is asked first, by one request, though five have none"

edit 3
cp -a site/news/. peers/5/news/
mv site gone
tell 202 3 "$(state gone)" "$web/peers/5/news/"
notified
here 3
mv gone site
ok "the news come from a peer when the master is gone"

tell 202 4000 "$old" "$web/peers/1/news/"
notified
here 3
[ "$(requests)" -ge 1 ] || fail "nobody was asked"
tell 202 4001 "$old" 'https://evil.example/news/'
notified
asked | grep -v '^/peers/\|^/site/' && fail "asked elsewhere"
grep -rq evil spool me.state && fail "a stranger's URL is kept"
ok "a false notification costs a poll"

edit 4
tell 202 4 "$(state site)" "$web/site/news/"
: >web/access.log
fetches me 0
here 4
left
[ "$(asked)" = /site/news/feed.atom ] || fail "asked: $(asked)"
ok "a run by the clock takes the news, too"

# A second time within five minutes.
sed 's/^every = .*/every = 5m/' me.conf >m && mv m me.conf
fetches me 0
edit 5
tell 202 5 "$(state site)" "$web/site/news/"
file=spool/news/$(ls spool/news)
touch -d '+4 minutes' "$file"
: >web/access.log
"$B/bin/wikicast" fetch -q -c me.conf --notified &
waits=$!
PIDS="$PIDS $waits"
for i in $(seq 200); do
	grep -qs "^$waits$" me.state/notified.lock && break
	sleep 0.05
done
fetches me 0 -q --notified
kill -0 $waits || fail "it did not wait"
[ "$(requests)" = 0 ] || fail "asked too early"
[ -e "$file" ] || fail "taken too early"
kill $waits
wait $waits 2>/dev/null
# By another clock: nobody waits for next year.
touch -d '+1 year' "$file"
notified
here 5
ok "fetch waits until it may, one process at a time, and not for ever"

# What the receiver's user could put there.
echo mine >precious
ln -s ../../precious "spool/news/${FEED#urn:uuid:}"
: >spool/news/nonsense
notified
left
[ "$(cat precious)" = mine ] || fail "it was written through a link"
for again in 1 2; do
	mkdir spool/news/folder
	notified 6
	said 'notifications'
	notified 6
	silent
	rmdir spool/news/folder
	: >spool/news/nonsense
	notified
	left
done
ok "strange names do no harm, and trouble is told once"

mv spool elsewhere
: >spool
fetches me 6 -q
said spool
fetches me 6 -q
silent
rm spool
fetches me 0 -q
[ -s spool/feeds ] || fail "not told again"
follower bare "$web/site/news/" "wiki = files:$T/mine"
fetches bare 2 --notified
said '\[notify\]'
for words in 'news' '-n' "--from $T/site"; do
	# shellcheck disable=SC2086 # several words
	fetches me 2 --notified $words
done
ok "a folder that cannot be used is told of once, and wrong usage is refused"
