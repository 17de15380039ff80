#!/bin/sh
# With "compact = yes" a wiki gets a list that is equal to the one of the feed,
# and that MoinMoin searches many times faster.
. tests/e2e/lib.sh

lists=$SHARED/data/badcontent
[ -r "$lists/BadContent-moin19-84119.txt" ] || skip "there are no real lists"
mkdir -p "$T/from" "$T/moin/pages" "$T/moin/user"
: >"$T/moin/edit-log"
publisher "files:$T/from" 'patterns = BadContent'
follower here "file://$T/site/news/" "wiki = moin:$T/moin" \
    'grant = BadContent' 'compact = yes'
current() {
	cat "$T/moin/pages/BadContent/revisions/$(cat \
	    "$T/moin/pages/BadContent/current")"
}

cat >"$T/equal.py" <<'END'
"""For texts that match an old pattern, and others: do both lists agree?"""
from __future__ import print_function
import random, re, sys, time
try:
    import sre_parse
except ImportError:
    from re import _parser as sre_parse
try:
    chr_ = unichr
except NameError:
    chr_ = chr
random.seed(7)

def patterns(name):         # as MoinMoin's makelist
    with open(name, 'rb') as f:
        text = f.read().decode('utf-8')
    lines = [l.split(' # ', 1)[0].strip() for l in text.splitlines()]
    return [l for l in lines if l and not l.startswith('#')]

def member(items):          # a character of a set
    items = list(items)
    if str(items[0][0]).upper() == 'NEGATE':
        items = [(None, None)]
    op, arg = random.choice(items)
    op = str(op).upper()
    if op == 'LITERAL':
        return chr_(arg)
    if op == 'RANGE':
        return chr_(random.randint(arg[0], arg[1]))
    return random.choice('a7' if 'WORD' in str(arg).upper() else
                         '5' if 'DIGIT' in str(arg).upper() else 'a')

def sample(tree):           # a text that it matches, mostly
    out = ''
    for op, arg in tree:
        op = str(op).upper()
        if op == 'LITERAL':
            c = chr_(arg)
            out += random.choice([c, c.upper(), c.lower()])
        elif op == 'ANY':
            out += random.choice('x.-')
        elif op == 'IN':
            out += member(arg)
        elif op in ('MAX_REPEAT', 'MIN_REPEAT'):
            low, high, inner = arg
            for _ in range(random.randint(low, min(int(high), low + 2))):
                out += sample(inner)
        elif op == 'BRANCH':
            out += sample(random.choice(arg[1]))
        elif op == 'SUBPATTERN':
            out += sample(arg[-1])
    return out

def mutate(text):
    at = random.randrange(len(text))
    return random.choice([text[:at] + text[at + 1:],
        text[:at] + random.choice('ax.-/') + text[at:],
        text[:at] + random.choice('bz._0') + text[at + 1:], text[at:],
        text[:-1]])

old = [(p, re.compile(p, re.I)) for p in patterns(sys.argv[1])]
new = [re.compile(p, re.I) for p in patterns(sys.argv[2])]
def found(text):
    return any(p.search(text) for p in new)
wrong = matching = others = 0
near = []
for p, compiled in old:
    text = 'see ' + sample(sre_parse.parse(p)) + ' there'
    if compiled.search(text):
        matching += 1
        if not found(text):
            wrong += 1
            print('not found any more:', repr(text), p)
    near.append(mutate(mutate(text[4:-6])) if len(text) > 14 else text)
assert matching > 0.98 * len(old), matching
for text in random.sample(near, min(len(near), 500)):
    before = any(c.search(text) for p, c in old)
    others += not before
    if before != found(text):
        wrong += 1
        print('differs:', repr(text), before)
assert others > 20, others
text = ' '.join('word%d the quick brown fox www.host-%d.example/page.html' %
                (n, n) for n in range(300))
def seconds(list_):
    best = 9
    for _ in range(3):
        start = time.time()
        for c in list_:
            c.search(text)
        best = min(best, time.time() - start)
    return best
faster = seconds([c for p, c in old]) / seconds(new)
print('%d matching and %d other texts, %d lines instead of %d, %.0f times '
      'faster' % (matching, others, len(new), len(old), faster))
sys.exit(wrong != 0 or len(new) * 20 > len(old))
END
for list in BadContent-moin13-44427 BadContent-moin19-84119; do
	tr -d '\r' <"$lists/$list.txt" >"$T/from/BadContent.txt"
	publish --now
	fetches here 0 -q
	current >"$T/compact"
	# What the feed has: without what gen left out.
	follower plain "file://$T/site/news/" "wiki = files:$T/plain" 'grant = *'
	mkdir -p "$T/plain"
	fetches plain 0 -q
	pythons=0
	for python in "${PYTHON2:-python2.7}" python3; do
		"$python" -c 'import re' 2>"$T/none" || {
			echo "there is no $python"
			continue
		}
		"$python" -W ignore "$T/equal.py" "$T/plain/BadContent.txt" \
		    "$T/compact" >"$T/said" 2>&1 ||
			fail "$python: $(head -n 20 "$T/said")"
		echo "ok: $list, $python: $(cat "$T/said")"
		pythons=$((pythons + 1))
	done
	[ $pythons -gt 0 ] || fail "no Python could compare"
done

head -n 1 "$T/plain/BadContent.txt" | grep -q '^##' &&
	[ "$(tr -d '\r' <"$T/compact" | head -n 1)" = \
	    "$(head -n 1 "$T/plain/BadContent.txt")" ] ||
	fail "the comments at the top are gone"
sed 's/\r$//' "$T/compact" | sed 's/^# //' | sort >"$T/all"
grep -v '^#' "$T/plain/BadContent.txt" | grep . | sort | comm -23 - "$T/all" \
    >"$T/missing"
[ ! -s "$T/missing" ] || fail "originals are gone: $(head "$T/missing")"
ok "every original can still be read"

fetches here 0 -q
silent
expect 0 wikicast verify --signer "$KEY" --wiki "moin:$T/moin" "$T/site/news"
grep -q ' 1 same, 0 edited' "$T/out" || fail "verify calls it edited"
sed -i 's/^compact.*/compact = no/' "$T/here.conf"
fetches here 0 -q
current | tr -d '\r' | grep -v '^#acl' >"$T/compact"
grep -v '^#acl' "$T/plain/BadContent.txt" | cmp -s - "$T/compact" ||
	fail "the list does not come back as it was"
ok "and the rule can be changed back"
