# attack.sh -- what the tests of bad input share; sourced after lib.sh.
#
# A publisher has serials 1 and 2; a follower has accepted and installed 1.
# Before each case both are put back there, and the mirror holds serial 2.
# The case spoils the mirror, the follower refuses; then the mirror is well
# again and the update must arrive.

WEB=$T/web/news
F=$WEB/feed.atom
CONTROL=$T/control

# rogue_start: serves $T/web, misbehaves as $CONTROL says; sets PORT.
rogue_start() {
	mkdir -p "$T/web" "$T/slow"
	: >"$CONTROL"
	"$B/tests/support/rogue" -c "$CONTROL" -l "$T/requests" \
	    -s "$T/slow" "$T/web" >"$T/port" &
	PIDS="$PIDS $!"
	for i in $(seq 100); do
		PORT=$(cat "$T/port")
		[ -n "$PORT" ] && return 0
		sleep 0.05
	done
	fail 'the rogue does not start'
}

# The publisher's wiki at serials 1 and 2, and a line of [feed]; a test may
# have its own.
FEED_LINE='pages = *'
first_edit() { echo one >"$T/wiki/A.txt"; }
second_edit() {
	for page in B C; do
		echo "two of $page" >"$T/wiki/$page.txt"
	done
}

# attack_start [LINE...]: everything as above; more lines of [follow].
attack_start() {
	mkdir "$T/wiki" "$T/mine"
	publisher "files:$T/wiki" 'pages = *' "$FEED_LINE"
	first_edit
	publish --now
	cp -a "$T/site" "$T/first"
	second_edit
	publish --now
	rogue_start
	mkfifo "$T/forge" "$T/forged"
	python3 -B tests/support/forge.py --serve <"$T/forge" >"$T/forged" &
	PIDS="$PIDS $!"
	exec 8>"$T/forge" 9<"$T/forged"
	cp -a "$T/first/news" "$WEB"
	URL=http://127.0.0.1:$PORT/news/
	follower f "$URL" "wiki = files:$T/mine" "$@"
	fetches f 0
	cp -a "$T/mine" "$T/mine.1"
	cp -a "$T/f.state" "$T/f.state.1"
	# What a publisher puts right is signed later than what was wrong.
	mirror_has "$T/site"
	when=$(date -u -d '+1 minute' +%Y-%m-%dT%H:%M:%SZ)
	resign "0,/<updated>/s/<updated>[^<]*/<updated>$when/"
	mkdir "$T/good"
	cp -a "$WEB" "$T/good/news"
}

mirror_has() {
	: >"$CONTROL"
	rm -rf "$WEB"
	cp -a "$1/news" "$WEB"
}
# The mirror is well again, with what the publisher has put right.
well() { mirror_has "$T/good"; }

# As at the beginning of each case.
again() {
	rm -rf "$T/mine" "$T/f.state"
	cp -a "$T/mine.1" "$T/mine"
	cp -a "$T/f.state.1" "$T/f.state"
	mirror_has "$T/site"
}
# A follower that has nothing yet.
anew() {
	again
	rm -rf "$T/mine" "$T/f.state"
	mkdir "$T/mine"
}

sign() { "$B/tests/support/wcsign" "$T/gnupg" "$KEY" "$F" || fail wcsign; }
# forge PART CASE [TEXT]: see tests/support/forge.py; and sign well.
forge() {
	(
		IFS='	'
		printf '%s\n' "$WEB	$*"
	) >&8
	read -r answer <&9 && [ "$answer" = 'done' ] || fail "forge $*"
	sign
}
# edit SED-SCRIPT...: change feed.atom; resign: and sign it well.
edit() {
	cp "$F" "$T/was"
	sed -E -i "$@" "$F"
	cmp -s "$T/was" "$F" && fail "nothing to change: $*"
	return 0
}
resign() {
	edit "$@"
	sign
}

# The serial that is installed.
standing() {
	wikicast status -c "$T/f.conf" --json 2>/dev/null |
		sed -n 's/.*"type":"feed".*"serial":\([0-9]*\),.*/\1/p'
}

# fails STATUS: so ends a run, which says so.
fails() {
	# Trouble of the network is nothing to mail before it has lasted.
	[ "$1" = 3 ] && quiet= || quiet=-q
	fetches f "$1" $quiet
}

# Nothing that was said drives a terminal or turns the direction of text.
harmless() {
	! LC_ALL=C grep -aqP '[\x00-\x09\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|'\
'\xe2\x80[\xa8-\xae]|\xe2\x81[\xa6-\xa9]' "$T/out" "$T/err" ||
		fail "control characters are shown: $(cat -v "$T/err")"
}

# refused STATUS TEXT: so ends a run, with one line, which names feed, mirror
# and TEXT; wiki and installed serial are as before.
refused() {
	items "$T/mine" >"$T/before"
	fails "$1"
	[ "$(wc -l <"$T/err")" = 1 ] || fail "not one line: $(cat "$T/err")"
	said "feed 'news': "
	said "mirror '$URL'"
	harmless
	grep -q -- "$2" "$T/err" || fail "no '$2': $(cat "$T/err")"
	items "$T/mine" | cmp -s - "$T/before" || fail "the wiki is touched"
	[ "$(standing)" = 1 ] || fail 'another serial stands'
}

# The next good update comes, and nothing is said.
arrives() {
	well
	expect 0 wikicast fetch -q -c "$T/f.conf"
	silent
	same_wiki "$T/wiki" "$T/mine"
}

# attack NAME STATUS TEXT FUNCTION...: one whole case.
attack() {
	label=$1
	status=$2
	text=$3
	shift 3
	again
	"$@"
	refused "$status" "$text"
	arrives
	ok "$label"
}
# The same at a first fetch, of a snapshot.
attack_first() {
	label=$1
	status=$2
	text=$3
	shift 3
	anew
	"$@"
	items "$T/mine" >"$T/before"
	fails "$status"
	[ "$(wc -l <"$T/err")" = 1 ] || fail "not one line: $(cat "$T/err")"
	grep -q -- "$text" "$T/err" || fail "no '$text': $(cat "$T/err")"
	items "$T/mine" | cmp -s - "$T/before" || fail "the wiki is touched"
	arrives
	ok "$label at a first fetch"
}
