#!/bin/sh
# verify checks single files: snapshots by their own signature, feeds by
# theirs, steps as far as that goes.
. tests/e2e/lib.sh

OTHER=$(make_key "$T/gnupg2" mallory)
mkdir -p "$T/wiki" "$T/apart"
printf '[state]\ndir = %s\n' "$T/none" >"$T/none.conf"
export WIKICAST_CONFIG="$T/none.conf"
publisher "files:$T/wiki" 'pages = *'
for i in 1 2 3; do
	echo "page $i" >"$T/wiki/Page$i.txt"
	echo "line $i" >>"$T/wiki/Page1.txt"
	publish --now
done
cd "$T/site/news" || exit 1
SNAPSHOT=$(echo pool/*/*.tar.zst)
ID=$(sed -n 's/^<id>\(.*\)<\/id>$/\1/p;T;q' feed.atom)
says() { grep -q "$1" "$T/out" "$T/err" || fail "it does not say '$1'"; }

expect 0 wikicast verify --signer "$KEY" "$SNAPSHOT"
says "^[^ ]*$SNAPSHOT: snapshot, serial 1 of $ID, 1 items, state [0-9a-f]*$"
expect 0 wikicast verify --signer "$KEY" feed.atom
says "feed.atom: feed, serial 3 of $ID, state [0-9a-f]*, signed at 20"
expect 0 wikicast verify pool/*/*.step.zst
[ "$(grep -c ": step, serial [23] of $ID" "$T/out")" = 2 ] ||
	fail "not all steps were read"
expect 0 wikicast verify -v pool/*/*.step.zst
says 'only its shape was checked'
expect 0 wikicast verify --signer "$KEY" "$SNAPSHOT" feed.atom pool/*/*.step.zst
(cd "${SNAPSHOT%/*}" && expect 0 wikicast verify --signer "$KEY" "${SNAPSHOT##*/}") ||
	exit 1
expect 0 wikicast verify --json --signer "$KEY" "$SNAPSHOT"
python3 - "$T/out" <<'END' || fail "--json is not as it should be"
import json, sys
tell, row = [json.loads(line) for line in open(sys.argv[1])]
assert (tell["type"], tell["serial"], tell["items"]) == ("snapshot", 1, 1)
assert row["result"] == "good", row
END
ok "good files say what they are"

# Away from its folder a file keeps its signature, and may have another name.
cp "$SNAPSHOT" "$T/apart/mine.tar.zst"
expect 4 wikicast verify --signer "$KEY" "$T/apart/mine.tar.zst"
says 'mine.tar.zst.sig. is missing'
cp "$SNAPSHOT.sig" "$T/apart/mine.tar.zst.sig"
expect 4 wikicast verify --signer "$KEY" "$T/apart/mine.tar.zst"
says 'certificate'
expect 0 wikicast verify --signer "$KEY" --certificate key.asc \
    "$T/apart/mine.tar.zst"
ok "a snapshot is known by its signature, wherever it lies"

for how in 'printf x >>' 'truncate -s -1' 'printf x | dd conv=notrunc bs=1 seek=200 status=none of='; do
	cp "$SNAPSHOT" "$T/apart/mine.tar.zst"
	case $how in
	*=) eval "$how$T/apart/mine.tar.zst" ;;
	*) eval "$how $T/apart/mine.tar.zst" ;;
	esac
	expect 4 wikicast verify --signer "$KEY" --certificate key.asc \
	    "$T/apart/mine.tar.zst"
	says 'mine.tar.zst .* bad .*does not match'
done
step=$(echo pool/*/*.step.zst | cut -d' ' -f1)
name=${step##*/}
cp "$step" "$T/apart/$name"
printf x >>"$T/apart/$name"
expect 4 wikicast verify "$T/apart/$name"
says 'its content is not what its name says'
head -c 40 "$step" >"$T/apart/short.step.zst"
expect 4 wikicast verify "$T/apart/short.step.zst"
sed 's/<title>/<title>!/' feed.atom >"$T/apart/x.atom"
expect 4 wikicast verify --signer "$KEY" --certificate key.asc "$T/apart/x.atom"
says 'x.atom .* bad .*does not match'
ok "a file that was bent is bad"

for file in "$SNAPSHOT" feed.atom; do
	expect 4 wikicast verify "$file"
	says 'signed by a key that nothing here vouches for'
	says "^$KEY\$"
	expect 4 wikicast verify --signer "$OTHER" "$file"
	says 'is not trusted here'
	for id in "$ID" urn:uuid:00000000-0000-4000-8000-000000000000; do
		cat >"$T/follow.conf" <<END
[state]
dir = $T/none
[follow other]
mirror = http://127.0.0.1/other/
id = urn:uuid:00000000-0000-4000-8000-000000000009
signer = $OTHER
wiki = files:$T/wiki
[follow news]
mirror = http://127.0.0.1/news/
id = $id
signer = $KEY
wiki = files:$T/wiki
END
		[ "$id" = "$ID" ] && want=0 || want=4
		expect $want wikicast verify -c "$T/follow.conf" "$file"
	done
done
ok "who signed is known from the command line, the configuration, or not"

cp feed.atom "$T/apart/old.atom"
sed -i 's/^<updated>[^<]*/<updated>2020-01-01T00:00:00Z/;s/expires="[^"]*/expires="2020-02-01T00:00:00Z/' \
    "$T/apart/old.atom"
"$B/tests/support/wcsign" "$T/gnupg" "$KEY" "$T/apart/old.atom" ||
	fail "cannot sign"
expect 5 wikicast verify --signer "$KEY" --certificate key.asc \
    "$T/apart/old.atom"
expect 4 wikicast verify --signer "$KEY" --certificate key.asc \
    "$T/apart/old.atom" "$T/apart/short.step.zst"
: >"$T/apart/readme.txt"
expect 2 wikicast verify "$T/apart/readme.txt"
expect 2 wikicast verify "$T/apart/none.tar.zst"
expect 2 wikicast verify --wiki "files:$T/wiki" feed.atom
ok "an expired feed, and what is no file of the format, have their status"
