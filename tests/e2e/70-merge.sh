#!/bin/sh
# Pages that were edited here and changed there, all cases, under each policy,
# in MoinMoin and in a folder: what was current is in the history, always.
. tests/e2e/lib.sh
. tests/e2e/crash-wikis.sh

cd "$T" || exit 1
mkdir master
publisher "files:$T/master" 'pages = *' 'patterns = BadContent'
there() { printf "$2" >"master/$1.txt"; }

# ---- the follower's wiki, of engine $E ----

new_wiki() {
	rm -rf mine me.state
	case $E in
	moin) moin_folder mine; place=moin:$T/mine/data ;;
	files) mkdir mine; place=files:$T/mine ;;
	esac
}
here() { # PAGE TEXT
	case $E in
	moin) moin_save mine "$1" "$2" ;;
	files) printf "$2" >"mine/$1.txt" ;;
	esac
}
gone_here() {
	case $E in
	moin) moin_delete mine "$1" ;;
	files) rm "mine/$1.txt" ;;
	esac
}
folder() { # PAGE: of its attachments
	case $E in
	moin) echo "mine/data/pages/$1/attachments" ;;
	files) echo "mine/$1.files" ;;
	esac
}
text() { # PAGE: as it is now; nothing if there is none
	case $E in
	moin) page=mine/data/pages/$1
		cat "$page/revisions/$(cat "$page/current")" 2>/dev/null |
			tr -d '\r' ;;
	files) cat "mine/$1.txt" 2>/dev/null ;;
	esac
}
pages() {
	case $E in
	moin) ls mine/data/pages ;;
	files) (cd mine && ls | sed -n 's/\.txt\(\.~.*\)*$//p' | sort -u) ;;
	esac
}
history() { # PAGE: each text that it ever had, in the files $T/past/*
	rm -rf past
	mkdir past
	case $E in
	moin) for r in "mine/data/pages/$1/revisions"/*; do
		tr -d '\r' <"$r" >"past/$(basename "$r")"
	done ;;
	files) cp mine/"$1".txt* past/ 2>/dev/null ;;
	esac
}
# is PAGE TEXT: what it is now, "" for a page that is not there.
is() {
	printf "$2" >want
	text "$1" | cmp -s - want ||
		fail "$E, $policy: $1 is '$(text "$1")' instead of '$2'"
}
# run STATUS [OPTION...]: fetch; what was current before is in the history.
run() {
	rm -rf before
	mkdir before
	for p in $(pages); do text "$p" >"before/$p"; done
	status=$1
	shift
	fetches me "$status" "$@"
	mv "$T/out" said.out; mv "$T/err" said.err
	for p in $(cd before && ls); do
		[ -s "before/$p" ] || continue
		history "$p"
		found=
		for old in past/*; do
			cmp -s "$old" "before/$p" && found=1
		done
		[ -n "$found" ] || fail "$E, $policy: a text of $p is lost"
	done
	mv said.out "$T/out"; mv said.err "$T/err"
}
nothing_new() {
	stamp mine >one
	run 0 -q
	silent
	stamp mine >two
	cmp -s one two || fail "$E, $policy: written again"
}
# listed PAGE ANSWER
listed() {
	expect 0 wikicast status -c me.conf
	grep -q "page '$1' *$2" "$T/out" ||
		fail "$E, $policy: $1 is no $2: $(cat "$T/out")"
}
not_listed() {
	expect 0 wikicast status -c me.conf
	! grep -q "page '$1'" "$T/out" ||
		fail "$E, $policy: $1 is listed: $(cat "$T/out")"
}

# Every case has a page, named after what becomes of it here and there.
begin() { # ENGINE POLICY
	E=$1 policy=$2
	rm -rf master/* site pub
	new_wiki
	follower me "file://$T/site/news/" "wiki = $place" \
	    'grant = BadContent' "on-local-edit = $policy"
	for p in SameSame SameChanged ChangedSame Alike Clean Unclean \
	    GoneSame GoneChanged ChangedGone GoneGone SameGone; do
		there $p 'one\ntwo\nthree\nfour\n'
	done
	there BadContent '## list\na\\.example\nb\\.example\nc\\.example\n'
	publish
	run 0 -q
	is Clean 'one\ntwo\nthree\nfour\n'
}
change() {
	there SameChanged 'one\ntwo\nthree\nFOUR\n'
	here ChangedSame 'ONE\ntwo\nthree\nfour\n'
	here Alike 'ONE\ntwo\nthree\nfour\n'
	there Alike 'ONE\ntwo\nthree\nfour\n'
	here Clean 'ONE\ntwo\nthree\nfour\n'
	there Clean 'one\ntwo\nthree\nFOUR\n'
	here Unclean 'ONE\ntwo\nthree\nfour\n'
	there Unclean '1\ntwo\nthree\nfour\n'
	gone_here GoneSame
	gone_here GoneChanged
	there GoneChanged 'one\ntwo\nthree\nFOUR\n'
	here ChangedGone 'ONE\ntwo\nthree\nfour\n'
	rm master/ChangedGone.txt
	gone_here GoneGone
	rm master/GoneGone.txt master/SameGone.txt
	here NewHere 'here\n'
	there NewThere 'there\n'
	here NewAlike 'new\n'
	there NewAlike 'new\n'
	here NewBoth 'here\n'
	there NewBoth 'there\n'
	here BadContent \
	    '#acl All:read\n## list\nb\\.example\nc\\.example\nmine\\.example\n'
	there BadContent \
	    '## new list\na\\.example\nb\\.example\nd\\.example\n'
	publish
}
# What no policy has a say in.
undisputed() {
	is SameSame 'one\ntwo\nthree\nfour\n'
	is SameChanged 'one\ntwo\nthree\nFOUR\n'
	is Alike 'ONE\ntwo\nthree\nfour\n'
	is GoneGone ''
	is SameGone ''
	is NewHere 'here\n'
	is NewThere 'there\n'
	is NewAlike 'new\n'
}

for engine in moin files; do
	begin $engine merge
	change
	run 6 --json
	[ "$(number merged)" = 2 ] && [ "$(number conflicts)" = 4 ] ||
		fail "$(cat "$T/out")"
	said "page 'Clean': merged with the local edit"
	said "page 'BadContent': merged .*: 2 lines are added and 1 removed"
	undisputed
	is ChangedSame 'ONE\ntwo\nthree\nfour\n'
	is Clean 'ONE\ntwo\nthree\nFOUR\n'
	is Unclean 'ONE\ntwo\nthree\nfour\n'
	is GoneSame ''
	is GoneChanged ''
	is ChangedGone 'ONE\ntwo\nthree\nfour\n'
	is NewBoth 'here\n'
	is BadContent \
	    '#acl All:read\n## new list\nb\\.example\nd\\.example\nmine\\.example\n'
	nothing_new
	for p in Unclean GoneChanged ChangedGone NewBoth; do
		listed $p conflict
	done
	listed Clean edited
	expect 0 wikicast log -c me.conf --item Clean
	grep -q merged "$T/out" || fail "$(cat "$T/out")"
	ok "$engine: changes that do not meet are merged, others stand"

	# The base of the next merge is the feed's text, not the merged one.
	there Clean 'one\ntwo\nthree\nFOUR\nfive\n'
	there BadContent '## new list\na\\.example\nd\\.example\ne\\.example\n'
	publish
	run 0 --json
	[ "$(number merged)" = 2 ] || fail "$(cat "$T/out" "$T/err")"
	is Clean 'ONE\ntwo\nthree\nFOUR\nfive\n'
	is BadContent \
	    '#acl All:read\n## new list\nd\\.example\ne\\.example\nmine\\.example\n'
	# The feed takes the edit over, and so has all of it.
	there Clean 'ONE\ntwo\nthree\nFOUR\nfive\nsix\n'
	publish
	run 0 --json
	is Clean 'ONE\ntwo\nthree\nFOUR\nfive\nsix\n'
	not_listed Clean
	there Clean 'all new\n'
	publish
	run 0
	is Clean 'all new\n'
	nothing_new
	ok "$engine: merged again and again, until the texts agree"

	# A conflict outlives many serials, and still has its base.
	for n in $(seq 20); do
		there Other "$n\n"
		publish
	done
	there Unclean 'one\ntwo\nthree\nFOUR\n'
	publish
	run 0
	is Unclean 'ONE\ntwo\nthree\nFOUR\n'
	nothing_new
	ok "$engine: what both began with is known for as long as it matters"

	begin $engine keep
	change
	run 0 --json
	[ "$(number merged)" = 0 ] && [ "$(number conflicts)" = 0 ] ||
		fail "$(cat "$T/out")"
	undisputed
	for p in ChangedSame Clean Unclean ChangedGone; do
		is $p 'ONE\ntwo\nthree\nfour\n'
	done
	is GoneSame ''
	is GoneChanged ''
	is NewBoth 'here\n'
	listed Clean edited
	nothing_new
	ok "$engine: keep leaves what is here"
	sed -i 's/^on-local-edit.*/&\nmerge-local = Cl* *Content/' me.conf
	run 0 --json
	[ "$(number merged)" = 2 ] || fail "$(cat "$T/out")"
	is Clean 'ONE\ntwo\nthree\nFOUR\n'
	is Unclean 'ONE\ntwo\nthree\nfour\n'
	nothing_new
	ok "$engine: another rule for some pages counts at once"

	begin $engine overwrite
	sed -i 's/^on-local-edit.*/&\nkeep-local = Unclean/' me.conf
	change
	run 0 --json
	undisputed
	is ChangedSame 'one\ntwo\nthree\nfour\n'
	is Clean 'one\ntwo\nthree\nFOUR\n'
	is Unclean 'ONE\ntwo\nthree\nfour\n'
	is GoneSame 'one\ntwo\nthree\nfour\n'
	is GoneChanged 'one\ntwo\nthree\nFOUR\n'
	is ChangedGone ''
	is NewBoth 'there\n'
	is BadContent '## new list\na\\.example\nb\\.example\nd\\.example\n'
	nothing_new
	ok "$engine: overwrite makes the feed's text the new revision"
done
