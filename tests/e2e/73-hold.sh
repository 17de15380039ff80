#!/bin/sh
# hold = TIME: a version of an item waits until this wiki has known it so long.
. tests/e2e/lib.sh

cd "$T" || exit 1
mkdir wiki mine
publisher "files:$T/wiki" 'pages = *'
follower me "file://$T/site/news/" "wiki = files:$T/mine" 'hold = 1d'
follower now "file://$T/site/news/" "wiki = files:$T/other"
mkdir other
# later HOURS: all that has arrived came so much earlier.
later() {
	python3 - "$T/me.state/follow.db" "$1" <<'PY'
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.execute("UPDATE arrival SET time = time - ?", (3600 * int(sys.argv[2]),))
db.commit()
PY
}
is() { [ "$(cat "mine/$1.txt" 2>/dev/null)" = "$2" ] ||
	fail "$1 has '$(cat "mine/$1.txt")', not '$2'"; }
echo one >wiki/A.txt
echo one >wiki/B.txt
publish
fetches me 0 --json
[ "$(number installed)" = 0 ] && [ "$(number waiting)" = 2 ] ||
	fail "$(cat out)"
fetches me 0 -q
silent
later 23
fetches me 0 -q
[ ! -e mine/A.txt ] || fail 'it did not wait'
expect 0 wikicast status -c me.conf news
grep 'A' out | grep -q 'waiting.*waits until 20' || fail "$(cat out)"
later 2
fetches me 0 --json
[ "$(number installed)" = 2 ] || fail "$(cat out)"
is A one
fetches me 0 --json
[ "$(number waiting)" = 0 ] || fail "$(cat out)"
ok 'a version waits, quietly, and is installed when its time has come'

# A mistake that is taken back in time never lands; what is not, does.
echo mistake >wiki/A.txt
echo two >wiki/B.txt
rm -f wiki/none
publish
fetches me 0 -q
later 20
echo better >wiki/A.txt
publish
fetches me 0 -q
is A one
is B one
later 6
fetches me 0 -q
is B two
is A one
later 20
fetches me 0 -q
is A better
ok 'only the newest version is installed, each item in its own time'

rm wiki/B.txt
publish
fetches me 0 -q
is B two
cp mine/B.txt wiki/B.txt
publish
fetches me 0 --json
[ "$(number waiting)" = 0 ] || fail "$(cat out)"
later 30
fetches me 0 -q
is B two
rm wiki/B.txt
publish
fetches me 0 -q
later 30
fetches me 0 -q
[ ! -e mine/B.txt ] || fail 'a removal waits for ever'
ok 'removals wait as well, and may be taken back'

# Without hold, at once; and when hold is taken out, what waits comes in.
fetches now 0
[ "$(cat other/A.txt)" = better ] || fail 'it waits without being asked'
echo last >wiki/A.txt
publish
fetches me 0 -q
is A better
sed -i '/^hold/d' me.conf
fetches me 0 -q
is A last
ok 'without hold nothing waits'
sed -i '$a hold = 2y' me.conf
fetches me 2
ok 'a wrong hold is refused'
