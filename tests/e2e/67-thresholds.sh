#!/bin/sh
# A feed that several must sign: which signatures count, and which do not.
. tests/e2e/lib.sh
. tests/e2e/attack.sh
attack_start

WCSIGN=$B/tests/support/wcsign
gpg_here() {
	gpg --homedir "$T/gnupg" --batch -q --yes --pinentry-mode loopback \
	    --passphrase '' "$@" 2>"$T/gpg" || fail "gpg $*: $(cat "$T/gpg")"
}
ALICE=$KEY
BOB=$(make_key "$T/gnupg" bob) || exit 1
CAROL=$(make_key "$T/gnupg" carol) || exit 1
STRANGER=$(make_key "$T/gnupg" eve) || exit 1
gpg_here --quick-add-key "$ALICE" ed25519 sign never
SUBKEY=$(gpg --homedir "$T/gnupg" --batch --with-colons --list-keys "$ALICE" \
    2>/dev/null | awk -F: '/^fpr/ { last = $10 } END { print last }')
[ "$SUBKEY" != "$ALICE" ] || fail 'no subkey'
sign_by() { "$WCSIGN" "$T/gnupg" "$1" "$F" || fail wcsign; }

# Every tree is signed by two, and all certificates lie beside it.
for tree in first site good; do
	mirror_has "$T/$tree"
	sign_by "$ALICE,$BOB"
	gpg_here --armor --export "$ALICE" "$BOB" "$CAROL" "$STRANGER" \
	    >"$WEB/key.asc"
	rm -rf "$T/$tree/news"
	cp -a "$WEB" "$T/$tree/news"
done
sed -i "s/^signer = .*/&\nsigner = $BOB\nsigner = $CAROL\nthreshold = 2/" \
    "$T/f.conf"
anew
mirror_has "$T/first"
fetches f 0 -q
[ "$(standing)" = 1 ] || fail 'two signatures of three signers'
ok 'two of three signers are enough at a first fetch'
rm -rf "$T/mine.1" "$T/f.state.1"
cp -a "$T/mine" "$T/mine.1"
cp -a "$T/f.state" "$T/f.state.1"

few='1 of 2 needed signatures'
attack 'one signature' 4 "'feed.atom': $few" sign_by "$ALICE"
attack 'no signature' 4 "'feed.atom': there is no signature" \
    "$WCSIGN" --strip "$F"
attack 'two signatures by the same key' 4 "'feed.atom': $few" \
    sign_by "$ALICE,$ALICE"
attack 'sixteen signatures by the same key' 4 "'feed.atom': $few" \
    sign_by "$(printf "$ALICE,%.0s" 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15)$ALICE"
attack 'one of a signer, one of a stranger whose certificate is there' 4 \
    "$few.*key '$STRANGER' is not trusted" sign_by "$ALICE,$STRANGER"

# seal KEY[:TEXT]...: signatures by these keys; over another text, or dated so.
cp "$T/site/news/feed.atom" "$T/bare"
"$WCSIGN" --strip "$T/bare" || fail wcsign
{
	cat "$T/bare"
	echo more
} >"$T/other"
seal() {
	: >"$T/packets"
	for key in "$@"; do
		file=$T/bare time=$(date -u +%Y%m%dT%H%M%S)
		case $key in
		*:other) file=$T/other ;;
		*:future) time=20350101T000000! ;;
		esac
		gpg_here -u "${key%:*}!" --faked-system-time "$time" \
		    -o "$T/one" --detach-sign "$file"
		cat "$T/one" >>"$T/packets"
	done
	"$WCSIGN" --raw "$T/packets" "$F" || fail wcsign
}
attack 'one by a primary key, one by its subkey' 4 "'feed.atom': $few" \
    seal "$ALICE" "$SUBKEY"
attack 'one of them dated in the future' 4 \
    "$few; key '$BOB' signed at 2035-" seal "$ALICE" "$BOB:future"

bad="the signature by key '$BOB' does not match"
attack 'one good, one bad' 4 "'feed.atom': $bad" seal "$ALICE" "$BOB:other"
attack 'one bad, one good' 4 "'feed.atom': $bad" seal "$BOB:other" "$ALICE"
attack 'one bad, two good' 4 "'feed.atom': $bad" \
    seal "$BOB:other" "$ALICE" "$CAROL"
attack 'two good, one bad by a signer' 4 "'feed.atom': $bad" \
    seal "$ALICE" "$CAROL" "$BOB:other"
attack 'a good and a bad one by the same key, beside another good one' 4 \
    "'feed.atom': $bad" seal "$ALICE" "$BOB" "$BOB:other"

# passes LABEL FUNCTION...: it is enough.
passes() {
	label=$1
	shift
	again
	"$@"
	fetches f 0 -q
	silent
	same_wiki "$T/wiki" "$T/mine"
	ok "$label"
}
passes 'two by distinct signers' seal "$CAROL" "$BOB"
passes 'one of them by a subkey' seal "$SUBKEY" "$BOB"
passes 'three of three' seal "$ALICE" "$CAROL" "$BOB"
passes 'beside a stranger' seal "$STRANGER" "$ALICE" "$BOB"
passes 'beside what a stranger signed otherwise' \
    seal "$STRANGER:other" "$ALICE" "$BOB"
passes 'the same one twice, and another' seal "$ALICE" "$ALICE" "$BOB"

# A revoked signer does not count, and does not keep the others from it.
revoked() {
	sed 's/^:---/---/' "$T/gnupg/openpgp-revocs.d/$CAROL.rev" >"$T/rev"
	cp -a "$T/gnupg" "$T/gnupg2"
	gpg --homedir "$T/gnupg2" --batch -q --import "$T/rev" 2>"$T/gpg"
	gpg --homedir "$T/gnupg2" --batch -q --armor --export "$ALICE" "$BOB" \
	    "$CAROL" >"$WEB/key.asc"
}
anew
revoked
seal "$ALICE" "$CAROL"
fetches f 4 -q
said "mirror '$URL': 'feed.atom': $few; key '$CAROL' is revoked"
[ -z "$(ls "$T/mine")" ] || fail 'a revoked key counts'
seal "$ALICE" "$CAROL" "$BOB"
fetches f 0 -q
silent
same_wiki "$T/wiki" "$T/mine"
ok 'a revoked signer does not count'

# What the administrator wrote.
# configured TEXT SED...: refused as wrong, and named.
configured() {
	again
	cp "$T/f.conf" "$T/right"
	sed -i "$2" "$T/f.conf"
	items "$T/mine" >"$T/before"
	fetches f 2
	said "$T/f.conf.*$1"
	items "$T/mine" | cmp -s - "$T/before" || fail 'the wiki is touched'
	mv "$T/right" "$T/f.conf"
	arrives
	ok "configuration: $1"
}
configured 'say how many must sign' '/^threshold/d'
configured 'more signatures wanted than there are' 's/^threshold.*/threshold = 4/'
configured "'threshold': 0" 's/^threshold.*/threshold = 0/'
configured 'stands there twice' "s/^signer = $BOB/signer = $ALICE/"
