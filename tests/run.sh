#!/bin/sh
# Run test programs and scripts, one after another, and end with the line
# "N passed, N failed[, N skipped]".  Usage: run.sh BUILDDIR TEST...
# A test passes if it exits 0 and is skipped if it exits 77.  Output of a
# passing test is kept in BUILDDIR/logs, of a failing one also shown.
B=$1
shift
export B
logs=$B/logs
mkdir -p "$logs"
passed=0 failed=0 skipped=0
for t in "$@"; do
	name=$(basename "$t" .sh)
	case $t in
	*.sh) sh "$t" ;;
	*/fuzz_*) "$t" "tests/corpus/${name#fuzz_}"/* ;;
	*) "$t" ;;
	esac >"$logs/$name.log" 2>&1 </dev/null
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
