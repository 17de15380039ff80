#!/bin/sh
# From one wiki to another: what is published arrives, byte for byte; without
# news nothing is said, asked for twice, or written.
. tests/e2e/lib.sh

mkdir "$T/wiki" "$T/mine"
cd "$T" || exit 1
publisher "files:$T/wiki" 'pages = *' 'patterns = BadContent' \
    'interwiki = InterWikiMap'
follower me "file://$T/site/news/" "wiki = files:$T/mine" 'grant = *'

printf 'Welcome.\n' >wiki/Start.txt
printf 'no line end' >wiki/Help%2FFirst\ Steps.txt
: >wiki/Empty.txt
printf 'Übung — 日本語 🙂\n' >'wiki/Größe%2F100%25 日本語.txt'
printf 'spam\\.example\n# comment\n' >wiki/BadContent.txt
printf 'Wiki http://wiki.example/\n' >wiki/InterWikiMap.txt
mkdir wiki/Start.files 'wiki/Größe%2F100%25 日本語.files'
head -c 70000 /dev/urandom >wiki/Start.files/bytes.bin
printf 'x' >'wiki/Größe%2F100%25 日本語.files/résumé 1.txt'
head -c 120000 /dev/zero | tr '\0' a >wiki/Long.txt

publish
fetches me 0
same_wiki wiki mine
grep -q '^news *news *1 *9 *0 ' "$T/out" ||
	fail "the result is not told: $(cat "$T/out")"
ok "a first copy has every page and attachment, whatever its name"

stamp mine >before
stamp me.state >before.state
stamp site >before.site
fetches me 0 -q
silent
fetches me 0 --json
[ "$(number requests)" = 1 ] && [ "$(number installed)" = 0 ] ||
	fail "no news, but: $(cat "$T/out")"
expect 0 wikicast gen -q -c pub.conf
silent
stamp mine | cmp -s - before || fail "the wiki was written to"
stamp site | cmp -s - before.site || fail "the tree was written to"
ok "without news nothing is said and nothing is written"

printf 'Welcome back.\n' >wiki/Start.txt
rm wiki/Empty.txt 'wiki/Größe%2F100%25 日本語.files/résumé 1.txt'
printf 'new\n' >wiki/New.txt
head -c 70000 /dev/urandom >wiki/Start.files/bytes.bin
publish
[ "$(serial site/news/feed.atom)" = 2 ] || fail "not the second serial"
fetches me 0 --json
[ "$(number installed)" = 3 ] && [ "$(number removed)" = 2 ] ||
	fail "not exactly what changed: $(cat "$T/out")"
[ ! -e mine/Empty.txt ] && [ ! -e "mine/Größe%2F100%25 日本語.files/résumé 1.txt" ] ||
	fail "what was dropped is still there"
same_wiki wiki mine
[ "$(cat mine/Start.txt.~1~)" = 'Welcome.' ] ||
	fail "the text before is not kept"
ok "an update brings exactly what changed, and keeps what was before"

printf 'Welcome for the third time.\n' >wiki/Start.txt
publish
fetches me 0 --json
[ "$(number requests)" = 1 ] || fail "a small step is not inside the feed"
same_wiki wiki mine
ok "a small update is one request"

printf '[nonsense]\n' >bad.conf
expect 2 wikicast fetch -c bad.conf
expect 2 wikicast gen -c bad.conf
expect 2 wikicast fetch -c me.conf other
follower other "file://$T/site/news/" "wiki = files:$T/mine"
sed 's/^signer = ./signer = 0/; s/^\(signer = .\)./\11/' other.conf >o.conf
mv o.conf other.conf
fetches other 4
follower nobody "file://$T/nowhere/" "wiki = files:$T/mine"
fetches nobody 3
follower lost "file://$T/site/news/" "wiki = files:$T/not-there"
fetches lost 6
mv wiki gone
expect 6 wikicast gen -c pub.conf
mv gone wiki
expect 0 wikicast gen -c pub.conf
same_wiki wiki mine
ok "exit statuses tell what kind of trouble it is"

# As a person or a script reads it with nothing but ordinary tools.
tail -n 1 site/news/feed.atom | sed 's/.* //;s/?>$//' | base64 -d >feed.sig
head -n -1 site/news/feed.atom |
	gpg --homedir gnupg --batch -q --verify feed.sig - 2>gpg.out ||
	fail "gpg does not verify the feed: $(cat gpg.out)"
snapshot=$(ls site/news/pool/*/*.tar.zst | head -n 1)
zstd -dqc "$snapshot" | tar -tf - >list || fail "tar cannot read a snapshot"
grep -q '^items/Help%2FFirst Steps/text$' list || fail "$(cat list)"
gpg --homedir gnupg --batch -q --verify "$snapshot.sig" "$snapshot" \
    2>gpg.out || fail "gpg does not verify a snapshot: $(cat gpg.out)"
ok "gpg, zstd and tar read what is published"
