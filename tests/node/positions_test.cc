// Every read of documents, and of what describes them, answers positions and waits for one.

#include <gmock/gmock.h>

#include <string>
#include <thread>

#include "tests/node/running_node.h"

namespace cacheindex::test {
namespace {

class PositionsTest : public testing::TestWithParam<const char*> {
 protected:
  PositionsTest() {
    node_.Get("POST", "/collections",
              R"({"name":"shop","fields":[{"name":"price","type":"int32"}]})");
    node_.Get("PUT", "/aliases/live", R"({"collection_name":"shop"})");
    Write("1");
  }

  void Write(const std::string& id) {
    node_.Get("POST", "/collections/shop/documents", R"({"id":")" + id + R"(","price":5})");
  }
  HttpReply Read(const std::string& position, const std::string& wait_ms) const {
    HttpClient client(node_.port(), RunningNode::kKey);
    return client.Ask("GET", GetParam(), {},
                      "X-Min-Position: " + position + "\r\nX-Max-Wait-Ms: " + wait_ms + "\r\n");
  }

  RunningNode node_;
};

TEST_P(PositionsTest, AReadWaitsForTheNextWrite) {
  const HttpReply now = node_.Ask("GET", GetParam());
  ASSERT_EQ(now.status, 200) << now.body;
  ASSERT_TRUE(now.headers.contains("x-position"));
  EXPECT_TRUE(now.headers.contains("x-search-position"));
  const std::string next = std::to_string(std::stoull(now.headers.at("x-position")) + 1);
  EXPECT_EQ(Read(next, "20").status, 503);
  EXPECT_EQ(Read("none", "20").status, 400);
  HttpReply later;
  std::jthread reader([&] { later = Read(next, "20000"); });
  Write("2");
  reader.join();
  EXPECT_EQ(later.status, 200);
  EXPECT_GE(std::stoull(later.headers.at("x-position")), std::stoull(next));
  EXPECT_EQ(later.body, node_.Ask("GET", GetParam()).body) << "it shows what it waited for";
}

INSTANTIATE_TEST_SUITE_P(Routes, PositionsTest,
                         testing::Values("/collections", "/collections/shop", "/collections/live",
                                         "/collections/shop/documents/1",
                                         "/collections/shop/documents/batch?ids=1,2",
                                         "/collections/shop/documents/export",
                                         "/collections/live/documents/export?filter_by=price:5"));

TEST(PositionsOfAnExportTest, TheFilterChoosesAtOneMoment) {
  RunningNode node;
  node.Get("POST", "/collections", R"({"name":"shop","fields":[{"name":"price","type":"int32"}]})");
  node.Get("POST", "/collections/shop/documents/import",
           "{\"id\":\"1\",\"price\":5}\n{\"id\":\"2\",\"price\":7}\n{\"id\":\"3\",\"price\":5}");
  const HttpReply some =
      node.Ask("GET", "/collections/shop/documents/export?filter_by=price:5&include_fields=id");
  EXPECT_EQ(some.body, "{\"id\":\"1\"}\n{\"id\":\"3\"}");
  EXPECT_TRUE(some.headers.contains("x-position"));
  const HttpReply none = node.Ask("GET", "/collections/shop/documents/export?filter_by=price:9");
  EXPECT_EQ(none.status, 200);
  EXPECT_EQ(none.body, "");
  EXPECT_TRUE(none.headers.contains("x-position"));
}

}  // namespace
}  // namespace cacheindex::test
