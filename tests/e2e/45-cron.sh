#!/bin/sh
# Without an environment, with any umask, without stdin, stdout and stderr, as
# cron and init may run it: programs do the same, and what they make has the
# modes that its readers need.
. tests/e2e/lib.sh
. tests/e2e/crash-wikis.sh

bare() {
	env -i ASAN_OPTIONS="${ASAN_OPTIONS:-}" "$B/bin/wikicast" "$@"
}
KEY=$(make_key "$T/gnupg" alice) || exit 1
section() { # MIRROR WIKI SERVE
	printf '[follow news]\nmirror = file://%s/news/\nsigner = %s\n' "$1" "$KEY"
	printf 'wiki = %s\nserve = %s/news\ngrant = BadContent\n' "$2" "$3"
}
# scene FOLDER: a publisher, and followers with a wiki of each engine.
scene() {
	mkdir "$1" "$1/files"
	cp -a "$T/master" "$1/master"
	moin_folder "$1/moin"
	chmod 2775 "$1/moin/data" "$1/moin/data/pages"
	chmod 664 "$1/moin/data/edit-log"
	{
		printf '[state]\ndir = %s/pub\n[publish]\n' "$1"
		printf 'site = %s/site\nkey = %s\n' "$1" "$KEY"
		printf 'gnupg-home = %s/gnupg\n[feed news]\n' "$T"
		printf 'title = The News\nurl = http://127.0.0.1/news/\n'
		printf 'wiki = moin:%s/master/data\npages = *\n' "$1"
		printf 'patterns = BadContent\n'
	} >"$1/gen.conf"
	{
		printf '[state]\ndir = %s/one\n' "$1"
		section "$1/site" "moin:$1/moin/data" "$1/www/one"
	} >"$1/one.conf"
	{
		printf '[state]\ndir = %s/two\n' "$1"
		section "$1/www/one" "files:$1/files" "$1/www/two"
	} >"$1/two.conf"
}
# verbs FOLDER RUN: each verb that cron may run, by "RUN ARGUMENT...".
verbs() {
	"$2" gen -c "$1/gen.conf"
	"$2" fetch -c "$1/one.conf"
	"$2" fetch -c "$1/two.conf"
	"$2" mirror --state "$1/three" --signer "$KEY" \
	    "file://$1/www/two/news" "$1/www/three/news"
	"$2" verify --signer "$KEY" "$1/www/three/news"
}
# looks FOLDER: names and modes of everything, but for GnuPG's own.
looks() {
	(cd "$1" && find . -name 'gnupg*' -prune -o -printf '%M %P\n') |
		sed -E 's/[0-9a-f]{64}/DIGEST/; s|pool/[0-9a-f]{2}|pool/xx|' |
		sort
}
same_looks() { # FOLDER
	looks "$T/usual" >"$T/want"
	looks "$1" >"$T/have"
	diff "$T/want" "$T/have" >"$T/difference" ||
		fail "other modes: $(cat "$T/difference")"
	same_wiki "$1/files" "$T/usual/files"
	for page in Start BadContent; do
		cmp "$1/moin/data/pages/$page/revisions/00000001" \
		    "$T/usual/moin/data/pages/$page/revisions/00000001" ||
			fail "$page differs"
	done
}

in_order() { expect 0 wikicast "$@"; }
umask 022
master_wiki "$T/master"
scene "$T/usual"
verbs "$T/usual" in_order
[ "$(stat -c %a "$T/usual/pub" "$T/usual/one" "$T/usual/three" | uniq)" = 700 ] ||
	fail 'others may look into the state'
[ "$(stat -c %a "$T/usual/moin/data/pages/Start/current")" = 664 ] ||
	fail 'a group that has the wiki cannot write its page'
[ "$(find "$T/usual/www" "$T/usual/site" -type f ! -perm 644)" = '' ] &&
	[ "$(find "$T/usual/www" "$T/usual/site" -type d ! -perm 755)" = '' ] ||
	fail 'a web server cannot read it'

in_cron() { expect 0 bare -q "$@" && silent; }
for mask in 077 000 027; do
	umask 022
	scene "$T/mask$mask"
	umask "$mask"
	verbs "$T/mask$mask" in_cron
	umask 022
	same_looks "$T/mask$mask"
	ok "without an environment, with umask $mask"
done

# Numbers that are closed are the first that files and sockets would get: what
# is said must not end in them.
n=0
for how in '-v <&-' '-v 2>&-' '-v <&- 2>&-' '-q >&-' '-q <&- >&-' \
    '-q <&- >&- 2>&-'; do
	n=$((n + 1))
	scene "$T/closed$n"
	# shellcheck disable=SC2317
	with_closed() {
		eval "bare \"\$@\" $how" >"$T/out" 2>"$T/err"
		got=$?
		[ "$got" = 0 ] || fail "$how: exit status $got: $*"
	}
	verbs "$T/closed$n" with_closed
	verbs "$T/closed$n" with_closed
	same_looks "$T/closed$n"
	ok "with $how"
done

# What is said is lost, which is no success; but the work is done.
PIPE='
import os, sys
reading, writing = os.pipe()
if sys.argv[1] == "broken":
    os.close(reading)
else:
    os.set_blocking(writing, False)
    try:
        while True:
            os.write(writing, bytes(4096))
    except BlockingIOError:
        pass
os.dup2(writing, 1)
os.execv(sys.argv[2], sys.argv[2:])'
for how in full broken; do
	scene "$T/$how"
	# shellcheck disable=SC2317
	into_pipe() {
		expect 6 python3 -c "$PIPE" "$how" "$B/bin/wikicast" "$@"
		said 'results'
	}
	verbs "$T/$how" into_pipe
	same_looks "$T/$how"
	ok "into a pipe that is $how"
done
for how in '>/dev/full' '>&-' '>/dev/full 2>&1'; do
	n=$((n + 1))
	scene "$T/lost$n"
	# shellcheck disable=SC2317
	into_nothing() {
		eval "bare \"\$@\" $how"
		got=$?
		[ "$got" = 6 ] || fail "$how: exit status $got: $*"
	}
	verbs "$T/lost$n" into_nothing 2>/dev/null
	same_looks "$T/lost$n"
	ok "with $how"
done
