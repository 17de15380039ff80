#!/bin/sh
# verify finds a published folder good, and names whatever is bent in it.
. tests/e2e/lib.sh

OTHER=$(make_key "$T/gnupg2" mallory)
mkdir -p "$T/wiki" "$T/empty"
printf '[state]\ndir = %s\n' "$T/none" >"$T/none.conf"
export WIKICAST_CONFIG="$T/none.conf"
publisher "files:$T/wiki" 'patterns = BadContent' 'pages = *'

# Serials 1 to 5, a jump to 16, and on to 70: three history documents, and a
# second snapshot after much that was new.
i=0
edit_and_publish() {
	i=$((i + 1))
	echo "page $i" >"$T/wiki/Page$((i % 7)).txt"
	echo "spam$i.example" >>"$T/wiki/BadContent.txt"
	[ $((i % 9)) = 0 ] && rm "$T/wiki/Page$(((i - 3) % 7)).txt"
	publish --now "$@"
}
while [ $i -lt 5 ]; do edit_and_publish; done
edit_and_publish --after 15
while [ $i -lt 40 ]; do edit_and_publish; done
# Undone by the next serial: the step over both is the shortest, and does not
# name what is between them.
cp "$T/wiki/Page1.txt" "$T/page1"
head -c 90000 /dev/urandom | base64 >"$T/wiki/Page1.txt"
edit_and_publish
head -c 3000 /dev/urandom | base64 >>"$T/page1"
cp "$T/page1" "$T/wiki/Page1.txt"
edit_and_publish
head -c 90000 /dev/urandom | base64 >"$T/wiki/Page1.txt"
edit_and_publish
cp "$T/page1" "$T/wiki/Page1.txt"
edit_and_publish
while [ $i -lt 60 ]; do edit_and_publish; done
GOOD=$T/site/news
ID=$(sed -n 's/^<id>\(.*\)<\/id>$/\1/p;T;q' "$GOOD/feed.atom")

# verify STATUS [OPTION...] FOLDER, as someone who trusts the publisher.
verify() {
	want=$1
	shift
	expect "$want" wikicast verify --signer "$KEY" "$@"
}
# told KIND NAME RESULT: there is such a row.
told() {
	grep -qE "^$1 +$2 +$3( |\$)" "$T/out" && return 0
	cat "$T/out" "$T/err"
	fail "no line that says $1 $2 $3"
}
copy() { rm -rf "$T/bad" && cp -a "$GOOD" "$T/bad"; }

verify 0 -v "$GOOD"
grep -q ': serial 70 of urn:uuid:[-0-9a-f]*, 8 items; [0-9]* good, [0-9]* orphan$' \
    "$T/out" || fail "the summary is another: $(tail -n 1 "$T/out")"
cp "$T/out" "$T/all"
for kind in feed key network history snapshot signature step; do
	grep -q "^$kind .* good" "$T/all" || fail "no $kind was looked at"
done
[ "$(grep -c '^history .* good' "$T/all")" = 3 ] || fail "not all history"
[ "$(grep -c '^snapshot .* good' "$T/all")" = 2 ] || fail "not 2 snapshots"
grep -q 'only its manifest' "$T/all" && fail "some step was not followed"
verify 0 "$GOOD"
[ "$(wc -l <"$T/out")" = 1 ] || fail "good files are told without -v"
verify 0 -q "$GOOD"
[ ! -s "$T/out" ] || fail "-q says something of a good folder"
verify 0 --json "$GOOD"
[ "$(wc -l <"$T/out")" = "$(($(grep -c ' good\| orphan' "$T/all")))" ] ||
	fail "--json has another number of lines"
python3 - "$T/out" <<'END' || fail "--json is not as it should be"
import json, sys
rows = [json.loads(line) for line in open(sys.argv[1])]
last = rows.pop()
assert last["type"] == "folder" and last["vouched"] is True, last
assert last["serial"] == 70 and last["items"] == 8, last
assert last["good"] == sum(r["result"] == "good" for r in rows), last
assert all(r["type"] == "file" for r in rows)
END
ok "a published folder is good, history, steps and snapshots included"

# The first serial, and the one behind a jump, have nothing but a snapshot: once
# two newer ones are there, history has no row for them any more.
grow() {
	for n in 1 2 3; do
		head -c 90000 /dev/urandom | base64 >"$T/wiki/$1$n.txt"
		publish
	done
}
mv "$T/pub.conf" "$T/pub1.conf"
sed "s|$T/pub$|$T/pub3|; s|$T/site|$T/site3|" "$T/pub1.conf" >"$T/pub.conf"
grow A
verify 0 "$T/site3/news"
publish --after 20
grow B
verify 0 "$T/site3/news"
mv "$T/pub1.conf" "$T/pub.conf"
ok "a first serial whose snapshot has left is no fault"

# ---- one byte more, less, other, or all of them gone ----

bend() { # HOW FILE
	python3 - "$1" "$2" <<'END'
import os, sys
how, name = sys.argv[1:]
data = bytearray(open(name, "rb").read())
if how == "flip":
    data[len(data) // 2] ^= 1
elif how == "cut":
    data.pop()
elif how == "add":
    data += b"\n"
elif how == "empty":
    data.clear()
os.unlink(name)
if how != "remove":
    open(name, "wb").write(data)
END
}
# pick KIND NUMBER: the name of that good file.
pick() {
	sed -n "s/^$1 *\([^ ]*\) .*/\1/p" "$T/all" | sed -n "$2p"
}
for kind in feed network history snapshot signature step; do
	# The oldest step may be gone.
	[ $kind = step ] && numbers='2 80' || numbers='1 2'
	for number in $numbers; do
		name=$(grep ' good' "$T/all" |
			sed -n "s/^$kind *\([^ ]*\) .*/\1/p" |
			sed -n "${number}p")
		[ -n "$name" ] || continue
		for how in flip cut add empty remove; do
			copy
			bend $how "$T/bad/$name"
			verify 4 "$T/bad"
			case $how in
			remove)	told $kind "$name" missing ;;
			*)	told $kind "$name" bad ;;
			esac
		done
	done
done
for how in cut empty remove; do
	copy
	[ $how = cut ] && head -n 3 "$GOOD/key.asc" >"$T/bad/key.asc" ||
		bend $how "$T/bad/key.asc"
	verify 4 --certificate "$GOOD/key.asc" "$T/bad"
	grep -q '^key .*\(bad\|missing\)' "$T/out" || fail "key.asc is passed"
	verify 4 "$T/bad"
	grep -q 'key\.asc' "$T/out" || fail "key.asc is not named"
done
ok "each sort of file, bent or gone, ends 4 and is named"

swap() {
	copy
	mv "$T/bad/$1" "$T/aside"
	mv "$T/bad/$2" "$T/bad/$1"
	mv "$T/aside" "$T/bad/$2"
	verify 4 "$T/bad"
	told '[a-z]*' "$1" bad
	told '[a-z]*' "$2" bad
}
swap "$(pick step 1)" "$(pick step 2)"
swap "$(pick history 1)" "$(pick history 2)"
swap "$(pick snapshot 1)" "$(pick snapshot 2)"
swap "$(pick signature 1)" "$(pick signature 2)"
swap "$(pick snapshot 1)" "$(pick step 1)"
swap "$(pick network 1)" "$(pick history 1)"
ok "files that have changed places are found"

copy
ln -sf "$GOOD/$(pick step 1)" "$T/bad/$(pick step 1)"
mkdir "$T/bad/more"
rm "$T/bad/$(pick network 1)"
mkdir "$T/bad/$(pick network 1)"
mkfifo "$T/bad/history/pipe"
verify 4 "$T/bad"
told step "$(pick step 1)" bad
told network "$(pick network 1)" bad
told file more stray
told file history/pipe stray
ok "links, folders and pipes in a file's place are no files"

# ---- what may be there, and what may be gone ----

copy
: >"$T/bad/.feed.new"
: >"$T/bad/pool/.x.new"
: >"$T/bad/notes.txt"
verify 0 "$T/bad"
told file '\.feed\.new' stray
told file 'pool/\.x\.new' stray
told file notes.txt stray
grep -q 'a temporary file' "$T/out" || fail "temporary files are not told"
old=$(sed -n 's/^history *\([^ ]*\) *orphan.*/\1/p' "$T/all" | head -n 1)
bend flip "$T/bad/$old"
verify 4 "$T/bad"
told history "$old" bad
ok "strays are listed, old files wait, and those that lie are bad"

# Steps of a serial: "gone N" removes the files of all serials up to N.
wikicast verify --json --signer "$KEY" "$GOOD"/pool/*/*.step.zst >"$T/steps"
gone() {
	python3 - "$T/steps" "$1" <<'END' | while read -r name; do
import json, sys
for line in open(sys.argv[1]):
    row = json.loads(line)
    if row["type"] == "step" and row["serial"] <= int(sys.argv[2]):
        print("pool/" + row["name"].split("/pool/")[1])
END
		rm -f "$T/bad/$name"
	done
}
copy
gone 20
verify 0 -v "$T/bad"
grep -q '^step .* gone' "$T/out" || fail "old steps are not told as gone"
grep -q 'only its manifest' "$T/out" || fail "a step from nowhere was followed"
verify 0 "$T/bad"
[ "$(wc -l <"$T/out")" = 1 ] || fail "what is gone is told without -v"
grep -q ', [0-9]* gone$' "$T/out" || fail "what is gone is not counted"
# The first history document, which is last in the list.
rm "$T/bad/$(pick history 3)"
verify 0 "$T/bad"
gone 40
verify 4 "$T/bad"
grep -q '^step .* missing' "$T/out" || fail "newer steps may be gone"
copy
rm "$T/bad/$(pick history 2)"
verify 4 "$T/bad"
told history "$(pick history 2)" missing
ok "the oldest files may be gone, but nothing newer than one that is there"

# ---- whom to trust ----

expect 4 wikicast verify --signer "$OTHER" "$GOOD"
told feed feed.atom bad
expect 4 wikicast verify --signer "$OTHER" --certificate "$GOOD/key.asc" "$GOOD"
expect 4 wikicast verify "$GOOD"
grep -q "^$KEY\$" "$T/out" || fail "the fingerprint is not told"
grep -q 'signed by a key that nothing here vouches for' "$T/err" ||
	fail "it is not said that nobody vouches"
expect 4 wikicast verify --signer "$KEY" --signer "$OTHER" --threshold 2 "$GOOD"
grep -q '1 of 2 needed' "$T/out" || fail "the threshold does not count"
expect 0 wikicast verify --signer "$KEY" --signer "$OTHER" --threshold 1 "$GOOD"
for usage in "--signer $KEY --signer $OTHER" '--threshold 1' '--signer x' \
    "--certificate $T/nothing" "-c $T/nothing"; do
	# shellcheck disable=SC2086 # several words
	expect 2 wikicast verify $usage "$GOOD"
done
expect 2 wikicast verify
expect 2 wikicast verify "$T/nothing"
expect 2 wikicast verify "$GOOD" "$GOOD"
verify 4 "$T/empty"
told feed feed.atom missing

follow() {
	cat >"$T/follow.conf" <<END
[state]
dir = $T/none
[follow other]
mirror = http://127.0.0.1/other/
id = urn:uuid:00000000-0000-4000-8000-000000000000
signer = $OTHER
wiki = files:$T/wiki
[follow news]
mirror = http://127.0.0.1/news/
id = $1
signer = $2
wiki = files:$T/wiki
on-local-edit = merge
END
}
follow "$ID" "$KEY"
expect 0 wikicast verify -c "$T/follow.conf" "$GOOD"
follow "$ID" "$OTHER"
expect 4 wikicast verify -c "$T/follow.conf" "$GOOD"
grep -q '\[follow news\]' "$T/out" || fail "the section is not named"
follow urn:uuid:00000000-0000-4000-8000-000000000001 "$KEY"
expect 4 wikicast verify -c "$T/follow.conf" "$GOOD"
grep -q 'nothing here vouches for' "$T/err" || fail "another feed's pins count"
follow "$ID" "$KEY"
rm "$T/bad/key.asc" && copy && rm "$T/bad/key.asc"
echo "certificate = $GOOD/key.asc" >>"$T/follow.conf"
expect 4 wikicast verify -c "$T/follow.conf" "$T/bad"
told key key.asc missing
[ "$(grep -c 'missing\|bad' "$T/out")" = 2 ] || fail "certificate is not read"
ok "signers come from the command line or the configuration, or from nowhere"

# ---- signed well, and wrong ----

sign() { "$B/tests/support/wcsign" "$T/gnupg" "$KEY" "$T/bad/feed.atom" >"$T/sign" 2>&1 || fail "cannot sign: $(cat "$T/sign")"; }
# edit EXPRESSION: of the feed, signed again.
edit() {
	sed -i "$1" "$T/bad/feed.atom"
	sign
}
copy
edit 's/^<updated>[^<]*/<updated>2020-01-01T00:00:00Z/;s/expires="[^"]*/expires="2020-02-01T00:00:00Z/'
verify 5 "$T/bad"
told feed feed.atom expired
bend flip "$T/bad/$(pick step 1)"
verify 4 "$T/bad"
copy
edit '1,/<updated>/s/^<updated>[^<]*/<updated>2999-01-01T00:00:00Z/;s/expires="[^"]*/expires="2999-02-01T00:00:00Z/'
verify 4 "$T/bad"
told feed feed.atom bad
copy
edit 's/<feed /<!DOCTYPE feed><feed /'
verify 4 "$T/bad"
told feed feed.atom bad

# Changes of the signers are never removed; what they say is for followers.
copy
edit 's/trust="0"/trust="2"/'
verify 4 "$T/bad"
told trust 'trust/1\.xml' missing
mkdir "$T/bad/trust"
for n in 1 2; do
	echo "<trust n=\"$n\"/>" >"$T/bad/trust/$n.xml"
	"$B/tests/support/wcsign" "$T/gnupg" "$KEY" "$T/bad/trust/$n.xml" ||
		fail "cannot sign"
done
verify 0 "$T/bad"
echo >"$T/bad/trust/3.xml"
echo '<trust n="2"/>' >"$T/bad/trust/2.xml"
verify 4 "$T/bad"
told trust 'trust/2\.xml' bad
told file 'trust/3\.xml' stray

# lie EXPRESSION: of a history document (the newest), with feed and name anew.
lie() {
	copy
	name=$(pick history 1)
	zstd -q -d -c "$T/bad/$name" | sed "$1" >"$T/lie.xml"
	zstd -q -19 --content-size --check "$T/lie.xml" -o "$T/lie.zst" -f
	sum=$(sha256sum <"$T/lie.zst" | cut -c1-64)
	mv "$T/lie.zst" "$T/bad/history/$sum.xml.zst"
	edit "s,$name\" length=\"[0-9]*,history/$sum.xml.zst\" length=\"$(wc -c <"$T/bad/history/$sum.xml.zst"),"
}
lie s/x/x/
verify 0 "$T/bad"
lie 's/<serial n="69" state="../<serial n="69" state="00/'
verify 4 "$T/bad"
grep -q 'manifest: .* another state at serial 69' "$T/out" ||
	fail "a state that no step makes is passed"
lie 's/<serial n="70" state="../<serial n="70" state="00/'
verify 4 "$T/bad"
told history "history/$sum.xml.zst" bad
lie '/<serial n="67"/,/<\/serial>/s/<step .*//'
verify 4 "$T/bad"
told history 'serial 67' bad
lie 's/feed="urn:uuid:......../feed="urn:uuid:00000000/'
verify 4 "$T/bad"
told history "history/$sum.xml.zst" bad
lie 's/<skip to="1" href="..../<skip to="1" href="0000/'
verify 0 "$T/bad"
lie 's/<skip to="2" href="..../<skip to="2" href="0000/'
verify 4 "$T/bad"
lie 's/ number="3"/ number="2"/'
verify 4 "$T/bad"
ok "what is signed and wrong is found too"

find "${TMPDIR:-/tmp}" -maxdepth 1 -name 'scratch-*' -newer "$T/pub.conf" \
    -user "$(id -un)" >"$T/left" 2>/dev/null
[ ! -s "$T/left" ] || fail "scratch folders are left: $(cat "$T/left")"
ok "nothing is left behind"
