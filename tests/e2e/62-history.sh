#!/bin/sh
# History that is signed and wrong: rows that stand twice, belong elsewhere or
# name other states, skips that lead nowhere or in a ring.
. tests/e2e/lib.sh
. tests/e2e/attack.sh

# 35 serials: two documents, and a way over several steps.
second_edit() {
	for n in $(seq 2 34); do
		echo "text of $n" >"$T/wiki/B.txt"
		echo "text of $n" >"$T/wiki/D$((n / 8)).txt"
		publish --now
		[ $n != 33 ] || cp -a "$T/site" "$T/odd"
	done
	echo 'the last' >"$T/wiki/C.txt"
}
attack_start
ZERO=$(printf %064d 0)

# history TEXT SED-SCRIPT: of the newest document; older: of the other.
history() {
	attack "newest: $2" 4 "history: .*$1" forge history "$2"
	denied "$1" forge history "$2"
}
older() {
	attack "older: $2" 4 "history: .*$1" forge older "$2"
	denied "$1" forge older "$2"
}
denied() { # TEXT FUNCTION...: verify says so, too
	text=$1
	shift
	mirror_has "$T/site"
	"$@"
	expect 4 wikicast verify --signer "$KEY" "$WEB"
	grep -q "^history .*$text" "$T/out" || fail "verify: $(cat "$T/out")"
}

again
zstd -dcq "$WEB/$(sed -n 's/.*href="\(history[^"]*\).*/\1/p' "$F")" \
    >"$T/newest"
grep -q '<skip to="1"' "$T/newest" || fail "no skip: $(cat "$T/newest")"
mkdir "$T/aside"

# Skips.
history 'skip to document 2, which is not below 2' 's/(<skip to=)"1"/\1"2"/'
history 'skip to document 3, which is not below 2' 's/(<skip to=)"1"/\1"3"/'
history "'to'" 's/(<skip to=)"1"/\1"0"/'
history "'to'" 's/(<skip to=)"1"/\1"-1"/'
history 'skip to document 1, which is not below 1' 's/^<skip.*/&&/'
history 'skip to document 1: its length is out of range' \
    's/(<skip .*length=)"[0-9]+"/\1"9999999"/'
for by in 1 -1; do
	length=$(sed -n 's/.*<skip .*length="\([0-9]*\)".*/\1/p' "$T/newest")
	attack "a skip with a length that is $by off" 4 "mirror '$URL'" \
	    forge history "s/(<skip .*length=)\"[0-9]+\"/\1\"$((length + by))\"/"
done
# To what was the newest document a serial ago: its own number.
ring() {
	for file in "$WEB"/history/*; do
		zstd -dcq "$file" >"$T/aside/document"
		grep -q 'number="2"' "$T/aside/document" &&
			! grep -q '<serial n="35"' "$T/aside/document" && break
	done
	name=${file##*/}
	forge history "s/(<skip to=\"1\" href=\")[^\"]*(\" length=\")[0-9]+/\1${name%.xml.zst}\2$(stat -c %s "$file")/"
}
attack 'a ring' 4 'history does not lead back' ring
gone() {
	name=$(sed -n 's/.*<skip to="1" href="\([^"]*\).*/\1/p' "$T/newest")
	rm "$WEB/history/$name.xml.zst"
}
attack 'the older document is gone' 3 'no way from serial 1 to 35' gone

# Rows.
row() { printf '<serial n="%s" state="%s"/>' "$1" "$2"; }
end() { printf 's|</history>|%s&|' "$1"; }
history 'serial 35 comes after 35' "$(end "$(row 35 $ZERO)")"
history 'serial 33 comes after 33' "$(end "$(row 33 $ZERO)")"
history 'serial 32 does not belong there' "$(end "$(row 32 $ZERO)")"
history 'serial 65 does not belong there' "$(end "$(row 65 $ZERO)")"
history "'n'" "$(end "$(row 0 $ZERO)")"
history "'state'" "$(end "$(row 36 0)")"
history 'serial 33 does not belong there' 's/number="2"/number="3"/'
history 'number 9007199254740991' 's/number="2"/number="9007199254740991"/'
history 'another feed' 's/(feed="urn:uuid:)......../\101234567/'
older 'another feed' 's/(feed="urn:uuid:)......../\101234567/'
older 'does not belong there' 's/number="1"/number="2"/'
older 'serial 1 comes after 1' "$(end "$(row 1 $ZERO)")"
older 'malformed' '/<\/history>/d'
older 'DOCTYPE' '1i <!DOCTYPE history>'

# Steps and snapshots of a row.
history 'step from serial 35, which is not below 35' \
    '/n="35"/,/serial>/s/(<step from=)"34"/\1"35"/'
history 'step from serial 34, which is not below 34' \
    '/n="35"/,/serial>/s/<step.*/&&/'
history "'from'" '/n="35"/,/serial>/s/(<step from=)"34"/\1"0"/'
history 'unpacked\|range\|large' \
    '/n="35"/,/serial>/s/(unpacked=)"[0-9]+"/\1"99999999999"/'
history 'snapshot' "/n=\"35\"/,/serial>/s|<step.*|&<snapshot href=\"$ZERO\" length=\"1\" unpacked=\"9\"/><snapshot href=\"$ZERO\" length=\"1\" unpacked=\"9\"/>|"
attack 'a step from another serial than it is' 4 \
    'step of serial 35: manifest: is from serial 34, not 1' \
    forge history '/n="35"/,/serial>/s/(<step from=)"34"/\1"1"/'

# States.
other() { # SERIAL: the one that is accepted here is 1
	if [ "$1" -gt 32 ]; then
		forge history "s/(<serial n=\"$1\" state=\")[^\"]*/\1$ZERO/"
	else
		forge older "s/(<serial n=\"$1\" state=\")[^\"]*/\1$ZERO/"
	fi
}
attack 'another state than the head has' 4 \
    'history names another state for serial 35 than the feed' other 35
for n in 34 32; do
	attack "another state at serial $n" 4 \
	    "step of serial $n: manifest: leads to another state" other $n
done
again
other 1
refused 4 'fork: history names another state for serial 1'
well
fetches f 4
said 'wikicast resume news'
expect 0 wikicast resume -q -c "$T/f.conf" news
arrives
ok 'another state at the serial that is installed is a fork'

# What the head says against history, both with one signature; the next one
# takes it back, which is a fork of its own.
again
resign -e "s/(<wc:head [^>]*state=\")[^\"]*/\1$ZERO/" \
    -e "s/(<wc:state [^>]*sha256=\")[^\"]*/\1$ZERO/"
refused 4 'another state'
fetches f 4 -q
silent
well
refused 4 'fork'
expect 0 wikicast resume -q -c "$T/f.conf" news
arrives
ok 'a head with another state than its history is not taken'

# The only step that leads on is gone, or signed and wrong: a way over the
# first snapshot leads past it.
odd() {
	again
	cp -a "$T/odd.state" "$T/kept"
	rm -rf "$T/f.state" "$T/mine"
	mv "$T/kept" "$T/f.state"
	cp -a "$T/odd.mine" "$T/mine"
}
again
wikicast fetch -q -c "$T/f.conf" --from "$T/odd" || fail 'no serial 33'
[ "$(standing)" = 33 ] || fail "serial $(standing)"
echo 'edited here' >"$T/mine/D1.txt"
cp -a "$T/f.state" "$T/odd.state"
cp -a "$T/mine" "$T/odd.mine"
lost() {
	rm "$WEB"/pool/*/"$(step 33 34).step.zst"
}
step() { # FROM TO: its digest
	zstd -dcq "$WEB/$(sed -n 's/.*href="\(history[^"]*\).*/\1/p' "$F")" |
		sed -n "/n=\"$2\"/,/serial>/s/.*from=\"$1\" href=\"\([^\"]*\).*/\1/p"
}
other_step() {
	forge history "/n=\"34\"/,/serial>/s/(from=\"33\" .*length=\")/\11/"
}
for how in lost other_step; do
	odd
	$how
	fetches f 0 -v
	said 'looking for another way'
	[ "$(standing)" = 35 ] || fail "serial $(standing)"
	[ "$(cat "$T/mine/D1.txt")" = 'edited here' ] || fail 'a local edit'
	cp "$T/wiki/D1.txt" "$T/mine/D1.txt"
	same_wiki "$T/wiki" "$T/mine"
	expect 0 wikicast fetch -q -c "$T/f.conf"
	silent
	ok "a step that leads on is no good, and another way does: $how"
done

# What is no mistake.
taken() {
	label=$1
	shift
	again
	"$@"
	expect 0 wikicast fetch -q -c "$T/f.conf"
	silent
	same_wiki "$T/wiki" "$T/mine"
	ok "$label"
}
backwards() {
	awk '/<serial/ { one = 1 }
	one { row = row $0 "\n" }
	/<\/serial>/ { all = row all; row = ""; one = 0; next }
	/<\/history>/ { printf "%s", all }
	!one' "$T/newest" >"$T/document"
	forge history "@$T/document"
}
taken 'rows in another order' backwards
taken 'elements that are unknown' forge history \
    "s|(<skip .*/>)|<other/>\1|; s|<step |<step new=\"1\" |"
taken 'a row above the head' forge history "$(end "$(row 36 $ZERO)")"
