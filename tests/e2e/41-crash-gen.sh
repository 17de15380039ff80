#!/bin/sh
# gen is killed at every call that changes the disk, and run again: the tree
# is good at any time, no serial is burnt and no file left over.  CRASH=all
# takes every call; else it is a sample of them.
. tests/e2e/lib.sh
. tests/e2e/crash-wikis.sh

if readelf -d "$B/libexec/wikicast-gen" | grep -qE 'asan|ubsan'; then
	skip "sanitizers do not like to be preloaded"
fi
[ "${CRASH:-}" = all ] && step=1 || step=4
printf '[state]\ndir = %s/none\n' "$T" >"$T/none.conf"
export WIKICAST_CONFIG="$T/none.conf"
master_wiki "$T/master"
publisher "moin:$T/master/data" 'pages = *' 'patterns = BadContent'
export KEY

python3 -B tests/e2e/crash.py gen "$T" $step ||
	fail "the first publication does not survive a crash"
change_master_wiki "$T/master"
rm -rf "$T"/*.start
python3 -B tests/e2e/crash.py gen "$T" $step ||
	fail "an update does not survive a crash"
