#!/bin/sh
# A pattern that would lock authors out or hang the wiki is found by lint.
. tests/e2e/lib.sh

# ---- lists ----

printf '#format plain\r\nspammer\\.example\r\n(a+)+$\r\n\r\ncasino|  # all\r\n' \
    >"$T/list"
printf 'buy-pills\\.example\n' >"$T/good"
expect 4 wikicast lint "$T/good" "$T/list"
printf '%s\n' "$T/list:3: (a+)+\$: can run away: a repeat of nothing but a repeat" \
    "$T/list:5: casino|: matches the empty string" '4 patterns, 2 bad' >"$T/want"
diff "$T/want" "$T/out" || fail "other words are said"
expect 0 wikicast lint "$T/good"
expect 4 wikicast lint -q - <"$T/list"
grep -q '^-:3: ' "$T/out" || fail "the standard input is not read"
expect 4 wikicast lint --json "$T/list"
python3 - "$T/out" <<'END' || fail "--json is wrong: $(cat "$T/out")"
import json, sys
rows = [json.loads(line) for line in open(sys.argv[1])]
assert [row["type"] for row in rows] == ["pattern", "pattern", "lint"]
assert rows[0]["line"] == 3 and rows[0]["pattern"] == "(a+)+$"
assert rows[1]["reason"] == "matches the empty string"
assert rows[2]["patterns"] == 3 and rows[2]["bad"] == 2
END
expect 2 wikicast lint "$T/none"
said "does not exist"
expect 2 wikicast lint
ok "bad lines are told of, with their reasons"

printf 'spam\\x1b[31mmer\033[31m\n' >"$T/list"
expect 4 wikicast lint "$T/list"
grep -q "$(printf '\033')" "$T/out" && fail "the terminal is driven"
ok "a list cannot drive the terminal"

# ---- a wiki ----

page() { # FOLDER TEXT
	mkdir -p "$T/moin/pages/$1/revisions"
	echo 00000001 >"$T/moin/pages/$1/current"
	printf '%b' "$2" | sed 's/$/\r/' >"$T/moin/pages/$1/revisions/00000001"
}
mkdir -p "$T/moin/pages" "$T/moin/user"
: >"$T/moin/edit-log"
page BikeShop 'We repair Bicycles.\n'
page BadContent 'tricycle-spam\n'
printf 'bicycle\nBikeShop\ntricycle-spam\nspammer.example\n' >"$T/list"
expect 0 wikicast lint "$T/list"
expect 4 wikicast lint --wiki "moin:$T/moin" "$T/list"
grep -q "^$T/list:1: bicycle: matches page 'BikeShop'\$" "$T/out" ||
	fail "a page is not searched"
grep -q "^$T/list:2: " "$T/out" || fail "the page's name is not searched"
grep -q '^4 patterns, 2 bad$' "$T/out" || fail "more is bad: $(cat "$T/out")"
expect 2 wikicast lint --wiki "none:$T/moin" "$T/list"
ok "no pattern may match a page of the wiki, but for its lists"

# ---- gen ----

mkdir -p "$T/from"
publisher "files:$T/from" 'patterns = BadContent' 'pages = *'
follower here "file://$T/site/news/" "wiki = moin:$T/moin" 'grant = BadContent'
rm -r "$T/moin/pages/BadContent"

# list_is LINE...: what the wiki has is exactly this.
list_is() {
	current=$T/moin/pages/BadContent/revisions/$(cat \
	    "$T/moin/pages/BadContent/current")
	tr -d '\r' <"$current" >"$T/is"
	printf '%s\n' "$@" | diff - "$T/is" >"$T/difference" ||
		fail "another list: $(cat "$T/difference")"
}
# publish_list LINE...
publish_list() {
	printf '%s\n' "$@" >"$T/from/BadContent.txt"
	publish --now
}
published() { # LINE...: the feed has exactly these
	rm -rf "$T/seen" "$T/seen.state"
	mkdir "$T/seen"
	follower seen "file://$T/site/news/" "wiki = files:$T/seen" 'grant = *'
	fetches seen 0 -q
	printf '%s\n' "$@" | diff - "$T/seen/BadContent.txt" >"$T/difference" ||
		fail "another list is published: $(cat "$T/difference")"
}
echo 'Carpets from afar' >"$T/from/Shop.txt"
publish_list '# ours' 'spammer\.example' 'carpets' '(a+)+$' 'casino-spam # all'
said "line 3: 'carpets' matches page 'Shop'"
said "line 4: '(a+)+\$' can run away"
published '# ours' 'spammer\.example' 'casino-spam # all'
publish --now
silent
publish_list '# ours' 'spammer\.example' 'carpets' '(a+)+$' 'casino-spam # all' \
    ''
grep -q . "$T/err" && fail "it is told again: $(cat "$T/err")"
expect 0 wikicast gen -v -c "$T/pub.conf"
publish_list '# ours' 'spammer\.example' 'carpets' '.*' 'casino-spam # all' ''
said "'\.\*' matches the empty string"
grep -q carpets "$T/err" && fail "the old one is told of again"
before=$(serial "$T/site/news/feed.atom")
publish_list '# ours' 'spammer\.example' 'carpets' 'x*' 'casino-spam # all' ''
[ "$(serial "$T/site/news/feed.atom")" = "$before" ] ||
	fail "a new bad line alone is published as news"
grep -q 'x\*' "$T/from/BadContent.txt" || fail "the wiki was changed"
ok "gen leaves out what no follower should install, and tells of each once"

# Of what is published already nothing goes: a page may come to match it.
echo 'casino-spam is a word' >"$T/from/Shop.txt"
publish_list '# ours' 'spammer\.example' 'casino-spam # all' 'carpets'
published '# ours' 'spammer\.example' 'casino-spam # all' 'carpets'
publish_list '# ours' 'spammer\.example' 'casino-spam # all' 'casino-spam' \
    'carpets' 'twice+|' 'twice+|' 'casino-spam # all'
published '# ours' 'spammer\.example' 'casino-spam # all' 'casino-spam' \
    'carpets' 'casino-spam # all'
rm "$T/from/Shop.txt"
ok "what was published stays, and a line is judged anew with its list"

# The texts of earlier runs are known by their windows only.
echo 'Hammocks' >"$T/from/Shop.txt"
publish --now
echo 'We sell hammocks' >"$T/from/Other.txt"
publish_list 'spammer\.example' 'carpets' 'casino-spam # all' 'hammocks' \
    'umbrellas'
said "'hammocks' matches page 'Other'"
grep -q umbrellas "$T/err" && fail "'umbrellas' matches no page"
rm "$T/from/Other.txt"
publish_list 'spammer\.example' 'carpets' 'casino-spam # all' 'Hammocks'
said "'Hammocks' matches page 'Shop'"
rm "$T/from/Shop.txt"
publish_list '# ours' 'spammer\.example' 'casino-spam # all' 'carpets'
ok "pages are searched that changed in this update, before it, or long ago"

# ---- fetch ----

publish_list '# ours' 'spammer\.example' 'bicycle' 'casino-spam # all'
fetches here 0
list_is '# ours' 'spammer\.example' 'casino-spam # all'
said "the pattern 'bicycle' is left out: it matches page 'BikeShop'"
[ "$(grep -c 'left out' "$T/err")" = 1 ] || fail "more is left out"
ok "a line that matches a page here is left out, the rest goes in"

expect 0 wikicast verify --signer "$KEY" --wiki "moin:$T/moin" "$T/site/news"
grep -q 'same  *but for 1 patterns left out' "$T/out" ||
	fail "verify calls it edited: $(cat "$T/out")"
fetches here 0 -q
silent
expect 0 wikicast status -c "$T/here.conf"
grep -q "^news .*BadContent.* bicycle .*matches page 'BikeShop'" "$T/out" ||
	fail "status does not list it: $(cat "$T/out")"
expect 0 wikicast status --json -c "$T/here.conf"
grep -q '"type": *"quarantine".*"pattern": *"bicycle"' "$T/out" ||
	fail "status --json does not list it"
expect 0 wikicast log -c "$T/here.conf"
grep -q 'left out' "$T/out" || fail "the log does not have it"
ok "it is told of once, and listed by status"

publish_list '# ours' 'spammer\.example' 'bicycle' 'casino-spam # all' \
    'BIKESHOP' 'new-spam'
expect 0 wikicast fetch -n -c "$T/here.conf"
said "'BIKESHOP' would be left out"
list_is '# ours' 'spammer\.example' 'casino-spam # all'
fetches here 0
list_is '# ours' 'spammer\.example' 'casino-spam # all' 'new-spam'
said "'BIKESHOP' is left out"
grep -q "'bicycle'" "$T/err" && fail "the old one is told of again"
ok "an update goes in without its bad line, and only that is told of"

# A page that the feed brought, and that was edited here since, is this wiki's.
echo 'Of gardens' >"$T/from/Garden.txt"
publish_list 'spammer\.example' 'bicycle' 'BIKESHOP' 'gardens-spam'
fetches here 0
revision=$(cat "$T/moin/pages/Garden/current")
next=0000000$((${revision#0000000} + 1))
printf 'Of tulipmania\r\n' >"$T/moin/pages/Garden/revisions/$next"
echo "$next" >"$T/moin/pages/Garden/current"
publish_list 'spammer\.example' 'bicycle' 'BIKESHOP' 'tulipmania'
fetches here 0
said "'tulipmania' is left out: it matches page 'Garden'"
ok "a page that was edited since the feed brought it is looked at, too"

# The wiki's people change the page: with the next change the line goes in.
page BikeShop 'We repair cars.\n'
publish_list 'spammer\.example' 'bicycle' 'BIKESHOP' 'http://127\.0\.0\.1'
fetches here 0
list_is 'spammer\.example' 'bicycle'
expect 0 wikicast status -c "$T/here.conf"
grep -q ' bicycle ' "$T/out" && fail "status still lists it"
ok "lines in quarantine are judged anew when the list changes"

echo 'allow = BIKESHOP' >>"$T/here.conf"
fetches here 0
list_is 'spammer\.example' 'bicycle' 'BIKESHOP'
sed -i '/^allow/d' "$T/here.conf"
fetches here 0
list_is 'spammer\.example' 'bicycle'
ok "allow lets a line in, as long as it stands there"
