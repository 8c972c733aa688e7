#include "replication/following/declaration_check.h"

#include <gmock/gmock.h>

#include <string>
#include <string_view>
#include <vector>

#include "tests/replication/followed_shop.h"

namespace cacheindex::replication {
namespace {

using test::Succeeds;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr const char* kShop = R"(
  CREATE TABLE brand (id int PRIMARY KEY, name text);
  CREATE TABLE product (
    id int PRIMARY KEY, title text, price int, brand_id int REFERENCES brand,
    added timestamptz, metadata jsonb, code uuid, cost int,
    label text GENERATED ALWAYS AS (upper(title)) STORED);
  CREATE TABLE sku (id int PRIMARY KEY, product_id int REFERENCES product, stock int);
  CREATE TABLE note (id int PRIMARY KEY, product int, words text);
  CREATE VIEW cheap AS SELECT id, title FROM product WHERE price < 100;)";

class DeclarationCheckTest : public ::testing::Test {
 protected:
  // Errors as "message | remedy" for fields "name from [type]" of a collection.
  std::vector<std::string> Check(Json fields, Json more = Json::object(),
                                 const std::string& root = "product") {
    Source::Options options;
    options.name = "shop";
    options.connection = database_.connection();
    options.publication = "p";
    options.slot = "s";
    Json declaration = std::move(more);
    declaration["name"] = "products";
    declaration["root"] = root;
    declaration["fields"] = std::move(fields);
    auto parsed = ParseCollectionDeclaration(declaration);
    EXPECT_THAT(parsed, Succeeds());
    options.collections = {*std::move(parsed)};
    const auto findings = Source::Check(options, {});
    EXPECT_THAT(findings, Succeeds());
    std::vector<std::string> errors;
    for (const PreflightFinding& finding : *findings) {
      if (finding.severity == PreflightFinding::Severity::kError) {
        errors.push_back(finding.message + " | " + finding.remedy);
      }
    }
    return errors;
  }
  std::vector<std::string> CheckField(const std::string& from, const char* type = nullptr) {
    Json field = {{"name", "value"}, {"from", from}};
    if (type != nullptr) {
      field["type"] = type;
    }
    return Check(Json::array({field}));
  }

  ShopDatabase database_;
};

// What only the server knows is refused, where guessing gave wrong documents.
TEST_F(DeclarationCheckTest, ComparisonsThatOnlyTheServerKnowsAreRefused) {
  database_.Execute(R"(
    CREATE TYPE state AS ENUM ('new', 'live', 'gone');
    CREATE COLLATION ci (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
    CREATE TABLE product (id int PRIMARY KEY, state state, states state[], wait interval,
                          maker text COLLATE ci, code uuid, opens time);
    CREATE PUBLICATION p FOR TABLE product)");
  for (const char* const ordered : {"state < 'live'", "greatest(state, 'new')", "min(states)",
                                    "wait >= '1 day'", "max(if(id > 1, state, 'new'))"}) {
    EXPECT_THAT(CheckField(ordered), ElementsAre(HasSubstr("needs an order"))) << ordered;
  }
  for (const char* const compared :
       {"maker = 'acme'", "maker in ('acme')", "lower(maker) = 'acme'", "maker like 'a%'",
        "greatest(maker, 'acme')", "distinct(maker)", "coalesce(maker, 'x') != 'acme'"}) {
    EXPECT_THAT(CheckField(compared), ElementsAre(HasSubstr("not deterministic"))) << compared;
  }
  EXPECT_THAT(CheckField("code = '12'"), ElementsAre(HasSubstr("\"12\" is compared with a uuid")));
  for (const char* const known :
       {"state = 'live'", "state in ('live', 'new')", "'new' in states", "text(state) < 'live'",
        "distinct(states)", "text(maker) = 'acme'", "maker", "opens < '12:30'",
        "code > 'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'"}) {
    EXPECT_THAT(CheckField(known), IsEmpty()) << known;
  }
}

TEST_F(DeclarationCheckTest, EveryMistakeIsSaidWithTheNearestName) {
  database_.Execute(std::string(kShop) + "CREATE PUBLICATION p FOR TABLE product, brand, sku");
  const std::vector<std::string> errors =
      Check(Json::parse(R"json([{"name": "titel"}, {"name": "price"},
                            {"name": "brand", "from": "brnad.name"},
                            {"name": "maker", "from": "brand.nmae"},
                            {"name": "stock", "from": "sum(skus.stock)"},
                            {"name": "from_price", "from": "price.amount"}])json"),
            {{"filter", "prise > 3"}, {"references", {"sku.produkt_id -> product.id"}}});
  ASSERT_GE(errors.size(), 7U);
  EXPECT_THAT(errors, Contains(AllOf(HasSubstr("collection \"products\""),
                                     HasSubstr("table public.sku has no column \"produkt_id\""),
                                     HasSubstr("did you mean \"product_id\"?"))));
  EXPECT_THAT(errors, Contains(AllOf(HasSubstr("filter"), HasSubstr("\"prise\""),
                                     HasSubstr("did you mean \"price\"?"))));
  EXPECT_THAT(errors, Contains(AllOf(HasSubstr("field \"titel\""),
                                     HasSubstr("table public.product has no column \"titel\""),
                                     HasSubstr("did you mean \"title\"?"))));
  EXPECT_THAT(errors,
              Contains(AllOf(HasSubstr("field \"brand\""), HasSubstr("did you mean \"brand\"?"))));
  EXPECT_THAT(errors, Contains(AllOf(HasSubstr("field \"maker\""), HasSubstr("table public.brand"),
                                     HasSubstr("did you mean \"name\"?"))));
  EXPECT_THAT(errors,
              Contains(AllOf(HasSubstr("field \"stock\""), HasSubstr("did you mean \"sku\"?"))));
  EXPECT_THAT(errors, Contains(AllOf(HasSubstr("field \"from_price\""),
                                     HasSubstr("column \"price\" of type integer"))));
}

TEST_F(DeclarationCheckTest, ARootThatIsNotThereIsSaidOnce) {
  database_.Execute(std::string(kShop) + "CREATE PUBLICATION p FOR TABLE product");
  EXPECT_THAT(Check({{{"name", "title"}}, {{"name", "price"}}}, Json::object(), "products"),
              ElementsAre(AllOf(HasSubstr("collection \"products\": root"),
                                HasSubstr("no table \"products\"; did you mean \"product\"?"))));
}

TEST_F(DeclarationCheckTest, WhatIsNotPublishedIsSaidOnceWithItsStatement) {
  database_.Execute(std::string(kShop) +
                    "CREATE PUBLICATION p FOR TABLE product (id, title, brand_id) WHERE (id > 0)");
  const std::vector<std::string> errors =
      Check(Json::parse(R"json([{"name": "title"}, {"name": "brand", "from": "brand.name"},
                            {"name": "brand_id", "from": "brand.id"}, {"name": "price"},
                            {"name": "label"}, {"name": "stock", "from": "sum(sku.stock)"}])json"),
            {{"references", {"note.product -> product.id"}}});
  EXPECT_THAT(errors, Contains(AllOf(HasSubstr("table public.brand is not in the publication"),
                                     HasSubstr("field \"brand\""), HasSubstr("field \"brand_id\""),
                                     EndsWith("ALTER PUBLICATION \"p\" ADD TABLE "
                                              "\"public\".\"brand\";"))));
  EXPECT_THAT(errors, Contains(HasSubstr("ADD TABLE \"public\".\"sku\";")));
  EXPECT_THAT(errors, Contains(AllOf(HasSubstr("its references"),
                                     HasSubstr("ADD TABLE \"public\".\"note\";"))));
  EXPECT_THAT(errors, Contains(AllOf(HasSubstr("column \"price\" of table public.product is left "
                                               "out by the list of columns"),
                                     HasSubstr("WHERE ((id > 0))"))));
  EXPECT_THAT(errors, Contains(AllOf(HasSubstr("column \"label\" of table public.product is "
                                               "generated"),
                                     HasSubstr("upper(title)"))));
  EXPECT_THAT(errors, SizeIs(5));
  // What is said mends it.
  for (const std::string& error : errors) {
    if (const std::string remedy = error.substr(error.find(" | ") + 3); !remedy.empty()) {
      database_.Execute(remedy);
    }
  }
  EXPECT_THAT(Check(Json::parse(R"json([{"name": "title"}, 
                                    {"name": "brand", "from": "brand.name"}, {"name": "price"},
                                    {"name": "note", "from": "note.words"}])json"),
                    {{"references", {"note.product -> product.id"}}}),
              IsEmpty());
}

TEST_F(DeclarationCheckTest, AMissingPublicationIsMadeOfWhatIsUsed) {
  database_.Execute(kShop);
  const std::vector<std::string> errors =
      Check({{{"name", "title"}}, {{"name", "brand"}, {"from", "brand.name"}}});
  ASSERT_THAT(errors, ElementsAre(EndsWith(
                          "CREATE PUBLICATION \"p\" FOR TABLE \"public\".\"brand\", "
                          "\"public\".\"product\" WITH (publish_via_partition_root = true);")));
  database_.Execute(errors[0].substr(errors[0].find(" | ") + 3));
  EXPECT_THAT(Check({{{"name", "title"}}, {{"name", "brand"}, {"from", "brand.name"}}}), IsEmpty());
}

TEST_F(DeclarationCheckTest, WhatTheLogDoesNotTellOfIsSaid) {
  database_.Execute(std::string(kShop) + R"(
    CREATE UNLOGGED TABLE stock (id int PRIMARY KEY REFERENCES product, amount int);
    CREATE TABLE event (id int, day int, PRIMARY KEY (id, day)) PARTITION BY LIST (day);
    CREATE TABLE event1 PARTITION OF event FOR VALUES IN (1);
    CREATE PUBLICATION p FOR TABLE product, event)");
  EXPECT_THAT(CheckField("stock.amount"),
              ElementsAre(AllOf(HasSubstr("public.stock is unlogged"), HasSubstr("SET LOGGED;"))));
  EXPECT_THAT(Check({{{"name", "title"}}}, Json::object(), "cheap"),
              ElementsAre(HasSubstr("public.cheap is a view")));
  const std::vector<std::string> errors = Check({{{"name", "day"}}}, Json::object(), "event");
  ASSERT_THAT(errors,
              ElementsAre(AllOf(HasSubstr("public.event is partitioned"),
                                EndsWith("ALTER PUBLICATION \"p\" SET (publish_via_partition_root "
                                         "= true);"))));
  database_.Execute(errors[0].substr(errors[0].find(" | ") + 3));
  EXPECT_THAT(Check({{{"name", "day"}}}, Json::object(), "event"), IsEmpty());
  EXPECT_THAT(Check({{{"name", "day"}}}, Json::object(), "event1"),
              ElementsAre(HasSubstr("come as those of public.event: name that")));
}

TEST_F(DeclarationCheckTest, ATypeThatNoValueHasIsSaid) {
  database_.Execute(std::string(kShop) + "CREATE PUBLICATION p FOR TABLE product, brand, sku");
  EXPECT_THAT(
      CheckField("added", "int64"),
      ElementsAre(AllOf(HasSubstr("field \"value\": has type int64, and column \"added\" of "
                                  "table public.product is timestamptz"),
                        HasSubstr("unix("))));
  EXPECT_THAT(CheckField("code", "float"), ElementsAre(HasSubstr("is uuid")));
  EXPECT_THAT(CheckField("brand.name", "object"), ElementsAre(HasSubstr("is text")));
  EXPECT_THAT(CheckField("sku{stock}", "string[]"), ElementsAre(HasSubstr("values are objects")));
  EXPECT_THAT(CheckField("title", "int32"), IsEmpty()) << "a text may hold a number";
  EXPECT_THAT(CheckField("price", "string"), IsEmpty());
  EXPECT_THAT(CheckField("unix(added)", "int64"), IsEmpty());
}

TEST_F(DeclarationCheckTest, ServingSaysTheSame) {
  FollowedShop shop(std::string(kShop) + "CREATE PUBLICATION p FOR TABLE product");
  Json declaration = {{"name", "products"}, {"root", "product"}};
  declaration["fields"] = Json::parse(
      R"json([{"name": "titel"}, {"name": "label"},
              {"name": "brand", "from": "brand.name"}])json");
  auto parsed = ParseCollectionDeclaration(declaration);
  ASSERT_THAT(parsed, Succeeds());
  shop.options.collections = {*std::move(parsed)};
  shop.Start();
  ASSERT_TRUE(shop.BecomesState(SourceStatus::State::kRefused));
  const std::string reason = shop.source().Status().reason;
  EXPECT_THAT(reason, HasSubstr("did you mean \"title\"?"));
  EXPECT_THAT(reason, HasSubstr("is generated"));
  EXPECT_THAT(reason, HasSubstr("run: ALTER PUBLICATION \"p\" ADD TABLE \"public\".\"brand\";"));
}

}  // namespace
}  // namespace cacheindex::replication
