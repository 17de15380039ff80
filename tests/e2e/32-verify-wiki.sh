#!/bin/sh
# verify --wiki tells of each shared item whether a wiki has it.
. tests/e2e/lib.sh

mkdir -p "$T/from/Help.files"
printf '[state]\ndir = %s\n' "$T/none" >"$T/none.conf"
export WIKICAST_CONFIG="$T/none.conf"
publisher "files:$T/from" 'patterns = BadContent' 'pages = *'
printf 'help\n' >"$T/from/Help.txt"
printf 'picture' >"$T/from/Help.files/p.png"
printf '#acl All:read\n#format wiki\nlocked\n' >"$T/from/Locked.txt"
printf 'spam.example\n' >"$T/from/BadContent.txt"
printf 'draft\n' >"$T/from/SandBox.txt"
publish --now
DIR=$T/site/news
ID=$(sed -n 's/^<id>\(.*\)<\/id>$/\1/p;T;q' "$DIR/feed.atom")

compare() { # WIKI [OPTION...]
	wiki=$1
	shift
	expect 0 wikicast verify --signer "$KEY" --wiki "$wiki" "$@" "$DIR"
}
counts() {
	[ "$(tail -n 1 "$T/out")" = "$wiki: $1" ] ||
		fail "not '$1' but '$(tail -n 1 "$T/out")'"
}
told() { grep -qE "$1" "$T/out" || fail "no line like '$1'"; }

cp -a "$T/from" "$T/here"
compare "files:$T/here"
counts '5 same, 0 edited, 0 missing, 0 not selected'
[ "$(wc -l <"$T/out")" = 2 ] || fail "same items are told without -v"
compare "files:$T/here" -v
told '^attachment +Help +p\.png +same'
told '^patterns +BadContent +- +same'

echo more >>"$T/here/Help.txt"
printf 'picturf' >"$T/here/Help.files/p.png"
rm "$T/here/SandBox.txt"
printf 'mine\n' >"$T/here/OwnPage.txt"
printf 'picture\377\n' >"$T/here/Locked.txt"
compare "files:$T/here"
counts '1 same, 3 edited, 1 missing, 0 not selected'
told '^page +Help +- +edited'
told '^attachment +Help +p\.png +edited'
told '^page +SandBox +- +missing'
told '^page +Locked +- +edited +.*UTF-8'
grep -q OwnPage "$T/out" && fail "a page that is not shared is told"
ok "same, edited and missing items of a wiki of files"

# A MoinMoin wiki, whose #acl line is another.
page() { # FOLDER TEXT
	mkdir -p "$T/moin/pages/$1/revisions"
	echo 00000001 >"$T/moin/pages/$1/current"
	printf "$2" | sed 's/$/\r/' >"$T/moin/pages/$1/revisions/00000001"
}
mkdir -p "$T/moin/pages" "$T/moin/user"
: >"$T/moin/edit-log"
page Help 'help\n'
page Locked '#acl Known:read,write\n#format wiki\nlocked\n'
page BadContent 'spam.example\n'
mkdir "$T/moin/pages/Help/attachments"
cp "$T/from/Help.files/p.png" "$T/moin/pages/Help/attachments/"
compare "moin:$T/moin"
counts '4 same, 0 edited, 1 missing, 0 not selected'
told '^page +Locked +- +same +but for its #acl lines'
page Locked '#acl Known:read,write\n#format wiki\nopen\n'
compare "moin:$T/moin"
told '^page +Locked +- +edited'
page Locked '#format wiki\nlocked\n'
compare "moin:$T/moin"
told '^page +Locked +- +same +but for its #acl lines'
ok "texts are the same with and without #acl lines"

cat >"$T/follow.conf" <<END
[state]
dir = $T/none
[follow news]
mirror = http://127.0.0.1/news/
id = $ID
signer = $KEY
wiki = moin:$T/moin
not = Sand*
END
compare "moin:$T/moin" -c "$T/follow.conf"
counts '3 same, 0 edited, 0 missing, 2 not selected'
[ "$(grep -c '^page' "$T/out")" = 1 ] || fail "what is not selected is told"
compare "moin:$T/moin" -c "$T/follow.conf" -v
told '^page +SandBox +- +not selected +not chosen'
told '^patterns +BadContent +- +not selected +gives power, no grant'
echo 'grant = BadContent' >>"$T/follow.conf"
compare "moin:$T/moin" -c "$T/follow.conf"
counts '4 same, 0 edited, 0 missing, 1 not selected'
expect 0 wikicast verify -c "$T/follow.conf" --wiki "moin:$T/moin" "$DIR"
compare "moin:$T/moin" -c "$T/follow.conf" --json
python3 - "$T/out" <<'END' || fail "--json is not as it should be"
import json, sys
rows = [json.loads(line) for line in open(sys.argv[1])]
items = [r["result"] for r in rows if r["type"] == "item"]
assert sorted(items) == ["not selected"] + 4 * ["same"], items
assert rows[-1]["type"] == "wiki" and rows[-1]["same"] == 4, rows[-1]
END
ok "what a [follow] does not choose is not missed"

expect 2 wikicast verify --signer "$KEY" --wiki nothing:/ "$DIR"
expect 6 wikicast verify --signer "$KEY" --wiki "files:$T/none" "$DIR"
expect 4 wikicast verify --wiki "files:$T/here" "$DIR"
grep -q ' same, ' "$T/out" && fail "a folder that nobody vouches for counts"
rm "$DIR/history/"*
expect 4 wikicast verify --signer "$KEY" --wiki "files:$T/here" "$DIR"
grep -q ' same, ' "$T/out" && fail "a folder that is bad counts"
ok "a wiki is only compared with a folder that is good"
