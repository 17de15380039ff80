#!/usr/bin/python3
"""What 10,000 polls a minute cost a mirror: CPU and bytes of one nginx.

usage: load.py FOLDER [full|quick]

The request is the one that fetch sends when it has all; it is sent again on a
new connection each time, as other wikis would, at an even pace for a minute.
Beside it, the server's share in git's polls, by git itself.  Quick takes a
tenth of both.
"""
import os
import shutil
import socket
import ssl
import subprocess
import sys
import time

import contest
import measure
import own
import peers
import servers

POLLS, SECONDS, GIT_POLLS = 10000, 60, 300


def recorded(work, home, port):
    """The bytes of fetch's poll; it leaves a follower that has all."""
    proxy = servers.Proxy(port)
    os.makedirs(work + "/tree")
    own.follower_file(work + "/follower", work + "/sub", home,
                      "http://127.0.0.1:%d/badcontent/" % proxy.port,
                      "files:" + work + "/tree")
    for _ in range(2):
        proxy.reset()
        measure.run([own.program(), "fetch", "-q", "-c", work + "/follower"])
        time.sleep(0.1)
    if proxy.requests != 1 or b"\r\nIf-None-Match: " not in proxy.sent:
        raise SystemExit("that is no poll: %r" % proxy.sent)
    return proxy.sent


def answer_to(port, request, secure):
    """Of one poll on a connection of its own."""
    with socket.create_connection(("127.0.0.1", port)) as plain:
        s = secure.wrap_socket(plain) if secure else plain
        s.sendall(request)
        got = b""
        while b"\r\n\r\n" not in got:
            more = s.recv(65536)
            if not more:
                break
            got += more
        if secure:
            s.close()
    if not got.startswith(b"HTTP/1.1 304 "):
        raise SystemExit("no 304: %r" % got)
    return got


def polls(web, request, count, seconds, secure=None):
    """CPU seconds of the server, and bytes both ways for each poll."""
    start, before = time.monotonic(), web.cpu()
    for at in range(count):
        wait = start + at * seconds / count - time.monotonic()
        if wait > 0:
            time.sleep(wait)
        got = answer_to(web.port, request, secure)
    took = time.monotonic() - start
    return web.cpu() - before, took, len(request) + len(got)


def say(scheme, count, figures):
    cpu, took, each = figures
    print("%s polls over %s in %.0f s, each on a connection of its own: one "
          "nginx (with a log) takes %.2f s CPU, %.2f %% of a core; %d bytes "
          "each%s" % ("{:,}".format(count), scheme, took, cpu,
                      100 * cpu / took, each, "" if scheme == "http" else
                      " before encryption"), flush=True)


def git(corpus, work, count):
    """CPU seconds of the server for each poll of git."""
    contender = peers.Git(corpus, 20, work)
    contender.setup()
    contender.publish(0)
    folder = work + "/clone"
    os.makedirs(folder)
    contender.init(folder)
    env = dict(os.environ, PORT=str(contender.web.port), **contender.env)

    def poll():
        subprocess.run(["sh", "-ec", "cd tree; git fetch -q --no-tags "
                        "http://127.0.0.1:$PORT/smart/repo.git "
                        "+refs/heads/main:refs/remotes/o/main"],
                       cwd=folder, env=env, check=True)

    poll()
    before = contender.web.cpu()
    for _ in range(count):
        poll()
    used = (contender.web.cpu() - before) / count
    contender.web.close()
    return used


def main():
    work = sys.argv[1] + "/load"
    part = 10 if sys.argv[2:] == ["quick"] else 1
    shutil.rmtree(work, ignore_errors=True)
    os.makedirs(work + "/www")
    os.makedirs(work + "/wiki")
    own.lay(sys.argv[1] + "/corpus/v000", work + "/wiki")
    home = contest.gpg_home()
    servers.authority(work)
    own.publisher_file(work + "/conf", work + "/pub", work + "/www", home,
                       "http://127.0.0.1/badcontent/", "files:" + work +
                       "/wiki")
    measure.run([own.program(), "gen", "-c", work + "/conf"])
    plain = servers.Nginx(work + "/www", log=True)
    secure = servers.Nginx(work + "/www", log=True, cert=(
        work + "/cert.pem", work + "/key"))
    request = recorded(work, home, plain.port)
    count, seconds = POLLS // part, SECONDS / part
    say("http", count, polls(plain, request, count, seconds))
    trust = ssl.create_default_context(cafile=work + "/cert.pem")
    trust.check_hostname = False
    say("https", count, polls(secure, request, count, seconds, trust))
    plain.close()
    secure.close()
    used = git(sys.argv[1] + "/corpus", work, GIT_POLLS // part)
    print("as many of git's over http would take lighttpd with "
          "git-http-backend %.0f s CPU: %.1f ms each" % (
              used * count, used * 1000))
    shutil.rmtree(work)


main()
