#!/bin/sh
# What `make bench` needs beyond tests/deps.sh: the peers, and what measures.
packages='git rsync zsync lighttpd time e2fsprogs'

missing=
for p in $packages; do
	[ "$(dpkg-query -W -f '${db:Status-Status}' "$p" 2>/dev/null)" = installed ] ||
		missing="$missing $p"
done
[ -n "$missing" ] || exit 0
echo "missing packages:$missing"
if [ "$(id -u)" != 0 ]; then
	echo "install them with: apt-get install$missing" >&2
	exit 1
fi
apt-get update -qq &&
	DEBIAN_FRONTEND=noninteractive apt-get install -y -qq \
	    --no-install-recommends $missing
