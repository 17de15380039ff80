"""Kill a program before each call that changes the disk, and run it again.

    crash.py gen|fetch FOLDER STEP

FOLDER has what the calling script has made: pub.conf, pub/ and site/, or
me.conf, me.state/ and mine/.  The program is run once without a crash, which
gives the end that every other run must come to; then it is killed before the
1st, (1 + STEP)th, ... call, each time from the same start.
"""

import collections
import os
import shutil
import signal
import sqlite3
import subprocess
import sys

B = os.environ["B"]
PRELOAD = os.path.join(B, "tests/support/crash_preload.so")


class Trouble(Exception):
    pass


def files(folder):
    """Path below folder -> its bytes, None for a folder."""
    found = {}
    for at, folders, names in os.walk(folder):
        for name in folders + names:
            path = os.path.join(at, name)
            short = os.path.relpath(path, folder)
            if os.path.isdir(path):
                found[short] = None
            else:
                with open(path, "rb") as f:
                    found[short] = f.read()
    return found


def rows(database, sql):
    db = sqlite3.connect("file:%s?mode=ro" % database, uri=True)
    try:
        return sorted(map(repr, db.execute(sql)))
    finally:
        db.close()


def difference(want, got):
    """A few of the keys in which two mappings differ."""
    return "\n".join(
        "%s: %r instead of %r" % (key, got.get(key, "nothing"),
                                  want.get(key, "nothing"))
        for key in sorted(set(want) | set(got))
        if want.get(key) != got.get(key))[:3000]


def run(arguments, **environment):
    return subprocess.run(
        arguments, env=dict(os.environ, **environment),
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, errors="replace", timeout=120)


def must_end(done, statuses, what):
    if done.returncode not in statuses:
        raise Trouble("%s: exit status %d: %s" % (what, done.returncode,
                                                  done.stdout))


def no_debris(folder):
    """The folder ".old" is where the engine "files" keeps what was there before."""
    for path, content in files(folder).items():
        name = os.path.basename(path)
        if name.startswith(".") and name != ".old":
            raise Trouble("left behind: %s/%s" % (folder, path))
        if path.endswith("-journal") and content:
            raise Trouble("a journal is left: %s" % path)


class Program:
    """What is run, what it changes, and what it must leave."""

    def __init__(self, folder):
        self.folder = folder

    def path(self, name):
        return os.path.join(self.folder, name)

    def run(self, **crash):
        if crash:
            crash.update(LD_PRELOAD=PRELOAD,
                         CRASH_PROGRAM="wikicast-" + self.verb)
        return run([os.path.join(B, "libexec/wikicast-" + self.verb),
                    self.verb, "-q", "-c", self.path(self.config)] +
                   self.options, **crash)

    def copy(self, suffix, to):
        for name in self.changed:
            shutil.rmtree(self.path(name + to), ignore_errors=True)
            if os.path.exists(self.path(name + suffix)):
                subprocess.run(["cp", "-a", self.path(name + suffix),
                                self.path(name + to)], check=True)


class Gen(Program):
    verb, config, options = "gen", "pub.conf", ["--now"]
    changed = ["pub", "site"]
    statuses = (0,)

    def at_any_time(self):
        """Followers may read, whatever happened to gen."""
        if os.path.exists(self.path("site/news/feed.atom")):
            must_end(run([os.path.join(B, "libexec/wikicast-verify"),
                          "verify", "-q", "--signer", os.environ["KEY"],
                          self.path("site/news")]),
                     (0,), "the tree does not verify")

    def end(self):
        self.at_any_time()
        no_debris(self.path("site"))
        no_debris(self.path("pub"))
        if any(n.startswith("publishing")
               for n in os.listdir(self.path("pub"))):
            raise Trouble("it is still marked as publishing")
        book = self.path("pub/publish.db")
        tree = [p for p, content in files(self.path("site/news")).items()
                if content is not None]
        known = rows(book, "SELECT lower(hex(digest)) FROM file")
        kept = {os.path.basename(p).split(".")[0] for p in tree if "/" in p}
        if {row[2:-3] for row in known} != kept:
            raise Trouble("files that nothing names, or that are missing")
        with open(self.path("site/news/feed.atom"), "rb") as f:
            placed = f.read()
        return {
            "feed": rows(book, "SELECT serial, oldest FROM feed"),
            "serials": rows(book, "SELECT serial, state, summary, changes "
                            "FROM serial"),
            "files": rows(book, "SELECT sort, serial, origin, until IS NULL "
                          "FROM file"),
            "shelf": rows(book, "SELECT path, first, until, digest, bare "
                          "FROM shelf_row"),
            "scan": rows(book, "SELECT path, kind FROM scan WHERE shelved"),
            "kinds": collections.Counter(
                p.split("/")[0] + p[p.index("."):] for p in tree),
            "in place": repr(placed) == rows(
                book, "SELECT document FROM feed")[0][1:-2],
        }


class Fetch(Program):
    verb, config, options = "fetch", "me.conf", []
    changed = ["me.state", "mine"]
    statuses = (0, 6)  # 6: a conflict that nobody was told of

    def at_any_time(self):
        pass

    @staticmethod
    def without_stamps(log):
        """Half a line, which Moin passes over, tells of nothing."""
        lines = (line.split(b"\t", 1)[-1] for line in log.splitlines())
        return sorted(line for line in lines if line.count(b"\t") == 7)

    def end(self):
        no_debris(self.path("me.state"))
        no_debris(self.path("mine"))
        book = self.path("me.state/follow.db")
        end = files(self.path("mine"))
        for path in end:
            if os.path.basename(path) == "edit-log":
                end[path] = self.without_stamps(end[path])
        end.update({
            ":plans": rows(book, "SELECT * FROM plan"),
            ":feed": rows(book, "SELECT serial, state, stored, settled, "
                          "pending, forked, allowed FROM feed"),
            ":accepted": rows(book, "SELECT serial, state FROM accepted"),
            ":events": rows(book, "SELECT serial, path, what, cause "
                            "FROM event"),
            ":told": rows(book, "SELECT subject, cause FROM told"),
            ":records": rows(book, "SELECT path, content, wrote, serial "
                             "FROM installed"),
            ":notes": rows(book, "SELECT path, answer, cause FROM note"),
            ":shelf": rows(book, "SELECT path, first, until, digest, bare "
                           "FROM shelf_row"),
            ":partial": os.listdir(self.path("me.state/partial")),
        })
        return end


def count_calls(program):
    counted = program.path("count")
    must_end(program.run(CRASH_COUNT=counted), program.statuses,
             "without a crash")
    with open(counted) as f:
        return int(f.read())


def must_be(program, want, what):
    got = program.end()
    if got != want:
        raise Trouble("%s:\n%s" % (what, difference(want, got)))


def check(program, want, at, half):
    """False if there are not so many calls: it varies a little."""
    how = {"CRASH_HALF": "1"} if half else {}
    program.copy(".start", "")
    done = program.run(CRASH_AT=str(at), **how)
    if done.returncode != -signal.SIGKILL:
        must_end(done, program.statuses, "not killed")
        return False
    program.at_any_time()
    must_end(program.run(), program.statuses, "run again")
    must_be(program, want, "it does not end as without the crash")
    third = program.run()
    must_end(third, (0,), "a third run")
    if third.stdout:
        raise Trouble("a third run says: " + third.stdout)
    must_be(program, want, "a third run changes something")
    return True


def main():
    program = {"gen": Gen, "fetch": Fetch}[sys.argv[1]](sys.argv[2])
    step = int(sys.argv[3])
    program.copy("", ".start")
    calls = count_calls(program)
    want = program.end()
    places = [(at, half) for half in (False, True)
              for at in range(1 + half * (step // 2), calls + 1, step)]
    done = troubles = 0
    for at, half in places:
        try:
            done += check(program, want, at, half)
        except Trouble as e:
            troubles += 1
            print("before call %d of %d%s: %s" % (
                at, calls, ", a write in half" if half else "", e),
                  flush=True)
    if troubles:
        sys.exit("FAIL: %d of %d crashes leave trouble" % (
            troubles, len(places)))
    if done < len(places) * 0.9:
        sys.exit("FAIL: only %d crashes at %d places" % (done, len(places)))
    print("ok: killed %d times at %d calls, and each time the next run "
          "ended as if nothing had happened" % (done, calls))


main()
