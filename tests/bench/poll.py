#!/usr/bin/python3
"""CPU of a poll without news, in turns with curl -z; http and https.

usage: poll.py FOLDER [full|quick]
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


def in_turns(pairs, count):
    """Medians of CPU in ms of two commands run in turns."""
    cpu = [[], []]
    for _ in range(count):
        for at, (cmd, env) in enumerate(pairs):
            cpu[at].append(measure.run(cmd, env=env)["cpu"] * 1000)
    return [statistics.median(c) for c in cpu]


def follower(folder, home, url, env):
    """A follower that has everything; the command that polls."""
    os.makedirs(folder + "/tree")
    own.follower_file(folder + "/conf", folder + "/state", home, url,
                      "files:" + folder + "/tree")
    poll = [own.program(), "fetch", "-q", "-c", folder + "/conf"]
    measure.run(poll, env=env)
    return poll


def main():
    work = sys.argv[1] + "/poll"
    count = 11 if sys.argv[2:] == ["quick"] else 31
    shutil.rmtree(work, ignore_errors=True)
    os.makedirs(work + "/wiki")
    os.makedirs(work + "/www")
    own.lay(sys.argv[1] + "/corpus/v000", work + "/wiki")
    home = contest.gpg_home()
    env = servers.authority(work)
    plain = servers.Nginx(work + "/www")
    secure = servers.Nginx(work + "/www", cert=(work + "/cert.pem",
                                                work + "/key"))
    urls = {"http": "http://127.0.0.1:%d/badcontent/" % plain.port,
            "https": "https://127.0.0.1:%d/badcontent/" % secure.port}
    own.publisher_file(work + "/conf", work + "/state", work + "/www", home,
                       urls["http"], "files:" + work + "/wiki")
    measure.run([own.program(), "gen", "-c", work + "/conf"])
    feed = work + "/www/badcontent/feed.atom"
    for scheme, url in urls.items():
        poll = follower(work + "/" + scheme, home, url, env)
        # curl reads the default bundle, as one who types it has it.
        bundle = ["--cacert", work + "/bundle"] if scheme == "https" else []
        if bundle:
            shutil.copy("/etc/ssl/certs/ca-certificates.crt", bundle[1])
            with open(bundle[1], "a") as f, open(work + "/cert.pem") as own_:
                f.write(own_.read())
        curl = ["curl", "-fs", "-z", feed, "-o", work + "/none",
                url + "feed.atom"] + bundle
        ours, theirs = in_turns([(poll, env), (curl, None)], count)
        print("poll over %s, CPU: %.1f ms; curl -z %.1f ms: %.2f times "
              "(in turns, median of %d)" % (scheme, ours, theirs,
                                            ours / theirs, count))
    plain.close()
    secure.close()
    shutil.rmtree(work)


main()
