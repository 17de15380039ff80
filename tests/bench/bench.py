#!/usr/bin/python3
"""Measure wikicast and its peers on the same job, as one Markdown table.

usage: bench.py FOLDER [full|quick] [ONLY...]

FOLDER is for work and for table.md.  WIKICAST is the program to measure.
ONLY names contestants (git, wikicast ...) or further measurements (poll,
load, install, large, rumour, lint); else all are run.
"""
import datetime
import os
import shutil
import statistics
import subprocess
import sys

from contest import median
from own import Wikicast
from peers import PEERS

HERE = os.path.dirname(os.path.abspath(__file__))
FURTHER = ["poll", "load", "install", "large", "rumour", "lint"]
# The last version, and how many serials are tried with 20 behind: full, quick.
LENGTH = [(100, 32), (40, 4)]
COLUMNS = [
    "system", "one update: bytes", "worst", "requests", "CPU ms", "wall ms",
    "peak MB", "20 behind: bytes", "worst", "requests", "CPU ms",
    "no news: bytes", "requests", "CPU ms", "first fetch: bytes", "CPU ms",
    "publish one: CPU ms", "wall ms", "on the server: bytes"]


def number(value):
    return "{:,}".format(round(value))


def worst(rows, key):
    return max(r[key] for r in rows)


def row(g):
    """One contestant's figures as cells."""
    one, many, polls = g["one"], g["twenty"], g["polls"]
    made, whole = g["published"], g["whole"]
    return [
        g["name"], number(median(one, "bytes")), number(worst(one, "bytes")),
        number(worst(one, "requests")), number(median(one, "cpu") * 1000),
        number(median(one, "wall") * 1000), "%.1f" % (
            worst(one, "rss") / 1024),
        number(median(many, "bytes")), number(worst(many, "bytes")),
        number(worst(many, "requests")), number(median(many, "cpu") * 1000),
        number(median(polls, "bytes")), number(worst(polls, "requests")),
        number(median(polls, "cpu") * 1000), number(whole["bytes"]),
        number(whole["cpu"] * 1000), number(median(made, "cpu") * 1000),
        number(median(made, "wall") * 1000), number(g["server"])]


def notes(g):
    """What only wikicast has: a server that compresses, its snapshots."""
    yield ("from a server that compresses, one update: median %s, worst %s "
           "bytes" % (number(median(g["packed"], "bytes")),
                      number(worst(g["packed"], "bytes"))))
    late = [r["bytes"] for r in g["twenty"]]
    yield ("20 behind at %d consecutive serials: median %s, worst %s bytes" % (
        len(late), number(statistics.median(late)), number(max(late))))
    yield ("the server's files are %.2f times the newest snapshot (%s bytes)"
           % (g["server"] / g["snapshot"], number(g["snapshot"])))
    yield ("first fetch at the serial of a snapshot: %s bytes; %d serials "
           "later: %s" % (number(g["first"]["bytes"]), g["later"],
                          number(g["whole"]["bytes"])))
    for what, rows in (("longer steps as well", g["longer"]),
                       ("a snapshot as well", g["snapshots"])):
        if rows:
            yield ("publishing one update with %s (%d of %d serials): median "
                   "%s, worst %s ms CPU" % (
                       what, len(rows), g["publications"],
                       number(median(rows, "cpu") * 1000),
                       number(worst(rows, "cpu") * 1000)))


def corpus(folder, versions):
    """The corpus, made unless it is there with as many versions."""
    path = folder + "/corpus"
    try:
        with open(path + "/SHA256") as f:
            there = len(f.readlines())
    except FileNotFoundError:
        there = 0
    if there < versions:
        shutil.rmtree(path, ignore_errors=True)
        subprocess.run([sys.executable, "-B", HERE + "/gen_corpus.py", path,
                        "--versions", str(versions)], check=True)
    return path


def contestants(pages, folder, quick, only):
    """Measure each; yields its figures."""
    last, window = LENGTH[quick]
    for kind in [Wikicast] + PEERS:
        if only and kind.__name__.lower() not in only:
            continue
        more = (window,) if kind is Wikicast else ()
        contest = kind(pages, last, folder, *more)
        contest.setup()
        yield contest.run()
        contest.close()


def further(folder, mode, name):
    out = subprocess.run([sys.executable, "-B", "%s/%s.py" % (HERE, name),
                          folder, mode], check=True, stdout=subprocess.PIPE,
                         text=True).stdout
    return out.rstrip("\n").splitlines()


def main():
    folder = os.path.abspath(sys.argv[1])
    mode = sys.argv[2] if len(sys.argv) > 2 else "full"
    quick = mode == "quick"
    only = sys.argv[3:]
    os.makedirs(folder, exist_ok=True)
    pages, below = corpus(folder, LENGTH[quick][0] + 1), []
    with open(folder + "/table.md", "w") as table:
        def say(line):
            for out in (sys.stdout, table):
                print(line, file=out, flush=True)

        say("| %s |" % " | ".join(COLUMNS))
        say("|" + "---|" * len(COLUMNS))
        for g in contestants(pages, folder, quick, only):
            say("| %s |" % " | ".join(row(g)))
            if g["name"] == "wikicast":
                below += notes(g)
        say("")
        for line in below:
            say("- " + line)
        for name in FURTHER:
            if not only or name in only:
                for line in further(folder, mode, name):
                    say("- " + line)
        say("- measured %s (%s), %d processors" % (
            datetime.date.today(), mode, os.cpu_count()))


main()
