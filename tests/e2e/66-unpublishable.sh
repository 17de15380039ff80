#!/bin/sh
# A wiki that is published has hostile names, logs and texts: what cannot be
# published is told of in one line, once; the rest goes out.
. tests/e2e/lib.sh

cd "$T" || exit 1
mkdir -p master/data/pages master/data/user mine folder copy
# page FOLDER TEXT: both with escapes of printf; a revision without a log.
page() {
	at=master/data/pages/$1
	mkdir -p "$at/revisions"
	printf "$2" >"$at/revisions/00000001"
	echo 00000001 >"$at/current"
}
# log FOLDER HOST USERID COMMENT: the line of its edit-log, the same way.
log() {
	printf "1700000000000000\t00000001\tSAVENEW\t$1\t\t$2\t$3\t\t$4\n" |
		tee "master/data/pages/$1/edit-log" >>master/data/edit-log
}
# user ID NAME: one whose name is such.
user() { printf "name=$2\n" >"master/data/user/$1"; }

page Good 'good\r\n'
user 1.1.1 Ann
log Good '' 1.1.1 'a comment'
n=0
# edit HOST USERID COMMENT: of one more good page.
edit() {
	n=$((n + 1))
	page "Page$n" "page $n\r\n"
	log "Page$n" "$@"
}
for sign in '\001' '\033[2J' '\r' '\013' '\014' '\034' '\177' '\302\205' \
    '\302\233' '\342\200\250' '\342\200\251' '\342\200\256' '\342\201\246' \
    '\357\277\276' '\377' '\355\240\200' '\000' '\t' '\n'; do
	edit '' 1.1.1 "evil${sign}comment"
	edit "evil${sign}host" '' 'a comment'
	user "9.9.$n" "evil${sign}name"
	edit '' "9.9.$n" 'a comment'
	edit '' "evil${sign}id" 'a comment'
done
good=$((n + 1))

# Texts, and names of folders.
page Nul 'a\000b\n'
page Latin 'caf\351\n'
page Surrogate 'a\355\240\200b\n'
page LoneCR 'a\rb\n'
page Mark '\357\273\277a\n'
for name in 'Tab(09)' 'Line(0a)' 'Nul(00)' 'Nel(c285)' 'Ls(e280a8)' \
    'Turn(e280ae)' 'Bad(ff)' 'Half(e280)' 'Sur(eda080)' '(2e2e)' 'Odd(2)' \
    "$(printf 'Raw\tTab')" "$(printf 'Raw\nLine')" \
    "$(printf 'Raw\033[2J')" "$(printf 'Raw\302\205')"; do
	page "$name" 'text\n'
done

# What is said of each: the file, and the cause.
cat >causes <<'EOF'
'(2e2e)': page name '..': has a part '..'
'Bad(ff)': its name is not UTF-8
'Half(e280)': its name is not UTF-8
'Line(0a)': page name 'Line?': has the character U+000A
'Ls(e280a8)': page name 'Ls???': has the character U+2028
'Nel(c285)': page name 'Nel??': has the character U+0085
'Nul(00)': its name has a NUL
'Odd(2)': the folder's name has an odd number of hex digits
'Raw?Line': MoinMoin would name its folder 'Raw(0a)Line'
'Raw?Tab': MoinMoin would name its folder 'Raw(09)Tab'
'Raw?[2J': MoinMoin would name its folder 'Raw(1b5b)2J'
'Raw??': MoinMoin would name its folder 'Raw(c285)'
'Sur(eda080)': its name is not UTF-8
'Tab(09)': page name 'Tab?': has the character U+0009
'Turn(e280ae)': page name 'Turn???': has the character U+202E
page 'Latin': the text is not UTF-8
page 'LoneCR': the text has a carriage return
page 'Mark': the text starts with a byte order mark
page 'Nul': the text has a NUL
page 'Surrogate': the text is not UTF-8
EOF
# told FILE: exactly these lines, in any order.
told() {
	LC_ALL=C sort "$1" | sed "s/^/wikicast: warning: feed 'news': not published: /" \
	    >want
	LC_ALL=C sort err | diff want - || fail 'another thing is said'
}
publisher "moin:$T/master/data" 'pages = *'
expect 0 wikicast gen --json -c pub.conf
[ "$(number changed)" = "$good" ] || fail "not $good pages: $(cat out)"
told causes
ok 'each page that cannot be published is told of in a line'

expect 0 wikicast gen -c pub.conf
[ ! -s err ] || fail "said again: $(cat err)"
expect 0 wikicast gen -v -c pub.conf
[ "$(wc -l <err)" = "$(wc -l <causes)" ] || fail "not kept: $(cat err)"
ok 'once'

expect 0 wikicast verify -q site/news --signer "$KEY"
zstd -dcq site/news/pool/*/*.tar.zst >tar
python3 - "$n" <<'EOF' || fail 'the manifest'
import re, sys, xml.etree.ElementTree as tree
xml = open('tar', 'rb').read()[512:].split(b'</snapshot>')[0] + b'</snapshot>'
edits = {item.get('name'): item.attrib for item in tree.fromstring(xml)}
bad = re.compile('[\0-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufffe\uffff]')
for edit in edits.values():
    for text in edit.values():
        assert not bad.search(text), edit
# Four pages for each sign: in comment, host, user's name and user's id.
whole = 'a comment'
for n in range(1, int(sys.argv[1]), 4):
    comment, host, name, id = (edits['Page%d' % (n + i)] for i in range(4))
    assert comment.get('comment') in (None, 'evil'), comment
    assert name.get('author') in (None, 'evil'), name
    assert name.get('comment') in (None, whole), name
    assert host.get('author') in (None, 'evil'), host
    assert id.get('author') is None, id
assert edits['Good']['author'] == 'Ann' and edits['Good']['comment'] == whole
# What is in order beside it is kept.
assert edits['Page1']['author'] == 'Ann' and edits['Page3']['comment'] == whole
EOF
ok 'hostile edit-logs are published without what they say'

# A wiki that follows has a log of whole lines.
mkdir -p mine/data/pages mine/data/user
: >mine/data/edit-log
follower me "file://$T/site/news/" "wiki = moin:$T/mine/data"
expect 0 wikicast fetch -q -c me.conf
silent
awk -F '\t' 'NF != 9 { exit 1 }' mine/data/edit-log &&
	[ "$(wc -l <mine/data/edit-log)" = "$good" ] ||
	fail "$(cat mine/data/edit-log)"
ok 'the log of a follower has one line for each'

# It stays as it was published; and is, when it is put right.
printf 'bad\000\n' >master/data/pages/Good/revisions/00000002
echo 00000002 >master/data/pages/Good/current
page Latin 'fine\n'
page New 'new\n'
expect 0 wikicast gen --now --json -c pub.conf
[ "$(number changed)" = 2 ] && [ "$(number removed)" = 0 ] ||
	fail "$(cat out)"
echo "page 'Good': the text has a NUL" >causes
told causes
expect 0 wikicast fetch -q -c me.conf
silent
grep -q good mine/data/pages/Good/revisions/00000001 &&
	grep -q fine mine/data/pages/Latin/revisions/00000001 &&
	grep -q new mine/data/pages/New/revisions/00000001 ||
	fail 'a page is missing'
ok 'a page that goes bad stays as it was; one put right goes out'

# The same in a folder of files.
for name in 'Tab\tname' 'Line\nname' 'Escape\033[2J' 'Nel\302\205' \
    'Turn\342\200\256' 'Bad\377' 'Sur\355\240\200'; do
	echo text >"folder/$(printf "$name").txt"
done
printf 'a\000b\n' >folder/Nul.txt
printf 'a\rb\n' >folder/LoneCR.txt
printf 'a\r\nb\r\n' >folder/CRLF.txt
printf '\377\n' >folder/Latin.txt
printf '\357\273\277a\n' >folder/Mark.txt
echo good >folder/Good.txt
sed -i "s|^wiki = .*|wiki = files:$T/folder|; s|/pub\$|/pub2|
    s|/site\$|/site2|" pub.conf
cat >causes <<'EOF'
'Bad?.txt': page name 'Bad?': is not UTF-8
'Escape?[2J.txt': page name 'Escape?[2J': has the character U+001B
'Line?name.txt': page name 'Line?name': has the character U+000A
'Nel??.txt': page name 'Nel??': has the character U+0085
'Sur???.txt': page name 'Sur???': is not UTF-8
'Tab?name.txt': page name 'Tab?name': has the character U+0009
'Turn???.txt': page name 'Turn???': has the character U+202E
page 'Latin': 'Latin.txt': the text is not UTF-8
page 'LoneCR': 'LoneCR.txt': the text has a carriage return
page 'Mark': 'Mark.txt': the text starts with a byte order mark
page 'Nul': 'Nul.txt': the text has a NUL
EOF
expect 0 wikicast gen --json -c pub.conf
[ "$(number changed)" = 2 ] || fail "not the two good ones: $(cat out)"
told causes
expect 0 wikicast gen -c pub.conf
[ ! -s err ] || fail "said again: $(cat err)"
follower copy "file://$T/site2/news/" "wiki = files:$T/copy"
expect 0 wikicast fetch -q -c copy.conf
silent
[ "$(ls copy)" = "$(printf 'CRLF.txt\nGood.txt')" ] || fail "$(ls copy)"
ok 'a folder of files with hostile names is published without them'
