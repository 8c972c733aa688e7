"""Drives a server with wrk and returns its figures as numbers."""

import json
import pathlib
import subprocess
import tempfile

# Requests are prepared once, so that wrk costs as little as it can. Latencies are in microseconds.
SCRIPT = """
local requests = {}
local next_request = 0
local threads = 0

function setup(thread)
  thread:set("first", threads)
  threads = threads + 1
end

function init(args)
  for path in io.lines(args[1]) do
    requests[#requests + 1] = wrk.format("GET", path)
  end
  next_request = first * 7919
end

function request()
  next_request = next_request + 1
  return requests[next_request % #requests + 1]
end

function done(summary, latency, _)
  local errors = summary.errors
  io.write(string.format(
    '\\nRESULT {"requests":%d,"seconds":%.6f,"p50":%d,"p95":%d,"p99":%d,"bytes":%d,"errors":%d}\\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50), latency:percentile(95),
    latency:percentile(99), summary.bytes,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
"""


def run(server, paths, connections, seconds, threads=1, headers=None):
    """GETs `paths` in turn. Returns requests, seconds, bytes, rate, cpu_us, and p50, p95 and
    p99 in microseconds.

    An error, or an answer that is not 2xx or 3xx, ends the benchmark: its figures would be wrong.
    """
    with tempfile.TemporaryDirectory(prefix="cacheindex-wrk-") as directory:
        script = pathlib.Path(directory, "script.lua")
        script.write_text(SCRIPT)
        list_of_paths = pathlib.Path(directory, "paths")
        list_of_paths.write_text("".join(path + "\n" for path in paths))
        command = ["wrk", "-t", str(threads), "-c", str(connections), "-d", f"{seconds}s",
                   "--timeout", "30s", "-s", str(script)]
        for name, value in (headers or {}).items():
            command += ["-H", f"{name}: {value}"]
        command += [server.url("/"), "--", str(list_of_paths)]
        cpu_before = server.cpu_seconds()
        output = subprocess.run(command, capture_output=True, text=True, check=False)
        cpu = server.cpu_seconds() - cpu_before
    lines = [line for line in output.stdout.splitlines() if line.startswith("RESULT ")]
    if output.returncode != 0 or not lines:
        raise SystemExit(f"wrk failed:\n{output.stdout}{output.stderr}")
    result = json.loads(lines[0].removeprefix("RESULT "))
    if result["errors"] or not result["requests"]:
        raise SystemExit(f"{server.name}: {result['errors']} of {result['requests']} requests"
                         f" failed\n{output.stdout}")
    result["rate"] = result["requests"] / result["seconds"]
    result["cpu_us"] = cpu * 1e6 / result["requests"]
    return result
