#!/usr/bin/python3
"""First fetch of 10,000 pages into a MoinMoin wiki, against tar x and sync.

usage: install.py FOLDER [full|quick]

Quick takes 3,000 pages.  Each run has a fresh ext4 in a file, mounted by
loop, where that is possible (root); else a new folder, and the line says so.
"""
import os
import shutil
import statistics
import subprocess
import sys

import contest
import measure
import own
import servers


class Fresh:
    """A fresh ext4, or where that cannot be had a new folder."""

    kind = "ext4"

    def __init__(self, folder):
        self.image, self.path = folder + ".img", folder
        os.makedirs(folder)
        with open(self.image, "wb") as f:
            f.truncate(1 << 30)
        made = subprocess.run(
            "mkfs.ext4 -q -N 200000 -E lazy_itable_init=0 %s && "
            "mount -o loop %s %s" % (self.image, self.image, folder),
            shell=True, capture_output=True)
        self.mounted = made.returncode == 0
        if not self.mounted:
            Fresh.kind = "a folder"

    def __enter__(self):
        return self.path

    def __exit__(self, *_):
        if self.mounted:
            subprocess.run(["umount", self.path], check=True)
        shutil.rmtree(self.path)
        os.remove(self.image)


def moin(folder):
    """The data folder of a MoinMoin wiki without pages."""
    os.makedirs(folder + "/pages")
    open(folder + "/edit-log", "w").close()
    return folder


def lay(tree, folder):
    """The corpus's pages as a folder of files: "Help(2f)AGroup", which is how
    MoinMoin stores "Help/AGroup", is no name that it could open."""
    os.makedirs(folder)
    shutil.copy2(tree + "/BadContent", folder + "/BadContent.txt")
    for name in os.listdir(tree + "/pages"):
        shutil.copy2("%s/pages/%s" % (tree, name), "%s/%s.txt" % (
            folder, name.replace("(2f)", "%2F")))


def ours(work, home, url, archive):
    """One first fetch: its figures; the first also makes the archive."""
    with Fresh(work + "/disk") as disk:
        data = moin(disk + "/data")
        own.follower_file(disk + "/conf", disk + "/state", home, url,
                          "moin:" + data)
        subprocess.run(["sync"], check=True)
        got = measure.run([own.program(), "fetch", "-q", "-c", disk + "/conf"])
        if got["text"]:
            raise SystemExit("not installed as it should be: " + got["text"])
        if not os.path.exists(archive):
            subprocess.run(["tar", "-C", data, "-cf", archive, "pages"],
                           check=True)
        return got


def theirs(work, archive):
    with Fresh(work + "/disk") as disk:
        subprocess.run(["sync"], check=True)
        return measure.run("tar -C %s -xf %s; sync -f %s" % (
            disk, archive, disk))


def main():
    work = sys.argv[1] + "/install"
    count, pages = (1, 3000) if sys.argv[2:] == ["quick"] else (5, 10000)
    shutil.rmtree(work, ignore_errors=True)
    os.makedirs(work + "/www")
    subprocess.run([sys.executable, "-B", os.path.dirname(
        os.path.abspath(__file__)) + "/gen_corpus.py", work + "/corpus",
        "--versions", "1", "--pages", str(pages)], check=True)
    lay(work + "/corpus/v000", work + "/wiki")
    home = contest.gpg_home()
    web = servers.Nginx(work + "/www")
    url = "http://127.0.0.1:%d/badcontent/" % web.port
    own.publisher_file(work + "/conf", work + "/state", work + "/www", home,
                       url, "files:" + work + "/wiki")
    measure.run([own.program(), "gen", "-c", work + "/conf"])
    runs = [(ours(work, home, url, work + "/tar"),
             theirs(work, work + "/tar")) for _ in range(count)]
    wall = [statistics.median(r[at]["wall"] for r in runs) for at in (0, 1)]
    cpu = [statistics.median(r[at]["cpu"] for r in runs) for at in (0, 1)]
    print("first fetch of %d pages into a MoinMoin wiki: %.2f s wall, %.2f s "
          "CPU; tar x and sync of the same data/pages: %.2f s, %.2f s "
          "(each on a fresh %s, in turns, median of %d)" % (
              pages, wall[0], cpu[0], wall[1], cpu[1], Fresh.kind, count))
    web.close()
    shutil.rmtree(work)


main()
