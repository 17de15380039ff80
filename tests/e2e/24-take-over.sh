#!/bin/sh
# A feed whose publisher is gone goes on from a copy; what cannot be right is
# told in a line, and nothing is made.
. tests/e2e/lib.sh

mkdir "$T/wiki" "$T/mine" "$T/empty" "$T/home"
HOME=$T/home
export HOME
cd "$T" || exit 1
publisher "files:$T/wiki" 'pages = *' 'patterns = BadContent' \
    'interwiki = Map*' 'expires = 10d' \
    'mirror = https://b.example/news/' 'mirror = http://127.0.0.1/news/' \
    'peer = https://c.example/news/ https://c.example/notify' \
    'peer = https://w2.example/news/ https://w2.example/notify' \
    'hub = https://hub.example/'
for n in 1 2 3 4 5 6 7 8; do
	echo "text $n" >"wiki/Page$n.txt"
	echo "spam$n\\.example" >>wiki/BadContent.txt
	echo "Wiki$n https://wiki$n.example/" >>'wiki/Map*.txt'
	publish
done
mkdir wiki/Page1.files
echo picture >wiki/Page1.files/dot.png
echo 'not published' >wiki/.hidden
publish
ID=$(sed -n 's|.*<id>\(urn:uuid:[^<]*\)</id>.*|\1|p' site/news/feed.atom |
	head -n 1)
expect 0 wikicast mirror --signer "$KEY" --state mirror.state \
    "file://$T/site/news/" www/news
mv pub pub.dead
mv site site.dead
cp -a www www.good
follower me "file://$T/www/news/" "wiki = files:$T/mine" 'grant = *'
fetches me 0

# GnuPG itself completes the folders that it is shown.
look() {
	stamp . | grep -v '^\./\(out\|err\|before\|after\) ' |
		grep -v '^\./\(gnupg\|empty\)'
}
look >before
nothing_made() {
	look >after
	diff before after || fail 'something was made'
}
take_over() { # STATUS [OPTION...]
	status=$1
	shift
	expect "$status" wikicast init news -c new.conf --state new \
	    --site www --url https://w2.example/news --gnupg-home gnupg \
	    --wiki files:pages --take-over www/news "$@" </dev/null
}
# refuses STATUS WORDS [OPTION...]: in one line, and makes nothing.
refuses() {
	words=$2
	status=$1
	shift 2
	take_over "$status" "$@"
	said "$words"
	[ "$(grep -vc '^wikicast: .*\( is not here\| is not chosen\)$' err)" \
	    = 1 ] || fail "not one line: $(cat err)"
	nothing_made
}

refuses 2 "there is no folder '$T/none' with the signer's key" \
    --gnupg-home none
refuses 2 "is signed by $KEY, and '$T/empty' has no such key: import" \
    --gnupg-home empty
refuses 2 "is no copy of a feed" --take-over empty
refuses 6 "No such file" --take-over none
refuses 2 'the copy has serial 9 already' --after 8
refuses 2 'no follower would take it' --after 1000009
refuses 2 'without a jump the feed goes on where its files are' --after 9 \
    --site other
OTHER=$(make_key "$T/gnupg-other" mallory) || exit 1
refuses 4 "copy 'www/news': is not signed by $OTHER: key '$KEY'" \
    --gnupg-home gnupg-other --key "$OTHER"
gpg --homedir gnupg --batch --armor --export 2>/dev/null >public.asc
gpg --homedir empty --batch -q --import public.asc 2>/dev/null
look >before
expect 2 wikicast init news -c new.conf --state new --site www \
    --url https://w2.example/news --gnupg-home empty --wiki files:pages \
    --take-over www/news </dev/null
said "no secret key '$KEY'"
[ ! -e new ] && [ ! -e new.conf ] && [ ! -e pages ] || fail 'something is made'
gpgconf --homedir "$T/empty" --kill all
rm -rf empty && mkdir empty
expect 2 wikicast init news -c new.conf --wiki files:pages --after 9 \
    --url http://x --site www --pages '*' </dev/null
said "'--after' goes with '--take-over'"
ok 'a key, a folder or a serial that cannot be right'

# bent WORDS STATUS OPTION...: after a change of the copy.
bent() {
	words=$1
	status=$2
	shift 2
	look >before
	refuses "$status" "$words" "$@"
	rm -rf www
	cp -a www.good www
}
sed -i 's/The News/Our News/' www/news/feed.atom
bent "copy 'www/news': .*does not match" 4
sed -i '$d' www/news/feed.atom
bent "copy 'www/news': " 4
rm www/news/pool/*/*.tar.zst
bent "is not whole: 1 files are missing" 4
rm www/news/history/*
bent "'history/.*' is missing" 6
for file in www/news/pool/*/*.tar.zst; do
	printf x | dd of="$file" bs=1 seek=40 conv=notrunc 2>/dev/null
done
bent "is damaged" 4
rm www/news/key.asc
bent "name the key with '--key'" 2
# One step from serial to serial: what leads over the serials before.
step=$(ls -S www/news/pool/*/*.step.zst | head -n 1)
rm "$step"
bent 'the copy lacks 1 files' 4 --after 9
ok 'a copy that is bent, or lacks what is needed'

# What a wiki lacks would go everywhere.
mkdir partial
cp -a wiki/Page[123].* wiki/BadContent.txt partial/
echo 'of this wiki' >partial/Own.txt
look >before
refuses 2 "option '--pages' is missing" --wiki files:partial
refuses 6 '6 of the feed.s 11 items would be removed everywhere' \
    --wiki files:partial --pages 'Page*'
said "page 'Page4' is not here"
said "interwiki map 'Map\\*' is not here"
refuses 6 '9 of .*does not have them (1), or no option chooses them (8)' \
    --wiki files:partial --pages Page3
said "page 'Page1' is not chosen"
cp -a wiki whole
echo 'of this wiki' >whole/Own.txt
echo edited >whole/Page2.txt
expect 0 wikicast init news -n -c new.conf --state new --site www \
    --url https://w2.example/news --gnupg-home gnupg --wiki files:whole \
    --take-over www/news --pages '*' </dev/null
said "page 'Own' is new"
said "page 'Page2' is another here"
said 'the wiki has 1 others, 1 new and lacks 0'
[ ! -e new ] && [ ! -e new.conf ] || fail 'a dry run makes something'
ok 'what would be removed, changed or added is told before'

# Where a follower of the same configuration writes, two would write.
printf '[follow news]\nmirror = http://x/news/\nsigner = %s\nserve = %s\n' \
    "$KEY" "$T/www/news" >new.conf
look >before
refuses 2 "end it first with 'wikicast unfollow news'"
rm new.conf

# A run that was cut short while it wrote the pages is done again.
mkdir pages
cp -a wiki/Page[12].* pages/
take_over 0
rm pages/.??* 2>/dev/null
same_wiki wiki pages
for line in 'pages = \*' 'patterns = BadContent' 'interwiki = Map?' \
    'expires = 10d' 'title = "The News"' 'hub = https://hub.example/' \
    'mirror = https://w2.example/news/' 'mirror = https://b.example/news/' \
    'peer = https://c.example/news/ https://c.example/notify'; do
	grep -qx "$line" new.conf || fail "no '$line': $(cat new.conf)"
done
[ "$(grep -c '^mirror\|^peer' new.conf)" = 3 ] ||
	fail "other mirrors: $(cat new.conf)"
grep -q "those who follow know 'https://w2.example/news/'" out || fail 'known'
cmp -s www/news/feed.atom www.good/news/feed.atom || fail 'published already'
expect 2 wikicast init other -c new.conf --take-over www/news \
    --url https://w2.example/news --wiki files:pages --pages '*' --key "$OTHER"
expect 0 wikicast gen -c new.conf
next=$(serial www/news/feed.atom)
[ "$next" -gt 1009 ] && [ "$next" -lt 1100 ] || fail "serial $next"
expect 0 wikicast verify --signer "$KEY" www/news
grep -q '11 items' out || fail "$(cat out)"
grep -q "$ID" www/news/feed.atom || fail 'another feed'
fetches me 0 --json
[ "$(number serial)" = "$next" ] && [ "$(number installed)" = 0 ] ||
	fail "$(cat out)"
same_wiki mine pages
rm 'pages/Map*.txt'
echo more >>pages/Page1.txt
expect 0 wikicast gen -q -c new.conf
fetches me 0 --json
[ "$(number serial)" = $((next + 1)) ] && [ "$(number removed)" = 1 ] ||
	fail "$(cat out)"
same_wiki mine pages
expect 0 wikicast gen -q -c new.conf
silent
ok 'a feed goes on from a copy, with a jump, and pages of its own'

# The database knows more than the copy: whoever tries that is mistaken.
mv new.conf used.conf
rm -rf www
cp -a www.good www
take_over 2 --pages '*' --allow-drop
said 'there is nothing to take over'

# Nobody has seen more: by a step, where the copy is; the wiki is another.
rm -rf new new.conf pages mine me.state
mkdir mine
fetches me 0
take_over 0 --after 9 --wiki files:whole --pages 'Page*' --not Own --json
[ "$(number changed)" = 1 ] && [ "$(number added)" = 0 ] &&
    [ "$(number next_serial)" = 10 ] || fail "$(cat out)"
expect 0 wikicast gen -c new.conf
[ "$(serial www/news/feed.atom)" = 10 ] || fail 'a jump'
expect 0 wikicast verify --signer "$KEY" www/news
cp -a www/news stale
fetches me 0
rm -f whole/Own.txt
same_wiki mine whole
for n in 11 12 13 14 15 16 17; do
	echo "$n" >>whole/Page3.txt
	expect 0 wikicast gen -q -c new.conf
done
fetches me 0
same_wiki mine whole
expect 0 wikicast verify --signer "$KEY" www/news
ok 'without a jump where a person knows that nobody has seen more'

# It may be elsewhere, with what the wiki lacks removed on purpose; the copy
# is as it was.
rm -rf new new.conf other
cp -a www.good/news copy
take_over 0 --take-over copy --site other --wiki files:partial \
    --pages 'Page*' --allow-drop
expect 0 wikicast gen -c new.conf
diff -r copy www.good/news || fail 'the copy was changed'
expect 0 wikicast verify --signer "$KEY" other/news
rm -rf me.state mine
mkdir mine
sed -i "s|^mirror = .*|mirror = file://$T/other/news/|" me.conf
fetches me 0
[ -e mine/Page3.txt ] && [ ! -e mine/Page4.txt ] || fail "$(ls mine)"
ok 'elsewhere, and with removals that are meant'

# The master has been dead for long: nobody installs what has expired, but it
# is signed well, and goes on.
rm -rf new new.conf pages www
cp -a www.good www
sed -i 's/ expires="[^"]*"/ expires="2026-01-01T00:00:00Z"/
    s/<updated>[^<]*/<updated>2025-12-01T00:00:00Z/' \
    www/news/feed.atom
"$B/tests/support/wcsign" gnupg "$KEY" www/news/feed.atom || fail wcsign
mkdir late
follower late "file://$T/www/news/" "wiki = files:$T/late" 'grant = *'
fetches late 5
take_over 0
grep -q 'it expired on 2026-01-01' out || fail "$(cat out)"
expect 0 wikicast gen -c new.conf
# One serial a minute may have come out since.
[ "$(serial www/news/feed.atom)" -gt 100000 ] || fail 'too short a jump'
fetches late 0
[ "$(cat late/Page8.txt)" = 'text 8' ] || fail 'not installed'
ok 'from a copy that has expired'

# A MoinMoin wiki that followed the feed, and has the pages already.
rm -rf new new.conf pages www
cp -a www.good www
mkdir -p moin/data/pages moin/data/user
: >moin/data/edit-log
sed "s|^wiki = .*|wiki = moin:$T/moin/data|; s|me.state|moin.state|
    s|^mirror = .*|mirror = file://$T/www/news/|" me.conf >moin.conf
fetches moin 0
cp moin.conf new.conf
sed -i "s|$T/moin.state|$T/new|" new.conf
expect 2 wikicast init news -c new.conf --site www \
    --url https://w2.example/news --gnupg-home gnupg \
    --wiki "moin:$T/moin/data" --pages 'Page*' --take-over www/news </dev/null
said "unfollow news"
rm new.conf
take_over 0 --wiki moin:moin/data --pages 'Page*'
# The markup of the pages, which a folder of files did not know.
grep -q 'the wiki has 8 others, 0 new and lacks 0' out || fail "$(cat out)"
expect 0 wikicast gen -c new.conf
fetches late 3
rm -rf late late.state
mkdir late
fetches late 0
same_wiki wiki late
ok 'from a MoinMoin wiki that followed the feed'
