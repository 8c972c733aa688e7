"""Server processes under measurement: started on free loopback ports, with their CPU and memory."""

import contextlib
import http.client
import json
import os
import pathlib
import resource
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import urllib.parse

START_SECONDS_MAX = 30
STOP_SECONDS_MAX = 20
SAMPLE_SECONDS = 0.1
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


def raise_file_limit():
    """A thousand connections need more descriptors than the usual soft limit of 1,024."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def cpu_seconds(pids):
    """User and system time of the processes, all their threads included."""
    ticks = 0
    for pid in pids:
        # The command's name is in parentheses and may contain blanks.
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / TICKS_PER_SECOND


def memory_bytes(pid):
    """VmHWM (peak, page cache included), VmRSS and RssAnon (without page cache), in bytes."""
    values = {}
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        name, _, rest = line.partition(":")
        if name in ("VmHWM", "VmRSS", "RssAnon"):
            values[name] = int(rest.split()[0]) * 1024
    return values


def directory_bytes(directory):
    """Bytes on disk: LMDB's file is sparse, so its apparent size says nothing."""
    return sum(f.stat().st_blocks * 512 for f in pathlib.Path(directory).rglob("*") if f.is_file())


class Server:
    """A child process that listens on `port`; stopped, and its directory removed, by close()."""

    def __init__(self, name):
        self.name = name
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="cacheindex-bench-"))
        self.port = free_port()
        self.process = None

    def start(self, command):
        self.log = self.directory / "log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
        deadline = time.monotonic() + START_SECONDS_MAX
        while not self.answers():
            if self.ends_within(0.02) or time.monotonic() > deadline:
                raise SystemExit(f"{self.name} did not start:\n{self.log.read_text()}")

    def ends_within(self, seconds):
        try:
            self.process.wait(seconds)
            return True
        except subprocess.TimeoutExpired:
            return False

    def answers(self):
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            return True
        except OSError:
            return False

    def url(self, path=""):
        return f"http://127.0.0.1:{self.port}{path}"

    def pids(self):
        """The process and its children (nginx serves from children)."""
        pid = self.process.pid
        children = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return [pid, *map(int, children)]

    def cpu_seconds(self):
        return cpu_seconds(self.pids())

    def memory_bytes(self):
        return memory_bytes(self.process.pid)

    def close(self):
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(STOP_SECONDS_MAX)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        shutil.rmtree(self.directory, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class Node(Server):
    """A cacheindex node on a fresh data directory."""

    def __init__(self, binary):
        super().__init__("cacheindex")
        self.key = secrets.token_hex(16)
        self.data = self.directory / "data"
        with contextlib.ExitStack() as on_failure:
            on_failure.callback(self.close)
            self.start([str(binary), "serve", "--data-dir", str(self.data), "--api-key", self.key,
                        "--listen", f"127.0.0.1:{self.port}"])
            on_failure.pop_all()

    def headers(self):
        return {"X-TYPESENSE-API-KEY": self.key}

    def request(self, method, path, body=None):
        """Returns the body of a 2xx answer; anything else ends the benchmark."""
        if isinstance(body, str):
            body = body.encode()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=600)
        try:
            connection.request(method, path, body=body, headers=self.headers())
            answer = connection.getresponse()
            text = answer.read()
        finally:
            connection.close()
        if not 200 <= answer.status < 300:
            raise SystemExit(f"{method} {path}: {answer.status} {text[:500]!r}")
        return text

    def search(self, parameters, collection="products"):
        return json.loads(self.request("GET", search_path(parameters, collection)))


def search_path(parameters, collection="products"):
    return f"/collections/{collection}/documents/search?" + urllib.parse.urlencode(parameters)


class Nginx(Server):
    """nginx serving the files of its directory `files`, set up as its manual advises for speed."""

    def __init__(self, workers):
        super().__init__("nginx")
        self.files = self.directory / "files"
        self.files.mkdir()
        self.workers = workers

    def serve(self):
        root_user = "user root;" if os.geteuid() == 0 else ""
        config = self.directory / "nginx.conf"
        temporary = "".join(
            f"{kind}_temp_path {self.directory}/{kind};\n"
            for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        config.write_text(f"""
            daemon off;
            {root_user}
            worker_processes {self.workers};
            pid {self.directory}/pid;
            error_log {self.directory}/error.log;
            events {{ worker_connections 4096; }}
            http {{
              access_log off;
              sendfile on;
              tcp_nopush on;
              tcp_nodelay on;
              keepalive_timeout 600;
              keepalive_requests 1000000000;
              open_file_cache max=1000 inactive=600s;
              open_file_cache_valid 600s;
              default_type application/json;
              {temporary}
              server {{ listen 127.0.0.1:{self.port} backlog=4096; root {self.files}; }}
            }}""")
        nginx = shutil.which("nginx") or "/usr/sbin/nginx"
        self.start([nginx, "-p", str(self.directory), "-e", str(self.directory / "error.log"),
                    "-c", str(config)])


class Background:
    """Work of a thread while a `with` statement lasts: `run` of its heirs, until `stopped`."""

    def __init__(self):
        self.stopped = threading.Event()
        self.thread = threading.Thread(target=self.run)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stopped.set()
        self.thread.join()


class MemorySampler(Background):
    """Follows a server's RssAnon from a thread, so that a peak between two looks is not missed."""

    def __init__(self, server):
        super().__init__()
        self.samples = []
        self._server = server

    def run(self):
        while not self.stopped.wait(SAMPLE_SECONDS):
            self.samples.append(self._server.memory_bytes()["RssAnon"])

    def __exit__(self, *_):
        super().__exit__()
        self.samples.append(self._server.memory_bytes()["RssAnon"])

    def peak_of_halves(self):
        middle = max(1, len(self.samples) // 2)
        return max(self.samples[:middle]), max(self.samples[middle:] or self.samples)
