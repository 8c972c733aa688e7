"""The generated shop, as benchmarks use it: documents, schema and queries of cacheindex-shop."""

import argparse
import os
import pathlib
import subprocess
import time


def arguments(description, **defaults):
    """Parses the options that all benchmarks have, and prints them all."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--build", type=pathlib.Path, default=pathlib.Path("build/release"),
                        help="build directory with the node and the shop generator")
    parser.add_argument("--node", type=pathlib.Path, help="the node's binary, if another")
    parser.add_argument("--seed", type=int, default=1, help="seed of the shop")
    for name, value in defaults.items():
        many = {"nargs": "+"} if isinstance(value, list) else {}
        kind = type(value[0]) if many else type(value)
        parser.add_argument("--" + name.replace("_", "-"), type=kind, default=value, **many)
    options = parser.parse_args()
    options.node = options.node or options.build / "node" / "cacheindex"
    print("options:", *map(as_option, sorted(vars(options).items())), flush=True)
    return options


def as_option(name_and_value):
    name, value = name_and_value
    values = value if isinstance(value, list) else [value]
    return " ".join(["--" + name.replace("_", "-"), *map(str, values)])


class Shop:
    def __init__(self, options):
        self.command = str(options.build / "benchmarks" / "shop" / "cacheindex-shop")
        self.seed = str(options.seed)

    def _lines(self, *args):
        output = subprocess.run([self.command, *map(str, args), "--seed", self.seed],
                                check=True, capture_output=True, text=True)
        return output.stdout.splitlines()

    def schema(self):
        return self._lines("schema")[0]

    def documents(self, products):
        return self._lines("documents", "--products", products)

    def queries(self, products, count):
        return self._lines("queries", "--products", products, "--count", count)

    def write_documents(self, path, products):
        with open(path, "wb") as file:
            subprocess.run([self.command, "documents", "--products", str(products), "--seed",
                            self.seed], check=True, stdout=file)

    def write_tables(self, directory, products):
        subprocess.run([self.command, "tables", "--products", str(products), "--seed", self.seed,
                        "--directory", str(directory)], check=True)


def import_shop(node, shop, products):
    """Creates the collection and imports `products`. Returns seconds and bytes sent.

    curl streams in both directions at once, as the clients of large imports do.
    """
    node.request("POST", "/collections", shop.schema())
    documents = node.directory / "documents.jsonl"
    answers = node.directory / "answers.jsonl"
    shop.write_documents(documents, products)
    size = os.path.getsize(documents)
    started = time.monotonic()
    subprocess.run(["curl", "-sS", "--fail-with-body", "-X", "POST", "-T", str(documents),
                    "-H", f"X-TYPESENSE-API-KEY: {node.key}", "-o", str(answers),
                    node.url("/collections/products/documents/import?action=create")], check=True)
    seconds = time.monotonic() - started
    accepted, first_refused = 0, None
    with open(answers, encoding="utf8") as lines:
        for line in lines:
            if '"success":true' in line:
                accepted += 1
            elif first_refused is None:
                first_refused = line
    if accepted != products:
        raise SystemExit(f"{accepted} of {products} documents accepted; refused: {first_refused}")
    documents.unlink()
    answers.unlink()
    return seconds, size
