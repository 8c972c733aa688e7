"""Hot GET of one 1 KB document: a node beside nginx serving the same bytes from a file.

Both run at once with one worker per core, and are driven in turns, so that neither has the
machine's better minute. CPU is utime + stime of all threads of the server.
Target (README.md, "Measured"): at most 1.3 times the CPU of nginx.
"""

import os
import statistics
import urllib.request

import processes
import generated_shop
import wrk


def median_of(results):
    return {key: statistics.median(result[key] for result in results) for key in results[0]}


def print_row(connections, name, result, peer):
    print(f"{connections:>11}  {name:<10} {result['rate']:>10,.0f} {result['p50']:>8,.0f}"
          f" {result['p99']:>8,.0f} {result['cpu_us']:>8.2f}"
          f" {result['cpu_us'] / peer['cpu_us']:>8.2f} {result['rate'] / peer['rate']:>8.2f}",
          flush=True)


def main():
    options = generated_shop.arguments(__doc__, connections=[32, 1000], seconds=4, rounds=3)
    processes.raise_file_limit()
    shop = generated_shop.Shop(options)
    path = "/collections/products/documents/1"
    with processes.Node(options.node) as node, processes.Nginx(os.cpu_count()) as nginx:
        node.request("POST", "/collections", shop.schema())
        node.request("POST", "/collections/products/documents", shop.documents(1)[0])
        document = node.request("GET", path)
        (nginx.files / "document").write_bytes(document)
        nginx.serve()
        with urllib.request.urlopen(nginx.url("/document")) as answer:
            if answer.read() != document:
                raise SystemExit("nginx does not serve the same bytes")
        print(f"one document of {len(document)} bytes; medians of {options.rounds} rounds")
        print(f"{'connections':>11}  {'server':<10} {'requests/s':>10} {'p50 us':>8} {'p99 us':>8}"
              f" {'CPU us':>8} {'CPU x':>8} {'rate x':>8}")
        for connections in options.connections:
            results = {"nginx": [], "cacheindex": []}
            for _ in range(options.rounds):
                results["nginx"].append(wrk.run(nginx, ["/document"], connections, options.seconds))
                results["cacheindex"].append(
                    wrk.run(node, [path], connections, options.seconds, headers=node.headers()))
            peer = median_of(results["nginx"])
            for name in results:
                print_row(connections, name, median_of(results[name]), peer)


if __name__ == "__main__":
    main()
