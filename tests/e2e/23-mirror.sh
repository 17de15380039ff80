#!/bin/sh
# A mirror is a verified copy that others can fetch from: `wikicast mirror`,
# and `serve` of a wiki that follows.
. tests/e2e/lib.sh

mkdir "$T/wiki" "$T/mine" "$T/home"
HOME=$T/home
export HOME
cd "$T" || exit 1
publish() { expect 0 wikicast gen -c pub.conf; }
echo one >wiki/A.txt
expect 0 wikicast init news -c pub.conf --wiki files:wiki \
    --url http://x/news --site site --state pub --gnupg-home gnupg \
    --pages '*' </dev/null
key=$(sed -n 's/^key = //p' pub.conf)
publish
for n in 2 3 4 5; do
	echo "text $n" >wiki/A.txt
	echo "page $n" >wiki/P$n.txt
	publish
done

copy() { expect "$1" wikicast mirror --signer "$key" --state mst \
	"file://$T/site/news" www/news; }
# Everything that the feed names, byte for byte; pages for people are not
# signed, and so are not copied.
same() {
	(cd "$1" && find . -type f ! -name '*.html' ! -name news.atom |
		sort) >"$T/there"
	[ -s "$T/there" ] || fail "nothing in $1"
	while read -r name; do
		cmp -s "$1/$name" "site/news/$name" || fail "$1/$name differs"
	done <"$T/there"
	for name in $(cd site/news && ls -d feed.atom key.asc pool/*/* \
	    history/*); do
		grep -qx "./$name" "$T/there" || case $name in
		history/*) ;; # older ones are not named any more
		*) fail "$name is not in $1" ;;
		esac
	done
}
copy 0
same www/news
copy 0
ok "a mirror has every file that the feed names"

echo six >wiki/A.txt
publish
copy 0
same www/news
[ "$(stat -c %a www/news/feed.atom)" = 644 ] || fail "mode of the feed"
ok "it follows the news"

# From the mirror, a wiki that serves in turn, and from that another one.
expect 0 wikicast follow -c me.conf --state state news \
    "file://$T/www/news" --signer "$key" --wiki files:mine \
    --serve "$T/served/news" --yes
expect 0 wikicast fetch -c me.conf
[ "$(cat mine/A.txt)" = six ] || fail "not installed"
same served/news
mkdir third
expect 0 wikicast follow -c third.conf --state state3 news \
    "file://$T/served/news" --signer "$key" --wiki files:third --yes
expect 0 wikicast fetch -c third.conf
[ "$(cat third/P5.txt)" = 'page 5' ] || fail "not installed from the third"
ok "copies of copies are as good as the first"

# A stick instead of the network, with the same checks; quiet without news.
mkdir stick fourth
cp -a site/news stick/news
expect 0 wikicast follow -c fourth.conf --state state4 news \
    "file://$T/stick/news" --signer "$key" --wiki files:fourth --yes -q
[ ! -s "$T/out" ] && [ ! -s "$T/err" ] || fail "-q talks: $(cat "$T/out")"
mv stick stick2
expect 3 wikicast fetch -c fourth.conf
expect 0 wikicast fetch -c fourth.conf --from stick2
[ "$(cat fourth/A.txt)" = six ] || fail "not installed from the stick"
expect 0 wikicast fetch -q -c fourth.conf --from stick2/news
[ ! -s "$T/out" ] && [ ! -s "$T/err" ] || fail "-q talks: $(cat "$T/err")"
ok "a folder serves as well as a mirror, and -q says nothing without news"

# A mirror that lost the newest history: the copy stands, and says so.
cp -a site site.good
echo seven >wiki/A.txt
publish
rm site/news/history/*
copy 3
cmp -s www/news/feed.atom site.good/news/feed.atom ||
	fail "a feed is shown whose files are not there"
ok "a feed whose files cannot be had is not put in place"

expect 2 wikicast mirror "file://$T/site/news" www/news
grep -q "which its publisher tells you" "$T/err" || fail "$(cat "$T/err")"
expect 2 wikicast mirror --signer "$key" "file://$T/site/news" 'www/the news'
gpgconf --homedir "$T/gnupg" --kill all
ok "mistakes are told"
