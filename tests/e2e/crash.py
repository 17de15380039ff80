"""Kill a program before each call that changes the disk, and run it again.

    crash.py gen|fetch|serve|mirror|init|init-own|init-more FOLDER STEP [full]

FOLDER has what the calling script has made: pub.conf, pub/ and site/, or
me.conf, me.state/ and mine/, ...  The program is run once without a crash,
which gives the end that every other run must come to; then it is killed
before the 1st, (1 + STEP)th, ... call, each time from the same start.  With
"full" the disk is full from that call on, then at that call alone, and has room
again for the next run.
"""

import collections
import os
import re
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

    def arguments(self):
        return ["-c", self.path(self.config)] + self.options

    def run(self, **crash):
        if crash:
            crash.update(LD_PRELOAD=PRELOAD, CRASH_PROGRAM=self.program)
        return run([os.path.join(B, "libexec", self.program), self.verb,
                    "-q"] + self.arguments(), **crash)

    def at_any_time(self):
        pass

    def run_again(self):
        must_end(self.run(), self.statuses, "run again")

    def run_for_nothing(self):
        done = self.run()
        must_end(done, (0,), "a third run")
        if done.stdout:
            raise Trouble("a third run says: " + done.stdout)

    def verify(self, tree):
        """Whoever reads it finds it whole, whatever happened."""
        if os.path.exists(self.path(tree + "/feed.atom")):
            must_end(run([os.path.join(B, "libexec/wikicast-verify"),
                          "verify", "-q", "--signer", os.environ["KEY"],
                          self.path(tree)]),
                     (0,), "the tree does not verify")

    def copy(self, suffix, to):
        for name in self.changed:
            subprocess.run(["rm", "-rf", self.path(name + to)], check=True)
            if os.path.exists(self.path(name + suffix)):
                subprocess.run(["cp", "-a", self.path(name + suffix),
                                self.path(name + to)], check=True)


class Gen(Program):
    program, verb = "wikicast-gen", "gen"
    config, options = "pub.conf", ["--now"]
    changed = ["pub", "site"]
    statuses = (0,)

    def at_any_time(self):
        self.verify("site/news")

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
    program, verb = "wikicast-fetch", "fetch"
    config, options = "me.conf", []
    changed = ["me.state", "mine"]
    state = "me.state"
    statuses = (0, 6)  # 6: a conflict that nobody was told of

    @staticmethod
    def without_stamps(log):
        """Half a line, which Moin passes over, tells of nothing; one without
        a comment tells that a page was locked and is as it was."""
        lines = (line.split(b"\t", 1)[-1] for line in log.splitlines())
        return sorted(line for line in lines if line.count(b"\t") == 7 and
                      not line.endswith(b"\twikicast\t\t\t"))

    def book(self):
        """What the database says."""
        no_debris(self.path(self.state))
        book = self.path(self.state + "/follow.db")
        return {
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
            ":network": rows(book, "SELECT digest FROM network"),
            ":mirrors": rows(book, "SELECT url, configured, listed "
                             "FROM mirror"),
            ":kept": rows(book, "SELECT name, until IS NULL FROM kept"),
            ":partial": os.listdir(self.path(self.state + "/partial")),
        }

    def end(self):
        no_debris(self.path("mine"))
        end = files(self.path("mine"))
        for path in end:
            if os.path.basename(path) == "edit-log":
                end[path] = self.without_stamps(end[path])
        end.update(self.book())
        return end


class Serve(Fetch):
    """The wiki serves what it follows.

    What was on its way to the copy when the run was killed may be in the
    copy already: then nobody comes back for it, and it goes after a week.
    """
    changed = ["me.state", "mine", "copy"]

    def at_any_time(self):
        self.verify("copy/news")

    def end(self):
        self.at_any_time()
        no_debris(self.path("copy"))
        end = super().end()
        del end[":partial"]
        end.update(("copy/" + path, content) for path, content
                   in files(self.path("copy")).items())
        return end


class Mirror(Serve):
    """There is no wiki, and no configuration."""
    verb = "mirror"
    changed = ["mirror.state", "copy"]
    state = "mirror.state"
    statuses = (0,)

    def arguments(self):
        return ["--state", self.path(self.state),
                "--signer", os.environ["KEY"],
                "file://" + self.path("site/news"), self.path("copy/news")]

    def end(self):
        self.at_any_time()
        no_debris(self.path("copy"))
        end = files(self.path("copy"))
        end.update(self.book())
        del end[":partial"]
        return end


class Init(Program):
    """A publisher with a new key.

    A run that was killed may leave a key that no configuration names; one
    that had put the configuration in place is told that the feed exists.
    """
    program, verb = "wikicast-gen", "init"
    changed = ["new.conf", "new.state", "new.site"]
    statuses = (0,)
    name, conf, home = "news", "new.conf", "new.state/gnupg"

    def arguments(self):
        return ["-c", self.path(self.conf), self.name,
                "--wiki", "files:" + self.path("wiki"),
                "--url", "http://127.0.0.1/%s/" % self.name,
                "--site", self.path("new.site"),
                "--state", self.path("new.state"),
                "--pages", "*"] + self.key()

    def key(self):
        return []

    def text(self):
        if not os.path.exists(self.path(self.conf)):
            return ""
        with open(self.path(self.conf)) as f:
            return re.sub("[0-9A-F]{40}", "KEY", f.read())

    def is_made(self):
        return "[feed %s]" % self.name in self.text()

    def at_any_time(self):
        """It stood there before, or all of it stands there."""
        if self.is_made() and not self.text().endswith("pages = *\n"):
            raise Trouble("a part of the configuration: " + self.text())

    def run_again(self):
        if self.is_made():
            self.run_for_nothing()
        else:
            super().run_again()

    def run_for_nothing(self):
        done = self.run()
        must_end(done, (2,), "for what is made already")
        if "exists already" not in done.stdout:
            raise Trouble("it says: " + done.stdout)

    def copy(self, suffix, to):
        subprocess.run(["gpgconf", "--homedir", self.path(self.home),
                        "--kill", "all"], stderr=subprocess.DEVNULL)
        super().copy(suffix, to)

    def end(self):
        must_end(run([os.path.join(B, "libexec/wikicast-gen"), "gen", "-n",
                      "-q", "-c", self.path(self.conf), self.name]),
                 (0,), "gen")
        for name in os.listdir(self.folder):
            if name.startswith("."):
                raise Trouble("left behind: " + name)
        no_debris(self.path("new.site"))
        return {"configuration": self.text(),
                "modes": [oct(os.stat(self.path(name)).st_mode)
                          for name in self.changed],
                "site": sorted(files(self.path("new.site")))}


class InitOwn(Init):
    """A publisher with a key of one's own."""
    home = "gnupg"

    def key(self):
        return ["--key", os.environ["KEY"],
                "--gnupg-home", self.path(self.home)]


class InitMore(Init):
    """A second feed, with key and file of the first."""
    name = "more"

    def at_any_time(self):
        super().at_any_time()
        if "[feed news]" not in self.text():
            raise Trouble("the first feed is lost: " + self.text())


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


def ends_as_without(program, want):
    program.at_any_time()
    program.run_again()
    must_be(program, want, "it does not end as without the crash")
    program.run_for_nothing()
    must_be(program, want, "a third run changes something")


def check(program, want, at, half):
    """False if there are not so many calls: it varies a little."""
    how = {"CRASH_HALF": "1"} if half else {}
    program.copy(".start", "")
    done = program.run(CRASH_AT=str(at), **how)
    if done.returncode != -signal.SIGKILL:
        must_end(done, program.statuses, "not killed")
        return False
    ends_as_without(program, want)
    return True


def check_full(program, want, at, how):
    """False if what was left to do needed no room."""
    program.copy(".start", "")
    done = program.run(CRASH_AT=str(at), CRASH_FULL=how)
    if done.returncode == 0:
        must_be(program, want, "it says that it could do it")
        return False
    must_end(done, (6,), "on a full disk")
    lines = done.stdout.splitlines()
    if len(lines) != 1 or "full" not in lines[0] and \
            "No space left" not in lines[0]:
        raise Trouble("it says: " + done.stdout)
    ends_as_without(program, want)
    return True


def places(kind, calls, step):
    if kind == "full":
        return [(lambda *a, how=how: check_full(*a, how), at,
                 "the disk is full (%s) at call" % how)
                for how in ("on", "once") for at in range(1, calls + 1, step)]
    return [(lambda *a, half=half: check(*a, half),
             at, "a write in half, before call" if half else "before call")
            for half in (False, True)
            for at in range(1 + half * (step // 2), calls + 1, step)]


def main():
    program = {"gen": Gen, "fetch": Fetch, "serve": Serve, "mirror": Mirror,
               "init": Init, "init-own": InitOwn,
               "init-more": InitMore}[sys.argv[1]](sys.argv[2])
    kind = sys.argv[4] if sys.argv[4:] else "killed"
    program.copy("", ".start")
    calls = count_calls(program)
    want = program.end()
    todo = places(kind, calls, int(sys.argv[3]))
    done = troubles = 0
    for how, at, what in todo:
        try:
            done += how(program, want, at)
        except Trouble as e:
            troubles += 1
            print("%s %d of %d: %s" % (what, at, calls, e), flush=True)
    if troubles:
        sys.exit("FAIL: %d of %d leave trouble" % (troubles, len(todo)))
    if done < len(todo) * (0.9 if kind == "killed" else 0.2):
        sys.exit("FAIL: only %d at %d places" % (done, len(todo)))
    print("ok: %s: %s %d times at %d calls, and each time the next run ended "
          "as if nothing had happened" % (sys.argv[1], kind, done, calls))


main()
