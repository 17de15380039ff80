"""How people share pages today, each as well as it can be done."""
import subprocess

import measure
import servers
from contest import Contest

TAR = ("tar --sort=name --owner=0 --group=0 --numeric-owner "
       "--mtime=@1700000000 -C %s -cf - .")


class Git(Contest):
    """Needs git and CGI on the server."""

    name = "git smart HTTP, signed commits"

    def setup(self):
        self.web = servers.GitOverCgi(self.www)
        self.proxy = servers.Proxy(self.web.port)

    def publish(self, v):
        git = "git --git-dir=%s/repo.git --work-tree=%s " % (
            self.www, self.tree(v))
        cmd = git + "add -A; " + git + "commit -q -S -m v%d; " % v
        if v == 0:
            cmd = ("git init -q --bare repo.git; cd repo.git; "
                   "git config core.bare false; git config user.name Bench; "
                   "git config user.email bench@example.org; "
                   "git config user.signingkey bench@example.org; "
                   "git config gc.auto 0; "
                   "git symbolic-ref HEAD refs/heads/main; cd ..; "
                   ) + cmd + git + "gc -q; "
        return measure.run(cmd + git + "update-server-info", cwd=self.www,
                           env=self.env)

    def init(self, folder):
        subprocess.run(
            "git init -q tree; cd tree; git config gc.auto 0; "
            "git symbolic-ref HEAD refs/heads/main", shell=True, cwd=folder,
            check=True)

    def poll(self, folder):
        return ("cd tree; git fetch -q --no-tags "
                "http://127.0.0.1:$PORT/smart/repo.git "
                "+refs/heads/main:refs/remotes/o/main; "
                "git merge -q --ff-only --verify-signatures o/main")


class Rsync(Contest):
    """Needs a daemon; the signature covers a list of digests."""

    name = "rsync daemon, signed checksums"

    def setup(self):
        self.web = servers.Rsyncd(self.www)
        self.proxy = servers.Proxy(self.web.port)

    def publish(self, v):
        return measure.run(
            "rsync -a --delete %s/ tree/; (cd tree; find . -type f -print0 | "
            "sort -z | xargs -0 sha256sum) >SUMS; "
            "gpg -q --batch --yes -b -o SUMS.sig SUMS" % self.tree(v),
            cwd=self.www, env=self.env)

    def poll(self, folder):
        return ("rsync -rtz --delete --exclude=/.SUMS "
                "rsync://127.0.0.1:$PORT/m/ ./; "
                "cmp -s SUMS .SUMS || { "
                "gpgv -q --keyring $KEYRING SUMS.sig SUMS; "
                "(cd tree; sha256sum --quiet --strict -c ../SUMS); "
                "cp SUMS .SUMS; }")


class Zsync(Contest):
    """The parts of a tar that a client lacks, from a static server."""

    name, history = "zsync of a signed .tar", False

    def setup(self):
        self.web = servers.Nginx(self.www)
        self.proxy = servers.Proxy(self.web.port)

    def publish(self, v):
        stamp = 1700000000 + 60 * v
        return measure.run(
            TAR % self.tree(v) + " >n; mv n all.tar; "
            "touch -d @%d all.tar; "
            "gpg -q --batch --yes -b -o all.tar.sig all.tar; "
            "zsyncmake -b 2048 -u all.tar all.tar >/dev/null 2>&1; "
            "touch -d @%d all.tar.zsync" % (stamp, stamp),
            cwd=self.www, env=self.env)

    def poll(self, folder):
        return """u=http://127.0.0.1:$PORT/all.tar
curl -fsS -R $(test -e old.zsync && echo -z old.zsync) -o new.zsync $u.zsync
if test -s new.zsync; then
  rm -f new.tar
  timeout 20 zsync -s -u $u $(test -e all.tar && echo -i all.tar) \\
    -o new.tar new.zsync >/dev/null
  curl -fsS -o new.sig $u.sig
  gpgv -q --keyring $KEYRING new.sig new.tar
  rm -rf t2; mkdir t2; tar -xf new.tar -C t2; rm -rf tree; mv t2 tree
  mv new.tar all.tar; mv new.zsync old.zsync
fi"""


class Tarball(Contest):
    """Everything again, from a static server, when there is news."""

    name, history = "signed .tar.zst (level 19)", False

    setup = Zsync.setup

    def publish(self, v):
        stamp = 1700000000 + 60 * v
        return measure.run(
            TAR % self.tree(v) + " | zstd -q -19 -T1 -c >n; "
            "gpg -q --batch --yes -b -o all.sig n; mv n all.tar.zst; "
            "touch -d @%d all.tar.zst all.sig" % stamp,
            cwd=self.www, env=self.env)

    def poll(self, folder):
        return """u=http://127.0.0.1:$PORT
curl -fsS -R $(test -e all && echo -z all) -o new $u/all.tar.zst
if test -s new; then
  curl -fsS -o new.sig $u/all.sig; gpgv -q --keyring $KEYRING new.sig new
  rm -rf t2; mkdir t2; zstd -dc new | tar -xf - -C t2
  rm -rf tree; mv t2 tree; mv new all
fi"""


PEERS = [Git, Rsync, Zsync, Tarball]
