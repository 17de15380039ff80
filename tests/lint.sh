#!/bin/sh
# What a machine can say about the sources.  Tools that are absent are named
# and left out.  Ends non-zero if anything was found.
cd "$(dirname "$0")/.." || exit 1
: "${CC:=cc}" "${PKG_CFLAGS:=}"
rc=0
bad() { echo "lint: $*"; rc=1; }
have() {
	command -v "$1" >/dev/null 2>&1 && return 0
	echo "lint: $1 is not here, left out"
	return 1
}
sources=$(ls ./*.c base/*.[ch] items/*.[ch] feeds/*.[ch] wiki/*.[ch] \
    gen/*.[ch] fetch/*.[ch] verify/*.[ch] notify/*.[ch] 2>/dev/null |
    sed 's,^\./,,')
cfiles=$(echo "$sources" | grep '\.c$')
flags="-std=gnu11 -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -I. $PKG_CFLAGS
-DWIKICAST_VERSION=\"0\" -DWIKICAST_LIBEXEC=\"/\""

# Functions that are easily used wrongly (CONTRIBUTING.md), and what was left
# for later.
grep -nE '\b(strcpy|strcat|sprintf|vsprintf|strtok|atoi|atol|sscanf|gmtime|localtime|mktemp|alloca|gets)\(' \
    $sources && bad "banned functions"
grep -nE '\b(TODO|FIXME|XXX|HACK)\b' $sources && bad "left for later"

# Each header stands alone.
for h in $(echo "$sources" | grep '\.h$'); do
	echo "#include \"$h\"" |
		$CC $flags -Wall -Wextra -xc -fsyntax-only - ||
		bad "$h does not stand alone"
done

for f in $sources; do
	expand "$f" | awk -v f="$f" 'length($0) > 84 {
		print f ":" FNR ": far over 80 columns"; n++ } END { exit n > 0 }' ||
		bad "$f"
done
wc -l $sources | awk '$1 > 700 && $2 != "total" { print $2 ": " $1 " lines"; n++ }
	END { exit n > 0 }' || bad "long files"

if have ctags; then
	ctags -x --c-kinds=f --fields=+ne --_xformat='%F:%n %N %{end}' $cfiles |
	awk '{ split($1, a, ":"); if ($3 - a[2] > 80) {
		print $1, $2, $3 - a[2] " lines"; n++ } } END { exit n > 0 }' ||
		bad "functions over 80 lines"
fi
if have shellcheck; then
	shellcheck -S warning -e SC2034,SC2089,SC2090,SC2174 -s sh tests/*.sh tests/e2e/*.sh ||
		bad "shellcheck"
fi
if have mandoc; then
	for m in *.[1-8] */*.[1-8]; do
		[ -e "$m" ] || continue
		mandoc -Tlint -W warning "$m" || bad "$m"
	done
fi
# It does not know the cleanup attribute (memleak), nor what an output
# parameter is in moin_lock.c, nor that a table of units begins with 1,000.
if have cppcheck; then
	cppcheck --quiet --error-exitcode=1 --enable=warning,portability \
	    --inline-suppr --suppress=missingIncludeSystem \
	    --suppress=memleak --suppress=internalAstError \
	    --suppress=uninitvar:wiki/moin_lock.c \
	    --suppress=zerodivcond:base/progress.c -j2 -I. $cfiles ||
		bad "cppcheck"
fi
# Other versions of clang-format break lines elsewhere.
case $(clang-format --version 2>/dev/null) in
*version\ 14.*)
	git ls-files '*.c' '*.h' | xargs clang-format --dry-run -Werror ||
		bad "make format" ;;
*)	echo "lint: clang-format 14 is not here, left out" ;;
esac
# .clang-tidy says which checks; tidy.h what it cannot see.
if have clang-tidy; then
	export flags
	echo "$cfiles" | xargs -P 2 -n 1 sh -c '
		[ "$1" = base/fault.c ] || also="-include tests/tidy.h"
		clang-tidy --quiet "$1" -- $flags $also 2>/dev/null' - ||
		bad "clang-tidy"
fi
[ "$rc" = 0 ] && echo "lint: nothing found"
exit $rc
