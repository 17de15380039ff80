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
