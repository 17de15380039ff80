"""Run a command; say what it and everything that it started cost.

CPU is that of all descendants.  A child that is forked twice escapes wait4()
of its grandparent (GPGME starts gpg so), therefore each command runs below a
process of its own that is a subreaper, which inherits and reaps such children.
Memory is the largest process as the kernel remembers it (ru_maxrss), which
time(1) passes on; run(..., sample=True) looks at /proc instead, often, and
tells anonymous memory apart.
"""
import ctypes
import json
import os
import resource
import signal
import subprocess
import tempfile
import threading
import time

LIMIT = 300             # seconds; a command that is stuck ends the run
LINGER = 1.0            # seconds for what outlives the command; not a daemon
PR_SET_CHILD_SUBREAPER = 36


def children(pid):
    """All descendants of a process."""
    try:
        with open("/proc/%d/task/%d/children" % (pid, pid)) as f:
            own = [int(p) for p in f.read().split()]
    except OSError:
        return []
    return own + [p for c in own for p in children(c)]


def look(pid, peak):
    """Raise peak["rss"] and peak["anon"] (KiB) to what a process has now."""
    try:
        with open("/proc/%d/status" % pid) as f:
            lines = dict(l.split(":", 1) for l in f if ":" in l)
    except OSError:
        return
    # A process that has yet to become the program is a copy of this one.
    if lines.get("Name", "").strip().startswith("python"):
        return
    for key, field in (("rss", "VmHWM"), ("anon", "RssAnon")):
        if field in lines:
            peak[key] = max(peak[key], int(lines[field].split()[0]))


def watch(stop, peak):
    me = os.getpid()
    while not stop.is_set():
        for pid in children(me):
            look(pid, peak)
        time.sleep(0.0005)


def reap(seconds):
    """Wait for inherited children; daemons are left after some seconds."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if os.waitpid(-1, os.WNOHANG)[0] == 0:
                time.sleep(0.002)
        except ChildProcessError:
            return


def below(cmd, out, sample):
    """In the subreaper: run, reap, and answer with the figures."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    peak, stop = {"rss": 0, "anon": 0}, threading.Event()
    if sample:
        threading.Thread(target=watch, args=(stop, peak), daemon=True).start()
    with tempfile.NamedTemporaryFile("r") as note:
        start = time.monotonic()
        if not sample:
            cmd = ["/usr/bin/time", "-q", "-f", "%M", "-o", note.name] + cmd
        p = subprocess.Popen(cmd, stdin=subprocess.DEVNULL,
                             stdout=out, stderr=subprocess.STDOUT)
        code = p.wait()
        wall = time.monotonic() - start
        reap(LINGER)
        stop.set()
        if not sample:
            peak["rss"] = int(note.read().split()[-1])
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return dict(peak, wall=wall, cpu=used.ru_utime + used.ru_stime, code=code)


def run(cmd, cwd=None, env=None, sample=False):
    """Run a command (a list, or a text for sh -e); returns its figures.

    The keys are wall and cpu in seconds, rss (and with sample anon) in KiB,
    and text, what it printed.  A command that fails ends the program.
    """
    if isinstance(cmd, str):
        cmd = ["sh", "-ec", cmd]
    with tempfile.TemporaryFile() as out:
        p = subprocess.Popen(
            ["python3", "-B", os.path.abspath(__file__), str(out.fileno()),
             "sample" if sample else "", json.dumps(cmd)],
            cwd=cwd, env=dict(os.environ, **(env or {})),
            pass_fds=[out.fileno()], stdout=subprocess.PIPE,
            start_new_session=True)
        try:
            answer = p.communicate(timeout=LIMIT)[0]
        except subprocess.TimeoutExpired:
            os.killpg(p.pid, signal.SIGKILL)
            raise SystemExit("still busy after %d s: %s" % (
                LIMIT, " ".join(cmd)))
        out.seek(0)
        text = out.read().decode(errors="replace")
    got = dict(json.loads(answer), text=text)
    if got["code"] != 0:
        raise SystemExit("failed (%d): %s\n%s" % (
            got["code"], " ".join(cmd), text[-3000:]))
    return got


if __name__ == "__main__":
    import sys
    print(json.dumps(below(json.loads(sys.argv[3]), int(sys.argv[1]),
                           sys.argv[2] == "sample")))
