#include <algorithm>
#include <functional>
#include <iostream>
#include <random>
#include <set>

#include "tests/replication/applier_fixture.h"
#include "tests/replication/naive_shop.h"

// A small shop whose rows change at random, copied and followed in every order that may happen, and
// the documents that plain loops over its tables make.

namespace cacheindex::replication {
namespace {

class ApplierModelTest : public ApplierTest {
 protected:
  static Table::ForeignKey Key(std::string column, std::uint32_t table) {
    return {.columns = {std::move(column)}, .referenced_oid = table, .referenced_columns = {"id"}};
  }

  ApplierModelTest() {
    const ColumnSpec id = {"id", kInteger, true};
    const auto add = [&](std::uint32_t oid, std::string name,
                         const std::vector<ColumnSpec>& columns,
                         std::vector<Table::ForeignKey> keys = {}) {
      all_[oid] = MakeTable(oid, std::move(name), columns, std::move(keys));
    };
    add(kCategory, "category", {id, {"parent_id", kInteger}, {"name"}},
        {Key("parent_id", kCategory)});
    add(kBrand, "brand", {id, {"name"}, {"is_hidden", kBoolean}, {"note"}});
    add(kProduct, "product",
        {id,
         {"category_id", kInteger},
         {"brand_id", kInteger},
         {"title"},
         {"description"},
         {"published", kBoolean}},
        {Key("category_id", kCategory), Key("brand_id", kBrand)});
    add(kSku, "sku", {id, {"product_id", kInteger}, {"code"}, {"cents", kInteger}},
        {Key("product_id", kProduct)});
    add(kStock, "stock",
        {{"sku_id", kInteger, true}, {"warehouse_id", kInteger, true}, {"quantity", kInteger}},
        {Key("sku_id", kSku)});
    add(kTag, "tag", {id, {"name"}});
    add(kProductTag, "product_tag", {{"product_id", kInteger, true}, {"tag_id", kInteger, true}},
        {Key("product_id", kProduct), Key("tag_id", kTag)});
    add(kAttribute, "attribute", {id, {"name"}});
    add(kProductAttribute, "product_attribute",
        {{"product_id", kInteger, true}, {"attribute_id", kInteger, true}, {"value"}},
        {Key("product_id", kProduct), Key("attribute_id", kAttribute)});
  }

  void OpenShop() {
    std::vector<std::shared_ptr<const Table>> tables;
    for (const auto& [oid, table] : all_) {
      tables.push_back(table);
    }
    Open({{"name", "products"},
          {"root", "product"},
          {"filter", "published and (brand.is_hidden is null or not brand.is_hidden)"},
          {"fields",
           Json::array(
               {{{"name", "title"}},
                {{"name", "description"}},
                {{"name", "brand"}, {"from", "brand.name"}},
                {{"name", "category.*"}, {"from", "levels(category, name, ' > ')"}},
                {{"name", "skus"}, {"from", "sku{code, cents, stock: sum(stock.quantity)}"}},
                {{"name", "price"}, {"from", "min(sku.cents) / 100"}},
                {{"name", "in_stock"}, {"from", "exists(sku[where sum(stock.quantity) > 0])"}},
                {{"name", "tags"}, {"from", "product_tag.tag.name"}},
                {{"name", "attr_*"},
                 {"from", "pivot(product_attribute, attribute.name, value)"}}})}},
         std::move(tables));
  }

  std::uint32_t Pick(std::uint32_t count) { return static_cast<std::uint32_t>(random_() % count); }
  std::string PickId(std::uint32_t count) { return std::to_string(1 + Pick(count)); }
  std::string PickOrNull(std::uint32_t count) { return Pick(6) == 0 ? "NULL" : PickId(count); }

  static constexpr std::uint32_t kIds = 12;

  Texts RandomRow(std::uint32_t table) {
    const std::string word = "w" + std::to_string(Pick(20));
    switch (table) {
      case kCategory:
        return {PickId(5), PickOrNull(5), word};
      case kBrand:
        return {PickId(4), word, Pick(4) == 0 ? "t" : "f", word};
      case kProduct:
        return {PickId(kIds),
                PickOrNull(5),
                PickOrNull(4),
                word,
                Pick(4) == 0 ? "NULL" : std::string(50, 'x') + word,
                Pick(5) == 0 ? "f" : "t"};
      case kSku:
        return {PickId(2 * kIds), PickOrNull(kIds), word, std::to_string(Pick(5'000))};
      case kStock:
        return {PickId(2 * kIds), PickId(2), std::to_string(Pick(3))};
      case kTag:
      case kAttribute:
        return {PickId(4), (table == kTag ? "t" : "a") + PickId(9)};
      case kProductTag:
        return {PickId(kIds), PickId(4)};
      default:
        return {PickId(kIds), PickId(4), Pick(8) == 0 ? "NULL" : word};
    }
  }

  std::size_t KeyColumns(std::uint32_t table) const {
    const auto& columns = all_.at(table)->columns;
    return static_cast<std::size_t>(std::count_if(
        columns.begin(), columns.end(), [](const TableColumn& column) { return column.is_key; }));
  }
  Texts KeyOf(std::uint32_t table, const Texts& row) const {
    return {row.begin(), row.begin() + static_cast<std::ptrdiff_t>(KeyColumns(table))};
  }
  // The old tuple as the source sends it: all columns, those outside the key null.
  Row OldKey(std::uint32_t table, const Texts& row) const {
    Row old = MakeRow(row);
    for (std::size_t i = KeyColumns(table); i < old.size(); ++i) {
      old[i] = NullValue();
    }
    return old;
  }

  // One change to the shop, and what the stream says of it.
  void ChangeOnce(std::vector<Change>& changes) {
    const std::uint32_t table = 1 + Pick(kTableEnd - 1);
    Rows& rows = shop_.tables[table];
    if (Pick(60) == 0) {
      rows.clear();
      changes.push_back(Truncate(all_[table]));
      return;
    }
    Texts row = RandomRow(table);
    if (rows.empty() || Pick(3) == 0) {
      if (rows.emplace(KeyOf(table, row), row).second) {
        changes.push_back(Insert(all_[table], MakeRow(row)));
      }
      return;
    }
    auto victim = rows.begin();
    std::advance(victim, Pick(static_cast<std::uint32_t>(rows.size())));
    const Texts old = victim->second;
    if (Pick(5) == 0) {
      rows.erase(victim);
      changes.push_back(Delete(all_[table], OldKey(table, old)));
      return;
    }
    const bool keeps_key = Pick(4) != 0;
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (i < KeyColumns(table) ? keeps_key : Pick(2) == 0) {
        row[i] = old[i];
      }
    }
    if (KeyOf(table, row) != KeyOf(table, old) && rows.contains(KeyOf(table, row))) {
      return;
    }
    rows.erase(victim);
    rows[KeyOf(table, row)] = row;
    Row sent = MakeRow(row);
    for (std::size_t i = KeyColumns(table); i < row.size(); ++i) {
      // Large values that did not change are not sent.
      if (row[i] == old[i] && row[i].size() > 40) {
        sent[i] = UnchangedValue();
      }
    }
    changes.push_back(KeyOf(table, row) == KeyOf(table, old)
                          ? Update(all_[table], std::move(sent))
                          : Update(all_[table], std::move(sent), OldKey(table, old)));
  }

  // The source commits; the stream has it from now on.
  void CommitAtSource() {
    std::vector<Change> changes;
    const std::uint32_t count = Pick(12) == 0 ? 40 : 1 + Pick(6);
    for (std::uint32_t i = 0; i < count; ++i) {
      ChangeOnce(changes);
    }
    // Sometimes the next commit record begins where this one ends.
    const std::uint64_t commit = server_ + Pick(2) * 5;
    server_ = commit + 5;
    stream_.push_back(std::make_unique<ListedTransaction>(commit, server_, std::move(changes)));
    states_[server_] = MakeDocuments(shop_);
  }

  void CopySomeRows(std::uint32_t table, std::map<std::uint32_t, Texts>& last) {
    std::vector<const Texts*> rows = InKeyOrder(shop_.Of(table), KeyColumns(table));
    std::erase_if(rows, [&](const Texts* row) {
      const Texts& after = last[table];
      for (std::size_t i = 0; i < after.size(); ++i) {
        if ((*row)[i] != after[i]) {
          return std::stoll((*row)[i]) < std::stoll(after[i]);
        }
      }
      return !after.empty();
    });
    const bool is_complete = rows.size() <= 4;
    rows.resize(std::min<std::size_t>(rows.size(), 4));
    std::vector<Row> values;
    for (const Texts* const row : rows) {
      values.push_back(MakeRow(*row));
      last[table] = KeyOf(table, *row);
    }
    ASSERT_THAT(CopyAt(Now(), all_[table], values, is_complete), Succeeds());
    if (is_complete) {
      uncopied_.erase(table);
    }
  }

  // The present state of the source as a snapshot, of which sometimes only the bounds are known.
  SnapshotPosition Now() {
    const LogPosition now{server_};
    return Pick(2) == 0 ? SnapshotPosition::At(now)
                        : SnapshotPosition{.from = applier_->state().applied, .to = now};
  }

  // Hands some of the stream to the applier, sometimes from before where it is.
  void ApplySome() {
    const LogPosition applied = applier_->state().applied;
    auto first = std::find_if(stream_.begin(), stream_.end(), [&](const auto& transaction) {
      return transaction->commit >= applied;
    });
    first -= std::min<std::ptrdiff_t>(first - stream_.begin(), Pick(3));
    std::vector<ChangeTransaction*> group;
    for (std::uint32_t count = 1 + Pick(8); count > 0 && first != stream_.end(); --count) {
      group.push_back((first++)->get());
    }
    const bool fails = Pick(10) == 0 && !group.empty();
    if (fails) {
      auto& last = static_cast<ListedTransaction&>(*group.back());
      last.fails_at = Pick(static_cast<std::uint32_t>(last.changes.size()) + 1);
      static_cast<void>(applier_->Apply(group).has_value());
      last.fails_at.reset();
    } else {
      ASSERT_THAT(applier_->Apply(group), Succeeds());
    }
  }

  void MaybeCrash() {
    if (Pick(12) == 0) {
      Reopen();
      if (Pick(2) == 0) {
        ExpectDocuments("before the source is reached");
      }
      ASSERT_THAT(applier_->SetTables(tables_), Succeeds());
    }
  }

  /// Documents as readers see them are those of the last applied transaction.
  void ExpectDocuments(const std::string& when) {
    if (applier_->phase() != Phase::kLive) {
      return;
    }
    const auto applied = static_cast<std::uint64_t>(applier_->state().applied);
    const auto state = states_.find(applied);
    ASSERT_NE(state, states_.end()) << "no transaction ends at " << applied;
    for (std::uint32_t id = 1; id <= kIds; ++id) {
      const std::string text = std::to_string(id);
      const auto expected = state->second.find(text);
      ASSERT_EQ(Read(text), expected == state->second.end() ? Json() : expected->second)
          << "document " << text << ' ' << when << " at " << applied;
    }
  }

  void CopyEverything() {
    std::map<std::uint32_t, Texts> last;
    for (const auto& [oid, table] : all_) {
      uncopied_.insert(oid);
    }
    ASSERT_THAT(applier_->Begin({}, LogPosition{server_}), Succeeds());
    states_[server_] = MakeDocuments(shop_);
    while (!uncopied_.empty() && !HasFatalFailure()) {
      switch (Pick(4)) {
        case 0:
          CommitAtSource();
          break;
        case 1:
          // A session that was behind would not be opened; the stream may run ahead of none.
          ApplySome();
          break;
        default: {
          auto table = uncopied_.begin();
          std::advance(table, Pick(static_cast<std::uint32_t>(uncopied_.size())));
          CopySomeRows(*table, last);
        }
      }
      MaybeCrash();
    }
  }

  void CatchUp() {
    while (applier_->phase() == Phase::kCatchUp && !HasFatalFailure()) {
      ApplySome();
      const auto& state = applier_->state();
      if (state.applied == LogPosition{server_}) {
        // Where nothing is committed any more the source says how far it is.
        applier_->AdvanceIdle(LogPosition{server_});
        ASSERT_THAT(applier_->SaveIdle(), Succeeds());
      }
      const auto holes = applier_->Holes(100);
      ASSERT_THAT(holes, Succeeds());
      holes_seen_ += holes->size();
      if (!holes->empty() && state.applied >= state.snapshot_max) {
        std::map<std::uint32_t, std::vector<Row>> rows;
        for (const Hole& hole : *holes) {
          rows[hole.table_oid];
          if (const Texts* const row = shop_.Find(hole.table_oid, hole.key)) {
            rows[hole.table_oid].push_back(MakeRow(*row));
          }
        }
        for (const auto& [oid, values] : rows) {
          ASSERT_THAT(applier_->FillHoles(*all_[oid], values, Now()), Succeeds());
        }
        if (Pick(2) == 0) {
          CommitAtSource();
        }
      }
      MaybeCrash();
    }
  }

  void Run(std::uint64_t seed) {
    random_.seed(seed);
    limits_ = {.immediate_documents_max = 1 + Pick(6),
               .documents_max = 1 + Pick(20),
               .changes_max = 5 + Pick(40),
               .value_bytes_max = 500 + Pick(5'000),
               .built_documents_max = 1 + Pick(6),
               .drained_documents_max = 1 + Pick(6)};
    OpenShop();
    for (int i = 0; i < 20; ++i) {
      CommitAtSource();
    }
    stream_.clear();
    CopyEverything();
    CatchUp();
    while (!HasFatalFailure() && applier_->phase() == Phase::kBuilding) {
      ASSERT_THAT(applier_->BuildDocuments(), Succeeds());
      MaybeCrash();
    }
    ExpectDocuments("after the copy");
    for (int i = 0; i < 60 && !HasFatalFailure(); ++i) {
      for (std::uint32_t commits = Pick(4); commits > 0; --commits) {
        CommitAtSource();
      }
      ApplySome();
      ExpectDocuments("while following");
      if (Pick(3) == 0) {
        ASSERT_THAT(applier_->DrainWaiting(), Succeeds());
        ExpectDocuments("while draining");
      }
      MaybeCrash();
    }
    while (applier_->state().applied < LogPosition{server_} && !HasFatalFailure()) {
      ApplySome();
    }
    Drain();
    ExpectDocuments("at the end");
    const auto stored = Stored();
    EXPECT_EQ(stored.size(), states_[server_].size());
    for (const auto& [id, document] : states_[server_]) {
      EXPECT_EQ(stored.contains(id) ? stored.at(id) : "", DumpJson(document));
    }
    std::uint64_t rows = 0;
    for (const auto& [table, content] : shop_.tables) {
      rows += content.size();
    }
    EXPECT_EQ(applier_->statistics().rows, rows);
    EXPECT_EQ(applier_->statistics().holes, 0);
    EXPECT_EQ(applier_->statistics().documents_waiting, 0);
  }

  std::map<std::uint32_t, std::shared_ptr<const Table>> all_;
  std::mt19937_64 random_;
  Shop shop_;
  /// End of the source's log.
  std::uint64_t server_ = 1'000;
  std::vector<std::unique_ptr<ListedTransaction>> stream_;
  /// The documents after each transaction.
  std::map<std::uint64_t, std::map<std::string, Json>> states_;
  std::set<std::uint32_t> uncopied_;
  std::size_t holes_seen_ = 0;
};

// CACHEINDEX_MODEL_SEED repeats a run; --gtest_repeat makes more of them.
class ApplierSeedTest : public ApplierModelTest, public testing::WithParamInterface<int> {};

TEST_P(ApplierSeedTest, RequirementA3_CopyAndStreamAgreeWithTheTablesAtAnySeed) {
  const auto number = [](const char* name) {
    const char* const text = std::getenv(name);
    return text == nullptr ? 0ULL : std::stoull(text);
  };
  std::uint64_t seed = number("CACHEINDEX_MODEL_SEED");
  if (seed == 0) {
    seed = std::random_device()();
  }
  std::cout << "CACHEINDEX_MODEL_SEED=" << seed << '\n';
  Run(seed);
}

INSTANTIATE_TEST_SUITE_P(Seeds, ApplierSeedTest, testing::Range(0, 4));

}  // namespace
}  // namespace cacheindex::replication
