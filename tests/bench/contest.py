"""The same job for everyone: publish the corpus, follow it, be measured."""
import atexit
import os
import shutil
import statistics
import subprocess
import tempfile
import time

import measure


def median(rows, key):
    return statistics.median(r[key] for r in rows)


def gpg_home():
    """A new key in a short folder; its agent stays warm until the end."""
    home = tempfile.mkdtemp(prefix="wcgpg")
    env = dict(os.environ, GNUPGHOME=home)

    def forget():
        subprocess.run(["gpgconf", "--kill", "all"], env=env,
                       stderr=subprocess.DEVNULL)
        shutil.rmtree(home, ignore_errors=True)

    atexit.register(forget)
    subprocess.run(
        "gpg -q --batch --passphrase '' "
        "--quick-gen-key 'Bench <bench@example.org>' ed25519 sign never; "
        "gpg -q --export >bench.pub", shell=True, check=True, cwd=home,
        env=env, stderr=subprocess.DEVNULL)
    return home


def fingerprint(home):
    out = subprocess.run(["gpg", "--homedir", home, "--with-colons", "-K"],
                         check=True, capture_output=True, text=True).stdout
    return next(l.split(":")[9] for l in out.splitlines()
                if l.startswith("fpr"))


def size(folder):
    """Bytes of the files in a folder."""
    return sum(os.path.getsize(os.path.join(d, name))
               for d, _, names in os.walk(folder) for name in names)


class Contest:
    """What is measured: versions 0..last of a corpus, clients at last - 20.

    A peer gives setup(), publish(v), poll(folder), check(folder, v), and
    init(folder) where a client has to prepare.  What an update or a poll
    costs is a median over the last 20 versions, of which a peer without
    history (old versions do not matter to it) publishes only few.
    """

    name = "?"
    history = True

    def __init__(self, corpus, last, work):
        self.corpus, self.last = corpus, last
        self.first = last - 20
        self.work = work + "/" + self.__class__.__name__.lower()
        shutil.rmtree(self.work, ignore_errors=True)
        self.www = self.work + "/www"
        os.makedirs(self.www)
        self.gpg = gpg_home()
        self.env = {"GNUPGHOME": self.gpg, "KEYRING": self.gpg + "/bench.pub"}

    def tree(self, v):
        return "%s/v%03d" % (self.corpus, v)

    def init(self, folder):
        pass

    def client(self, folder, proxy=None):
        """One run of the client, with what went over the wire."""
        proxy = proxy or self.proxy
        proxy.reset()
        got = measure.run(self.poll(folder), cwd=folder,
                          env=dict(self.env, PORT=str(proxy.port)))
        time.sleep(0.03)
        return dict(got, bytes=proxy.up + proxy.down, requests=proxy.requests)

    def versions(self):
        if self.history:
            return range(self.last + 1)
        return [*range(self.first, self.first + 4), self.last]

    def copy(self, a, b):
        subprocess.run(["cp", "-a", a, b], check=True)

    def run(self):
        one, twenty, published, last = [], [], [], 0
        near, far = self.work + "/near", self.work + "/far"
        for v in self.versions():
            published.append(self.publish(v))
            if v == self.first:
                os.makedirs(near)
                self.init(near)
                whole = self.client(near)
                self.copy(near, far)
            elif v > self.first:
                got = self.client(near)
                if v == last + 1:
                    one.append(got)
            last = v
            if v >= self.first:
                self.check(near, v)
        twenty.append(self.client(far))
        self.check(far, self.last)
        polls = [self.client(near) for _ in range(5)]
        return self.figures(one, twenty, polls, whole, published[1:])

    def figures(self, one, twenty, polls, whole, published):
        return {"name": self.name, "one": one, "twenty": twenty,
                "polls": polls, "whole": whole, "published": published,
                "server": size(self.www)}

    def check(self, folder, v):
        got = subprocess.run(
            ["diff", "-rq", "-x", ".*", folder + "/tree", self.tree(v)],
            capture_output=True, text=True)
        if got.returncode:
            raise SystemExit("%s differs at version %d: %s" % (
                self.name, v, got.stdout[:400]))

    def close(self):
        shutil.rmtree(self.work, ignore_errors=True)
