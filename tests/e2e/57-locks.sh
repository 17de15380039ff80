#!/bin/sh
# Who finds a lock held waits for a minute, names the holder in one line, ends
# with 7 and changes nothing; a page that is locked in the wiki waits for the
# next run, and the other pages do not.
. tests/e2e/lib.sh
. tests/e2e/crash-wikis.sh

# hasty COMMAND...: what it would sleep is counted in $T/slept instead.
hasty() {
	env PATIENCE="$T/slept" \
	    ASAN_OPTIONS="verify_asan_link_order=0:${ASAN_OPTIONS:-}" \
	    LD_PRELOAD="$B/tests/support/patience_preload.so" \
	    "$B/bin/wikicast" "$@"
}
everything() {
	stamp "$T" | grep -v '^\./\(out\|err\|before\|after\|slept\) '
}
# busy LOCK HOLDER COMMAND...: it waits for the lock, and gives up.
busy() {
	where=$1
	by=$2
	shift 2
	rm -f "$T/slept"
	everything >"$T/before"
	expect 7 hasty "$@"
	everything >"$T/after"
	diff "$T/before" "$T/after" || fail "something was changed: $*"
	[ ! -s "$T/out" ] || fail "it says $(cat "$T/out")"
	[ "$(wc -l <"$T/err")" = 1 ] || fail "not one line: $(cat "$T/err")"
	said "state folder '${where%/*}': another run$by holds the lock"
	said "'${where##*/}'"
	slept=$(cat "$T/slept")
	[ "$slept" -ge 59000 ] && [ "$slept" -le 61000 ] ||
		fail "it waits $slept ms"
}
# locked LOCK: by this test.
locked() {
	exec 7<>"$1" && flock -n 7 || fail "$1 is not to be had"
}
unlocked() { exec 7>&-; }

mkdir "$T/wiki" "$T/mine"
publisher "files:$T/wiki" 'pages = *'
echo one >"$T/wiki/A.txt"
publish
mkfifo "$T/begun" "$T/go"
cat >"$T/hook" <<END
#!/bin/sh
echo begun >$T/begun
read go <$T/go
END
chmod +x "$T/hook"
follower me "file://$T/site/news/" "wiki = files:$T/mine" "after = $T/hook"

# A run of fetch that stands in its hook.
"$B/libexec/wikicast-fetch" fetch -q -c "$T/me.conf" &
holder=$!
PIDS="$PIDS $holder"
read -r word <"$T/begun"
[ "$word" = begun ] || fail 'the hook did not run'
echo two >"$T/wiki/B.txt"
publish
LOCK=$T/me.state/follow.lock
for how in -q -v -n; do
	busy "$LOCK" " (process $holder)" fetch $how -c "$T/me.conf"
done
busy "$LOCK" " (process $holder)" resume -c "$T/me.conf" news
busy "$LOCK" " (process $holder)" unfollow -c "$T/me.conf" news
expect 0 wikicast status -c "$T/me.conf"
grep -q '^news ' "$T/out" || fail "status: $(cat "$T/out")"
expect 0 wikicast log -c "$T/me.conf"
ok 'fetch, resume and unfollow wait for another run, and name it'

kill -9 "$holder"
wait "$holder" 2>/dev/null
sed -i '/^after/d' "$T/me.conf"
expect 0 hasty fetch -q -c "$T/me.conf"
same_wiki "$T/wiki" "$T/mine"
ok 'a lock ends with its holder, however he ends'

LOCK=$T/pub/publish.lock
locked "$LOCK"
echo 4711 >&7
echo three >"$T/wiki/C.txt"
busy "$LOCK" ' (process 4711)' gen -c "$T/pub.conf" --now
busy "$LOCK" ' (process 4711)' gen -n -c "$T/pub.conf" --now
unlocked
publish
ok 'gen waits for another run, and names it'

LOCK=$T/copy.state/follow.lock
copy() {
	"$@" mirror -q --state "$T/copy.state" --signer "$KEY" \
	    "file://$T/site/news" "$T/copy/news"
}
expect 0 copy wikicast
echo four >"$T/wiki/D.txt"
publish
: >"$LOCK"
locked "$LOCK"
busy "$LOCK" '' mirror -q --state "$T/copy.state" --signer "$KEY" \
    "file://$T/site/news" "$T/copy/news"
echo nonsense >&7
busy "$LOCK" '' mirror -q --state "$T/copy.state" --signer "$KEY" \
    "file://$T/site/news" "$T/copy/news"
unlocked
expect 0 copy wikicast
silent
cmp -s "$T/site/news/feed.atom" "$T/copy/news/feed.atom" || fail 'no copy'
ok 'mirror waits for another run; a holder without a number is held for one'

rm -rf "$T/stolen"
mkdir -p "$T/stolen"
ln -s "$T/wiki/A.txt" "$T/stolen/follow.lock"
sed "s|^dir = .*|dir = $T/stolen|" "$T/me.conf" >"$T/link.conf"
expect 6 hasty fetch -q -c "$T/link.conf"
said 'follow.lock'
[ "$(cat "$T/wiki/A.txt")" = one ] || fail 'a lock was written elsewhere'
ok 'a lock that leads elsewhere is refused'

# MoinMoin's own lock of a page, and ours, of one who still goes on.
rm -rf "$T/site" "$T/pub" "$T/wiki"
moin_folder "$T/mine.moin"
master_wiki "$T/master"
sed -i "s|^wiki = .*|wiki = moin:$T/master/data|" "$T/pub.conf"
publish
follower moin "file://$T/site/news/" "wiki = moin:$T/mine.moin/data"
fetches moin 0 -q
PAGES=$T/mine.moin/data/pages
number() { cat "$PAGES/$1/current"; }
for name in current-locked .wikicast-0123456789abcdef.lock; do
	for page in Page1 Page2; do
		moin_save "$T/master" $page "locked as $name\n"
	done
	publish
	was=$(number Page2)
	mv "$PAGES/Page1/current" "$PAGES/Page1/$name"
	stamp "$PAGES/Page1" >"$T/before"
	expect 0 hasty fetch -q -c "$T/moin.conf"
	silent
	stamp "$PAGES/Page1" | diff "$T/before" - ||
		fail 'the locked page is touched'
	[ "$(number Page2)" != "$was" ] || fail 'one page held up the other'
	expect 0 wikicast status -c "$T/moin.conf"
	grep -q "page 'Page1' *locked" "$T/out" || fail "$(cat "$T/out")"
	expect 0 hasty fetch -v -c "$T/moin.conf"
	said "feed 'news': page 'Page1': locked: "
	stamp "$PAGES/Page1" | diff "$T/before" - ||
		fail 'the locked page is touched'
	mv "$PAGES/Page1/$name" "$PAGES/Page1/current"
	expect 0 hasty fetch -q -c "$T/moin.conf"
	silent
	tr -d '\r' <"$PAGES/Page1/revisions/$(number Page1)" |
		grep -qx "locked as $name" || fail 'it did not arrive'
	expect 0 wikicast status -c "$T/moin.conf"
	! grep -q "page 'Page1'" "$T/out" || fail "$(cat "$T/out")"
	ok "a page locked as $name waits for the next run, alone"
done

# Who has only opened an editor holds nothing: he is told when he saves.
printf '%s000000\t00000000\tLOCK\tPage1\t127.0.0.1\tlocalhost\t\t\t\n' \
    "$(date +%s)" >"$PAGES/Page1/edit-lock"
cp "$PAGES/Page1/edit-lock" "$T/edit-lock"
moin_save "$T/master" Page1 'while it is edited\n'
publish
was=$(number Page1)
expect 0 hasty fetch -q -c "$T/moin.conf"
silent
[ "$(number Page1)" != "$was" ] || fail 'it did not arrive'
cmp -s "$T/edit-lock" "$PAGES/Page1/edit-lock" || fail 'edit-lock is touched'
ok 'an open editor is no lock'
