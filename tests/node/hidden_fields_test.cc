#include <gmock/gmock.h>

#include <string>

#include "tests/node/running_node.h"

// Fields with `store: false`: found by, counted by and sorted by, and never shown.

namespace cacheindex::test {
namespace {

using testing::HasSubstr;
using testing::Not;

class HiddenFieldsTest : public testing::Test {
 protected:
  void SetUp() override {
    node_.Get("POST", "/collections", R"({"name":"things","enable_nested_fields":true,"fields":[
        {"name":"title","type":"string"},
        {"name":"cost","type":"float","facet":true,"store":false,"optional":true},
        {"name":"words","type":"string","store":false,"optional":true},
        {"name":"own_.*","type":"string","store":false},
        {"name":"o","type":"object","optional":true},
        {"name":"o.margin","type":"int32","store":false,"optional":true}]})");
    EXPECT_EQ(node_.Ask("POST", kDocuments, kFirst).body, kShown);
    node_.Get("POST", kDocuments, R"({"id":"2","title":"two","cost":2})");
  }

  std::string Body(std::string_view method, const std::string& target, std::string_view body = {}) {
    return node_.Ask(method, target, body).body;
  }

  static constexpr const char* kDocuments = "/collections/things/documents";
  static constexpr const char* kFirst =
      R"({"id":"1","title":"one","cost":1.5,"words":"secret","own_a":"b","o":{"margin":7,"x":1}})";
  static constexpr const char* kShown = R"({"id":"1","o":{"x":1},"title":"one"})";

  RunningNode node_;
};

TEST_F(HiddenFieldsTest, NothingShowsThem) {
  const std::string documents = kDocuments;
  EXPECT_EQ(Body("GET", documents + "/1"), kShown);
  EXPECT_EQ(Body("GET", documents + "/1?include_fields=cost,title"), R"({"title":"one"})");
  EXPECT_EQ(Body("GET", documents + "/batch?ids=1"), "[" + std::string(kShown) + "]");
  EXPECT_EQ(Body("GET", documents + "/export?filter_by=cost:<2"), kShown);
  EXPECT_EQ(Body("GET", documents + "/export?include_fields=cost,id&filter_by=cost:<2"),
            R"({"id":"1"})");
  EXPECT_EQ(Body("POST", documents + "/import?action=upsert&return_doc=true", kFirst),
            R"({"document":)" + std::string(kShown) + R"(,"success":true})");
  EXPECT_EQ(Body("PATCH", documents + "/1", R"({"cost":1.25})"), kShown);
  EXPECT_EQ(Body("DELETE", documents + "/1"), kShown);
}

TEST_F(HiddenFieldsTest, SearchesKnowThem) {
  const std::string search = std::string(kDocuments) + "/search?";
  const std::string found = Body("GET", search + "q=secret&query_by=words,title");
  EXPECT_THAT(found, HasSubstr("\"document\":" + std::string(kShown)));
  EXPECT_THAT(found, Not(HasSubstr("<mark>")));
  const Json page = node_.Search("things", {{"q", "*"},
                                            {"filter_by", "cost:<=2 && o.margin:!=8"},
                                            {"sort_by", "cost:desc"},
                                            {"facet_by", "cost"},
                                            {"include_fields", "id,cost,own_a"}});
  EXPECT_EQ(page.at("found"), 2);
  EXPECT_EQ(page.at("hits").at(0).at("document"), Json({{"id", "2"}}));
  EXPECT_EQ(page.at("facet_counts").at(0).at("stats").at("min"), 1.5);
  EXPECT_EQ(node_.Search("things", {{"q", "*"}, {"filter_by", "own_a:=b"}}).at("found"), 1);
}

TEST_F(HiddenFieldsTest, TheTagIsThatOfWhatIsShown) {
  const std::string target = std::string(kDocuments) + "/1";
  const auto tag = [&] { return node_.Ask("GET", target).headers.at("etag"); };
  const std::string before = tag();
  node_.Get("PATCH", target, R"({"cost":9})");
  EXPECT_EQ(tag(), before) << "the same bytes";
  // The field comes back, shown.
  node_.Get("PATCH", "/collections/things",
            R"({"fields":[{"name":"words","drop":true},
                          {"name":"words","type":"string","optional":true}]})");
  EXPECT_NE(tag(), before);
  EXPECT_THAT(Body("GET", target), HasSubstr(R"("words":"secret")"));
}

TEST_F(HiddenFieldsTest, TheyOutliveWritesThatDoNotNameThem) {
  node_.Get("PATCH", std::string(kDocuments) + "/1", R"({"title":"other"})");
  EXPECT_EQ(node_.Search("things", {{"q", "*"}, {"filter_by", "cost:=1.5"}}).at("found"), 1);
}

}  // namespace
}  // namespace cacheindex::test
