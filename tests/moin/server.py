"""Serve the wiki in this folder: server.py MOIN_SRC PORT.  Python 2."""
import os
import sys

sys.path[:0] = [os.path.dirname(os.path.abspath(__file__)), sys.argv[1]]
os.umask(0o007)

from MoinMoin.web.serving import run_server  # noqa: E402

run_server(hostname='127.0.0.1', port=int(sys.argv[2]), docs=False,
           threaded=True)
