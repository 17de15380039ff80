"""Servers on free ports of 127.0.0.1, and a proxy that counts."""
import asyncio
import atexit
import os
import re
import shutil
import socket
import subprocess
import tempfile
import threading
import time

REQUEST = re.compile(rb"(?:GET|HEAD|POST) [^\r\n]* HTTP/1\.[01]\r\n")


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_for(port):
    for _ in range(500):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return
        except OSError:
            time.sleep(0.02)
    raise SystemExit("a server did not start")


def authority(folder):
    """A certificate for 127.0.0.1 in a hashed folder; its environment."""
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
         "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=b",
         "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", folder + "/key",
         "-out", folder + "/cert.pem"], check=True, capture_output=True)
    os.mkdir(folder + "/authorities")
    shutil.copy(folder + "/cert.pem", folder + "/authorities")
    subprocess.run(["openssl", "rehash", folder + "/authorities"], check=True)
    return {"SSL_CERT_DIR": folder + "/authorities"}


class Proxy:
    """Passes on to a port, counting TCP payload both ways, and requests."""

    def __init__(self, target):
        self.target = target
        self.reset()
        ready = threading.Event()

        async def serve():
            server = await asyncio.start_server(self.pass_on, "127.0.0.1", 0)
            self.port = server.sockets[0].getsockname()[1]
            ready.set()
            await server.serve_forever()

        threading.Thread(target=asyncio.run, args=(serve(),),
                         daemon=True).start()
        ready.wait()

    def reset(self):
        self.up = self.down = self.requests = 0
        self.sent = b""  # by the client

    async def pump(self, reader, writer, upward):
        tail = b""
        try:
            while data := await reader.read(65536):
                if upward:
                    self.up += len(data)
                    self.sent += data
                    hits = list(REQUEST.finditer(tail + data))
                    self.requests += len(hits)
                    tail = (tail + data)[hits[-1].end() if hits else 0:]
                    tail = tail[-2000:]
                else:
                    self.down += len(data)
                writer.write(data)
                await writer.drain()
            writer.write_eof()
        except (OSError, RuntimeError):
            pass

    async def pass_on(self, reader, writer):
        up, out = await asyncio.open_connection("127.0.0.1", self.target)
        await asyncio.gather(self.pump(reader, out, True),
                             self.pump(up, writer, False))
        for w in (out, writer):
            w.close()


class Server:
    """A program that serves until close() or the end of the run."""

    def start(self, cmd):
        self.proc = subprocess.Popen(cmd, stdin=subprocess.DEVNULL,
                                     stdout=subprocess.DEVNULL,
                                     stderr=subprocess.DEVNULL)
        atexit.register(self.close)
        wait_for(self.port)

    def begin(self):
        self.port = free_port()
        self.dir = tempfile.mkdtemp(prefix="wcbench-")
        os.chmod(self.dir, 0o755)

    def cpu(self):
        """Seconds of it, and of the children that it has waited for."""
        with open("/proc/%d/stat" % self.proc.pid) as f:
            fields = f.read().rsplit(")", 1)[1].split()
        return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")

    def close(self):
        atexit.unregister(self.close)
        self.proc.terminate()
        self.proc.wait()
        shutil.rmtree(self.dir, ignore_errors=True)


class Nginx(Server):
    """A static server; gzip=True compresses, cert=(CERT, KEY) is https, and
    log=True keeps a log as every server does that is not measured."""

    def __init__(self, root, gzip=False, cert=None, log=False):
        self.begin()
        temp = "".join("%s_temp_path %s/t; " % (name, self.dir) for name in (
            "client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        more = ("gzip on; gzip_types *; gzip_min_length 20;" if gzip else "")
        listen = "127.0.0.1:%d%s" % (self.port, " ssl" if cert else "")
        if cert:
            more += "ssl_certificate %s; ssl_certificate_key %s;" % cert
        user = "user root; " if os.geteuid() == 0 else ""
        with open(self.dir + "/conf", "w") as f:
            f.write("daemon off; master_process off; %spid %s/pid; "
                    "error_log %s/errors; events {} http { %s access_log %s;"
                    " keepalive_requests 100000; "
                    "server { listen %s; root %s; %s } }" % (
                        user, self.dir, self.dir, temp,
                        self.dir + "/log" if log else "off", listen, root,
                        more))
        self.start(["nginx", "-e", self.dir + "/errors",
                    "-c", self.dir + "/conf"])


class GitOverCgi(Server):
    """lighttpd with git-http-backend for what is under /smart/."""

    def __init__(self, root):
        self.begin()
        with open(self.dir + "/conf", "w") as f:
            f.write("""
server.modules = ("mod_alias", "mod_cgi", "mod_setenv")
server.document-root = "%s"
server.bind = "127.0.0.1"
server.port = %d
server.max-keep-alive-requests = 100000
server.errorlog = "%s/errors"
alias.url = ("/smart/" => "/usr/lib/git-core/git-http-backend/")
$HTTP["url"] =~ "^/smart/" {
  cgi.assign = ("" => "")
  setenv.set-environment = (
    "GIT_PROJECT_ROOT" => "%s", "GIT_HTTP_EXPORT_ALL" => "1")
}
""" % (root, self.port, self.dir, root))
        self.start(["lighttpd", "-D", "-f", self.dir + "/conf"])


class Rsyncd(Server):
    """An rsync daemon with one module, m."""

    def __init__(self, root):
        self.begin()
        with open(self.dir + "/conf", "w") as f:
            f.write("use chroot = no\naddress = 127.0.0.1\nport = %d\n"
                    "[m]\npath = %s\n" % (self.port, root))
            if os.geteuid() == 0:
                f.write("uid = 0\ngid = 0\n")
        self.start(["rsync", "--daemon", "--no-detach",
                    "--config=" + self.dir + "/conf"])
