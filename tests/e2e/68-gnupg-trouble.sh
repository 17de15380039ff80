#!/bin/sh
# Where GnuPG is missing, broken or has no room to work, that is trouble of
# this machine and no mirror's fault; where it can do without, it does.
. tests/e2e/lib.sh
. tests/e2e/attack.sh
attack_start

# Only root has to become somebody who may not write everywhere.
chmod 755 "$T"
owned() { [ "$(id -u)" != 0 ] || chown -R nobody "$@"; }
mkdir "$T/bin"
# program TEXT: a gpg that does this; no_program: there is none.
program() { printf '#!/bin/sh\n%s\n' "$1" >"$T/bin/gpg"; chmod 755 "$T/bin/gpg"; }
no_program() { rm -f "$T/bin/gpg"; }
here() { (PATH=$T/bin && export PATH && "$@"); }
WIKICAST=$B/bin/wikicast

# local_trouble LABEL TEXT: a fetch ends so, whoever is asked; the mirror is
# thought of as before, and when it is over the update arrives.
health() {
	wikicast status -c "$T/f.conf" --json |
		sed -n 's/.*"type":"mirror".*\("health":"[a-z]*"\).*/\1/p'
}
local_trouble() {
	health >"$T/health"
	items "$T/mine" >"$T/before"
	expect 6 here "$WIKICAST" fetch -q -c "$T/f.conf"
	[ "$(wc -l <"$T/err")" = 1 ] || fail "not one line: $(cat "$T/err")"
	said "feed 'news': .*$2"
	items "$T/mine" | cmp -s - "$T/before" || fail 'the wiki is touched'
	health | cmp -s - "$T/health" || fail "the mirror is blamed: $(health)"
	arrives
	ok "$1"
}
missing='GnuPG (gpg) is not installed, or not in PATH, or does not run'
again
no_program
local_trouble 'no gpg' "$missing"
anew
local_trouble 'no gpg at a first fetch' "$missing"
again
program 'exit 2'
local_trouble 'a gpg that fails' "$missing"
again
program 'kill -9 $$'
local_trouble 'a gpg that is killed' "$missing"
again
echo 'not for this machine' >"$T/bin/gpg"
local_trouble 'a gpg that cannot be executed' "$missing"

# The home that signatures are checked in.
again
rm -r "$T/f.state/gnupg"
: >"$T/f.state/gnupg"
expect 6 wikicast fetch -q -c "$T/f.conf"
said "feed 'news': .*cannot make folder 'gnupg'"
[ "$(standing)" = 1 ] || fail 'another serial stands'
rm "$T/f.state/gnupg"
arrives
ok 'a file where the OpenPGP home should be'
again
rm -r "$T/f.state/gnupg"/*
owned "$T/f.state" "$T/mine"
chmod 500 "$T/f.state/gnupg"
expect 6 wikicast fetch -q -c "$T/f.conf"
said "feed 'news': .*cannot make folder '$T/f.state/gnupg/[0-9]*': Permission"
chmod 700 "$T/f.state/gnupg"
arrives
ok 'an OpenPGP home that cannot be written to'
again
for name in pinned.gpg gpg.conf; do
	echo garbage >"$(echo "$T/f.state/gnupg"/*)/$name"
done
arrives
ok 'an OpenPGP home that is damaged is made anew'

# What other people's environment says does not matter.
again
mkdir "$T/other"
echo garbage | tee "$T/other/gpg.conf" >"$T/other/common.conf"
well
for home in "$T/other" /nonexistent; do
	again
	expect 0 env -i GNUPGHOME="$home" HOME="$home" "$WIKICAST" \
	    fetch -q -c "$T/f.conf"
	silent
	same_wiki "$T/wiki" "$T/mine"
done
ok 'a home of GnuPG that somebody else has is not used'

# A socket has no room in this path; to check signatures needs none.
LONG=$T/$(printf %0120d 0)
mkdir -p "$LONG/tmp"
again
rm -rf "$T/mine"/*
sed "s|^dir = .*|dir = $LONG/state|" "$T/f.conf" >"$T/long.conf"
expect 0 wikicast fetch -q -c "$T/long.conf"
silent
same_wiki "$T/wiki" "$T/mine"
expect 0 env TMPDIR="$LONG/tmp" "$WIKICAST" verify -q --signer "$KEY" "$WEB"
[ -z "$(ls "$LONG/tmp")" ] || fail "left behind: $(ls "$LONG/tmp")"
ok 'a long path is no trouble to who checks'

expect 6 here "$WIKICAST" verify --signer "$KEY" "$WEB"
said "$missing"
expect 6 env TMPDIR="$T/nowhere" "$WIKICAST" verify --signer "$KEY" "$WEB"
said "'$T/nowhere'"
ok 'verify without gpg, or without a place to work, is local trouble'

# ---- the publisher ----

echo new >"$T/wiki/New.txt"
cp "$T/site/news/feed.atom" "$T/before"
# publishes_not STATUS TEXT [COMMAND...]: and the feed stays.
publishes_not() {
	status=$1
	text=$2
	shift 2
	expect "$status" "$@" "$WIKICAST" gen --now -q -c "$T/pub.conf"
	[ "$(wc -l <"$T/err")" = 1 ] || fail "not one line: $(cat "$T/err")"
	said "feed 'news': signing: .*$text"
	cmp -s "$T/before" "$T/site/news/feed.atom" || fail 'a feed is signed'
	ok "gen: $text"
}
home() { sed -i "s|^gnupg-home = .*|gnupg-home = $1|" "$T/pub.conf"; }
no_program
publishes_not 6 "$missing" here
home "$T/nowhere"
publishes_not 6 "'$T/nowhere': No such file or directory"
: >"$T/nowhere"
publishes_not 6 "'$T/nowhere': Not a directory"
gpgconf --homedir "$T/gnupg" --kill all
cp -a "$T/gnupg" "$T/gnupg2"
rm -f "$T/gnupg2"/S.*
home "$T/gnupg2"
rm -r "$T/gnupg2/private-keys-v1.d"
publishes_not 2 "there is no secret key '$KEY' in '$T/gnupg2'$"
rm -rf "$T/gnupg2"
mkdir -p "$LONG"
cp -a "$T/gnupg" "$LONG/gnupg"
home "$LONG/gnupg"
if [ ! -d "/run/user/$(id -u)" ]; then
	publishes_not 2 'cannot start there: the path is longer than 80 bytes'
fi
cp -a "$T/gnupg" "$T/gnupg2"
rm -f "$T/gnupg2"/S.*
home "$T/gnupg2"
owned "$T/pub" "$T/site" "$T/wiki" "$T/gnupg2"
chmod 500 "$T/gnupg2"
if [ ! -d "/run/user/$(id -u nobody)" ]; then
	publishes_not 6 'cannot start there: the folder cannot be written to'
fi
chmod 700 "$T/gnupg2"
echo 'other news' >"$T/wiki/New.txt"
expect 0 wikicast gen --now -q -c "$T/pub.conf"
silent
expect 0 wikicast verify --json --signer "$KEY" "$T/site/news"
! grep '"kind":"step".*orphan' "$T/out" || fail 'a step is left behind'
ok 'and when all is well, it is published, and nothing is left behind'
