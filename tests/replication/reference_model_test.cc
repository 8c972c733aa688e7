#include <cstdlib>
#include <iostream>
#include <random>
#include <set>

#include "tests/replication/applier_fixture.h"

// Tables that refer to each other in every way that can be declared, whose rows change at random.
// Documents that were followed are those that a new store makes of the same rows.

namespace cacheindex::replication {
namespace {

constexpr std::uint32_t kUuid = 2950;
constexpr std::uint32_t kIntegers = 1007;
constexpr std::uint32_t kTexts = 1009;
constexpr std::uint32_t kCitext = 99'999;

/// Rows of one table by key.
using Texts = std::vector<std::string>;
using Rows = std::map<Texts, Texts>;

class ReferenceModelTest : public ApplierTest, public testing::WithParamInterface<int> {
 protected:
  ReferenceModelTest() {
    auto category = std::make_shared<Table>(*MakeTable(1, "category",
                                                       {{"id", kInteger, true},
                                                        {"name"},
                                                        {"code", kCitext},
                                                        {"path"},
                                                        {"steps"},
                                                        {"tree", kInteger},
                                                        {"lft", kInteger},
                                                        {"rgt", kBigInteger},
                                                        {"number", kNumeric},
                                                        {"uid", kUuid},
                                                        {"hidden", kBoolean}}));
    category->columns[2].folding = CaseFolding::kSimple;
    tables_ = {
        category,
        MakeTable(2, "product",
                  {{"id", kInteger, true},
                   {"shop", kInteger},
                   {"title"},
                   {"ids", kIntegers},
                   {"codes", kTexts},
                   {"trail"},
                   {"place", kBigInteger},
                   {"uid"},
                   {"amount"}}),
        MakeTable(3, "item",
                  {{"shop", kNumeric, true}, {"line", kInteger, true}, {"product"}, {"note"}}),
        MakeTable(
            4, "closure",
            {{"ancestor", kInteger, true}, {"descendant", kInteger, true}, {"depth", kInteger}})};
    rows_.resize(tables_.size());
    const Json references = {"product.ids[] -> category.id",
                             "product.codes[] -> category.code",
                             "product.split(trail, '/') -> category.id",
                             "product.place -> category.between(lft, rgt)",
                             "product.uid -> category.uid",
                             "product.amount -> category.number",
                             "item.(product, shop) -> product.(id, shop)",
                             "category.prefixes(path, '.') -> category.path",
                             "category.prefixes(steps, 2) -> category.steps",
                             "category.(tree, lft) -> category.(tree, between(lft, rgt))",
                             "closure.ancestor -> category.id",
                             "closure.descendant -> category.id"};
    const auto field = [](const char* name, const char* from) {
      return Json{{"name", name}, {"from", from}};
    };
    Declare(
        "products", "product", references,
        {field("title", "title"), field("by_id", "ids{name, code}"),
         field("by_code", "codes[where not hidden].name"), field("trail_names", "trail.name"),
         field("around", "place.name"), field("outer", "place.lft.name"), field("uid", "uid.name"),
         field("amount", "amount.path.name"), field("items", "item{line, note}"),
         field("closure", "ids.closure[via descendant order by depth desc].ancestor.name"),
         field("below", "count(ids.category[via lft])")});
    Declare(
        "categories", "category", references,
        {field("name", "name"), field("products", "product[via ids].title"),
         field("coded", "product[via codes].title"), field("placed", "product[via place].id"),
         field("trails", "product[via trail].item.note"), field("below", "category[via path].name"),
         field("stepped", "category[via steps].id"), field("up", "steps.name"),
         field("enclosed", "category[via lft].name"), field("enclosing", "lft.name"),
         field("uids", "product[via uid].title"), field("amounts", "count(product[via amount])"),
         field("deep", "category[via lft].product[via place].title")});
  }

  void Declare(const char* name, const char* root, const Json& references, const Json& fields) {
    auto parsed = ParseCollectionDeclaration(
        {{"name", name}, {"root", root}, {"references", references}, {"fields", fields}});
    ASSERT_THAT(parsed, Succeeds());
    declarations_.push_back(*std::move(parsed));
  }

  std::uint32_t Pick(std::uint32_t count) { return static_cast<std::uint32_t>(random_() % count); }
  std::string Number(std::uint32_t count) { return std::to_string(1 + Pick(count)); }
  std::string OneOf(const Texts& texts) {
    return texts[Pick(static_cast<std::uint32_t>(texts.size()))];
  }
  std::string Array(const Texts& texts) {
    std::string array = "{";
    for (std::uint32_t count = Pick(4); count > 0; --count) {
      array += (array.size() > 1 ? "," : "") + OneOf(texts);
    }
    return array + "}";
  }

  Texts RandomRow(std::size_t table) {
    static const Texts kUids = {"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
                                "b0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"};
    const std::string word = "w" + Number(30);
    const std::uint32_t lower = Pick(12);
    switch (table) {
      case 0:
        return {Number(6),
                word,
                OneOf({"A", "a", "Ä", "ä", "b", "NULL"}),
                OneOf({"x", "x.y", "x.y.z", "x.yy", "y", "NULL", ""}),
                OneOf({"01", "0102", "010203", "0103", "011", "NULL"}),
                OneOf({"1", "1", "2", "NULL"}),
                Pick(9) == 0 ? "NULL" : std::to_string(lower),
                std::to_string(static_cast<int>(lower) + static_cast<int>(Pick(10)) - 2),
                OneOf({"1", "1.50", "2.0", "NaN", "NULL"}),
                Pick(4) == 0 ? "NULL" : OneOf(kUids),
                Pick(3) == 0 ? "t" : "f"};
      case 1:
        return {Number(8),
                OneOf({"1", "2", "NULL"}),
                word,
                Array({"1", "2", "3", "4", "5", "6", "NULL"}),
                Array({"A", "a", "\"Ä\"", "B", "\"NULL\""}),
                OneOf({"/1/2/3", "4/4/ 5", "x/6", "", "NULL"}),
                OneOf({"0", "3", "5", "9", "14", "NULL"}),
                OneOf({"A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11", "{b0eebc999c0b4ef8bb6d6bb9bd380a11}",
                       "none", "NULL"}),
                OneOf({"1", " 1.0", "15e-1", "nan", "two", "NULL"})};
      case 2:
        return {OneOf({"1", "2"}), Number(12), OneOf({"1", "02", " 3 ", "4", "five", "NULL"}),
                word};
      default:
        return {Number(6), Number(6), Number(4)};
    }
  }

  std::size_t KeyColumns(std::size_t table) const { return table < 2 ? 1 : 2; }
  Texts KeyOf(std::size_t table, const Texts& row) const {
    return {row.begin(), row.begin() + static_cast<std::ptrdiff_t>(KeyColumns(table))};
  }
  Row OldKey(std::size_t table, const Texts& key) const {
    Texts old = key;
    old.resize(tables_[table]->columns.size(), "NULL");
    return MakeRow(old);
  }

  Change RandomChange() {
    const std::size_t table = Pick(static_cast<std::uint32_t>(tables_.size()));
    Rows& rows = rows_[table];
    const auto at = [&] {
      auto row = rows.begin();
      std::advance(row, Pick(static_cast<std::uint32_t>(rows.size())));
      return row;
    };
    if (rows.size() > 3 && Pick(4) == 0) {
      const auto row = at();
      Change change = Delete(tables_[table], OldKey(table, row->first));
      rows.erase(row);
      return change;
    }
    const Texts row = RandomRow(table);
    const Texts key = KeyOf(table, row);
    if (!rows.empty() && !rows.contains(key) && Pick(3) == 0) {
      // A row that takes another key.
      const auto old = at();
      Change change = Update(tables_[table], MakeRow(row), OldKey(table, old->first));
      rows.erase(old);
      rows[key] = row;
      return change;
    }
    const bool is_known = rows.contains(key);
    rows[key] = row;
    return is_known ? Update(tables_[table], MakeRow(row)) : Insert(tables_[table], MakeRow(row));
  }

  static std::map<std::string, std::string> DocumentsOf(const cache::Store& store) {
    std::map<std::string, std::string> documents;
    const auto snapshot = store.OpenSnapshot();
    for (const char* const name : {"products", "categories"}) {
      const auto collection = snapshot->FindCollection(name);
      const auto all = snapshot->Scan((*collection)->number, std::nullopt, 1'000);
      EXPECT_THAT(all, Succeeds());
      for (const auto& document : *all) {
        documents[std::string(name) + " " + document.id] = document.document.json;
      }
    }
    return documents;
  }

  std::map<std::string, std::string> MadeAnew() {
    const test::TempDirectory directory;
    cache::Store::Options options;
    options.directory = directory.path() / "store";
    auto store = cache::Store::Open(options, nullptr);
    EXPECT_THAT(store, Succeeds());
    PlainSink sink;
    auto applier = Applier::Open(**store, sink, declarations_);
    EXPECT_THAT(applier, Succeeds());
    EXPECT_THAT((*applier)->SetTables(tables_), Succeeds());
    EXPECT_THAT((*applier)->Begin({}, LogPosition{100}), Succeeds());
    for (std::size_t i = 0; i < tables_.size(); ++i) {
      std::vector<Row> rows;
      for (const auto& [key, row] : rows_[i]) {
        rows.push_back(MakeRow(row));
      }
      EXPECT_THAT((*applier)->CopyRows(*tables_[i], rows, SnapshotPosition::At(LogPosition{100}),
                                       {.table_oid = tables_[i]->oid,
                                        .is_complete = true,
                                        .last_key = {},
                                        .rows = rows.size()}),
                  Succeeds());
    }
    while ((*applier)->phase() == Phase::kBuilding) {
      EXPECT_THAT((*applier)->BuildDocuments(), Succeeds());
    }
    EXPECT_EQ((*applier)->phase(), Phase::kLive);
    return DocumentsOf(**store);
  }

  std::mt19937_64 random_;
  std::vector<Rows> rows_;
};

// CACHEINDEX_MODEL_SEED repeats a run.
TEST_P(ReferenceModelTest, DocumentsThatAreFollowedAreThoseThatAreMadeAnew) {
  const char* const given = std::getenv("CACHEINDEX_MODEL_SEED");
  const std::uint64_t seed = given == nullptr ? std::random_device()() : std::stoull(given);
  std::cout << "CACHEINDEX_MODEL_SEED=" << seed << '\n';
  random_.seed(seed);
  Reopen();
  ASSERT_THAT(applier_->SetTables(tables_), Succeeds());
  GoLive();
  for (int round = 0; round < 12 && !HasFailure(); ++round) {
    for (int i = 0; i < 8; ++i) {
      std::vector<Change> changes;
      for (std::uint32_t count = 1 + Pick(round == 0 ? 8 : 3); count > 0; --count) {
        changes.push_back(RandomChange());
      }
      ASSERT_THAT(Commit(std::move(changes)), Succeeds());
    }
    Drain();
    const auto anew = MadeAnew();
    EXPECT_EQ(DocumentsOf(*store_), anew) << "round " << round;
    if (Pick(3) == 0) {
      Reopen();
      ASSERT_THAT(applier_->SetTables(tables_), Succeeds());
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, ReferenceModelTest, testing::Range(0, 4));

}  // namespace
}  // namespace cacheindex::replication
