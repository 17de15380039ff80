#!/bin/sh
# A snapshot of more than 8 MiB comes in pieces from many mirrors at once; each
# piece is checked, and a mirror that lies in one is found by it.
. tests/e2e/lib.sh

mkdir "$T/wiki" "$T/mine"
cd "$T" || exit 1
publisher "files:$T/wiki" 'pages = *'
text() { head -c "$1" /dev/urandom | base64; }
only() { # SUFFIX: the one file of the pool that ends so
	set -- site/news/pool/*/*"$1"
	[ $# = 1 ] && [ -e "$1" ] || fail "not one file: $*"
	echo "$1"
}

# ---- the publisher ----

text 3000000 >wiki/A.txt
publish
[ -z "$(ls site/news/pool/*/*.pieces 2>/dev/null)" ] ||
	fail "a small snapshot has a piece table"
grep -q pieces <<END && fail "history speaks of pieces"
$(zstdcat site/news/history/*)
END
ok "below 8 MiB nothing changes"

rm -r site pub
for page in B C; do text 3000000 >wiki/$page.txt; done
publish
snapshot=$(only .tar.zst)
table=$(only .pieces)
split -b 1M --filter='sha256sum | cut -c 1-64' "$snapshot" >right
cmp "$table" right || fail "the table is another"
digest=$(basename "$table" .pieces)
[ "$(sha256sum <"$table" | cut -c 1-64)" = "$digest" ] || fail "its name"
zstdcat site/news/history/* | grep -q "<snapshot .* pieces=\"$digest\" \
pieces-length=\"$(stat -c %s "$table")\"/>" || fail "$(zstdcat site/news/history/*)"
ok "a snapshot of $(stat -c %s "$snapshot") bytes has a piece table"

verify() { expect "$1" wikicast verify -v --signer "$KEY" "$2"; }
verify 0 site/news
grep -q "^pieces .*$digest.* good" "$T/out" || fail "not looked at"
cp -a site bad
rm "bad/${table#site/}"
verify 4 bad/news
grep -q "^pieces .*$digest.* missing" "$T/out" || fail "not missed"
sed 1d "$table" >"bad/${table#site/}"
verify 4 bad/news
grep -q "^pieces .*$digest.* bad" "$T/out" || fail "not found out"
rm -r bad
ok "verify looks at the table"

rm -r pub
publish
verify 0 site/news
cmp "$table" right || fail "the table is another"
ok "a publisher without its database keeps the table"

cp -a site bad
rm "bad/${table#site/}"
sed "s|$T/site|$T/bad|; s|$T/pub|$T/bad.pub|" pub.conf >bad.conf
expect 0 wikicast gen -c bad.conf
said 'made anew from the published tree'
echo news >wiki/D.txt
expect 0 wikicast gen -q -c bad.conf
verify 0 bad/news
grep -q '^pieces' "$T/out" && fail "a table out of nothing"
rm -r bad wiki/D.txt
ok "a table that is lost with the database is not named any more"

expect 0 wikicast mirror --signer "$KEY" --state copy.state \
    "file://$T/site/news" copy
verify 0 copy
cmp "$table" "copy/${table#site/news/}" || fail "no table in the copy"
ok "a mirror has the table, too"

# ---- the followers ----

# Two good mirrors, one that lies in each of the first pieces (so that it does
# in the one that it is asked for, whichever that is), and one without ranges.
cp -a site liar
python3 - "liar/${snapshot#site/}" <<'END'
import sys
with open(sys.argv[1], "r+b") as f:
    for piece in range(4):
        f.seek((piece << 20) + 99)
        byte = f.read(1)[0] ^ 1
        f.seek((piece << 20) + 99)
        f.write(bytes([byte]))
END
start_nginx good1 "$T/site"; ONE=http://127.0.0.1:$PORT/news/
start_nginx good2 "$T/site"; TWO=http://127.0.0.1:$PORT/news/
start_nginx liar "$T/liar"; LIAR=http://127.0.0.1:$PORT/news/
start_nginx none "$T/site; max_ranges 0"; NONE=http://127.0.0.1:$PORT/news/

# asked STATUS LOG...: what was asked of the snapshot, a line for each answer of
# that status: bytes sent, range.
asked() {
	status=$1
	shift
	for log; do
		awk -v status="$status" '$7 ~ /tar\.zst$/ && $9 == status {
			print $10, $NF }' "$log/access.log"
	done
}
# all_of LINE...: the snapshot's bytes, each once: "BYTES "bytes=FROM-TO""
all_of() {
	python3 - "$(stat -c %s "$snapshot")" 3<&0 <<'END' || fail "$*"
import os, re, sys
at = 0
parts = []
for line in os.fdopen(3):
    sent, first, last = map(int, re.fullmatch(
        r'(\d+) "bytes=(\d+)-(\d+)"\n', line).groups())
    assert sent == last - first + 1, line
    parts.append((first, last))
for first, last in sorted(parts):
    assert first == at, parts
    at = last + 1
assert at == int(sys.argv[1]), parts
END
}

follower me "$ONE" "wiki = files:$T/mine" "serve = $T/served/news"
sed -i "s|^mirror = .*|&\nmirror = $TWO\nmirror = $LIAR\nmirror = $NONE|" me.conf
fetches me 0 -v
same_wiki wiki mine
asked 206 good1 good2 | all_of "the good mirrors did not send each byte once"
[ -n "$(asked 206 good1)" ] && [ -n "$(asked 206 good2)" ] ||
	fail "one of the good mirrors sent nothing"
[ "$(asked 206 liar | wc -l)" = 1 ] || fail "liar: $(asked 206 liar)"
[ "$(asked 200 none | wc -l)" = 1 ] || fail "no ranges: $(asked 200 none)"
[ "$(asked 200 none | cut -d ' ' -f 1)" -lt $((4 << 20)) ] ||
	fail "the file was read on: $(asked 200 none)"
said "mirror '$LIAR': '.*tar.zst': piece [1-4]: has another digest"
said "mirror '$NONE': '.*tar.zst': piece [1-4]: answers with all of the file"
expect 0 wikicast status -c me.conf -v
[ "$(grep -c 'has another digest' "$T/out")" = 1 ] || fail "$(cat "$T/out")"
ok "each piece comes once, from the good mirrors; a liar is told after one"

verify 0 served/news
cmp "$table" "served/${table#site/}" || fail "no table in the copy"
[ "$(cat good1/access.log good2/access.log liar/access.log none/access.log |
	grep -c '\.pieces ')" = 1 ] || fail "the table was asked for twice: $(cat */access.log)"
ok "what a wiki serves has the table, which was fetched once"

# The liar and the one without ranges by themselves: all of it, as ever.
rm -r mine me.state && mkdir mine
follower me "$LIAR" "wiki = files:$T/mine"
sed -i "s|^mirror = .*|&\nmirror = $NONE|" me.conf
fetches me 0 -q
silent
same_wiki wiki mine
ok "where no good mirror has ranges the file comes as a whole"

# ---- a run that is killed ----

bytes=$(stat -c %s "$snapshot")
half=$(((5 << 20) + 500000)) # in piece 6
echo ".tar.zst stall-at=$half" >control
"$B/tests/support/rogue" -c control -l requests site >port &
PIDS="$PIDS $!"
for try in $(seq 100); do [ -s port ] && break; sleep 0.05; done
STALLED=http://127.0.0.1:$(cat port)
rm -r mine me.state && mkdir mine
follower me "$STALLED/news/" "wiki = files:$T/mine"
sed -i "s|^mirror = .*|&\nmirror = $STALLED/./news/|" me.conf
sed -i "s|$STALLED/./|http://localhost:$(cat port)/|" me.conf
"$B/bin/wikicast" fetch -c me.conf >"$T/out" 2>&1 &
killed=$!
PIDS="$PIDS $killed"
parts() { find me.state/partial -type f -size "$1c" 2>/dev/null | wc -l; }
there() {
	[ "$(parts 1048576)" = $((bytes / 1048576 - 1)) ] &&
		[ "$(parts $((bytes % 1048576)))" = 1 ] &&
		[ "$(parts 500000)" = 1 ]
}
for try in $(seq 600); do there && break; sleep 0.05; done
there || fail "not all pieces came: $(ls -l me.state/partial; cat requests)"
kill -9 "$killed"
wait "$killed" 2>/dev/null
[ -z "$(ls mine)" ] || fail "something is installed"

: >good1/access.log
: >good2/access.log
sed -i "s|^mirror = $STALLED.*|mirror = $ONE|; s|^mirror = .*localhost.*|mirror = $TWO|" \
    me.conf
fetches me 0 -v
same_wiki wiki mine
asked 206 good1 good2 >rest
[ "$(cat rest)" = "$(((1 << 20) - 500000)) \"bytes=$half-$(((6 << 20) - 1))\"" ] ||
	fail "what was there is asked for again: $(cat rest)"
[ -z "$(ls me.state/partial)" ] || fail "left: $(ls -l me.state/partial)"
ok "a run goes on where another one was killed, in the middle of a piece"

# ---- a mirror that falls asleep ----

mkdir slow
echo '.tar.zst halt=300000' >control2
"$B/tests/support/rogue" -c control2 -l requests2 -s "$T/slow" site >port2 &
PIDS="$PIDS $!"
for try in $(seq 100); do [ -s port2 ] && break; sleep 0.05; done
SLEEPY=http://127.0.0.1:$(cat port2)/news/
: >good1/access.log
: >good2/access.log
rm -r mine me.state && mkdir mine
follower me "$ONE" "wiki = files:$T/mine"
sed -i "s|^mirror = .*|&\nmirror = $TWO\nmirror = $SLEEPY|" me.conf
# What would have to be waited for is not: see patience_preload.c.
PATIENCE_SLOW=$T/slow LD_PRELOAD=$B/tests/support/patience_preload.so \
    ASAN_OPTIONS="verify_asan_link_order=0:${ASAN_OPTIONS:-}" \
    fetches me 0 -v
same_wiki wiki mine
said "mirror '$SLEEPY': '.*tar.zst': piece [1-3]: is slow; another mirror goes"
begun=$(sed -n 's/^Range: bytes=\([0-9]*\)-.*/\1/p' requests2)
{
	asked 206 good1 good2
	echo "300000 \"bytes=$begun-$((begun + 299999))\""
} | all_of "what the slow one had sent is not used"
ok "a piece is taken over from a mirror that falls asleep, where it was"
