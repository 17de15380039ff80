#!/bin/sh
# A feed's pages stand below a prefix, beside pages of the same names; every
# verb calls them as the wiki does.
. tests/e2e/lib.sh
. tests/e2e/crash-wikis.sh

cd "$T" || exit 1
moin_folder master
moin_folder mine
publisher "moin:$T/master/data" 'pages = *' 'patterns = BadContent'
there() { moin_save master "$1" "$2"; }
here() { moin_save mine "$1" "$2"; }
text() {
	page=mine/data/pages/$1
	cat "$page/revisions/$(cat "$page/current" 2>/dev/null)" 2>/dev/null |
		tr -d '\r'
}
has() {
	printf "$2" >want
	text "$1" | cmp -s - want || fail "$1 is '$(text "$1")'"
}
status() { expect 0 wikicast status -c me.conf "$@"; }
sees() { grep -q -- "$1" "$T/out" || fail "no '$1': $(cat "$T/out")"; }
nothing_new() {
	stamp mine >one
	fetches me 0 -q
	silent
	stamp mine >two
	cmp -s one two || fail "written again"
}
follows() {
	follower me "file://$T/site/news/" "wiki = moin:$T/mine/data" "$@"
}

LONG=$(printf '%0250d' 0 | tr 0 n)
there Help 'one\ntwo\nthree\n'
there 'Help(2f)More' 'more\n'
there Draft 'draft\n'
there TeamGroup ' * Ann\n'
there BadContent 'spam\\.example\n'
there $LONG 'long\n'
mkdir -p master/data/pages/Help/attachments
echo picture >master/data/pages/Help/attachments/p.txt
here Help 'my own help\n'
publish
id=$(sed -n 's/.*<id>\(urn:uuid:[^<]*\)<.*/\1/p' site/news/feed.atom | head -n 1)
for bad in / /Shared/ Shared// ../; do
	follows "prefix = $bad"
	fetches me 2
	said "me.conf:[0-9]*: .*no page name begins with '$bad'"
done
ok "what no name can begin with is no prefix"

follows "id = $id" 'prefix = Shared/' 'not = Draft' 'grant = TeamGroup BadContent'
fetches me 0 -n
said "page 'Shared/Help' would be installed"
[ ! -e 'mine/data/pages/Shared(2f)Help' ] || fail "a dry run wrote"
fetches me 0
has 'Shared(2f)Help' 'one\ntwo\nthree\n'
has 'Shared(2f)Help(2f)More' 'more\n'
has BadContent 'spam\\.example\n'
has Help 'my own help\n'
[ "$(cat 'mine/data/pages/Shared(2f)Help/attachments/p.txt')" = picture ] ||
	fail "no attachment"
[ "$(ls mine/data/pages | wc -l)" = 4 ] || fail "$(ls mine/data/pages)"
grep -q 'Shared(2f)Help	.*news 1' mine/data/edit-log ||
	fail "RecentChanges has no origin"
nothing_new
status -v
sees "page 'Shared/Draft' *skipped *not chosen"
sees "page 'Shared/TeamGroup' *skipped *gives power, no grant"
sees "page '$LONG' *skipped *its name would be too long with the prefix"
expect 0 wikicast verify -c me.conf --wiki "moin:$T/mine/data" site/news
sees ': 4 same, 0 edited, 1 missing, 2 not selected'
expect 0 wikicast log -c me.conf --item Shared/Help
sees "installed *page 'Shared/Help'"
follows "id = $id" 'prefix = Shared/' 'not = Draft' \
    'grant = Shared/TeamGroup BadContent'
fetches me 0
has 'Shared(2f)TeamGroup' ' * Ann\n'
nothing_new
ok "pages stand below the prefix, lists where they count, and grants hold"

# Edits, conflicts, undo.
there Help 'one\ntwo\nTHREE\n'
here 'Shared(2f)Help' 'ONE\ntwo\nthree\n'
here 'Shared(2f)Help(2f)More' 'mine\n'
there 'Help(2f)More' 'theirs\n'
there BadContent 'spam\\.example\nmore\\.example\n'
publish
fetches me 6
has 'Shared(2f)Help' 'ONE\ntwo\nTHREE\n'
has BadContent 'spam\\.example\nmore\\.example\n'
status
sees "page 'Shared/Help' *edited"
sees "page 'Shared/Help/More' *conflict"
expect 2 wikicast resolve -c me.conf Help/More --theirs
said "no feed brings page 'Help/More'"
expect 0 wikicast resolve -c me.conf Shared/Help/More --show
sees '^+theirs'
expect 0 wikicast resolve -c me.conf Shared/Help/More --theirs
has 'Shared(2f)Help(2f)More' 'theirs\n'
nothing_new
moin_delete master 'Help(2f)More'
publish
fetches me 0
has 'Shared(2f)Help(2f)More' ''
expect 0 wikicast rollback -c me.conf news 2
has 'Shared(2f)Help(2f)More' 'theirs\n'
has Help 'my own help\n'
expect 0 wikicast resume -c me.conf news
fetches me 0
has 'Shared(2f)Help(2f)More' ''
nothing_new
ok "merge, conflict, resolve, removal and rollback know the names here"

# hold, with a list among them, which keeps its name.
follows "id = $id" 'prefix = Shared/' 'not = Draft' \
    'grant = Shared/TeamGroup BadContent' 'hold = 1d'
fetches me 0
there Help 'one\ntwo\n3\n'
there BadContent 'spam\\.example\n'
publish
fetches me 0
has 'Shared(2f)Help' 'ONE\ntwo\nTHREE\n'
status
sees "page 'Shared/Help' *waiting"
sees "BadContent' *waiting"
follows "id = $id" 'prefix = Shared/' 'not = Draft' \
    'grant = Shared/TeamGroup BadContent'
fetches me 0
has 'Shared(2f)Help' 'ONE\ntwo\n3\n'
has BadContent 'spam\\.example\n'
nothing_new
ok "a hold knows what is there and what is here"

# Another feed brings a page of that very name.
mkdir other
echo 'from the other' >other/Shared%2FHelp.txt
sed "s|^wiki = .*|wiki = files:$T/other|; s|/news/|/other/|
    s|^\[feed news|[feed other|; s|/pub\$|/pub.other|" pub.conf >other.conf
expect 0 wikicast gen -q -c other.conf
{
	printf '[follow other]\nmirror = file://%s/site/other/\n' "$T"
	printf 'signer = %s\nwiki = moin:%s/mine/data\n' "$KEY" "$T"
} >>me.conf
fetches me 0
has 'Shared(2f)Help' 'ONE\ntwo\n3\n'
status -v
sees "page 'Shared/Help' *skipped *feed 'news' brings it"
ok "two feeds that bring one page are told of"

# Another prefix: what is there stays.
follows "id = $id" 'prefix = "From Afar/"' 'pages = Help* *Group' \
    'grant = *Group'
fetches me 0 -q
said "its prefix is 'From Afar/' now: what it installed before, [45] items"
has 'From(20)Afar(2f)Help' 'one\ntwo\n3\n'
has 'From(20)Afar(2f)TeamGroup' ' * Ann\n'
has 'Shared(2f)Help' 'ONE\ntwo\n3\n'
has 'Shared(2f)TeamGroup' ' * Ann\n'
nothing_new
there Help 'last\n'
publish
fetches me 0
has 'From(20)Afar(2f)Help' 'last\n'
has 'Shared(2f)Help' 'ONE\ntwo\n3\n'
expect 0 wikicast unfollow -c me.conf news
has 'From(20)Afar(2f)Help' 'last\n'
ok "another prefix, or none to follow, takes nothing away"

moin_folder new
mkdir home
HOME=$T/home
export HOME
expect 0 wikicast follow -c new.conf --state "$T/new.state" news \
    "file://$T/site/news" --signer "$KEY" --wiki "moin:$T/new/data" \
    --prefix 'Far and Away/' --yes
grep -qx 'prefix = "Far and Away/"' new.conf || fail "$(cat new.conf)"
expect 0 wikicast fetch -q -c new.conf
[ -e 'new/data/pages/Far(20)and(20)Away(2f)Help' ] || fail "not there"
ok "follow --prefix writes it down"
