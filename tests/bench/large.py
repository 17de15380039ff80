#!/usr/bin/python3
"""A MoinMoin wiki of 100,000 pages: gen after one edit; memory of updates.

usage: large.py FOLDER [full|quick]

Attachments are on 2 % of the pages.  Quick takes 10,000 pages.
"""
import os
import shutil
import statistics
import sys

import contest
import measure
import own
import servers

FEW = 1000


def page(data, at, revision, text):
    """Save a revision of a page as MoinMoin does, but for the logs."""
    folder = "%s/pages/Page%06d" % (data, at)
    os.makedirs(folder + "/revisions", exist_ok=True)
    with open("%s/revisions/%08d" % (folder, revision), "w") as f:
        f.write(text)
    with open(folder + "/new", "w") as f:
        f.write("%08d\n" % revision)
    os.rename(folder + "/new", folder + "/current")
    if at % 50 == 0 and revision == 1:
        os.makedirs(folder + "/attachments")
        with open(folder + "/attachments/note.txt", "w") as f:
            f.write("note %d\n" % at)
    with open(data + "/edit-log", "a") as f:
        f.write("%d\t%08d\tSAVE%s\tPage%06d\t127.0.0.1\tlocalhost\t\t\t\n" % (
            (1700000000 + at + revision) * 1000000, revision,
            "NEW" if revision == 1 else "", at))


class Pair:
    """A publisher and a follower of some pages."""

    def __init__(self, work, pages):
        self.work, self.data = work, work + "/data"
        self.pages, self.revision = pages, 1
        os.makedirs(self.data + "/pages")
        os.makedirs(work + "/www")
        os.makedirs(work + "/tree")
        for at in range(pages):
            page(self.data, at, 1, "Page %d is about %d things.\n" % (
                at, at * 7919 % 1000))
        home = contest.gpg_home()
        self.web = servers.Nginx(work + "/www")
        url = "http://127.0.0.1:%d/badcontent/" % self.web.port
        own.publisher_file(work + "/publisher.conf", work + "/pub",
                           work + "/www", home, url, "moin:" + self.data)
        own.follower_file(work + "/follower.conf", work + "/sub", home, url,
                          "files:" + work + "/tree")
        self.gen()
        self.fetch()

    def gen(self, sample=False):
        return measure.run([own.program(), "gen", "-q", "-c",
                            self.work + "/publisher.conf"], sample=sample)

    def fetch(self, sample=False):
        return measure.run([own.program(), "fetch", "-q", "-c",
                            self.work + "/follower.conf"], sample=sample)

    def edit(self):
        self.revision += 1
        page(self.data, self.pages // 2, self.revision,
             "Edit %d.\n" % self.revision)

    def memory(self, count):
        """Peak MB, in all and anonymous, of gen and of fetch."""
        made, got = [], []
        for _ in range(count):
            self.edit()
            made.append(self.gen(sample=True))
            got.append(self.fetch(sample=True))
        return tuple(max(r[key] for r in rows) / 1024
                     for rows in (got, made) for key in ("rss", "anon"))


def main():
    work = sys.argv[1] + "/large"
    quick = sys.argv[2:] == ["quick"]
    count = 3 if quick else 11
    shutil.rmtree(work, ignore_errors=True)
    few = Pair(work + "/few", FEW)
    small = few.memory(count)
    many = Pair(work + "/many", 10000 if quick else 100000)
    runs = []
    for _ in range(count):
        many.edit()
        runs.append(many.gen())
        many.fetch()
    print("gen after one edit in %d pages of MoinMoin, warm: %.2f s wall, "
          "%.2f s CPU (median of %d)" % (
              many.pages, statistics.median(r["wall"] for r in runs),
              statistics.median(r["cpu"] for r in runs), count))
    large = many.memory(count)
    for pages, figures in ((FEW, small), (many.pages, large)):
        print("memory of an update with %d pages, largest process: fetch "
              "%.1f MB peak, %.1f MB anonymous; gen %.1f and %.1f MB" % (
                  (pages,) + figures))
    few.web.close()
    many.web.close()
    shutil.rmtree(work)


main()
