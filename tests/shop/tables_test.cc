#include "benchmarks/shop/tables.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "benchmarks/shop/document.h"
#include "node/core/json.h"
#include "tests/support/result_matchers.h"
#include "tests/support/temp_directory.h"

namespace cacheindex::shop {
namespace {

using test::FailsWith;
using test::Succeeds;

constexpr std::int64_t kProducts = 400;
constexpr std::int64_t kOrders = 200;

using Row = std::map<std::string, std::string>;
using Rows = std::vector<Row>;

std::vector<std::string> ParseCsvLine(const std::string& line) {
  std::vector<std::string> values(1);
  bool is_quoted = false;
  for (const char byte : line) {
    if (byte == '"') {
      is_quoted = !is_quoted;
    } else if (byte == ',' && !is_quoted) {
      values.emplace_back();
    } else {
      values.back() += byte;
    }
  }
  EXPECT_FALSE(is_quoted) << line;
  return values;
}

Rows ReadTable(const std::filesystem::path& path) {
  std::ifstream stream(path);
  std::string line;
  std::getline(stream, line);
  const auto names = ParseCsvLine(line);
  Rows rows;
  while (std::getline(stream, line)) {
    const auto values = ParseCsvLine(line);
    EXPECT_EQ(values.size(), names.size()) << path << ": " << line;
    Row row;
    for (std::size_t i = 0; i < std::min(values.size(), names.size()); ++i) {
      row[names[i]] = values[i];
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

class TablesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_THAT(WriteTables(shop_, {.directory = directory_.path() / "shop",
                                    .products = kProducts,
                                    .orders = kOrders}),
                Succeeds());
    for (const auto& entry : std::filesystem::directory_iterator(directory_.path() / "shop")) {
      tables_[entry.path().stem()] = ReadTable(entry.path());
    }
  }

  std::set<std::string> Column(const std::string& table, const std::string& column) const {
    std::set<std::string> values;
    for (const Row& row : tables_.at(table)) {
      values.insert(row.at(column));
    }
    return values;
  }

  void ExpectReference(const std::string& table, const std::string& column,
                       const std::string& referenced) const {
    const auto ids = Column(referenced, "id");
    ASSERT_FALSE(tables_.at(table).empty()) << table;
    for (const std::string& value : Column(table, column)) {
      EXPECT_TRUE(value.empty() || ids.contains(value)) << table << '.' << column << ' ' << value;
    }
  }

  const Shop shop_{11};
  test::TempDirectory directory_;
  std::map<std::string, Rows> tables_;
};

TEST_F(TablesTest, EveryForeignKeyResolves) {
  ExpectReference("category", "parent_id", "category");
  ExpectReference("product", "brand_id", "brand");
  ExpectReference("product", "category_id", "category");
  ExpectReference("product_attribute", "product_id", "product");
  ExpectReference("product_attribute", "attribute_id", "attribute");
  ExpectReference("product_tag", "product_id", "product");
  ExpectReference("sku", "product_id", "product");
  ExpectReference("stock", "sku_id", "sku");
  ExpectReference("stock", "warehouse_id", "warehouse");
  ExpectReference("order_line", "order_id", "order");
  ExpectReference("order_line", "sku_id", "sku");
}

TEST_F(TablesTest, PrimaryKeysAreUnique) {
  const std::map<std::string, std::vector<std::string>> keys = {
      {"brand", {"id"}},
      {"category", {"id"}},
      {"attribute", {"id"}},
      {"warehouse", {"id"}},
      {"product", {"id"}},
      {"product_attribute", {"product_id", "attribute_id"}},
      {"product_tag", {"product_id", "tag"}},
      {"sku", {"id"}},
      {"stock", {"sku_id", "warehouse_id"}},
      {"order", {"id"}},
      {"order_line", {"order_id", "line"}},
  };
  EXPECT_EQ(tables_.size(), keys.size());
  for (const auto& [table, columns] : keys) {
    std::set<std::string> seen;
    for (const Row& row : tables_.at(table)) {
      std::string key;
      for (const std::string& column : columns) {
        key += row.at(column) + '\n';
      }
      EXPECT_TRUE(seen.insert(key).second) << table << ' ' << key;
    }
  }
}

TEST_F(TablesTest, TablesAndDocumentsTellTheSame) {
  std::map<std::string, Row> brands;
  for (const Row& row : tables_.at("brand")) {
    brands[row.at("id")] = row;
  }
  std::map<std::string, std::string> attribute_names;
  for (const Row& row : tables_.at("attribute")) {
    attribute_names[row.at("id")] = row.at("name");
  }
  std::map<std::string, Row> attributes;  // By product: name to value.
  for (const Row& row : tables_.at("product_attribute")) {
    attributes[row.at("product_id")][attribute_names.at(row.at("attribute_id"))] = row.at("value");
  }
  std::map<std::string, std::int64_t> stock_of_sku;
  for (const Row& row : tables_.at("stock")) {
    stock_of_sku[row.at("sku_id")] += std::stoll(row.at("quantity"));
  }
  std::map<std::string, std::int64_t> stock;
  std::map<std::string, std::int64_t> price_cents;
  for (const Row& row : tables_.at("sku")) {
    const std::string& product = row.at("product_id");
    stock[product] += stock_of_sku.at(row.at("id"));
    const std::int64_t price = std::stoll(row.at("price_cents"));
    const auto [known, is_first] = price_cents.try_emplace(product, price);
    known->second = std::min(known->second, price);
  }

  ASSERT_EQ(tables_.at("product").size(), static_cast<std::size_t>(kProducts));
  for (const Row& row : tables_.at("product")) {
    const std::string& id = row.at("id");
    const auto document =
        ParseJson(DocumentJson(shop_.catalogue(), shop_.ProductAt(std::stoll(id))));
    ASSERT_THAT(document, Succeeds());
    EXPECT_EQ(document->at("id"), id);
    EXPECT_EQ(document->at("title"), row.at("title"));
    EXPECT_EQ(document->at("title_zh"), row.at("title_zh"));
    EXPECT_EQ(document->at("description_zh"), row.at("description_zh"));
    EXPECT_EQ(document->at("brand").at("name"), brands.at(row.at("brand_id")).at("name"));
    EXPECT_EQ(document->at("rating").get<double>(), std::stod(row.at("rating")));
    EXPECT_EQ(document->at("stock").get<std::int64_t>(), stock.at(id));
    EXPECT_EQ(document->at("price_cents").get<std::int64_t>(), price_cents.at(id));
    EXPECT_EQ(document->at("attributes").size(), attributes[id].size());
    for (const auto& [name, value] : document->at("attributes").items()) {
      const std::string text = value.is_string() ? value.get<std::string>() : value.dump();
      EXPECT_EQ(attributes[id][name], text) << id << ' ' << name;
    }
  }
}

TEST(TablesErrorTest, ADirectoryThatCannotBeMadeIsAnError) {
  const test::TempDirectory directory;
  const std::filesystem::path file = directory.path() / "file";
  std::ofstream(file) << "x";
  EXPECT_THAT(WriteTables(Shop(1), {.directory = file / "shop", .products = 1, .orders = 0}),
              FailsWith(ErrorCode::kIo));
}

}  // namespace
}  // namespace cacheindex::shop
