#!/bin/sh
# Show what is missing to build and test wikicast, and install it (Debian).
# DEPS=show only shows.
packages='gcc make pkg-config
libarchive-dev libzstd-dev libxml2-dev libgpgme-dev libcurl4-openssl-dev
libsqlite3-dev nettle-dev libinih-dev libjansson-dev
libseccomp-dev libpcre2-dev libcmocka-dev
gnupg gpg-agent diffutils nginx-light fcgiwrap openssl zstd curl python3 mandoc'

if ! command -v dpkg-query >/dev/null; then
	echo "this is not Debian; what is needed is called there:" $packages
	exit 0
fi
missing=
for p in $packages; do
	[ "$(dpkg-query -W -f '${db:Status-Status}' "$p" 2>/dev/null)" = installed ] ||
		missing="$missing $p"
done
[ -n "$missing" ] || exit 0
echo "missing packages:$missing"
[ "$DEPS" = show ] && exit 1
if [ "$(id -u)" != 0 ]; then
	echo "install them with: apt-get install$missing" >&2
	exit 1
fi
echo 'they are installed now, with what they need themselves'
apt-get update -qq &&
	DEBIAN_FRONTEND=noninteractive apt-get install -y -qq \
	    --no-install-recommends $missing || exit 1
echo "installed:$missing"
