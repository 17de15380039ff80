#!/bin/sh
# mirror, fetch with "serve", init, and a fetch of so many pages that they go
# in groups are killed at every call that changes the disk, and run again: a
# copy is whole whenever it is looked at.  CRASH=all takes every call; else it
# is a sample of them.
. tests/e2e/lib.sh
. tests/e2e/crash-wikis.sh

if readelf -d "$B/libexec/wikicast-fetch" | grep -qE 'asan|ubsan'; then
	skip "sanitizers do not like to be preloaded"
fi
crashes() { # KIND STEP WHAT
	rm -rf "$T"/*.start
	[ "${CRASH:-}" = all ] && step=1 || step=$2
	python3 -B tests/e2e/crash.py "$1" "$T" $step ||
		fail "$3 does not survive a crash"
}

printf '[state]\ndir = %s/none\n' "$T" >"$T/none.conf"
export WIKICAST_CONFIG="$T/none.conf"
mkdir "$T/wiki"
master_wiki "$T/master"
publisher "moin:$T/master/data" 'pages = *' 'patterns = BadContent'
export KEY
publish
crashes mirror 20 'the first copy'
mkdir "$T/mine"
follower me "file://$T/site/news/" "wiki = files:$T/mine" \
    "serve = $T/copy/news"
mv "$T/copy" "$T/mirrored"
crashes serve 40 'the first fetch that serves'
rm -rf "$T/served"
mv "$T/copy" "$T/served"
mv "$T/mirrored" "$T/copy"
change_master_wiki "$T/master"
publish
crashes mirror 20 'an update of a copy'
rm -rf "$T/copy"
mv "$T/served" "$T/copy"
crashes serve 40 'an update of what is served'

crashes init-own 2 'init with a key of its own'
rm -rf "$T"/new.*
crashes init 3 'init'
crashes init-more 2 'init of a second feed'

# More than 32 items, so that the disk is flushed for groups of them.
rm -rf "$T/master" "$T/site" "$T/pub" "$T/mine" "$T/me.state"
moin_folder "$T/master"
moin_folder "$T/mine"
for n in $(seq 40); do moin_save "$T/master" Page$n "page $n\n"; done
publish
follower me "file://$T/site/news/" "wiki = moin:$T/mine/data"
crashes fetch 60 'a first fetch of many pages'
for n in $(seq 3 40); do moin_save "$T/master" Page$n "edited $n\n"; done
moin_delete "$T/master" Page2
publish
moin_save "$T/mine" Page5 'edited here\n' 'a local edit'
crashes fetch 90 'an update of many pages'
