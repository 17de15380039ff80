#!/bin/sh
# All downloads of a run together keep to the rate that the configuration or the
# command line allows.
. tests/e2e/lib.sh

mkdir "$T/wiki"
publisher "files:$T/wiki" 'pages = *'
for n in 1 2 3 4; do
	head -c 18000 /dev/urandom | base64 >"$T/wiki/Page$n.txt"
done
publish
start_nginx web "$T"
URL=http://127.0.0.1:$PORT/site/news/

# takes MILLISECONDS COMMAND...: at least so long.
takes() {
	least=$1
	shift
	began=$(date +%s%N)
	expect 0 wikicast "$@"
	took=$((($(date +%s%N) - began) / 1000000))
	[ "$took" -ge "$least" ] || fail "$took ms: $*"
}
# fresh LINE...: nothing was fetched yet; the lines are of [network].
fresh() {
	rm -rf "$T/me.state" "$T/mine" "$T/copy" "$T/copy.state"
	mkdir "$T/mine"
	follower me "$URL" "wiki = files:$T/mine" '[network]' "$@"
}

# 72 KB and more.
fresh 'limit-rate = 60K'
takes 1000 fetch -q -c "$T/me.conf"
same_wiki "$T/wiki" "$T/mine"
ok 'fetch keeps to the rate of the configuration'

fresh 'limit-rate = 1G'
takes 1000 fetch -q -c "$T/me.conf" --limit-rate 60K
same_wiki "$T/wiki" "$T/mine"
ok 'the command line goes before it'

fresh 'limit-rate = 60K'
takes 1000 mirror -q -c "$T/me.conf" --state "$T/copy.state" \
    --signer "$KEY" "$URL" "$T/copy/news"
expect 0 wikicast verify -q --signer "$KEY" "$T/copy/news"
rm -rf "$T/copy" "$T/copy.state"
takes 1000 mirror -q -c "$T/none.conf" --limit-rate 60K \
    --state "$T/copy.state" --signer "$KEY" "$URL" "$T/copy/news"
expect 0 wikicast verify -q --signer "$KEY" "$T/copy/news"
ok 'mirror does the same, with and without a configuration'

rm -rf "$T/me.state"
takes 1000 follow -q --yes -c "$T/me.conf" --signer "$KEY" \
    --serve "$T/other" other "$URL"
ok 'so does the preview of follow'

for value in 0 1000 fast 1h; do
	fresh "limit-rate = $value"
	fetches me 2 -q
	said "$T/me.conf:[0-9]*: 'limit-rate'"
	fresh
	fetches me 2 -q --limit-rate "$value"
	said 'limit-rate'
done
fresh 'limit = 60K'
fetches me 2 -q
said "unknown key 'limit'"
printf '[network]\nlimit-rate = 1M\n' >>"$T/pub.conf"
publish
ok 'a wrong rate is refused, and gen passes the section over'
