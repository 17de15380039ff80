#!/bin/sh
# Telling of news: the master tells four wikis of a new serial, and is taken
# away when these have it; they tell others, as any copy can; polling at the
# peers finds what nobody was told.  How a rumour goes on, 65-rumours.sh tells.
. tests/e2e/lib.sh

command -v fcgiwrap >/dev/null || skip "there is no fcgiwrap"
WIKIS=8
umask 022
cd "$T" || exit 1
mkdir web wiki
all=$(seq "$WIKIS")
fcgiwrap -s "unix:$T/fcgi" &
PIDS="$PIDS $!"
cat >web/places <<END
location ~ ^/w([0-9]+)/notify\$ {
	set \$wiki \$1;
	fastcgi_pass unix:$T/fcgi; include /etc/nginx/fastcgi_params;
	fastcgi_param SCRIPT_FILENAME $B/libexec/wikicast-notify;
	fastcgi_param WIKICAST_NOTIFY_DIR $T/w\$wiki/spool;
}
location = /hub { return 204; }
location = /no-hub { return 410; }
END
start_nginx web "$T; include $T/web/places"
web=http://127.0.0.1:$PORT
for n in $all; do
	mkdir -p "w$n/wiki"
	echo "peer = $web/w$n/www/news/ $web/w$n/notify"
done >peers
publisher "files:$T/wiki" 'pages = *' "$(cat peers)" "hub = $web/hub"
sed "s|^url = .*|url = $web/site/news/|" pub.conf >p && mv p pub.conf
for n in $all; do
	follower "w$n" "$web/site/news/" "wiki = files:$T/w$n/wiki" \
	    "serve = $T/w$n/www/news" "url = $web/w$n/www/news/" "$(cat peers)"
	printf '[notify]\ndir = %s/w%s/spool\nevery = 1s\njitter = 1s\n' \
	    "$T" "$n" >>"w$n.conf"
done
publish
expect 0 wikicast announce -c pub.conf -n
grep -q " $WIKIS  *0  *0 " out || fail "a dry run: $(cat out)"
grep POST web/access.log && fail "a dry run tells"
echo first >wiki/Page.txt
publish
for n in $all; do fetches "w$n" 0 -q; done
grep POST web/access.log && fail "newcomers tell others what they know"
ok "$WIKIS wikis have the first edition, serve it, and listen"

posts() { grep -c '"POST /w[0-9]*/notify ' web/access.log; }
has() { cmp -s "w$1/wiki/Page.txt" wiki/Page.txt; }
told() {
	for n in $all; do
		[ -z "$(ls "w$n/spool/news")" ] || echo "$n"
	done
}
: >web/access.log
expect 0 wikicast announce -c pub.conf --json
[ "$(number asked) $(number known)" = "4 4" ] || fail "$(cat out)"
[ "$(posts)" = 4 ] || fail "$(posts) messages"
[ -z "$(told)" ] || fail "told of what they know: $(told)"
[ "$(grep -c '"POST /hub ' web/access.log)" = 1 ] || fail "no hub was told"
ok "who knows it is left alone"

echo second >wiki/Page.txt
publish
: >web/access.log
expect 0 wikicast announce -q -c pub.conf
silent
[ "$(told | wc -l)" = 4 ] && [ "$(posts)" = 4 ] || fail "told: $(told)"
ok "the master tells four"

for n in $(told); do
	expect 0 wikicast fetch -q -c "w$n.conf" --notified
	silent
	has "$n" || fail "wiki $n, which was told, does not have it"
done
# One of them may have been told anew, by another, before it fetched.
others=$(for n in $(told); do has "$n" || echo "$n"; done)
[ -n "$others" ] || fail "they tell nobody"
master=$(grep -c '"GET /site/news/feed.atom .* 200 ' web/access.log)
[ "$master" -le 4 ] || fail "$master feeds from the master"
mv site gone
ok "these fetch from it, and tell others"

# polls N: until it has the newest; it may ask one that has not.
polls() {
	for try in $(seq 60); do
		has "$1" && return 0
		wikicast fetch -q -c "w$1.conf" >out 2>err
	done
	fail "wiki $1 never gets it: $(cat err)"
}
for n in $all; do polls "$n"; done
messages=$(posts)
[ "$messages" -le $((4 + WIKIS * 6)) ] || fail "$messages messages"
ok "polling finds what nobody was told, though the master is gone"

# From any wiki it can be started anew.
mv gone site
echo third >wiki/Page.txt
publish
fetches w1 0 -q --from "$T/site" # which may be resting, as a mirror
has 1 || fail "wiki 1 does not have it"
mv site gone
rm -f w*/spool/news/*
expect 0 wikicast announce -c w1.conf news --json
[ "$(number serial)" = 4 ] || fail "$(cat out)"
[ $(($(number news) + $(number known))) = 4 ] || fail "$(cat out)"
ok "another wiki tells others in the master's place"

# Its own copy is no source of news, though it is among the peers.
sed '/^mirror = /s|= .*|= http://127.0.0.1:1/|; /^peer = /d' w1.conf >self.conf
sed -i "/^mirror = /a peer = $web/w1/www/news/" self.conf
expect 3 wikicast fetch -c self.conf
ok "no wiki asks itself"

# A copy without a wiki, and without a configuration.
mirrors() { # COUNT OPTION...: so many are told.
	count=$1
	shift
	messages=$((messages + 1))
	echo "$messages" >wiki/Page.txt
	publish
	rm -f w*/spool/news/*
	for try in $(seq 60); do # a peer may be asked, which is behind
		expect 0 wikicast mirror -q --signer "$KEY" \
		    --state mirror.state "$@" "$web/site/news/" copy/news
		silent
		cmp -s site/news/feed.atom copy/news/feed.atom && break
	done
	cmp site/news/feed.atom copy/news/feed.atom || fail "not the newest"
	[ "$(told | wc -l)" = "$count" ] || fail "$*: told: $(told)"
}
mv gone site
mirrors 0 --url "$web/copy/news"
set --
while read -r line; do set -- "$@" --peer "${line#peer = }"; done <peers
mirrors 2 --url "$web/copy/news" "$@"
mirrors 2 "$@"
mirrors 0
ok "a copy tells others what is new, where it is told of any"

# Receivers that only the publisher names, at private addresses.
mkdir alone deaf dumb
follower alone "$web/site/news/" "wiki = files:$T/alone"
expect 0 wikicast announce -c alone.conf
said 'was not fetched yet'
fetches alone 0
: >web/access.log
expect 3 wikicast announce -c alone.conf -v
said 'not public'
said 'that were told, none took it'
[ "$(posts)" = 0 ] || fail "$(posts) messages to private addresses"
expect 2 wikicast announce -c alone.conf other
said 'feed other'
ok "what a publisher names at private addresses is not told"

# Receivers that nobody hears.
sed '/^peer = /d; s|/hub$|/no-hub|' pub.conf >p && mv p pub.conf
publish
follower deaf "$web/site/news/" "wiki = files:$T/deaf" \
    "serve = $T/deaf.copy" "url = $web/deaf.copy/" \
    'peer = http://127.0.0.1:1/a/ http://127.0.0.1:1/notify' \
    "peer = $web/w1/www/news/ $web/wiki/notify"
sed "/^serve = /d; /^url = /d; s|$T/deaf|$T/dumb|" deaf.conf >dumb.conf
for name in deaf dumb; do
	polled=0
	until cmp -s $name/Page.txt wiki/Page.txt; do
		polled=$((polled + 1))
		[ $polled -lt 60 ] || fail "it never gets it"
		wikicast fetch -q -c $name.conf
	done
done
rm -rf w1/www
echo fourth >wiki/Page.txt
publish
fetches dumb 0 -v
! grep -q notify err || fail "without a copy it tells: $(cat err)"
fetches deaf 0 -v
said "'http://127.0.0.1:1/notify' does not answer"
said "'$web/wiki/notify' does not want it: "
expect 3 wikicast announce -c deaf.conf
said 'of 2 that were told, none took it'
expect 3 wikicast announce -c pub.conf
said "hub '$web/no-hub': answers 410"
ok "others who cannot be reached fail nothing but announce itself"
