#!/bin/sh
# Run test programs and scripts, one after another, and end with the line
# "N passed, N failed[, N skipped]".  Usage: run.sh BUILDDIR TEST...
# A test passes if it exits 0 and is skipped if it exits 77, and leaves no
# process behind.  Output of a passing test is kept in BUILDDIR/logs, of a
# failing one also shown.
B=$1
shift
export B
logs=$B/logs
mkdir -p "$logs"

# run MARK COMMAND...: what the command starts has the mark in its environment.
run() {
	mark=WIKICAST_TEST=$1
	shift
	env "$mark" "$@" >"$logs/$name.log" 2>&1 </dev/null
	status=$?
	left=$(left "$mark")
	[ -n "$left" ] || return $status
	printf 'FAIL: left running:\n%s\n' "$left" >>"$logs/$name.log"
	return 1
}
# Which processes have the mark; those that are ending have two seconds.
left() {
	for i in 1 2 3 4 5 6 7 8 9 10; do
		found=$(grep -alsF "$1" /proc/[0-9]*/environ)
		[ -n "$found" ] || return 0
		sleep 0.2
	done
	for process in $found; do
		tr '\0' ' ' <"${process%environ}cmdline" && echo
	done 2>/dev/null
}

passed=0 failed=0 skipped=0
for t in "$@"; do
	name=$(basename "$t" .sh)
	case $t in
	*.sh) run "$$.$name" sh "$t" ;;
	*/fuzz_*) run "$$.$name" "$t" "tests/corpus/${name#fuzz_}"/* ;;
	*) run "$$.$name" "$t" ;;
	esac
	case $? in
	0)
		passed=$((passed + 1))
		echo "ok      $name"
		;;
	77)
		skipped=$((skipped + 1))
		echo "skipped $name: $(tail -n 1 "$logs/$name.log")"
		;;
	*)
		failed=$((failed + 1))
		echo "FAILED  $name"
		sed 's/^/    /' "$logs/$name.log" | tail -n 60
		;;
	esac
done
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
