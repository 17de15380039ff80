#!/bin/sh
# With --splay a run that cron began first waits, each wiki mostly its own time,
# without a lock, and can be ended meanwhile; whoever runs it by hand waits not.
. tests/e2e/lib.sh

mkdir "$T/wiki" "$T/mine"
publisher "files:$T/wiki" 'pages = *'
echo one >"$T/wiki/A.txt"
publish
follower me "file://$T/site/news/" "wiki = files:$T/mine"

# What it would sleep is counted in $T/slept instead.
hasty() {
	env PATIENCE="$T/slept" \
	    ASAN_OPTIONS="verify_asan_link_order=0:${ASAN_OPTIONS:-}" \
	    LD_PRELOAD="$B/tests/support/patience_preload.so" \
	    "$B/bin/wikicast" "$@"
}
# slept COMMAND...: prints for how many seconds.
slept() {
	echo 0 >"$T/slept"
	expect 0 hasty "$@" </dev/null >&2
	echo $(($(tail -n 1 "$T/slept") / 1000))
}

least=86400
most=0
for try in 1 2 3 4 5 6 7 8; do
	n=$(slept fetch -q -c "$T/me.conf" --splay 1d) || exit 1
	[ "$n" -ge "$most" ] && most=$n
	[ "$n" -le "$least" ] && least=$n
done
[ "$least" -lt "$most" ] || fail "it always waits $least s"
[ $((most - least)) -le 21600 ] || fail "between $least and $most s"
[ "$most" -le 86400 ] || fail "it waits $most s"
same_wiki "$T/wiki" "$T/mine"
ok 'a wiki keeps to its part of the time, and is there by chance'

# More wikis of this machine: not all in one half.
early=0
for n in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16; do
	sed "s|^dir = .*|dir = $T/state.$n|" "$T/me.conf" >"$T/$n.conf"
	s=$(slept fetch -q -c "$T/$n.conf" --splay 1d) || exit 1
	[ "$s" -le 43200 ] && early=$((early + 1))
done
[ "$early" -gt 0 ] && [ "$early" -lt 16 ] || fail "$early of 16 are early"
ok 'wikis of one machine spread'

n=$(slept mirror -q --splay 1d --state "$T/copy.state" --signer "$KEY" \
    "file://$T/site/news" "$T/copy/news") || exit 1
[ "$n" -gt 0 ] && [ "$n" -le 86400 ] || fail "mirror waits $n s"
[ -s "$T/copy/news/feed.atom" ] || fail 'there is no copy'
ok 'a mirror waits as well'

n=$(slept fetch -q -c "$T/me.conf") || exit 1
[ "$n" = 0 ] || fail "without the option it waits $n s"
rm -f "$T/slept"
hasty() {
	env PATIENCE="$T/slept" \
	    ASAN_OPTIONS="verify_asan_link_order=0:${ASAN_OPTIONS:-}" \
	    LD_PRELOAD="$B/tests/support/patience_preload.so" \
	    python3 -c 'import pty, sys
sys.exit(pty.spawn(sys.argv[1:]))' "$B/bin/wikicast" "$@"
}
expect 0 hasty fetch -c "$T/me.conf" --splay 1d </dev/null
[ ! -s "$T/slept" ] || fail "a person waits $(cat "$T/slept") ms"
ok 'a person does not wait'

"$B/libexec/wikicast-fetch" fetch -v -c "$T/me.conf" --splay 1d \
    </dev/null >"$T/out" 2>"$T/waits" &
waits=$!
PIDS="$PIDS $waits"
for i in $(seq 200); do
	grep -q waiting "$T/waits" && break
	sleep 0.05
done
grep -q 'waiting [0-9]* seconds' "$T/waits" || fail "$(cat "$T/waits")"
echo two >"$T/wiki/A.txt"
publish
fetches me 0 -q
same_wiki "$T/wiki" "$T/mine"
kill -0 $waits || fail 'it did not wait'
kill $waits
wait $waits
[ $? = 143 ] || fail 'it was not ended by the signal'
ok 'another run need not wait for the one that waits, which can be ended'

printf '[notify]\ndir = %s/spool\n' "$T" >>"$T/me.conf"
fetches me 2 --notified --splay 1m
said 'without .--splay.'
fetches me 2 --splay 2d
said splay
ok 'what makes no sense is refused'
