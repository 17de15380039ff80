#!/bin/sh
# Documents that are signed well and wrong otherwise: the feed, history.
. tests/e2e/lib.sh
. tests/e2e/attack.sh
attack_start

feed() {
	text=$1
	shift
	attack "feed.atom: $*" 4 "'feed.atom': .*$text" resign "$@"
}
history() {
	attack "history: $2" 4 "history: .*$1" without_step "$2"
}
# Only with history does a reader find its way.
without_step() {
	forge history "$1"
	resign '/<content/d'
}
# put LINE: before the root element.
put() { resign "1i $1"; }

# Numbers and other fields.
for n in 0x2 +2 -2 02 2e0 ' 2' '2 ' '' 2.0 9007199254740992 \
    9223372036854775808 18446744073709551618 \
    4444444444444444444444444444444444444444; do
	feed "'serial'\|number\|too large" \
	    "s/(<wc:head serial=)\"2\"/\1\"$n\"/"
done
feed "'wc:from'\|from" 's/(wc:from=)"1"/\1"0x1"/'
feed 'not a number' 's/( length=)"([0-9]+)"/\1"+\2"/'
feed 'not a number' 's/(wc:unpacked=)"/\1"-/'
feed 'not a digest' '/<wc:head/s/(state=)"(.)/\1"/'
feed 'not a digest' '/<wc:head/s/(state=")[0-9a-f]/\1G/'
feed 'state' '/<wc:state/s/(sha256=")[0-9a-f]{8}/\100000000/'
feed "not the head's" '/<wc:state/s/(serial=)"2"/\1"3"/'
for when in 2026-13-01T00:00:00Z 2026-11-24T00:00:00+01:00 \
    '2026-11-24 00:00:00Z' 2026-11-24T23:59:60Z 10000-01-01T00:00:00Z; do
	feed 'time\|date' "0,/<updated>/s/(<updated>)[^<]*/\1$when/"
done
for href in file:///etc/passwd ../../x https://evil.example/x \
    'pool/..%2Fx' "history/$(printf %064d 0).xml"; do
	feed 'history\|href\|link' "s|(href=\")history/[^\"]*|\1$href|"
done
feed 'more than one\|twice\|second\|again' '/<wc:head/{p}'
feed "has no 'head'" '/<wc:head/d'
feed 'missing\|link' '/href="history/d'
feed 'entry' '/<entry>/,/<\/entry>/d'
feed 'not a feed id' '0,/urn:uuid:/s/urn:uuid:/urn:uuie:/'

# XML.
attack 'a DOCTYPE' 4 "'feed.atom': .*DOCTYPE" put '<!DOCTYPE feed>'
attack 'an external entity' 4 "'feed.atom': .*DOCTYPE" \
    put '<!DOCTYPE feed [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
attack 'a parameter entity' 4 "'feed.atom': .*DOCTYPE" \
    put '<!DOCTYPE feed [<!ENTITY % x SYSTEM "http://127.0.0.1:1/"> %x;]>'
attack 'an external DTD' 4 "'feed.atom': .*DOCTYPE" \
    put '<!DOCTYPE feed SYSTEM "http://127.0.0.1:1/x.dtd">'
laughs() {
	{
		printf '<!DOCTYPE feed [<!ENTITY l0 "ha">'
		for i in 1 2 3 4 5 6 7 8 9; do
			printf '<!ENTITY l%d "' "$i"
			for j in 1 2 3 4 5 6 7 8 9 10; do
				printf '&l%d;' $((i - 1))
			done
			printf '">'
		done
		printf ']>'
	} >"$T/laughs"
	resign -e "1e cat $T/laughs" -e 's/<title>The/<title>\&l9;/'
}
attack 'a billion laughs' 4 "'feed.atom': .*DOCTYPE" laughs
feed 'line .*: ' 's/<title>The/<title>\&xxe;/'
feed 'comment' '3i <!-- hello -->'
feed 'processing instruction' '3i <?xml-stylesheet href="x.xsl"?>'
feed 'CDATA' 's/<title>The News/<title><![CDATA[The News]]>/'
feed 'UTF-16\|encoding' '1i <?xml version="1.0" encoding="UTF-16"?>'
feed 'encoding' '1i <?xml version="1.0" encoding="UTF-7"?>'
feed '1.1' '1i <?xml version="1.1"?>'
feed 'not UTF-8' 's/<title>The/<title>\xc0\xaf/'
feed 'byte order mark' '1s/^/\xef\xbb\xbf/'
feed 'malformed' '/<\/entry>/d'
deep() {
	for i in $(seq 200); do printf '<x>'; done >"$T/deep"
	for i in $(seq 200); do printf '</x>'; done >>"$T/deep"
	resign "2r $T/deep"
}
attack 'an abyss' 4 "'feed.atom': .*deep" deep
wide() {
	for i in $(seq 1000); do printf ' a%d=""' "$i"; done >"$T/wide"
	resign "s/<title>/<title$(cat "$T/wide")>/"
}
attack 'an element with a thousand attributes' 4 "'feed.atom': .*attributes" \
    wide
big() {
	head -c 300000 /dev/zero | tr '\0' a >"$T/big"
	resign "/<title>The/r $T/big"
}
attack 'a document over the limit' 4 'feed.atom\|larger' big

# History.
history 'not a number' 's/(<serial n=)"2"/\1"0x2"/'
history 'not a number' 's/(<step from=)"1"/\1"+1"/'
history 'too large' 's/(<step from=)"1"/\1"9223372036854775808"/'
history 'not a digest' 's/(<step [^>]*href=")./\1/'
history 'not a number' 's/(number=)"1"/\1"-1"/'
history 'DOCTYPE' '1i <!DOCTYPE history>'
history 'malformed' '/<\/history>/d'
history 'another feed' 's/(feed="urn:uuid:)......../\101234567/'
history '.' 's/(<serial n=)"2"/\1"40"/'
attack 'history without a step' 3 'no way from serial 1 to 2' \
    without_step '/<step/d'
