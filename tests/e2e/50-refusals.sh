#!/bin/sh
# Bad copies are refused in one line with the documented exit status, nothing
# of the wiki is touched, and the next good copy arrives.
. tests/e2e/lib.sh

OTHER=$(make_key "$T/gnupg2" stranger)
mkdir "$T/wiki" "$T/mine" "$T/web"
n=0
publisher "files:$T/wiki" 'pages = *'
edit() {
	n=$((n + 1))
	head -c 6000 /dev/urandom | base64 >"$T/wiki/Page$((n % 3)).txt"
	publish --now
}
# good: the mirror has what the publisher has.
good() { rm -rf "$T/web/news" && cp -a "$T/site/news" "$T/web/news"; }
look() { (cd "$T/mine" && find . -type f -exec sha256sum {} + | sort); }
# refused STATUS WORDS: the run ends so, says one line with these words that
# names the feed, and the wiki is as it was.  Then the good copy arrives.
refused() {
	look >"$T/before"
	# Trouble of the network is nothing to mail before it has lasted.
	quiet=-q
	[ "$1" = 3 ] && quiet=
	fetches f "$1" $quiet
	look | cmp -s "$T/before" - || fail "the wiki was touched: $2"
	grep -q "feed 'news'.*$2" "$T/err" ||
		fail "no line with '$2': $(cat "$T/err")"
	good
	wikicast fetch -q -c "$T/f.conf" >"$T/out" 2>"$T/err" ||
		fail "the good copy was not taken after '$2': $(cat "$T/err")"
	(cd "$T/wiki" && cat Page*.txt) >"$T/a"
	(cd "$T/mine" && cat Page*.txt) >"$T/b"
	cmp -s "$T/a" "$T/b" || fail "not up to date after '$2'"
	ok "$2"
}
flip() { tr '\000-\377' '\001-\377\000' <"$1" >"$T/flipped" &&
	cp "$T/flipped" "$1"; }

start_nginx web "$T/web"
edit
good
follower f "http://127.0.0.1:$PORT/news/" "wiki = files:$T/mine"
fetches f 0

F=$T/web/news/feed.atom
news() { edit && good; }

news; sed -i 's/News/Nows/' "$F"; refused 4 'does not match'
news; head -c 900 "$T/site/news/feed.atom" >"$F"; refused 4 'feed.atom'
news; echo more >>"$F"; refused 4 'feed.atom'
news; echo '<html><body>Log in to the network</body></html>' >"$F"
refused 4 'web page'
news; : >"$F"; refused 4 'feed.atom'
news; build=$B/tests/support/wcsign
"$build" "$T/gnupg2" "$OTHER" "$F" || fail wcsign
refused 4 'feed.atom'
news; sed -i 's/serial="\([0-9]*\)" state/serial="0x\1" state/' "$F"
"$build" "$T/gnupg" "$KEY" "$F" || fail wcsign
refused 4 'not a number'
news; sed -i 's/serial="\([0-9]*\)" state/serial="+\1" state/' "$F"
"$build" "$T/gnupg" "$KEY" "$F" || fail wcsign
refused 4 'not a number'
news; sed -i 's/serial="[0-9]*" state/serial="9223372036854775808" state/' "$F"
"$build" "$T/gnupg" "$KEY" "$F" || fail wcsign
refused 4 'too large'
news; sed -i '1a <!DOCTYPE feed [<!ENTITY x SYSTEM "file:///etc/passwd">]>' "$F"
"$build" "$T/gnupg" "$KEY" "$F" || fail wcsign
refused 4 'feed.atom'
news; sed -i 's/urn:uuid:........-/urn:uuid:01234567-/' "$F"
"$build" "$T/gnupg" "$KEY" "$F" || fail wcsign
refused 4 'feed'

# Files of the tree: the step is too long to travel inside the feed.
news; for f in "$T"/web/news/pool/*/*; do flip "$f"; done
refused 4 "news"
news; for f in "$T"/web/news/history/*; do flip "$f"; done
refused 4 "news"
news; rm "$T"/web/news/pool/*/* "$T"/web/news/history/*; refused 3 "news"

# An older document of the same publisher is behind, not an attack.
cp "$T/site/news/feed.atom" "$T/older"
news
fetches f 0
cp "$T/older" "$F"
look >"$T/before"
fetches f 3
look | cmp -s "$T/before" - || fail 'a replay touched the wiki'
ok 'an older document is behind'

# Nobody answers.
kill "$NGINX_PID"
fetches f 3
grep -q "mirror 'http://127.0.0.1:$PORT/news/'" "$T/err" ||
	fail 'the mirror is not named'
ok 'a dead mirror is a matter of the network'

# Another signer is pinned than the one who signs.
rm -rf "$T/f.state" "$T/mine"
mkdir "$T/mine"
start_nginx web2 "$T/web"
good
KEY=$OTHER
follower f "http://127.0.0.1:$PORT/news/" "wiki = files:$T/mine"
fetches f 4
[ -z "$(ls "$T/mine")" ] || fail 'a stranger installed'
ok 'a feed of another signer is refused'
