"""wikicast as a contestant, and its configurations for other measurements."""
import filecmp
import json
import os
import shutil
import subprocess

import contest
import measure
import servers

FOLLOWED = "[follow badcontent]\nmirror = %s\nsigner = %s\nwiki = %s\n" \
           "grant = *\n"


def program():
    return os.environ["WIKICAST"]


def publisher_file(path, state, site, home, url, wiki):
    """Write a publisher's configuration."""
    with open(path, "w") as f:
        f.write("[state]\ndir = %s\n[publish]\nsite = %s\nkey = %s\n"
                "gnupg-home = %s\n[feed badcontent]\n"
                "title = Shared pages\nurl = %s\nwiki = %s\n"
                "patterns = BadContent\npages = *\n" % (
                    state, site, contest.fingerprint(home), home, url, wiki))


def follower_file(path, state, home, url, wiki):
    """Write a follower's configuration."""
    with open(path, "w") as f:
        f.write("[state]\ndir = %s\n" % state +
                FOLLOWED % (url, contest.fingerprint(home), wiki))


def lay(tree, wiki, ending=".txt"):
    """Bring a folder of files to a version, touching only what differs."""
    names = {"pages/" + n: n + ending for n in os.listdir(tree + "/pages")}
    names["BadContent"] = "BadContent" + ending
    for source, name in names.items():
        old, new = wiki + "/" + name, tree + "/" + source
        if not os.path.exists(old) or not filecmp.cmp(old, new):
            shutil.copy2(new, old + "~")
            os.rename(old + "~", old)


class Wikicast(contest.Contest):
    """From a static server.  Everyone who is 20 behind at one of the last
    serials is measured: a copy of the follower is kept at each of them."""

    name = "wikicast"

    def __init__(self, corpus, last, work, window):
        super().__init__(corpus, last, work)
        self.window = window
        self.wiki = self.work + "/wiki"
        os.makedirs(self.wiki)
        self.near, self.packed = self.work + "/near", self.work + "/packed"

    def setup(self):
        self.web = servers.Nginx(self.www)
        self.proxy = servers.Proxy(self.web.port)
        self.gzip_web = servers.Nginx(self.www, gzip=True)
        self.gzip_proxy = servers.Proxy(self.gzip_web.port)
        publisher_file(self.work + "/publisher.conf", self.work + "/state",
                       self.www, self.gpg,
                       "http://127.0.0.1:%d/badcontent/" % self.proxy.port,
                       "files:" + self.wiki)

    def publish(self, v):
        lay(self.tree(v), self.wiki)
        got = measure.run([program(), "gen", "--json", "-c",
                           self.work + "/publisher.conf"], env=self.env)
        for line in got["text"].splitlines():
            got.update(json.loads(line))
        return got

    def init(self, folder, proxy=None):
        os.makedirs(folder + "/tree", exist_ok=True)
        follower_file(folder + "/conf", folder + "/state", self.gpg,
                      "http://127.0.0.1:%d/badcontent/" % (
                          proxy or self.proxy).port,
                      "files:%s/tree" % folder)

    def poll(self, folder):
        return [program(), "fetch", "-q", "-c", folder + "/conf"]

    def check(self, folder, v):
        for name in ["BadContent"] + [
                "pages/" + n for n in os.listdir(self.tree(v) + "/pages")]:
            if not filecmp.cmp("%s/%s" % (self.tree(v), name), "%s/tree/%s" % (
                    folder, os.path.basename(name) + ".txt"), shallow=False):
                raise SystemExit("wikicast: '%s' differs at version %d" % (
                    name, v))

    def late(self, v):
        """The follower as it was 20 versions ago, in its own place."""
        os.rename(self.near, self.near + ".now")
        os.rename("%s/%03d" % (self.work, v - 20), self.near)
        got = self.client(self.near)
        self.check(self.near, v)
        shutil.rmtree(self.near)
        os.rename(self.near + ".now", self.near)
        return got

    def run(self):
        one, packed, twenty, published = [], [], [], []
        for folder, proxy in ((self.near, self.proxy),
                              (self.packed, self.gzip_proxy)):
            os.makedirs(folder)
            self.init(folder, proxy)
        for v in self.versions():
            published.append(self.publish(v))
            one.append(self.client(self.near))
            packed.append(self.client(self.packed, self.gzip_proxy))
            if v > self.last - self.window:
                twenty.append(self.late(v))
            if v > self.last - self.window - 20:
                self.copy(self.near, "%s/%03d" % (self.work, v))
            if v == self.first:
                os.makedirs(self.work + "/new")
                self.init(self.work + "/new")
                whole = self.client(self.work + "/new")
                self.check(self.work + "/new", v)
        self.check(self.near, self.last)
        polls = [self.client(self.near) for _ in range(5)]
        # Every other serial has but one step, from the serial before.
        snapshots = [r for r in published[1:] if r["snapshot_bytes"]]
        rest = [r for r in published[1:] if not r["snapshot_bytes"]]
        longer = [r for r in rest if r["serial"] % 2 == 0]
        got = self.figures(one[1:], twenty, polls, whole, [
            r for r in rest if r["serial"] % 2 == 1])
        newest = max(r["snapshot_bytes"] for r in published)
        return dict(got, packed=packed[1:], snapshot=newest, first=one[0],
                    later=self.first, longer=longer, snapshots=snapshots,
                    publications=len(published) - 1)
