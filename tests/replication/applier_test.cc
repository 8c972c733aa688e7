#include "replication/apply/applier.h"

#include "tests/replication/applier_fixture.h"

namespace cacheindex::replication {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class ApplierRowsTest : public ApplierTest {
 protected:
  ApplierRowsTest() {
    brand_ = MakeTable(1, "brand", {{"id", kInteger, true}, {"name"}, {"note"}});
    product_ =
        MakeTable(2, "product",
                  {{"id", kInteger, true},
                   {"brand_id", kInteger},
                   {"title"},
                   {"description"},
                   {"published", kBoolean}},
                  {{.columns = {"brand_id"}, .referenced_oid = 1, .referenced_columns = {"id"}}});
    sku_ =
        MakeTable(3, "sku", {{"id", kInteger, true}, {"product_id", kInteger}, {"cents", kInteger}},
                  {{.columns = {"product_id"}, .referenced_oid = 2, .referenced_columns = {"id"}}});
  }

  void OpenShop() {
    Open({{"name", "products"},
          {"root", "product"},
          {"filter", "published"},
          {"fields", Json::array({{{"name", "title"}},
                                  {{"name", "description"}},
                                  {{"name", "brand"}, {"from", "brand.name"}},
                                  {{"name", "prices"}, {"from", "sku.cents"}},
                                  {{"name", "price"}, {"from", "min(sku.cents) / 100"}}})}},
         {brand_, product_, sku_});
  }

  std::shared_ptr<const Table> brand_;
  std::shared_ptr<const Table> product_;
  std::shared_ptr<const Table> sku_;
};

TEST_F(ApplierRowsTest, DocumentsAreMadeFromCopiedRows) {
  OpenShop();
  ASSERT_THAT(applier_->Begin({}, LogPosition{100}), Succeeds());
  EXPECT_THAT(Copy(brand_, {MakeRow({"1", "Acme", "NULL"})}, 100), Succeeds());
  EXPECT_THAT(
      Copy(product_,
           {MakeRow({"7", "1", "Chair", "soft", "t"}), MakeRow({"8", "NULL", "Table", "NULL", "t"}),
            MakeRow({"9", "1", "Secret", "x", "f"})},
           110),
      Succeeds());
  EXPECT_EQ(applier_->phase(), Phase::kCopying);
  EXPECT_THAT(Copy(sku_, {MakeRow({"2", "7", "995"}), MakeRow({"1", "7", "1250"})}, 120),
              Succeeds());
  EXPECT_EQ(applier_->phase(), Phase::kCatchUp);
  applier_->AdvanceIdle(LogPosition{119});
  EXPECT_THAT(applier_->SaveIdle(), Succeeds());
  EXPECT_EQ(applier_->phase(), Phase::kCatchUp);
  applier_->AdvanceIdle(LogPosition{120});
  EXPECT_THAT(applier_->SaveIdle(), Succeeds());
  Build();
  const auto documents = Stored();
  EXPECT_EQ(documents.size(), 2);
  EXPECT_EQ(documents.at("7"),
            R"({"brand":"Acme","description":"soft","id":"7","price":9.95,"prices":[1250,995],)"
            R"("title":"Chair"})");
  EXPECT_EQ(documents.at("8"), R"({"id":"8","prices":[],"title":"Table"})");
}

TEST_F(ApplierRowsTest, ChangesReachTheDocumentsThatShowThem) {
  OpenShop();
  GoLive();
  ASSERT_THAT(Commit({Insert(brand_, MakeRow({"1", "Acme", "NULL"})),
                      Insert(product_, MakeRow({"7", "1", "Chair", "soft", "t"})),
                      Insert(sku_, MakeRow({"1", "7", "1250"}))}),
              Succeeds());
  EXPECT_EQ(Read("7")["brand"], "Acme");
  ASSERT_THAT(Commit({Update(brand_, MakeRow({"1", "Ajax", "NULL"}))}), Succeeds());
  EXPECT_EQ(Read("7")["brand"], "Ajax");
  ASSERT_THAT(Commit({Update(sku_, MakeRow({"1", "7", "1300"}))}), Succeeds());
  EXPECT_EQ(Read("7")["price"], 13.0);
  ASSERT_THAT(Commit({Update(product_, MakeRow({"7", "1", "Chair", "soft", "f"}))}), Succeeds());
  EXPECT_TRUE(Read("7").is_null());
}

// replication/README.md C38, and the columns that no field shows.
TEST_F(ApplierRowsTest, RequirementC38_WhatNoDocumentShowsWritesNone) {
  OpenShop();
  GoLive();
  ASSERT_THAT(Commit({Insert(brand_, MakeRow({"1", "Acme", "NULL"})),
                      Insert(product_, MakeRow({"7", "1", "Chair", "soft", "t"}))}),
              Succeeds());
  const std::uint64_t puts = sink_.puts;
  ASSERT_THAT(Commit({Update(product_, MakeRow({"7", "1", "Chair", "...", "t"}))}), Succeeds());
  ASSERT_THAT(Commit({Update(brand_, MakeRow({"1", "Acme", "a new note"}))}), Succeeds());
  EXPECT_EQ(sink_.puts, puts);
  EXPECT_EQ(applier_->statistics().changes_without_effect, 1);
  ASSERT_THAT(Commit({Update(brand_, MakeRow({"1", "Ajax", "a new note"}))}), Succeeds());
  EXPECT_EQ(sink_.puts, puts + 1);
}

TEST_F(ApplierRowsTest, RequirementA6_UnchangedValuesStay) {
  OpenShop();
  GoLive();
  const std::string large(5'000, 'd');
  ASSERT_THAT(Commit({Insert(product_, MakeRow({"7", "NULL", "Chair", large, "t"}))}), Succeeds());
  ASSERT_THAT(Commit({Update(product_, MakeRow({"7", "NULL", "Stool", "...", "t"}))}), Succeeds());
  EXPECT_EQ(Read("7")["title"], "Stool");
  EXPECT_EQ(Read("7")["description"], large);
  // The whole old row has it where the table's replica identity is full.
  Change change = Update(product_, MakeRow({"7", "NULL", "Bench", "...", "t"}));
  change.old_row = MakeRow({"7", "NULL", "Stool", large, "t"});
  ASSERT_THAT(Commit({change}), Succeeds());
  EXPECT_EQ(Read("7")["description"], large);
}

TEST_F(ApplierRowsTest, RequirementA7_AChangedKeyMovesTheRow) {
  OpenShop();
  GoLive();
  ASSERT_THAT(Commit({Insert(product_, MakeRow({"7", "NULL", "Chair", "soft", "t"})),
                      Insert(sku_, MakeRow({"1", "7", "100"}))}),
              Succeeds());
  // Of the old row only the key is sent; the other nulls mean nothing.
  ASSERT_THAT(Commit({Update(product_, MakeRow({"70", "NULL", "Chair", "...", "t"}),
                             MakeRow({"7", "NULL", "NULL", "NULL", "NULL"})),
                      Update(sku_, MakeRow({"1", "70", "100"}))}),
              Succeeds());
  EXPECT_TRUE(Read("7").is_null());
  EXPECT_EQ(Read("70"), Json({{"id", "70"},
                              {"title", "Chair"},
                              {"description", "soft"},
                              {"prices", {100}},
                              {"price", 1.0}}));
}

TEST_F(ApplierRowsTest, RequirementA13_ARedeliveredTransactionIsSkippedStrictly) {
  OpenShop();
  GoLive();
  ListedTransaction first(200, 210, {Insert(product_, MakeRow({"7", "NULL", "A", "NULL", "t"}))});
  // Its commit record is where the first one ends: a transaction of its own.
  ListedTransaction second(210, 220, {Update(product_, MakeRow({"7", "NULL", "B", "NULL", "t"}))});
  ChangeTransaction* const all[] = {&first, &second};
  ASSERT_THAT(applier_->Apply(all), Succeeds());
  EXPECT_EQ(Read("7")["title"], "B");
  EXPECT_EQ(applier_->applied(), LogPosition{220});
  ASSERT_THAT(applier_->Apply(all), Succeeds());
  EXPECT_EQ(Read("7")["title"], "B");
  EXPECT_EQ(applier_->statistics().transactions, 2);
}

TEST_F(ApplierRowsTest, RequirementA15_TruncatedRowsAndDocumentsVanishAtOnce) {
  OpenShop();
  GoLive();
  std::vector<Change> changes;
  for (int i = 0; i < 1'500; ++i) {
    const std::string id = std::to_string(i);
    changes.push_back(Insert(product_, MakeRow({id, "NULL", "T" + id, "NULL", "t"})));
    changes.push_back(Insert(sku_, MakeRow({id, id, "100"})));
  }
  ASSERT_THAT(Commit(std::move(changes)), Succeeds());
  EXPECT_EQ(Stored().size(), 1'500);
  ASSERT_THAT(Commit({Truncate(sku_)}), Succeeds());
  EXPECT_EQ(Read("77")["prices"], Json::array());
  ASSERT_THAT(
      Commit({Truncate(product_), Insert(product_, MakeRow({"3", "NULL", "new", "x", "t"}))}),
      Succeeds());
  EXPECT_EQ(Stored().size(), 1);
  EXPECT_EQ(Read("3")["title"], "new");
  EXPECT_EQ(applier_->statistics().rows, 1);
}

TEST_F(ApplierRowsTest, CopiedRowsThatAreNewerThanAChangeStay) {
  OpenShop();
  ASSERT_THAT(applier_->Begin({}, LogPosition{100}), Succeeds());
  ASSERT_THAT(Copy(brand_, {}, 100), Succeeds());
  ASSERT_THAT(Copy(sku_, {}, 100), Succeeds());
  ASSERT_THAT(Copy(product_, {MakeRow({"7", "NULL", "of 200", "d", "t"})}, 200), Succeeds());
  ASSERT_THAT(Commit({Insert(product_, MakeRow({"7", "NULL", "of 100", "d", "t"})),
                      Insert(product_, MakeRow({"8", "NULL", "deleted later", "d", "t"}))}),
              Succeeds());
  ASSERT_THAT(Commit({Delete(product_, MakeRow({"8", "NULL", "NULL", "NULL", "NULL"})),
                      Truncate(product_)}),
              Succeeds());
  applier_->AdvanceIdle(LogPosition{200});
  ASSERT_THAT(applier_->SaveIdle(), Succeeds());
  Build();
  EXPECT_EQ(Stored().size(), 1);
  EXPECT_EQ(Read("7")["title"], "of 200");
  EXPECT_THAT(Copy(product_, {}, 150), FailsWith(ErrorCode::kInvalidArgument));
}

// The old row was copied under its new key already; its unchanged value is not the older row's.
TEST_F(ApplierRowsTest, AValueThatNobodyHasIsAHoleUntilItIsReadAgain) {
  OpenShop();
  ASSERT_THAT(applier_->Begin({}, LogPosition{100}), Succeeds());
  ASSERT_THAT(Copy(brand_, {}, 100), Succeeds());
  ASSERT_THAT(Copy(sku_, {}, 100), Succeeds());
  // A newer incarnation of key 7.
  ASSERT_THAT(Copy(product_, {MakeRow({"7", "NULL", "another", "other", "t"})}, 150), Succeeds());
  position_ = 110;
  ASSERT_THAT(Commit({Update(product_, MakeRow({"70", "NULL", "Chair", "...", "t"}),
                             MakeRow({"7", "NULL", "NULL", "NULL", "NULL"}))}),
              Succeeds());
  const auto holes = applier_->Holes(10);
  ASSERT_THAT(holes, Succeeds());
  ASSERT_EQ(holes->size(), 1);
  EXPECT_EQ((*holes)[0].table_oid, 2);
  EXPECT_THAT((*holes)[0].key, ElementsAre("70"));
  applier_->AdvanceIdle(LogPosition{160});
  ASSERT_THAT(applier_->SaveIdle(), Succeeds());
  EXPECT_EQ(applier_->phase(), Phase::kCatchUp) << "a hole is left";
  Reopen();
  EXPECT_EQ(applier_->statistics().holes, 1);
  ASSERT_THAT(applier_->SetTables(tables_), Succeeds());
  const std::vector<Row> rows = {MakeRow({"70", "NULL", "Chair", "soft", "t"})};
  ASSERT_THAT(applier_->FillHoles(*product_, rows, SnapshotPosition::At(LogPosition{170})),
              Succeeds());
  EXPECT_THAT(*applier_->Holes(10), ElementsAre());
  applier_->AdvanceIdle(LogPosition{170});
  ASSERT_THAT(applier_->SaveIdle(), Succeeds());
  Build();
  EXPECT_EQ(Read("70")["description"], "soft");
  EXPECT_EQ(Read("7")["description"], "other");
}

// Key 7 went to 70, another row took it, and the snapshot that has both is known within bounds.
TEST_F(ApplierRowsTest, RequirementB24_ARowThatMayBeNewerThanItsPositionLendsNothing) {
  OpenShop();
  ASSERT_THAT(applier_->Begin({}, LogPosition{100}), Succeeds());
  ASSERT_THAT(Copy(brand_, {}, 100), Succeeds());
  ASSERT_THAT(Copy(sku_, {}, 100), Succeeds());
  ASSERT_THAT(CopyAt({.from = LogPosition{100}, .to = LogPosition{150}}, product_,
                     {MakeRow({"7", "NULL", "another", "other", "t"}),
                      MakeRow({"70", "NULL", "Chair", "soft", "t"})}),
              Succeeds());
  Reopen();
  ASSERT_THAT(applier_->SetTables(tables_), Succeeds());
  position_ = 110;
  ASSERT_THAT(Commit({Update(product_, MakeRow({"70", "NULL", "Chair", "...", "t"}),
                             MakeRow({"7", "NULL", "NULL", "NULL", "NULL"}))}),
              Succeeds());
  ASSERT_THAT(Commit({Insert(product_, MakeRow({"7", "NULL", "another", "other", "t"}))}),
              Succeeds());
  const auto holes = applier_->Holes(10);
  ASSERT_THAT(holes, Succeeds());
  ASSERT_EQ(holes->size(), 1);
  EXPECT_THAT((*holes)[0].key, ElementsAre("70"));
  ASSERT_THAT(applier_->FillHoles(*product_, {{MakeRow({"70", "NULL", "Chair", "soft", "t"})}},
                                  SnapshotPosition::At(LogPosition{170})),
              Succeeds());
  applier_->AdvanceIdle(LogPosition{170});
  ASSERT_THAT(applier_->SaveIdle(), Succeeds());
  Build();
  EXPECT_EQ(Read("70")["description"], "soft");
  EXPECT_EQ(Read("7")["description"], "other");
}

TEST_F(ApplierRowsTest, RequirementB20_ChildrenMoveBetweenParents) {
  OpenShop();
  GoLive();
  // The child comes before its parent.
  ASSERT_THAT(Commit({Insert(sku_, MakeRow({"1", "7", "100"})),
                      Insert(product_, MakeRow({"7", "NULL", "A", "NULL", "t"})),
                      Insert(product_, MakeRow({"8", "NULL", "B", "NULL", "t"}))}),
              Succeeds());
  EXPECT_EQ(Read("7")["prices"], Json({100}));
  ASSERT_THAT(Commit({Update(sku_, MakeRow({"1", "8", "100"}))}), Succeeds());
  EXPECT_EQ(Read("7")["prices"], Json::array());
  EXPECT_EQ(Read("8")["prices"], Json({100}));
  ASSERT_THAT(Commit({Update(sku_, MakeRow({"1", "NULL", "100"}))}), Succeeds());
  EXPECT_EQ(Read("8")["prices"], Json::array());
  ASSERT_THAT(Commit({Update(sku_, MakeRow({"1", "8", "100"}))}), Succeeds());
  // As a cascade tells it: the parent first.
  ASSERT_THAT(Commit({Delete(product_, MakeRow({"8", "NULL", "NULL", "NULL", "NULL"})),
                      Delete(sku_, MakeRow({"1", "NULL", "NULL"}))}),
              Succeeds());
  EXPECT_TRUE(Read("8").is_null());
  EXPECT_EQ(applier_->statistics().rows, 1);
}

TEST_F(ApplierRowsTest, RequirementB21_ADanglingReferenceIsNothingUntilItsRowComes) {
  OpenShop();
  GoLive();
  ASSERT_THAT(Commit({Insert(product_, MakeRow({"7", "1", "A", "NULL", "t"}))}), Succeeds());
  EXPECT_FALSE(Read("7").contains("brand"));
  ASSERT_THAT(Commit({Insert(brand_, MakeRow({"1", "Acme", "NULL"}))}), Succeeds());
  EXPECT_EQ(Read("7")["brand"], "Acme");
  ASSERT_THAT(Commit({Delete(brand_, MakeRow({"1", "NULL", "NULL"}))}), Succeeds());
  EXPECT_FALSE(Read("7").contains("brand"));
}

TEST_F(ApplierRowsTest, RequirementB19_DocumentsOfABigParentWaitAndAreComposedMeanwhile) {
  OpenShop();
  GoLive();
  constexpr int kProducts = 3'000;
  std::vector<Change> changes = {Insert(brand_, MakeRow({"1", "Acme", "NULL"}))};
  for (int i = 0; i < kProducts; ++i) {
    changes.push_back(Insert(product_, MakeRow({std::to_string(i), "1", "T", "NULL", "t"})));
  }
  ASSERT_THAT(Commit(std::move(changes)), Succeeds());
  const std::uint64_t puts = sink_.puts;
  const Position text = store_->position();
  EXPECT_EQ(applier_->searchable(text), applier_->applied());
  ASSERT_THAT(Commit({Update(brand_, MakeRow({"1", "Ajax", "NULL"}))}), Succeeds());
  EXPECT_EQ(applier_->statistics().documents_waiting,
            kProducts - Applier::Limits().immediate_documents_max);
  for (const char* id : {"0", "1500", "2999"}) {
    EXPECT_EQ(Read(id)["brand"], "Ajax") << id;
  }
  EXPECT_LT(applier_->searchable(store_->position()), applier_->applied());
  // A second change while they wait is one more reason, not one more rebuild.
  ASSERT_THAT(Commit({Update(brand_, MakeRow({"1", "Apex", "NULL"}))}), Succeeds());
  EXPECT_EQ(Read("2999")["brand"], "Apex");
  Reopen();
  EXPECT_EQ(Read("2999")["brand"], "Apex") << "before the source is reached";
  ASSERT_THAT(applier_->SetTables(tables_), Succeeds());
  Drain();
  EXPECT_EQ(sink_.puts - puts, 2 * Applier::Limits().immediate_documents_max +
                                   (kProducts - Applier::Limits().immediate_documents_max));
  EXPECT_EQ(applier_->searchable(store_->position()), applier_->applied());
  for (const auto& [id, json] : Stored()) {
    EXPECT_THAT(json, HasSubstr("Apex"));
  }
}

TEST_F(ApplierRowsTest, RequirementB16_ALargeTransactionIsSeenAtOnceAndResumesInTheMiddle) {
  OpenShop();
  GoLive();
  constexpr int kProducts = 25'000;
  std::vector<Change> inserts;
  std::vector<Change> updates;
  for (int i = 0; i < kProducts; ++i) {
    const std::string id = std::to_string(i);
    inserts.push_back(Insert(product_, MakeRow({id, "NULL", "old", "NULL", "t"})));
    updates.push_back(Update(product_, MakeRow({id, "NULL", "new", "NULL", "t"})));
  }
  ListedTransaction first(200, 210, std::move(inserts));
  ListedTransaction second(220, 230, std::move(updates));
  ChangeTransaction* const first_only[] = {&first};
  ChangeTransaction* const second_only[] = {&second};
  ASSERT_THAT(applier_->Apply(first_only), Succeeds());
  Drain();
  EXPECT_EQ(Stored().size(), kProducts);
  second.fails_at = 17'000;
  EXPECT_THAT(applier_->Apply(second_only), FailsWith(ErrorCode::kIo));
  EXPECT_EQ(Read("0")["title"], "old") << "half a transaction";
  EXPECT_EQ(applier_->applied(), LogPosition{210});
  Reopen();
  ASSERT_THAT(applier_->SetTables(tables_), Succeeds());
  EXPECT_EQ(Read("0")["title"], "old");
  EXPECT_THAT(applier_->DrainWaiting(), Succeeds());
  EXPECT_EQ(Read("0")["title"], "old");
  const std::uint64_t changes = applier_->statistics().changes;
  second.fails_at.reset();
  ASSERT_THAT(applier_->Apply(second_only), Succeeds());
  EXPECT_EQ(applier_->statistics().changes - changes, 15'000) << "the first part was kept";
  EXPECT_EQ(applier_->applied(), LogPosition{230});
  EXPECT_EQ(Read("0")["title"], "new");
  EXPECT_EQ(Read("24999")["title"], "new");
  Drain();
  EXPECT_EQ(Json::parse(Stored().at("12345"))["title"], "new");
}

TEST_F(ApplierRowsTest, RowsOfOlderDescriptionsAreReadByNames) {
  OpenShop();
  GoLive();
  ASSERT_THAT(Commit({Insert(product_, MakeRow({"7", "NULL", "A", "long", "t"}))}), Succeeds());
  const auto wider = MakeTable(2, "product",
                               {{"id", kInteger, true},
                                {"color"},
                                {"title"},
                                {"description"},
                                {"published", kBoolean},
                                {"brand_id", kInteger}});
  Change described = Insert(wider, {});
  described.kind = Change::Kind::kTable;
  ASSERT_THAT(Commit({Insert(sku_, MakeRow({"1", "7", "5"})), described,
                      Insert(wider, MakeRow({"8", "red", "B", "short", "t", "NULL"}))}),
              Succeeds());
  EXPECT_EQ(Read("7")["title"], "A");
  EXPECT_EQ(Read("8")["title"], "B");
  Reopen();
  ASSERT_THAT(applier_->SetTables(tables_), Succeeds());
  ASSERT_THAT(Commit({Update(wider, MakeRow({"7", "NULL", "A2", "...", "t", "NULL"}))}),
              Succeeds());
  EXPECT_EQ(Read("7")["title"], "A2");
  EXPECT_EQ(Read("7")["description"], "long");
  const auto other_key = MakeTable(2, "product", {{"id", kInteger}, {"title", kText, true}});
  EXPECT_THAT(Commit({Insert(other_key, MakeRow({"1", "x"}))}), FailsWith(ErrorCode::kConflict));
}

TEST_F(ApplierRowsTest, AForgottenTableIsCopiedAgainBeforeItsDocumentsChange) {
  OpenShop();
  GoLive();
  ASSERT_THAT(Commit({Insert(brand_, MakeRow({"1", "Acme", "NULL"})),
                      Insert(product_, MakeRow({"7", "1", "A", "NULL", "t"}))}),
              Succeeds());
  ASSERT_THAT(applier_->ForgetTable(1), Succeeds());
  ASSERT_THAT(Commit({Update(product_, MakeRow({"7", "1", "B", "NULL", "t"}))}), Succeeds());
  EXPECT_EQ(Read("7"),
            Json({{"id", "7"}, {"title", "A"}, {"brand", "Acme"}, {"prices", Json::array()}}));
  ASSERT_THAT(Copy(brand_, {MakeRow({"1", "Ajax", "NULL"})}, 300), Succeeds());
  EXPECT_EQ(Read("7")["brand"], "Acme");
  position_ = 300;
  ASSERT_THAT(Commit({}), Succeeds());
  EXPECT_EQ(Read("7")["brand"], "Ajax");
  EXPECT_EQ(Read("7")["title"], "B");
  Drain();
  EXPECT_EQ(Json::parse(Stored().at("7"))["brand"], "Ajax");
  EXPECT_EQ(applier_->statistics().rows, 2);
}

/// Says that every document has text.
class EagerListener : public cache::DocumentListener {
 public:
  class EagerSession : public Session {
   public:
    Result<bool> Written(const cache::DocumentChange& change) override {
      return change.after == nullptr || change.before != change.after->json;
    }
    Result<void> BeforeCommit() override { return {}; }
  };
  std::unique_ptr<Session> Begin(cache::WriteTransaction&) override {
    return std::make_unique<EagerSession>();
  }
};

TEST_F(ApplierRowsTest, PositionsFollowTheTextIndexAndWhatWaits) {
  EagerListener listener;
  listener_ = &listener;
  limits_.immediate_documents_max = 1;
  limits_.drained_documents_max = 1;
  OpenShop();
  GoLive();
  const Position before = store_->position();
  ASSERT_THAT(Commit({Insert(brand_, MakeRow({"1", "Acme", "NULL"})),
                      Insert(product_, MakeRow({"7", "1", "A", "NULL", "t"})),
                      Insert(product_, MakeRow({"8", "1", "B", "NULL", "t"}))}),
              Succeeds());
  const LogPosition first = applier_->applied();
  const Position first_text = store_->position();
  EXPECT_LT(applier_->indexed(before), first);
  EXPECT_EQ(applier_->indexed(first_text), first);
  EXPECT_EQ(applier_->searchable(first_text), first);
  // Nothing of it concerns text, so nothing must be waited for.
  ASSERT_THAT(Commit({Update(brand_, MakeRow({"1", "Acme", "a note"}))}), Succeeds());
  EXPECT_EQ(applier_->searchable(first_text), applier_->applied());
  const LogPosition second = applier_->applied();
  ASSERT_THAT(Commit({Update(brand_, MakeRow({"1", "Ajax", "a note"}))}), Succeeds());
  const Position third_text = store_->position();
  EXPECT_EQ(applier_->indexed(third_text), applier_->applied());
  EXPECT_GE(applier_->searchable(third_text), second);
  EXPECT_LT(applier_->searchable(third_text), applier_->applied()) << "a document waits";
  Drain();
  EXPECT_LT(applier_->searchable(third_text), applier_->applied()) << "its text is not indexed";
  EXPECT_EQ(applier_->searchable(store_->position()), applier_->applied());
  const LogPosition idle{static_cast<std::uint64_t>(applier_->applied()) + 1'000};
  applier_->AdvanceIdle(idle);
  EXPECT_EQ(applier_->applied(), idle);
  EXPECT_EQ(applier_->searchable(store_->position()), idle);
  EXPECT_LT(applier_->indexed(store_->position()), idle) << "a restart would not know";
  ASSERT_THAT(applier_->SaveIdle(), Succeeds());
  EXPECT_EQ(applier_->indexed(store_->position()), idle);
  EXPECT_EQ(applier_->state().applied, idle);
  // Before the listener.
  applier_.reset();
  store_.reset();
}

TEST_F(ApplierRowsTest, OtherDeclarationsAskForANewGeneration) {
  OpenShop();
  GoLive();
  declarations_[0].fields.pop_back();
  Reopen();
  EXPECT_THAT(applier_->SetTables(tables_), FailsWith(ErrorCode::kConflict));
}

}  // namespace
}  // namespace cacheindex::replication
