#!/bin/sh
# What the format promises of rumours, with the programs' own decisions: some
# runs of the simulation, whose chance is the same each time.
. tests/e2e/lib.sh

"$B/tests/sim/sim" 40 1000 "$T/curves.svg" >"$T/table" ||
	fail "$(cat "$T/table")"
grep -q '^| 1000 | rumour alone | 40 | 99' "$T/table" || fail "$(cat "$T/table")"
python3 -c 'import sys, xml.dom.minidom as x; x.parse(sys.argv[1])' \
    "$T/curves.svg" || fail "the picture is no XML"
ok "a rumour reaches 99 of 100 wikis, and polling the others"
