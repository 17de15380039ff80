#!/bin/sh
# A mirror without a key: files that are cut, longer, changed, swapped; answers
# that never end, lead elsewhere or are no answers.
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

# answers SUFFIX MODE: of paths that end so, once they are asked for.
answers() { echo "$1 $2" >"$CONTROL"; }
# swapped SUFFIX OTHER: each such file of the mirror is another good file.
swapped() {
	find "$WEB" -name "*$1" -exec cp "$2" {} \;
}

# lie KIND SUFFIX: all that a mirror may do to a file of known length.
lie() {
	for mode in truncate=50 truncate=0 cut-unknown=50; do
		$3 "$1: $mode" 4 "$2': is .* long, not" answers "$2" $mode
	done
	for mode in longer=1 longer-unknown=1 endless endless-chunked; do
		$3 "$1: $mode" 4 "$2': is larger than" answers "$2" $mode
	done
	$3 "$1: flip" 4 "$2': has another digest" answers "$2" flip=50
	$3 "$1: swapped" 4 "$2': " swapped "$2" "$T/another"
	$3 "$1: html" 4 "$2': " answers "$2" html
}
cp "$(find "$T/site" -name '*.xml.zst' -path '*network*')" "$T/another"
lie history .xml.zst attack
lie step .step.zst attack
lie snapshot .tar.zst attack_first

for mode in truncate=900 truncate=0 cut-unknown=900 flip=900; do
	attack "feed: $mode" 4 "'feed.atom'" answers feed.atom $mode
done
for mode in endless endless-chunked; do
	attack "feed: $mode" 4 "larger than" answers feed.atom $mode
done
attack 'feed: longer' 4 "'feed.atom'" answers feed.atom longer=1
attack 'feed: swapped' 4 "'feed.atom'" swapped feed.atom "$T/another"
attack 'the log-in page of a network' 4 "'feed.atom' is a web page" \
    answers '*' html
for mode in truncate=50 flip=50 html endless; do
	attack_first "key.asc: $mode" 4 "'key.asc'" answers key.asc $mode
done

# What is no answer at all is trouble of the network.
for mode in cut=50 huge-chunk two-lengths length=-1 length=99999 loop \
    redirects=9 redirect=file:///etc/passwd redirect=ftp://127.0.0.1/x \
    redirect=gopher://127.0.0.1:1/x redirect=http://127.0.0.1:1/ \
    status=500 status=404 status=204 reset babble part=3 multipart \
    encoded=br transfer=gzip headers=999999; do
	attack "feed: $mode" 3 "mirror '$URL': " answers feed.atom $mode
done
for mode in cut=50 loop redirect=file:///etc/passwd status=404 reset; do
	attack "step: $mode" 3 "step.zst': " answers .step.zst $mode
done
attack_first 'a 304 that was not asked for' 3 "mirror '$URL': " \
    answers feed.atom unchanged

# Two mirrors, one of which lies: the wiki is up to date all the same.
again
sed -i "s|^mirror = .*|&\nmirror = http://127.0.0.1:$PORT/liar/|" "$T/f.conf"
# beside TEXT FUNCTION...: which spoils $T/web/liar.
beside() {
	text=$1
	shift
	seen=
	for try in $(seq 40); do
		again
		rm -rf "$T/web/liar"
		cp -a "$WEB" "$T/web/liar"
		"$@"
		fetches f 0 -v
		same_wiki "$T/wiki" "$T/mine"
		grep -q "mirror '.*/liar/': .*$text" "$T/err" && seen=1 &&
			break
	done
	[ -n "$seen" ] || fail "the liar is not told of: $text"
	again
	rm -rf "$T/web/liar"
	cp -a "$WEB" "$T/web/liar"
	"$@"
	fetches f 0 -q
	silent
	ok "one mirror of two: $text"
}
beside 'is a web page' answers liar/feed.atom html
beside 'does not match' sed -i 's/The News/No News/' "$T/web/liar/feed.atom"
flip_step() {
	echo x | dd of="$(find "$T/web/liar" -name '*.step.zst')" bs=1 seek=60 \
	    conv=notrunc status=none
}
beside 'has another digest' flip_step
no_step() { rm "$(find "$T/web/liar" -name '*.step.zst')"; }
beside 'answers 404' no_step
