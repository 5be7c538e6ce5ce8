"""Serves Trackio on a port with a write token that stays the same: trackio_server.py PORT TOKEN"""

import sys

from trackio import server, show

server.write_token = sys.argv[2]
show(open_browser=False, block_thread=True, server_port=int(sys.argv[1]), host="127.0.0.1")
