#!/bin/sh
# make demo: two wikis, two mirrors, one of which dies and one lies.  Shows
# each command before it runs; ends non-zero if anything is not as it should
# be.  Everything is below one temporary folder and on loopback ports.
cd "$(dirname "$0")/.." || exit 1
. tests/e2e/lib.sh
PATH=$B/bin:$PATH
cd "$T" || exit 1

say() { printf '\n\033[1m%s\033[0m\n' "$*" | if [ -t 1 ]; then cat; else
	sed 's/\x1b\[[0-9]*m//g'; fi; }
run() { printf '$ %s\n' "$*"; "$@"; }
# try STATUS COMMAND...: shown, and its exit status must be that.
try() {
	want=$1
	shift
	run "$@"
	got=$?
	[ "$got" = "$want" ] || fail "exit status $got instead of $want"
	[ "$want" = 0 ] || echo "(exit status $want, as it should be)"
}
pages() { ls "$1/data/pages" | wc -l; }
# A new revision, as MoinMoin writes it.
edit() {
	page=$T/master/data/pages/$1
	n=$(printf '%08d' $(($(sed 's/^0*//' "$page/current") + 1)))
	printf '%s\r\n' "$2" | cat "$page/revisions/$(cat "$page/current")" - \
	    >"$page/revisions/$n"
	line=$(printf '%s000000\t%s\tSAVE\t%s\t\tMaster\t\t\t%s' \
	    "$(date +%s)" "$n" "$1" "$3")
	echo "$line" >>"$page/edit-log"
	echo "$n" >"$page/current.new" && mv "$page/current.new" "$page/current"
	echo "$line" >>"$T/master/data/edit-log"
	echo "(MoinMoin saves revision $n of $1)"
}

say 'A master wiki with help pages in four languages, BadContent, an InterWikiMap'
sh "$OLDPWD/examples/make-wiki.sh" "$T/master/data" || fail 'no example wiki'
mkdir -p mine/data/pages && : >mine/data/edit-log
echo "$(pages master) pages in the master's wiki, $(pages mine) in ours"

say 'The publisher: a key, a configuration, and the first publication'
mkdir site one two
start_nginx first "$T/one"; ONE=http://127.0.0.1:$PORT; PID1=$NGINX_PID
start_nginx second "$T/two"; TWO=http://127.0.0.1:$PORT
try 0 wikicast init help -c pub.conf --state "$T/pub" --site "$T/site" \
    --wiki "moin:$T/master/data" --url "$ONE/help/" --title 'Help for wikis' \
    --pages '*' --patterns BadContent --interwiki InterWikiMap
KEY=$(sed -n 's/^key *= *//p' pub.conf)
try 0 wikicast gen -c pub.conf
mirror() { # plain copies, files first and the feed last (FORMAT section 2)
	for m in one two; do
		mkdir -p "$m/help"
		(cd site/help && tar cf - --exclude=./feed.atom .) |
			tar xf - -C "$m/help"
		cp -p site/help/feed.atom "$m/help/.feed.new"
		mv "$m/help/.feed.new" "$m/help/feed.atom"
	done
}
mirror
echo "(two web servers have copies of site/: $ONE/help/ and $TWO/help/)"

say 'Our wiki follows: what would be trusted, and what would arrive'
try 0 wikicast follow help "$ONE/help/" "$TWO/help/" -c our.conf --yes \
    --state "$T/our" --signer "$KEY" --wiki "moin:$T/mine/data" \
    --grant BadContent --grant InterWikiMap
try 0 wikicast fetch -c our.conf
[ "$(pages mine)" = "$(pages master)" ] || fail 'pages are missing'
echo "$(pages mine) pages in our wiki now"

say 'An edit travels: one request, a step of a few hundred bytes inside the feed'
edit BadContent 'cheap-watches\.example' 'one more spammer'
try 0 wikicast gen -c pub.conf
mirror
try 0 wikicast fetch -c our.conf
grep -q 'cheap-watches' mine/data/pages/BadContent/revisions/00000002 ||
	fail 'the edit did not arrive'
tail -n 1 mine/data/edit-log
try 0 wikicast fetch -c our.conf

say 'One mirror dies, the other one lies'
kill "$PID1"
edit HelpOnEditing 'Be kind.' 'a rule'
try 0 wikicast gen -c pub.conf
mirror
sed 's/<title>/<title>free pills! /' two/help/feed.atom >two/help/.feed.new
mv two/help/.feed.new two/help/feed.atom
try 4 wikicast fetch -c our.conf
[ ! -e mine/data/pages/HelpOnEditing/revisions/00000002 ] ||
	fail 'something was installed'
echo '(the wiki is as it was)'

say 'A good copy again: the next run takes it'
mirror
try 0 wikicast fetch -c our.conf
[ -e mine/data/pages/HelpOnEditing/revisions/00000002 ] ||
	fail 'the edit did not arrive'

say 'Where everything stands; and anybody can check a copy, offline'
try 0 wikicast status -c our.conf
try 0 wikicast verify "$T/two/help" --signer "$KEY"
say 'Done: nothing of it is left on this machine.'
