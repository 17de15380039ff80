#!/bin/sh
# Hooks that fail, are missing, die, hang or leave children: what was installed
# or published stays, one line says what went wrong, once under cron, and the
# hook is run again until it succeeds, also without news.
. tests/e2e/lib.sh
. tests/e2e/crash-wikis.sh

cd "$T" || exit 1
mkdir wiki
publisher "files:$T/wiki" 'pages = *'
sed -i "s|^gnupg-home.*|&\nafter = $T/hook there|" pub.conf
moin_folder mine
follower me "file://$T/site/news/" "wiki = moin:$T/mine/data" \
    "after = $T/hook here"

# hook LINE...: what both run from now on; "ran" has a line for each time.
hook() {
	{
		printf '#!/bin/sh\necho "$1 ${WIKICAST_SERIAL:-}" >>%s/ran\n' "$T"
		printf '%s\n' "$@"
	} >hook
	chmod +x hook
	rm -f ran
}
ran() { # LINE...
	[ "$(cat ran 2>/dev/null)" = "$(printf '%s\n' "$@")" ] ||
		fail "what ran: $(cat ran)"
}
one_line() { # TEXT
	[ ! -s out ] && [ "$(wc -l <err)" = 1 ] ||
		fail "not one line: $(cat out err)"
	said "$1"
}
n=0
# news: the next serial is about to be; installed: page and serial are.
news() {
	n=$((n + 1))
	echo "text $n" >wiki/Page.txt
}
installed() {
	at=mine/data/pages/Page
	tr -d '\r' <"$at/revisions/$(cat $at/current)" | grep -qx "text $n" ||
		fail "the wiki does not have text $n"
	expect 0 wikicast status --json -c me.conf
	[ "$(number serial)" = "$n" ] || fail "$(cat out)"
	[ ! -s err ] || fail "$(cat err)"
}
gen() { rm -f hangs; env "$@" "$B/bin/wikicast" gen -q --now -c pub.conf; }
fetch() { rm -f hangs; env "$@" "$B/bin/wikicast" fetch -q -c me.conf; }

# bad NAME CAUSE [SETTING...]: both fail so; then the hook is well.
bad() {
	name=$1
	cause=$2
	shift 2
	news
	expect 6 gen "$@"
	one_line "hook '$T/hook' failed: $cause"
	[ "$(serial site/news/feed.atom)" = "$n" ] || fail 'not published'
	expect 0 wikicast verify -q --signer "$KEY" site/news
	stamp site/news >site.was
	expect 6 fetch "$@"
	one_line "feed 'news': hook '$T/hook' failed: $cause"
	installed
	stamp mine >mine.was
	# Said once, and tried again, though there is no news.
	[ -e ran ] && ran 'there ' "here $n"
	expect 6 gen "$@"
	silent
	expect 6 fetch "$@"
	silent
	[ -e ran ] && ran 'there ' "here $n" 'there ' "here $n"
	hook
	expect 0 gen
	silent
	expect 0 fetch
	silent
	ran 'there ' "here $n"
	# It is done then.
	expect 0 gen
	expect 0 fetch
	silent
	ran 'there ' "here $n"
	stamp mine | cmp -s - mine.was || fail 'the wiki is written again'
	stamp site/news | cmp -s - site.was || fail 'it is published again'
	ok "$name"
}
hook 'exit 3'
bad 'a hook that fails' 'exit status 3'
hook 'echo words; kill -9 $$'
# What it says comes first.
news
expect 6 gen
grep -qx words err || fail "what the hook says is lost: $(cat err)"
hook
expect 0 gen
expect 0 fetch
hook 'kill -9 $$'
bad 'a hook that is killed' 'killed by signal 9 (Killed)'

# What it started ends with it; the clock of both goes forward while they wait.
mkfifo never
hook "cat $T/never &" "echo \$! >>$T/left" ": >$T/hangs" 'wait'
bad 'a hook that hangs' 'stopped after 600 seconds' PATIENCE_CHILD="$T/hangs" \
    ASAN_OPTIONS="verify_asan_link_order=0:${ASAN_OPTIONS:-}" \
    LD_PRELOAD="$B/tests/support/patience_preload.so"
[ "$(wc -l <left)" = 4 ] || fail "$(cat left)"
while read -r pid; do
	[ "$(ps -o stat= -p "$pid" 2>/dev/null | cut -c 1)" = S ] &&
		fail "process $pid was left"
done <left
ok 'what a hook that hangs had started has ended'

# One that ends well may leave somebody at work: nobody waits for that.
hook "sleep 1000 >/dev/null 2>&1 &" "echo \$! >>$T/working"
rm -f working
news
expect 0 gen
silent
expect 0 fetch
silent
installed
while read -r pid; do
	kill -0 "$pid" || fail 'what works on is ended'
	kill "$pid"
done <working
ok 'a hook may leave somebody at work'

# There is none, or it cannot be executed.
for how in missing mode folder; do
	rm -rf hook ran
	case $how in
	mode) : >hook ;;
	folder) mkdir hook ;;
	esac
	news
	expect 6 gen
	one_line "hook: cannot run '$T/hook': "
	expect 6 fetch
	one_line "feed 'news': hook: cannot run '$T/hook': "
	installed
	rm -rf hook
	hook
	expect 0 gen
	silent
	expect 0 fetch
	silent
	ran 'there ' "here $n"
	ok "a hook that cannot be executed: $how"
done

# A failure that is over is told of again when it comes back; with another
# cause at once; without -q each time.
for round in 1 2; do
	news
	hook 'exit 1'
	expect 6 gen
	one_line 'exit status 1'
	expect 6 fetch
	one_line 'exit status 1'
	hook 'exit 2'
	expect 6 gen
	one_line 'exit status 2'
	expect 6 fetch
	one_line 'exit status 2'
	expect 6 wikicast gen -c pub.conf
	said 'exit status 2'
	expect 6 wikicast fetch -c me.conf
	said 'exit status 2'
	hook
	expect 0 gen
	expect 0 fetch
	silent
done
ok 'each cause is told of once, and again when it comes back'

# Nothing is run by a dry run, nor without a hook.
news
expect 0 wikicast gen -n -q -c pub.conf
hook 'exit 1'
expect 6 gen
expect 6 fetch
hook
expect 0 wikicast gen -n -q -c pub.conf
expect 0 wikicast fetch -n -q -c me.conf
[ ! -e ran ] || fail "a dry run runs the hook: $(cat ran)"
sed -i '/^after/d' pub.conf me.conf
expect 0 gen
expect 0 fetch
silent
[ ! -e ran ] || fail "what is no hook any more was run: $(cat ran)"
ok 'a dry run runs no hook'
