#!/bin/sh
# Steps that are compressed against what the reader has: made against something
# else, with sizes that are not so, for another state; and what is odd and right.
. tests/e2e/lib.sh
. tests/e2e/attack.sh

text() { # WORD: of which a change is short
	for n in $(seq 40); do echo "line $n of $1"; done
}
first_edit() {
	text A >"$T/wiki/A.txt"
	text B >"$T/wiki/B.txt"
	text C >"$T/wiki/C.txt"
	echo stays >"$T/wiki/0.txt"
}
# In the order of the manifest: what is put, then what is dropped.
second_edit() {
	cat "$T/wiki/A.txt" "$T/wiki/B.txt" "$T/wiki/C.txt" >"$T/prefix"
	SIZE=$(wc -c <"$T/wiki/A.txt")
	sed -i 's/line 7 .*/another line/' "$T/wiki/A.txt" "$T/wiki/B.txt"
	rm "$T/wiki/C.txt"
}
attack_start
cp "$T/prefix" "$WEB.prefix"

step() { # TEXT CASE [ARGUMENT]
	text=$1
	shift
	attack "$*" 4 "step of serial 2: .*$text" forge step "$@"
}
taken() { # WHAT FUNCTION...
	label=$1
	shift
	again
	"$@"
	: >"$T/requests"
	expect 0 wikicast fetch -v -c "$T/f.conf"
	! grep -q 'another way' "$T/err" || fail "$(cat "$T/err")"
	! grep -q '^GET .*\.tar\.zst' "$T/requests" ||
		fail "a snapshot was fetched"
	same_wiki "$T/wiki" "$T/mine"
	ok "$label"
}

taken 'the step as it is' true
taken 'the same step, made by another compressor' forge step no-change
taken 'a step that makes no use of its prefix' forge step prefix-none

for how in longer cut "turned	$SIZE"; do
	step '' prefix-$how
done
for by in 1 -1 512; do
	step 'zstd frame\|bytes' size-in-frame "$by"
	step 'where .* are signed\|allowed\|bytes' unpacked "$by"
done
head -c 100000 /dev/urandom | split -b 500 - "$T/sample-"
zstd -q --train "$T"/sample-* -o "$T/dictionary" --maxdict=4000 ||
	fail 'no dictionary can be made'
rm "$T"/sample-*
step 'dictionary' dictionary-id "$T/dictionary"

# For another state.
other=$(printf %064d 7)
manifest() { step "$1" manifest "$2=>$3"; }
manifest 'is from another state at serial 1' 'base="[^"]*' "base=\"$other"
manifest 'leads to another state at serial 2' 'state="[^"]*' "state=\"$other"
manifest "'Never' is dropped\|is dropped, and is not there" \
    'kind="page" name="C"' 'kind="page" name="Never"'
manifest 'malformed\|corrupt\|do not make the state\|match' \
    '<drop kind="page" name="C"/>' ''
manifest 'both put and dropped' 'name="C"' 'name="B"'
manifest "does not come after" '(<put [^>]*>)' '\1\1'
manifest 'a put after a drop' '(<put [^>]*>)(.*)(<drop [^>]*>)' '\3\2\1'
manifest 'unknown attribute' '<drop ' '<drop updated="2026-01-01T00:00:00Z" '
step 'do not make the state' other-text

# Not forbidden to a reader, and not what a publisher may do.
taken 'a step that puts what is there already' \
    forge step same-again 0=stays
expect 4 wikicast verify --signer "$KEY" "$WEB"
grep -q 'names what did not change' "$T/out" || fail "$(cat "$T/out")"
ok 'verify tells of it'

# A prefix that begins like a dictionary, with a real one and with the magic
# number alone: the contents are what a user uploaded.
mkdir "$T/wiki/A.files"
for kind in real magic; do
	case $kind in
	real) cp "$T/dictionary" "$T/wiki/A.files/a.bin" ;;
	magic) { printf '\067\244\060\354'; head -c 3000 /dev/urandom; } \
	    >"$T/wiki/A.files/a.bin" ;;
	esac
	mirror_has "$T/good"
	publish --now
	mirror_has "$T/site"
	fetches f 0
	echo more >>"$T/wiki/A.files/a.bin"
	text again >"$T/wiki/A.txt"
	publish --now
	mirror_has "$T/site"
	: >"$T/requests"
	expect 0 wikicast fetch -v -c "$T/f.conf"
	! grep -q 'another way' "$T/err" || fail "$(cat "$T/err")"
	! grep -q '^GET .*\.tar\.zst' "$T/requests" ||
		fail "a snapshot was fetched"
	same_wiki "$T/wiki" "$T/mine"
	expect 0 wikicast verify -q --signer "$KEY" "$T/site/news"
	ok "a prefix that begins like a dictionary: $kind"
done
