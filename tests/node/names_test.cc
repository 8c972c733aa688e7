// A name means one thing: a collection or an alias.

#include <gmock/gmock.h>

#include <string>
#include <thread>

#include "tests/node/running_node.h"

namespace cacheindex::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;

std::string Schema(const std::string& name) {
  return R"({"name":")" + name + R"(","fields":[{"name":"title","type":"string"}]})";
}

constexpr const char* kOfProducts = R"({"collection_name":"products"})";

TEST(NamesTest, AnAliasCannotHaveTheNameOfACollection) {
  RunningNode node;
  node.Get("POST", "/collections", Schema("products"));
  node.Get("POST", "/collections", Schema("live"));
  const HttpReply refused = node.Ask("PUT", "/aliases/live", kOfProducts);
  EXPECT_EQ(refused.status, 409);
  EXPECT_THAT(refused.body, AllOf(HasSubstr("An alias of `products` named `live`"),
                                  HasSubstr("a collection `live` already exists")));
  EXPECT_EQ(node.Ask("PUT", "/aliases/products", kOfProducts).status, 409);
  EXPECT_EQ(node.Get("GET", "/aliases"), Json::parse(R"({"aliases":[]})"));
  node.Get("DELETE", "/collections/live");
  node.Get("PUT", "/aliases/live", kOfProducts);
  EXPECT_EQ(node.Get("GET", "/collections/live")["name"], "products");
  node.Get("PUT", "/aliases/live", R"({"collection_name":"later"})");
}

TEST(NamesTest, ACollectionCannotHaveTheNameOfAnAlias) {
  RunningNode node;
  node.Get("POST", "/collections", Schema("products"));
  node.Get("PUT", "/aliases/live", kOfProducts);
  for (const char* target : {"/collections", "/collections?src_name=products",
                             "/collections?src_name=live&copy_documents=true"}) {
    const HttpReply refused = node.Ask("POST", target, Schema("live"));
    EXPECT_EQ(refused.status, 409) << target;
    EXPECT_THAT(refused.body, AllOf(HasSubstr("A collection `live`"),
                                    HasSubstr("an alias of `products` named `live`")));
  }
  EXPECT_EQ(node.Get("GET", "/collections").size(), 1U);
  node.Get("DELETE", "/aliases/live");
  node.Get("POST", "/collections", Schema("live"));
}

TEST(NamesTest, OfTwoWhoWantANameAtOnceOneGetsIt) {
  constexpr int kNames = 25;
  RunningNode node;
  for (int i = 0; i < kNames; ++i) {
    const std::string name = "n" + std::to_string(i);
    int created = 0;
    int pointed = 0;
    std::jthread other([&] {
      HttpClient client(node.port(), RunningNode::kKey);
      pointed = client.Ask("PUT", "/aliases/" + name, kOfProducts).status;
    });
    created = node.Ask("POST", "/collections", Schema(name)).status;
    other.join();
    EXPECT_TRUE((created == 201 && pointed == 409) || (created == 409 && pointed == 200))
        << created << " and " << pointed;
  }
}

TEST(NamesTest, ASourceCannotDeclareTheNameOfAnAlias) {
  const TempDirectory directory;
  node::Config config;
  config.data_directory = directory.path() / "data";
  config.http.api_key = RunningNode::kKey;
  config.log.level = "warn";
  {
    auto started = node::Node::Start(config);
    ASSERT_TRUE(started) << started.error().message();
    HttpClient client((*started)->port(), RunningNode::kKey);
    EXPECT_EQ(client.Ask("PUT", "/aliases/items", kOfProducts).status, 200);
  }
  config.sources.resize(1);
  config.sources[0].name = "shop";
  config.sources[0].collections.resize(1);
  config.sources[0].collections[0].name = "items";
  const auto refused = node::Node::Start(config);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code(), ErrorCode::kConflict);
  EXPECT_THAT(refused.error().message(), AllOf(HasSubstr("`shop` declares the collection `items`"),
                                               HasSubstr("an alias of `products` has that name")));
}

}  // namespace
}  // namespace cacheindex::test
