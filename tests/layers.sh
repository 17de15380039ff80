#!/bin/sh
# Fail if a file includes a layer that it may not know about, or a library's
# header where it does not belong.
cd "$(dirname "$0")/.." || exit 1
rc=0

# Right of the folder: what it may include besides itself.
layer() {
	dir=$1
	for f in "$dir"/*.[ch]; do
		[ -e "$f" ] || continue
		for used in $(sed -n 's/^#include "\([a-z]*\)\/.*/\1/p' "$f" | sort -u); do
			case " $* " in
			*" $used "*) ;;
			*) echo "$f: may not include $used/"; rc=1 ;;
			esac
		done
	done
}
layer base
layer items base
layer feeds base items
layer wiki base items
layer gen base items feeds wiki
layer fetch base items feeds wiki
layer verify base items feeds wiki
layer notify base items feeds

# A library's header (a pattern for grep -E) and the only files with it.
only() {
	header=$1
	shift
	for f in $(grep -lE "^#include <$header" base/*.[ch] items/*.[ch] \
	    feeds/*.[ch] wiki/*.[ch] gen/*.[ch] fetch/*.[ch] verify/*.[ch] \
	    notify/*.[ch] 2>/dev/null); do
		case " $* " in
		*" $f "*) ;;
		*) echo "$f: may not include <$header>"; rc=1 ;;
		esac
	done
}
only 'archive' feeds/tarball_write.c feeds/tarball_read.c
only 'zstd' feeds/zframe.c
only 'libxml/' feeds/xml_start.c feeds/xml_read.c feeds/xml_write.c
only 'gpgme' feeds/signature_engine.c feeds/signature_check.c \
    feeds/signature_sign.c feeds/signature_keys.c
only 'curl/' fetch/http.c fetch/transfer.h fetch/transfer.c fetch/answer.c \
    fetch/route.c
only 'sqlite3' base/db.c
only 'nettle/' base/digest.c base/base64.c
only 'ini.h' base/config.c
only 'jansson' base/report.c
only 'pcre2' items/pattern.c
only 'seccomp' base/sandbox.c
exit $rc
