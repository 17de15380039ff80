#!/usr/bin/python3
"""What it costs to check new patterns against the pages of a real wiki.

usage: lint.py FOLDER [full|quick]

The patterns are those of the newest real list, filled up with made ones to
10,000; the wiki has 1,898 real pages.  Without these data it says so.
"""
import os
import subprocess
import sys

import measure

SHARED = os.environ.get("WIKICAST_SHARED", "../shared") + "/data/"
LIST = SHARED + "badcontent/BadContent-moin19-84119.txt"
PAGES = SHARED + "moin-underlay-pages.tar.zst"


def main():
    work = sys.argv[1] + "/lint"
    runs = 3 if sys.argv[2:] == ["quick"] else 7
    if not os.path.exists(PAGES):
        print("lint: skipped, since there are no real pages")
        return
    os.makedirs(work + "/data/user", exist_ok=True)
    open(work + "/data/edit-log", "w").close()
    subprocess.run(["tar", "--zstd", "-xf", PAGES, "-C", work + "/data"],
                   check=True)
    with open(LIST) as f:
        lines = [line.strip() for line in f]
    many = [line for line in lines if line and line[0] != "#"]
    made = (r"made-up-%d\.example\.biz" % n for n in range(10000))
    many += list(made)[len(many):]
    for name, patterns in (("many", many), ("ten", many[-10:])):
        with open("%s/%s" % (work, name), "w") as f:
            f.write("\n".join(patterns) + "\n")

    def cost(name):
        # 4: the real list has three bad lines.
        command = '"$WIKICAST" lint -q --wiki "moin:%s/data" "%s/%s" || ' \
            "[ $? = 4 ]" % (work, work, name)
        got = [measure.run(command)["cpu"] for _ in range(runs)]
        return sorted(got)[runs // 2]

    print("lint: %d new patterns against %d real pages %.2f s CPU, 10 of "
          "them %.3f s" % (len(many), len(os.listdir(work + "/data/pages")),
                           cost("many"), cost("ten")))


main()
