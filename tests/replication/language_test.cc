// The language's reference is replication/README.md: each of its expressions gives what the SQL
// beside it gives, copied and after every row was written again.

#include <gmock/gmock.h>

#include <algorithm>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "node/core/long_number.h"
#include "tests/replication/followed_shop.h"

namespace cacheindex::replication {
namespace {

using State = SourceStatus::State;

struct Pair {
  std::string expression;
  std::string sql;
};

struct Reference {
  std::string tables;
  std::vector<Pair> pairs;
};

// What stands between the first two backticks behind `at`, which moves behind them. A bar in a
// table is written with a backslash.
std::string TakeQuoted(const std::string& line, std::size_t& at) {
  const std::size_t begin = line.find('`', at);
  const std::size_t end = begin == std::string::npos ? begin : line.find('`', begin + 1);
  if (end == std::string::npos) {
    return {};
  }
  at = end + 1;
  std::string text = line.substr(begin + 1, end - begin - 1);
  for (std::size_t bar = 0; (bar = text.find("\\|", bar)) != std::string::npos;) {
    text.erase(bar, 1);
  }
  return text;
}

Reference ReadReference() {
  std::ifstream file(CACHEINDEX_LANGUAGE_REFERENCE);
  Reference reference;
  bool is_sql = false;
  for (std::string line; std::getline(file, line);) {
    if (line == "```sql" || (is_sql && line == "```")) {
      is_sql = !is_sql;
    } else if (is_sql) {
      reference.tables += line + "\n";
    } else if (line.starts_with("| `")) {
      std::size_t at = 0;
      Pair pair;
      pair.expression = TakeQuoted(line, at);
      pair.sql = TakeQuoted(line, at);
      reference.pairs.push_back(std::move(pair));
    }
  }
  return reference;
}

// Numbers of documents are as near to the source's as a double is.
bool AreEqual(const Json& left, const Json& right) {
  if (IsNumber(left) && IsNumber(right)) {
    return NearestDouble(left) == NearestDouble(right);
  }
  if (left.is_array() && right.is_array()) {
    return std::equal(left.begin(), left.end(), right.begin(), right.end(), AreEqual);
  }
  if (left.is_object() && right.is_object()) {
    return std::equal(left.begin(), left.end(), right.begin(), right.end(), AreEqual) &&
           std::all_of(left.items().begin(), left.items().end(),
                       [&](const auto& member) { return right.contains(member.key()); });
  }
  return left == right;
}

class LanguageTest : public testing::Test {
 protected:
  LanguageTest() {
    EXPECT_GT(reference_.pairs.size(), 90U);
    shop_.Execute(reference_.tables + "CREATE PUBLICATION p FOR ALL TABLES");
    CollectionDeclaration products;
    products.name = "products";
    products.root = "product";
    products.schema = Json::object();
    FieldDeclaration key;
    key.name = "key";
    key.from = "text(id)";
    key.schema = Json::object();
    products.fields.push_back(std::move(key));
    for (const Pair& pair : reference_.pairs) {
      FieldDeclaration field;
      field.name = NameOf(products.fields.size() - 1);
      field.from = pair.expression;
      field.schema = Json::object();
      products.fields.push_back(std::move(field));
    }
    shop_.options.collections.push_back(std::move(products));
  }

  static std::string NameOf(std::size_t pair) { return "f" + std::to_string(pair); }

  void Compare() {
    std::vector<Json> documents;
    for (const std::string& document : shop_.Documents("products")) {
      documents.push_back(*ParseJson(document));
    }
    ASSERT_EQ(std::to_string(documents.size()), shop_.Value("SELECT count(*) FROM product"));
    for (std::size_t i = 0; i < reference_.pairs.size(); ++i) {
      const Pair& pair = reference_.pairs[i];
      for (const Json& document : documents) {
        const std::string id = document["key"].get<std::string>();
        const Json expected =
            *ParseJson(shop_.Value("SELECT coalesce(to_jsonb(" + pair.sql +
                                   "), 'null')::text FROM product p WHERE p.id = " + id));
        const Json actual = document.value(NameOf(i), Json());
        EXPECT_TRUE(AreEqual(actual, expected))
            << pair.expression << " of row " << id << " is " << DumpJson(actual) << "\n  and "
            << pair.sql << " is " << DumpJson(expected);
      }
    }
  }

  const Reference reference_ = ReadReference();
  FollowedShop shop_{"SELECT 1"};
};

TEST_F(LanguageTest, EveryExpressionGivesWhatItsSqlGives) {
  shop_.Start();
  ASSERT_TRUE(shop_.BecomesState(State::kLive));
  Compare();
  // The same through the stream: everything goes and comes back.
  shop_.Execute(
      "UPDATE product SET brand_id = NULL, category_id = NULL;"
      "UPDATE category SET parent_id = NULL, name = 'gone'; UPDATE brand SET name = 'gone';"
      "UPDATE variant SET price = 1, options = '{z}', product_id = 3;"
      "UPDATE category_name SET name = lower(name) WHERE category_id < 3;"
      "UPDATE product SET category_id = 2, brand_id = 2 WHERE id > 1");
  ASSERT_TRUE(shop_.CatchesUp());
  Compare();
}

}  // namespace
}  // namespace cacheindex::replication
