#include "replication/apply/applier.h"
#include "tests/replication/applier_fixture.h"

// What a change makes anew of a document: the members that its columns are in, or the whole.

namespace cacheindex::replication {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

using Names = std::vector<std::string>;

class ApplierMembersTest : public ApplierTest {
 protected:
  ApplierMembersTest() {
    brand_ = MakeTable(1, "brand", {{"id", kInteger, true}, {"name"}, {"country"}});
    product_ =
        MakeTable(2, "product",
                  {{"id", kInteger, true},
                   {"brand_id", kInteger},
                   {"title"},
                   {"size"},
                   {"published", kBoolean}},
                  {{.columns = {"brand_id"}, .referenced_oid = 1, .referenced_columns = {"id"}}});
    sku_ =
        MakeTable(3, "sku", {{"id", kInteger, true}, {"product_id", kInteger}, {"cents", kInteger}},
                  {{.columns = {"product_id"}, .referenced_oid = 2, .referenced_columns = {"id"}}});
    property_ =
        MakeTable(4, "property", {{"product_id", kInteger, true}, {"name", kText, true}, {"value"}},
                  {{.columns = {"product_id"}, .referenced_oid = 2, .referenced_columns = {"id"}}});
  }

  void OpenShop(Json fields) {
    Open({{"name", "products"},
          {"root", "product"},
          {"filter", "published"},
          {"fields", std::move(fields)}},
         {brand_, product_, sku_, property_});
    GoLive();
    ASSERT_THAT(Commit({Insert(brand_, MakeRow({"1", "Acme", "FI"})),
                        Insert(product_, MakeRow({"7", "1", "Chair", "L", "t"})),
                        Insert(sku_, MakeRow({"1", "7", "1250"})),
                        Insert(property_, MakeRow({"7", "color", "red"}))}),
                Succeeds());
    sink_.replaced.clear();
  }

  static Json UsualFields() {
    return Json::array({{{"name", "title"}, {"default", "untitled"}},
                        {{"name", "size"}},
                        {{"name", "brand.name"}, {"from", "brand.name"}},
                        {{"name", "brand.country"}, {"from", "brand.country"}},
                        {{"name", "price"}, {"from", "min(sku.cents) / 100"}},
                        {{"name", "prices"}, {"from", "sku.cents"}},
                        {{"name", "properties.*"}, {"from", "pivot(property, name, value)"}}});
  }

  // Applies one change and returns the names of what was replaced; nothing for a whole document.
  std::vector<Names> ReplacedBy(const Change& change) {
    sink_.replaced.clear();
    EXPECT_THAT(Commit({change}), Succeeds());
    return sink_.replaced;
  }

  std::shared_ptr<const Table> brand_;
  std::shared_ptr<const Table> product_;
  std::shared_ptr<const Table> sku_;
  std::shared_ptr<const Table> property_;
};

TEST_F(ApplierMembersTest, AChangeMakesTheMembersThatShowIt) {
  OpenShop(UsualFields());
  EXPECT_THAT(ReplacedBy(Update(sku_, MakeRow({"1", "7", "995"}))),
              ElementsAre(Names{"price", "prices"}));
  EXPECT_THAT(ReplacedBy(Update(brand_, MakeRow({"1", "Ajax", "FI"}))),
              ElementsAre(Names{"brand"}));
  EXPECT_THAT(ReplacedBy(Update(property_, MakeRow({"7", "color", "blue"}))),
              ElementsAre(Names{"properties"}));
  EXPECT_THAT(ReplacedBy(Update(product_, MakeRow({"7", "1", "NULL", "NULL", "t"}))),
              ElementsAre(Names{"size", "title"}));
  EXPECT_EQ(Stored().at("7"),
            R"({"brand":{"country":"FI","name":"Ajax"},"id":"7","price":9.95,"prices":[995],)"
            R"("properties":{"color":"blue"},"title":"untitled"})");
  EXPECT_THAT(ReplacedBy(Update(product_, MakeRow({"7", "1", "Stool", "S", "t"}))),
              ElementsAre(Names{"size", "title"}));
  EXPECT_EQ(Stored().at("7"),
            R"({"brand":{"country":"FI","name":"Ajax"},"id":"7","price":9.95,"prices":[995],)"
            R"("properties":{"color":"blue"},"size":"S","title":"Stool"})");
}

TEST_F(ApplierMembersTest, ChangesOfOneDocumentAreMadeTogether) {
  OpenShop(UsualFields());
  ASSERT_THAT(Commit({Update(sku_, MakeRow({"1", "7", "995"})),
                      Update(brand_, MakeRow({"1", "Ajax", "SE"})),
                      Update(sku_, MakeRow({"1", "7", "990"}))}),
              Succeeds());
  EXPECT_THAT(sink_.replaced, ElementsAre(Names{"brand", "price", "prices"}));
  EXPECT_EQ(Stored().at("7"),
            R"({"brand":{"country":"SE","name":"Ajax"},"id":"7","price":9.9,"prices":[990],)"
            R"("properties":{"color":"red"},"size":"L","title":"Chair"})");
}

TEST_F(ApplierMembersTest, RowsThatComeGoOrMoveMakeTheWhole) {
  OpenShop(UsualFields());
  EXPECT_THAT(ReplacedBy(Insert(sku_, MakeRow({"2", "7", "100"}))), IsEmpty());
  EXPECT_EQ(Read("7")["price"], 1);
  EXPECT_THAT(ReplacedBy(Delete(sku_, MakeRow({"2", "NULL", "NULL"}))), IsEmpty());
  EXPECT_EQ(Read("7")["price"], 12.5);
  EXPECT_THAT(ReplacedBy(Update(product_, MakeRow({"7", "2", "Chair", "L", "t"}))), IsEmpty());
  EXPECT_FALSE(Read("7").contains("brand"));
  EXPECT_THAT(ReplacedBy(Update(product_, MakeRow({"7", "1", "Chair", "L", "f"}))), IsEmpty());
  EXPECT_TRUE(Read("7").is_null());
  // No document shows it.
  EXPECT_THAT(ReplacedBy(Update(sku_, MakeRow({"1", "7", "1"}))), IsEmpty());
  EXPECT_TRUE(Read("7").is_null());
  EXPECT_THAT(ReplacedBy(Update(product_, MakeRow({"7", "1", "Chair", "L", "t"}))), IsEmpty());
  EXPECT_EQ(Read("7")["price"], 0.01);
}

// A star without a member of its own gives way to declared names, and fills their places.
TEST_F(ApplierMembersTest, WhereAStarMayStandTheWholeIsMade) {
  OpenShop(Json::array({{{"name", "title"}},
                        {{"name", "p_size"}, {"from", "size"}},
                        {{"name", "p_*"}, {"from", "pivot(property, name, value)"}}}));
  ASSERT_THAT(Commit({Insert(property_, MakeRow({"7", "size", "42"}))}), Succeeds());
  EXPECT_EQ(Stored().at("7"), R"({"id":"7","p_color":"red","p_size":"L","title":"Chair"})");
  EXPECT_THAT(ReplacedBy(Update(product_, MakeRow({"7", "1", "Chair", "NULL", "t"}))), IsEmpty());
  EXPECT_EQ(Stored().at("7"), R"({"id":"7","p_color":"red","p_size":"42","title":"Chair"})");
  EXPECT_THAT(ReplacedBy(Update(property_, MakeRow({"7", "size", "43"}))), IsEmpty());
  EXPECT_THAT(ReplacedBy(Update(product_, MakeRow({"7", "1", "Stool", "NULL", "t"}))),
              ElementsAre(Names{"title"}));
  EXPECT_EQ(Stored().at("7"), R"({"id":"7","p_color":"red","p_size":"43","title":"Stool"})");
}

// Fields behind the 63rd are not told apart.
TEST_F(ApplierMembersTest, ManyFields) {
  Json fields = Json::array();
  for (int i = 0; i < 70; ++i) {
    fields.push_back({{"name", "f" + std::to_string(i)},
                      {"from", i == 5 ? "title" : (i == 69 ? "size" : "brand.name")}});
  }
  OpenShop(std::move(fields));
  EXPECT_THAT(ReplacedBy(Update(product_, MakeRow({"7", "1", "Stool", "L", "t"}))),
              ElementsAre(Names{"f5"}));
  EXPECT_THAT(ReplacedBy(Update(product_, MakeRow({"7", "1", "Stool", "S", "t"}))), IsEmpty());
  EXPECT_EQ(Read("7")["f5"], "Stool");
  EXPECT_EQ(Read("7")["f69"], "S");
  EXPECT_EQ(Read("7")["f68"], "Acme");
}

TEST_F(ApplierMembersTest, WhatWaitsKnowsWhatItWaitsFor) {
  limits_.immediate_documents_max = 1;
  OpenShop(UsualFields());
  ASSERT_THAT(Commit({Insert(product_, MakeRow({"8", "1", "Table", "L", "t"})),
                      Insert(product_, MakeRow({"9", "1", "Shelf", "L", "t"}))}),
              Succeeds());
  sink_.replaced.clear();
  ASSERT_THAT(Commit({Update(brand_, MakeRow({"1", "Ajax", "FI"}))}), Succeeds());
  EXPECT_THAT(sink_.replaced, ElementsAre(Names{"brand"}));
  EXPECT_EQ(applier_->statistics().documents_waiting, 2);
  EXPECT_EQ(Read("9")["brand"]["name"], "Ajax");
  // Two changes of what waits: it is made at once, and shows all three.
  ASSERT_THAT(Commit({Update(product_, MakeRow({"9", "1", "Rack", "L", "t"}))}), Succeeds());
  EXPECT_EQ(applier_->statistics().documents_waiting, 1);
  ASSERT_THAT(sink_.replaced, SizeIs(2));
  EXPECT_EQ(sink_.replaced.back(), (Names{"brand", "title"}));
  EXPECT_EQ(Json::parse(Stored().at("9"))["brand"]["name"], "Ajax");
  EXPECT_EQ(Json::parse(Stored().at("8"))["brand"]["name"], "Acme");
  Reopen();
  Drain();
  EXPECT_EQ(sink_.replaced.back(), (Names{"brand"}));
  EXPECT_EQ(Stored().at("8"), R"({"brand":{"country":"FI","name":"Ajax"},"id":"8","prices":[],)"
                              R"("size":"L","title":"Table"})");
}

// Changes of a large transaction, part by part; what waits gathers their fields.
TEST_F(ApplierMembersTest, WhatWaitsGathersFields) {
  OpenShop(UsualFields());
  limits_.changes_max = 2;
  Reopen();
  ASSERT_THAT(
      Commit({Update(sku_, MakeRow({"1", "7", "995"})), Update(sku_, MakeRow({"1", "7", "990"})),
              Update(product_, MakeRow({"7", "1", "Stool", "L", "t"})),
              Update(brand_, MakeRow({"1", "Ajax", "FI"})),
              Update(sku_, MakeRow({"1", "7", "985"}))}),
      Succeeds());
  EXPECT_EQ(applier_->statistics().documents_waiting, 1);
  Drain();
  EXPECT_THAT(sink_.replaced, ElementsAre(Names{"brand", "price", "prices", "title"}));
  EXPECT_EQ(Stored().at("7"),
            R"({"brand":{"country":"FI","name":"Ajax"},"id":"7","price":9.85,"prices":[985],)"
            R"("properties":{"color":"red"},"size":"L","title":"Stool"})");
}

// What is missing comes while a transaction is applied in part, and is shown with it.
TEST_F(ApplierMembersTest, AHoleFilledBesideALargeTransactionIsShown) {
  OpenShop(UsualFields());
  limits_.changes_max = 2;
  Reopen();
  ASSERT_THAT(applier_->SetTables(tables_), Succeeds());
  // Nobody has the title of the row that comes from another key.
  ASSERT_THAT(Commit({Update(product_, MakeRow({"90", "1", "...", "L", "t"}),
                             MakeRow({"9", "NULL", "NULL", "NULL", "NULL"}))}),
              Succeeds());
  ASSERT_EQ(applier_->Holes(10)->size(), 1U);
  EXPECT_EQ(Read("90")["title"], "untitled");
  ListedTransaction large(
      position_, position_ + 10,
      {Update(sku_, MakeRow({"1", "7", "1"})), Update(sku_, MakeRow({"1", "7", "2"})),
       Update(sku_, MakeRow({"1", "7", "3"})), Update(sku_, MakeRow({"1", "7", "4"}))});
  large.fails_at = 3;
  ChangeTransaction* const all[] = {&large};
  ASSERT_THAT(applier_->Apply(all), test::FailsWith(ErrorCode::kIo));
  const std::vector<Row> rows = {MakeRow({"90", "1", "Rack", "L", "t"})};
  ASSERT_THAT(
      applier_->FillHoles(*product_, rows, SnapshotPosition::At(LogPosition{position_ + 5})),
      Succeeds());
  EXPECT_EQ(Read("90")["title"], "untitled") << "between two of the source's transactions";
  large.fails_at.reset();
  ASSERT_THAT(applier_->Apply(all), Succeeds());
  EXPECT_EQ(Read("90")["title"], "Rack");
  Drain();
  EXPECT_EQ(Json::parse(Stored().at("90"))["title"], "Rack");
  EXPECT_EQ(Json::parse(Stored().at("7"))["price"], 0.04);
}

// One key, spelled differently: the document goes that is stored, whatever came between.
TEST_F(ApplierMembersTest, AKeyThatIsSpelledAnewTwiceLeavesNoDocumentBehind) {
  constexpr std::uint32_t kNumeric = 1700;
  const auto table = MakeTable(1, "item", {{"id", kNumeric, true}, {"name"}});
  Open({{"name", "items"}, {"root", "item"}, {"fields", Json::array({{{"name", "name"}}})}},
       {table});
  GoLive();
  ASSERT_THAT(Commit({Insert(table, MakeRow({"1.5", "a"}))}), Succeeds());
  ASSERT_THAT(Commit({Update(table, MakeRow({"1.50", "a"}), MakeRow({"1.5", "NULL"})),
                      Update(table, MakeRow({"1.500", "a"}), MakeRow({"1.50", "NULL"}))}),
              Succeeds());
  EXPECT_EQ(Stored().size(), 1U);
  EXPECT_EQ(Stored().count("1.500"), 1U);
}

}  // namespace
}  // namespace cacheindex::replication
