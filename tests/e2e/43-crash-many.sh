#!/bin/sh
# fetch is killed while several groups of pages are on their way at once: the
# next run ends as if nothing had happened.  CRASH=all takes more places.
. tests/e2e/lib.sh
. tests/e2e/crash-wikis.sh

if readelf -d "$B/libexec/wikicast-fetch" | grep -qE 'asan|ubsan'; then
	skip "sanitizers do not like to be preloaded"
fi
[ "${CRASH:-}" = all ] && step=397 || step=2711

mkdir "$T/wiki"
seq 600 | while read -r n; do echo "page $n" >"$T/wiki/Page$n.txt"; done
echo '| admins |' >"$T/wiki/AdminGroup.txt"
publisher "files:$T/wiki" 'pages = *'
publish
moin_folder "$T/mine"
follower me "file://$T/site/news/" "wiki = moin:$T/mine/data" 'grant = *'
python3 -B tests/e2e/crash.py fetch "$T" $step ||
	fail "a first fetch of many pages does not survive a crash"
