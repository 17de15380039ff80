#!/bin/sh
# Only the languages that a wiki chose arrive, with all that has none; what is
# no longer among them stays, and is told of.
. tests/e2e/lib.sh
. tests/e2e/crash-wikis.sh

cd "$T" || exit 1
moin_folder master
moin_folder mine
publisher "moin:$T/master/data" 'pages = *'
there() { moin_save master "$1" "$2"; }
text() {
	page=mine/data/pages/$1
	cat "$page/revisions/$(cat "$page/current" 2>/dev/null)" 2>/dev/null |
		tr -d '\r'
}
has() {
	printf "$2" >want
	text "$1" | cmp -s - want || fail "$1 is '$(text "$1")'"
}
status() { expect 0 wikicast status -c me.conf "$@"; }
sees() { grep -q -- "$1" "$T/out" || fail "no '$1': $(cat "$T/out")"; }
nothing_new() {
	stamp mine >one
	fetches me 0 -q
	silent
	stamp mine >two
	cmp -s one two || fail "written again"
}
chooses() {
	follower me "file://$T/site/news/" "wiki = moin:$T/mine/data" "$@"
}

there English '#language en\none\n'
there British '#language en-gb\none\n'
there Deutsch '#language de\neins\n'
there Francais '#language fr\nun\n'
there Neither 'one\n'
for p in English Francais; do
	mkdir -p master/data/pages/$p/attachments
	echo $p >master/data/pages/$p/attachments/a.txt
done
publish
chooses 'languages = en de'
fetches me 0
has English '#language en\none\n'
has British '#language en-gb\none\n'
has Deutsch '#language de\neins\n'
has Neither 'one\n'
[ ! -e mine/data/pages/Francais ] ||
	fail "a page, or its attachment, of another language"
[ -e mine/data/pages/English/attachments/a.txt ] || fail "no attachment"
said "2 items are not installed"
status news
sees "page 'Francais' *skipped *its language 'fr' is not chosen"
sees "attachment 'a.txt' of 'Francais' *skipped *its language 'fr'"
id=$(sed -n 's/.*<id>\(urn:uuid:[^<]*\)<.*/\1/p' site/news/feed.atom | head -n 1)
chooses 'languages = en de' "id = $id"
expect 0 wikicast verify -c me.conf --wiki "moin:$T/mine/data" site/news
sees ' 5 same, 0 edited, 0 missing, 2 not selected'
nothing_new
ok "chosen languages arrive, and what has none"

# The publisher changes a page's language.
there English '#language fr\nun\n'
publish
fetches me 0 -q
said "page 'English': left: its language 'fr' is not chosen; what was installed stays"
has English '#language en\none\n'
status
sees '^news .* 5 *2 *1 '
! grep -q "page 'English'" "$T/out" || fail "left ones are always listed"
status -v
sees "page 'English' *left *its language 'fr'"
expect 0 wikicast log -c me.conf --item English
sees "left *page 'English'"
nothing_new
moin_save mine English '#language en\none, here\n'
moin_delete master English
publish
fetches me 0
has English '#language en\none, here\n'
status -v
! grep -q "page 'English'" "$T/out" || fail "it is not the feed's any more"
ok "a page whose language changes stays, and so it does when the feed drops it"

# The administrator changes the list, in the run that brings a removal.
there Deutsch '#language de\nzwei\n'
there Zwei '#language de\nzwei\n'
publish
fetches me 0
has Zwei '#language de\nzwei\n'
moin_delete master Zwei
there Deutsch '#language de\ndrei\n'
publish
chooses 'languages = en'
fetches me 0 -n
said "page 'Deutsch': left: its language 'de' is not chosen"
fetches me 0 -q
has Deutsch '#language de\nzwei\n'
has Zwei '#language de\nzwei\n'
status --json
python3 -c 'import json, sys
rows = [json.loads(line) for line in sys.stdin]
feed = [r for r in rows if r["type"] == "feed"][0]
assert feed["left"] == 1, feed
assert feed["state"] == "up to date", feed
assert [r["item"] for r in rows if r.get("answer") == "left"] \
    == ["page \x27Deutsch\x27"], rows
' <"$T/out" || fail "JSON: $(cat "$T/out")"
nothing_new
chooses 'languages = en de fr'
fetches me 0
has Deutsch '#language de\ndrei\n'
has Francais '#language fr\nun\n'
[ -e mine/data/pages/Francais/attachments/a.txt ] || fail "no attachment"
status -v
! grep -q ' left ' "$T/out" || fail "still left: $(cat "$T/out")"
nothing_new
ok "a language that is given up and taken up again loses nothing"

# Many that are left are not a page of messages.
for n in $(seq 10 39); do there P$n '#language de\nviel\n'; done
publish
fetches me 0
chooses 'languages = en'
fetches me 0 -q
[ "$(wc -l <"$T/err")" = 11 ] || fail "$(cat "$T/err")"
said "2[0-9] more items are left; 'wikicast status news' tells which"
nothing_new
ok "of many that are left ten are told singly"
