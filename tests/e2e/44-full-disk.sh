#!/bin/sh
# The disk is full from any call on, or at it: gen, fetch and mirror end with 6 and a
# line that says so, what was there is as it was or as it should be, and the
# next run that has room ends as if nothing had happened.  CRASH=all takes
# every call; else it is a sample of them.
. tests/e2e/lib.sh
. tests/e2e/crash-wikis.sh

if readelf -d "$B/libexec/wikicast-fetch" | grep -qE 'asan|ubsan'; then
	skip "sanitizers do not like to be preloaded"
fi
fills() { # KIND STEP WHAT
	rm -rf "$T"/*.start
	[ "${CRASH:-}" = all ] && step=1 || step=$2
	python3 -B tests/e2e/crash.py "$1" "$T" $step full ||
		fail "$3 does not survive a full disk"
}

printf '[state]\ndir = %s/none\n' "$T" >"$T/none.conf"
export WIKICAST_CONFIG="$T/none.conf"
master_wiki "$T/master"
publisher "moin:$T/master/data" 'pages = *' 'patterns = BadContent'
export KEY
fills gen 11 'a first publication'
change_master_wiki "$T/master"
fills gen 11 'a publication'
fills mirror 17 'a copy'
moin_folder "$T/mine"
follower me "file://$T/site/news/" "wiki = moin:$T/mine/data" \
    'grant = BadContent'
fills fetch 17 'a first fetch into MoinMoin'
for page in 1 2 3; do moin_save "$T/master" Page$page 'edited\n'; done
publish --now
fills fetch 13 'an update of MoinMoin'
