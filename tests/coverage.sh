#!/bin/sh
# Lines reached by the tests, from the .gcda files below a build folder: a sum
# for each folder of sources, then the ten files that were reached least.
cd "$(dirname "$0")/.." || exit 1
build=$1
for dir in base items feeds wiki gen fetch verify notify; do
	[ -d "$build/$dir" ] || continue
	for f in "$build/$dir"/*.gcno; do
		[ -e "$f" ] || continue
		gcov -n -o "$build/$dir" "$f" 2>/dev/null
	done | awk -v dir="$dir" '
		/^File/ { file = $2; gsub("\047", "", file) }
		/^Lines executed/ && file ~ "^" dir "/.*\\.c$" {
			split($2, a, ":"); sub("%", "", a[2])
			print dir, file, a[2], $4; file = "" }'
done | sort -u | awk '
	{ hit[$1] += $3 * $4 / 100; all[$1] += $4; rows[NR] = $3 " " $4 " " $2 }
	END {
		for (d in all)
			printf "%-8s %6d lines  %5.1f %%\n", d, all[d], 100 * hit[d] / all[d]
		for (i in rows) print rows[i] | "sort -n | head -n 10 | sed \"s/^/least: /\""
	}'
