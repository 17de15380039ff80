#!/bin/sh
# Show what is missing to build and test wikicast, and install it (Debian).
# DEPS=show only shows.
packages='gcc make pkg-config
libarchive-dev libzstd-dev libxml2-dev libgpgme-dev libcurl4-openssl-dev
libsqlite3-dev nettle-dev libinih-dev libjansson-dev
libseccomp-dev libpcre2-dev libcmocka-dev
gnupg gpg-agent diffutils nginx-light fcgiwrap openssl zstd curl python3 mandoc'
# Without these a test leaves out what it would do with them.
optional='rsync git rclone'

if ! command -v dpkg-query >/dev/null; then
	echo "this is not Debian; what is needed is called there:" $packages
	exit 0
fi
# absent PACKAGE...: those that are not installed.
absent() {
	for p; do
		[ "$(dpkg-query -W -f '${db:Status-Status}' "$p" 2>/dev/null)" = \
		    installed ] || printf ' %s' "$p"
	done
}
missing=$(absent $packages)
wanted=$(absent $optional)
[ -z "$wanted" ] || echo "not here, and some tests do less without:$wanted"
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
