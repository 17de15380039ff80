#!/bin/sh
# An administrator takes a publisher's mistake back: the wiki returns to an
# earlier serial, as new revisions, and stays there until resume.
. tests/e2e/lib.sh

cd "$T" || exit 1
mkdir -p mine/data/pages mine/data/user mine/underlay/pages wiki
: >mine/data/edit-log
text() { # PAGE, in the follower's wiki, without CR
	tr -d '\r' <"mine/data/pages/$1/revisions/$(
		cat "mine/data/pages/$1/current")"
}
is() { [ "$(text "$1")" = "$2" ] || fail "$1 has '$(text "$1")', not '$2'"; }
there() { [ -e "mine/data/pages/$1/revisions/$(
	cat "mine/data/pages/$1/current")" ]; }
revisions() { ls "mine/data/pages/$1/revisions" | wc -l; }
publisher "files:$T/wiki" 'pages = *'
follower me "file://$T/site/news/" "wiki = moin:$T/mine/data" \
    "after = $T/hook.sh"
printf '#!/bin/sh\necho "$WIKICAST_SERIAL" >>%s/hook\n' "$T" >hook.sh
chmod +x hook.sh
rolls() {
	status=$1
	shift
	expect "$status" wikicast rollback -c me.conf "$@"
}
rolls 2 news 1
said 'was not fetched yet'
echo one >wiki/A.txt
echo kept >wiki/B.txt
publish
fetches me 0
echo two >wiki/A.txt
echo new >wiki/C.txt
publish
fetches me 0
echo mistake >wiki/A.txt
rm wiki/B.txt
publish
fetches me 0
is A mistake
there B && fail 'B is still there'

rolls 2 news
said "'--before TIME'"
rolls 2 news 1 --before 1d
rolls 2 news x
rolls 2 news 9
said 'there is: 1, 2, 3'
rolls 2 other 1
rolls 2 news --before 3d
said 'no serial is known'
stamp mine >before
rolls 0 news 2 -n --json
[ "$(number installed)" = 2 ] || fail "$(cat out)"
stamp mine | cmp -s - before || fail 'a rehearsal changed the wiki'
fetches me 0 -q
stamp mine | cmp -s - before || fail 'a rehearsal is remembered'
ok 'only a serial that was here can be gone back to; -n only tells'

rolls 0 news 2 --json
[ "$(number installed)" = 2 ] && [ "$(number removed)" = 0 ] ||
	fail "$(cat out)"
is A two
is B kept
is C new
[ "$(revisions A)" = 4 ] || fail "history of A: $(revisions A)"
tail -n 1 hook | grep -qx 2 || fail "hook: $(cat hook)"
tail -n 2 mine/data/edit-log | grep -q '(news 2)\|news 2' ||
	fail "$(cat mine/data/edit-log)"
stamp mine >before
fetches me 0 -q
silent
rolls 0 news 2
stamp mine | cmp -s - before || fail 'something is written again'
ok 'pages go back as new revisions, and once'

# The feed goes on; the wiki does not, until resume.
echo four >wiki/A.txt
publish
fetches me 0 -q
stamp mine | cmp -s - before || fail 'the hold does not hold'
expect 0 wikicast status -c me.conf --json
grep '"type":"feed"' out >row
python3 - row <<'PY' || fail "$(cat row)"
import json, sys
row = json.load(open(sys.argv[1]))
sys.exit(not (row["state"] == "rolled back" and row["serial"] == 4 and
              row["held_at"] == 2 and row["settled"] == 2))
PY
expect 0 wikicast log -c me.conf
grep -q 'rolled back' out || fail "$(cat out)"
rolls 0 news 1 --json
[ "$(number removed)" = 1 ] || fail "$(cat out)"
is A one
there C && fail 'C is still there'
expect 0 wikicast resume -c me.conf news
grep -q 'from serial 1 to 4' out || fail "$(cat out)"
fetches me 0
is A four
there B && fail 'B is still there'
is C new
ok 'the hold lasts, goes further back, and resume ends it'

# Somebody's edit is nobody's to undo.
mkdir -p edited
echo five >wiki/C.txt
publish
fetches me 0
n=$(printf '%08d' $(($(revisions C) + 1)))
printf 'by hand\r\n' >"mine/data/pages/C/revisions/$n"
echo "$n" >mine/data/pages/C/current
rolls 6 news 4
is C 'by hand'
expect 0 wikicast resume -c me.conf news
ok 'a local edit stays through a rollback, and is told of'

# As a run leaves it that dies when the hold is durable.
echo six >wiki/A.txt
publish
fetches me 0
is A six
python3 - me.state/follow.db <<'PY'
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.execute("UPDATE feed SET held_at = 5")
db.commit()
PY
fetches me 0
is A four
ok 'what a rollback could not do, the next fetch does'

# Held at what the store has lost, as after a fork: nothing is guessed.
python3 - me.state/follow.db <<'PY'
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.execute("UPDATE feed SET settled = 0")
db.execute("DELETE FROM arrival WHERE serial = 5")
db.commit()
PY
stamp mine >before
fetches me 6
said "is held at serial 5, which is not known here any more"
stamp mine | cmp -s - before || fail 'something is installed'
python3 - me.state/follow.db <<'PY'
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.execute("INSERT INTO arrival SELECT id, 5, 0 FROM feed")
db.commit()
PY
ok 'a hold at a state that is gone needs a person'

expect 0 wikicast resume -c me.conf news
rolls 0 news 5
is A four
cp -a pub twin
cp -a wiki wiki2
sed "s,$T/pub\$,$T/twin,; s,$T/site\$,$T/site2,; s,files:$T/wiki,files:$T/wiki2," \
    pub.conf >twin.conf
cp -a site site2
echo here >wiki/D.txt
publish
echo elsewhere >wiki2/D.txt
expect 0 wikicast gen -q -c twin.conf
fetches me 0 -q
sed -i "s,/site/news,/site2/news," me.conf
fetches me 4
expect 0 wikicast resume -c me.conf news
fetches me 0
[ "$(text D)" = elsewhere ] || fail "D has '$(text D)'"
ok 'resume ends fork and hold together'

# Removals that a person asks for wait for nobody, however many they are; and
# what is held stays on the shelf for as long as the hold.
for n in $(seq 30); do echo "$n" >wiki2/Many$n.txt; done
again() { expect 0 wikicast gen -q -c twin.conf; }
at=$(serial site2/news/feed.atom)
again
fetches me 0
is Many30 30
rolls 0 news "$at" --json
[ "$(number removed)" = 30 ] || fail "$(cat out)"
# months: all that has arrived came before what is kept for its time.
months() {
	python3 - me.state/follow.db <<'PY'
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.execute("UPDATE arrival SET time = time - 90 * 86400")
db.commit()
PY
}
for n in $(seq 20); do
	echo "edition $n" >wiki2/A.txt
	again
	fetches me 0 -q
	months
done
fetches me 0 -q
there Many30 && fail 'Many30 is back'
rolls 0 news "$at"
expect 0 wikicast resume -c me.conf news
fetches me 0
is A 'edition 20'
is Many30 30
echo 'edition 21' >wiki2/A.txt
again
fetches me 0
rolls 2 news "$at"
said "serial $at was not here, or too long ago"
rolls 0 news $((at + 21))
is A 'edition 20'
ok 'a hold keeps its state, however old; without one the oldest go'
