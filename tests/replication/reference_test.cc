#include "replication/declaration/reference_declaration.h"

#include <limits>

#include "replication/rows/reference_key.h"
#include "replication/rows/value_reading.h"
#include "tests/replication/applier_fixture.h"

namespace cacheindex::replication {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::uint32_t kFloat = 700;
constexpr std::uint32_t kDouble = 701;
constexpr std::uint32_t kPaddedText = 1042;
constexpr std::uint32_t kUuid = 2950;
constexpr std::uint32_t kJson = 114;
constexpr std::uint32_t kIntegers = 1007;
constexpr std::uint32_t kTexts = 1009;

TEST(ReferenceDeclarationTest, ColumnsAreReadAsTheyAreSpelled) {
  const auto parse = [](const char* text) { return *ParseReference(text); };
  const ReferenceDeclaration plain = parse(" public.sku.product_id->product.id ");
  EXPECT_EQ(plain.from_table, "public.sku");
  EXPECT_EQ(plain.from_column, "product_id");
  EXPECT_EQ(plain.to_table, "product");
  EXPECT_EQ(plain.to_column, "id");
  const ReferenceDeclaration several =
      parse("item.(order_id, \"shop.id\") -> \"order\".(id, shop)");
  EXPECT_EQ(several.from_table, "item");
  EXPECT_EQ(several.to_table, "order");
  const auto columns = *ParseReferenceColumns(several.from_column);
  ASSERT_EQ(columns.size(), 2);
  EXPECT_EQ(columns[1].name, "shop.id");
  const auto pieces = *ParseReferenceColumns(parse("a.split(path, '->') -> a.id").from_column);
  EXPECT_EQ(pieces[0].spread, KeyForm::Spread::kPieces);
  EXPECT_EQ(pieces[0].separator, "->");
  const auto quote = *ParseReferenceColumns("split(path, '''')");
  EXPECT_EQ(quote[0].separator, "'");
  const auto steps = *ParseReferenceColumns("prefixes(path, 4)");
  EXPECT_EQ(steps[0].step, 4);
  const auto span =
      *ParseReferenceColumns(parse("c.(tree, lft) -> c.(tree, between(lft, rgt))").to_column);
  EXPECT_EQ(span[1].spread, KeyForm::Spread::kSpan);
  EXPECT_EQ(span[1].name, "lft");
  EXPECT_EQ(span[1].upper, "rgt");
  const auto elements = *ParseReferenceColumns("ids[]");
  EXPECT_EQ(elements[0].spread, KeyForm::Spread::kElements);
}

TEST(ReferenceDeclarationTest, MistakesAreNamed) {
  const auto message = [](const char* text) {
    const auto parsed = ParseReference(text);
    EXPECT_THAT(parsed, FailsWith(ErrorCode::kInvalidArgument)) << text;
    return parsed ? std::string() : parsed.error().message();
  };
  EXPECT_THAT(message("sku.product_id"), HasSubstr("must be a string like"));
  EXPECT_THAT(message("sku -> product.id"), HasSubstr("must be a string like"));
  EXPECT_THAT(message("a.(b, c) -> d.(e)"), HasSubstr("has 2 columns that refer to 1"));
  EXPECT_THAT(message("a.(b, c -> d.e"), HasSubstr("\",\" or \")\""));
  EXPECT_THAT(message("a.(b,) -> d.(e, f)"), HasSubstr("expected a column"));
  EXPECT_THAT(message("a.b[ -> d.e"), HasSubstr("expected \"]\""));
  EXPECT_THAT(message("a.join(b, ',') -> d.e"), HasSubstr("split, prefixes or between"));
  EXPECT_THAT(message("a.split(b) -> d.e"), HasSubstr("expected \",\""));
  EXPECT_THAT(message("a.split(b, '') -> d.e"), HasSubstr("a separator in quotes"));
  EXPECT_THAT(message("a.split(b, 4) -> d.e"), HasSubstr("a separator in quotes"));
  EXPECT_THAT(message("a.prefixes(b, 0) -> d.e"), HasSubstr("a separator in quotes"));
  EXPECT_THAT(message("a.b -> d.e[]"), HasSubstr("where it must not"));
  EXPECT_THAT(message("a.between(b, c) -> d.e"), HasSubstr("where it must not"));
  EXPECT_THAT(message("a.(b[], c[]) -> d.(e, f)"), HasSubstr("several columns of many values"));
  EXPECT_THAT(message("a.b[] -> d.between(e, f)"), HasSubstr("several columns of many values"));
}

std::string Key(KeyForm::Reading reading, std::uint32_t type, std::string_view text,
                CaseFolding folding = CaseFolding::kNone) {
  KeyForm form;
  form.reading = reading;
  form.folding = folding;
  std::string key;
  return AppendValueAs(key, form, type, text) ? key : "refers to nothing";
}
const std::string kNothing = "refers to nothing";

TEST(ValueReadingTest, NumbersAreReadAsTheServerReadsThem) {
  using Reading = KeyForm::Reading;
  const std::string seven = Key(Reading::kOwn, kInteger, "7");
  for (const char* text : {"7", " 7", "+7", "007", "7\n"}) {
    EXPECT_EQ(Key(Reading::kInteger, kText, text), seven) << text;
  }
  EXPECT_EQ(Key(Reading::kInteger, kPaddedText, "7   "), seven);
  EXPECT_EQ(Key(Reading::kInteger, kNumeric, "7.00"), seven);
  EXPECT_EQ(Key(Reading::kInteger, kDouble, "7"), seven);
  EXPECT_EQ(Key(Reading::kInteger, kDouble, "1e+15"),
            Key(Reading::kOwn, kBigInteger, "1000000000000000"));
  for (const char* text :
       {"", " ", "7.0", "seven", "+ 7", "++7", "+-7", "0x7", "7_0", "9223372036854775808"}) {
    EXPECT_EQ(Key(Reading::kInteger, kText, text), kNothing) << text;
  }
  for (const char* text : {"7.5", "NaN", "Infinity"}) {
    EXPECT_EQ(Key(Reading::kInteger, kNumeric, text), kNothing) << text;
    EXPECT_EQ(Key(Reading::kInteger, kDouble, text), kNothing) << text;
  }
  const std::string half = Key(Reading::kOwn, kNumeric, "0.50");
  for (const char* text : {"0.5", ".5", "+0.500 ", "5e-1", "00.05E1"}) {
    EXPECT_EQ(Key(Reading::kNumeric, kText, text), half) << text;
  }
  EXPECT_EQ(Key(Reading::kNumeric, kInteger, "-70"), Key(Reading::kOwn, kNumeric, "-70.0"));
  EXPECT_EQ(Key(Reading::kNumeric, kText, "-0.0"), Key(Reading::kOwn, kNumeric, "0.00"));
  EXPECT_EQ(Key(Reading::kNumeric, kText, "5e2"), Key(Reading::kOwn, kNumeric, "500"));
  EXPECT_EQ(Key(Reading::kNumeric, kText, "nan"), Key(Reading::kOwn, kNumeric, "NaN"));
  for (const char* text : {"", ".", "-", "1.2.3", "--1", "1e", "1e99999999", "e5"}) {
    EXPECT_EQ(Key(Reading::kNumeric, kText, text), kNothing) << text;
  }
}

TEST(ValueReadingTest, FloatingPointIsEqualWhereItsValueIs) {
  using Reading = KeyForm::Reading;
  EXPECT_EQ(Key(Reading::kDouble, kDouble, "0"), Key(Reading::kDouble, kDouble, "-0"));
  EXPECT_EQ(Key(Reading::kDouble, kDouble, "NaN"), Key(Reading::kDouble, kText, "nan"));
  EXPECT_EQ(Key(Reading::kDouble, kNumeric, "0.10"), Key(Reading::kDouble, kDouble, "0.1"));
  // A tenth of four bytes is none of eight.
  EXPECT_NE(Key(Reading::kDouble, kFloat, "0.1"), Key(Reading::kDouble, kDouble, "0.1"));
  EXPECT_EQ(Key(Reading::kDouble, kFloat, "0.5"), Key(Reading::kDouble, kDouble, "0.5"));
  EXPECT_EQ(Key(Reading::kFloat, kText, "0.1"), Key(Reading::kFloat, kFloat, "0.1"));
  EXPECT_EQ(Key(Reading::kDouble, kText, "1e999"), kNothing);
}

TEST(ValueReadingTest, UuidsAreReadInAnySpellingOfTheServer) {
  using Reading = KeyForm::Reading;
  const std::string key = Key(Reading::kOwn, kUuid, "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11");
  for (const char* text :
       {"A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11", "{a0eebc99-9c0b4ef8-bb6d6bb9-bd380a11}",
        "a0eebc999c0b4ef8bb6d6bb9bd380a11", "a0ee-bc99-9c0b-4ef8-bb6d-6bb9-bd38-0a11"}) {
    EXPECT_EQ(Key(Reading::kUuid, kText, text), key) << text;
  }
  for (const char* text :
       {"", "{", "a0eebc999c0b4ef8bb6d6bb9bd380a1", "a0eebc999c0b4ef8bb6d6bb9bd380a11-",
        "{a0eebc999c0b4ef8bb6d6bb9bd380a11", "a0-eebc999c0b4ef8bb6d6bb9bd380a11",
        "a0ee--bc999c0b4ef8bb6d6bb9bd380a11", " a0eebc999c0b4ef8bb6d6bb9bd380a11",
        "g0eebc999c0b4ef8bb6d6bb9bd380a11"}) {
    EXPECT_EQ(Key(Reading::kUuid, kText, text), kNothing) << text;
  }
}

TEST(ValueReadingTest, TextsAreFoldedAsTheDatabaseFolds) {
  EXPECT_EQ(Fold(CaseFolding::kAscii, "Straße ÄZ"), "straße Äz");
  EXPECT_EQ(Fold(CaseFolding::kSimple, "Straße ÄZ ΟΔΟΣ"), "straße äz οδοσ");
  EXPECT_EQ(Fold(CaseFolding::kFull, "ΟΔΟΣ"), "οδος");
  EXPECT_EQ(Fold(CaseFolding::kSimple,
                 "a\xFF"
                 "B"),
            "a\xFF"
            "b");
}

TEST(ReferenceKeyTest, SpansAreMadeOfBlocksAndHoldExactlyTheirNumbers) {
  const std::uint64_t greatest = std::numeric_limits<std::uint64_t>::max();
  for (std::uint64_t first = 0; first < 40; ++first) {
    for (std::uint64_t last = first; last < 40; ++last) {
      const auto blocks = BlockKeys(first, last);
      for (std::uint64_t number = 0; number < 42; ++number) {
        std::size_t found = 0;
        for (unsigned level = 0; level <= 64; ++level) {
          found += static_cast<std::size_t>(
              std::count(blocks.begin(), blocks.end(), BlockKey(level, number)));
        }
        ASSERT_EQ(found, number >= first && number <= last ? 1 : 0)
            << number << " of " << first << ".." << last;
      }
    }
  }
  EXPECT_EQ(BlockKeys(0, greatest).size(), 1);
  EXPECT_EQ(BlockKeys(1, greatest - 1).size(), 126);
  EXPECT_THAT(BlockKeys(greatest, greatest), ElementsAre(BlockKey(0, greatest)));
  EXPECT_TRUE(BlockKeys(5, 4).empty());
  EXPECT_EQ(NumberOfKey(KeyOfNumber(77)), 77);
}

/// Products and what they refer to in every way, without a foreign key of the catalog.
class ReferenceTest : public ApplierTest {
 protected:
  ReferenceTest() {
    auto tag = std::make_shared<Table>(*MakeTable(5, "tag", {{"name", kCitext, true}, {"title"}}));
    tag->columns[0].folding = CaseFolding::kSimple;
    auto label = std::make_shared<Table>(*MakeTable(6, "label", {{"name", kText, true}, {"x"}}));
    label->columns[0].loose_collation = "ignore_case";
    tables_ = {MakeTable(1, "category",
                         {{"id", kInteger, true},
                          {"name"},
                          {"path"},
                          {"tree_id", kInteger},
                          {"lft", kInteger},
                          {"rgt", kInteger}}),
               MakeTable(2, "product",
                         {{"id", kInteger, true},
                          {"shop_id", kInteger},
                          {"category_ids", kIntegers},
                          {"codes", kTexts},
                          {"tag"},
                          {"external"},
                          {"is_new", kBoolean},
                          {"data", kJson}}),
               MakeTable(3, "item",
                         {{"id", kInteger, true}, {"product_id", kNumeric}, {"shop", kBigInteger}}),
               MakeTable(4, "thing", {{"id", kUuid, true}, {"name"}}),
               tag,
               label};
  }

  static constexpr std::uint32_t kCitext = 99'999;

  static Json Declare(const std::string& root, const std::vector<std::string>& references,
                      const std::map<std::string, std::string>& fields) {
    Json declared = Json::array();
    for (const auto& [name, from] : fields) {
      declared.push_back({{"name", name}, {"from", from}});
    }
    return {{"name", "x"}, {"root", root}, {"references", references}, {"fields", declared}};
  }

  std::string MessageOf(const std::string& reference, const std::string& field = "id") {
    auto parsed = ParseCollectionDeclaration(Declare("product", {reference}, {{"value", field}}));
    EXPECT_THAT(parsed, Succeeds());
    declarations_ = {*std::move(parsed)};
    Reopen();
    const auto set = applier_->SetTables(tables_);
    EXPECT_THAT(set, FailsWith(ErrorCode::kInvalidArgument)) << reference;
    return set ? "" : set.error().message();
  }

  void Insert1(std::size_t table, const std::vector<std::string>& row) {
    ASSERT_THAT(Commit({Insert(tables_[table], MakeRow(row))}), Succeeds());
  }
};

TEST_F(ReferenceTest, SeveralColumnsAreFollowedTogetherBothWays) {
  Open(Declare("product", {"item.(product_id, shop) -> product.(id, shop_id)"},
               {{"items", "item.id"}}),
       tables_);
  GoLive();
  Insert1(1, {"1", "7", "{}", "{}", "NULL", "NULL", "f", "NULL"});
  Insert1(2, {"10", "1.00", "7"});
  Insert1(2, {"11", "1", "8"});
  EXPECT_EQ(Read("1")["items"], Json::array({10}));
  ASSERT_THAT(Commit({Update(tables_[2], MakeRow({"11", "1.0", "7"}))}), Succeeds());
  EXPECT_EQ(Read("1")["items"], Json({10, 11}));
  ASSERT_THAT(
      Commit({Update(tables_[1], MakeRow({"1", "8", "{}", "{}", "NULL", "NULL", "f", "NULL"}))}),
      Succeeds());
  EXPECT_EQ(Read("1")["items"], Json::array());
}

TEST_F(ReferenceTest, ElementsLeadInTheirOrderAndEachRowComesOnce) {
  Open(
      Declare("product", {"product.category_ids[] -> category.id"},
              {{"names", "category_ids.name"}, {"same", "category.name"}, {"all", "category_ids"}}),
      tables_);
  EXPECT_EQ(sink_.schemas.at("x")["fields"][1]["type"], "string[]");
  GoLive();
  Insert1(0, {"1", "one", "NULL", "NULL", "NULL", "NULL"});
  Insert1(0, {"2", "two", "NULL", "NULL", "NULL", "NULL"});
  Insert1(1, {"1", "7", "{2,NULL,1,2,9}", "{}", "NULL", "NULL", "f", "NULL"});
  EXPECT_EQ(Read("1")["names"], Json({"two", "one"}));
  EXPECT_EQ(Read("1")["same"], Json({"two", "one"}));
  Insert1(0, {"9", "nine", "NULL", "NULL", "NULL", "NULL"});
  EXPECT_EQ(Read("1")["names"], Json({"two", "one", "nine"}));
  ASSERT_THAT(Commit({Delete(tables_[0], MakeRow({"2", "NULL", "NULL", "NULL", "NULL", "NULL"}))}),
              Succeeds());
  EXPECT_EQ(Read("1")["names"], Json({"one", "nine"}));
}

TEST_F(ReferenceTest, TextsAreReadAsWhatTheyReferTo) {
  Open(Declare("product",
               {"product.codes[] -> category.id", "product.external -> thing.id",
                "product.tag -> tag.name"},
               {{"names", "category.name"}, {"thing", "thing.name"}, {"tag", "tag.title"}}),
       tables_);
  GoLive();
  Insert1(0, {"42", "answer", "NULL", "NULL", "NULL", "NULL"});
  Insert1(3, {"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "thing"});
  Insert1(4, {"Größe", "size"});
  Insert1(1, {"1", "7", "{}", R"({" 42","x","a\"b",""})", "GRÖSSE",
              "{A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11}", "f", "NULL"});
  EXPECT_EQ(Read("1"), Json({{"id", "1"}, {"names", {"answer"}}, {"thing", "thing"}}));
  ASSERT_THAT(Commit({Update(tables_[1],
                             MakeRow({"1", "7", "{}", "{NULL}", "GRÖßE", "A0EE", "f", "NULL"}))}),
              Succeeds());
  EXPECT_EQ(Read("1"), Json({{"id", "1"}, {"names", Json::array()}, {"tag", "size"}}));
  const Row old_key = MakeRow({"Größe", "NULL"});
  ASSERT_THAT(Commit({Update(tables_[4], MakeRow({"grösse", "Size"}), old_key)}), Succeeds());
  EXPECT_FALSE(Read("1").contains("tag"));
}

TEST_F(ReferenceTest, PathsLeadToWhatIsAroundThem) {
  Open(Declare("category",
               {"category.prefixes(path, '.') -> category.path",
                "category.(tree_id, lft) -> category.(tree_id, between(lft, rgt))"},
               {{"around", "path.name"},
                {"below", "category[via path].name"},
                {"enclosing", "lft.name"},
                {"enclosed", "category[via lft].name"}}),
       tables_);
  GoLive();
  Insert1(0, {"3", "Astronomy", "Top.Science.Astronomy", "1", "3", "4"});
  Insert1(0, {"1", "Top", "Top", "1", "1", "6"});
  Insert1(0, {"2", "Science", "Top.Science", "1", "2", "5"});
  Insert1(0, {"4", "Other", "Top.Sciences", "2", "1", "2"});
  EXPECT_EQ(Read("3"), Json({{"id", "3"},
                             {"around", {"Top", "Science", "Astronomy"}},
                             {"below", {"Astronomy"}},
                             {"enclosing", {"Top", "Science", "Astronomy"}},
                             {"enclosed", {"Astronomy"}}}));
  EXPECT_EQ(Read("1"), Json({{"id", "1"},
                             {"around", {"Top"}},
                             {"below", {"Top", "Science", "Astronomy", "Other"}},
                             {"enclosing", {"Top"}},
                             {"enclosed", {"Top", "Science", "Astronomy"}}}));
  // What it was around and what it is around now both change.
  ASSERT_THAT(
      Commit({Update(tables_[0], MakeRow({"2", "Sciences", "Top.Sciences", "1", "5", "5"}))}),
      Succeeds());
  EXPECT_EQ(Read("3")["enclosing"], Json({"Top", "Astronomy"}));
  EXPECT_EQ(Read("3")["around"], Json({"Top", "Astronomy"}));
  EXPECT_EQ(Read("4")["around"], Json({"Top", "Sciences", "Other"}));
  EXPECT_EQ(Read("4")["enclosing"], Json({"Other"}));
}

TEST_F(ReferenceTest, StepsOfFixedLengthAreBeginningsToo) {
  Open(Declare("category", {"category.prefixes(path, 4) -> category.path"},
               {{"around", "path.name"}}),
       tables_);
  GoLive();
  Insert1(0, {"1", "one", "0001", "1", "1", "6"});
  Insert1(0, {"2", "two", "00010002", "1", "2", "5"});
  Insert1(0, {"3", "three", "0001000200AB", "1", "2", "5"});
  EXPECT_EQ(Read("3")["around"], Json({"one", "two", "three"}));
}

TEST_F(ReferenceTest, PiecesAndClosedPathsAreFollowed) {
  Open(Declare("product",
               {"product.split(tag, '/') -> category.id",
                "product.prefixes(external, '/') -> category.path"},
               {{"pieces", "tag.name"}, {"around", "external.name"}}),
       tables_);
  GoLive();
  Insert1(0, {"1", "root", "/", "NULL", "NULL", "NULL"});
  Insert1(0, {"5", "five", "/a/", "NULL", "NULL", "NULL"});
  Insert1(0, {"3", "three", "/a", "NULL", "NULL", "NULL"});
  Insert1(1, {"1", "7", "{}", "{}", "/5/x//3/5", "/a/b/", "f", "NULL"});
  EXPECT_EQ(Read("1")["pieces"], Json({"five", "three"}));
  EXPECT_EQ(Read("1")["around"], Json({"root", "five"}));
  Insert1(1, {"2", "7", "{}", "{}", "", "/a", "f", "NULL"});
  EXPECT_EQ(Read("2")["pieces"], Json::array());
  EXPECT_EQ(Read("2")["around"], Json({"three"}));
}

TEST_F(ReferenceTest, MoreValuesThanAreFollowedRefuseTheDocument) {
  std::string ids = "{0";
  for (std::size_t i = 1; i <= kReferenceValuesMax; ++i) {
    ids += "," + std::to_string(i);
  }
  Open(Declare("product", {"product.category_ids[] -> category.id"}, {{"names", "category.name"}}),
       tables_);
  GoLive();
  Insert1(0, {"1", "one", "NULL", "NULL", "NULL", "NULL"});
  Insert1(1, {"1", "7", ids + "}", "{}", "NULL", "NULL", "f", "NULL"});
  EXPECT_EQ(Read("1"), Json());
  EXPECT_EQ(applier_->statistics().documents_refused, 1);
  Insert1(1, {"2", "7", "{1}", "{}", "NULL", "NULL", "f", "NULL"});
  EXPECT_EQ(Read("2")["names"], Json::array({"one"}));
  ASSERT_THAT(
      Commit({Update(tables_[1], MakeRow({"1", "7", "{5,1}", "{}", "NULL", "NULL", "f", "NULL"}))}),
      Succeeds());
  EXPECT_EQ(Read("1")["names"], Json::array({"one"}));
  EXPECT_EQ(applier_->statistics().documents_refused, 0);
}

TEST_F(ReferenceTest, WhatRowsWithTooManyValuesReferToIsRefusedAndOthersAreNot) {
  std::string ids = "{0";
  for (std::size_t i = 1; i <= kReferenceValuesMax; ++i) {
    ids += "," + std::to_string(i);
  }
  Open(Declare("category", {"product.category_ids[] -> category.id"}, {{"products", "product.id"}}),
       tables_);
  GoLive();
  Insert1(0, {"1", "one", "NULL", "NULL", "NULL", "NULL"});
  Insert1(0, {"20000", "far", "NULL", "NULL", "NULL", "NULL"});
  Insert1(1, {"1", "7", ids + "}", "{}", "NULL", "NULL", "f", "NULL"});
  Insert1(1, {"2", "7", "{20000,1}", "{}", "NULL", "NULL", "f", "NULL"});
  EXPECT_EQ(Read("1"), Json());
  EXPECT_EQ(Read("20000")["products"], Json::array({2}));
  EXPECT_EQ(applier_->statistics().documents_refused, 1);
  ASSERT_THAT(Commit({Delete(tables_[1], MakeRow({"1", "NULL", "NULL", "NULL", "NULL", "NULL",
                                                  "NULL", "NULL"}))}),
              Succeeds());
  EXPECT_EQ(Read("1")["products"], Json::array({2}));
}

TEST_F(ReferenceTest, WhatCannotBeComparedIsRefusedByName) {
  EXPECT_THAT(MessageOf("product.is_new -> category.id"),
              HasSubstr("reference product.is_new -> category.id: column \"is_new\" is boolean and "
                        "\"id\" is a whole number: they cannot be compared"));
  EXPECT_THAT(MessageOf("product.data -> category.name"), HasSubstr("\"data\" is json"));
  EXPECT_THAT(MessageOf("product.tag -> label.name"),
              HasSubstr("column \"name\" has the collation \"ignore_case\""));
  EXPECT_THAT(MessageOf("product.tag[] -> category.id"), HasSubstr("\"tag\" is no array"));
  EXPECT_THAT(MessageOf("product.split(shop_id, '/') -> category.id"),
              HasSubstr("only text has pieces"));
  EXPECT_THAT(MessageOf("product.tag -> category.between(lft, rgt)"),
              HasSubstr("between needs whole numbers"));
  EXPECT_THAT(MessageOf("product.(tag, id) -> category.(name, between(lft, rgt))"),
              HasSubstr("must be a whole number or a uuid"));
  EXPECT_THAT(MessageOf("product.(id, tga) -> category.(id, name)"),
              HasSubstr("table public.product has no column \"tga\""));
}

TEST_F(ReferenceTest, AKeyOfTheCatalogThatCannotBeComparedIsRefusedWhereItIsFollowed) {
  auto label_id = std::make_shared<Table>(*tables_[1]);
  label_id->foreign_keys.push_back(
      {.columns = {"tag"}, .referenced_oid = 6, .referenced_columns = {"name"}});
  tables_[1] = label_id;
  EXPECT_THAT(MessageOf("product.shop_id -> category.id", "label.x"),
              HasSubstr("the foreign key from table public.product to table public.label: column "
                        "\"name\" has the collation \"ignore_case\""));
  auto parsed = ParseCollectionDeclaration(Declare("product", {}, {{"value", "id"}}));
  declarations_ = {*std::move(parsed)};
  Reopen();
  EXPECT_THAT(applier_->SetTables(tables_), Succeeds());
}

TEST_F(ReferenceTest, FormsOfIndexesOutliveAProcess) {
  Open(Declare("product",
               {"product.codes[] -> category.id", "product.tag -> tag.name",
                "product.shop_id -> category.between(lft, rgt)"},
               {{"names", "category[via codes].name"},
                {"tag", "tag.title"},
                {"around", "shop_id.name"}}),
       tables_);
  GoLive();
  Insert1(0, {"42", "answer", "NULL", "NULL", "5", "9"});
  Insert1(1, {"1", "7", "{}", "{42}", "X", "NULL", "f", "NULL"});
  Reopen();
  ASSERT_THAT(applier_->SetTables(tables_), Succeeds());
  Insert1(4, {"x", "size"});
  EXPECT_EQ(Read("1"),
            Json({{"id", "1"}, {"names", {"answer"}}, {"tag", "size"}, {"around", {"answer"}}}));
  ASSERT_THAT(Commit({Update(tables_[0], MakeRow({"42", "Answer", "NULL", "NULL", "5", "9"}))}),
              Succeeds());
  EXPECT_EQ(Read("1")["around"], Json::array({"Answer"}));
}

TEST_F(ReferenceTest, AStoreThatLacksTheIndexIsBuiltAnew) {
  tables_[4] = MakeTable(5, "tag", {{"name", kCitext, true}, {"title"}});
  const Json declaration = Declare("product", {"product.tag -> tag.name"}, {{"tag", "tag.title"}});
  Open(declaration, tables_);
  GoLive();
  Insert1(4, {"x", "size"});
  Insert1(1, {"1", "7", "{}", "{42}", "x", "NULL", "f", "NULL"});
  EXPECT_EQ(Read("1")["tag"], "size");
  // What only a later program learns of the catalog.
  auto tag = std::make_shared<Table>(*tables_[4]);
  tag->columns[0].folding = CaseFolding::kSimple;
  tag->columns[0].number = 1;
  tables_[4] = tag;
  Reopen();
  EXPECT_EQ(Read("1")["tag"], "size");
  EXPECT_THAT(applier_->SetTables(tables_), FailsWith(ErrorCode::kConflict));
}

}  // namespace
}  // namespace cacheindex::replication
