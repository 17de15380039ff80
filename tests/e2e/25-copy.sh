#!/bin/sh
# What a copy shows is verified or made here: a page of its own, no mirror's;
# what rsync or a stick has brought is read once; what leaves the feed stays as
# long as a reader may come for it.
. tests/e2e/lib.sh

mkdir "$T/wiki" "$T/home" "$T/web"
HOME=$T/home
export HOME
cd "$T" || exit 1
publisher "files:$T/wiki" 'pages = *' 'expires = 10d'
sed -i 's/^title = .*/title = "Tom \& Eve'\''s <script>alert(1)<\/script>"/' pub.conf
echo one >wiki/A.txt
publish
for n in 2 3 4 5 6; do
	echo "text $n" >wiki/A.txt
	echo "page $n" >wiki/P$n.txt
	publish
done
# From a folder, as of a stick, without a URL.
copy() { # STATUS [ARGUMENT...]
	status=$1
	shift
	expect "$status" wikicast mirror --signer "$KEY" --state mirror.state \
	    "$@" "$T/site/news" www/news
}
copy 0
expect 0 wikicast verify --signer "$KEY" www/news
page=www/news/index.html
grep -q "<h1>Tom &amp; Eve's &lt;script&gt;" $page || fail "$(cat $page)"
grep -q '<script' $page && fail 'a script'
grep -q 'Serial 6, signed 20' $page || fail "$(cat $page)"
grep -q "wikicast follow news http://127.0.0.1/news/ --signer $KEY" $page ||
	fail "$(cat $page)"
cmp -s $page site/news/index.html && fail 'the page of a mirror'
[ ! -e www/news/news.atom ] || fail 'news.atom of a mirror'
[ "$(stat -c %a $page)" = 644 ] || fail 'mode'
echo 'text 7' >wiki/A.txt
publish
copy 0
grep -q 'Serial 7, signed 20' $page || fail "$(cat $page)"
echo '<h1>Welcome</h1>' >$page
echo 'text 8' >wiki/A.txt
publish
copy 0
[ "$(cat $page)" = '<h1>Welcome</h1>' ] || fail "the owner's page is lost"
ok 'a page for people is made of the verified feed, and never copied'

# With more signers and a URL of its own.
follower me "file://$T/site/news/" "signer = $KEY" "serve = $T/served/news" \
    'url = https://w1.example/news/'
sed -i '0,/^signer/{/^signer/d}' me.conf
fetches me 0
grep -q "follow news https://w1.example/news/ --signer $KEY<" \
    served/news/index.html || fail "$(cat served/news/index.html)"
ok 'it names the place where this copy is'

# rsync has filled the folder; some of it is not what it should be.
rm -rf mirror.state www
mkdir -p www web
cp -a site/news web/news
cp -a site/news www/news
# Not the newest step, which stands in the feed as well.
newest=$(grep -o '[0-9a-f]*\.step\.zst' site/news/feed.atom)
[ -n "$newest" ] || fail 'no step in the feed'
file=$(find www/news/pool -name '*.step.zst' ! -name "$newest" | head -n 1)
size=$(stat -c %s "$file")
head -c "$size" /dev/zero >half && cat half >"$file"
sig=$(ls www/news/pool/*/*.sig | head -n 1)
size=$(stat -c %s "$sig")
head -c "$size" /dev/zero >half && cat half >"$sig"
echo '<script>alert(1)</script>' >www/news/pool/.x.new
touch -d '2 days ago' www/news/pool/.x.new www/news/history/.y.new
mkdir -p www/news/pool/00
mv www/news/pool/.x.new www/news/pool/00/.x.new
false=www/news/pool/00/00$(printf %062d 1).step.zst
echo stray >"$false"
digest=$(sha256sum <"$false" | cut -c 1-64)
stray=www/news/history/$digest.xml.zst
cp "$false" "$stray"
start_nginx web "$T/web"
expect 0 wikicast mirror --signer "$KEY" --state mirror.state \
    "http://127.0.0.1:$PORT/news/" www/news
expect 0 wikicast verify --signer "$KEY" www/news
[ ! -e www/news/pool/00/.x.new ] && [ ! -e www/news/history/.y.new ] ||
	fail 'parts of a copy stay'
[ ! -e www/news/news.atom ] || fail 'the news.atom that rsync brought'
grep -q '&lt;script' www/news/index.html || fail 'the page that rsync brought'
[ -e "$stray" ] || fail 'a stray file went before its time'
[ ! -e "$false" ] || fail 'a stray file that is not what its name says'
grep -q "GET /${file#www/}" web/access.log || fail 'not fetched anew'
# The way to the newest state, and the one that was wrong.
[ "$(ls www/news/pool/*/*.step.zst | wc -l)" -ge 10 ] &&
    [ "$(grep -c 'GET /news/pool/.*step' web/access.log)" -le 5 ] ||
	fail "what was right is fetched again: $(cat web/access.log)"
ok 'what rsync has brought is read once, and what is wrong replaced'

# may_go NAME: when a file may go.
may_go() {
	python3 - mirror.state/follow.db "$1" <<'END'
import sqlite3, sys
for row in sqlite3.connect(sys.argv[1]).execute(
    "SELECT until FROM kept WHERE name = ?", sys.argv[2:]):
    print(row[0])
END
}
later() { # SECONDS: of all that is kept
	python3 - mirror.state/follow.db "$1" <<'END'
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.execute("UPDATE kept SET until = until - ?", (int(sys.argv[2]),))
db.commit()
END
}
expires=$(sed -n 's/.* expires="\([^"]*\)".*/\1/p' www/news/feed.atom)
history=$(grep -o 'history/[^"]*' www/news/feed.atom)
[ "$(may_go "$history")" = "$(date -d "$expires" +%s)" ] ||
	fail "$(may_go "$history")"
sleep 1
again() {
	echo "text $1" >wiki/A.txt
	publish
	rm -rf web/news
	cp -a site/news web/news
	expect 0 wikicast mirror -q --signer "$KEY" --state mirror.state \
	    "http://127.0.0.1:$PORT/news/" www/news
}
again 9
[ -e "www/news/$history" ] || fail 'gone before the feed that named it expired'
[ "$(may_go "$history")" = "$(date -d "$expires" +%s)" ] || fail 'another time'
later $((9 * 86400))
again 10
[ -e "www/news/$history" ] || fail 'gone a day before its time'
later $((2 * 86400))
again 11
[ ! -e "www/news/$history" ] && [ ! -e "$stray" ] || fail 'old files stay'
expect 0 wikicast verify --signer "$KEY" www/news
ok 'what is not named goes when the last feed that named it has expired'

# A snapshot's signature is checked for itself.
lie() { # COMMAND...: makes the signature, in "sig"
	rm -rf mirror.state www
	sig=$(cd web/news && ls pool/*/*.sig)
	"$@" >sig
	cp sig "web/news/$sig"
	expect 0 wikicast mirror -v --signer "$KEY" --state mirror.state \
	    "http://127.0.0.1:$PORT/news/" www/news
	[ -e www/news/feed.atom ] || fail 'no copy'
	[ ! -e "www/news/$sig" ] || fail 'a false signature is served'
	said "'$sig' is left out"
	expect 4 wikicast verify --signer "$KEY" www/news
	cp "site/news/$sig" "web/news/$sig"
	again "$(($(serial www/news/feed.atom) + 1))"
	expect 0 wikicast verify --signer "$KEY" www/news
}
OTHER=$(make_key "$T/gnupg-other" mallory) || exit 1
other() {
	gpg --homedir gnupg-other --batch -q --detach-sign -u "$OTHER" -o - \
	    web/news/pool/*/*.tar.zst 2>/dev/null
}
another() { # by the right key, over something else
	gpg --homedir gnupg --batch -q --detach-sign -u "$KEY" -o - pub.conf \
	    2>/dev/null
}
lie echo '<script>alert(1)</script>'
lie other
lie another
ok 'no false signature of a snapshot is served'

# For the publisher to paste.
line() {
	expect 0 wikicast mirror --peer-line "$@"
	cat out >>lines
}
echo older >web/news/feed.atom
line --url "http://127.0.0.1:$PORT/news" www/news
said "shows another feed.atom"
cp www/news/feed.atom web/news/feed.atom
line --url "http://127.0.0.1:$PORT/news" --notify https://w1.example/n?x=1 \
    www/news
[ ! -s err ] || fail "$(cat err)"
line -c me.conf --notify https://w1.example/notify news
said "'https://w1.example/news/' cannot be seen from here"
cat >wanted <<END
peer = http://127.0.0.1:$PORT/news/
peer = http://127.0.0.1:$PORT/news/ https://w1.example/n?x=1
peer = https://w1.example/news/ https://w1.example/notify
END
diff wanted lines || fail 'other lines'
cat lines >>pub.conf
publish
zstd -q -d -c "site/news/$(grep -o 'network/[^"]*' site/news/feed.atom)" >xml
grep -q '<peer url="https://w1.example/news/" notify="https://w1.example/notify"' \
    xml || fail "$(cat xml)"
expect 2 wikicast mirror --peer-line www/news
said "'--url' is missing"
expect 2 wikicast mirror --peer-line --url ftp://x www/news
expect 2 wikicast mirror --peer-line --url http://x --notify n www/news
expect 2 wikicast mirror --peer-line --url http://x "$T/home"
said 'no copy in'
expect 2 wikicast mirror --notify http://x --signer "$KEY" site/news www/news
expect 2 wikicast mirror --url x --signer "$KEY" site/news www/news
said "option '--url': 'x/' is not an http or https URL"
expect 2 wikicast mirror --url '' --signer "$KEY" site/news www/news
for wrong in '' ' ' 'http://a/ http://b/n x' 'http://a/
after = touch x' 'ftp://a/'; do
	expect 2 wikicast mirror --peer "$wrong" --signer "$KEY" site/news \
	    www/news
	said "option '--peer'"
done
expect 2 wikicast mirror --signer "$KEY" www/news
said 'too few arguments'
ok 'a line lists the copy as a peer'
