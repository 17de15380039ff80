#!/bin/sh
# News by the clock: files that no peer has yet are left to a later run, which
# has them from a peer, or else from the publisher.  Some, by lot, and people
# do not wait.
. tests/e2e/lib.sh

command -v nginx >/dev/null || skip 'no nginx'
umask 022
cd "$T" || exit 1
mkdir wiki peer
start_nginx web "$T"
web=http://127.0.0.1:$PORT
all='a b c d e f' # of 60 peers 4 in the mean: never all of them
publisher "files:$T/wiki" 'pages = *' "peer = $web/peer/news/" \
    "$(for n in $(seq 59); do echo "peer = http://127.0.0.2:1/$n/"; done)"
# A step that is too large to travel inside the feed.
edit() {
	head -c 9000 /dev/urandom | od -A n -t x1 >wiki/Page.txt
	publish
}
edit
cp -a site/news peer/
for name in $all; do
	mkdir $name
	follower $name "$web/site/news/" "peer = $web/peer/news/" \
	    "wiki = files:$T/$name" "serve = $T/$name.copy" 'grant = *'
	fetches $name 0 -q
	silent
done
files() { grep "\"GET /$1/news/[ph].*\" 200 " web/access.log; }
has() { cmp -s "$1/Page.txt" wiki/Page.txt; }
# looks NAME OPTION...: until the publisher is asked; the peer knows nothing.
looks() {
	: >web/access.log
	for try in $(seq 60); do
		fetches "$@"
		grep -q '"GET /site/news/feed.atom.*" 200 ' web/access.log &&
			return
	done
	fail "the publisher is never asked: $(cat web/access.log)"
}

edit
left=
for name in $all; do
	looks $name 0 -q
	silent
	has $name && continue
	left="$left $name"
	files site >files && fail "files of the publisher: $(cat files)"
	grep -q '"GET /peer/news/.*" 404 ' web/access.log ||
		fail "the peer was not asked: $(cat web/access.log)"
done
[ -n "$left" ] || fail 'nobody leaves files to the peers'
ok 'files of news that no peer has are left, without a word'

cp -a site/news peer/
for name in $left; do
	: >web/access.log
	fetches $name 0 -q
	silent
	has $name || fail "$name has no news: $(cat web/access.log)"
	files site >files && fail "files of the publisher: $(cat files)"
	files peer >files || fail "none of the peer: $(cat web/access.log)"
	cmp -s site/news/feed.atom $name.copy/feed.atom || fail "no copy"
done
ok 'the next run has them from a peer, and a copy'

edit
for name in $all; do
	looks $name 0 -q
	for try in $(seq 60); do
		has $name || fetches $name 0 -q
	done
	has $name || fail "$name has no news"
done
ok 'or else from the publisher'

edit
for name in $all; do
	looks $name 0
	has $name || fail "$name has no news"
done
ok 'people have them at once'
