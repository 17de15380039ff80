#!/bin/sh
# A follower that was away is brought up by a few steps that span many
# serials, not by one step for each, and not by a new copy.
. tests/e2e/lib.sh

mkdir "$T/wiki" "$T/mine"
cd "$T" || exit 1
publisher "files:$T/wiki" 'pages = *' 'patterns = BadContent' 'expires = 1h'
mkdir -p www
start_nginx web "$T/site"
follower me "http://127.0.0.1:$PORT/news/" "wiki = files:$T/mine" 'grant = *'

# A list of which a little changes each time, and a page that does.
for n in $(seq 400); do echo "pattern$n\\.example"; done >wiki/BadContent.txt
for n in $(seq 40); do seq $((n * 1000)) $((n * 1000 + 300)); done |
	split -l 301 --additional-suffix=.txt - wiki/Page
edits() {
	for n in $(seq "$1" "$2"); do
		echo "new$n\\.example" >>wiki/BadContent.txt
		sed -i "s/^$((17000 + n % 7 * 11))\$/& edit $n/" wiki/Pagea[p-s].txt
		publish
	done
}
publish
fetches me 0

# behind SERIALS REQUESTS STEPS: at most so many, and no snapshot again.
behind() {
	from=$(serial site/news/feed.atom)
	edits $((from + 1)) $((from + $1))
	: >web/access.log
	fetches me 0 --json
	[ "$(number serial)" = $((from + $1)) ] || fail "$(cat "$T/out")"
	same_wiki wiki mine
	asked=$(number requests)
	[ "$asked" -le "$2" ] ||
		fail "$asked requests for $1 serials: $(cat web/access.log)"
	[ "$(wc -l <web/access.log)" = "$asked" ] ||
		fail "$asked requests are told: $(cat web/access.log)"
	steps=$(grep -c '\.step\.zst' web/access.log)
	[ "$steps" -gt 0 ] && [ "$steps" -le "$3" ] ||
		fail "$steps steps for $1 serials"
	! grep -q '\.tar\.zst ' web/access.log ||
		fail "a whole snapshot: $(cat web/access.log)"
	ok "$1 serials behind: $asked requests, $steps steps"
}
behind 2 3 2
behind 20 9 7
behind 70 14 10

# Someone who was not there yet needs a snapshot, and what came after it.
mkdir second
follower second "http://127.0.0.1:$PORT/news/" "wiki = files:$T/second" \
    'grant = *'
: >web/access.log
fetches second 0
same_wiki wiki second
[ "$(grep -c '\.tar\.zst ' web/access.log)" = 1 ] ||
	fail "not one snapshot: $(cat web/access.log)"
ok "a newcomer gets one snapshot and the steps since"

# Whichever step is damaged on the only mirror: there is another way.  A run
# that is taken back tells which ones are used.
edits 94 104
fetches me 0
edits 105 112
cp -a me.state copy.state
cp -a mine copy
: >web/access.log
fetches me 0
rm -rf me.state mine
mv copy.state me.state
mv copy mine
steps=$(sed -n 's/.*GET \/\(news\/pool[^ ]*step.zst\).*/\1/p' web/access.log)
[ -n "$steps" ] || fail "no step was fetched: $(cat web/access.log)"
for step in $steps; do tr '\0-\377' '\1-\377\0' <"site/$step" >flipped &&
	cp flipped "site/$step"; done
fetches me 0 -v
grep -q "'${step#news/}': " "$T/err" || fail "not told: $(cat "$T/err")"
same_wiki wiki mine
ok "where a step is damaged, others go round it"
