#include <gmock/gmock.h>

#include <memory>
#include <string>

#include "tests/support/following_node.h"

// What the names of declared fields mean, however they begin alike.

namespace cacheindex::test {
namespace {

constexpr const char* kSource = R"toml(
[[source.shop.collection]]
name = "items"
root = "item"
fields = [
  { name = "price.*", from = "pivot(price, currency, amount)", type = "float" },
  { name = "prices", from = "prices", type = "int32" },
  { name = "price_old", from = "price_old", type = "string" },
  { name = "opt.*", from = "pivot(opt, name, value)", type = "string[]", facet = true },
  { name = "opt_en.*", from = "pivot(opt_en, name, value)", type = "string", facet = true },
  { name = "a.*", from = "pivot(opt_en, name, value)", type = "string" },
  { name = "address", from = "address" },
]
)toml";

TEST(DeclaredNamesTest, AStarTakesNoNameThatOnlyBeginsAlike) {
  const PostgresCluster cluster;
  PostgresSession sql(cluster.Connection());
  sql.Execute(
      "CREATE TABLE item (id int PRIMARY KEY, prices int, price_old text, address text);"
      "CREATE TABLE price (item_id int REFERENCES item, currency char(5), amount numeric,"
      "  PRIMARY KEY (item_id, currency));"
      "CREATE TABLE opt (id int PRIMARY KEY, item_id int REFERENCES item, name text, value text);"
      "CREATE TABLE opt_en (id int PRIMARY KEY, item_id int REFERENCES item, name text,"
      "  value text);"
      "INSERT INTO item VALUES (1, 12, '9.99', 'Main St 5'), (2, 7, NULL, '5');"
      "INSERT INTO price VALUES (1, 'EUR', 1.5);"
      "INSERT INTO opt VALUES (1, 1, 'size', 'L'), (2, 1, 'size', 'M');"
      "INSERT INTO opt_en VALUES (1, 1, 'ddress', '77'), (2, 1, 'size', 'large');"
      "CREATE PUBLICATION cacheindex FOR ALL TABLES");
  FollowingNode node(cluster.Connection(), kSource);
  ASSERT_TRUE(node.WaitForState("live")) << node.Source().dump(2) << node.output();
  const auto document = [&](const std::string& id) {
    return Json::parse(node.Ask("GET", "/collections/items/documents/" + id).body);
  };
  EXPECT_EQ(document("1"), Json::parse(R"({"id": "1", "price": {"EUR": 1.5}, "prices": 12,
      "price_old": "9.99", "opt": {"size": ["L", "M"]}, "opt_en": {"ddress": "77", "size": "large"},
      "a": {"ddress": "77", "size": "large"}, "address": "Main St 5"})"));
  EXPECT_EQ(document("2"), Json::parse(R"({"id": "2", "prices": 7, "address": "5"})"));
  std::vector<std::string> names;
  Json collection = Json::parse(node.Ask("GET", "/collections/items").body);
  for (const Json& field : collection["fields"]) {
    names.push_back(field["name"].get<std::string>());
  }
  EXPECT_THAT(names, testing::IsSupersetOf({"price.*", "prices", "price_old", "opt.*", "opt_en.*",
                                            "a.*", "address", "price.EUR", "opt.size"}));
  for (const Json& field : collection["fields"]) {
    if (field["name"] == "prices" || field["name"] == "price_old" || field["name"] == "address") {
      EXPECT_EQ(field["type"], field["name"] == "prices" ? "int32" : "string") << field;
    }
  }
  const Json found =
      Json::parse(node.Ask("GET",
                           "/collections/items/documents/search?q=*&filter_by=price.EUR:%3C2%26%26"
                           "opt.size:=M%26%26prices:=12")
                      .body);
  EXPECT_EQ(found["found"], 1) << found;
}

}  // namespace
}  // namespace cacheindex::test
