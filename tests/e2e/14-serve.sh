#!/bin/sh
# What a wiki serves is the publisher's tree, byte for byte; an update of the
# copy costs the new files; nothing that is not verified is shown.
. tests/e2e/lib.sh

mkdir "$T/wiki" "$T/mine" "$T/second"
cd "$T" || exit 1
publisher "files:$T/wiki" 'pages = *' 'patterns = BadContent'
start_nginx web "$T/site"
follower me "http://127.0.0.1:$PORT/news/" "wiki = files:$T/mine" \
    'grant = *' "serve = $T/www/news"
for n in $(seq 300); do echo "pattern$n\\.example"; done >wiki/BadContent.txt
edits() {
	for n in $(seq "$1" "$2"); do
		echo "new$n\\.example" >>wiki/BadContent.txt
		head -c 3000 /dev/urandom | base64 >wiki/Page$((n % 5)).txt
		publish
	done
}
# For people: not signed, and so not copied.
tree() {
	(cd "$1" && find . -type f ! -name '*.html' ! -name news.atom \
	    -exec sha256sum {} + | sort)
}
# Of the publisher's tree what the feed names: old files wait to be removed.
same_tree() {
	tree site/news >one
	tree www/news >two
	left=$(comm -13 one two)
	[ -z "$left" ] || fail "not the publisher's: $left"
	comm -23 one two | awk '{ print $2 }' | grep -v '^\./history/' >missing
	[ ! -s missing ] || fail "not copied: $(cat missing)"
	expect 0 wikicast verify --signer "$KEY" www/news
	cmp -s site/news/feed.atom www/news/feed.atom || fail "feed.atom"
	[ "$(stat -c %Y site/news/feed.atom)" = \
	    "$(stat -c %Y www/news/feed.atom)" ] || fail "time of feed.atom"
}

edits 1 40
fetches me 0
same_tree
[ -z "$(find www -type f ! -perm 644)" ] || fail "modes of files"
[ -z "$(find www -type d ! -perm 755)" ] || fail "modes of folders"
ok "the first copy is the publisher's tree, and verify says that it is whole"

: >web/access.log
edits 41 41
fetches me 0
same_tree
# The feed, the history document, the network document at most, the step and
# its longer siblings, and no file twice.
[ "$(wc -l <web/access.log)" -le 6 ] || fail "$(cat web/access.log)"
[ -z "$(awk '{ print $7 }' web/access.log | sort | uniq -d)" ] ||
	fail "asked twice: $(cat web/access.log)"
ok "an update costs the new files"

stamp www >before
fetches me 0 -q
silent
stamp www | cmp -s - before || fail "the copy was written to"
ok "without news the copy stays as it is"

sed 's/^title = .*/title = Another title/' pub.conf >p && mv p pub.conf
sleep 1
publish
[ "$(serial site/news/feed.atom)" = 41 ] || fail "a new serial"
: >web/access.log
fetches me 0
same_tree
grep -q 'Another title' www/news/feed.atom || fail "not signed anew"
[ "$(wc -l <web/access.log)" = 1 ] || fail "$(cat web/access.log)"
ok "a feed that is signed anew is one request"

# As a crash leaves it: half of a file, none of another, the old feed.
cp www/news/feed.atom old.atom
edits 42 45
fetches me 0
cp old.atom www/news/feed.atom
for file in $(find www/news/pool -name '*.step.zst' -newer before | head -n 2)
do
	half=$(($(stat -c %s "$file") / 2))
	head -c $half "$file" >half && cat half >"$file"
done
rm -f "$(find www/news/history -type f | tail -n 1)"
fetches me 0
same_tree
ok "a copy that was left half done becomes whole"

# From the copy, over another server.
web=$NGINX_PID
start_nginx second "$T/www"
kill "$web"
mkdir third
follower third "http://127.0.0.1:$PORT/news/" "wiki = files:$T/third" \
    'grant = *'
fetches third 0
same_wiki wiki third
ok "a second wiki fetches from the copy"

# A page that says "not found", an armor inside a page, and no key at all.
start_nginx third-web "$T/site"
cp site/news/key.asc good.asc
for bad in html inside other none; do
	case $bad in
	html) echo '<title>Not found</title>' >site/news/key.asc ;;
	inside) { echo '<script>'; cat good.asc; } >site/news/key.asc ;;
	other)
		other=$(make_key "$T/gnupg-other" bob) || exit 1
		gpg --homedir gnupg-other --batch --armor --export "$other" \
		    >site/news/key.asc 2>/dev/null ;;
	none) rm site/news/key.asc ;;
	esac
	rm -rf c.state copy
	follower c "http://127.0.0.1:$PORT/news/" "serve = $T/copy/news" \
	    "certificate = $T/good.asc"
	fetches c 0
	[ -e copy/news/feed.atom ] && [ ! -e copy/news/key.asc ] ||
		fail "$bad: $(ls copy/news)"
	said "no mirror has a good 'key.asc'"
done
ok "of certificates nothing is served but the signers' armor"

# A stick instead of the mirrors serves the copy, too.
rm -rf c.state copy
follower c "http://127.0.0.1:1/news/" "serve = $T/copy/news" \
    "certificate = $T/good.asc"
cp good.asc site/news/key.asc
fetches c 0 --from "$T/site"
expect 0 wikicast verify --signer "$KEY" copy/news
cmp -s good.asc copy/news/key.asc || fail "no key.asc"
ok "--from serves the copy as well"

# What only old history names may be lost: the copy goes without it.
cp -a "$T/site" "$T/lost"
# From 2 to 3: the way from 1 leads over 2 to 4.
old=$(cd site/news && ls -tr pool/*/*.step.zst | sed -n 2p)
[ -e "www/news/$old" ] || fail "'$old' was not copied before"
rm "lost/news/$old"
rm -rf c.state copy
fetches c 0 --from "$T/lost"
cmp -s lost/news/feed.atom copy/news/feed.atom || fail "no copy"
[ ! -e "copy/news/$old" ] || fail "'$old' out of nothing"
tree lost/news >one
tree copy/news >two
left=$(comm -13 one two)
[ -z "$left" ] || fail "not the publisher's: $left"
[ "$(ls copy/news/pool/*/*.step.zst | wc -l)" -gt 40 ] || fail "few steps"
ok "an old file that no mirror has is left out, and nothing else"

# A step is gone and the copy cannot be whole: the old one stays.
cp good.asc site/news/key.asc
follower me "http://127.0.0.1:$PORT/news/" "wiki = files:$T/mine" \
    'grant = *' "serve = $T/www/news"
cp www/news/feed.atom before.atom
edits 46 46
find site/news/history -type f -newer before.atom -exec rm {} +
find site/news/network -type f -exec rm {} +
rm -f www/news/network/*
fetches me 3
cmp -s www/news/feed.atom before.atom ||
	fail "a feed is shown whose files are missing"
ok "a feed is not shown before its files are there"
