"""The official Python client, unmodified, against the real binary."""

import json
import unittest

import typesense
from typesense import exceptions

from running_node import API_KEY, RunningNode

SCHEMA = {
    "name": "products",
    "fields": [
        {"name": "title", "type": "string"},
        {"name": "brand", "type": "string", "facet": True},
        {"name": "tags", "type": "string[]", "facet": True, "optional": True},
        {"name": "price", "type": "int32", "facet": True},
    ],
    "default_sorting_field": "price",
}
SHOE = {"id": "1", "title": "Red running shoe", "brand": "Acme", "price": 50}
BOOT = {"id": "2", "title": "Green hiking boot", "brand": "Peak", "price": 120}
BELT = {"id": "3", "title": "Black leather belt", "brand": "Tan", "price": 20}


def setUpModule():
    global node
    node = RunningNode()


def tearDownModule():
    node.stop()


def client_with(key):
    return typesense.Client({
        "nodes": [{"host": "127.0.0.1", "port": str(node.port), "protocol": "http"}],
        "api_key": key,
        "connection_timeout_seconds": 60,
        "num_retries": 0,
        "suppress_deprecation_warnings": True,
    })


class ClientTest(unittest.TestCase):
    """A collection of three products, made anew for each test."""

    def setUp(self):
        self.client = client_with(API_KEY)
        self.client.collections.create(SCHEMA)
        self.documents = self.client.collections["products"].documents
        node.ask("POST", "/collections/products/documents?action=upsert", SHOE)
        node.ask("POST", "/collections/products/documents?action=upsert", BOOT)
        node.ask("POST", "/collections/products/documents?action=upsert", BELT)

    def tearDown(self):
        self.client.collections["products"].delete()

    def ids(self, documents=None, **parameters):
        documents = documents or self.documents
        found = documents.search({"q": "*", "query_by": "title", **parameters})
        return [hit["document"]["id"] for hit in found["hits"]]


class CollectionTest(ClientTest):
    def test_they_are_described_listed_and_changed(self):
        collection = self.client.collections["products"]
        self.assertEqual(collection.retrieve()["num_documents"], 3)
        self.assertIn("products", [one["name"] for one in self.client.collections.retrieve()])
        self.assertIn("products", self.client.collections)
        self.assertNotIn("nothing", self.client.collections)
        collection.update({"fields": [{"name": "size", "type": "string", "optional": True}]})
        fields = {field["name"]: field["type"] for field in collection.retrieve()["fields"]}
        self.assertEqual(fields["size"], "string")

    def test_aliases_lead_to_them(self):
        self.client.aliases.upsert("shop", {"collection_name": "products"})
        self.assertEqual(self.client.aliases["shop"].retrieve()["collection_name"], "products")
        self.assertEqual(len(self.client.aliases.retrieve()["aliases"]), 1)
        self.assertEqual(self.ids(self.client.collections["shop"].documents, q="belt"), ["3"])
        self.assertEqual(self.client.aliases["shop"].delete()["name"], "shop")


class SingleDocumentTest(ClientTest):
    """This client writes single documents to a path that ends with a slash."""

    def test_one_is_created(self):
        created = self.documents.create({**SHOE, "id": "new"})
        self.assertEqual(created["id"], "new")
        self.assertEqual(self.documents["new"].retrieve(), created)
        with self.assertRaises(exceptions.ObjectAlreadyExists):
            self.documents.create({**SHOE, "id": "new"})

    def test_one_is_upserted(self):
        self.assertEqual(self.documents.upsert({**SHOE, "price": 70})["price"], 70)
        self.assertEqual(self.documents.upsert({**SHOE, "id": "other"})["id"], "other")
        self.assertEqual(self.documents["1"].retrieve()["price"], 70)

    def test_one_is_updated(self):
        self.assertEqual(self.documents["1"].update({"price": 55})["price"], 55)
        self.assertEqual(self.documents["1"].retrieve(), {**SHOE, "price": 55})

    def test_one_is_deleted(self):
        self.assertEqual(self.documents["1"].delete()["id"], "1")
        with self.assertRaises(exceptions.ObjectNotFound):
            self.documents["1"].retrieve()
        with self.assertRaises(exceptions.ObjectNotFound):
            self.documents["1"].delete()

    def test_a_refused_one_says_why(self):
        with self.assertRaisesRegex(exceptions.RequestMalformed, "price"):
            self.documents.create({"id": "bad", "title": "x", "brand": "y", "price": "dear"},
                                  {"dirty_values": "reject"})


class ManyDocumentsTest(ClientTest):
    def test_they_are_imported_and_each_line_is_answered(self):
        lines = self.documents.import_(
            [{**SHOE, "id": "a"}, SHOE, {**SHOE, "id": "b"}], {"action": "create"})
        self.assertEqual([line["success"] for line in lines], [True, False, True])
        self.assertEqual(lines[1]["code"], 409)
        lines = self.documents.import_([{**SHOE, "price": 1}, BOOT],
                                       {"action": "upsert", "return_id": True}, batch_size=1)
        self.assertEqual([line["id"] for line in lines], ["1", "2"])

    def test_lines_are_imported_as_they_are(self):
        text = "\n".join(json.dumps({**SHOE, "id": each}) for each in "abc")
        answer = self.documents.import_(text, {"action": "emplace"})
        self.assertEqual(answer, "\n".join(['{"success":true}'] * 3))

    def test_they_are_exported(self):
        lines = self.documents.export({"exclude_fields": "title,brand"}).splitlines()
        self.assertEqual([json.loads(line) for line in lines],
                         [{"id": "1", "price": 50}, {"id": "2", "price": 120},
                          {"id": "3", "price": 20}])

    def test_they_are_changed_by_filter(self):
        changed = self.documents.update({"price": 7}, {"filter_by": "price:<100"})
        self.assertEqual(changed, {"num_updated": 2})
        self.assertEqual(self.ids(filter_by="price:7"), ["3", "1"])

    def test_they_are_deleted_by_filter(self):
        self.assertEqual(self.documents.delete({"filter_by": "price:<100"}), {"num_deleted": 2})
        self.assertEqual(self.ids(), ["2"])


class SearchTest(ClientTest):
    def test_finds_filters_sorts_and_counts(self):
        found = self.documents.search({
            "q": "boot", "query_by": ["title", "brand"], "filter_by": "price:>10",
            "facet_by": "brand,price", "sort_by": "price:desc", "prefix": False})
        self.assertEqual(found["found"], 1)
        hit = found["hits"][0]
        self.assertEqual(hit["highlight"]["title"]["snippet"], "Green hiking <mark>boot</mark>")
        self.assertIsInstance(hit["text_match"], int)
        brand, price = found["facet_counts"]
        self.assertEqual(brand["counts"][0]["value"], "Peak")
        self.assertEqual(price["stats"]["max"], 120)

    def test_groups(self):
        found = self.documents.search({"q": "*", "group_by": "brand", "group_limit": 1})
        self.assertEqual(sorted(group["group_key"] for group in found["grouped_hits"]),
                         [["Acme"], ["Peak"], ["Tan"]])

    def test_says_what_is_wrong(self):
        with self.assertRaisesRegex(exceptions.ObjectNotFound, "nothing"):
            self.ids(filter_by="nothing:1")
        with self.assertRaises(exceptions.RequestMalformed):
            self.ids(filter_by="price:>")

    def test_many_at_once_share_what_they_have_in_common(self):
        answer = self.client.multi_search.perform(
            {"searches": [{"q": "shoe"}, {"q": "belt", "per_page": 5}, {"q": "*", "page": 2}]},
            {"collection": "products", "query_by": "title", "per_page": 2})
        found = [[hit["document"]["id"] for hit in one["hits"]] for one in answer["results"]]
        self.assertEqual(found, [["1"], ["3"], ["3"]])

    def test_a_union_is_one_list(self):
        answer = self.client.multi_search.perform({
            "union": True,
            "searches": [{"collection": "products", "q": q, "query_by": "title"}
                         for q in ("shoe", "belt")]})
        self.assertEqual(answer["found"], 2)
        self.assertEqual(sorted(hit["document"]["id"] for hit in answer["hits"]), ["1", "3"])
        self.assertEqual({hit["search_index"] for hit in answer["hits"]}, {0, 1})

    def test_a_union_says_what_was_asked(self):
        answer = self.client.multi_search.perform({
            "union": True,
            "searches": [{"collection": "products", "q": q, "query_by": "title", "per_page": 4}
                         for q in ("shoe", "belt")]})
        asked = answer["union_request_params"]
        self.assertEqual([one["collection_name"] for one in asked], ["products", "products"])
        self.assertEqual([one["q"] for one in asked], ["shoe", "belt"])
        self.assertEqual([one["first_q"] for one in asked], ["shoe", "belt"])
        self.assertEqual([one["found"] for one in asked], [1, 1])
        self.assertTrue(all(isinstance(one["per_page"], int) for one in asked))

    def test_presets_fill_in_what_is_missing(self):
        node.ask("PUT", "/presets/cheap", {"value": {"filter_by": "price:<100"}})
        self.addCleanup(node.ask, "DELETE", "/presets/cheap")
        self.assertEqual(self.ids(preset="cheap", sort_by="price:asc"), ["3", "1"])


class KeyTest(ClientTest):
    def test_they_allow_what_they_say(self):
        key = self.client.keys.create({"description": "search", "actions": ["documents:search"],
                                       "collections": ["prod.*"]})
        limited = client_with(key["value"]).collections["products"].documents
        self.assertEqual(len(self.ids(limited)), 3)
        with self.assertRaises(exceptions.RequestUnauthorized):
            limited["1"].retrieve()
        self.assertEqual(self.client.keys[key["id"]].retrieve()["value_prefix"], key["value"][:4])
        self.assertIn(key["id"], [one["id"] for one in self.client.keys.retrieve()["keys"]])
        scoped = self.client.keys.generate_scoped_search_key(
            key["value"], {"filter_by": "brand:=Acme"})
        scoped = scoped.decode() if isinstance(scoped, bytes) else scoped
        self.assertEqual(self.ids(client_with(scoped).collections["products"].documents), ["1"])
        self.assertEqual(self.client.keys[key["id"]].delete()["id"], key["id"])


class LanguageTest(ClientTest):
    def test_stopwords_are_kept_and_left_out_of_queries(self):
        self.client.stopwords.upsert("small", {"stopwords": ["the"], "locale": "en"})
        self.assertEqual(self.client.stopwords["small"].retrieve()["stopwords"]["stopwords"],
                         ["the"])
        self.assertEqual([one["id"] for one in self.client.stopwords.retrieve()["stopwords"]],
                         ["small"])
        exact = {"q": "the belt", "drop_tokens_threshold": 0, "num_typos": 0}
        self.assertEqual(self.ids(**exact), [])
        self.assertEqual(self.ids(**exact, stopwords="small"), ["3"])
        self.assertEqual(self.client.stopwords["small"].delete(), {"id": "small"})

    def test_stopwords_are_answered_as_they_were_sent(self):
        self.addCleanup(self.client.stopwords["names"].delete)
        sent = {"stopwords": ["Stark Industries"], "locale": "en"}
        self.assertEqual(self.client.stopwords.upsert("names", sent), {"id": "names", **sent})

    def test_stopwords_of_several_words_are_left_out_one_by_one(self):
        self.addCleanup(self.client.stopwords["names"].delete)
        self.client.stopwords.upsert("names", {"stopwords": ["Stark Industries"]})
        exact = {"drop_tokens_threshold": 0, "num_typos": 0, "stopwords": "names"}
        self.assertEqual(self.ids(q="stark belt", **exact), ["3"])
        self.assertEqual(self.ids(q="belt industries", **exact), ["3"])
        self.assertEqual(self.ids(q="industries stark", **exact), [])

    def test_synonyms_are_kept_and_found(self):
        words = self.client.synonym_sets["words"]
        words.upsert({"items": [{"id": "a", "synonyms": ["sneaker", "shoe"]}]})
        words.upsert_item("b", {"root": "strap", "synonyms": ["belt"]})
        self.assertEqual([item["id"] for item in words.list_items()], ["a", "b"])
        self.assertEqual(words.get_item("b")["root"], "strap")
        self.assertIn("words", [one["name"] for one in self.client.synonym_sets.retrieve()])
        self.assertEqual(self.ids(q="sneaker", synonym_sets="words"), ["1"])
        self.assertEqual(words.delete_item("a"), {"id": "a"})
        self.assertEqual(words.delete()["name"], "words")

    def test_synonyms_always_have_a_root(self):
        words = self.client.synonym_sets["words"]
        words.upsert({"items": [{"id": "a", "synonyms": ["sneaker", "shoe"]}]})
        self.addCleanup(words.delete)
        self.assertEqual(words.get_item("a")["root"], "")

    def test_synonyms_of_the_older_generation(self):
        synonyms = self.client.collections["products"].synonyms
        synonyms.upsert("a", {"synonyms": ["sneaker", "shoe"]})
        self.assertEqual(self.ids(q="sneaker"), ["1"])
        self.assertEqual(len(synonyms.retrieve()["synonyms"]), 1)
        self.assertEqual(synonyms["a"].delete(), {"id": "a"})

    def test_stemming_dictionaries_are_kept(self):
        dictionaries = self.client.stemming.dictionaries
        self.assertEqual(dictionaries.upsert("plurals", [{"word": "feet", "root": "foot"}]),
                         [{"word": "feet", "root": "foot"}])
        self.assertEqual(dictionaries.retrieve(), {"dictionaries": ["plurals"]})
        self.assertEqual(dictionaries["plurals"].retrieve()["words"][0]["root"], "foot")


class CurationTest(ClientTest):
    def test_rules_of_a_set_apply(self):
        sale = self.client.curation_sets["sale"]
        sale.upsert({"items": [{"id": "first", "rule": {"query": "shoe", "match": "exact"},
                                "includes": [{"id": "3", "position": 1}]}]})
        self.assertEqual(self.ids(q="shoe", curation_sets="sale"), ["3", "1"])
        sale.upsert_item("hide", {"rule": {"query": "belt", "match": "exact"},
                                  "excludes": [{"id": "3"}]})
        self.assertEqual(self.ids(q="belt", curation_sets="sale"), [])
        self.assertEqual(len(sale.list_items()), 2)
        self.assertEqual(sale.get_item("hide")["excludes"], [{"id": "3"}])
        self.assertEqual(sale.delete_item("hide"), {"id": "hide"})
        self.assertIn("sale", [one["name"] for one in self.client.curation_sets.retrieve()])
        self.assertEqual(sale.delete()["name"], "sale")

    def test_rules_always_have_includes_and_excludes(self):
        sale = self.client.curation_sets["sale"]
        sale.upsert({"items": [{"id": "cheap", "rule": {"query": "shoe", "match": "exact"},
                                "filter_by": "price:<100"}]})
        self.addCleanup(sale.delete)
        item = sale.get_item("cheap")
        self.assertEqual((item["includes"], item["excludes"]), ([], []))

    def test_position_0_is_the_first(self):
        sale = self.client.curation_sets["sale"]
        sale.upsert({"items": [{"id": "first", "rule": {"query": "shoe", "match": "exact"},
                                "includes": [{"id": "3", "position": 0}]}]})
        self.addCleanup(sale.delete)
        self.assertEqual(self.ids(q="shoe", curation_sets="sale"), ["3", "1"])

    def test_overrides_of_the_older_generation(self):
        overrides = self.client.collections["products"].overrides
        overrides.upsert("first", {"rule": {"query": "shoe", "match": "exact"},
                                   "includes": [{"id": "3", "position": 1}]})
        self.assertEqual(self.ids(q="shoe"), ["3", "1"])
        self.assertEqual(len(overrides.retrieve()["overrides"]), 1)
        self.assertEqual(overrides["first"].delete(), {"id": "first"})


class OperationTest(ClientTest):
    def test_the_node_says_how_it_is(self):
        self.assertTrue(self.client.operations.is_healthy())
        self.assertRegex(self.client.debug.retrieve()["version"], r"^30\.")
        self.assertIn("system_memory_used_bytes", self.client.metrics.retrieve())
        self.assertEqual(self.client.operations.perform("cache/clear"), {"success": True})
        self.assertEqual(self.client.operations.toggle_slow_request_log(
            {"log_slow_requests_time_ms": 2000}), {"success": True})

    def test_a_snapshot_is_written_twice_to_one_path(self):
        for _ in range(2):
            answer = self.client.operations.perform("snapshot",
                                                    {"snapshot_path": node.snapshot_path})
            self.assertEqual(answer, {"success": True})

    def test_analytics_has_no_rules(self):
        self.assertEqual(self.client.analytics.rules.retrieve(), [])


if __name__ == "__main__":
    unittest.main()
