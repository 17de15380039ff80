#!/bin/sh
# The master dies; the feed goes on from a mirror's copy, and who has that
# mirror gets what is next.  When the master comes back, two publish: all see
# it, and a jump or a person ends it.
. tests/e2e/lib.sh

command -v nginx >/dev/null || skip 'no nginx'
mkdir "$T/wiki" "$T/home" "$T/www"
HOME=$T/home
export HOME
cd "$T" || exit 1
publisher "files:$T/wiki" 'pages = *' 'patterns = BadContent'
start_nginx master "$T/site"
MASTER=$PORT MASTER_PID=$NGINX_PID
start_nginx second "$T/www"
SECOND=$PORT
sed -i "s|^url = .*|url = http://127.0.0.1:$MASTER/news/|" pub.conf

# starts NAME: a follower with both servers as mirrors.
starts() {
	mkdir "$1"
	follower "$1" "http://127.0.0.1:$MASTER/news/" \
	    "mirror = http://127.0.0.1:$SECOND/news/" \
	    "wiki = files:$T/$1" 'grant = *'
}
edit() { # FOLDER NUMBER
	echo "text $2" >"$1/Page$(($2 % 4)).txt"
	echo "spam$2\\.example" >>"$1/BadContent.txt"
}
news() { edit wiki "$1"; publish; }
copy() {
	expect 0 wikicast mirror -q --signer "$KEY" --state mirror.state \
	    "http://127.0.0.1:$MASTER/news/" www/news
}
die() {
	kill "$MASTER_PID" 2>/dev/null
	wait "$MASTER_PID" 2>/dev/null
	mkdir dead
	mv pub site wiki dead/
}
come_back() {
	mv dead/* .
	rmdir dead
	nginx -e "$T/master/error.log" -c "$T/master/nginx.conf" &
	MASTER_PID=$!
	PIDS="$PIDS $MASTER_PID"
	for i in $(seq 200); do
		curl -s -o probe "http://127.0.0.1:$MASTER/" && return
		sleep 0.05
	done
	fail 'the master does not come back'
}
take_over() {
	expect 0 wikicast init news -c new.conf --state new --site www \
	    --url "http://127.0.0.1:$SECOND/news" --gnupg-home gnupg \
	    --wiki files:pages --take-over www/news "$@" </dev/null
}
news_at_new() { edit pages "$1"; expect 0 wikicast gen -q -c new.conf; }
installed() { wikicast status -c "$1.conf" --json 2>/dev/null |
	sed -n 's/.*"type":"feed".*"serial":\([0-9]*\),.*/\1/p'; }
at() { [ "$(installed "$1")" = "$2" ] || fail "$1 is at $(installed "$1")"; }

for name in near other late; do starts $name; done
for n in 1 2 3; do news $n; done
for name in near other late; do fetches $name 0; done
for n in 4 5 6 7 8 9; do news $n; done
for name in near other; do fetches $name 0; done
copy
mkdir before
cp -a pub site wiki www near other late *.state before/

die
fetches near 0 # from the mirror: no news
take_over
expect 0 wikicast gen -q -c new.conf
jumped=$(serial www/news/feed.atom)
for name in near other late; do
	fetches $name 0 -q
	at $name "$jumped"
	same_wiki $name pages
done
for n in 10 11 12 13 14; do news_at_new $n; done
starts anew
for name in near other late anew; do
	fetches $name 0
	at $name $((jumped + 5))
	same_wiki $name pages
done
grep -c 'step.zst' second/access.log >steps
[ "$(cat steps)" -gt 0 ] || fail 'no steps'
ok 'who has the second server as a mirror gets what is next, without a person'

come_back
news 10
news 11
for name in near other late anew; do
	for n in 1 2 3 4 5 6; do fetches $name 0; done
	at $name $((jumped + 5))
	same_wiki $name pages
done
grep -q 'GET /news/feed.atom' master/access.log || fail 'nobody asked'
[ ! -e near.state/evidence ] || fail 'a fork behind a jump'
ok 'behind a jump the master that comes back is only behind'

# The same without the jump: whoever does that was too sure.
kill "$MASTER_PID"
wait "$MASTER_PID" 2>/dev/null
rm -rf pub site wiki www near other late anew *.state new new.conf pages
cp -a before/* .
die
take_over --after 9
news_at_new 110
for name in near late; do
	fetches $name 0
	at $name 10
	same_wiki $name pages
done
come_back
news 10
news_at_new 111
sed "s|^mirror = .*$SECOND.*||" other.conf >old.conf
expect 0 wikicast fetch -c old.conf # that one is at the old master's 10
fetches late 0 -q
# late may have asked the master before the second server.
for name in near other late; do
	# Which mirror is asked is left to chance, and one that was dead is
	# left alone for a while: here each is asked.
	expect 0 wikicast status -c $name.conf
	for server in $MASTER $SECOND; do
		rm -rf $name.was
		cp -a $name $name.was
		sed "/^mirror = .*:$server/d" $name.conf >single.conf
		wikicast fetch -q -c single.conf >out 2>err
		[ $? = 4 ] && break
	done
	said "fork: "
	[ "$(wc -l <err)" = 1 ] || fail "not one line: $(cat err)"
	[ "$(ls $name.state/evidence | wc -l)" = 2 ] || fail 'no evidence'
	same_wiki $name $name.was
	fetches $name 4
	said "'wikicast resume news', or until the publisher jumps ahead of"
	fetches $name 4 -q
	news_at_new "12$(installed $name)"
	fetches $name 4 -q
	silent # it was said
	same_wiki $name $name.was
	expect 0 wikicast status -c $name.conf
	grep -q '^news *forked' out || fail "$(cat out)"
done
ok 'two who go on from one serial are a fork for everybody, on either side'

# A person, who has decided whom to believe.
cp near.conf resumed.conf
sed -i "s|^mirror = .*$MASTER.*||" near.conf
expect 0 wikicast resume -c near.conf news
fetches near 0
same_wiki near pages
ok 'a person ends it, and chooses'

# Merely going on does not, not even over another document of history.
for n in $(seq 200 225); do news_at_new $n; done
[ "$(serial www/news/feed.atom)" -gt 33 ] || fail 'not far enough'
: >second/access.log
sed "/^mirror = .*:$MASTER/d" other.conf >single.conf
fetches single 4
[ "$(grep -c 'GET /news/history/' second/access.log)" = 2 ] ||
	fail "$(cat second/access.log)"
rm "www/news/$(grep 'GET /news/history/' second/access.log | tail -n 1 |
    sed 's|.*GET /news/\([^ ]*\) .*|\1|')"
fetches single 4 # what is not there may be what is in dispute
ok 'whoever goes on without a jump ends nothing'

# Or the publisher, by a jump ahead of both.
news 11
last=$(serial www/news/feed.atom)
edit pages 130
expect 0 wikicast gen -q -c new.conf --after "$last"
jumped=$(serial www/news/feed.atom)
[ "$jumped" = $((last + 1)) ] || fail "serial $jumped"
for name in near other late; do
	sed "/^mirror = .*:$MASTER/d" $name.conf >single.conf
	expect 0 wikicast fetch -q -c single.conf
	silent
	at $name "$jumped"
	same_wiki $name pages
	[ "$(ls $name.state/evidence | wc -l)" = 2 ] || fail 'evidence went'
done
expect 0 wikicast log -c other.conf
grep -q ' resumed .*jumped ahead of a fork' out || fail "$(cat out)"
news_at_new 131
cp near.conf resumed.conf
for name in near other late; do
	for n in 1 2 3 4 5 6; do fetches $name 0; done
	same_wiki $name pages
	expect 0 wikicast status -c $name.conf
	grep -q '^news *up to date' out || fail "$(cat out)"
done
expect 0 wikicast verify --signer "$KEY" www/news
ok 'a jump ahead of both ends it, and the other one is only behind'
