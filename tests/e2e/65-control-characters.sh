#!/bin/sh
# What drives terminals, ends lines or turns the direction of text, and bytes
# that are no text: from a publisher with a good key, and in wikis that are
# published.
. tests/e2e/lib.sh
. tests/e2e/attack.sh
# B is a page, C a pattern list; A stands in the snapshot.
FEED_LINE='patterns = C'
attack_start 'grant = *'

# ---- what a manifest says of an edit ----

# manifest LABEL TEXT CHANGE: of the step's, and refused.
manifest() {
	attack "$1" 4 "step of serial 2: .*$2" forge step manifest "$3"
}
# The signs of FORMAT section 3, as XML can write them.
for c in 9 a d 7f 85 9f 2028 2029 202a 202e 2066 2069; do
	why="has the character U+$(printf %04X 0x$c)"
	manifest "U+$c in author" "page 'B': author: $why" \
	    "format=>author=\"Eve&#x$c;SAVE\" format"
	manifest "U+$c in comment" "page 'B': comment: $why" \
	    "format=>comment=\"Eve&#x$c;SAVE\" format"
	manifest "U+$c in a page's name" "page name 'B.*': $why" \
	    "name=\"B=>name=\"B&#x$c;"
done
manifest 'a tab in a language' "'en?' is not a language tag" \
    'format=>lang="en&#9;" format'
manifest 'a line end in a format' "'?text' is not a format" \
    'format="=>format="&#10;'
attack_first 'a tab in author' 4 \
    "snapshot of serial 1: .*page 'A': author: has the character U+0009" \
    forge snapshot manifest 'format=>author="Eve&#9;SAVE" format'
for c in 0 1 1b 1f fffe ffff d800; do
	manifest "U+$c in author, which no XML has" "'manifest.xml'" \
	    "format=>author=\"Eve&#x$c;SAVE\" format"
done
for bytes in '\x00' '\x1b' '\xff' '\xc0\x89' '\xed\xa0\x80'; do
	attack "the bytes $bytes in author" 4 \
	    "step of serial 2: 'manifest.xml'" forge step manifest-bytes \
	    "format=>author=\"Eve${bytes}SAVE\" format"
done
# A line end as it stands is a blank to XML.
again
forge step manifest-bytes 'format=>comment="one\ntwo" format'
fetches f 0 -q
silent
same_wiki "$T/wiki" "$T/mine"
ok 'a line end in an attribute is a blank'

# ---- what a feed says for people ----

for c in 9 a 9b 202e; do
	why="has the character U+$(printf %04X 0x$c)"
	attack "U+$c in the feed's title" 4 "'feed.atom': title: $why" \
	    resign "0,/<title/s|(<title>)[^<]*|\1Good\&#x$c;news|"
	attack "U+$c in the feed's author" 4 "'feed.atom': author: $why" \
	    resign "s|(<name>)[^<]*|\1Good\&#x$c;news|"
	attack "U+$c in the entry's title" 4 "'feed.atom': entry: title: $why" \
	    resign "/<entry>/,$ s|(<title>)[^<]*|\1Good\&#x$c;news|"
done
attack "an escape in the feed's title" 4 "'feed.atom': " \
    resign "0,/<title/s|(<title>)[^<]*|\1Good\&#x1b;news|"

# ---- what an item holds ----

# What was signed as serial 2 stays signed: the publisher jumps ahead of it.
cp -a "$T/site" "$T/second"
publish --after 2
mv "$T/site" "$T/jumped"
mv "$T/second" "$T/site"
well() { mirror_has "$T/jumped"; }

# content LABEL TEXT BYTES: of a page and of a pattern list.
content() {
	attack "a page with $1" 4 "step of serial 2: 'items/B/text': $2" \
	    forge step content "B=$3"
	attack "a pattern list with $1" 4 \
	    "step of serial 2: 'items/C/text': $2" \
	    forge step content "C=$3"
}
content 'CRLF' 'the text has a carriage return' 'one\r\ntwo\n'
content 'a lone CR' 'the text has a carriage return' 'one\rtwo\n'
content 'CR at the end' 'the text has a carriage return' 'one\n\r'
content 'a NUL' 'the text has a NUL' 'one\x00two\n'
content 'a byte order mark' 'the text starts with a byte order mark' \
    '\xef\xbb\xbfone\n'
content 'UTF-16' 'the text has a NUL' '\xff\xfeo\x00n\x00e\x00\n\x00'
content 'Latin-1' 'the text is not UTF-8' 'caf\xe9\n'
content 'an overlong form' 'the text is not UTF-8' 'a\xc0\xafb\n'
content 'a surrogate' 'the text is not UTF-8' 'a\xed\xa0\x80b\n'
content 'a pair of surrogates' 'the text is not UTF-8' \
    'a\xed\xa0\xbd\xed\xb8\x80b\n'
content 'what is above U+10FFFF' 'the text is not UTF-8' 'a\xf4\x90\x80\x80b\n'
content 'half a character at its end' 'the text is not UTF-8' 'a\n\xe2\x82'
attack_first 'a page with a NUL' 4 \
    "snapshot of serial 1: 'items/A/text': the text has a NUL" \
    forge snapshot content 'A=one\x00two\n'

# The rest is text, and comes as it is; but no pattern has a line end in it that
# only some readers see, nor another control character.
body='\x1b[2J\x07\tNEL \xc2\x85LS \xe2\x80\xa8.\xef\xbb\xbf\x0b\x0c\x1c\xef\xbf\xbe\n'
again
forge step content "B=$body"
fetches f 0 -q
silent
python3 -c 'import sys
sys.stdout.buffer.write(sys.argv[1].encode().decode("unicode_escape")
    .encode("latin-1"))' "$body" >"$T/want"
cmp "$T/want" "$T/mine/B.txt" || fail 'a text is not byte for byte'
ok 'all other characters of a text come as they are'
for end in '\xc2\x85' '\xe2\x80\xa8' '\xe2\x80\xa9' '\x0b' '\x0c' '\x1c' \
    '\x1d' '\x1e' '\x07' '\x1b'; do
	again
	forge step content "C=spam-one.example\nspam-two.example${end}.*\n"
	fetches f 0 -q
	[ "$(wc -l <"$T/err")" = 1 ] || fail "not one line: $(cat "$T/err")"
	said "page 'C': the pattern 'spam-two.*' is left out: .*hidden line end"
	harmless
	[ "$(cat "$T/mine/C.txt")" = spam-one.example ] ||
		fail "$(cat "$T/mine/C.txt")"
	ok "a pattern with $end is left out, the rest goes in"
done
