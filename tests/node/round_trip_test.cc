#include <gmock/gmock.h>

#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "tests/node/running_node.h"

namespace cacheindex::test {
namespace {

constexpr const char* kSchema =
    R"({"name":"things","enable_nested_fields":true,"fields":[{"name":".*","type":"auto"}]})";
constexpr const char* kPlainSchema =
    R"({"name":"things","fields":[{"name":"title","type":"string","optional":true}]})";

// Values whose bytes are easily changed on their way.
const std::vector<std::string>& HardValues() {
  static const std::vector<std::string> kValues = {
      "0",
      "-0.0",
      "0.1",
      "1e-7",
      "1.7976931348623157e+308",
      "5e-324",
      "123456789.123456789",
      "100000000000000000000.0",
      "9223372036854775807",
      "-9223372036854775808",
      "18446744073709551615",
      "9007199254740993",
      "12345678901234567890123",
      "-0.1234567890123456789",
      "[1,1e400,{\"a\":2.50,\"b\":1.5E-999}]",
      "true",
      "null",
      "[]",
      "{}",
      R"([[],[1,[2,{"a":[null]}]]])",
      R"("")",
      R"("\"\\\/\b\f\n\r\t\u0001\u001f")",
      R"("\u00e9\u4e2d\ud83d\ude00")",
      R"("é中😀👨‍👩‍👧 \u200d")",
      R"("\u0000 in the middle \u0000")",
      R"("</script><!-- & ' -->")",
      "\"\u2028\u2029\ufeff\"",
      R"({"z":1,"a":{"Z":2,"_":3,"é":4,"":5},"B":[1.0,1,1e0]})",
  };
  return kValues;
}

TEST(RoundTripTest, EveryValueComesBackAsItsCompactSortedForm) {
  RunningNode node;
  node.Get("POST", "/collections", kPlainSchema);
  for (std::size_t i = 0; i < HardValues().size(); ++i) {
    const std::string id = std::to_string(i);
    const std::string sent = "{ \"value\" : " + HardValues()[i] + " , \"id\":\"" + id + "\" }";
    const std::string expected = DumpJson(*ParseJson(sent));
    const HttpReply created = node.Ask("POST", "/collections/things/documents", sent);
    EXPECT_EQ(created.status, 201) << sent << created.body;
    EXPECT_EQ(created.body, expected);
    EXPECT_EQ(node.Ask("GET", "/collections/things/documents/" + id).body, expected);
  }
}

TEST(RoundTripTest, TheCompactFormIsStable) {
  // What the expectation above rests on: the printed form parses to itself.
  for (const std::string& value : HardValues()) {
    const std::string once = DumpJson(*ParseJson(value));
    EXPECT_EQ(DumpJson(*ParseJson(once)), once);
  }
}

std::string RandomString(std::mt19937_64& random) {
  static const std::vector<std::string> kPieces = {
      "a", "Z",    " ", "\\\"",           "\\\\", "\\n", "\\u0007",
      "é", "中文", "😀", "\\ud83d\\ude80", "&",    "/",   "'"};
  std::string text = "\"";
  for (std::size_t i = random() % 12; i > 0; --i) {
    text += kPieces[random() % kPieces.size()];
  }
  return text + "\"";
}

std::string RandomValue(std::mt19937_64& random, int depth) {
  switch (random() % (depth > 0 ? 8 : 6)) {
    case 0:
      return std::to_string(static_cast<std::int64_t>(random()));
    case 1:
      return std::to_string(static_cast<std::int64_t>(random() % 2000) - 1000) + "." +
             std::to_string(random() % 100000);
    case 2:
      return random() % 2 == 0 ? "true" : "false";
    case 3:
      return "null";
    case 4:
    case 5:
      return RandomString(random);
    case 6: {
      std::string array = "[";
      for (std::size_t i = random() % 4; i > 0; --i) {
        array += (array.size() > 1 ? ", " : "") + RandomValue(random, depth - 1);
      }
      return array + "]";
    }
    default: {
      std::string object = "{";
      for (std::size_t i = random() % 4; i > 0; --i) {
        object += (object.size() > 1 ? ", " : "") + std::string("\"k") + std::to_string(i) +
                  "\": " + RandomValue(random, depth - 1);
      }
      return object + "}";
    }
  }
}

// Imports random documents; returns what the export must be.
std::map<std::string, std::string> ImportRandom(RunningNode& node, std::uint64_t seed,
                                                std::size_t count) {
  std::mt19937_64 random(seed);
  std::map<std::string, std::string> expected;
  std::string body;
  for (std::size_t i = 0; i < count; ++i) {
    const std::string id = "id-" + std::to_string(random() % 1'000'000);
    const std::string line = R"({"free":)" + RandomValue(random, 4) + R"(,"id":")" + id +
                             R"(","list":[)" + RandomValue(random, 2) + R"(],"title":)" +
                             RandomString(random) + "}";
    body += line + (i + 1 < count ? "\n" : "");
    expected[id] = DumpJson(Json::parse(line));
  }
  const HttpReply imported =
      node.Ask("POST", "/collections/things/documents/import?action=upsert", body);
  EXPECT_EQ(imported.status, 200);
  const auto answers = LinesOf(imported.body);
  EXPECT_EQ(answers.size(), count);
  EXPECT_THAT(answers, testing::Each(R"({"success":true})"));
  return expected;
}

TEST(RoundTripTest, TheExportOfAnImportIsTheImport) {
  constexpr std::uint64_t kSeed = 20;
  RunningNode node;
  node.Get("POST", "/collections", kPlainSchema);
  const auto expected = ImportRandom(node, kSeed, 3'000);
  const auto lines = LinesOf(node.Ask("GET", "/collections/things/documents/export").body);
  ASSERT_EQ(lines.size(), expected.size());
  auto line = lines.begin();
  for (const auto& [id, document] : expected) {
    ASSERT_EQ(*line++, document);
    ASSERT_EQ(node.Ask("GET", "/collections/things/documents/" + id).body, document);
  }
}

TEST(RoundTripTest, ImportingAnExportElsewhereGivesTheSameExport) {
  RunningNode first;
  first.Get("POST", "/collections", kPlainSchema);
  ImportRandom(first, 21, 500);
  const std::string exported = first.Ask("GET", "/collections/things/documents/export").body;
  RunningNode second;
  second.Get("POST", "/collections", kPlainSchema);
  second.Ask("POST", "/collections/things/documents/import", exported);
  EXPECT_EQ(second.Ask("GET", "/collections/things/documents/export").body, exported);
}

TEST(RoundTripTest, HitsAndBatchesShowTheStoredBytes) {
  RunningNode node;
  node.Get("POST", "/collections", kSchema);
  const std::string document =
      R"({"big":9007199254740993,"id":"1","nested":{"f":0.1,"t":"é\n😀"},"title":"one two"})";
  node.Get("POST", "/collections/things/documents", document);
  const HttpReply found =
      node.Ask("GET", "/collections/things/documents/search?q=two&query_by=title");
  EXPECT_THAT(found.body, testing::HasSubstr("\"document\":" + document));
  EXPECT_EQ(node.Ask("GET", "/collections/things/documents/batch?ids=1,none").body,
            "[" + document + ",null]");
}

TEST(RoundTripTest, LongNumbersSurviveMergesAndProjections) {
  RunningNode node;
  node.Get("POST", "/collections", kPlainSchema);
  const std::string member = R"("o":{"a":12345678901234567890123,"b":[0.1234567890123456789]})";
  node.Get("POST", "/collections/things/documents", R"({"id":"1",)" + member + "}");
  const std::string merged = R"({"id":"1",)" + member + R"(,"title":"x"})";
  EXPECT_EQ(node.Ask("PATCH", "/collections/things/documents/1", R"({"title":"x"})").body, merged);
  EXPECT_EQ(node.Ask("GET", "/collections/things/documents/1?include_fields=o.b").body,
            R"({"o":{"b":[0.1234567890123456789]}})");
  EXPECT_THAT(node.Ask("GET",
                       "/collections/things/documents/search?q=x&query_by=title&"
                       "exclude_fields=o.b")
                  .body,
              testing::HasSubstr(R"("o":{"a":12345678901234567890123})"));
  EXPECT_EQ(node.Ask("GET", "/collections/things/documents/export").body, merged);
}

TEST(RoundTripTest, ReturnedDocumentsAndIdsAreThoseThatAreStored) {
  RunningNode node;
  node.Get("POST", "/collections", kPlainSchema);
  const HttpReply imported =
      node.Ask("POST", "/collections/things/documents/import?return_id=true&return_doc=true",
               "{\"title\":\"x\",\"a\":1.50}\n{\"id\":\"mine\",\"b\":[ ]}");
  EXPECT_EQ(imported.body, R"({"document":{"a":1.5,"id":"0","title":"x"},"id":"0","success":true})"
                           "\n"
                           R"({"document":{"b":[],"id":"mine"},"id":"mine","success":true})");
}

}  // namespace
}  // namespace cacheindex::test
