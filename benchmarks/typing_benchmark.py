"""What a shopper finds while typing, and with typos, on real titles (data/icecat).

Prefixes: whether the product is among what each prefix of its title finds, asked with a filter on
its id and without any tolerance. Typos: the rank of the product for its title with random edits in
one word; of products with the same title the best one counts. Order: searches that find words as
they are written and words with typos, and how often one with a typo stands above one without.

Titles with a word that begins with a hyphen are left out: typed, it means to leave that word out.
"""

import pathlib
import random
import time

import generated_shop
import processes
import relevance_benchmark

TOP = 10
EXACT = {"num_typos": 0, "drop_tokens_threshold": 0, "split_join_tokens": "off", "per_page": 0}


def edited(word, chooser):
    """One edit: a letter left out, doubled, replaced, or swapped with its neighbour."""
    place = chooser.randrange(len(word) - 1)
    kind = chooser.randrange(4)
    letter = chooser.choice("abcdefghijklmnopqrstuvwxyz")
    if kind == 0:
        return word[:place] + word[place + 1:]
    if kind == 1:
        return word[:place] + letter + word[place:]
    if kind == 2:
        return word[:place] + letter + word[place + 1:]
    return word[:place] + word[place + 1] + word[place] + word[place + 2:]


def misspelt(title, edits, letters_min, chooser):
    """The title with `edits` in one word of at least that many letters; None when it has none."""
    words = title.split()
    places = [i for i, word in enumerate(words)
              if word.isascii() and word.isalpha() and len(word) >= letters_min]
    if not places:
        return None
    place = chooser.choice(places)
    word = words[place].lower()
    while words[place].lower() == word:
        word = words[place].lower()
        for _ in range(edits):
            word = edited(word, chooser)
    return " ".join(words[:place] + [word] + words[place + 1:])


def count_prefixes(node, documents):
    asked = found = 0
    for document in documents:
        title = document["title"]
        for end in range(1, len(title) + 1):
            if not any(character.isalnum() for character in title[:end]):
                continue
            answer = node.search(EXACT | {"q": title[:end], "query_by": "title",
                                          "filter_by": f"id:={document['id']}"})
            asked += 1
            found += answer["found"]
    return asked, found


def count_typos(node, documents, edits, letters_min, chooser):
    asked = found = 0
    seconds = []
    for document in documents:
        query = misspelt(document["title"], edits, letters_min, chooser)
        if query is None:
            continue
        begin = time.perf_counter()
        hits = node.search({"q": query, "query_by": "title", "per_page": TOP})["hits"]
        seconds.append(time.perf_counter() - begin)
        asked += 1
        found += any(hit["document"]["title"] == document["title"] for hit in hits)
    seconds.sort()
    return asked, found, seconds[len(seconds) // 2]


def count_disorder(node, documents, chooser):
    asked = mixed = disordered = 0
    for document in documents:
        words = [word for word in document["title"].split()
                 if word.isascii() and word.isalpha() and len(word) >= 4]
        if not words:
            continue
        answer = node.search({"q": chooser.choice(words), "query_by": "title", "per_page": 250,
                              "typo_tokens_threshold": 1_000_000, "drop_tokens_threshold": 0})
        scores = [hit["text_match_info"]["typo_prefix_score"] for hit in answer["hits"]]
        asked += 1
        mixed += len(set(scores)) > 1
        disordered += scores != sorted(scores)
    return asked, mixed, disordered


def main():
    options = generated_shop.arguments(__doc__, data="../shared/data/icecat", titles=200)
    data = pathlib.Path(options.data)
    if not (data / "documents.jsonl.gz").exists():
        print(f"skipped: no catalogue in {data}")
        return
    documents = list(relevance_benchmark.read_documents(data))
    chooser = random.Random(options.seed)
    documents = [document for document in documents if " -" not in " " + document["title"]]
    chosen = chooser.sample(documents, options.titles)
    with processes.Node(options.node) as node:
        count = relevance_benchmark.import_documents(node, data)
        print(f"{count:,} products, {len(chosen)} titles", flush=True)
        asked, found = count_prefixes(node, chosen)
        print(f"prefixes: product found by {found:,} of {asked:,}", flush=True)
        many = chooser.sample(documents, min(len(documents), 5 * options.titles))
        for edits, letters_min, target in ((1, 4, 95), (2, 8, 85)):
            asked, found, median = count_typos(node, many, edits, letters_min, chooser)
            print(f"{edits} typo(s) in a word of at least {letters_min} letters: in the first {TOP}"
                  f" for {found:,} of {asked:,}, {found / max(1, asked):.1%} (target {target} %),"
                  f" p50 {median * 1e3:.2f} ms", flush=True)
        asked, mixed, disordered = count_disorder(node, chosen, chooser)
        print(f"order: {asked} searches, {mixed} with matches of several kinds,"
              f" {disordered} with a better kind below a worse one")


if __name__ == "__main__":
    main()
