#include "replication/declaration/collection_declaration.h"

#include <sstream>

#include "tests/replication/applier_fixture.h"

namespace cacheindex::replication {
namespace {

using testing::HasSubstr;

inline constexpr std::uint32_t kSmallInteger = 21;
inline constexpr std::uint32_t kTimestamp = 1114;

/// One household shop, its rows given as the source prints them.
class DeclarationTest : public ApplierTest {
 protected:
  DeclarationTest() {
    tables_ = {
        MakeTable(1, "category", {{"id", kInteger, true}, {"pid", kInteger}, {"name"}, {"desc"}}),
        MakeTable(2, "goods",
                  {{"id", kInteger, true},
                   {"category_id", kInteger},
                   {"maker_id", kInteger},
                   {"seller_id", kInteger},
                   {"name"},
                   {"gallery"},
                   {"is_on_sale", kBoolean},
                   {"retail_price", kNumeric},
                   {"cents", kInteger},
                   {"added", kTimestamp},
                   {"sort_order", kSmallInteger}},
                  {{.columns = {"maker_id"}, .referenced_oid = 3, .referenced_columns = {"id"}},
                   {.columns = {"seller_id"}, .referenced_oid = 3, .referenced_columns = {"id"}}}),
        MakeTable(
            3, "company", {{"id", kInteger, true}, {"name"}, {"country_code"}},
            {{.columns = {"country_code"}, .referenced_oid = 4, .referenced_columns = {"code"}}}),
        // The foreign key names a unique column that is not the key.
        MakeTable(4, "country", {{"id", kInteger, true}, {"code"}, {"name"}}),
        MakeTable(
            5, "comment",
            {{"id", kInteger, true}, {"value_id", kInteger}, {"star", kSmallInteger}, {"content"}}),
        MakeTable(6, "price", {{"goods_id", kInteger, true}, {"currency"}},
                  {{.columns = {"goods_id"}, .referenced_oid = 2, .referenced_columns = {"id"}}})};
  }

  Json Declaration(const Json& fields, const std::string& filter = {}) const {
    return {{"name", "goods"},
            {"root", "goods"},
            {"filter", filter},
            {"references",
             {"goods.category_id -> category.id", "category.pid -> category.id",
              "comment.value_id -> goods.id"}},
            {"fields", fields}};
  }

  void OpenAndFill(const Json& declaration) {
    Open(declaration, std::move(tables_));
    GoLive();
    ASSERT_THAT(
        Commit({Insert(tables_[0], MakeRow({"1", "0", "居家", "NULL"})),
                Insert(tables_[0], MakeRow({"2", "1", "床品", "soft"})),
                Insert(tables_[2], MakeRow({"5", "MUJI", "jp"})),
                Insert(tables_[2], MakeRow({"6", "Yanxuan", "cn"})),
                Insert(tables_[3], MakeRow({"81", "jp", "Japan"})),
                Insert(tables_[3], MakeRow({"86", "cn", "China"})),
                Insert(tables_[1], MakeRow({"10", "2", "5", "6", "Quilt", R"(["a.jpg","b.jpg"])",
                                            "t", "899.00", "12595", "2018-02-01 00:00:01", "3"})),
                Insert(tables_[1], MakeRow({"11", "1", "NULL", "6", "Pillow", "broken[", "f",
                                            "0.10", "NULL", "NULL", "4"})),
                Insert(tables_[4], MakeRow({"1", "10", "5", "good"})),
                Insert(tables_[4], MakeRow({"2", "10", "4", "Fine"})),
                Insert(tables_[4], MakeRow({"3", "10", "4", "NULL"})),
                Insert(tables_[5], MakeRow({"10", "CNY"}))}),
        Succeeds());
  }

  /// The value of `from` in document 10.
  Json Evaluate(const std::string& from, Json attributes = Json::object()) {
    attributes["name"] = "value";
    attributes["from"] = from;
    OpenAndFill(Declaration(Json::array({attributes})));
    return Read("10").value("value", Json());
  }

  std::string MessageOf(const Json& declaration) {
    auto parsed = ParseCollectionDeclaration(declaration);
    if (!parsed) {
      EXPECT_EQ(parsed.error().code(), ErrorCode::kInvalidArgument);
      return parsed.error().message();
    }
    declarations_ = {*std::move(parsed)};
    Reopen();
    const auto set = applier_->SetTables(tables_);
    EXPECT_THAT(set, FailsWith(ErrorCode::kInvalidArgument));
    return set ? "" : set.error().message();
  }
  std::string MessageOfField(const std::string& from, Json attributes = Json::object()) {
    attributes["name"] = "value";
    attributes["from"] = from;
    return MessageOf(Declaration(Json::array({attributes})));
  }
};

struct Example {
  const char* from;
  const char* value;
};

class ExampleTest : public DeclarationTest, public testing::WithParamInterface<Example> {};

TEST_P(ExampleTest, GivesItsValue) {
  EXPECT_EQ(Evaluate(GetParam().from).dump(), GetParam().value) << GetParam().from;
}

INSTANTIATE_TEST_SUITE_P(
    Language, ExampleTest,
    testing::Values(
        Example{"name", R"("Quilt")"}, Example{"sort_order", "3"}, Example{"retail_price", "899.0"},
        Example{"maker_id.name", R"("MUJI")"}, Example{"seller_id.country_code.name", R"("China")"},
        Example{"maker_id.country.name", R"("Japan")"}, Example{"category.\"desc\"", R"("soft")"},
        Example{"price.currency", R"("CNY")"}, Example{"comment.star", "[5,4,4]"},
        Example{"comment[where star < 5 order by id desc limit 1].id", "[3]"},
        Example{"comment[order by content desc].id", "[1,2,3]"},
        Example{"comment[via value_id]{star, content}",
                R"([{"content":"good","star":5},{"content":"Fine","star":4},{"star":4}])"},
        Example{"category{name, of: category[via pid].name}", R"({"name":"床品","of":[]})"},
        Example{"category.pid.name", R"("居家")"},
        Example{"levels(category, name, ' > ')", R"({"lvl0":"居家","lvl1":"居家 > 床品"})"},
        Example{"pivot(comment, star, content)", R"({"4":"Fine","5":"good"})"},
        Example{"json(gallery)", R"(["a.jpg","b.jpg"])"}, Example{"cents / 100", "125.95"},
        Example{"cents * 3 - 1", "37784"}, Example{"retail_price + 0.1 + 0.2", "899.3"},
        Example{"cents / 0", "null"}, Example{"-sort_order", "-3"}, Example{"count(comment)", "3"},
        Example{"count(comment.content)", "2"}, Example{"9 % 4.5", "0.0"},
        Example{"mean(comment.star)", "4.333333333333333"},
        Example{"count(comment[where star = 4])", "2"}, Example{"sum(comment.star)", "13"},
        Example{"round(mean(comment.star), 2)", "4.33"}, Example{"min(comment.star)", "4"},
        Example{"max(comment.star)", "5"}, Example{"first(comment.content)", R"("good")"},
        Example{"exists(comment[where star > 5])", "false"},
        Example{"distinct(comment.star)", "[5,4]"}, Example{"list(1, sort_order)", "[1,3]"},
        Example{"join(comment.content, ', ')", R"("good, Fine")"},
        Example{"concat(name, ' ', sort_order)", R"("Quilt 3")"},
        Example{"lower(name)", R"("quilt")"}, Example{"text(retail_price)", R"("899.00")"},
        Example{"unix(added)", "1517443201"}, Example{"if(is_on_sale, 'on', 'off')", R"("on")"},
        Example{"coalesce(null, cents, 7)", "12595"}, Example{"'it''s'", R"("it's")"},
        Example{"sort_order in (1, 3)", "true"}, Example{"sort_order not in (1, 3)", "false"},
        Example{"cents is null or name = 'Quilt' and not is_on_sale", "false"},
        Example{"cents is not null", "true"},
        Example{"{a: sort_order, b: 'x'}", R"({"a":3,"b":"x"})"}));

struct Mistake {
  const char* from;
  const char* message;
};

class MistakeTest : public DeclarationTest, public testing::WithParamInterface<Mistake> {};

TEST_P(MistakeTest, IsNamed) {
  const std::string message = MessageOfField(GetParam().from);
  EXPECT_THAT(message, HasSubstr("collection \"goods\"")) << GetParam().from;
  EXPECT_THAT(message, HasSubstr(GetParam().message)) << GetParam().from;
}

INSTANTIATE_TEST_SUITE_P(
    Language, MistakeTest,
    testing::Values(
        Mistake{"titel", "field \"value\" = titel: table public.goods has no column \"titel\""},
        Mistake{"category.titel", "table public.category has no column \"titel\""},
        Mistake{"company.name", "several ways: goods.maker_id or goods.seller_id"},
        Mistake{"comment", "ends at table public.comment"},
        Mistake{"comment.star + 1", "gives many"},
        Mistake{"name + 1", "\"+\" needs a number, not text"},
        Mistake{"name = 1", "compares text with a number"},
        Mistake{"name = null", "say \"is null\""}, Mistake{"if(name, 1, 2)", "needs true or false"},
        Mistake{"comment[where star].id", "a condition must be true or false"},
        Mistake{"levels(comment, star, '>')", "no foreign key to itself"},
        Mistake{"levels(category, {name}, '>')", "needs one value of each row"},
        Mistake{"ancestors(category)", "ancestors needs a path and a value"},
        Mistake{"ancestors(name, name)", "no foreign key leads"},
        Mistake{"ancestors(name.(1), name)", "no foreign key leads"},
        Mistake{"pivot(maker_id{name}, name, name)", "pivot needs rows"},
        Mistake{"comment.(star", "expected \")\""},
        Mistake{"name.(star)", "no foreign key leads on"},
        Mistake{"comment.star in (5)", "gives many"},
        Mistake{"name like 5", "\"like\" needs text, not a number"},
        Mistake{"name not 5", "expected \"in\" or \"like\""},
        Mistake{"comment[order by star nulls].id", "expected \"first\" or \"last\""},
        Mistake{"greatest(name, 1)", "\"greatest\" compares text with a number"},
        Mistake{"frobnicate(name)", "no function \"frobnicate\""},
        Mistake{"min(name, 1)", "does not take 2 arguments"}, Mistake{"name name", "at byte 6"},
        Mistake{"'open", "at byte 1"}, Mistake{"", "field \"value\""},
        Mistake{"comment[order star].id", "expected \"by\""},
        Mistake{"comment[limit 0].id", "expected a number of rows"}));

TEST_F(DeclarationTest, MistakesOfTheDeclarationAreNamed) {
  EXPECT_THAT(MessageOf(Json::object()), HasSubstr("name is missing"));
  EXPECT_THAT(MessageOf({{"name", "x"}}), HasSubstr("root is missing"));
  EXPECT_THAT(MessageOf({{"name", "x"}, {"root", "goods"}}), HasSubstr("fields must be"));
  Json declaration = Declaration(Json::array({{{"name", "name"}}}));
  declaration["root"] = "good";
  EXPECT_THAT(MessageOf(declaration), HasSubstr("the publication has no table \"good\""));
  declaration["root"] = "goods";
  declaration["references"] = {"goods.kind_id -> category.id"};
  EXPECT_THAT(MessageOf(declaration), HasSubstr("table public.goods has no column \"kind_id\""));
  declaration["references"] = {"goods.is_on_sale -> category.id"};
  EXPECT_THAT(MessageOf(declaration), HasSubstr("they cannot be compared"));
  EXPECT_THAT(MessageOf(Declaration(Json::array({{{"name", "name"}}}), "name")),
              HasSubstr("filter \"name\": a condition"));
  EXPECT_THAT(MessageOfField("comment.star", {{"type", "int32"}}),
              HasSubstr("type int32 holds one"));
}

TEST_F(DeclarationTest, FieldsThatOverlapAreRefused) {
  const auto message = [&](const char* one, const char* other) {
    return MessageOf(Declaration(Json::array(
        {{{"name", one}, {"from", "nothing"}}, {{"name", other}, {"from", "nothing"}}})));
  };
  EXPECT_THAT(message("title", "title"), HasSubstr("field \"title\" is declared twice"));
  EXPECT_THAT(message("maker", "maker.name"),
              HasSubstr("field \"maker.name\" overlaps with field \"maker\""));
  EXPECT_THAT(message("maker.name", "maker"), HasSubstr("overlaps"));
  EXPECT_THAT(message("attr_*", "attr_color_*"), HasSubstr("overlaps"));
  EXPECT_THAT(message("maker.name", "maker.names"), ::testing::Not(HasSubstr("overlaps")));
}

TEST_F(DeclarationTest, AllMistakesThatNeedNoCatalogAreNamedAtOnce) {
  Json declaration = Declaration(Json::array({{{"name", "a"}, {"from", "(name"}},
                                              {{"name", "b"}},
                                              {{"name", "b"}, {"from", "name"}},
                                              {{"from", "name"}},
                                              {{"name", "c"}, {"from", "comment[limit 0].id"}}}),
                                 "name = =");
  declaration["references"] = {"nothing", 7};
  const auto parsed = ParseCollectionDeclaration(declaration);
  ASSERT_FALSE(parsed);
  const std::string name = "collection \"" + declaration["name"].get<std::string>() + "\": ";
  std::istringstream lines(parsed.error().message());
  std::vector<std::string> mistakes;
  for (std::string line; std::getline(lines, line);) {
    mistakes.push_back(line);
  }
  EXPECT_THAT(
      mistakes,
      ElementsAre(HasSubstr(name + "filter = "), HasSubstr(name + "field \"a\" = "),
                  HasSubstr(name + "fields[3].name is missing"), HasSubstr(name + "field \"c\" = "),
                  HasSubstr(name + "field \"b\" is declared twice"),
                  HasSubstr(name + "references[0]"), HasSubstr(name + "references[1]")));
}

TEST_F(DeclarationTest, TheSchemaFollowsTheColumns) {
  Open(Declaration(Json::array({{{"name", "name"}, {"facet", true}},
                                {{"name", "stars"}, {"from", "comment.star"}},
                                {{"name", "price"}, {"from", "retail_price"}},
                                {{"name", "maker.name"}, {"from", "maker_id.name"}},
                                {{"name", "by_star_*"}, {"from", "pivot(comment, star, content)"}},
                                {{"name", "cents"}, {"type", "int64"}}})),
       tables_);
  const Json& schema = sink_.schemas.at("goods");
  EXPECT_EQ(schema["enable_nested_fields"], true);
  EXPECT_EQ(schema["fields"][0],
            Json({{"name", "name"}, {"type", "string"}, {"facet", true}, {"optional", true}}));
  EXPECT_EQ(schema["fields"][1]["type"], "int32[]");
  EXPECT_EQ(schema["fields"][2]["type"], "float");
  EXPECT_EQ(schema["fields"][3]["name"], "maker.name");
  EXPECT_EQ(schema["fields"][4]["name"], "by_star_*");
  EXPECT_EQ(schema["fields"][4]["match"], "prefix");
  EXPECT_EQ(schema["fields"][4]["type"], "string");
  EXPECT_EQ(schema["fields"][5]["type"], "int64");
}

TEST_F(DeclarationTest, FieldsAreNestedSpreadTypedAndDefaulted) {
  OpenAndFill(Declaration(
      Json::array({{{"name", "maker.name"}, {"from", "maker_id.name"}, {"default", "nobody"}},
                   {{"name", "maker.country"}, {"from", "maker_id.country_code.name"}},
                   {{"name", "category.*"}, {"from", "levels(category, name, '/')"}},
                   {{"name", "star_*"}, {"from", "pivot(comment, star, id)"}, {"type", "int32[]"}},
                   {{"name", "price"}, {"from", "retail_price"}, {"type", "string"}},
                   {{"name", "gallery"}, {"from", "json(gallery)"}, {"type", "string[]"}}}),
      "sort_order > 0"));
  EXPECT_EQ(Read("10"), Json({{"id", "10"},
                              {"maker", {{"name", "MUJI"}, {"country", "Japan"}}},
                              {"category", {{"lvl0", "居家"}, {"lvl1", "居家/床品"}}},
                              {"star_4", {2, 3}},
                              {"star_5", Json::array({1})},
                              {"price", "899.00"},
                              {"gallery", {"a.jpg", "b.jpg"}}}));
  EXPECT_EQ(Read("11"), Json({{"id", "11"},
                              {"maker", {{"name", "nobody"}}},
                              {"category", {{"lvl0", "居家"}}},
                              {"price", "0.10"}}));
  // A unique column that is no key is followed both ways.
  ASSERT_THAT(Commit({Update(tables_[3], MakeRow({"81", "jp", "Nippon"}))}), Succeeds());
  EXPECT_EQ(Read("10")["maker"]["country"], "Nippon");
}

TEST_F(DeclarationTest, ATreeThatRefersToItselfEnds) {
  OpenAndFill(Declaration(
      Json::array({{{"name", "category"}, {"from", "levels(category, name, ' > ')"}}})));
  ASSERT_THAT(Commit({Update(tables_[0], MakeRow({"1", "2", "居家", "NULL"}))}), Succeeds());
  EXPECT_EQ(Read("10")["category"], Json({{"lvl0", "居家"}, {"lvl1", "居家 > 床品"}}));
  EXPECT_EQ(Read("11")["category"], Json({{"lvl0", "床品"}, {"lvl1", "床品 > 居家"}}));
  ASSERT_THAT(Commit({Update(tables_[0], MakeRow({"2", "1", "Beds", "NULL"}))}), Succeeds());
  EXPECT_EQ(Read("11")["category"]["lvl0"], "Beds");
}

}  // namespace
}  // namespace cacheindex::replication
