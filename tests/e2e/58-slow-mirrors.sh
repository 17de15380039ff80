#!/bin/sh
# A mirror that stalls, drips or never ends costs a limited time and a limited
# number of bytes, whichever file it does it with; another one is asked.
. tests/e2e/lib.sh
. tests/e2e/attack.sh

# What would have to be waited for is not: see patience_preload.c.
wikicast() {
	env PATIENCE_SLOW="$T/slow" \
	    ASAN_OPTIONS="verify_asan_link_order=0:${ASAN_OPTIONS:-}" \
	    LD_PRELOAD="$B/tests/support/patience_preload.so" \
	    "$B/bin/wikicast" "$@"
}
attack_start

# The step is not inside the feed, so that each kind of file is asked for.
for tree in site good; do
	mirror_has "$T/$tree"
	resign '/<content/d'
	rm -rf "$T/$tree/news"
	cp -a "$WEB" "$T/$tree/news"
done
answers() { echo "$1 $2" >"$CONTROL"; }

slow() { # KIND SUFFIX FUNCTION
	for mode in silent stall=0 stall=50 drip-endless=1000 \
	    drip-headers=1000; do
		$3 "$1: $mode" 3 "mirror '$URL': .*\(slow\|timed out\)" \
		    answers "$2" $mode
	done
}
slow feed feed.atom attack
slow history .xml.zst attack
slow step .step.zst attack
slow snapshot .tar.zst attack_first
slow certificates key.asc attack_first
# Fast enough for whoever looks only at the speed, and too slow for the size.
attack 'feed: drip-endless=3' 3 "mirror '$URL': .*timed out" \
    answers feed.atom drip-endless=3
for mode in chatter continues=2000; do
	attack "feed: $mode" 3 "mirror '$URL': " answers feed.atom $mode
	attack "step: $mode" 3 "mirror '$URL': " answers .step.zst $mode
done

# What was had of a file that stalled is not asked for again.
again
answers .step.zst once-stall=50
fetches f 0 -q
same_wiki "$T/wiki" "$T/mine"
tac "$T/requests" | grep -m 1 '^Range: bytes=50-' >"$T/range" ||
	fail "$(tail -n 20 "$T/requests")"
ok 'a step that stalled is gone on with'

# Of two mirrors one stalls.
again
sed -i "s|^mirror = .*|&\nmirror = http://127.0.0.1:$PORT/slow/|" "$T/f.conf"
beside() { # SUFFIX
	seen=
	for try in $(seq 40); do
		again
		cp -a "$WEB" "$T/web/slow"
		answers "/slow/$1" silent
		fetches f 0 -v
		same_wiki "$T/wiki" "$T/mine"
		rm -rf "$T/web/slow"
		grep -q "mirror '.*/slow/': .*slow" "$T/err" && seen=1 && break
	done
	[ -n "$seen" ] || fail 'the slow mirror was never asked'
	ok "one mirror of two is slow: $1"
}
beside feed.atom
beside "$(cd "$T/site/news" && ls -t pool/*/*.step.zst | head -n 1)"
