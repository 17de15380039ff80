#!/bin/sh
# Old news, news for ever, news of another kind: rollback, freeze and fork.
. tests/e2e/lib.sh
. tests/e2e/attack.sh
attack_start

late() { date -u -d "$1" +%Y-%m-%dT%H:%M:%SZ; }
# updated TIME: of the feed, and signed.
updated() { resign "0,/<updated>/s/(<updated>)[^<]*/\1$1/"; }

# Rollback, to a follower who has serial 2.
again
arrives
items "$T/mine" >"$T/before"
mirror_has "$T/first"
fetches f 3
said "feed 'news': mirror '$URL': serial 1, where 2 is already accepted"
items "$T/mine" | cmp -s - "$T/before" || fail 'a rollback'
fetches f 3 -q
silent
arrives
ok 'an old feed is behind, and no more'

behind() {
	fetches f 3
	items "$T/mine" | cmp -s - "$T/before" || fail 'a rollback'
}
mirror_has "$T/first"
cp -a "$WEB" "$T/web/other"
sed -i "s|^mirror = .*|&\nmirror = http://127.0.0.1:$PORT/other/|" "$T/f.conf"
behind
said 'serial 1, where 2 is already accepted'
well
expect 0 wikicast fetch -c "$T/f.conf"
rm -rf "$T/web/other"
sed -i '/\/other\//d' "$T/f.conf"
ok 'all mirrors behind make 3, one that is not makes 0'

# Time.
ahead() { updated "$(late '+2 days')"; }
attack 'a feed signed in two days' 4 'more than 24 hours ahead' ahead
past() {
	resign 's/(expires=)"[^"]*"/\1"2020-01-01T00:00:00Z"/'
}
attack 'an expired feed' 5 'expired at 2020-01-01T00:00:00Z' past
# identify ID SERIAL: the feed says so, and its entry has the id that follows.
identify() {
	entry=$(python3 -c 'import hashlib, sys, uuid
d = bytearray(hashlib.sha256(sys.argv[1].encode()).digest()[:16])
d[6], d[8] = d[6] & 15 | 128, d[8] & 63 | 128
print(uuid.UUID(bytes=bytes(d)))' "$1#$2")
	resign -e "0,/<id>/s/<id>.*</<id>$1</" -e "s/serial=\"2\"/serial=\"$2\"/" \
	    -e "s/wc:from=\"1\"/wc:from=\"$(($2 - 1))\"/" \
	    -e "/<entry>/,/<.id>/s/<id>.*</<id>urn:uuid:$entry</"
}
ID=$(sed -n '0,/<id>/s/.*<id>\(.*\)<.*/\1/p' "$F")
attack 'a serial that is too far ahead' 4 \
    'serial 1000002, more than 1000000 ahead' identify "$ID" 1000002
OTHER_ID=urn:uuid:01234567-89ab-4def-8123-456789abcdef
attack 'another feed of the same signer' 4 \
    "feed id '$OTHER_ID', where '$ID' is followed" identify "$OTHER_ID" 2

# The stored feed grows old while the mirror knows of nothing newer.
again
mirror_has "$T/first"
until=$(($(date +%s) + 6))
resign -e "0,/<updated>/s/(<updated>)[^<]*/\1$(late '+1 second')/" \
    -e "s/(expires=)\"[^\"]*\"/\1\"$(late "@$until")\"/"
fetches f 0 -q
echo 'feed.atom unchanged' >"$CONTROL"
while [ "$(date +%s)" -le "$until" ]; do sleep 0.2; done
refused 5 expired
arrives
ok '304 for ever ends with the expiry'

# Fork.
forked() {
	refused 4 'fork'
	[ "$(ls "$T/f.state/evidence" | wc -l)" = 2 ] ||
		fail "evidence: $(ls "$T/f.state/evidence")"
	cat "$T/f.state/evidence"/* >"$T/kept"
	grep -q "$1" "$T/kept" || fail 'the evidence is another'
	well
	items "$T/mine" >"$T/before"
	fetches f 4
	said 'wikicast resume news'
	items "$T/mine" | cmp -s - "$T/before" || fail 'installed after a fork'
	expect 0 wikicast resume -q -c "$T/f.conf" news
	arrives
	[ "$(ls "$T/f.state/evidence" | wc -l)" = 2 ] || fail 'evidence gone'
	ok "$2"
}
again
mirror_has "$T/first"
zero=$(printf %064d 0)
updated "$(late '+30 seconds')"
resign -e "s/(<wc:head [^>]*state=\")[^\"]*/\1$zero/" \
    -e "s/(<wc:state [^>]*sha256=\")[^\"]*/\1$zero/"
forked "$zero" 'a fork of the head stops everything until resume'
again
forge history "s/(<serial n=\"1\" state=\")[^\"]*/\1$zero/"
resign '/<content/d'
forked 'serial="2"' 'a fork in history stops everything until resume'

# The network.
unreachable() {
	sed -i 's|^mirror = .*|mirror = http://127.0.0.1:1/|' "$T/f.conf"
}
again
unreachable
items "$T/mine" >"$T/before"
fetches f 3
said "feed 'news': mirror 'http://127.0.0.1:1/': "
items "$T/mine" | cmp -s - "$T/before" || fail 'the wiki is touched'
sed -i "s|^mirror = .*|mirror = $URL|" "$T/f.conf"
arrives
ok 'a mirror that cannot be reached'

# Configuration.
wrong() {
	again
	cp "$T/f.conf" "$T/right"
	sed -i "$2" "$T/f.conf"
	items "$T/mine" >"$T/before"
	fetches f 2
	said "$T/f.conf"
	said "$1"
	items "$T/mine" | cmp -s - "$T/before" || fail 'the wiki is touched'
	mv "$T/right" "$T/f.conf"
	arrives
	ok "wrong configuration: $1"
}
wrong 'signr' 's/^signer/signr/'
wrong 'signer' '/^signer/d'
wrong 'signer\|fingerprint' 's/^signer = ..../signer = /'
wrong 'folow' 's/^.follow/[folow/'
wrong 'ftp' 's|^mirror = http|mirror = ftp|'
