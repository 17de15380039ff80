#!/bin/sh
# Words of strangers in our log and on our pages: a server's headers, names in
# documents, comments of certificates, titles with markup.
. tests/e2e/lib.sh
. tests/e2e/attack.sh
attack_start "serve = $T/served/news"

# ---- what a server says ----

ESC=$(printf '\033')
says() { printf '%s\n' "$1" >"$CONTROL"; }
NASTY="${ESC}[2J${ESC}]0;owned$(printf '\007\177\302\233\342\200\256')"
attack 'a hostile encoding' 3 "'feed.atom': is encoded ('?\[2J" \
    says "feed.atom encoded=$NASTY"
attack 'a hostile transfer encoding' 3 "mirror '$URL': 'feed.atom'" \
    says "feed.atom transfer=$NASTY"
attack 'a hostile redirect' 3 "mirror '$URL': 'feed.atom'" \
    says "feed.atom redirect=http://127.0.0.1:1/$NASTY"
attack 'a redirect to nothing known' 3 "mirror '$URL': 'feed.atom'" \
    says "feed.atom redirect=$NASTY"
attack 'a hostile length' 3 "mirror '$URL': 'feed.atom'" \
    says "feed.atom length=$NASTY"
attack 'a page of HTML that is hostile' 4 "'feed.atom' is a web page" \
    eval 'printf "<html>%s" "$NASTY" >"$F"'
# Validators that would be headers of the next request are not kept.
again
says 'feed.atom inject'
fetches f 0 -q
silent
: >"$T/requests"
fetches f 0 -q
silent
! grep -ai 'evil\|^if-' "$T/requests" || fail 'a header is repeated'
ok 'validators with control characters are not repeated'

# Comments of armor are unsigned: they are neither shown nor served on.
for line in 'Comment: %s' 'Version: %s' 'Hash: %s'; do
	again
	rm -rf "$T/f.state" "$T/mine" "$T/served"
	mkdir "$T/mine"
	sed -i "1a $(printf "$line" "$NASTY")" "$WEB/key.asc"
	wikicast fetch -v -c "$T/f.conf" >"$T/out" 2>"$T/err"
	harmless
	! grep -rqa 'owned' "$T/served" || fail 'it is served on'
done
ok 'comments of armor are not shown and not served'

# ---- names in the feed ----

zero=$(printf %064d 0)
href() {
	attack "a link to '$(printf %.60s "$2")'" 4 "'feed.atom': .*$3" \
	    resign "s|(href=\")$1/[^\"]*|\1$2|"
}
for kind in history network; do
	for name in "../$kind/$zero.xml.zst" "/$kind/$zero.xml.zst" \
	    "$kind/../$kind/$zero.xml.zst" "$kind/$zero.xml.zst?x" \
	    "$kind/$zero.xml.zst#x" "$kind/$zero.xml.zst\&#10;" \
	    "$kind//$zero.xml.zst" "$kind/$zero.xml.zst\&#x202e;" \
	    "$kind%2F$zero.xml.zst" "$kind/$zero" "$kind/${zero}0.xml.zst" \
	    "$kind/G${zero#0}.xml.zst" "$kind/A${zero#0}.xml.zst" ; do
		href $kind "$name" "$kind\|link\|href\|digest"
	done
done
long=$(head -c 60000 /dev/zero | tr '\0' x)
attack 'a link of 60,000 bytes' 4 "'feed.atom': " \
    eval 'echo "s|(href=\")history/[^\"]*|\1history/$long|" >"$T/sed"
	resign -f "$T/sed"'
for name in "pool/00/$zero.step.zst/../x" "pool/01/$zero.step.zst" \
    "pool/0/$zero.step.zst" "pool/00/$zero.tar.zst" "../00/$zero.step.zst"; do
	attack "a step at '$name'" 4 "'feed.atom': " \
	    resign "s|(href=\")pool/../[0-9a-f]*.step.zst|\1$name|"
done

# ---- markup, for people ----

XSS="<img src=x onerror=alert(1)>&'"
# On a page there is no element but ours, and no attribute with code.
page_is_plain() {
	python3 - "$1" <<'EOF' || fail "$1: $(cat "$1")"
import sys, html.parser
class Page(html.parser.HTMLParser):
    text = ''
    def handle_starttag(self, tag, attributes):
        assert tag in ('html', 'head', 'meta', 'title', 'body', 'h1', 'h2',
                       'p', 'pre', 'code', 'a', 'ul', 'li', 'dl', 'dt',
                       'dd'), tag
        for name, value in attributes:
            assert name in ('href', 'charset', 'name', 'content', 'xmlns',
                            'http-equiv'), name
            assert not value.startswith('javascript:'), value
    def handle_data(self, data):
        self.text += data
page = Page()
page.feed(open(sys.argv[1], encoding='utf-8').read())
assert '<img src=x onerror=alert(1)>&\'' in page.text, page.text
EOF
}
well
escaped=$(printf %s "$XSS" | sed 's/&/\&amp;/g; s/</\&lt;/g; s/|/\\|/g
    s/&/\\&/g')
soon=$(date -u -d '+3 minutes' +%Y-%m-%dT%H:%M:%SZ)
for field in title summary; do
	again
	well
	resign -e "0,/<updated>/s/<updated>[^<]*/<updated>$soon/" \
	    -e "0,/<$field/s|(<${field}[^>]*>)[^<]*|\1$escaped\&#x202e;|"
	[ $field = title ] && resign 's/&#x202e;//'
	fetches f 0 -q
	silent
	page_is_plain "$T/served/news/index.html"
	! LC_ALL=C grep -qP '\xe2\x80\xae' "$T/served/news/index.html" ||
		fail 'a sign turns the direction'
	ok "markup in a signed $field is text on the page of a copy"
done

# In what is published: a title, and names of pages in the summary.
mkdir "$T/folder"
echo text >"$T/folder/$XSS.txt"
quoted=$(printf %s "$XSS" | sed 's/[&|]/\\&/g')
sed -i "s|^title = .*|title = \"$quoted\"|; s|^wiki = .*|wiki = files:$T/folder|
    s|/pub\$|/pub2|; s|/site\$|/site2|" "$T/pub.conf"
publish
for page in site2/index.html site2/news/index.html; do
	page_is_plain "$T/$page"
done
grep -q '<dd>.*&lt;img' "$T/site2/news/index.html" ||
	fail 'the summary names no page'
python3 - "$T/site2/news/news.atom" <<'EOF' || fail news.atom
import sys, xml.etree.ElementTree as tree
feed = tree.parse(sys.argv[1]).getroot()
xss = '<img src=x onerror=alert(1)>&\''
assert not list(feed.iter('{http://www.w3.org/1999/xhtml}img'))
assert feed.find('{http://www.w3.org/2005/Atom}title').text == xss
assert any(xss in (e.text or '') for e in feed.iter(
    '{http://www.w3.org/1999/xhtml}li'))
EOF
ok 'markup in titles and names is text on the pages of a publisher'
