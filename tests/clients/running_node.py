"""A node under test: the real binary on a free port, with a data directory of its own."""

import json
import os
import re
import subprocess
import tempfile
import threading
import urllib.request

API_KEY = "the-node-key"
STOP_SECONDS_MAX = 60


class RunningNode:
    def __init__(self):
        self._directory = tempfile.TemporaryDirectory(prefix="cacheindex-clients-")
        self._process = subprocess.Popen(
            [os.environ["CACHEINDEX_BINARY"], "serve", "--listen", "127.0.0.1:0",
             "--data-dir", os.path.join(self._directory.name, "data"), "--api-key", API_KEY],
            stderr=subprocess.PIPE, text=True)
        self.port = self._read_port()
        # A pipe that nobody reads would fill, and stop the node.
        threading.Thread(target=self._process.stderr.read, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    @property
    def snapshot_path(self):
        return os.path.join(self._directory.name, "snapshot")

    def ask(self, method, path, body=None):
        """One request without a client, which must succeed; returns the answer's JSON."""
        request = urllib.request.Request(
            self.url + path, method=method, headers={"X-TYPESENSE-API-KEY": API_KEY},
            data=None if body is None else json.dumps(body).encode())
        with urllib.request.urlopen(request) as reply:
            return json.load(reply)

    def stop(self):
        self._process.terminate()
        status = self._process.wait(STOP_SECONDS_MAX)
        self._directory.cleanup()
        if status != 0:
            raise RuntimeError(f"the node ended with status {status}")

    def _read_port(self):
        log = ""
        for line in self._process.stderr:
            log += line
            listening = re.search(r"event=listening .*port=(\d+)", line)
            if listening:
                return int(listening[1])
        raise RuntimeError(f"the node did not start:\n{log}")
