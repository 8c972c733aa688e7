"""What expensive searches of some clients cost the others, and overload those who are served.

First, one client searches as a shop's pages do, alone and then beside 8, 32 and 100 clients that
send the most expensive search they are allowed to again and again; they have one public search key,
and each an address of its own, or all the same as the client. Then three times as many of the
shop's searches are sent as the node can answer. Latencies are of answered searches.
"""

import collections
import http.client
import os
import random
import selectors
import socket
import time

import generated_shop
import processes
import search_benchmark

QUERIES = 2_000
CROWDS = (8, 32, 100)
OVERLOAD = 3
# Everything that one search may ask for: many words with typos, all facets, and no end of time.
EXPENSIVE = {
    "q": "a b c d e f g h i k l m n o p r s t u w ca de fo li mo pa re so ta wa",
    "query_by": "title,description,brand.name,tags",
    "num_typos": 2, "typo_tokens_threshold": 1_000_000, "drop_tokens_threshold": 1_000_000,
    "prefix": "true", "exhaustive_search": "true", "max_facet_values": 250, "per_page": 250,
    "facet_by": ",".join(search_benchmark.FACETS), "search_cutoff_ms": 30_000,
}


def spell(path, key):
    return (f"GET {path} HTTP/1.1\r\nHost: benchmark\r\nX-TYPESENSE-API-KEY: {key}\r\n"
            "\r\n").encode()


def percentile(values, part):
    return sorted(values)[min(len(values) - 1, int(len(values) * part))] if values else 0.0


class Requests(processes.Background):
    """Connections that each send the next request when the last one is answered."""

    def __init__(self, node, requests, connections, addresses):
        super().__init__()
        self.latencies = collections.defaultdict(list)
        self._requests = requests
        self._node = node
        self._addresses = [addresses[i % len(addresses)] for i in range(connections)]

    def go_on(self, seconds):
        """Waits while the requests are sent; ends the benchmark when they no longer are."""
        self.thread.join(seconds)
        if not self.thread.is_alive():
            raise SystemExit("the connections broke")

    def _connect(self, address):
        connection = socket.socket()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.bind((address, 0))
        connection.connect(("127.0.0.1", self._node.port))
        return connection

    def run(self):
        at = 0
        with selectors.DefaultSelector() as selector:
            for address in self._addresses:
                selector.register(self._connect(address), selectors.EVENT_READ, None)
            for entry in list(selector.get_map().values()):
                at = self._send(selector, entry.fileobj, at)
            while not self.stopped.is_set():
                for entry, _ in selector.select(0.1):
                    at = self._receive(selector, entry, at)
            for entry in list(selector.get_map().values()):
                entry.fileobj.close()

    def _send(self, selector, connection, at):
        connection.sendall(self._requests[at % len(self._requests)])
        selector.modify(connection, selectors.EVENT_READ, [time.monotonic(), b""])
        return at + 1

    def _receive(self, selector, entry, at):
        sent, received = entry.data
        received += entry.fileobj.recv(1 << 20)
        entry.data[1] = received
        head, end, body = received.partition(b"\r\n\r\n")
        if not end:
            return at
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        if len(body) < length:
            return at
        self.latencies[int(head[9:12])].append((time.monotonic() - sent) * 1e3)
        return self._send(selector, entry.fileobj, at)


def show(name, latencies, seconds, base=None):
    answered = latencies[200]
    p99 = percentile(answered, 0.99)
    others = ", ".join(f"{len(values):,} x {status}"
                       for status, values in sorted(latencies.items()) if status != 200)
    ratio = f"{p99 / base:>7.2f}" if base else " " * 7
    print(f"{name:<44} {len(answered) / seconds:>8,.0f} {percentile(answered, 0.5):>9.2f}"
          f" {p99:>9.2f} {ratio}  {others}", flush=True)
    return p99


def measure(node, requests, seconds, connections=1):
    with Requests(node, requests, connections, ["127.0.0.1"]) as client:
        client.go_on(seconds)
    return client.latencies


def make_key(node):
    body = '{"description":"public","actions":["documents:search"],"collections":["*"]}'
    return processes.json.loads(node.request("POST", "/keys", body))["value"]


def crowds(node, requests, expensive, seconds):
    measure(node, requests, seconds)
    base = show("alone", measure(node, requests, seconds), seconds)
    for count in CROWDS:
        for name, addresses in (("of one address", ["127.0.0.2"]),
                                ("of as many", [f"127.0.1.{i + 1}" for i in range(count)])):
            with Requests(node, [expensive], count, addresses) as crowd:
                crowd.go_on(1)
                latencies = measure(node, requests, seconds)
            show(f"beside {count} expensive clients {name}", latencies, seconds, base)
            answers = ", ".join(f"{len(values)} x {status}"
                                for status, values in sorted(crowd.latencies.items()))
            print(f"    they got: {answers or 'nothing yet'}", flush=True)


def overload(node, requests, seconds):
    """Closed loops cannot send more than is answered; a hundred of them do when 503 is quick."""
    cores = os.cpu_count()
    base = show(f"{cores} connections", measure(node, requests, seconds, cores), seconds)
    latencies = measure(node, requests, seconds, 100)
    show("100 connections", latencies, seconds, base)
    sent = sum(map(len, latencies.values())) / seconds
    print(f"    {sent:,.0f} requests/s were sent", flush=True)


def main():
    options = generated_shop.arguments(__doc__, products=[300_000], seconds=8)
    shop = generated_shop.Shop(options)
    for products in options.products:
        with processes.Node(options.node) as node:
            generated_shop.import_shop(node, shop, products)
            chooser = random.Random(options.seed)
            paths = [processes.search_path(search_benchmark.search_box(query, chooser))
                     for query in shop.queries(products, QUERIES)]
            requests = [spell(path, node.key) for path in paths]
            expensive = spell(processes.search_path(EXPENSIVE), make_key(node))
            print(f"\n{products:,} products")
            print(f"{'searches of the shop':<44} {'answered/s':>8} {'p50 ms':>9} {'p99 ms':>9}"
                  f" {'p99 x':>7}  not answered")
            crowds(node, requests, expensive, options.seconds)
            overload(node, requests, options.seconds)


if __name__ == "__main__":
    main()
