"""A small proxy for tests: HTTP (with CONNECT) and SOCKS5, on one port.

usage: proxy.py LOG PORT [TLSPORT [CERTIFICATE]]

Prints its own port (127.0.0.1).  Whatever host is asked for, it connects to
127.0.0.1, to TLSPORT for a request for port 443 and to PORT for all others:
names are the proxy's to look up.  With a CERTIFICATE (and key, in one file)
it is itself spoken to by TLS.  LOG gets a line a request: METHOD TARGET, where
the method of SOCKS is SOCKS, of an address SOCKS-ADDRESS; and the line
"fresh" behind one that has Cache-Control: no-cache.
"""
import socket
import ssl
import sys
import threading

LOG = sys.argv[1]
PORT = int(sys.argv[2])
TLS_PORT = int(sys.argv[3]) if len(sys.argv) > 3 else PORT


def note(line):
    with open(LOG, "a", encoding="latin-1") as log:
        log.write(line + "\n")


def there(port):
    return socket.create_connection(
        ("127.0.0.1", TLS_PORT if port == 443 else PORT))


def carry(source, to):
    """Bytes from one to the other, until there are no more."""
    try:
        while True:
            data = source.recv(65536)
            if not data:
                break
            to.sendall(data)
    except OSError:
        pass
    for end in (source, to):
        try:
            end.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


def both_ways(here, far):
    back = threading.Thread(target=carry, args=(far, here), daemon=True)
    back.start()
    carry(here, far)
    back.join()


def exactly(here, n):
    data = b""
    while len(data) < n:
        more = here.recv(n - len(data))
        if not more:
            raise OSError("gone")
        data += more
    return data


def socks(here):
    exactly(here, exactly(here, 1)[0])
    here.sendall(b"\5\0")
    kind = exactly(here, 4)[3]
    if kind == 3:
        method, name = "SOCKS", exactly(here, exactly(here, 1)[0])
        name = name.decode("latin-1")
    else:
        method = "SOCKS-ADDRESS"
        name = exactly(here, 4 if kind == 1 else 16).hex()
    port = int.from_bytes(exactly(here, 2), "big")
    note(f"{method} {name}:{port}")
    with there(port) as far:
        here.sendall(b"\5\0\0\1\0\0\0\0\0\0")
        both_ways(here, far)


def http(here, head):
    while b"\r\n\r\n" not in head:
        more = here.recv(4096)
        if not more:
            return
        head += more
    method, target, _ = head.split(b"\r\n", 1)[0].decode("latin-1").split(" ")
    note(f"{method} {target}")
    if b"\r\nCache-Control: no-cache\r\n" in head:
        note("fresh")
    if method == "CONNECT":
        with there(int(target.rsplit(":", 1)[1])) as far:
            here.sendall(b"HTTP/1.1 200 Yes\r\n\r\n")
            both_ways(here, far)
        return
    # One request a connection: so each is seen here.
    path = target.split("/", 3)[3].encode("latin-1")
    lines = head.split(b"\r\n")
    lines[0] = method.encode() + b" /" + path + b" HTTP/1.1"
    lines.insert(1, b"Connection: close")
    with there(80) as far:
        far.sendall(b"\r\n".join(lines))
        both_ways(here, far)


def serve(here, context):
    try:
        with here:
            if context is not None:
                here = context.wrap_socket(here, server_side=True)
            first = here.recv(1)
            if first == b"\5":
                socks(here)
            elif first:
                http(here, first)
    except OSError:
        pass


def main():
    context = None
    if len(sys.argv) > 4:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(sys.argv[4])
    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)
    while True:
        here, _ = listener.accept()
        threading.Thread(
            target=serve, args=(here, context), daemon=True).start()


main()
