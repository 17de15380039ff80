#!/bin/sh
# The feed may come gzipped, and nothing else; what comes out of it is counted,
# so that a bomb costs no more than a long file.
. tests/e2e/lib.sh
. tests/e2e/attack.sh
attack_start

# The step is not inside the feed, so that each kind of file is asked for.
for tree in site good; do
	mirror_has "$T/$tree"
	resign '/<content/d'
	rm -rf "$T/$tree/news"
	cp -a "$WEB" "$T/$tree/news"
done

# served MODE [SUFFIX]: the feed, or such files, have a header that says so.
served() { echo "${2:-feed.atom} encoded=$1" >"$CONTROL"; }
# packed COMMAND...: the feed as this makes it, called gzip.
packed() {
	"$@" <"$F" >"$T/packed" || fail "$*"
	cp "$T/packed" "$F"
	served gzip
}
# Less than the feed's limit on the way, and 400 times as much behind it.
head -c 100000000 /dev/zero | gzip -9 >"$T/bomb"
[ "$(wc -c <"$T/bomb")" -lt 262144 ] || fail 'the bomb is too large'
bomb() {
	cp "$T/bomb" "$F"
	served gzip
}
# The good feed, and behind it more blanks than are allowed.
long() {
	{
		cat "$F"
		head -c 50000000 /dev/zero | tr '\0' ' '
	} | gzip -9
}

passes() {
	label=$1
	shift
	again
	"$@"
	fetches f 0 -q
	silent
	same_wiki "$T/wiki" "$T/mine"
	ok "$label"
}
passes 'a feed that is gzipped' packed gzip -c
passes 'the same by another name' eval 'packed gzip -c; served x-gzip'
passes 'identity' served identity

attack 'a gzip bomb' 4 "'feed.atom': is larger than 262144 bytes" bomb
attack 'a gzip bomb that begins like the feed' 4 \
    "'feed.atom': is larger than 262144 bytes" packed long
attack_first 'a gzip bomb' 4 "'feed.atom': is larger than 262144 bytes" bomb
attack 'a bomb in a bomb' 4 "'feed.atom'" packed cat "$T/bomb"
twice() { gzip -c | gzip -c; }
attack 'twice gzipped, and called so once' 4 "'feed.atom'" packed twice
attack 'twice gzipped, and called so' 3 "is encoded ('gzip,gzip')" \
    eval 'packed twice; served gzip,gzip'
half() { gzip -c | head -c 700; }
attack 'half of it' 4 "'feed.atom'" packed half
attack 'nothing' 4 "'feed.atom'" packed true
attack 'called gzip, and is none' 3 \
    "'feed.atom': is not encoded as it says" served gzip
for mode in br deflate zstd compress x-unknown; do
	attack "feed: $mode" 3 "is encoded ('$mode'), which was not asked for" \
	    served $mode
done
for suffix in .step.zst .xml.zst; do
	attack "$suffix: gzip" 3 \
	    "$suffix': is encoded ('gzip'), which was not asked for" \
	    served gzip $suffix
done
for suffix in .tar.zst key.asc; do
	attack_first "$suffix: gzip" 3 \
	    "$suffix': is encoded ('gzip'), which was not asked for" \
	    served gzip $suffix
done

# The next mirror is asked.  Which one is first is drawn by lot.
again
sed -i "s|^mirror = .*|&\nmirror = http://127.0.0.1:$PORT/bomb/|" "$T/f.conf"
seen=
for try in $(seq 40); do
	again
	rm -rf "$T/web/bomb"
	cp -a "$WEB" "$T/web/bomb"
	cp "$T/bomb" "$T/web/bomb/feed.atom"
	echo 'bomb/feed.atom encoded=gzip' >"$CONTROL"
	fetches f 0 -v
	same_wiki "$T/wiki" "$T/mine"
	grep -q "mirror '.*/bomb/': 'feed.atom': is larger than" "$T/err" &&
		seen=1 && break
done
[ -n "$seen" ] || fail 'the bomb was never asked for'
ok 'behind a bomb the next mirror is asked'
