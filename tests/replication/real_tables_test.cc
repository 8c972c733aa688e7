#include <algorithm>
#include <cstdio>
#include <set>

#include "tests/replication/applier_fixture.h"

// Two real shops' tables, copied and assembled; one of them is also known as documents.

namespace cacheindex::replication {
namespace {

/// The lines of a compressed file.
class Unpacked {
 public:
  explicit Unpacked(const std::string& file)
      : pipe_(::popen(("gzip -dc '" + file + "'").c_str(), "r")) {}
  ~Unpacked() { ::pclose(pipe_); }
  Unpacked(const Unpacked&) = delete;
  Unpacked& operator=(const Unpacked&) = delete;

  int Next() { return std::fgetc(pipe_); }
  std::optional<std::string> NextLine() {
    std::string line;
    int byte = Next();
    if (byte == EOF) {
      return std::nullopt;
    }
    for (; byte != EOF && byte != '\n'; byte = Next()) {
      line += static_cast<char>(byte);
    }
    return line;
  }

 private:
  std::FILE* pipe_;
};

/// Reads the next record of comma-separated values; an empty field is null.
std::optional<Row> NextRecord(Unpacked& file) {
  Row row;
  std::string field;
  bool is_quoted = false;
  int byte = file.Next();
  if (byte == EOF) {
    return std::nullopt;
  }
  for (;; byte = file.Next()) {
    if (is_quoted && byte != EOF) {
      if (byte != '"') {
        field += static_cast<char>(byte);
        continue;
      }
      byte = file.Next();
      if (byte == '"') {
        field += '"';
        continue;
      }
      is_quoted = false;
    }
    if (byte == ',' || byte == '\n' || byte == EOF) {
      row.push_back(field.empty() ? NullValue() : TextValue(std::move(field)));
      field.clear();
      if (byte != ',') {
        return row;
      }
    } else if (byte == '"') {
      is_quoted = true;
    } else if (byte != '\r') {
      field += static_cast<char>(byte);
    }
  }
}

class RealTablesTest : public ApplierTest {
 protected:
  void CopyAll(const std::string& shop) {
    ASSERT_THAT(applier_->Begin({}, LogPosition{100}), Succeeds());
    for (const auto& table : tables_) {
      Unpacked file(std::string(CACHEINDEX_REAL_DATA) + "/" + shop + "/" + table->name + ".csv.gz");
      static_cast<void>(NextRecord(file));
      std::vector<Row> rows;
      bool is_left = true;
      while (is_left) {
        auto row = NextRecord(file);
        is_left = row.has_value();
        if (row) {
          for (std::size_t i = 0; i < row->size(); ++i) {
            // As PostgreSQL prints them.
            if (table->columns[i].base_type == kBoolean) {
              std::string& text = (*row)[i].text;
              text = text == "1" || text == "True" ? "t" : (text.empty() ? "" : "f");
            }
          }
          rows.push_back(*std::move(row));
        }
        if (!is_left || rows.size() == Applier::kChunkRowsMax) {
          ASSERT_THAT(Copy(table, rows, 100, !is_left), Succeeds());
          rows.clear();
        }
      }
    }
    Build();
  }
};

TEST_F(RealTablesTest, EachIcecatDocumentIsTheOneThatTheShopHas) {
  const auto key = [](const char* column, std::uint32_t table) {
    return Table::ForeignKey{
        .columns = {column}, .referenced_oid = table, .referenced_columns = {"id"}};
  };
  const auto pivot = [](const std::string& kind) {
    return Json{{"name", "attr_" + kind.substr(0, 1) + "_*"},
                {"from", "pivot(product_attribute[where attribute.kind = '" + kind +
                             "'], attribute.name, " + kind + "_value)"}};
  };
  Open({{"name", "products"},
        {"root", "product"},
        {"fields",
         Json::array({{{"name", "name"}, {"from", "model"}},
                      {{"name", "title"}},
                      {{"name", "short_description"}},
                      {{"name", "ean"}, {"from", "ean.code"}},
                      {{"name", "img_500x500"}, {"from", "image_url"}},
                      {{"name", "date_released"}, {"from", "concat(released_on, 'T00:00:00Z')"}},
                      {{"name", "supplier"}, {"from", "brand.name"}},
                      {{"name", "price"}, {"from", "price.amount_cents"}},
                      pivot("text"),
                      pivot("number"),
                      pivot("boolean")})}},
       {MakeTable(1, "brand", {{"id", kInteger, true}, {"name"}}),
        MakeTable(2, "product",
                  {{"id", kInteger, true},
                   {"brand_id", kInteger},
                   {"model"},
                   {"title"},
                   {"short_description"},
                   {"released_on"},
                   {"image_url"}},
                  {key("brand_id", 1)}),
        MakeTable(3, "price",
                  {{"product_id", kInteger, true}, {"amount_cents", kInteger}, {"currency"}},
                  {key("product_id", 2)}),
        MakeTable(4, "ean", {{"product_id", kInteger, true}, {"code", kText, true}},
                  {key("product_id", 2)}),
        MakeTable(5, "attribute", {{"id", kInteger, true}, {"name"}, {"kind"}}),
        MakeTable(6, "product_attribute",
                  {{"product_id", kInteger, true},
                   {"attribute_id", kInteger, true},
                   {"text_value"},
                   {"number_value", kNumeric},
                   {"boolean_value", kBoolean}},
                  {key("product_id", 2), key("attribute_id", 5)})});
  CopyAll("icecat");
  const auto documents = Stored();
  EXPECT_EQ(documents.size(), 19'406);
  Unpacked file(std::string(CACHEINDEX_REAL_DATA) + "/icecat/documents.jsonl.gz");
  std::set<std::string> attributes;
  while (const auto line = file.NextLine()) {
    Json expected = Json::parse(*line);
    // Other sizes of the one picture that the table has.
    for (const char* size : {"img_high", "img_low", "img_thumb"}) {
      expected.erase(size);
    }
    const std::string id = expected["id"].get<std::string>();
    ASSERT_TRUE(documents.contains(id)) << id;
    // A table of codes has no order but its key's.
    std::sort(expected["ean"].begin(), expected["ean"].end());
    ASSERT_EQ(documents.at(id), DumpJson(expected));
    for (const auto& [name, value] : expected.items()) {
      if (name.starts_with("attr_")) {
        attributes.insert(name);
      }
    }
  }
  EXPECT_EQ(attributes.size(), 5'354);
}

TEST_F(RealTablesTest, YanxuanGoodsHaveTheirPathBrandSkusSpecificationsAndComments) {
  const auto texts = [](std::uint32_t oid, const char* name, const std::vector<const char*>& names,
                        const std::map<std::string, std::uint32_t>& types) {
    std::vector<ColumnSpec> columns = {{"id", kInteger, true}};
    for (const char* const column : names) {
      const auto type = types.find(column);
      columns.push_back({column, type == types.end() ? kText : type->second, false});
    }
    return MakeTable(oid, name, columns);
  };
  Open(
      {{"name", "goods"},
       {"root", "goods"},
       {"filter", "is_on_sale and not deleted"},
       {"references",
        {"goods.category_id -> category.id", "goods.brand_id -> brand.id",
         "category.pid -> category.id", "goods_product.goods_id -> goods.id",
         "goods_specification.goods_id -> goods.id", "goods_attribute.goods_id -> goods.id",
         "comment.value_id -> goods.id"}},
       {"fields",
        Json::array({{{"name", "name"}},
                     {{"name", "brand"}, {"from", "brand.name"}},
                     {{"name", "category.*"}, {"from", "levels(category, name, ' > ')"}},
                     {{"name", "gallery"}, {"from", "json(gallery)"}, {"type", "string[]"}},
                     {{"name", "price"}, {"from", "min(goods_product.price)"}},
                     {{"name", "in_stock"}, {"from", "sum(goods_product.number) > 0"}},
                     {{"name", "skus"},
                      {"from",
                       "goods_product[where not deleted]{specifications: json(specifications), "
                       "price, stock: number}"}},
                     {{"name", "specifications"},
                      {"from", "pivot(goods_specification, specification, value)"},
                      {"type", "object"}},
                     {{"name", "attributes"}, {"from", "pivot(goods_attribute, attribute, value)"}},
                     {{"name", "comments"}, {"from", "count(comment)"}},
                     {{"name", "star"}, {"from", "round(mean(comment.star), 2)"}}})}},
      {texts(1, "category",
             {"name", "keywords", "desc", "pid", "icon_url", "pic_url", "level", "sort_order",
              "add_time", "update_time", "deleted"},
             {{"pid", kInteger}, {"deleted", kBoolean}}),
       texts(2, "brand",
             {"name", "desc", "pic_url", "sort_order", "floor_price", "add_time", "update_time",
              "deleted"},
             {{"deleted", kBoolean}}),
       texts(3, "goods", {"goods_sn",     "name",   "category_id", "brand_id",    "gallery",
                          "keywords",     "brief",  "is_on_sale",  "sort_order",  "pic_url",
                          "share_url",    "is_new", "is_hot",      "unit",        "counter_price",
                          "retail_price", "detail", "add_time",    "update_time", "deleted"},
             {{"category_id", kInteger},
              {"brand_id", kInteger},
              {"is_on_sale", kBoolean},
              {"deleted", kBoolean}}),
       texts(4, "goods_product",
             {"goods_id", "specifications", "price", "number", "url", "add_time", "update_time",
              "deleted"},
             {{"goods_id", kInteger},
              {"price", kNumeric},
              {"number", kInteger},
              {"deleted", kBoolean}}),
       texts(
           5, "goods_specification",
           {"goods_id", "specification", "value", "pic_url", "add_time", "update_time", "deleted"},
           {{"goods_id", kInteger}}),
       texts(6, "goods_attribute",
             {"goods_id", "attribute", "value", "add_time", "update_time", "deleted"},
             {{"goods_id", kInteger}}),
       texts(7, "comment",
             {"value_id", "type", "content", "admin_content", "user_id", "has_picture", "pic_urls",
              "star", "add_time", "update_time", "deleted"},
             {{"value_id", kInteger}, {"star", kInteger}})});
  CopyAll("yanxuan");
  std::size_t comments = 0;
  std::size_t skus = 0;
  for (const auto& [id, json] : Stored()) {
    const Json document = Json::parse(json);
    comments += document["comments"].get<std::size_t>();
    skus += document["skus"].size();
    EXPECT_TRUE(document["category"].contains("lvl1")) << json;
    EXPECT_TRUE(document["category"]["lvl1"].get<std::string>().starts_with(
        document["category"]["lvl0"].get<std::string>() + " > "));
    EXPECT_EQ(document["comments"] == 0, !document.contains("star"));
  }
  EXPECT_GT(Stored().size(), 200);
  EXPECT_GT(skus, 200);
  EXPECT_GT(comments, 500);
  const Json goods = Read("1181000");
  EXPECT_EQ(goods["category"]["lvl0"], "居家");
  EXPECT_EQ(goods["skus"][0]["specifications"], Json({"1.5m床垫*1+枕头*2", "浅杏粉"}));
  EXPECT_EQ(goods["skus"][0]["price"], 999.0);
}

}  // namespace
}  // namespace cacheindex::replication
