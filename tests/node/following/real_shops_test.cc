#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/following_node.h"

// Two real shops, loaded into PostgreSQL as tables and followed into documents.

namespace cacheindex::test {
namespace {

class RealShopsTest : public testing::Test {
 protected:
  RealShopsTest() : sql_(cluster_.Connection()) {}

  /// Loads one gzipped CSV file with a header.
  void Load(const std::string& folder, const std::string& table) {
    const std::string file = CACHEINDEX_REAL_DATA "/" + folder + "/" + table + ".csv.gz";
    const std::string command = "zcat '" + file + "' | psql -X -q -v ON_ERROR_STOP=1 '" +
                                cluster_.Connection() + "' -c 'COPY \"" + table +
                                "\" FROM STDIN (FORMAT csv, HEADER)'";
    ASSERT_EQ(RunCommand({"sh", "-c", command}, log_.path() / "load.log"), 0)
        << ClusterDirectory::ReadFile(log_.path() / "load.log");
  }

  void Follow(const std::string& configuration) {
    sql_.Execute("CREATE PUBLICATION cacheindex FOR ALL TABLES");
    node_ = std::make_unique<FollowingNode>(cluster_, configuration);
    ASSERT_TRUE(node_->WaitForState("live", std::chrono::seconds(240)))
        << node_->Source().dump(2) << node_->output();
  }

  PostgresCluster cluster_;
  PostgresSession sql_;
  TempDirectory log_;
  std::unique_ptr<FollowingNode> node_;
};

/// The lines of a gzipped file, as JSON.
std::vector<Json> ReadLines(const std::string& file, const TempDirectory& directory) {
  const auto plain = directory.path() / "lines.jsonl";
  EXPECT_EQ(RunCommand({"zcat", file}, plain), 0);
  std::ifstream stream(plain);
  std::vector<Json> lines;
  for (std::string line; std::getline(stream, line);) {
    lines.push_back(Json::parse(line));
  }
  return lines;
}

constexpr const char* kIcecat = R"toml(
[[source.shop.collection]]
name = "icecat"
root = "product"
fields = [
  { name = "name", from = "model" },
  { name = "title" },
  { name = "short_description" },
  { name = "date_released", from = "released_on" },
  { name = "img_500x500", from = "image_url", index = false },
  { name = "supplier", from = "brand.name", facet = true },
  { name = "price", from = "price.amount_cents" },
  { name = "ean", from = "ean.code" },
  { name = "attr_t_*", from = "pivot(product_attribute, attribute.name, text_value)" },
  { name = "attr_n_*", from = "pivot(product_attribute, attribute.name, number_value)" },
  { name = "attr_b_*", from = "pivot(product_attribute, attribute.name, boolean_value)" },
]
)toml";

// The naming: the declaration uses the file's names. The file derives three more addresses of the
// picture from one, which no table has; writes the day of release as a moment; and keeps the EANs
// in no order, where a collection keeps rows in the order of their keys.
Json Normal(Json document, bool is_of_file) {
  for (const char* derived : {"img_high", "img_low", "img_thumb"}) {
    document.erase(derived);
  }
  if (is_of_file && document.contains("date_released")) {
    document["date_released"] = document["date_released"].get<std::string>().substr(0, 10);
  }
  // One product's price table has one row; as an array it is that row's value.
  if (document.contains("price") && document["price"].is_array()) {
    document["price"] = document["price"].at(0);
  }
  if (document.contains("ean")) {
    auto codes = document["ean"].get<std::vector<std::string>>();
    std::sort(codes.begin(), codes.end());
    document["ean"] = codes;
  }
  return document;
}

TEST_F(RealShopsTest, IcecatsTablesBecomeItsDocuments) {
  sql_.Execute(R"(
    CREATE TABLE brand (id bigint PRIMARY KEY, name text NOT NULL);
    CREATE TABLE product (id bigint PRIMARY KEY, brand_id bigint REFERENCES brand, model text,
      title text, short_description text, released_on date, image_url text);
    CREATE TABLE price (product_id bigint PRIMARY KEY REFERENCES product, amount_cents integer,
      currency text);
    CREATE TABLE ean (product_id bigint REFERENCES product, code text,
      PRIMARY KEY (product_id, code));
    CREATE TABLE attribute (id bigint PRIMARY KEY, name text NOT NULL, kind text NOT NULL);
    CREATE TABLE product_attribute (product_id bigint REFERENCES product,
      attribute_id bigint REFERENCES attribute, text_value text, number_value numeric,
      boolean_value boolean, PRIMARY KEY (product_id, attribute_id)))");
  for (const char* table : {"brand", "product", "price", "ean", "attribute", "product_attribute"}) {
    Load("icecat", table);
  }
  Follow(kIcecat);
  const auto shown = node_->Export("icecat");
  const auto lines = ReadLines(CACHEINDEX_REAL_DATA "/icecat/documents.jsonl.gz", log_);
  EXPECT_EQ(lines.size(), 19'406U);
  EXPECT_EQ(shown.size(), lines.size());
  std::size_t different = 0;
  for (const Json& line : lines) {
    const auto found = shown.find(line.at("id").get<std::string>());
    ASSERT_NE(found, shown.end()) << line.at("id");
    const Json expected = Normal(line, true);
    const Json actual = Normal(found->second, false);
    if (expected != actual && ++different <= 3) {
      ADD_FAILURE() << Json::diff(expected, actual).dump(2);
    }
  }
  EXPECT_EQ(different, 0U);
  sql_.Execute("UPDATE brand SET name = 'Hewlett' WHERE name = 'HP'");
  const Json page =
      node_->Get("/collections/icecat/documents/search?q=*&filter_by=supplier:=Hewlett&per_page=0",
                 FollowingNode::AtLeast(sql_));
  EXPECT_EQ(std::to_string(page.at("found").get<int>()),
            sql_.Value("SELECT count(*) FROM product JOIN brand ON brand.id = brand_id "
                       "WHERE brand.name = 'Hewlett'"));
}

constexpr const char* kYanxuan = R"toml(
[[source.shop.collection]]
name = "goods"
root = "goods"
filter = "is_on_sale = 1 and deleted = 0"
enable_nested_fields = true
references = [
  "goods.category_id -> category.id", "goods.brand_id -> brand.id", "category.pid -> category.id",
  "goods_product.goods_id -> goods.id", "goods_specification.goods_id -> goods.id",
  "goods_attribute.goods_id -> goods.id", "comment.value_id -> goods.id",
]
fields = [
  { name = "name", locale = "zh" },
  { name = "brief", locale = "zh" },
  { name = "price", from = "retail_price", type = "float" },
  { name = "gallery", from = "json(gallery)", index = false },
  { name = "brand", from = "brand.name", facet = true },
  { name = "category", from = "levels(category, name, ' > ')", type = "object", facet = true },
  { name = "skus", type = "object[]", from = """
    goods_product{id, price, number, specifications: json(specifications)}""" },
  { name = "attributes", from = "goods_attribute{attribute, value}", type = "object[]" },
  { name = "specifications", type = "object[]", from = """
    goods_specification{specification, value}""" },
  { name = "comment_count", from = "count(comment[where type = 0])" },
  { name = "mean_star", from = "mean(comment[where type = 0].star)", type = "float" },
  { name = "lowest_price", from = "min(goods_product.price)", type = "float" },
]
)toml";

constexpr const char* kGoodsBySql = R"(
  SELECT id::text, jsonb_strip_nulls(jsonb_build_object(
    'id', id::text, 'name', name, 'brief', brief, 'price', retail_price,
    'gallery', gallery::jsonb, 'brand', (SELECT name FROM brand WHERE brand.id = brand_id),
    'category', (
      WITH RECURSIVE up AS (
        SELECT pid, ARRAY[name] AS names FROM category c WHERE c.id = category_id
        UNION ALL
        SELECT category.pid, category.name || names
        FROM category, up WHERE category.id = up.pid)
      SELECT jsonb_object_agg('lvl' || (n - 1), array_to_string(names[1:n], ' > '))
      FROM up, generate_series(1, array_length(names, 1)) AS n
      WHERE NOT EXISTS (SELECT 1 FROM category WHERE category.id = up.pid)),
    'skus', coalesce((SELECT jsonb_agg(jsonb_build_object('id', id, 'price', price,
               'number', number, 'specifications', specifications::jsonb) ORDER BY id)
             FROM goods_product WHERE goods_id = goods.id), '[]'),
    'attributes', coalesce((SELECT jsonb_agg(jsonb_build_object('attribute', attribute,
                              'value', value) ORDER BY id)
                            FROM goods_attribute WHERE goods_id = goods.id), '[]'),
    'specifications', coalesce((SELECT jsonb_agg(jsonb_build_object('specification', specification,
                         'value', value) ORDER BY id)
                       FROM goods_specification WHERE goods_id = goods.id), '[]'),
    'comment_count', (SELECT count(*) FROM comment WHERE value_id = goods.id AND type = 0),
    'mean_star', (SELECT avg(star)::float8 FROM comment WHERE value_id = goods.id AND type = 0),
    'lowest_price', (SELECT min(price) FROM goods_product WHERE goods_id = goods.id)))
  FROM goods WHERE is_on_sale = 1 AND deleted = 0)";

// Numbers that were computed differ in their last digit from the server's.
bool IsClose(const Json& one, const Json& other) {
  if (one.is_number() && other.is_number()) {
    return std::abs(one.get<double>() - other.get<double>()) < 1e-6;
  }
  if (one.type() != other.type() || one.size() != other.size()) {
    return false;
  }
  if (one.is_array() || one.is_object()) {
    for (const auto& [key, value] : one.items()) {
      const bool is_same = one.is_array() ? IsClose(value, other.at(std::stoul(key)))
                                          : other.contains(key) && IsClose(value, other.at(key));
      if (!is_same) {
        return false;
      }
    }
    return true;
  }
  return one == other;
}

TEST_F(RealShopsTest, YanxuansGoodsAreWhatSqlMakesOfThem) {
  sql_.Execute(R"(
    CREATE TABLE brand (id bigint PRIMARY KEY, name text, "desc" text, pic_url text,
      sort_order integer, floor_price numeric, add_time timestamp, update_time timestamp,
      deleted integer);
    CREATE TABLE category (id bigint PRIMARY KEY, name text, keywords text, "desc" text,
      pid bigint, icon_url text, pic_url text, level text, sort_order integer, add_time timestamp,
      update_time timestamp, deleted integer);
    CREATE TABLE goods (id bigint PRIMARY KEY, goods_sn text, name text, category_id bigint,
      brand_id bigint, gallery text, keywords text, brief text, is_on_sale integer,
      sort_order integer, pic_url text, share_url text, is_new integer, is_hot integer, unit text,
      counter_price numeric, retail_price numeric, detail text, add_time timestamp,
      update_time timestamp, deleted integer);
    CREATE TABLE goods_product (id bigint PRIMARY KEY, goods_id bigint, specifications text,
      price numeric, number integer, url text, add_time timestamp, update_time timestamp,
      deleted integer);
    CREATE TABLE goods_specification (id bigint PRIMARY KEY, goods_id bigint, specification text,
      value text, pic_url text, add_time timestamp, update_time timestamp, deleted integer);
    CREATE TABLE goods_attribute (id bigint PRIMARY KEY, goods_id bigint, attribute text,
      value text, add_time timestamp, update_time timestamp, deleted integer);
    CREATE TABLE comment (id bigint PRIMARY KEY, value_id bigint, type integer, content text,
      admin_content text, user_id bigint, has_picture integer, pic_urls text, star integer,
      add_time timestamp, update_time timestamp, deleted integer))");
  for (const char* table : {"brand", "category", "goods", "goods_product", "goods_specification",
                            "goods_attribute", "comment"}) {
    Load("yanxuan", table);
  }
  Follow(kYanxuan);
  const auto compare = [&] {
    const auto shown = node_->Export("goods");
    const auto rows = sql_.Execute(kGoodsBySql);
    EXPECT_EQ(shown.size(), rows.size());
    EXPECT_GT(rows.size(), 200U);
    for (const auto& row : rows) {
      const auto found = shown.find(row.at(0).value());
      ASSERT_NE(found, shown.end()) << row.at(0).value();
      const Json expected = Json::parse(row.at(1).value());
      EXPECT_TRUE(IsClose(expected, found->second)) << Json::diff(expected, found->second).dump(2);
    }
  };
  compare();
  sql_.Execute(
      "UPDATE category SET name = name || '!' WHERE level = 'L1'; DELETE FROM comment WHERE "
      "id % 3 = 0; UPDATE goods_product SET price = price + 1; UPDATE goods SET is_on_sale = 0 "
      "WHERE id % 10 = 0; DELETE FROM brand WHERE id % 2 = 0");
  node_->Get("/collections/goods/documents/search?q=*&per_page=0", FollowingNode::AtLeast(sql_));
  compare();
}

}  // namespace
}  // namespace cacheindex::test
