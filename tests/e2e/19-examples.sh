#!/bin/sh
# What stands in examples/ works as it stands, but for the names of places:
# from a wiki that make-wiki.sh makes into a second one.
. tests/e2e/lib.sh

sh examples/make-wiki.sh "$T/data" || fail "make-wiki.sh"
expect 1 sh examples/make-wiki.sh "$T/data"
grep -q 'has pages already' "$T/err" || fail "it is made over another"
python3 - "$T/data" <<'EOF' || fail "not what MoinMoin would write"
import os, re, sys
pages = sys.argv[1] + '/pages/'
logged = open(sys.argv[1] + '/edit-log').read().splitlines()
assert all(len(line.split('\t')) == 9 for line in logged)
stamps = [int(line.split('\t')[0]) for line in logged]
assert stamps == sorted(set(stamps)), 'stamps'
for name in os.listdir(pages):
    page = re.sub(rb'\(([0-9a-f]+)\)',
        lambda m: bytes.fromhex(m[1].decode()), name.encode())
    again = re.sub(rb'[^a-zA-Z0-9_]+',
        lambda m: b'(' + m[0].hex().encode() + b')', page)
    assert again.decode() == name, name
    text = open(pages + name + '/revisions/00000001', 'rb').read()
    text.decode()
    assert text.endswith(b'\r\n'), name
    assert text.count(b'\n') == text.count(b'\r\n') > 3, name
    assert b'\r\n#language ' in text, name
    mine = [line for line in logged if line.split('\t')[3] == name]
    local = open(pages + name + '/edit-log').read().splitlines()
    assert local == mine != [], name
EOF
ok "make-wiki.sh makes a wiki, with names, ends of lines and logs as they are"

KEY=$(make_key "$T/gnupg" examples) || exit 1
# placed FILE WIKI STATE: an example whose places are below $T.
placed() {
	sed -e "s|/srv/[a-z]*/data|$2|; s|/var/lib/wikicast/gnupg|$T/gnupg|" \
	    -e "s|/var/lib/wikicast|$T/$3|; s|/var/www|$T/www|" \
	    -e "s|/var/spool/wikicast|$T/spool|" \
	    -e "s|0123456789ABCDEF[0-9A-F]*|$KEY|" "examples/$1" >"$T/$1"
}
mkdir -p "$T/second/pages" "$T/www"
: >"$T/second/edit-log"
placed publisher.conf "$T/data" pub.state
expect 0 wikicast gen -c "$T/publisher.conf"
for feed in help lists; do
	[ -s "$T/www/wikicast/$feed/feed.atom" ] || fail "no feed '$feed'"
done
ok "publisher.conf publishes two feeds"

if command -v rsync >/dev/null; then
	# same FEED: all but the pages for people.
	same() {
		diff -r -x '*.html' -x news.atom "$T/www/wikicast/$1" \
		    "$T/mirror/wikicast/$1" ||
			fail "the mirror of '$1' is not the same"
	}
	for feed in help lists; do
		expect 0 sh examples/mirror-rsync.sh "$T/www/wikicast/$feed/" \
		    "$T/mirror/wikicast/$feed"
		same "$feed"
	done
	copy=$T/mirror/wikicast/help
	mkdir "$copy/pool/00"
	echo old >"$copy/pool/00/old.step.zst"
	echo mine >"$copy/index.html"
	cp -a "$T/www/wikicast/help" "$T/hostile"
	for name in a.html pool/a.html pool/00/a.svg .htaccess a.php; do
		mkdir -p "$T/hostile/pool/00"
		echo '<script>' >"$T/hostile/$name"
	done
	ln -s /etc/passwd "$T/hostile/pool/00/a.tar.zst"
	expect 0 sh examples/mirror-rsync.sh "$T/hostile" "$copy"
	[ ! -e "$copy/pool/00/old.step.zst" ] || fail "old files stay"
	[ "$(cat "$copy/index.html")" = mine ] || fail "a page is lost"
	rm "$copy/index.html"
	rmdir "$copy/pool/00" || fail "copied: $(ls -A "$copy/pool/00")"
	same help
	ok "mirror-rsync.sh copies a feed as it is, and nothing else"
else
	cp -a "$T/www" "$T/mirror"
fi

# Followed from the mirror: https becomes a folder.
placed follower.conf "$T/second" me.state
sed "/^mirror/s|https://[a-z]*.example/|file://$T/mirror/|; s|^serve = .*|serve = $T/kept|" \
    "$T/follower.conf" >"$T/me.conf"
expect 0 wikicast fetch -n -c "$T/me.conf"
[ -z "$(ls "$T/second/pages")" ] || fail "a dry run installs"
expect 0 wikicast fetch -c "$T/me.conf"
for page in BadContent HelpOnWikicast HelpOnEditing HilfeZuWikicast; do
	[ -s "$T/second/pages/$page/revisions/00000001" ] ||
		fail "no page '$page'"
done
cmp "$T/data/pages/BadContent/revisions/00000001" \
    "$T/second/pages/BadContent/revisions/00000001" ||
	fail "the antispam list is not the same"
for page in AideSurWikicast 'HelpContents(2f)Gr(c3b6c39f)e'; do
	[ ! -e "$T/second/pages/$page" ] || fail "'$page' is not wanted"
done
head -n 1 "$T/second/pages/HelpOnEditing/revisions/00000001" |
	grep -q '^#acl All:read' || fail "no acl line is set"
cmp "$T/data/pages/HelpContents/attachments/dot.png" \
    "$T/second/pages/HelpContents/attachments/dot.png" ||
	fail "the attached picture is not the same"
[ -s "$T/kept/feed.atom" ] || fail "nothing is kept to serve"
[ "$(grep -c '^\[feed ' "$T/spool/feeds")" = 2 ] ||
	fail "the receiver is not told of two feeds"
ok "follower.conf chooses, grants, sets and serves"

if command -v nginx >/dev/null && command -v curl >/dev/null; then
	mkdir "$T/web"
	start_nginx web "$T/mirror" # finds a port, and is replaced
	kill "$NGINX_PID"
	wait "$NGINX_PID" 2>/dev/null
	sed "s|listen 80|listen 127.0.0.1:$PORT|; s|/var/www;|$T/mirror;|" \
	    examples/nginx.conf >"$T/web/server"
	sed "s|default_type.*;|&|; s|server {.*|include $T/web/server;|" \
	    "$T/web/nginx.conf" >"$T/web/both.conf"
	nginx -e "$T/web/error.log" -c "$T/web/both.conf" &
	PIDS="$PIDS $!"
	url=http://127.0.0.1:$PORT/wikicast/help
	for i in $(seq 100); do
		curl -s -o "$T/probe" "$url/feed.atom" && break
		sleep 0.05
	done
	head_of() { curl -sI "$url/$1" | tr -d '\r'; }
	head_of feed.atom >"$T/head"
	grep -qi '^content-type: application/atom+xml' "$T/head" &&
	    grep -qi '^cache-control: max-age=60$' "$T/head" ||
		fail "the feed's head: $(cat "$T/head")"
	cp "$T/www/wikicast/help/index.html" "$T/mirror/wikicast/help"
	for file in feed.atom index.html key.asc "$(cd "$T/mirror/wikicast/help" &&
	    ls -d pool/*/*.tar.zst)"; do
		head_of "$file" |
			grep -qi '^content-security-policy: sandbox; ' ||
			fail "$file may run scripts"
	done
	file=$(cd "$T/mirror/wikicast/help" && ls pool/*/*.tar.zst | head -n 1)
	head_of "$file" >"$T/head"
	grep -qi '^content-type: application/zstd' "$T/head" &&
	    grep -qi '^cache-control:.*immutable' "$T/head" ||
		fail "a snapshot's head: $(cat "$T/head")"
	: >"$T/mirror/wikicast/help/.feed.new"
	head_of .feed.new | grep -q ' 404 ' || fail "a part of a copy is shown"
	ok "nginx.conf serves types, and how long they may be kept"
fi
if command -v fcgiwrap >/dev/null; then
	start_receiver notify "$T/spool" # finds a port, and is replaced
	kill "$NGINX_PID"
	wait "$NGINX_PID" 2>/dev/null
	sed "s|listen 80|listen 127.0.0.1:$PORT|
	    s|/usr/local/libexec/wikicast/|$B/libexec/|
	    s|/run/fcgiwrap.socket|$T/notify/fcgi|
	    s|/var/spool/wikicast|$T/spool|" examples/nginx-notify.conf \
	    >"$T/notify/server"
	sed "s|server {.*|include $T/notify/server;|" \
	    "$T/notify/nginx.conf" >"$T/notify/both.conf"
	nginx -e "$T/notify/error.log" -c "$T/notify/both.conf" &
	PIDS="$PIDS $!"
	for i in $(seq 100); do
		curl -s -o "$T/probe" "$NOTIFY" && break
		sleep 0.05
	done
	feed=$(sed -n 's/.*<id>\(urn:uuid:[^<]*\)<.*/\1/p' \
	    "$T/kept/feed.atom" | head -n 1)
	got=$(curl -s -o "$T/answer" -w '%{http_code}' -d "feed=$feed" \
	    -d serial=99 -d "state=$(printf x | sha256sum | cut -c 1-64)" \
	    "$NOTIFY")
	[ "$got" = 202 ] || fail "$got: $(cat "$T/answer")"
	[ "$(ls "$T/spool/news")" = "${feed#urn:uuid:}" ] ||
		fail "no news: $(ls "$T/spool/news")"
	ok "nginx-notify.conf takes notifications"
fi
if command -v systemd-analyze >/dev/null; then
	mkdir "$T/units"
	cp examples/*.service examples/*.timer examples/*.path "$T/units"
	sed -i "s|/usr/local/bin/wikicast|$B/bin/wikicast|" \
	    "$T"/units/*.service
	systemd-analyze verify --man=no "$T"/units/* >"$T/out" 2>&1
	grep 'wikicast' "$T/out" && fail "systemd finds fault"
	ok "systemd understands the units"
fi
