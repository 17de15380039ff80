#!/bin/sh
# Whoever reads while examples/upload-*.sh and mirror-rsync.sh bring a feed to
# its place finds each feed's files there: readers in a loop verify the whole
# folder, and begin to follow it, while uploads are made slow.
. tests/e2e/lib.sh

mkdir "$T/wiki" "$T/bin" "$T/home"
HOME=$T/home
export HOME
E=$PWD/examples
cd "$T" || exit 1
publisher "files:$T/wiki" 'pages = *'
serial=0
edit() { # so much that a snapshot comes with each serial
	serial=$((serial + 1))
	head -c 150000 /dev/urandom | base64 >wiki/Page.txt
	publish
}
edit

# Slow enough for readers to come in between.
slow() { # PROGRAM
	printf '#!/bin/sh\nexec %s --bwlimit=800 "$@"\n' "$(command -v "$1")" \
	    >"bin/$1"
	chmod 755 "bin/$1"
}
for program in rsync rclone; do
	! command -v "$program" >/dev/null || slow "$program"
done
PATH=$T/bin:$PATH

# Is that a whole feed, the same as a moment ago?  A store like S3 shows no
# halves; rclone in a local folder, which stands for it here, writes each file
# in its place, so that nobody can verify the whole folder meanwhile.
settled() {
	tail -n 1 "$1/feed.atom" 2>/dev/null |
		grep -q '^<?openpgp-signature .*?>$' || return 1
	cmp -s "$1/feed.atom" "${2:-$1/feed.atom}"
}
# reader FOLDER NAME: until there is a file "stop"; how often goes to NAME.reads.
reader() {
	reads=0
	while [ ! -e stop ]; do
		settled "$1" || { sleep 0.01; continue; }
		cp "$1/feed.atom" "$2.feed"
		rm -rf "$2.state" "$2.wiki"
		mkdir "$2.wiki"
		if { [ "$2" = upload-rclone ] ||
		    "$B/bin/wikicast" verify --signer "$KEY" "$1"; } \
		    >"$2.said" 2>&1 && "$B/bin/wikicast" fetch -c "$2.conf" >"$2.said" 2>&1; then
			reads=$((reads + 1))
			echo "$reads" >"$2.reads"
		elif settled "$1" "$2.feed"; then
			mv "$2.said" "$2.wrong"
			return
		fi
	done
}
# uploads NAME FOLDER COMMAND...: with news each time, until some have read it;
# FOLDER is the place.
uploads() {
	name=$1
	place=$2
	shift 2
	mkdir -p "$place"
	follower "$name" "file://$place/" "wiki = files:$T/$name.wiki"
	sed -i "s|^dir = .*|dir = $T/$name.state|" "$name.conf"
	rm -f stop
	reader "$place" "$name" &
	reading=$!
	echo 0 >"$name.reads"
	round=0
	until [ -e "$name.wrong" ] || { [ "$round" -ge 2 ] &&
	    [ "$(cat "$name.reads")" -ge 4 ]; }; do
		round=$((round + 1))
		[ "$round" -le 40 ] || { touch stop; fail "$name: no reader"; }
		"$@" >out 2>&1 || { touch stop; fail "$name: $(cat out)"; }
		cmp site/news/feed.atom "$place/feed.atom" || fail "$name: old"
		edit
	done
	touch stop
	wait "$reading"
	[ ! -e "$name.wrong" ] || fail "$name: $(cat "$name.wrong")"
	"$@" >out 2>&1
	expect 0 wikicast verify --signer "$KEY" "$place"
	echo stray >site/news/pool/stray.step.zst
	"$@" >out 2>&1
	rm site/news/pool/stray.step.zst
	"$@" >out 2>&1
	[ ! -e "$place/pool/stray.step.zst" ] || fail "$name: old files stay"
	ok "$name: each of $(cat "$name.reads") readers found all that is named"
}

seen=0
if command -v rsync >/dev/null; then
	uploads mirror-rsync "$T/w1/news" sh "$E/mirror-rsync.sh" \
	    "$T/site/news/" "$T/w1/news"
	uploads upload-rsync "$T/w2/news" sh "$E/upload-rsync.sh" \
	    "$T/site/news/" "$T/w2/news/"
	seen=2
else
	echo "there is no rsync: left out"
fi
if command -v rclone >/dev/null; then
	uploads upload-rclone "$T/w3/news" sh "$E/upload-rclone.sh" \
	    "$T/site/news" "$T/w3/news"
	seen=3
else
	echo "there is no rclone: left out"
fi
if command -v git >/dev/null; then
	# A host that lays what was pushed file by file, in order of names.
	git init -q --bare pages.git
	cat >pages.git/hooks/post-receive <<END
#!/bin/sh
new=$T/w4.new old=$T/w4
rm -rf "\$new" && mkdir "\$new" && git archive main | tar -xf - -C "\$new"
cd "\$new" && find . -type f | sort | while read -r name; do
	cmp -s "\$name" "\$old/\$name" && continue
	mkdir -p "\$old/\${name%/*}"
	mv "\$name" "\$old/\$name"
	sleep 0.1
done
cd "\$old" && find . -type f | while read -r name; do
	git --git-dir="$T/pages.git" cat-file -e "main:\${name#./}" 2>/dev/null ||
		rm "\$name"
done
END
	chmod 755 pages.git/hooks/post-receive
	git init -q clone
	cd clone || exit 1
	git symbolic-ref HEAD refs/heads/main
	git config user.name me
	git config user.email me@example.org
	git remote add origin ../pages.git
	cd ..
	uploads upload-git "$T/w4/wikicast/news" sh "$E/upload-git.sh" \
	    site/news clone/wikicast/news
	seen=4
else
	echo "there is no git: left out"
fi
[ "$seen" -gt 0 ] || skip "there is no rsync, no rclone and no git"
