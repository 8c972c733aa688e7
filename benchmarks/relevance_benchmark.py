"""How well hits are ordered, by human judgements of an electronics catalogue (data/icecat).

NDCG@10 with gain 2^rating - 1, discount log2(rank + 1) and each query's own ideal; what nobody
judged counts as 0. Of the judged queries those count that have a relevant product. `judged` is the
share of judged products in the first ten. The settings would do for any catalogue: the title weighs
twice as much as what else names a product, attributes weigh little.

What each part contributes is seen by leaving it out. Nearness is left out by asking with the words
in the opposite order, which changes nothing else.
"""

import csv
import gzip
import json
import math
import pathlib

import generated_shop
import processes

TOP = 10
LINES_PER_IMPORT = 2_000

SCHEMA = {"name": "products", "fields": [
    {"name": "title", "type": "string", "stem": True},
    {"name": "short_description", "type": "string", "stem": True},
    {"name": "brand", "type": "string", "facet": True},
    {"name": "attributes", "type": "string[]", "stem": True},
]}

# What has no other forms of words (battery, batteries).
UNSTEMMED = {"name": "unstemmed",
             "fields": [field | {"stem": False} for field in SCHEMA["fields"]]}

SETTINGS = {"query_by": "title,short_description,brand,attributes", "query_by_weights": "8,4,4,1",
            "drop_tokens_threshold": TOP, "per_page": TOP, "include_fields": "id",
            "highlight_fields": "none"}

WITHOUT = (
    ("all", {}, False),
    ("without weights", {"query_by_weights": "1,1,1,1"}, False),
    ("without nearness", {"prefix": "false"}, True),
    ("without prefixes", {"prefix": "false"}, False),
    ("without typos", {"num_typos": 0, "split_join_tokens": "off"}, False),
    ("without counting more fields", {"prioritize_num_matching_fields": "false"}, False),
    ("words dropped only when nothing is found", {"drop_tokens_threshold": 1}, False),
    ("words dropped from the right", {"drop_tokens_mode": "right_to_left"}, False),
    ("title alone", {"query_by": "title", "query_by_weights": "1"}, False),
    ("weights by order", {"query_by_weights": "4,3,2,1"}, False),
)


def read_documents(data):
    with gzip.open(data / "documents.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            product = json.loads(line)
            attributes = [str(value) for name, value in product.items()
                          if name.startswith("attr_t_")]
            yield {"id": product["id"], "title": product["title"],
                   "short_description": product.get("short_description", ""),
                   "brand": product.get("supplier", ""), "attributes": attributes}


def read_judgements(path):
    """Returns {query: {document: rating}} for the queries with a relevant product."""
    judgements = {}
    with open(path, newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            judgements.setdefault(row["query"], {})[row["docid"]] = int(row["rating"])
    return {query: ratings for query, ratings in judgements.items() if max(ratings.values()) > 0}


def import_documents(node, data, schema=SCHEMA):
    node.request("POST", "/collections", json.dumps(schema))
    lines = [json.dumps(document) for document in read_documents(data)]
    for first in range(0, len(lines), LINES_PER_IMPORT):
        answer = node.request("POST", f"/collections/{schema['name']}/documents/import",
                              "\n".join(lines[first:first + LINES_PER_IMPORT]))
        if b'"success":false' in answer:
            raise SystemExit(f"import failed: {answer[:500]!r}")
    return len(lines)


def cumulated_gain(ratings):
    return sum((2 ** rating - 1) / math.log2(rank + 2) for rank, rating in enumerate(ratings[:TOP]))


def ndcg(found, ratings):
    ideal = cumulated_gain(sorted(ratings.values(), reverse=True))
    return cumulated_gain([ratings.get(document, 0) for document in found]) / ideal


def measure(node, judgements, settings, is_reversed, collection="products"):
    """Returns the mean NDCG@10, the mean share of judged hits, and NDCG@10 by query."""
    by_query = {}
    judged = 0.0
    for query, ratings in judgements.items():
        words = query.split()
        asked = " ".join(reversed(words)) if is_reversed else query
        hits = node.search(SETTINGS | settings | {"q": asked}, collection)["hits"]
        found = [hit["document"]["id"] for hit in hits]
        by_query[query] = ndcg(found, ratings)
        judged += sum(document in ratings for document in found) / max(1, len(found))
    return sum(by_query.values()) / len(by_query), judged / len(by_query), by_query


def main():
    options = generated_shop.arguments(__doc__, data="../shared/data/icecat", judgements="",
                                       worst=0)
    data = pathlib.Path(options.data)
    judged_file = pathlib.Path(options.judgements) if options.judgements else \
        data / "judgements.csv"
    if not judged_file.exists() or not (data / "documents.jsonl.gz").exists():
        print(f"skipped: no catalogue with judgements in {data}")
        return
    judgements = read_judgements(judged_file)
    with processes.Node(options.node) as node:
        count = import_documents(node, data)
        print(f"{count:,} products, {len(judgements)} queries; yardstick SQLite FTS5: 0.741,"
              " target 0.80")
        print(f"{'':<42} {'NDCG@10':>8} {'judged':>7}")
        def show(name, mean, judged):
            print(f"{name:<42} {mean:>8.3f} {judged:>6.0%}", flush=True)
        for name, settings, is_reversed in WITHOUT:
            mean, judged, by_query = measure(node, judgements, settings, is_reversed)
            show(name, mean, judged)
            if name == "all":
                for query in sorted(by_query, key=by_query.get)[:options.worst]:
                    print(f"  {by_query[query]:.3f}  {query}")
        import_documents(node, data, UNSTEMMED)
        mean, judged, _ = measure(node, judgements, {}, False, UNSTEMMED["name"])
        show("without other forms of words", mean, judged)


if __name__ == "__main__":
    main()
