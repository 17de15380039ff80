#!/bin/sh
# A person settles what was edited here and changed there: wikicast resolve.
. tests/e2e/lib.sh
. tests/e2e/crash-wikis.sh

cd "$T" || exit 1
mkdir master
moin_folder mine
publisher "files:$T/master" 'pages = *'
there() { printf "$2" >"master/$1.txt"; }
here() { moin_save mine "$1" "$2"; }
text() {
	page=mine/data/pages/$1
	cat "$page/revisions/$(cat "$page/current")" 2>/dev/null | tr -d '\r'
}
is() {
	printf "$2" >want
	text "$1" | cmp -s - want || fail "$1 is '$(text "$1")'"
}
had() { # PAGE TEXT: it is in the history
	printf "$2" | sed 's/$/\r/' >want
	for r in "mine/data/pages/$1/revisions"/*; do
		cmp -s "$r" want && return
	done
	fail "$1: a text is lost"
}
resolve() { # STATUS ARGUMENT...
	status=$1
	shift
	expect "$status" wikicast resolve -c me.conf "$@"
}
listed() { # PAGE ANSWER
	expect 0 wikicast status -c me.conf
	grep -q "page '$1' *$2" "$T/out" || fail "$(cat "$T/out")"
}
not_listed() {
	expect 0 wikicast status -c me.conf
	! grep -q "page '$1'" "$T/out" || fail "$(cat "$T/out")"
}
nothing_new() {
	stamp mine >one
	fetches me 0 -q
	silent
	stamp mine >two
	cmp -s one two || fail "written again"
}
follower me "file://$T/site/news/" "wiki = moin:$T/mine/data"
for p in Mine Theirs Edit Gone Removed Stay Quiet; do
	there $p 'one\ntwo\nthree\n'
done
mkdir master/Quiet.files
echo first >master/Quiet.files/a.bin
here Before 'here\nboth\n'
there Before 'there\nboth\n'
publish
fetches me 6 -q
for p in Mine Theirs Edit Removed Stay; do
	here $p 'one\nHERE\nthree\n'
done
moin_delete mine Gone
for p in Mine Theirs Edit Gone; do there $p 'one\nTHERE\nthree\n'; done
rm master/Removed.txt master/Stay.txt
files=mine/data/pages/Quiet/attachments
echo 'other' >$files/a.bin
echo 'second' >master/Quiet.files/a.bin
publish
fetches me 6 -q

resolve 0 Mine --show
grep -qx -- '-two' "$T/out" && grep -qx '+HERE' "$T/out" &&
	grep -qx '+THERE' "$T/out" && grep -q '^--- before' "$T/out" &&
	grep -q '^+++ this wiki' "$T/out" && grep -q '^+++ the feed' "$T/out" ||
	fail "$(cat "$T/out")"
resolve 0 Before --show
grep -qx -- '-here' "$T/out" && grep -qx '+there' "$T/out" ||
	fail "$(cat "$T/out")"
resolve 0 Quiet --attachment a.bin --show
said 'changed here and by the feed'
nothing_new
ok "both changes are shown, and nothing is touched"

# Refusals are one line.
one_line() {
	[ "$(wc -l <"$T/err")" = 1 ] || fail "$(cat "$T/err")"
}
resolve 2 Mine; one_line
resolve 2 Mine --mine --theirs; one_line
resolve 2 Unknown --mine; one_line
said "no feed brings page 'Unknown'"
resolve 2 '/x/' --mine; one_line
resolve 2 Mine --mine --feed other; one_line
resolve 0 Quiet --mine
grep -q 'nothing to resolve' "$T/out" || fail "$(cat "$T/out")"
for how in --mine --theirs; do
	stamp mine >one
	resolve 0 Mine $how -n
	stamp mine >two
	cmp -s one two || fail "a dry run wrote"
done
listed Mine conflict
ok "what cannot be is refused in one line, and a dry run writes nothing"

resolve 0 Mine --mine
is Mine 'one\nHERE\nthree\n'
listed Mine edited
nothing_new
there Mine 'one\nTHERE\nthree\nfour\nfive\n'
publish
fetches me 0
is Mine 'one\nHERE\nthree\nfour\nfive\n'
ok "--mine stands, and is merged with what the feed changes next"

resolve 0 Theirs --theirs --json
grep -q '"result":"the feed.s text is the new revision"' "$T/out" ||
	fail "$(cat "$T/out")"
is Theirs 'one\nTHERE\nthree\n'
had Theirs 'one\nHERE\nthree\n'
not_listed Theirs
resolve 0 Before --theirs
is Before 'there\nboth\n'
had Before 'here\nboth\n'
resolve 0 Gone --theirs
is Gone 'one\nTHERE\nthree\n'
resolve 0 Removed --theirs
is Removed ''
had Removed 'one\nHERE\nthree\n'
resolve 0 Stay --mine
is Stay 'one\nHERE\nthree\n'
for p in Before Gone Removed Stay; do not_listed $p; done
there Theirs 'all new\n'
publish
fetches me 0
is Theirs 'all new\n'
nothing_new
ok "--theirs is a new revision, or a deletion, and the local text is kept"

cat >editor <<'END'
#!/bin/sh
cp "$1" seen
cp edited "$1"
END
chmod +x editor
VISUAL="$T/editor"
export VISUAL TMPDIR="$T"
printf 'one\nHERE\n=======\nTHERE\nthree\n' >edited
resolve 6 Edit --edit; one_line
said 'marks still stand; the edited text is in'
is Edit 'one\nHERE\nthree\n'
cat >want <<'END'
one
<<<<<<< this wiki
HERE
=======
THERE
>>>>>>> the feed
three
END
cmp -s want seen || fail "$(cat seen)"
VISUAL=false resolve 6 Edit --edit; one_line
rm -rf wikicast-*
printf 'one\nHERE\nTHERE\nthree\n' >edited
resolve 0 Edit --edit
is Edit 'one\nHERE\nTHERE\nthree\n'
had Edit 'one\nHERE\nthree\n'
grep -q 'Edit	.*merged with local edit' mine/data/edit-log ||
	fail "the history does not tell"
[ -z "$(ls -d wikicast-* 2>/dev/null)" ] || fail "the text is left behind"
nothing_new
there Edit 'one\nTHERE\nthree\nfour\nfive\n'
publish
fetches me 0
is Edit 'one\nHERE\nTHERE\nthree\nfour\nfive\n'
ok "--edit installs what the editor leaves, once no mark stands"

# While the editor is open the wiki's people go on.
there Edit 'another\n'
publish
fetches me 6 -q
cat >editor <<END
#!/bin/sh
. '$PWD/save'
echo solved >"\$1"
END
cat >save <<END
cd '$T'
mkdir -p mine/data/pages/Edit/revisions
printf 'late\r\n' >mine/data/pages/Edit/revisions/00000009
echo 00000009 >mine/data/pages/Edit/current
END
resolve 6 Edit --edit; one_line
said 'edited or changed meanwhile'
is Edit 'late\n'
ok "what changed while the editor was open is not written over"

# MoinMoin keeps one version of an attachment.
resolve 6 Quiet --attachment a.bin --theirs; one_line
[ "$(cat $files/a.bin)" = other ] || fail "a file is lost"
rm $files/a.bin
resolve 0 Quiet --attachment a.bin --theirs
[ "$(cat $files/a.bin)" = second ] || fail "not installed"
nothing_new
ok "an attachment that could not be had again is not written over"
