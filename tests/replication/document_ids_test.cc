#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "tests/replication/applier_fixture.h"

// Documents whose id is another column than the key.

namespace cacheindex::replication {
namespace {

using testing::HasSubstr;

struct Product {
  /// Empty for null.
  std::string handle;
  bool is_shown = true;
  int price = 0;
};

class DocumentIdsTest : public ApplierTest {
 protected:
  DocumentIdsTest() {
    tables_ = {
        MakeTable(
            1, "product",
            {{"id", kInteger, true}, {"handle"}, {"is_shown", kBoolean}, {"tag_id", kInteger}},
            {{.columns = {"tag_id"}, .referenced_oid = 3, .referenced_columns = {"id"}}}),
        MakeTable(2, "price", {{"product_id", kInteger, true}, {"amount", kInteger}},
                  {{.columns = {"product_id"}, .referenced_oid = 1, .referenced_columns = {"id"}}}),
        MakeTable(3, "tag", {{"id", kInteger, true}, {"name"}})};
  }

  static Json Declaration(const char* id) {
    return {{"name", "products"},
            {"root", "product"},
            {"id", id},
            {"filter", "is_shown"},
            {"fields",
             {{{"name", "key"}, {"from", "text(id)"}},
              {{"name", "price"}, {"from", "price.amount"}},
              {{"name", "tag"}, {"from", "tag.name"}}}}};
  }

  static Row RowOf(int id, const Product& product) {
    return MakeRow({std::to_string(id), product.handle.empty() ? "NULL" : product.handle,
                    product.is_shown ? "t" : "f", "1"});
  }

  // What is there by id: of the first product with the handle that is shown.
  std::map<std::string, Json> Expected() const {
    std::map<std::string, Json> documents;
    for (const auto& [id, product] : products_) {
      if (product.handle.empty() || !product.is_shown || documents.contains(product.handle)) {
        continue;
      }
      Json& document = documents[product.handle];
      document = {{"id", product.handle}, {"key", std::to_string(id)}, {"tag", tag_}};
      if (product.price != 0) {
        document["price"] = product.price;
      }
    }
    return documents;
  }

  void Compare() {
    const auto expected = Expected();
    std::size_t shown = 0;
    for (const auto& [id, product] : products_) {
      shown += product.is_shown ? 1 : 0;
    }
    for (const char* handle : {"a", "b", "c", "d", "a long handle"}) {
      const auto found = expected.find(handle);
      EXPECT_EQ(Read(handle), found == expected.end() ? Json() : found->second) << handle;
    }
    Drain();
    std::map<std::string, Json> stored;
    for (const auto& [id, document] : Stored()) {
      stored[id] = Json::parse(document);
    }
    EXPECT_EQ(stored, expected);
    EXPECT_EQ(applier_->statistics().documents_refused, shown - expected.size());
  }

  std::map<int, Product> products_;
  /// Products that have a row of a price, although they may be gone.
  std::set<int> prices_;
  std::string tag_ = "first";
};

TEST_F(DocumentIdsTest, TheColumnIsTheId) {
  Open(Declaration("handle"), std::move(tables_));
  GoLive();
  ASSERT_THAT(Commit({Insert(tables_[2], MakeRow({"1", "first"})),
                      Insert(tables_[0], MakeRow({"7", "quilt", "t", "1"})),
                      Insert(tables_[0], MakeRow({"8", "NULL", "t", "1"})),
                      Insert(tables_[0], MakeRow({"9", "quilt", "t", "1"}))}),
              Succeeds());
  EXPECT_EQ(Read("quilt"), Json::parse(R"({"id": "quilt", "key": "7", "tag": "first"})"));
  EXPECT_EQ(Read("7"), Json());
  const auto refused = applier_->RefusedDocuments(10);
  ASSERT_THAT(refused, Succeeds());
  EXPECT_THAT(*refused,
              testing::ElementsAre(
                  HasSubstr("row \"8\" of table public.product: its id is null"),
                  HasSubstr("row \"9\" of table public.product: row \"7\" has the same id")));
  // The second one has it when the first one goes.
  ASSERT_THAT(Commit({Delete(tables_[0], MakeRow({"7", "", "", ""}))}), Succeeds());
  EXPECT_EQ(Read("quilt")["key"], "9");
  EXPECT_EQ(applier_->statistics().documents_refused, 1U);
}

TEST_F(DocumentIdsTest, ColumnsThatNameNoRowAreRefused) {
  const auto message = [&](const char* id) {
    declarations_ = {*ParseCollectionDeclaration(Declaration(id))};
    Reopen();
    const auto set = applier_->SetTables(tables_);
    EXPECT_THAT(set, FailsWith(ErrorCode::kInvalidArgument));
    return set ? "" : set.error().message();
  };
  EXPECT_THAT(message("handel"),
              HasSubstr("collection \"products\": id: table public.product has no column "
                        "\"handel\"; did you mean \"handle\"?"));
  EXPECT_THAT(message("is_shown"), HasSubstr("which names no row"));
}

TEST_F(DocumentIdsTest, EveryIdIsOfTheFirstRowThatHasIt) {
  std::random_device device;
  const auto seed = device();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  const auto below = [&](int end) {
    return std::uniform_int_distribution<int>(0, end - 1)(random);
  };
  // Most documents of a larger transaction wait.
  limits_.documents_max = 3;
  limits_.immediate_documents_max = 3;
  Open(Declaration("handle"), std::move(tables_));
  GoLive();
  ASSERT_THAT(Commit({Insert(tables_[2], MakeRow({"1", tag_}))}), Succeeds());
  const std::vector<std::string> handles = {"a", "b", "c", "d", "a long handle", ""};
  for (int step = 0; step < 300 && !HasFailure(); ++step) {
    std::vector<Change> changes;
    for (int i = 1 + below(6); i > 0; --i) {
      const int id = 1 + below(6);
      const bool is_known = products_.contains(id);
      const int choice = below(10);
      if (is_known && choice == 0) {
        products_.erase(id);
        changes.push_back(Delete(tables_[0], MakeRow({std::to_string(id), "", "", ""})));
      } else if (is_known && choice < 4) {
        Product& product = products_[id];
        const bool has_price = prices_.contains(id);
        prices_.insert(id);
        product.price = 1 + below(9);
        const Row row = MakeRow({std::to_string(id), std::to_string(product.price)});
        changes.push_back(has_price ? Update(tables_[1], row) : Insert(tables_[1], row));
      } else {
        Product& product = products_[id];
        product.handle = handles[static_cast<std::size_t>(below(6))];
        product.is_shown = below(4) != 0;
        if (!is_known) {
          product.price = 0;
          if (prices_.erase(id) > 0) {
            changes.push_back(Delete(tables_[1], MakeRow({std::to_string(id), ""})));
          }
        }
        changes.push_back(is_known ? Update(tables_[0], RowOf(id, product))
                                   : Insert(tables_[0], RowOf(id, product)));
      }
    }
    if (below(5) == 0) {
      tag_ = "tag " + std::to_string(step);
      changes.push_back(Update(tables_[2], MakeRow({"1", tag_})));
    }
    ASSERT_THAT(Commit(std::move(changes)), Succeeds());
    if (below(20) == 0) {
      Reopen();
      ASSERT_THAT(applier_->SetTables(tables_), Succeeds());
    }
    Compare();
  }
}

}  // namespace
}  // namespace cacheindex::replication
