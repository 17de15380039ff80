#!/bin/sh
# MoinMoin to MoinMoin over two mirrors: the edits of one wiki become edits of
# the other, and mirrors may die, lag and lie meanwhile.
. tests/e2e/lib.sh

cd "$T" || exit 1
wiki() {
	mkdir -p "$1/data/pages" "$1/data/user" "$1/underlay/pages"
	: >"$1/data/edit-log"
}
# save FOLDER TEXT [COMMENT]: in the master wiki, as MoinMoin does.
save() {
	page=master/data/pages/$1
	mkdir -p "$page/revisions"
	n=$(printf '%08d' $(($(ls "$page/revisions" | wc -l) + 1)))
	printf "$2" | sed 's/$/\r/' >"$page/revisions/$n"
	echo "$n" >"$page/current"
	printf '%s000000\t%s\tSAVE\t%s\t127.0.0.1\tlocalhost\t\t\t%s\n' \
	    "$(date +%s)" "$n" "$1" "${3:-}" |
		tee -a "$page/edit-log" >>master/data/edit-log
}
delete() {
	page=master/data/pages/$1
	printf '%08d\n' $(($(ls "$page/revisions" | wc -l) + 1)) \
	    >"$page/current"
}
text() { # FOLDER, in the follower's wiki
	cat "mine/data/pages/$1/revisions/$(cat "mine/data/pages/$1/current")"
}
mirror() { # as the one-liner of FORMAT section 2
	mkdir -p "$1/news"
	cp -p site/news/feed.atom "$1/news/.feed.new"
	(cd site/news && find . -type f ! -path ./feed.atom) | while read -r f
	do
		mkdir -p "$1/news/$(dirname "$f")"
		cp -p "site/news/$f" "$1/news/$f"
	done
	mv "$1/news/.feed.new" "$1/news/feed.atom"
}
wiki master
wiki mine
publisher "moin:$T/master/data" 'pages = *' 'patterns = BadContent'
save Start 'Welcome\n' 'the first page'
save 'Gr(c3b6c39f)e' '#acl Known:read,write\n#language de\nGröße\n'
save BadContent 'spam\\\\.example\n'
for n in $(seq 9); do save Page$n "page $n\n"; done
mkdir -p master/data/pages/Start/attachments
head -c 5000 /dev/urandom >master/data/pages/Start/attachments/bytes.bin
publish
mirror www1
mirror www2
start_nginx first "$T/www1"
one=$PORT first=$NGINX_PID
start_nginx second "$T/www2"
two=$PORT
follower me "http://127.0.0.1:$one/news/" \
    "mirror = http://127.0.0.1:$two/news/" "wiki = moin:$T/mine/data" \
    'grant = BadContent'

fetches me 0
printf 'Welcome\r\n' >want
text Start | cmp -s - want || fail "not byte for byte"
printf '#language de\r\nGröße\r\n' >want
text 'Gr(c3b6c39f)e' | cmp -s - want || fail "an #acl came along"
cmp -s mine/data/pages/Start/attachments/bytes.bin \
    master/data/pages/Start/attachments/bytes.bin || fail "the attachment"
grep -q "	00000001	SAVENEW	Start	.*the first page" mine/data/edit-log ||
	fail "RecentChanges do not tell: $(cat mine/data/edit-log)"
[ "$(wc -l <mine/data/edit-log)" = 13 ] || fail "$(cat mine/data/edit-log)"
ok "pages, #acl, attachments and RecentChanges are as they should be"

save Start 'Welcome back\n' 'second thoughts'
delete Page9
publish
mirror www1
mirror www2
fetches me 0
printf 'Welcome back\r\n' >want
text Start | cmp -s - want || fail "no second revision"
[ -e mine/data/pages/Start/revisions/00000001 ] || fail "history is lost"
[ ! -e "mine/data/pages/Page9/revisions/$(cat mine/data/pages/Page9/current)" ] ||
	fail "Page9 is not deleted"
[ -e mine/data/pages/Page9/revisions/00000001 ] ||
	fail "Page9 cannot be reverted"
ok "an edit is a new revision, a removal one that can be reverted"

# One is behind, the other has the news: whichever is asked first.
save Start 'Third\n'
publish
mirror www1
# Which one is asked first is drawn by lot (fetch/mirror.h).
for try in $(seq 40); do
	fetches me 0
	! text Start | grep -q Third || break
done
text Start | grep -q Third || fail "held back by the mirror that is behind"
expect 0 wikicast status -c me.conf
ok "a mirror that is behind holds nothing back"

# The first dies, the second lies: the wiki stays, and it is told.
save Start 'Fourth\n'
publish
mirror www2
kill "$first"
cp www2/news/feed.atom good.atom
sed 's/The News/The Mews/' good.atom >www2/news/feed.atom
stamp mine >before
wikicast fetch -c me.conf >out 2>err
got=$?
[ "$got" = 4 ] || fail "exit status $got: $(cat err)"
stamp mine | cmp -s - before || fail "a lie was installed"
grep -q "127.0.0.1:$two" err || fail "it is not said who lies: $(cat err)"
ok "where one mirror is dead and the other lies, the wiki stays"

cp -p site/news/feed.atom www2/news/feed.atom
fetches me 0
text Start | grep -q Fourth || fail "the good copy is not taken"
expect 0 wikicast status -c me.conf
grep -q '^news *up to date' "$T/out" || fail "$(cat "$T/out")"
ok "a good copy ends it"

# A visitor's edit in the follower's wiki is the follower's.
page=mine/data/pages/Page1
printf 'edited here\r\n' >$page/revisions/00000002
echo 00000002 >$page/current
save Page1 'edited there\n'
save Page2 'edited there\n'
publish
mirror www2
fetches me 6
text Page1 | grep -q 'edited here' || fail "a local edit is lost"
text Page2 | grep -q 'edited there' || fail "one page held up the other"
ok "a local edit stands, and holds up nothing else"

# What cannot be read as a page is somebody's, too.
echo damaged >mine/data/pages/Page3/current
save Page3 'edited there\n'
save Page4 'edited there\n'
publish
mirror www2
fetches me 6
said "page 'Page3': conflict"
[ "$(cat mine/data/pages/Page3/current)" = damaged ] || fail "written over"
text Page4 | grep -q 'edited there' || fail "one page held up the other"
ok "a page that is damaged stands, and holds up nothing else"
