#include <gmock/gmock.h>

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "tests/node/running_node.h"

namespace cacheindex::test {
namespace {

using testing::HasSubstr;

constexpr const char* kSchema = R"({"name":"things","enable_nested_fields":true,"fields":[
  {"name":"title","type":"string"},{"name":"price","type":"float","facet":true},
  {"name":"stock","type":"int32","optional":true},
  {"name":"tags","type":"string[]","facet":true,"optional":true},
  {"name":"in_stock","type":"bool","optional":true}]})";
constexpr const char* kGood = R"({"id":"good","price":1.5,"title":"a good one"})";

class BadInputTest : public testing::Test {
 public:
  BadInputTest(const BadInputTest&) = delete;
  BadInputTest& operator=(const BadInputTest&) = delete;

 protected:
  BadInputTest() {
    node_.Get("POST", "/collections", kSchema);
    node_.Get("POST", "/collections/things/documents", kGood);
  }

  // Whatever was sent before, the node goes on and nothing is lost.
  ~BadInputTest() override {
    EXPECT_EQ(node_.Ask("GET", "/collections/things/documents/good").body, kGood);
    EXPECT_EQ(node_.Search("things", {{"q", "good"}, {"query_by", "title"}}).at("found"), 1);
    EXPECT_EQ(node_.Ask("GET", "/health").body, R"({"ok":true})");
  }

  // The contract's error: a status, and an object with a message for people.
  void Refuses(int status, std::string_view message_part, std::string_view method,
               const std::string& target, std::string_view body = {}) {
    const HttpReply reply = node_.Ask(method, target, body);
    EXPECT_EQ(reply.status, status)
        << method << " " << target.substr(0, 300) << ": " << reply.body.substr(0, 500);
    const Json answer = Json::parse(reply.body, nullptr, /*allow_exceptions=*/false);
    ASSERT_TRUE(answer.is_object() && answer.contains("message")) << reply.body.substr(0, 500);
    EXPECT_THAT(answer.at("message").get<std::string>(), HasSubstr(std::string(message_part)))
        << method << " " << target.substr(0, 300);
    EXPECT_LT(reply.body.size(), 2'000U) << "a message is no dump";
  }

  void RefusesSearch(int status, std::string_view message_part, const std::string& parameters) {
    Refuses(status, message_part, "GET", "/collections/things/documents/search?" + parameters);
  }

  RunningNode node_;
};

TEST_F(BadInputTest, MalformedJsonIsRefusedWithThePlaceWhereItBreaks) {
  for (const char* body :
       {"", "{", "[", "nonsense", R"({"id":"x",})", R"({"id":"x" "title":1})", R"({'id':'x'})",
        R"({"id":"x"} trailing)", "\"just a string\"", "17", "null", "[]", R"({"title":NaN})",
        R"({"title":1e})", R"({"a":"\ud800"})", "{\"a\":\"line\nbreak\"}", R"({"a":"\x41"})"}) {
    Refuses(400, "Bad JSON", "POST", "/collections/things/documents", body);
    Refuses(400, "", "POST", "/collections", body);
    Refuses(400, "", "POST", "/multi_search", body);
  }
  Refuses(400, "Bad JSON", "PATCH", "/collections/things/documents/good", "{");
}

TEST_F(BadInputTest, InvalidUtf8IsRefused) {
  for (const std::string bytes : {"\xff", "\xc3", "\xe4\xb8", "\xed\xa0\x80",
                                  "\xf8\x88\x80\x80\x80", "\xc0\xaf", "\xf4\x90\x80\x80"}) {
    Refuses(400, "Bad JSON", "POST", "/collections/things/documents",
            R"({"id":"x","price":1,"title":")" + bytes + "\"}");
    // In a query it separates words; it never gets into an answer that is no JSON.
    const HttpReply found =
        node_.Ask("GET", "/collections/things/documents/search?query_by=title&q=good" +
                             PercentEncoded(bytes));
    EXPECT_LT(found.status, 500);
    EXPECT_FALSE(Json::parse(found.body, nullptr, false).is_discarded()) << found.body;
    const HttpReply filtered =
        node_.Ask("GET", "/collections/things/documents/search?q=*&filter_by=title:=" +
                             PercentEncoded(bytes) + "&facet_by=" + PercentEncoded(bytes));
    EXPECT_LT(filtered.status, 500);
    EXPECT_FALSE(Json::parse(filtered.body, nullptr, false).is_discarded()) << filtered.body;
  }
}

TEST_F(BadInputTest, ValuesOfAnotherTypeAreRefusedByName) {
  const std::string target = "/collections/things/documents";
  Refuses(400, "`price`", "POST", target, R"({"id":"x","title":"t","price":"cheap"})");
  Refuses(400, "`title`", "POST", target, R"({"id":"x","title":["t"],"price":1})");
  Refuses(400, "`title`", "POST", target, R"({"id":"x","title":{"a":1},"price":1})");
  Refuses(400, "`stock`", "POST", target, R"({"id":"x","title":"t","price":1,"stock":2147483648})");
  Refuses(400, "`stock`", "POST", target, R"({"id":"x","title":"t","price":1,"stock":1.5})");
  Refuses(400, "`tags`", "POST", target, R"({"id":"x","title":"t","price":1,"tags":[1]})");
  Refuses(400, "`in_stock`", "POST", target,
          R"({"id":"x","title":"t","price":1,"in_stock":"yes"})");
  Refuses(400, "`id`", "POST", target, R"({"id":7,"title":"t","price":1})");
  Refuses(400, "`id`", "POST", target, R"({"id":"","title":"t","price":1})");
  Refuses(400, "Field `price` has been declared in the schema, but is not found in the document.",
          "POST", target, R"({"id":"x","title":"t"})");
  Refuses(409, "A document with id good already exists.", "POST", target, kGood);
  Refuses(404, "Could not find a document with id: none", "PATCH", target + "/none", "{}");
  Refuses(404, "Could not find a document with id: x", "GET", target + "/x");
  Refuses(400, "`price`", "PATCH", target + "/good", R"({"price":"cheap"})");
  Refuses(400, "`title`", "PATCH", target + "/good", R"({"title":null})");
}

TEST_F(BadInputTest, IntegersThatDoNotFitAreRefusedNotBent) {
  node_.Get("POST", "/collections", R"({"name":"numbers","fields":[{"name":"n","type":"int64"}]})");
  const std::string target = "/collections/numbers/documents?dirty_values=coerce_or_reject";
  for (const char* number : {"-9223372036854775809", "9223372036854775808", "-9.3e18", "1e19"}) {
    Refuses(400, "`n` must be an int64", "POST", target,
            R"({"id":"x","n":)" + std::string(number) + "}");
  }
  EXPECT_EQ(node_.Get("POST", target, R"({"id":"x","n":-9223372036854775808})").at("n"),
            std::numeric_limits<std::int64_t>::min());
}

TEST_F(BadInputTest, BrokenSchemasAreRefusedByName) {
  for (const char* fields :
       {R"("none")", R"([7])", R"([{"type":"string"}])", R"([{"name":"a"}])",
        R"([{"name":"a","type":"text"}])", R"([{"name":"a","type":"string","facet":"yes"}])",
        R"([{"name":"a","type":"string"},{"name":"a","type":"int32"}])",
        R"([{"name":"a(","type":"auto"}])", R"([{"name":"o","type":"object"}])"}) {
    Refuses(400, "", "POST", "/collections",
            R"({"name":"new","fields":)" + std::string(fields) + "}");
  }
  Refuses(400, "`fields`", "POST", "/collections", R"({"name":"new"})");
  Refuses(400, "`name`", "POST", "/collections", R"({"fields":[]})");
  Refuses(400, "Default sorting field", "POST", "/collections",
          R"({"name":"new","fields":[],"default_sorting_field":"none"})");
  Refuses(409, "A collection with name `things` already exists.", "POST", "/collections", kSchema);
  Refuses(404, "Not Found", "GET", "/no/such/route");
  Refuses(404, "", "GET", "/collections/none");
  Refuses(404, "", "GET", "/collections/new");
  Refuses(404, "Collection not found", "GET", "/collections/none/documents/search?q=*");
}

TEST_F(BadInputTest, QueriesThatNameUnknownFieldsSayWhich) {
  RefusesSearch(404, "Could not find a field named `none` in the schema.", "q=a&query_by=none");
  RefusesSearch(404, "Could not find a filter field named `none` in the schema.",
                "q=*&filter_by=none:1");
  RefusesSearch(404, "Could not find a facet field named `none` in the schema.",
                "q=*&facet_by=none");
  RefusesSearch(404, "Could not find a facet field named `title` in the schema.",
                "q=*&facet_by=title");
  RefusesSearch(404, "Could not find a field named `none` in the schema for sorting.",
                "q=*&sort_by=none:asc");
  RefusesSearch(400, "Parameter `q` is required.", "query_by=title");
  RefusesSearch(400, "No search fields specified for the query.", "q=a");
  RefusesSearch(400, "Number of weights in `query_by_weights` does not match",
                "q=a&query_by=title&query_by_weights=1,2");
  RefusesSearch(400, "price", "q=a&query_by=price");
  RefusesSearch(400, "facet_query", "q=*&facet_by=price&facet_query=none:a");
}

TEST_F(BadInputTest, PagesBeyondTheLimitsAreRefused) {
  RefusesSearch(422, "Only upto 250 hits can be fetched per page.", "q=*&per_page=251");
  RefusesSearch(422, "", "q=*&per_page=250&page=4294967295");
  RefusesSearch(422, "", "q=*&per_page=10&page=100001");
  RefusesSearch(400, "must be an unsigned integer", "q=*&page=-1");
  RefusesSearch(400, "must be an unsigned integer", "q=*&per_page=ten");
  RefusesSearch(400, "must be an unsigned integer", "q=*&page=99999999999999999999");
  RefusesSearch(422, "", "q=*&offset=4294967295&limit=250");
  RefusesSearch(422, "Only upto 3 sort_by fields can be specified.",
                "q=*&sort_by=price:asc,stock:asc,in_stock:asc,price:desc");
  RefusesSearch(400, "Query string exceeds max allowed length of 4000.",
                "q=*&filter_by=title:" + std::string(4'000, 'a'));
}

TEST_F(BadInputTest, BrokenFiltersSayWhatIsWrong) {
  for (const char* filter :
       {"price",           "price:",      "price:=",      "price:>",     ":=1",
        "(price:1",        "price:1)",    "price:1 &&",   "&& price:1",  "price:1 || || price:2",
        "price:[1,2",      "price:[]",    "price:[1,,2]", "price:cheap", "price:1..",
        "price:..1",       "price:[1..2", "price:>[1,2]", "stock:1.5",   "stock:2147483648",
        "in_stock:maybe",  "title:`open", "title:>a",     "tags:[`a`",   "price:1 price:2",
        "$other(price:1)", "((((price:1", "title:`a` b"}) {
    const HttpReply reply = node_.Ask(
        "GET", "/collections/things/documents/search?q=*&filter_by=" + PercentEncoded(filter));
    EXPECT_EQ(reply.status, 400) << filter << ": " << reply.body;
    EXPECT_GT(Json::parse(reply.body).at("message").get<std::string>().size(), 20U) << filter;
    Refuses(400, "", "DELETE", "/collections/things/documents?filter_by=" + PercentEncoded(filter));
  }
  std::string deep = std::string(1'000, '(') + "price:1" + std::string(1'000, ')');
  RefusesSearch(422, "parentheses", "q=*&filter_by=" + deep);
  Refuses(400, "Parameter `filter_by` must be provided.", "DELETE",
          "/collections/things/documents");
}

TEST_F(BadInputTest, BrokenSortsAndFacetsSayWhatIsWrong) {
  for (const char* sort : {"price", "price:up", ":asc", "price:asc,,", "tags:asc", "title:asc",
                           "price(missing_values:sometimes):asc", "_text_match(buckets:x):desc",
                           "price)missing(:asc"}) {
    const HttpReply reply = node_.Ask(
        "GET", "/collections/things/documents/search?q=*&sort_by=" + PercentEncoded(sort));
    EXPECT_TRUE(reply.status == 400 || reply.status == 404) << sort << ": " << reply.body;
  }
  for (const char* facet :
       {"price(", "price()", "price(a:[1,2)", "price(a:[2,1])", "price(a:[x,y])", "tags(a:[1,2])",
        "price(sort_by:_alpha)", "price(sort_by:none:asc)", "price(what:1)", ",price"}) {
    const HttpReply reply = node_.Ask(
        "GET", "/collections/things/documents/search?q=*&facet_by=" + PercentEncoded(facet));
    EXPECT_TRUE(reply.status == 400 || reply.status == 404) << facet << ": " << reply.body;
  }
}

TEST_F(BadInputTest, ABrokenLineNeverStopsTheRestOfAnImport) {
  const std::string long_id(181, 'x');
  const HttpReply reply = node_.Ask("POST", "/collections/things/documents/import",
                                    "{\"id\":\"1\",\"title\":\"one\",\"price\":1}\n"
                                    "{\"id\":\"2\",\"title\":\"tw\n"
                                    "\xff\n"
                                    "{\"id\":\"good\",\"title\":\"again\",\"price\":1}\n"
                                    "{\"id\":\"4\",\"title\":4,\"price\":1}\n"
                                    "{\"id\":\"" +
                                        long_id +
                                        "\",\"title\":\"t\",\"price\":1}\n"
                                        "[]\n"
                                        "{\"id\":\"5\",\"title\":\"five\",\"price\":5}");
  EXPECT_EQ(reply.status, 200);
  const auto answers = LinesOf(reply.body);
  ASSERT_EQ(answers.size(), 8U) << reply.body;
  const std::vector<int> codes = {0, 400, 400, 409, 400, 400, 400, 0};
  for (std::size_t i = 0; i < codes.size(); ++i) {
    const Json answer = Json::parse(answers[i]);
    EXPECT_EQ(answer.at("success"), codes[i] == 0) << answers[i];
    if (codes[i] != 0) {
      EXPECT_EQ(answer.at("code"), codes[i]) << answers[i];
      EXPECT_FALSE(answer.at("error").get<std::string>().empty());
    }
  }
  EXPECT_EQ(node_.Search("things", {{"q", "*"}}).at("found"), 3);
}

TEST_F(BadInputTest, AnEmptyImportAnswersAndChangesNothing) {
  for (const char* body : {"", "\n", "\n\n\r\n"}) {
    const HttpReply reply = node_.Ask("POST", "/collections/things/documents/import", body);
    EXPECT_LT(reply.status, 500) << reply.body;
  }
  EXPECT_EQ(node_.Search("things", {{"q", "*"}}).at("found"), 1);
  Refuses(404, "", "POST", "/collections/none/documents/import", "{}");
  Refuses(400, "action", "POST", "/collections/things/documents/import?action=destroy", kGood);
  Refuses(400, "return_id", "POST", "/collections/things/documents/import?return_id=1", kGood);
  Refuses(400, "dirty_values", "POST", "/collections/things/documents/import?dirty_values=x",
          kGood);
}

TEST_F(BadInputTest, LongValuesAreStoredOrRefusedAsAWhole) {
  constexpr std::size_t kBytes = 10'000'000;
  // One word of ten million letters, in an indexed field: cut for the index, kept in the document.
  const std::string word = R"({"id":"word","price":1,"title":")" + std::string(kBytes, 'w') + "\"}";
  EXPECT_EQ(node_.Ask("POST", "/collections/things/documents", word).status, 201);
  const HttpReply stored = node_.Ask("GET", "/collections/things/documents/word");
  EXPECT_TRUE(stored.body == word) << stored.body.size();
  // Millions of words in an indexed field are no title.
  std::string words;
  while (words.size() < kBytes) {
    words += "w" + std::to_string(words.size()) + " ";
  }
  Refuses(422, "`title`", "POST", "/collections/things/documents",
          R"({"id":"words","price":1,"title":")" + words + "\"}");
  // Where nobody searches, there may be a lot.
  const std::string unindexed =
      R"({"id":"free","price":1,"text":")" + words + R"(","title":"short"})";
  EXPECT_EQ(node_.Ask("POST", "/collections/things/documents", unindexed).status, 201);
  EXPECT_TRUE(node_.Ask("GET", "/collections/things/documents/free").body ==
              DumpJson(Json::parse(unindexed)));
  // A facet value becomes an entry of a dictionary.
  Refuses(422, "`tags`", "POST", "/collections/things/documents",
          R"({"id":"tag","price":1,"title":"t","tags":[")" + std::string(10'000, 't') + "\"]}");
  EXPECT_EQ(node_.Search("things", {{"q", "*"}}).at("found"), 3);
}

TEST_F(BadInputTest, DocumentsOfAnyDepthAreStoredOrRefused) {
  for (const std::size_t depth : {10U, 60U, 100U, 5'000U, 1'000'000U}) {
    const std::string deep = R"({"id":"deep","price":1,"title":"t","deep":)" +
                             std::string(depth, '[') + std::string(depth, ']') + "}";
    const HttpReply reply = node_.Ask("POST", "/collections/things/documents?action=upsert", deep);
    EXPECT_EQ(reply.status, depth <= 60 ? 201 : 400) << depth << reply.body.substr(0, 200);
    const HttpReply objects =
        node_.Ask("POST", "/multi_search", std::string(depth, '[') + std::string(depth, ']'));
    EXPECT_EQ(objects.status, 400);
  }
}

TEST_F(BadInputTest, IdsOfAnyBytesAreFoundAgain) {
  const std::vector<std::string> ids = {"a/b",
                                        "a?b=c",
                                        "#hash",
                                        "100%",
                                        "two words",
                                        "a&b",
                                        "é中😀",
                                        "..",
                                        ".",
                                        "%2F",
                                        "a:b,c",
                                        "`tick`",
                                        "\"quote\"",
                                        "back\\slash",
                                        "tab\tnewline\n",
                                        std::string("nul\0inside", 10),
                                        std::string(180, 'x'),
                                        "export",
                                        "search",
                                        "import",
                                        "batch"};
  for (const std::string& id : ids) {
    const Json document = {{"id", id}, {"title", "any"}, {"price", 2.0}};
    const HttpReply created =
        node_.Ask("POST", "/collections/things/documents", DumpJson(document));
    ASSERT_EQ(created.status, 201) << PercentEncoded(id) << created.body;
  }
  std::size_t left = ids.size();
  for (const std::string& id : ids) {
    const std::string shown = PercentEncoded(id);
    // Names of routes are no documents, as for every client of this contract.
    const bool is_route = id == "export" || id == "search" || id == "batch";
    const std::string target = "/collections/things/documents/" + shown;
    if (!is_route) {
      const HttpReply read = node_.Ask("GET", target);
      EXPECT_EQ(read.status, 200) << shown << read.body;
      EXPECT_EQ(Json::parse(read.body).at("id"), id);
    }
    if (id.find('`') == std::string::npos) {
      EXPECT_EQ(node_.Search("things", {{"q", "*"}, {"filter_by", "id:=`" + id + "`"}}).at("found"),
                1)
          << shown;
    }
    EXPECT_EQ(node_.Ask("PATCH", target, R"({"price":3})").status, 200) << shown;
    EXPECT_EQ(node_.Ask("DELETE", target).status, 200) << shown;
    EXPECT_EQ(node_.Search("things", {{"q", "*"}, {"filter_by", "price:>1.6"}}).at("found"),
              --left);
  }
  Refuses(400, "180", "POST", "/collections/things/documents",
          R"({"price":1,"title":"t","id":")" + std::string(181, 'x') + "\"}");
  Refuses(404, "Could not find a document", "GET",
          "/collections/things/documents/" + std::string(500, 'x'));
}

TEST_F(BadInputTest, NamesOfCollectionsMayHoldAnyBytesToo) {
  for (const std::string name : {"a/b", "with space", "é中😀", "q?x=1&y#z", "a:=b", "%41"}) {
    const Json schema = {{"name", name}, {"fields", {{{"name", "t"}, {"type", "string"}}}}};
    ASSERT_EQ(node_.Ask("POST", "/collections", DumpJson(schema)).status, 201) << name;
    const std::string target = "/collections/" + PercentEncoded(name);
    EXPECT_EQ(node_.Get("GET", target).at("name"), name);
    node_.Get("POST", target + "/documents", R"({"id":"1","t":"word"})");
    const Json found = node_.Search(name, {{"q", "word"}, {"query_by", "t"}});
    EXPECT_EQ(found.at("found"), 1);
    EXPECT_EQ(found.at("request_params").at("collection_name"), name);
    EXPECT_EQ(node_.Ask("DELETE", target).status, 200);
  }
  Refuses(400, "", "POST", "/collections",
          R"({"fields":[],"name":")" + std::string(300, 'n') + "\"}");
}

TEST_F(BadInputTest, OneBadSearchOfManyFailsAlone) {
  const Json answer = node_.Get("POST", "/multi_search?collection=things", R"({"searches":[
    {"q":"*"},{"q":"*","filter_by":"none:1"},{"collection":"none","q":"*"},
    {"q":"*","per_page":251},{"q":"good","query_by":"title"}]})");
  const Json& results = answer.at("results");
  ASSERT_EQ(results.size(), 5U);
  EXPECT_EQ(results[0].at("found"), 1);
  EXPECT_EQ(results[1].at("code"), 404);
  EXPECT_EQ(results[2], Json({{"code", 404}, {"error", "Collection not found"}}));
  EXPECT_EQ(results[3].at("code"), 422);
  EXPECT_EQ(results[4].at("found"), 1);
  Refuses(400, "Missing `searches` array.", "POST", "/multi_search", R"({"q":"*"})");
}

TEST_F(BadInputTest, HitsAndBatchesOfTooManyBytesAreRefused) {
  // Five of them are 150 MiB. A field that the schema does not name is only stored.
  std::string ids;
  for (const std::string id : {"1", "2", "3", "4", "5"}) {
    const std::string body = R"({"title":"huge","price":9,"id":")" + id + R"(","other":")" +
                             std::string(std::size_t{30} << 20, 'x') + "\"}";
    ASSERT_EQ(node_.Ask("POST", "/collections/things/documents", body).status, 201);
    ids += (ids.empty() ? "" : ",") + id;
  }
  RefusesSearch(413, "The hits have more than 128 MiB", "q=*&filter_by=price:9");
  const std::string batch = "/collections/things/documents/batch?ids=" + ids;
  Refuses(413, "The documents have more than 128 MiB", "GET", batch);
}

TEST_F(BadInputTest, ASearchWithoutTimeShowsNoHitsAndSaysSo) {
  for (const char* grouped : {"", "price"}) {
    const Json cut =
        node_.Search("things", {{"q", "*"}, {"search_cutoff_ms", 0}, {"group_by", grouped}});
    EXPECT_TRUE(cut.at("search_cutoff"));
    EXPECT_THAT(cut.at(*grouped == '\0' ? "hits" : "grouped_hits"), testing::IsEmpty());
  }
}

TEST_F(BadInputTest, WithoutTheKeyThereIsNothing) {
  HttpClient stranger(node_.port(), "wrong");
  for (const char* target : {"/collections", "/collections/things/documents/good",
                             "/collections/things/documents/search?q=*"}) {
    const HttpReply reply = stranger.Ask("GET", target);
    EXPECT_EQ(reply.status, 401) << target;
    EXPECT_EQ(reply.body,
              R"({"message":"Forbidden - a valid `x-typesense-api-key` header must be sent."})");
  }
  EXPECT_EQ(stranger.Ask("DELETE", "/collections/things").status, 401);
  EXPECT_EQ(stranger.Ask("GET", "/health").status, 200);
}

}  // namespace
}  // namespace cacheindex::test
