#!/bin/sh
# Twelve wikis as tests/bench/rumour.py makes sixty: a master that is killed,
# mirrors that lie and notifications that are lost together, and no
# notifications at all; in the end all have what the master signed.
. tests/e2e/lib.sh

command -v fcgiwrap >/dev/null || skip "there is no fcgiwrap"
WIKICAST=$B/bin/wikicast
export WIKICAST
expect 0 python3 -B tests/bench/rumour.py "$T" small both polling
[ "$(grep -c '^rumour, 12 wikis, .* all ' "$T/out")" = 2 ] ||
	fail "$(cat "$T/out")"
ok "$(cat "$T/out")"
