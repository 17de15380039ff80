# lib.sh -- what the end-to-end tests share; sourced, from the project's root.
#
# Each test works in a folder of its own ($T), removed at the end together
# with what was started.  $B is the build folder.  "ok" and "fail" say what
# was seen; the first failure ends the test.

set -u
: "${B:=build/release}"
case $B in /*) ;; *) B=$PWD/$B ;; esac
SHARED=${WIKICAST_SHARED:-../shared}
case $SHARED in /*) ;; *) SHARED=$PWD/$SHARED ;; esac
export B SHARED

# Short: sockets of GnuPG have a path limit.
T=$(mktemp -d /tmp/wcXXXXXX) || exit 1
PIDS=
cleanup() {
	for pid in $PIDS; do kill "$pid" 2>/dev/null; done
	for home in "$T"/gnupg* "$T"/*/gnupg; do
		[ -d "$home" ] && gpgconf --homedir "$home" --kill all 2>/dev/null
	done
	rm -rf "$T"
}
trap cleanup EXIT
trap 'exit 1' INT TERM HUP

ok() { echo "ok: $*"; }
fail() { echo "FAIL: $*"; exit 1; }
skip() { echo "$*"; exit 77; }

# expect STATUS COMMAND...: output goes to $T/out and $T/err.
expect() {
	want=$1
	shift
	"$@" >"$T/out" 2>"$T/err"
	got=$?
	[ "$got" = "$want" ] && return 0
	cat "$T/out" "$T/err"
	fail "exit status $got instead of $want: $*"
}

# Under AddressSanitizer the limit of address space would stop everything.
wikicast() { "$B/bin/wikicast" "$@"; }

# make_key HOME NAME: a signing key without passphrase; prints its fingerprint.
make_key() {
	mkdir -p -m 700 "$1"
	gpg --homedir "$1" --batch -q --passphrase '' --quick-gen-key \
	    "$2 <$2@example.org>" ed25519 sign never 2>/dev/null ||
		fail "cannot make a key"
	gpg --homedir "$1" --batch --with-colons --list-keys "$2" 2>/dev/null |
		awk -F: '/^fpr/ { print $10; exit }'
}

# free_port: a loopback port that nobody listens on at this moment.
free_port() {
	python3 -c 'import socket
s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# start_nginx NAME ROOT: sets PORT and NGINX_PID; logs to $T/NAME, with the
# range that was asked for as the last field.
start_nginx() {
	mkdir -p "$T/$1"
	for try in 1 2 3 4 5; do
		PORT=$(free_port)
		cat >"$T/$1/nginx.conf" <<EOF
daemon off; master_process off; pid $T/$1/pid; error_log $T/$1/error.log;
$([ "$(id -u)" = 0 ] && echo 'user root;')
events { }
http {
	log_format ranges '\$remote_addr - \$remote_user [\$time_local] '
	    '"\$request" \$status \$body_bytes_sent "\$http_referer" '
	    '"\$http_user_agent" "\$http_range"';
	access_log $T/$1/access.log ranges; default_type application/octet-stream;
	client_body_temp_path $T/$1/t; proxy_temp_path $T/$1/t;
	fastcgi_temp_path $T/$1/t; uwsgi_temp_path $T/$1/t;
	scgi_temp_path $T/$1/t;
	server { listen 127.0.0.1:$PORT; root $2; }
}
EOF
		nginx -e "$T/$1/error.log" -c "$T/$1/nginx.conf" &
		NGINX_PID=$!
		for i in $(seq 100); do
			kill -0 "$NGINX_PID" 2>/dev/null || break
			if curl -s -o "$T/$1/probe" "http://127.0.0.1:$PORT/"; then
				PIDS="$PIDS $NGINX_PID"
				: >"$T/$1/access.log"
				return 0
			fi
			sleep 0.05
		done
		kill "$NGINX_PID" 2>/dev/null
	done
	fail "nginx does not start: $(cat "$T/$1/error.log")"
}

# start_receiver NAME BOX: wikicast-notify behind nginx, for the shared folder
# BOX; sets NOTIFY to its URL.  As start_nginx, it logs to $T/NAME.
start_receiver() {
	command -v fcgiwrap >/dev/null || skip "there is no fcgiwrap"
	mkdir -p "$T/$1"
	# No -c: its children would outlive it.
	fcgiwrap -s "unix:$T/$1/fcgi" &
	PIDS="$PIDS $!"
	cat >"$T/$1/notify" <<EOF
location = /notify {
	fastcgi_pass unix:$T/$1/fcgi; include /etc/nginx/fastcgi_params;
	fastcgi_param SCRIPT_FILENAME $B/libexec/wikicast-notify;
	fastcgi_param WIKICAST_NOTIFY_DIR $2;
}
EOF
	start_nginx "$1" "$T; include $T/$1/notify"
	NOTIFY=http://127.0.0.1:$PORT/notify
}

# publisher ENGINE:PLACE LINE...: $T/pub.conf, whose feed "news" has these
# lines; sets KEY.  The tree is $T/site/news.
publisher() {
	KEY=$(make_key "$T/gnupg" alice) || exit 1
	{
		printf '[state]\ndir = %s/pub\n[publish]\nsite = %s/site\n' \
		    "$T" "$T"
		printf 'key = %s\ngnupg-home = %s/gnupg\n[feed news]\n' \
		    "$KEY" "$T"
		printf 'title = The News\nurl = http://127.0.0.1/news/\n'
		printf 'wiki = %s\n' "$1"
		shift
		printf '%s\n' "$@"
	} >"$T/pub.conf"
}
publish() { expect 0 wikicast gen -q -c "$T/pub.conf" "$@"; }

# follower NAME URL LINE...: $T/NAME.conf, which follows the feed at URL; its
# state folder is $T/NAME.state.
follower() {
	name=$1
	{
		printf '[state]\ndir = %s/%s.state\n[follow news]\n' "$T" "$1"
		printf 'mirror = %s\nsigner = %s\n' "$2" "$KEY"
		shift 2
		printf '%s\n' "$@"
	} >"$T/$name.conf"
}
# fetches NAME STATUS [OPTION...]
fetches() {
	name=$1
	status=$2
	shift 2
	expect "$status" wikicast fetch -c "$T/$name.conf" "$@"
}

# items FOLDER: digest and name of everything that engine "files" shows.
items() {
	(cd "$1" && find . -name '.?*' -prune -o -type f ! -name '*~' \
	    -exec sha256sum {} + | sort -k 2)
}
same_wiki() {
	items "$1" >"$T/one"
	items "$2" >"$T/two"
	diff "$T/one" "$T/two" >"$T/difference" ||
		fail "wikis differ: $(cat "$T/difference")"
}
# Exactly nothing on either channel.
silent() {
	[ ! -s "$T/out" ] && [ ! -s "$T/err" ] ||
		fail "something is said: $(cat "$T/out" "$T/err")"
}
said() { grep -q -- "$1" "$T/err" || fail "no '$1': $(cat "$T/err")"; }
# number KEY: of the first row of JSON in $T/out that has it.
number() {
	python3 -c 'import json, sys
for line in sys.stdin:
    row = json.loads(line)
    if sys.argv[1] in row:
        print(row[sys.argv[1]])
        break' "$1" <"$T/out"
}
serial() { sed -n 's/.*<wc:head serial="\([0-9]*\)".*/\1/p' "$1" | head -n 1; }
# A stamp of everything in a folder that a careless run would change.
stamp() { (cd "$1" && find . -type f -printf '%p %T@ %i %s\n' | sort); }
