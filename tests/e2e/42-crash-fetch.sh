#!/bin/sh
# fetch is killed at every call that changes the disk, and run again: each
# revision is there once and told once in each log, a local edit stands or is
# merged once, and no page is hidden.  CRASH=all takes every call; else it is a
# sample of them.
. tests/e2e/lib.sh
. tests/e2e/crash-wikis.sh

if readelf -d "$B/libexec/wikicast-fetch" | grep -qE 'asan|ubsan'; then
	skip "sanitizers do not like to be preloaded"
fi
[ "${CRASH:-}" = all ] && step=1 || step=6
crashes() { # WHAT
	rm -rf "$T"/*.start
	python3 -B tests/e2e/crash.py fetch "$T" $step ||
		fail "$1 does not survive a crash"
}

master_long() { # WHAT: a page on which two changes do not meet
	moin_save "$T/master" Long "one\ntwo\nthree\n$1\n"
}
master_wiki "$T/master"
master_long four
publisher "moin:$T/master/data" 'pages = *' 'patterns = BadContent'
publish
moin_folder "$T/mine"
follower me "file://$T/site/news/" "wiki = moin:$T/mine/data" \
    'grant = BadContent'
crashes "the first fetch into MoinMoin"
change_master_wiki "$T/master"
master_long FOUR
publish
moin_save "$T/mine" Page5 'edited here\n' 'a local edit'
moin_save "$T/mine" Long 'ONE\ntwo\nthree\nfour\n' 'a local edit'
moin_save "$T/mine" BadContent 'spam\\\\.example\nmine\\\\.example\n'
crashes "an update in MoinMoin"
expect 0 wikicast log -c "$T/me.conf"
[ "$(grep -c merged "$T/out")" = 2 ] || fail "$(cat "$T/out")"

# The same into a folder of files.
rm -rf "$T/mine" "$T/me.state" "$T/site" "$T/pub" "$T/master"
master_wiki "$T/master"
master_long four
publish
mkdir "$T/mine"
follower me "file://$T/site/news/" "wiki = files:$T/mine" \
    'grant = BadContent'
crashes "the first fetch into files"
change_master_wiki "$T/master"
master_long FOUR
publish
echo 'edited here' >"$T/mine/Page5.txt"
printf 'ONE\ntwo\nthree\nfour\n' >"$T/mine/Long.txt"
crashes "an update of files"
