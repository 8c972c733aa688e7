"""The three search rows of README.md, "Measured", over HTTP, on generated shops, and what a search
box asks: of its queries, 20 % have a typo, 20 % end in a begun word, 30 % are filtered, and all
have five facets. Its peer is the plain search for the same words as they are written.

Latencies are those of one client that waits for each answer; queries/s per core is 1 / CPU time of
the node per query, with one client per core. Every query of a row differs.
"""

import os
import random

import processes
import generated_shop
import wrk

QUERIES = 5_000
CHECKED = 100
FACETS = ("brand.name,category.level2,attributes.color,attributes.material,tags,"
          "brand.country,category.level1,category.level3,warehouses,in_stock").split(",")
QUERY_BY = "title,description"


def two_words(query, _):
    return {"q": query, "query_by": QUERY_BY, "per_page": 10}


def listing(query, chooser):
    return {"q": query, "query_by": QUERY_BY, "per_page": 10, "sort_by": "price:asc",
            "filter_by": f"price:<{chooser.randint(20, 900)} && in_stock:true",
            "facet_by": ",".join(FACETS[:5])}


def browse(_, chooser):
    low = chooser.randint(1, 200)
    department = chooser.choice(("Electronics", "Fashion", "Home", "Kitchen", "Sports", "Toys"))
    return {"q": "*", "per_page": 10, "facet_by": ",".join(FACETS),
            "filter_by": f"category.level1:={department} && price:[{low}..{low * 4}]"
                         f" && rating:>={chooser.randint(20, 40) / 10}"}


def misspell(word, chooser):
    """One letter left out, doubled, replaced, or changed places with the next."""
    at = chooser.randrange(1, len(word) - 1)
    letter = chooser.choice("abcdefghijklmnopqrstuvwxyz")
    return chooser.choice((word[:at] + word[at + 1:], word[:at] + word[at] + word[at:],
                           word[:at] + letter + word[at + 1:],
                           word[:at] + word[at + 1] + word[at] + word[at + 2:]))


def typed(query, chooser):
    """The query as 20 % mistype it, 20 % have begun it, and the others wrote it."""
    words = query.split()
    kind = chooser.random()
    long_words = [at for at, word in enumerate(words) if len(word) >= 5]
    if kind < 0.2 and long_words:
        at = chooser.choice(long_words)
        words[at] = misspell(words[at], chooser)
    elif kind < 0.4 and len(words[-1]) >= 3:
        words[-1] = words[-1][:chooser.randint(2, len(words[-1]) - 1)]
    return " ".join(words)


def search_box(query, chooser):
    search = {"q": typed(query, chooser), "query_by": QUERY_BY, "per_page": 10,
              "facet_by": ",".join(FACETS[:5])}
    if chooser.random() < 0.3:
        search["filter_by"] = f"price:<{chooser.randint(20, 900)} && in_stock:true"
    return search


def plain(query, _):
    return {"q": query, "query_by": QUERY_BY, "per_page": 10, "num_typos": 0, "prefix": "false"}


ROWS = (
    ("two words, exact found", two_words, "p50 2 ms, p99 15 ms"),
    ("words, 2 filters, 5 facets, by price", listing, "300 q/s per core, p99 20 ms"),
    ("browse, 3 filters, 10 facets", browse, "p99 10 ms"),
    ("search box: typos, prefixes, 5 facets", search_box, ""),
    ("the same words, nothing else", plain, ""),
)


def measure(node, shop, options, products):
    print(f"{'row':<38} {'found':>9} {'p50 ms':>8} {'p95 ms':>8} {'p99 ms':>8} {'q/s':>8}"
          f" {'q/s/core':>9}  target")
    queries = shop.queries(products, QUERIES)
    chooser = random.Random(options.seed)
    for name, row, target in ROWS:
        searches = [row(query, chooser) for query in queries]
        found = sum(node.search(search)["found"] for search in searches[:CHECKED]) / CHECKED
        if found == 0:
            raise SystemExit(f"{name}: nothing found, nothing measured")
        paths = [processes.search_path(search) for search in searches]
        wrk.run(node, paths, 1, 1, headers=node.headers())
        alone = wrk.run(node, paths, 1, options.seconds, headers=node.headers())
        loaded = wrk.run(node, paths, os.cpu_count(), options.seconds, headers=node.headers())
        print(f"{name:<38} {found:>9,.0f} {alone['p50'] / 1e3:>8.2f} {alone['p95'] / 1e3:>8.2f}"
              f" {alone['p99'] / 1e3:>8.2f} {loaded['rate']:>8,.0f}"
              f" {1e6 / loaded['cpu_us']:>9,.0f}  {target}", flush=True)


def main():
    options = generated_shop.arguments(__doc__, products=[100_000, 1_000_000], seconds=8)
    shop = generated_shop.Shop(options)
    for products in options.products:
        with processes.Node(options.node) as node:
            seconds, _ = generated_shop.import_shop(node, shop, products)
            print(f"\n{products:,} products, imported in {seconds:.0f} s"
                  f" ({products / seconds:,.0f}/s); found is the mean of {CHECKED} queries")
            measure(node, shop, options, products)
            memory = node.memory_bytes()
            data = processes.directory_bytes(node.data)
            print(f"memory without page cache {memory['RssAnon'] / 1e6:,.0f} MB"
                  f" (target at 1M: 500), RSS {memory['VmRSS'] / 1e6:,.0f} MB;"
                  f" data directory {data / 1e6:,.0f} MB", flush=True)


if __name__ == "__main__":
    main()
