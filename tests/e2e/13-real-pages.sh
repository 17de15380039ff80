#!/bin/sh
# The pages of a real wiki, of real people in many languages, and the lists
# that its publisher gave out over the years: all of it arrives as it was.
. tests/e2e/lib.sh

archive=$SHARED/data/moin-underlay-pages.tar.zst
lists=$SHARED/data/badcontent
[ -r "$archive" ] || skip "no real pages: '$archive' is not there"
cd "$T" || exit 1
# wiki NAME: a MoinMoin data folder without pages.
wiki() {
	mkdir -p "$1/data/pages" "$1/data/user" "$1/underlay/pages"
	: >"$1/data/edit-log"
}
wiki master
wiki open
wiki usual
tar --zstd -xf "$archive" -C master/data
mkdir -p master/data/pages/BadContent/revisions

# save PAGE FILE: a new revision, as MoinMoin writes it.
save() {
	page=master/data/pages/$1
	n=$(printf '%08d' $(($(ls "$page/revisions" | sort | tail -n 1 |
		sed 's/^0*//') + 1)))
	sed 's/\r$//; s/$/\r/' "$2" >"$page/revisions/$n"
	echo "$n" >"$page/current"
}
# The patterns that are left out of all these lists: too short but for one, which
# is in the older ones only and matches a Dutch page ("naar bekende").
cat >left-out <<'E2'
\.[0-9]{5,}\.(com|net|org|us|biz|cn|ru)
6x.to
naar.be
v(27|29|3).(net|be)
E2
# What a wiki shows: name, revision's bytes; and its attachments.  The master's
# list without what is left out.
shows() {
	python3 - "$1/data/pages" <<'E2'
import hashlib, os, sys
root = os.fsencode(sys.argv[1])
out = open('left-out', 'rb').read().split(b'\n')
def digest(*path):
    with open(os.path.join(root, *path), 'rb') as f:
        data = f.read()
    if root.startswith(b'master') and path[0] == b'BadContent':
        lines = data.split(b'\r\n')
        data = b'\r\n'.join(l for l in lines if not l or l not in out)
        assert 3 <= len(lines) - len(data.split(b'\r\n')) <= 4
    return hashlib.sha256(data).hexdigest().encode()
for name in sorted(os.listdir(root)):
    try:
        with open(os.path.join(root, name, b'current'), 'rb') as f:
            number = f.read().strip()
        line = digest(name, b'revisions', number)
    except FileNotFoundError:
        continue
    sys.stdout.buffer.write(b'%s %s\n' % (line, name))
    folder = os.path.join(root, name, b'attachments')
    for file in sorted(os.listdir(folder)) if os.path.isdir(folder) else []:
        if not file.startswith(b'.'):
            sys.stdout.buffer.write(b'%s %s/%s\n' %
                (digest(name, b'attachments', file), name, file))
E2
}
same() {
	shows master >one
	shows "$1" >two
	diff one two >difference ||
		fail "$(wc -l <difference) lines differ: $(head difference)"
}

publisher "moin:$T/master/data" 'pages = *' 'interwiki = InterWikiMap' \
    'patterns = BadContent LocalBadContent'
follower open "file://$T/site/news/" "wiki = moin:$T/open/data" \
    'acl = accept' 'grant = *'
follower usual "file://$T/site/news/" "wiki = moin:$T/usual/data"

count=0
for list in BadContent-moin13-44427 BadContent-moin-49585 \
    BadContent-underlay2008 BadContent-moin19-84119; do
	save BadContent "$lists/$list.txt"
	expect 0 wikicast gen -c pub.conf --json
	[ "$(number skipped)" = 0 ] || fail "$(cat "$T/err")"
	fetches open 0 --json
	same open
	count=$((count + 1))
done
[ "$(number installed)" = 1 ] || fail "a new list is one item: $(cat "$T/out")"
[ "$(wc -l <one)" -gt 1900 ] || fail "only $(wc -l <one) items"
ok "$(wc -l <one) items and $count lists arrive name for name, byte for byte"
expect 4 wikicast lint --wiki "moin:$T/open/data" "$lists/$list.txt"
[ "$(tail -n 1 out)" = '4444 patterns, 3 bad' ] || fail "$(cat out)"
ok "but for 3 of the newest list's 4444 patterns, which are too short"

fetches open 0 -q
silent
stamp open >before
fetches open 0
stamp open | cmp -s - before || fail "the wiki was written to without news"
expect 0 wikicast verify --signer "$KEY" --wiki "moin:$T/open/data" site/news
ok "verify says the same of wiki and feed"

fetches usual 0
shows usual >two
expect 0 wikicast status -c usual.conf --json news
python3 - <<'E2' || fail "what is missing or changed is not what is told"
import json, os, re, sys
def table(file):
    rows = (line.rstrip(b'\n').split(b' ', 1) for line in open(file, 'rb'))
    return {name: digest for digest, name in rows}
def spelt(folder):      # a page's name out of its folder's
    return re.sub(rb'\(([0-9a-f]+)\)',
        lambda m: bytes.fromhex(m[1].decode()), folder).decode()
master, usual = table('one'), table('two')
told = {}
for line in open('out'):
    row = json.loads(line)
    if row['type'] == 'item':
        assert row['answer'] == 'skipped', row
        told[row['item']] = row['cause']
    if row['type'] == 'feed':
        assert row['skipped'] == len(told) or row['skipped'] > 0, row
missing = set()
for name in master:
    folder, _, file = name.partition(b'/')
    if name not in usual:
        page = spelt(folder)
        missing.add("attachment '%s' of page '%s'" % (file.decode(), page)
            if file else page)
def bare(item):
    m = re.fullmatch(r"(?:page|patterns|interwiki) '(.*)'", item) or \
        re.fullmatch(r"(?:pattern list|interwiki map) '(.*)'", item)
    return m[1] if m else item
told_names = {bare(item) for item in told}
assert missing == told_names, (sorted(missing ^ told_names)[:20])
assert 'BadContent' in missing
# What is there and differs, differs by its #acl lines alone.
def text(root, folder):
    page = os.path.join(root.encode(), b'data/pages', folder)
    number = open(os.path.join(page, b'current'), 'rb').read().strip()
    return open(os.path.join(page, b'revisions', number), 'rb').read()
changed = 0
for name in usual:
    if usual[name] != master[name]:
        changed += 1
        lines = text('master', name).split(b'\r\n')
        body = 0        # instructions stand at the top alone
        while body < len(lines) and lines[body].startswith(b'#'):
            body += 1
        left = [l for l in lines[:body]
            if not re.match(rb'#acl(\s|$)', l, re.I)] + lines[body:]
        assert text('usual', name).split(b'\r\n') == left, name
        assert len(left) < len(lines), name
assert changed > 1000, changed
assert set(usual) <= set(master)
E2
ok "by default #acl lines and powerful pages are left out, as status tells"
