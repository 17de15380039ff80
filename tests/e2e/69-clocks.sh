#!/bin/sh
# Clocks that are wrong, here and at the publisher's, or change during a run:
# nothing old is installed, nothing is lost, and what a wrong clock wrote keeps
# nobody from anything when it is right again.
. tests/e2e/lib.sh
. tests/e2e/attack.sh
attack_start

DAY=86400
YEAR=$((365 * DAY))
# See clock_preload.c.
clock() {
	name=$1
	shift
	env "$name" LD_PRELOAD="$B/tests/support/clock_preload.so" \
	    ASAN_OPTIONS="verify_asan_link_order=0:${ASAN_OPTIONS:-}" \
	    "$B/bin/wikicast" "$@"
}
at() {
	by=$1
	shift
	clock CLOCK_SHIFT="$by" "$@"
}
# When it is right again.
recovers() {
	arrives
	wikicast status -c "$T/f.conf" --json >"$T/status"
	grep -q '"health":"good"' "$T/status" || fail "$(cat "$T/status")"
	ok "$1"
}

# ---- the follower's ----

# What was accepted tells that it is later than this.
for by in -$(($(date +%s) - 1)) -$YEAR; do
	again
	expect 0 at $by fetch -q -c "$T/f.conf"
	silent
	same_wiki "$T/wiki" "$T/mine"
	[ "$(standing)" = 2 ] || fail 'not the newest'
	mirror_has "$T/first"
	expect 3 at $by fetch -c "$T/f.conf"
	said 'serial 1, where 2 is already accepted'
	recovers "a clock $by seconds off, with a feed that was accepted"
	anew
	expect 4 at $by fetch -q -c "$T/f.conf"
	said "key '$KEY' signed at 20..-..-..T.*, but the clock here says"
	[ "$(wc -l <"$T/err")" = 1 ] || fail "$(cat "$T/err")"
	[ -z "$(ls "$T/mine")" ] || fail 'something is installed'
	recovers "a clock $by seconds off, at a first fetch"
done
again
resign 's/(expires=)"[^"]*"/\1"2020-01-01T00:00:00Z"/'
items "$T/mine" >"$T/before"
expect 5 at -$((10 * YEAR)) fetch -q -c "$T/f.conf"
items "$T/mine" | cmp -s - "$T/before" || fail 'the wiki is touched'
recovers 'a clock that went back makes no expired feed a good one'

for by in $YEAR $((12 * YEAR)) $((70 * YEAR)) $((90 * YEAR)); do
	again
	items "$T/mine" >"$T/before"
	expect 5 at $by fetch -q -c "$T/f.conf"
	said "mirror '$URL': the feed expired at 20"
	items "$T/mine" | cmp -s - "$T/before" || fail 'the wiki is touched'
	[ "$(standing)" = 1 ] || fail 'another serial stands'
	recovers "a clock $((by / YEAR)) years ahead"
	anew
	expect 5 at $by fetch -q -c "$T/f.conf"
	[ -z "$(ls "$T/mine")" ] || fail 'something is installed'
	recovers "a clock $((by / YEAR)) years ahead, at a first fetch"
done

# It is not put off to then, nor are the weekly certificates.
again
echo 'feed.atom status=500' >"$CONTROL"
expect 3 at $YEAR fetch -c "$T/f.conf"
recovers 'a mirror that failed a year from now is asked today'
again
well
expect 5 at $YEAR fetch -q -c "$T/f.conf"
: >"$T/requests"
fetches f 0 -q
grep -q '^GET /news/key.asc' "$T/requests" || fail 'certificates are old'
ok 'certificates that were looked at a year from now are looked at today'

# The time is taken once: what was good at the start is good to the end.
for by in $YEAR -$((50 * YEAR)); do
	again
	expect 0 clock CLOCK_JUMP="$by" fetch -q -c "$T/f.conf"
	silent
	same_wiki "$T/wiki" "$T/mine"
	recovers "a clock that jumps by $by seconds during a run"
done

# ---- the publisher's ----

anew
rm -rf "$T/f.state"
F=$T/site/news/feed.atom
follower f "file://$T/site/news/" "wiki = files:$T/mine"
URL=file://$T/site/news/
fetches f 0
edit_wiki() { echo "$1" >"$T/wiki/A.txt"; }
has() { [ "$(cat "$T/mine/A.txt")" = "$1" ] || fail "it has $(cat "$T/mine/A.txt")"; }
# The agent has the clock of who started it.
fresh_agent() { gpgconf --homedir "$T/gnupg" --kill all; }
fresh_agent
edit_wiki past
cp "$F" "$T/before"
expect 6 at -$YEAR gen --now -q -c "$T/pub.conf"
said "feed 'news': signed at 20.*, but the clock here says 20.*: set it right"
cmp -s "$F" "$T/before" || fail 'it is published'
fresh_agent
publish --now
fetches f 0 -q
silent
has past
ok 'gen: a clock that went back a year publishes nothing'

edit_wiki future
fresh_agent
expect 0 at $YEAR gen --now -q -c "$T/pub.conf"
fetches f 4 -q
said 'but the clock here says'
has past
fresh_agent
edit_wiki now
for option in --now -n; do
	expect 6 wikicast gen $option -q -c "$T/pub.conf"
	said "gen --after $(serial "$F")'"
done
expect 0 wikicast gen --after "$(serial "$F")" -q -c "$T/pub.conf"
silent
fetches f 0 -q
silent
has now
edit_wiki later
publish --now
fetches f 0 -q
silent
has later
expect 0 wikicast verify -q --signer "$KEY" "$T/site/news"
ok 'gen: what was dated a year ahead is left behind by --after'

# An hour is no matter: documents are dated later all the same.
edit_wiki 'an hour ahead'
fresh_agent
expect 0 at 3600 gen --now -q -c "$T/pub.conf"
fetches f 0 -q
silent
has 'an hour ahead'
fresh_agent
edit_wiki 'an hour'
publish --now
fetches f 0 -q
silent
has 'an hour'
ok 'gen: a clock that went back an hour publishes'
