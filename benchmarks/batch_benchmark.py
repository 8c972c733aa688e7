"""Batch reads: random ids of an imported shop, 50 in one request and one snapshot.

Target (README.md, "Measured"): at least 300,000 documents/s per core.
"""

import random

import processes
import generated_shop
import wrk

REQUESTS = 5_000


def main():
    options = generated_shop.arguments(__doc__, products=100_000, batch=50, connections=32,
                                       seconds=8)
    processes.raise_file_limit()
    shop = generated_shop.Shop(options)
    chooser = random.Random(options.seed)
    with processes.Node(options.node) as node:
        generated_shop.import_shop(node, shop, options.products)
        paths = []
        for _ in range(REQUESTS):
            ids = (str(chooser.randint(1, options.products)) for _ in range(options.batch))
            paths.append("/collections/products/documents/batch?ids=" + ",".join(ids))
        wrk.run(node, paths, options.connections, 1, headers=node.headers())
        result = wrk.run(node, paths, options.connections, options.seconds, headers=node.headers())
        documents = options.batch * result["rate"]
        per_core = options.batch * 1e6 / result["cpu_us"]
        print(f"documents/s {documents:,.0f}, per core {per_core:,.0f} (target 300,000);"
              f" CPU {result['cpu_us']:.1f} us per request; p50 {result['p50']} us,"
              f" p99 {result['p99']} us; {result['bytes'] / result['seconds'] / 1e6:,.0f} MB/s")


if __name__ == "__main__":
    main()
