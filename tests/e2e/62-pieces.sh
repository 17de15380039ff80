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

expect 0 wikicast mirror --signer "$KEY" --state copy.state \
    "file://$T/site/news" copy
verify 0 copy
cmp "$table" "copy/${table#site/news/}" || fail "no table in the copy"
ok "a mirror has the table, too"
