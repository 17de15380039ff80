#!/usr/bin/python3
"""Write a reproducible pattern list and wiki pages, one folder per version.

usage: gen_corpus.py FOLDER [--versions 101] [--lines 10000] [--pages 1000]
           [--seed 1]

FOLDER/v000/BadContent       about 10,000 sorted regexes, and a header
FOLDER/v000/pages/PAGE       1,000 pages of about 3 KB of text
FOLDER/v001 ...              each: 5 list lines added, 1 removed, 2 pages
                             edited by a few words
FOLDER/SHA256                a digest per version, to compare machines

Unchanged files are hard links to the version before.  Only random() is used,
so that every Python 3 writes the same.
"""
import argparse
import bisect
import hashlib
import itertools
import os
import random

STEMS = """
the of and to in a is that it for as with on be at by this from or have an are
not was but all can will one which has more their if they there about when
what up out so we some into time only other new page wiki user list site link
text edit change server file name set install config theme macro plugin group
access right read write delete rename revert admin search index cache store
backup mail notify subscribe language translate format table image attach
upload download script python browser cookie session login password account
spam filter block pattern regular expression domain word content editor review
history version revision difference conflict merge lock help question answer
example note warning bug report fix patch release upgrade migrate data base
path directory root web host port proxy apache request response header status
error log debug trace test case unit build package network address mirror feed
signature key trust secure attack protect limit rate size number long short
high low old first last next many few most same different between after before
while where how why because however also often usually sometimes never always
must should could would may might make take give find keep start stop run open
close show hide add remove move copy create use need work call think know see
look want try ask tell leave feel become begin seem talk turn play hold bring
happen carry provide include continue learn lead understand watch follow allow
spend grow offer remember consider appear serve send expect stay fall reach
kill remain suggest raise pass sell require decide pull people year way day
man thing woman life child world school state family student country problem
hand part place week company system program government money story fact month
lot study book eye job word business issue side kind head house service friend
father power hour game line end member law car city community team minute idea
body information back parent face level office door health person art war
party result morning reason research girl guy moment air teacher force
education""".split()
SUFFIX = ["", "", "", "s", "ed", "ing", "er", "ly", "able", "ness", "ment",
          "ion"]
SPAM = """
cheap viagra cialis casino poker loan credit mortgage insurance ringtone
replica watch rolex hotel travel ticket pharmacy drug pill tramadol
phentermine diet weight slot bingo roulette blackjack holdem forex debt
consolidation adult dating cam sexy video movie mp3 free online best buy
discount sale shop store outlet shoes bag handbag louis gucci nike essay paper
thesis writing seo backlink traffic hosting domain software crack keygen
serial download torrent game gold wow power leveling air jordan boots ugg
north face jewelry tiffany electronic cigarette vapor""".split()
TLD = ["com"] * 9 + ["net", "net", "org", "info", "info", "biz", "ru", "ru",
                     "cn", "cn", "de", "us", "co\\.uk", "pl", "in"]
HOSTERS = ["blogspot", "freewebs", "narod", "tripod", "geocities",
           "fortunecity"]
HEADER = """## blocked patterns, one regular expression a line; shared list, \
do not edit here
#format plain
#acl All:read
# generated corpus, version %d
"""
EPOCH = 1700000000


class Gen:
    """Words, pages and regexes from one seed."""

    def __init__(self, seed):
        self.rng = random.Random(seed)
        words = list(dict.fromkeys(STEMS))
        forms = [w + s for w in words[60:] for s in dict.fromkeys(SUFFIX)]
        self.shuffle(forms)
        self.vocab = words + forms              # by rank, for Zipf's weights
        self.cum = list(itertools.accumulate(
            1.0 / (i + 2.7) for i in range(len(self.vocab))))
        self.follow = {}                        # a word's usual followers

    def below(self, n):
        return int(self.rng.random() * n)

    def pick(self, seq):
        return seq[self.below(len(seq))]

    def letters(self, alphabet, count):
        return "".join(self.pick(alphabet) for _ in range(count))

    def shuffle(self, seq):
        for i in range(len(seq) - 1, 0, -1):
            j = self.below(i + 1)
            seq[i], seq[j] = seq[j], seq[i]

    def word(self, prev=None):
        if prev is not None and self.rng.random() < 0.45:
            if prev not in self.follow:
                self.follow[prev] = [self.word() for _ in range(12)]
            return self.follow[prev][int(12 * self.rng.random() ** 2)]
        weight = self.rng.random() * self.cum[-1]
        return self.vocab[bisect.bisect(self.cum, weight)]

    def sentence(self):
        out = [self.word()]
        for _ in range(5 + self.below(16)):
            out.append(self.word(out[-1]))
        if self.rng.random() < 0.1:
            k = self.below(len(out))
            out[k] = self.pick([
                "WikiName", "[[%s]]" % self.page_name(), "''%s''" % out[k],
                "`%s`" % out[k], str(self.below(5000))])
        s = " ".join(out)
        return s[0].upper() + s[1:] + self.pick(
            [".", ".", ".", ".", "?", ":", "!"])

    def sentences(self, before):
        return [before + self.sentence() for _ in range(2 + self.below(4))]

    def page_name(self):
        n = "".join(self.pick(STEMS).capitalize()
                    for _ in range(2 + self.below(2)))
        r = self.rng.random()
        if r < 0.05:
            n = "Help/" + n
        elif r < 0.08:
            n = n + "\u00dcbersicht"
        return n

    def page(self, size):
        title = self.sentence().rstrip(".?:!")
        out = ["## page of a shared collection", "#format wiki",
               "#language en", "", "= %s =" % title, ""]
        have = 80
        while have < size:
            r = self.rng.random()
            if r < 0.12:
                line = "== %s ==" % " ".join(self.word() for _ in range(3))
            elif r < 0.35:
                line = "\n".join(self.sentences(" * "))
            else:
                line = " ".join(self.sentences(""))
            out += [line, ""]
            have += len(line) + 2
        return "\n".join(out)

    def domain(self):
        parts = [self.pick(SPAM) for _ in range(1 + self.below(3))]
        label = self.pick(["", "-", "-"]).join(parts)
        r = self.rng.random()
        if r < 0.5:
            label += self.pick(["", str(self.below(1000)), "-" + self.letters(
                "abcdefghiklmnoprstuwz", 4)])
        elif r < 0.8:
            label = "".join(
                self.pick("bcdfghklmnprstvwz") + self.pick("aeiou")
                for _ in range(2 + self.below(4))) + label
        return label + "\\." + self.pick(TLD)

    def regex(self):
        r = self.rng.random()
        if r < 0.70:
            return self.domain()
        if r < 0.85:                            # on a free-hosting site
            sub = self.letters("abcdefghiklmnoprstuwz0123456789",
                               5 + self.below(8))
            return sub + "\\." + self.pick(HOSTERS) + "\\.(com|ru)"
        if r < 0.95:                            # words with a gap
            return "%s[-_.]?%s[-_.]%s" % (
                self.pick(SPAM), self.pick(SPAM),
                self.pick(SPAM + [self.letters("aeioubcdt", 6)]))
        return "(%s|%s|%s)%d*\\.(com|net|%s)" % (
            self.pick(SPAM), self.pick(SPAM), self.pick(SPAM),
            self.below(10000), self.pick(["info", "biz", "ru"]))


def edit_rules(g, rules):
    """Remove one line, add five; the list stays sorted."""
    gone, added = g.pick(rules), 0
    rules.remove(gone)
    while added < 5:
        r = g.regex()
        i = bisect.bisect_left(rules, r)
        if r != gone and (i == len(rules) or rules[i] != r):
            rules.insert(i, r)
            added += 1


def edit_pages(g, pages, names):
    """Change a few words of two pages; returns their names."""
    changed = set()
    while len(changed) < 2:
        changed.add(g.pick(names))
    for n in sorted(changed):
        words = pages[n].split(" ")
        for _ in range(2 + g.below(3)):
            k = 10 + g.below(len(words) - 10)
            words[k] = g.word()
        pages[n] = " ".join(words)
    return changed


def write(path, data, stamp):
    with open(path, "wb") as f:
        f.write(data)
    os.utime(path, (stamp, stamp))


def write_version(out, v, rules, pages, changed):
    """Write a version's folder; returns its digest."""
    d, prev = ("%s/v%03d" % (out, at) for at in (v, v - 1))
    os.makedirs(d + "/pages")
    stamp = EPOCH + 3600 * v
    text = (HEADER % v + "\n".join(rules) + "\n").encode()
    write(d + "/BadContent", text, stamp)
    h = hashlib.sha256(text)
    for n in sorted(pages):
        data = pages[n].encode()
        if n in changed:
            write(d + "/pages/" + n, data, stamp)
        else:
            os.link(prev + "/pages/" + n, d + "/pages/" + n)
        h.update(n.encode() + b"\0" + hashlib.sha256(data).digest())
    for q in (d + "/pages", d):
        os.utime(q, (stamp, stamp))
    return h.hexdigest()


def arguments():
    ap = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    ap.add_argument("out")
    for name, value in (("versions", 101), ("lines", 10000), ("pages", 1000),
                        ("seed", 1)):
        ap.add_argument("--" + name, type=int, default=value)
    return ap.parse_args()


def main():
    a = arguments()
    g = Gen(a.seed)
    rules, pages, digests = set(), {}, []
    while len(rules) < a.lines:
        rules.add(g.regex())
    rules = sorted(rules)
    while len(pages) < a.pages:
        name = g.page_name().replace("/", "(2f)")
        text = g.page(1000 + g.below(4000))
        pages.setdefault(name, text)
    names = sorted(pages)
    for v in range(a.versions):
        changed = set(names)
        if v:
            edit_rules(g, rules)
            changed = edit_pages(g, pages, names)
        digests.append("%s  v%03d\n" % (
            write_version(a.out, v, rules, pages, changed), v))
    with open(a.out + "/SHA256", "w") as f:
        f.writelines(digests)


main()
