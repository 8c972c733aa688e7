"""A node that follows a PostgreSQL with the generated shop: the copy, the stream, and how old what
it shows is.

Targets (README.md, "Measured"): price and stock changes >= 50,000 rows/s applied, visible to reads
and filters p99 <= 50 ms after the commit; text searchable p99 <= 1 s under load, <= 100 ms idle.
"""

import http.client
import json
import pathlib
import signal
import statistics
import tempfile
import time
import urllib.parse

import generated_shop
import postgres
import processes

LOAD_ROWS_PER_SECOND = 2_000
LOAD_ROWS_PER_TRANSACTION = 20
BRAND_PRODUCTS = 100_000
PRODUCTS_PER_TRANSACTION = 50
LARGE_TRANSACTION_ROWS = 2_000_000
SEARCH = "/collections/products/documents/search?"


class FollowingNode(processes.Node):
    """A node that follows the shop of a PostgreSQL."""

    def __init__(self, binary, directory):
        folder = pathlib.Path(tempfile.mkdtemp(prefix="cacheindex-bench-"))
        self.configuration = folder / "node.toml"
        template = pathlib.Path(__file__).parent / "shop" / "shop.toml"
        self.configuration.write_text(template.read_text().replace("HOST", str(directory)))
        super().__init__(binary)

    def start(self, command):
        super().start([*command, "--config", str(self.configuration)])

    def close(self):
        super().close()
        self.configuration.unlink(missing_ok=True)
        if self.configuration.parent.exists():
            self.configuration.parent.rmdir()

    def source(self):
        return json.loads(self.request("GET", "/sources/shop"))


class Reader:
    """One keep-alive connection."""

    def __init__(self, node):
        self.node = node
        self.connection = http.client.HTTPConnection("127.0.0.1", node.port, timeout=120)

    def get(self, path):
        self.connection.request("GET", path, headers=self.node.headers())
        answer = self.connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise SystemExit(f"{path}: {answer.status} {body[:300]!r}")
        return json.loads(body)

    def wait(self, path, position):
        """Reads what reflects the position, however long that takes."""
        headers = self.node.headers() | {"X-Min-Position": position, "X-Max-Wait-Ms": "30000"}
        while True:
            self.connection.request("GET", path, headers=headers)
            answer = self.connection.getresponse()
            body = answer.read()
            if answer.status == 200:
                return json.loads(body)
            if answer.status != 503:
                raise SystemExit(f"{path}: {answer.status} {body[:300]!r}")


def document_path(product):
    return f"/collections/products/documents/{product}"


def percentiles(seconds):
    milliseconds = sorted(1e3 * second for second in seconds)
    p99 = milliseconds[min(len(milliseconds) - 1, int(len(milliseconds) * 0.99))]
    return f"p50 {statistics.median(milliseconds):.1f} ms, p99 {p99:.1f} ms"


def measure_copy(node):
    begin = time.monotonic()
    copied = built = None
    while built is None:
        source = node.source()
        now = time.monotonic()
        if source["state"] not in ("connecting", "copying") and copied is None:
            copied = now
        if source["state"] == "live":
            built = now
        elif node.ends_within(0.01):
            raise SystemExit(f"the node ended:\n{node.log.read_text()}")
    rows = source["rows_copied"]
    documents = source["documents_written"]
    print(f"initial copy: {rows:,} rows in {copied - begin:.1f} s, {rows / (copied - begin):,.0f}"
          f" rows/s; {documents:,} documents in {built - copied:.1f} s,"
          f" {documents / max(0.001, built - copied):,.0f} documents/s")


class Followed:
    """How long a node takes for what happens inside: until reads show it, and filters too.

    A node that is held begins when everything has happened, so that it does not share the
    processors with what makes it happen.
    """

    def __init__(self, node, session, is_held=False):
        self.node, self.session, self.is_held = node, session, is_held

    def __enter__(self):
        wait_until_drained(self.node)
        self.before = self.node.source()["changes"]
        self.processor = self.node.cpu_seconds()
        if self.is_held:
            self.node.process.send_signal(signal.SIGSTOP)
        self.begin = time.monotonic()
        return self

    def __exit__(self, *_):
        position = self.session.run("SELECT pg_current_wal_insert_lsn()")[0]
        if self.is_held:
            self.begin = time.monotonic()
            self.node.process.send_signal(signal.SIGCONT)
        reader = Reader(self.node)
        reader.wait(document_path(1), position)
        self.read = time.monotonic() - self.begin
        reader.wait(SEARCH + urllib.parse.urlencode({"q": "*", "per_page": 1}), position)
        self.found = time.monotonic() - self.begin
        self.processor = self.node.cpu_seconds() - self.processor
        self.changes = self.node.source()["changes"] - self.before

    def __str__(self):
        return (f"{self.changes:,} rows, shown by reads after {self.read:.1f} s,"
                f" {self.changes / self.read:,.0f} rows/s, and by filters after {self.found:.1f} s,"
                f" {self.changes / self.found:,.0f} rows/s;"
                f" {self.changes / self.processor:,.0f} for each second of processor")


def wait_until_drained(node):
    while node.source()["documents_waiting"] > 0:
        node.ends_within(0.05)


def change_prices_and_stocks(session, products):
    step = PRODUCTS_PER_TRANSACTION
    for statement in (
            "UPDATE sku SET price_cents = price_cents + 1 WHERE product_id BETWEEN at AND last",
            "UPDATE stock SET quantity = quantity + 1 WHERE sku_id IN"
            " (SELECT id FROM sku WHERE product_id BETWEEN at AND last)"):
        session.run(f"DO $$ DECLARE at int; last int; BEGIN FOR step IN 0..{products // step}"
                    f" LOOP at := step * {step}; last := at + {step - 1}; {statement}; COMMIT;"
                    " END LOOP; END $$")


def measure_price_changes(server, node, session, products):
    """Changes prices and stocks faster than a node follows, and waits until it has them all."""
    what = f"price and stock changes, {PRODUCTS_PER_TRANSACTION} products in a transaction"
    for is_held, when in (False, "as they are made"), (True, "made while the node was held"):
        with Followed(node, session, is_held) as many:
            begin = time.monotonic()
            processor = server.cpu_seconds()
            change_prices_and_stocks(session, products)
            making = time.monotonic() - begin
            processor = server.cpu_seconds() - processor
        print(f"{what}, {when}: {many} (target 50,000); the server took {making:.1f} s to make"
              f" them, {processor:.1f} s of processor", flush=True)
    with Followed(node, session) as one:
        session.run("UPDATE sku SET price_cents = price_cents + 1")
    print(f"price changes, all in one transaction: {one} (target 50,000)", flush=True)


def measure_large_transaction(node, session):
    """Two million changes in one transaction."""
    rows = int(session.run("SELECT count(*) FROM stock")[0])
    statements = -(-LARGE_TRANSACTION_ROWS // rows)
    before = node.memory_bytes()["RssAnon"]
    with processes.MemorySampler(node) as memory, Followed(node, session) as large:
        session.run("BEGIN", *["UPDATE stock SET quantity = quantity + 1"] * statements, "COMMIT")
    print(f"one transaction: {large}; memory that is no page cache {before / 1e6:.0f} MB before and"
          f" at most {max(memory.peak_of_halves()) / 1e6:.0f} MB meanwhile (target 256)",
          flush=True)


class Statements:
    """Counts what the node's role runs in sessions that it opens from now on."""

    def __init__(self, server, session):
        self.log = server.directory / "log"
        self.begin = time.monotonic()
        session.run("ALTER ROLE cacheindex SET log_statement = 'all'")

    def report(self, session):
        others = session.run("SELECT count(*) FROM pg_stat_activity WHERE usename = 'cacheindex'"
                             " AND backend_type <> 'walsender'")[0]
        run = self.log.read_text().count("LOG:  statement: SELECT")
        print(f"the node's queries to the primary in {time.monotonic() - self.begin:.0f} s of"
              f" streaming: {run}, all of the catalog, which it looks at once a minute; its open"
              f" sessions for queries: {others}")


def measure_delays(node, session, rounds, load):
    reader = Reader(node)
    delays = {"GET": [], "filter": [], "text": []}
    for i in range(rounds):
        product = 1 + i * 37 % 1_000
        price = 1_000_000 + i
        word = f"zq{load[0]}{i:05d}"
        session.run(f"UPDATE sku SET price_cents = {price * 100} WHERE product_id = {product}")
        committed = time.monotonic()
        while reader.get(document_path(product))["price"] != price:
            pass
        delays["GET"].append(time.monotonic() - committed)
        found = urllib.parse.urlencode({"q": "*", "filter_by": f"price:={price}", "per_page": 0})
        while reader.get(SEARCH + found)["found"] == 0:
            pass
        delays["filter"].append(time.monotonic() - committed)
        session.run(f"UPDATE product SET title = '{word}' WHERE id = {product}")
        committed = time.monotonic()
        found = urllib.parse.urlencode({"q": word, "query_by": "title", "num_typos": 0,
                                        "per_page": 0})
        while reader.get(SEARCH + found)["found"] == 0:
            pass
        delays["text"].append(time.monotonic() - committed)
    for kind, seconds in delays.items():
        print(f"delay from COMMIT to visible, {load}, {kind}: {percentiles(seconds)}")


class Load(processes.Background):
    """Row changes at a steady rate from another session."""

    def __init__(self, session):
        super().__init__()
        self.session = session

    def run(self):
        pause = LOAD_ROWS_PER_TRANSACTION / LOAD_ROWS_PER_SECOND
        due = time.monotonic()
        at = 1_000
        while not self.stopped.is_set():
            at = 1_000 + (at + 1) % 10_000
            self.session.run(
                "UPDATE stock SET quantity = quantity + 1 WHERE sku_id IN (SELECT id FROM sku WHERE"
                f" product_id BETWEEN {at} AND {at + 5}) AND warehouse_id % 2 = 0")
            due += pause
            self.stopped.wait(max(0, due - time.monotonic()))


def measure_rename(node, session, products):
    """One brand gets many products, and then another name."""
    many = min(BRAND_PRODUCTS, products)
    session.run("INSERT INTO brand VALUES (1000000, 'before', 'nowhere')",
                f"UPDATE product SET brand_id = 1000000 WHERE id <= {many}")
    search = SEARCH + urllib.parse.urlencode(
        {"q": "*", "filter_by": "brand.name:=[before,after]", "per_page": 1})
    reader = Reader(node)
    reader.wait(search, session.run("SELECT pg_current_wal_insert_lsn()")[0])
    wait_until_drained(node)
    session.run("UPDATE brand SET name = 'after' WHERE id = 1000000")
    begin = time.monotonic()
    position = session.run("SELECT pg_current_wal_insert_lsn()")[0]
    shown = reader.wait(document_path(1), position)["brand"]["name"]
    first = time.monotonic() - begin
    reads = []
    while True:
        started = time.monotonic()
        reader.get(document_path(1 + len(reads) * 7919 % many))
        reads.append(time.monotonic() - started)
        if len(reads) % 200 == 0 and node.source()["documents_waiting"] == 0:
            break
    reader.wait(search, position)
    done = time.monotonic() - begin
    print(f"a brand of {many:,} documents renamed: a read shows '{shown}' after"
          f" {first * 1e3:.0f} ms, everything is searchable after {done:.1f} s;"
          f" reads meanwhile {percentiles(reads)}")


def main():
    options = generated_shop.arguments(__doc__, products=100_000, rounds=100)
    here = pathlib.Path(__file__).parent.resolve()
    with postgres.Postgres() as server:
        with tempfile.TemporaryDirectory(prefix="cacheindex-bench-") as tables:
            generated_shop.Shop(options).write_tables(tables, options.products)
            server.create("shop")
            server.run_file("shop", here / "shop" / "shop.sql", tables)
        session = server.session("shop")
        with FollowingNode(options.node, server.directory) as node:
            measure_copy(node)
            statements = Statements(server, session)
            measure_price_changes(server, node, session, options.products)
            wait_until_drained(node)
            measure_delays(node, session, options.rounds, "idle")
            with Load(server.session("shop")):
                measure_delays(node, session, options.rounds,
                               f"loaded with {LOAD_ROWS_PER_SECOND:,} row changes/s")
            measure_rename(node, session, options.products)
            measure_large_transaction(node, session)
            statements.report(session)
        session.close()


if __name__ == "__main__":
    main()
