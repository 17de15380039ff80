#!/bin/sh
# Signatures by the wrong key, by one that may not sign any more, and what is
# no detached signature at all.
. tests/e2e/lib.sh
. tests/e2e/attack.sh
attack_start

WCSIGN=$B/tests/support/wcsign
gpg_of() {
	home=$1
	shift
	gpg --homedir "$home" --batch -q --yes --pinentry-mode loopback \
	    --passphrase '' "$@" 2>"$T/gpg" || fail "gpg $*: $(cat "$T/gpg")"
}
# What the signature covers.
"$WCSIGN" --strip "$T/site/news/feed.atom" && cp "$T/site/news/feed.atom" \
    "$T/bare" && "$WCSIGN" "$T/gnupg" "$KEY" "$T/site/news/feed.atom" ||
	fail wcsign
# raw OPTION...: what gpg makes of the bare document, as if a signature.
raw() {
	gpg_of "$T/gnupg" -u "$KEY" -o "$T/packets" "$@" "$T/bare"
	"$WCSIGN" --raw "$T/packets" "$F" || fail wcsign
}
signature() {
	text=$1
	shift
	attack "a signature by gpg $*" 4 "'feed.atom': .*$text" raw "$@"
}

signature 'not a signature\|packet' --sign
signature 'not a signature\|packet' --compress-algo none --sign
signature 'packet' --clear-sign
signature 'packet' --armor --detach-sign
signature 'type\|packet' --textmode --detach-sign
signature 'weak' --digest-algo SHA1 --allow-weak-digest-algos --detach-sign
signature 'but the clock here says' \
    --faked-system-time 20350101T000000! --detach-sign

unsigned() { "$WCSIGN" --strip "$F"; }
attack 'no signature' 4 "'feed.atom': there is no signature line" unsigned
line() { "$WCSIGN" --line "$1" "$F"; }
attack 'an empty signature' 4 "'feed.atom': " line ''
attack 'a signature that is no base64' 4 "'feed.atom': " line '!!!!'
attack 'a signature of other packets' 4 "'feed.atom': .*packet" line 'yAAA'

stranger() {
	"$WCSIGN" "$T/gnupg2" "$OTHER" "$F" || fail wcsign
}
# The stranger's name is the publisher's.
OTHER=$(make_key "$T/gnupg2" alice) || exit 1
attack 'an unknown key of the same name' 4 "'feed.atom': key '$OTHER'" \
    stranger
stranger_with_certificate() {
	stranger
	gpg_of "$T/gnupg2" --armor --export "$OTHER" >"$WEB/key.asc"
}
attack 'an unknown key that comes along' 4 "'feed.atom': " \
    stranger_with_certificate
other_text() {
	edit 's/The News/The News!/'
}
attack 'the signature of another text' 4 'does not match' other_text
seventeen() {
	gpg_of "$T/gnupg" -u "$KEY" -o "$T/one" --detach-sign "$T/bare"
	for i in $(seq 17); do cat "$T/one"; done >"$T/packets"
	"$WCSIGN" --raw "$T/packets" "$F" || fail wcsign
}
attack 'more signatures than allowed' 4 "'feed.atom': " seventeen

# Expired: a key of 2020, good for a year, which signed in time.
cp -a "$T/gnupg" "$T/gnupg3"
gpg_of "$T/gnupg3" --faked-system-time 20200101T000000 --quick-gen-key \
    'carol <carol@example.org>' ed25519 sign 1y
OLD=$(gpg --homedir "$T/gnupg3" --batch --with-colons --list-keys carol \
    2>/dev/null | awk -F: '/^fpr/ { print $10; exit }')
expired() {
	gpg_of "$T/gnupg3" --faked-system-time 20200601T000000! -u "$OLD" \
	    -o "$T/packets" --detach-sign "$T/bare"
	"$WCSIGN" --raw "$T/packets" "$F" || fail wcsign
	gpg_of "$T/gnupg3" --armor --export "$OLD" >"$WEB/key.asc"
	sed -i "s/^signer = .*/signer = $OLD/" "$T/f.conf"
}
anew
expired
fetches f 4 -q
said "mirror '$URL': 'feed.atom': .*expired"
[ -z "$(ls "$T/mine")" ] || fail 'an expired key installed'
sed -i "s/^signer = .*/signer = $KEY/" "$T/f.conf"
arrives
ok 'an expired key is refused'

# Revoked: the certificate says so; the signature itself is good.
anew
cp -a "$T/gnupg" "$T/gnupg4"
sed 's/^:---/---/' "$T/gnupg/openpgp-revocs.d/$KEY.rev" >"$T/revocation"
gpg_of "$T/gnupg4" --import "$T/revocation"
gpg_of "$T/gnupg4" --armor --export "$KEY" >"$WEB/key.asc"
fetches f 4 -q
said "mirror '$URL': .*revoked"
[ -z "$(ls "$T/mine")" ] || fail 'a revoked key installed'
ok 'a revoked key is refused'
well
fetches f 4
said 'revoked'
[ -z "$(ls "$T/mine")" ] || fail 'a revoked key installed'
ok 'a revocation once seen stays'
