#include "benchmarks/shop/document.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <string>

#include "benchmarks/shop/shop.h"
#include "node/core/json.h"
#include "tests/support/result_matchers.h"

namespace cacheindex::shop {
namespace {

using test::Succeeds;

constexpr std::int64_t kProducts = 3'000;

std::string DocumentOf(const Shop& shop, std::int64_t number) {
  return DocumentJson(shop.catalogue(), shop.ProductAt(number));
}

// Returns the value at a dotted path. Inside an array, the value of its first element.
const Json* Find(const Json& document, std::string_view path) {
  const Json* value = &document;
  while (!path.empty()) {
    const auto dot = std::min(path.find('.'), path.size());
    if (value->is_array()) {
      value = &value->front();
    }
    const auto found = value->find(std::string(path.substr(0, dot)));
    if (found == value->end()) {
      return nullptr;
    }
    value = &*found;
    path.remove_prefix(std::min(dot + 1, path.size()));
  }
  return value;
}

bool HasType(const Json& value, const std::string& type) {
  if (type == "string") {
    return value.is_string();
  }
  if (type == "bool") {
    return value.is_boolean();
  }
  if (type == "float") {
    return value.is_number();
  }
  if (type == "int32") {
    return value.is_number_integer() && value.get<std::int64_t>() <= INT32_MAX;
  }
  if (type == "int64") {
    return value.is_number_integer();
  }
  if (type == "string[]") {
    return value.is_array() && (value.empty() || value.front().is_string());
  }
  if (type == "geopoint") {
    return value.is_array() && value.size() == 2 && value.at(0).is_number_float();
  }
  return false;
}

TEST(DocumentTest, EveryDocumentIsCanonicalJson) {
  const Shop shop(1);
  for (std::int64_t number = 1; number <= kProducts; ++number) {
    const std::string text = DocumentOf(shop, number);
    const auto document = ParseJson(text);
    ASSERT_THAT(document, Succeeds()) << text;
    ASSERT_EQ(DumpJson(*document), text);
    ASSERT_EQ(document->at("id"), std::to_string(number));
  }
}

TEST(DocumentTest, TheSameSeedGivesTheSameBytes) {
  const Shop first(42);
  const Shop second(42);
  const Shop other(43);
  int equal_to_other = 0;
  for (const std::int64_t number : {std::int64_t{1}, std::int64_t{77}, kProductsMax}) {
    EXPECT_EQ(DocumentOf(first, number), DocumentOf(second, number));
    equal_to_other += DocumentOf(first, number) == DocumentOf(other, number) ? 1 : 0;
  }
  EXPECT_EQ(equal_to_other, 0);
}

TEST(DocumentTest, TheOrderOfAskingDoesNotMatter) {
  const Shop shop(42);
  const std::string alone = DocumentOf(shop, 500);
  for (std::int64_t number = 1; number < 500; ++number) {
    DocumentOf(shop, number);
  }
  EXPECT_EQ(DocumentOf(shop, 500), alone);
}

TEST(DocumentTest, IsAboutAKilobyte) {
  const Shop shop(1);
  std::size_t bytes = 0;
  for (std::int64_t number = 1; number <= kProducts; ++number) {
    bytes += DocumentOf(shop, number).size();
  }
  EXPECT_GT(bytes / kProducts, 900U);
  EXPECT_LT(bytes / kProducts, 1'400U);
}

TEST(DocumentTest, EveryFieldOfTheSchemaIsThereWithItsType) {
  const Shop shop(1);
  const Json schema = CollectionSchema(shop.catalogue());
  std::map<std::string, int> seen;
  for (std::int64_t number = 1; number <= kProducts; ++number) {
    const auto document = ParseJson(DocumentOf(shop, number));
    ASSERT_THAT(document, Succeeds());
    for (const Json& field : schema.at("fields")) {
      const auto name = field.at("name").get<std::string>();
      auto type = field.at("type").get<std::string>();
      const Json* value = Find(*document, name);
      if (value == nullptr) {
        EXPECT_TRUE(field.value("optional", false)) << name;
        continue;
      }
      ++seen[name];
      if (name.starts_with("skus.")) {
        type.resize(type.size() - 2);  // Inside an array of objects.
      }
      EXPECT_TRUE(HasType(*value, type)) << name << ": " << value->dump();
    }
  }
  EXPECT_EQ(seen.size(), schema.at("fields").size()) << "a field that no document has";
}

TEST(DocumentTest, TheTwoPricesAgree) {
  const Shop shop(1);
  for (std::int64_t number = 1; number <= kProducts; ++number) {
    const auto document = ParseJson(DocumentOf(shop, number));
    ASSERT_THAT(document, Succeeds());
    EXPECT_DOUBLE_EQ(document->at("price").get<double>(),
                     document->at("price_cents").get<double>() / 100);
    EXPECT_EQ(document->at("in_stock").get<bool>(), document->at("stock").get<int>() > 0);
  }
}

}  // namespace
}  // namespace cacheindex::shop
