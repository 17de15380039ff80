#!/usr/bin/python3
"""A rumour among real wikis: news get round, though the master is killed.

usage: rumour.py FOLDER [full|quick|small] [VARIANT...]

Each wiki is a MoinMoin data folder with an address of its own on loopback,
a copy of the feed there, a receiver, a configuration and a state folder.  The
master publishes a new BadContent, tells four, and is killed when those that
it told have fetched.  In each round all who were told fetch, and tell others;
when nobody is told any more, those without the news poll, as cron would make
them.  Every variant begins with the same wikis, which have the first edition,
and ends when all have the second, or the program fails.
"""
import atexit
import concurrent.futures
import filecmp
import os
import random
import re
import shutil
import signal
import statistics
import subprocess
import sys
import time
import urllib.request

import contest
import own
import servers

WIKIS = {"full": 60, "quick": 24, "small": 12}
LINES = {"full": 10000, "quick": 2000, "small": 300}  # of BadContent
AT_ONCE = 4
ROUNDS = 60
VARIANTS = {
    "plain": "nothing fails but the master",
    "offline": "a third is offline, and returns when the rumour is over",
    "liars": "a tenth, at least three, serves an old feed, a false one, or false files",
    "lost": "one notification in five is lost",
    "both": "liars, and one notification in five is lost",
    "polling": "no notifications at all",
}
FEED = re.compile(r" GET \S*/feed\.atom 200 ")
CONTENT = re.compile(r" GET \S*/pool/\S* 20[06] ")


class Web(servers.Server):
    """nginx with a log of its own; hosts are (address, directives)."""

    def __init__(self):
        self.begin()
        self.mark = 0

    def conf(self, hosts, before):
        temp = "".join("%s_temp_path %s/t; " % (name, self.dir) for name in (
            "client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        yield ("daemon off; master_process off; %spid %s/pid; error_log "
               "%s/errors; events {} http { %s log_format short '$server_addr "
               "$request_method $uri $status $bytes_sent'; access_log %s/log "
               "short; %s " % ("user root; " if os.geteuid() == 0 else "",
                               self.dir, self.dir, temp, self.dir, before))
        for address, directives in hosts:
            yield "server { listen %s:%d; %s }" % (address, self.port,
                                                   directives)
        yield "}"

    def serve(self, own_, hosts=(), before=""):
        """Start; own_ are the directives of 127.0.0.1."""
        hosts = [("127.0.0.1", "location /probe/ { return 204; } " + own_),
                 *hosts]
        with open(self.dir + "/conf", "w") as f:
            f.write("\n".join(self.conf(hosts, before)))
        self.start(["nginx", "-e", self.dir + "/errors",
                    "-c", self.dir + "/conf"])

    def stop(self):
        atexit.unregister(self.close)
        self.proc.terminate()
        self.proc.wait()

    def log(self):
        """What was asked since forget(); it is noted after the answer."""
        probe = "/probe/%d" % time.monotonic_ns()
        urllib.request.urlopen("http://127.0.0.1:%d%s" % (
            self.port, probe)).close()
        for _ in range(500):
            with open(self.dir + "/log") as f:
                f.seek(self.mark)
                text = f.read()
            if probe in text:
                return [l for l in text.splitlines() if "/probe/" not in l]
            time.sleep(0.01)
        raise SystemExit("nginx keeps no log")

    def forget(self):
        self.mark = os.path.getsize(self.dir + "/log")


class Receivers(servers.Server):
    """fcgiwrap, for all receivers."""

    def __init__(self):
        self.begin()
        self.socket = self.dir + "/s"
        self.proc = subprocess.Popen(
            ["fcgiwrap", "-s", "unix:" + self.socket],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        atexit.register(self.close)
        for _ in range(500):
            if os.path.exists(self.socket):
                return
            time.sleep(0.01)
        raise SystemExit("fcgiwrap does not start")


def save(data, revision, lines):
    """BadContent as MoinMoin saves it."""
    folder = data + "/pages/BadContent"
    os.makedirs(folder + "/revisions", exist_ok=True)
    with open("%s/revisions/%08d" % (folder, revision), "w") as f:
        f.write("".join(line + "\r\n" for line in lines))
    entry = "%d\t%08d\tSAVE%s\tBadContent\t127.0.0.1\tlocalhost\t\t\t\n" % (
        time.time_ns() // 1000, revision, "NEW" if revision == 1 else "")
    for log in (folder + "/edit-log", data + "/edit-log"):
        with open(log, "a") as f:
            f.write(entry)
    with open(folder + "/new", "w") as f:
        f.write("%08d\n" % revision)
    os.rename(folder + "/new", folder + "/current")


def patterns(random_, count):
    return ["".join(random_.choices("abcdefghijklmnopqrstuvwxyz", k=12)) +
            r"\.example" for _ in range(count)]


class Wiki:
    """One that follows, serves and listens."""

    def __init__(self, net, n):
        self.n, self.folder = n, "%s/w%d" % (net.folder, n)
        self.address = "127.0.1.%d" % n
        at = "http://%s:%d/" % (self.address, net.web.port)
        self.url, self.notify = at + "news/", at + "notify"
        self.conf = self.folder + "/conf"

    def configure(self, net, peers):
        own.follower_file(self.conf, self.folder + "/state", net.home,
                          net.url, "moin:" + self.folder + "/data")
        with open(self.conf, "a") as f:
            f.write("serve = %s/www/news\nurl = %s\n%s[notify]\ndir = "
                    "%s/spool\nevery = 1s\njitter = 1s\n" % (
                        self.folder, self.url, peers, self.folder))

    def fetch(self, notified):
        got = subprocess.run(
            [own.program(), "fetch", "-q", "-c", self.conf] +
            ["--notified"] * notified, capture_output=True, text=True,
            stdin=subprocess.DEVNULL)
        # That it could not be fetched now is what polling is for.
        if got.returncode not in (0, 3, 4):
            raise SystemExit("wiki %d: status %d: %s" % (
                self.n, got.returncode, got.stderr))

    def told(self):
        return bool(os.listdir(self.folder + "/spool/news"))

    def list_file(self, revision):
        return "%s/data/pages/BadContent/revisions/%08d" % (
            self.folder, revision)

    def has(self, net, revision):
        """Is that edition installed, whole, and served?"""
        if not os.path.exists(self.list_file(revision)):
            return False
        if not filecmp.cmp(self.list_file(revision), net.list_file(revision),
                           shallow=False):
            raise SystemExit("wiki %d installed what nobody signed" % self.n)
        return filecmp.cmp(self.folder + "/www/news/feed.atom",
                           net.folder + "/site/badcontent/feed.atom",
                           shallow=False)

    def host(self, net, how):
        """Its virtual server; how: true, old, false, files, offline."""
        if how == "offline":
            return self.address, "return 444;"
        more = {"old": "location /news/ { root %s/old; }",
                "false": "location = /news/feed.atom { root %s/false; }",
                "files": "location /news/pool/ { root %s/false; }"}
        receive = ("fastcgi_pass unix:%s; include /etc/nginx/fastcgi_params; "
                   "fastcgi_param SCRIPT_FILENAME %s; fastcgi_param "
                   "WIKICAST_NOTIFY_DIR %s/spool;" % (
                       net.receivers.socket, net.receiver, self.folder))
        return self.address, (
            "root %s/www; location = /notify { if ($lost = 1) { return 444; } "
            "if ($lost = 2) { return 202; } %s } %s" % (
                self.folder, receive, more[how] % net.folder
                if how in more else ""))


class Net:
    """The master and all wikis, in a folder that can be put back."""

    def __init__(self, work, mode):
        self.folder, self.base = work + "/net", work + "/base"
        self.random = random.Random(1)
        self.home = contest.gpg_home()
        self.master, self.web = Web(), Web()
        self.receivers = Receivers()
        self.receiver = os.path.normpath(os.path.join(os.path.dirname(
            own.program()), "../libexec/wikicast-notify"))
        self.url = "http://127.0.0.1:%d/badcontent/" % self.master.port
        self.data = self.folder + "/data"
        self.wikis = [Wiki(self, n + 1) for n in range(WIKIS[mode])]
        self.lines = patterns(self.random, LINES[mode])
        self.pool = concurrent.futures.ThreadPoolExecutor(AT_ONCE)

    def peers(self):
        return "".join("peer = %s %s\n" % (w.url, w.notify)
                       for w in self.wikis)

    def configure(self):
        """No wiki knows others before it has a copy, nor is known."""
        for folder in [self.data] + [w.folder + "/data" for w in self.wikis]:
            os.makedirs(folder + "/pages")
            open(folder + "/edit-log", "w").close()
        os.makedirs(self.folder + "/site")
        own.publisher_file(self.folder + "/conf", self.folder + "/pub",
                           self.folder + "/site", self.home, self.url,
                           "moin:" + self.data)
        with open(self.folder + "/conf", "a") as f:
            f.write(self.peers())
        for wiki in self.wikis:
            wiki.configure(self, "")

    def list_file(self, revision):
        return "%s/pages/BadContent/revisions/%08d" % (self.data, revision)

    def wikicast(self, verb):
        return subprocess.run(
            [own.program(), verb, "-q", "-c", self.folder + "/conf"],
            check=True)

    def publish(self, revision, lines):
        self.lines = self.lines + lines
        save(self.data, revision, self.lines)
        self.wikicast("gen")

    def each(self, do, wikis):
        """For some at a time, in an order of chance."""
        wikis = [*wikis]
        self.random.shuffle(wikis)
        return [*self.pool.map(do, wikis)]

    def begin(self):
        """All have the first edition; kept for every variant to begin with."""
        self.configure()
        self.publish(1, [])
        self.master.serve("root %s/site;" % self.folder)
        self.each(lambda w: w.fetch(False), self.wikis)
        self.master.stop()
        for wiki in self.wikis:
            if not wiki.has(self, 1):
                raise SystemExit("wiki %d has no first edition" % wiki.n)
            wiki.configure(self, self.peers())
        shutil.copytree(self.folder + "/site/badcontent",
                        self.folder + "/old/news")
        os.rename(self.folder, self.base)

    def put_back(self):
        shutil.rmtree(self.folder, ignore_errors=True)
        subprocess.run(["cp", "-a", self.base, self.folder], check=True)

    def make_false(self):
        """As the newest, but for some bytes; the lengths are right."""
        real, false = self.folder + "/site/badcontent", self.folder + "/false"
        shutil.copytree(real, false + "/news")
        for folder, _, names in os.walk(false + "/news/pool"):
            for name in names:
                with open(os.path.join(folder, name), "r+b") as f:
                    data = f.read()
                    f.seek(0)
                    f.write(bytes(b ^ 1 for b in data))
        with open(false + "/news/feed.atom", "r+b") as f:
            data = f.read()
            f.seek(0)
            f.write(data.replace(b'serial="2"', b'serial="3"'))


class Spread:
    """One variant, start to end."""

    def __init__(self, net, variant):
        self.net, self.variant = net, variant
        count, some = len(net.wikis), [*net.wikis]
        net.random.shuffle(some)
        self.how = {w.n: "true" for w in some}
        self.away = some[:count // 3] if variant == "offline" else []
        self.how.update((w.n, "offline") for w in self.away)
        if variant in ("liars", "both"):
            for at, w in enumerate(some[:max(3, count // 10)]):
                self.how[w.n] = ("files", "false", "old")[at % 3]
        self.rounds = self.polls = self.by_rumour = 0
        self.alive = True

    def serve(self):
        lost = ("split_clients $request_id $lost { 10% 1; 10% 2; * 0; }"
                if self.variant in ("lost", "both") else
                "map $request_id $lost { default 0; }")
        self.net.web.serve("", [w.host(self.net, self.how[w.n])
                                for w in self.net.wikis], lost)

    def without_receivers(self):
        """Nobody knows whom to tell."""
        for conf in [self.net.folder + "/conf"] + [
                w.conf for w in self.net.wikis]:
            with open(conf) as f:
                text = f.read()
            with open(conf, "w") as f:
                f.write(re.sub(r"(?m)^(peer = \S+) \S+", r"\1", text))

    def here(self):
        return [w for w in self.net.wikis if w not in self.away]

    def lacking(self):
        return [w for w in self.here() if not w.has(self.net, 2)]

    def kill_master(self):
        if self.alive:
            self.from_master = self.net.master.log()
            self.net.master.stop()
            self.alive = False

    def poll(self):
        """Each that lacks it, once; the master goes when four have it."""
        self.polls += 1
        todo = self.lacking()
        self.net.random.shuffle(todo)
        while todo:
            now, todo = todo[:AT_ONCE], todo[AT_ONCE:]
            self.net.each(lambda w: w.fetch(False), now)
            if self.alive and (len(self.here()) - len(self.lacking()) >= 4):
                self.kill_master()

    def go_round(self):
        """False when there is nothing to do any more."""
        told = [w for w in self.here() if w.told()]
        if told:
            self.rounds += 1
            self.net.each(lambda w: w.fetch(True), told)
            self.kill_master()
            return True
        if self.polls == 0:
            self.by_rumour = len(self.here()) - len(self.lacking())
        if self.away and not self.lacking():
            self.away = []
            self.how = {n: "true" for n in self.how}
            self.net.web.stop()
            self.serve()
        if not self.lacking():
            return False
        self.poll()
        return True

    def run(self):
        net = self.net
        net.put_back()
        if self.variant == "polling":
            self.without_receivers()
        # Some updates stand in the feed, larger ones are files of their own.
        net_lines, large = net.lines, self.variant in ("liars", "both")
        net.publish(2, patterns(net.random, 1000 if large else 6))
        net.lines = net_lines
        net.make_false()
        net.master.serve("root %s/site;" % net.folder)
        self.serve()
        net.master.forget()
        net.web.forget()
        start = time.monotonic()
        if self.variant != "polling":
            net.wikicast("announce")
        while self.go_round():
            if self.rounds + self.polls > ROUNDS:
                raise SystemExit("%s: it never ends" % self.variant)
        self.seconds = time.monotonic() - start
        self.requests = net.web.log()
        net.web.stop()
        self.judge()
        return self.line()

    def judge(self):
        files = sum(bool(CONTENT.search(" " + l)) for l in self.from_master)
        if files > 10:
            raise SystemExit("%s: %d files from the master" % (
                self.variant, files))
        if self.variant == "plain" and self.by_rumour < 2 * len(
                self.net.wikis) / 3:
            raise SystemExit("plain: only %d heard of it" % self.by_rumour)

    def line(self):
        at = {w.address: 0 for w in self.net.wikis}
        for line in self.requests:
            address = line.split(" ", 1)[0]
            if address in at:
                at[address] += 1
        told = sum(" POST " in line for line in self.requests)
        master = self.from_master
        heard = "%d had it after %d rounds, " % (self.by_rumour, self.rounds)
        if not self.rounds:
            heard = ""
        polls = "after %d rounds of polls" % self.polls
        if not self.polls:
            polls = "without polls"
        return ("rumour, %d wikis, %s (%s): %sall %s, in %.1f s; requests at "
                "a wiki min %d, median %d, max %d; notifications %d; from the "
                "master, until it was killed, %d feeds, %d steps or "
                "snapshots, %s bytes" % (
                    len(at), self.variant, VARIANTS[self.variant], heard,
                    polls, self.seconds, min(at.values()), statistics.median(at.values()),
                    max(at.values()), told,
                    sum(bool(FEED.search(" " + l)) for l in master),
                    sum(bool(CONTENT.search(" " + l)) for l in master),
                    "{:,}".format(sum(int(l.split()[-1]) for l in master))))


def main():
    mode = sys.argv[2] if len(sys.argv) > 2 else "full"
    variants = sys.argv[3:] or [v for v in VARIANTS if v != "both"]
    work = os.path.abspath(sys.argv[1]) + "/rumour"
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    os.umask(0o022)
    shutil.rmtree(work, ignore_errors=True)
    os.makedirs(work)
    net = Net(work, mode)
    net.begin()
    for variant in variants:
        print(Spread(net, variant).run(), flush=True)
    for server in (net.master, net.web, net.receivers):
        server.close()
    shutil.rmtree(work)


main()
