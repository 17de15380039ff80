#!/bin/sh
# The front program becomes the program that knows the verb, and hands over
# every word that it was given.
. tests/e2e/lib.sh

# A tree as a build leaves it, with programs that tell what they are given.
mkdir -p "$T/bin" "$T/libexec"
cp "$B/bin/wikicast" "$T/bin/" || fail "no front program was built"
for p in gen fetch verify; do
	cat >"$T/libexec/wikicast-$p" <<EOF
#!/bin/sh
printf '$p'
printf ' [%s]' "\$@"
echo
exit 5
EOF
	chmod 755 "$T/libexec/wikicast-$p"
done
wikicast() { "$T/bin/wikicast" "$@"; }

# becomes LINE STATUS WORD...: what the program said, and its exit status.
becomes() {
	line=$1
	shift
	expect 5 wikicast "$@"
	[ "$(cat "$T/out")" = "$line" ] ||
		fail "'$*' became '$(cat "$T/out")', not '$line'"
}

for verb in init gen; do becomes "gen [$verb]" $verb; done
for verb in follow unfollow fetch mirror announce status log \
    resume resolve; do
	becomes "fetch [$verb]" $verb
done
becomes "verify [verify]" verify
ok "each verb finds its program, whose exit status is the command's"

becomes 'fetch [fetch] [a b] [-n] [--] [-c]' fetch 'a b' -n -- -c
becomes 'gen [gen] [-q] [--json]' -q --json gen
becomes 'gen [gen] [-c] [fetch] [x]' -c fetch gen x
becomes 'gen [gen] [--config] [fetch]' --config fetch gen
becomes 'gen [gen] [-qc] [fetch]' -qc fetch gen
becomes 'gen [gen] [-cfetch] [-n]' -cfetch gen -n
becomes 'gen [gen] [--config=fetch]' --config=fetch gen
becomes 'gen [gen] []' gen ''
ok "options before the verb stand behind it then, with their values"

becomes 'verify [verify] [--help]' help verify
becomes 'verify [verify] [--help]' --help verify
ok "help for a verb comes from its program"

expect 0 wikicast --help
for verb in init gen follow unfollow fetch mirror announce status log \
    resume resolve verify; do
	grep -q "^  $verb  " "$T/out" || fail "help does not list '$verb'"
done
[ ! -s "$T/err" ] || fail "help writes to stderr"
cp "$T/out" "$T/help"
expect 0 wikicast help
cmp -s "$T/out" "$T/help" || fail "'help' and '--help' differ"
expect 0 wikicast -q -h
expect 0 wikicast --version
grep -q '^wikicast [0-9][0-9.]*$' "$T/out" || fail "no version"
ok "help and version need no program"

for words in '' frobnicate worker notify -q '-c' '-c gen' '-' 'help nothing'; do
	# shellcheck disable=SC2086 # several words
	expect 2 wikicast $words
	[ ! -s "$T/out" ] || fail "'$words' writes to stdout"
	[ "$(wc -l <"$T/err")" = 1 ] || fail "'$words' is not refused in a line"
done
ok "a missing or unknown verb is wrong usage"

if [ -w /dev/full ]; then
	wikicast --help >/dev/full 2>"$T/err"
	[ $? = 6 ] || fail "help that nobody got is not an error"
	ok "a full disk below stdout is noticed"
fi

# As it is installed, below another root.
mkdir "$T/libexec/wikicast"
mv "$T"/libexec/wikicast-* "$T/libexec/wikicast/"
becomes 'gen [gen]' gen
mkdir "$T/elsewhere"
ln -s ../bin/wikicast "$T/elsewhere/wc"
expect 5 "$T/elsewhere/wc" gen
ok "an installed tree can be moved, and called through a link"

rm "$T/libexec/wikicast/wikicast-gen"
expect 6 wikicast gen
grep -q "cannot run '.*/wikicast-gen': " "$T/err" ||
	fail "no word on what is missing: $(cat "$T/err")"
: >"$T/libexec/wikicast/wikicast-gen"
expect 6 wikicast gen
grep -q "cannot run '$T/bin/../libexec/wikicast/wikicast-gen': Permission" \
    "$T/err" || fail "another program was tried: $(cat "$T/err")"
ok "a program that is missing or cannot run is named"

ldd "$B/bin/wikicast" >"$T/ldd" 2>/dev/null || : >"$T/ldd"
if grep -qE 'asan|ubsan' "$T/ldd"; then
	ok "(libraries are not looked at under sanitizers)"
elif sed 's/^[ 	]*//' "$T/ldd" | grep -vE \
    '^(linux-(vdso|gate)|libc\.|libgcov|/lib.*/ld-|statically|ld-)' \
    >"$T/more"; then
	fail "it is linked with more than libc: $(cat "$T/more")"
fi
ok "it is linked with nothing but libc"
