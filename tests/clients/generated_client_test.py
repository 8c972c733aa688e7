"""A client that was generated from what the node says of itself, against the node."""

import importlib
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

from running_node import API_KEY, RunningNode

GENERATE_SECONDS_MAX = 60
PACKAGE = "generated_client"
# The generator knows bodies of bytes and not of text; the two operations that take lines have both.
WARNING_OF_LINES = "Unsupported content type text/plain"


def generate(directory):
    """Returns what the generator said."""
    description = directory / "openapi.json"
    description.write_text(json.dumps(node.ask("GET", "/openapi.json")))
    settings = directory / "settings.yml"
    settings.write_text("post_hooks: []\n")
    done = subprocess.run(
        [sys.executable, "-B", "-m", "openapi_python_client", "generate", "--path", description,
         "--config", settings, "--meta", "none", "--output-path", directory / PACKAGE],
        timeout=GENERATE_SECONDS_MAX, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        check=False)
    if done.returncode != 0:
        raise RuntimeError(done.stdout)
    return done.stdout


def setUpModule():
    global node, said, client, models
    node = RunningNode()
    unittest.addModuleCleanup(node.stop)
    directory = tempfile.TemporaryDirectory(prefix="cacheindex-generated-")
    unittest.addModuleCleanup(directory.cleanup)
    said = generate(pathlib.Path(directory.name))
    sys.path.insert(0, directory.name)
    unittest.addModuleCleanup(sys.path.remove, directory.name)
    models = importlib.import_module(f"{PACKAGE}.models")
    client = importlib.import_module(PACKAGE).AuthenticatedClient(
        base_url=node.url, token=API_KEY, prefix="", auth_header_name="X-TYPESENSE-API-KEY",
        raise_on_unexpected_status=True)
    fill()


def call(operation, *names, **parameters):
    module = importlib.import_module(f"{PACKAGE}.api.default.{operation}")
    return module.sync(*names, client=client, **parameters)


def fill():
    call("post_collections", body=models.NewCollection(
        name="shoes", enable_nested_fields=True, fields=[
            models.Field(name="title", type_="string"),
            models.Field(name="tags", type_="string[]", facet=True),
            models.Field(name="variants", type_="object[]", optional=True),
            models.Field(name="maker", type_="object", optional=True),
            models.Field(name="place", type_="geopoint"),
            models.Field(name="price", type_="int32", facet=True),
        ]))
    for document in (
            {"id": "1", "title": "A blue shoe", "tags": ["plain", "blue"], "price": 50,
             "place": [48.86, 2.35], "maker": {"name": "Blue Mill"},
             "variants": [{"color": "red"}, {"color": "blue"}]},
            {"id": "2", "title": "A boot", "tags": ["plain"], "price": 120,
             "place": [51.51, -0.13]}):
        call("post_collections_c_documents", "shoes", body=models.Document.from_dict(document),
             action=models.PostCollectionsCDocumentsAction.UPSERT)


def search(**parameters):
    return call("get_collections_c_documents_search", "shoes", **parameters)


class DescriptionTest(unittest.TestCase):
    def test_a_generator_understands_all_of_it(self):
        parts = re.findall(r"WARNING parsing (\S+ \S+) within", said)
        self.assertEqual(sorted(parts), ["POST /collections/{c}/documents/import",
                                         "POST /stemming/dictionaries/import"])
        self.assertEqual(said.count(WARNING_OF_LINES), len(parts))
        self.assertNotIn("Unable to", said)


class SearchTest(unittest.TestCase):
    def test_hits_are_typed(self):
        found = search(q="blue", query_by="title,tags", highlight_full_fields="title")
        self.assertIsInstance(found, models.SearchAnswer)
        self.assertEqual((found.found, found.out_of, found.page), (1, 2, 1))
        self.assertEqual(found.request_params.collection_name, "shoes")
        [hit] = found.hits
        self.assertEqual(hit.document["title"], "A blue shoe")
        self.assertIsInstance(hit.text_match, int)
        self.assertIsInstance(hit.text_match_info, models.TextMatchInfo)
        self.assertEqual(hit.text_match_info.tokens_matched, 1)
        self.assertEqual(hit.text_match_info.score, str(hit.text_match))

    def test_highlights_are_typed(self):
        [hit] = search(q="blue", query_by="title,tags,maker,variants",
                       highlight_full_fields="title").hits
        title = hit.highlight["title"]
        self.assertIsInstance(title, models.MarkedText)
        self.assertEqual(title.snippet, "A <mark>blue</mark> shoe")
        self.assertEqual(title.value, title.snippet)
        self.assertEqual(title.matched_tokens, ["blue"])
        self.assertIsInstance(hit.highlight["tags"][-1], models.MarkedText)
        self.assertEqual(hit.highlight["maker"]["name"].snippet, "<mark>Blue</mark> Mill")
        older = {type(one): one for one in hit.highlights}
        self.assertEqual(older[models.MarkedField].snippet, title.snippet)
        tags = older[models.MarkedArrayField]
        self.assertEqual((tags.field, tags.indices[-1]), ("tags", 1))

    def test_highlights_of_arrays_of_objects_are_typed(self):
        [hit] = search(q="blue", query_by="variants").hits
        self.assertEqual(hit.highlight["variants"][1]["color"].snippet, "<mark>blue</mark>")

    def test_facets_are_typed(self):
        tags, price = search(q="*", facet_by="tags,price").facet_counts
        self.assertIsInstance(tags, models.Facet)
        self.assertEqual([(one.value, one.count) for one in tags.counts],
                         [("plain", 2), ("blue", 1)])
        self.assertEqual(tags.stats.total_values, 2)
        self.assertEqual((price.stats.min_, price.stats.max_, price.stats.avg), (50, 120, 85))

    def test_groups_and_distances_are_typed(self):
        found = search(q="*", group_by="price", sort_by="place(48.86, 2.35):asc")
        self.assertEqual(found.found_docs, 2)
        self.assertEqual([group.group_key for group in found.grouped_hits], [[50], [120]])
        [nearest] = found.grouped_hits[0].hits
        self.assertEqual(nearest.geo_distance_meters["place"], 0)

    def test_mistakes_are_typed(self):
        answer = search(q="*", filter_by="nothing:1")
        self.assertIsInstance(answer, models.Message)
        self.assertIn("nothing", answer.message)

    def test_many_searches_and_what_they_share_are_typed(self):
        answer = call("post_multi_search", query_by="title", per_page=1, body=models.MultiSearch(
            searches=[models.Search(collection="shoes", q="boot"),
                      models.Search(collection="shoes", q="*", page=2, exhaustive_search=True),
                      models.Search(collection="nowhere", q="*")]))
        self.assertIsInstance(answer, models.ResultList)
        boot, everything, failure = answer.results
        self.assertEqual([hit.document["id"] for hit in boot.hits], ["2"])
        self.assertEqual((everything.page, len(everything.hits)), (2, 1))
        self.assertIsInstance(failure, models.SearchFailure)
        self.assertEqual(failure.code, 404)

    def test_unions_are_typed(self):
        answer = call("post_multi_search", body=models.MultiSearch(union=True, searches=[
            models.Search(collection="shoes", q=q, query_by="title") for q in ("boot", "shoe")]))
        self.assertIsInstance(answer, models.UnionAnswer)
        self.assertEqual({hit.collection for hit in answer.hits}, {"shoes"})
        self.assertEqual([one.q for one in answer.union_request_params], ["boot", "shoe"])


class ResourceTest(unittest.TestCase):
    def test_curation_is_typed(self):
        rule = models.NewCuration.from_dict({
            "id": "first", "rule": {"query": "shoe", "match": "exact"},
            "includes": [{"id": "2", "position": 1}], "excludes": [{"id": "1"}]})
        call("put_curation_sets_name", "sale", body=models.CurationItems(items=[rule]))
        [kept] = call("get_curation_sets_name", "sale").items
        self.assertIsInstance(kept.includes[0], models.CurationInclude)
        self.assertEqual((kept.includes[0].id, kept.includes[0].position), ("2", 1))
        self.assertEqual([one.id for one in kept.excludes], ["1"])
        self.assertIs(kept.rule.match, models.CurationConditionMatch.EXACT)
        found = search(q="shoe", query_by="title", curation_sets="sale")
        self.assertEqual([(hit.document["id"], hit.curated) for hit in found.hits], [("2", True)])

    def test_lines_are_bytes(self):
        lines = b'{"id":"9","title":"x","tags":[],"price":1,"place":[0,0]}'
        types = importlib.import_module(f"{PACKAGE}.types")
        answer = call("post_collections_c_documents_import", "shoes",
                      body=types.File(payload=lines),
                      action=models.PostCollectionsCDocumentsImportAction.EMPLACE)
        self.assertEqual(answer, '{"success":true}')
        deleted = call("delete_collections_c_documents", "shoes", filter_by="id:9")
        self.assertEqual(deleted.num_deleted, 1)

    def test_collections_and_keys_are_typed(self):
        shoes = call("get_collections_c", "shoes")
        self.assertEqual(shoes.num_documents, 2)
        self.assertIn("title", [field.name for field in shoes.fields])
        key = call("post_keys", body=models.NewKey(actions=["documents:search"],
                                                   collections=["*"]))
        self.assertIsInstance(key, models.CreatedKey)
        self.assertEqual(call("get_keys_id", str(key.id)).value_prefix, key.value[:4])


class OperationTest(unittest.TestCase):
    def test_statistics_are_typed(self):
        search(q="*")
        stats = call("get_stats_json")
        self.assertIsInstance(stats, models.Stats)
        self.assertGreater(stats.search_requests_per_second, 0)
        self.assertGreater(stats.search_latency_ms, 0)
        self.assertGreater(stats.write_latency_ms, 0)
        self.assertEqual(stats.overloaded_requests_per_second, 0)
        self.assertGreater(stats.latency_ms["GET /collections/:c/documents/search"], 0)

    def test_states_are_typed(self):
        self.assertTrue(call("get_readyz").ready)
        self.assertGreater(call("get_status").committed_index, 0)
        self.assertIs(call("post_config", body=models.Settings.from_dict(
            {"log-slow-requests-time-ms": 1000})).success, True)


if __name__ == "__main__":
    unittest.main()
