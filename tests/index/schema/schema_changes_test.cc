#include <gmock/gmock.h>

#include <optional>
#include <string>
#include <vector>

#include "tests/node/oracle/product.h"
#include "tests/support/result_matchers.h"

// Columns, text and documents agree whatever happens to the schema.

namespace cacheindex::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

Json WithFields(const Json& fields) {
  return {{"name", "things"}, {"enable_nested_fields", true}, {"fields", fields}};
}

Json Auto() { return WithFields({{{"name", ".*"}, {"type", "auto"}}}); }

class SchemaChangesTest : public testing::Test {
 protected:
  void Create(const Json& schema) { product_.emplace(schema); }

  // Returns the code of the refusal, nothing when it was written.
  std::optional<ErrorCode> Put(const Json& document) {
    const auto outcome =
        product_->Write({{.id = document.at("id").get<std::string>(), .document = document}});
    ExpectAgreement();
    return outcome.front();
  }

  Result<Json> Change(const Json& fields) {
    auto changed = product_->ChangeSchema({{"fields", fields}});
    ExpectAgreement();
    return changed;
  }
  void Drop(const std::string& name) {
    EXPECT_THAT(Change({{{"name", name}, {"drop", true}}}), Succeeds());
  }

  // The numbers of the documents that a filter finds: 1 is the first that was written.
  std::vector<DocumentNumber> Found(const std::string& filter_by) {
    product_->TakeSnapshot();
    const auto numbers = product_->Filter(filter_by);
    product_->ReleaseSnapshot();
    EXPECT_THAT(numbers, Succeeds()) << filter_by;
    return numbers ? *numbers : std::vector<DocumentNumber>{};
  }
  std::uint64_t Matches(const std::string& query, const std::string& query_by) {
    product_->TakeSnapshot();
    SearchRequest request;
    request.query = query;
    request.query_by = {query_by};
    const auto page = product_->Search(request);
    product_->ReleaseSnapshot();
    EXPECT_THAT(page, Succeeds());
    return page ? page->found : 0;
  }

  // Empty when there is no such field.
  std::string TypeOf(const std::string& name) {
    product_->TakeSnapshot();
    const Json description = product_->Description();
    product_->ReleaseSnapshot();
    for (const Json& field : description.at("fields")) {
      if (field.at("name") == name) {
        return field.at("type").get<std::string>();
      }
    }
    return {};
  }
  std::string Stored(const std::string& id) {
    product_->TakeSnapshot();
    const auto documents = product_->Documents();
    product_->ReleaseSnapshot();
    const auto document = documents.find(id);
    return document == documents.end() ? "" : DumpJson(document->second);
  }

  void ExpectAgreement() { EXPECT_THAT(product_->Findings(), IsEmpty()); }

  std::optional<Product> product_;
};

TEST_F(SchemaChangesTest, ADroppedFieldComesBackForAllDocuments) {
  Create(WithFields({{{"name", "attr_.*"}, {"type", "string"}, {"facet", true}}}));
  Put({{"id", "1"}, {"attr_color", "red"}});
  Put({{"id", "2"}, {"attr_size", "xl"}});
  Drop("attr_color");
  EXPECT_EQ(TypeOf("attr_color"), "");
  Put({{"id", "3"}, {"attr_color", "red"}});
  EXPECT_THAT(Found("attr_color:=red"), UnorderedElementsAre(1, 3));
  EXPECT_THAT(Found("attr_color:!=red"), ElementsAre(2));
  EXPECT_EQ(Matches("red", "attr_color"), 2U);
}

TEST_F(SchemaChangesTest, ItComesBackInTheDocumentThatBroughtIt) {
  Create(Auto());
  Put({{"id", "1"}, {"color", "red"}});
  Put({{"id", "2"}, {"color", "red"}});
  Drop("color");
  // The very same bytes.
  Put({{"id", "1"}, {"color", "red"}});
  EXPECT_THAT(Found("color:=red"), UnorderedElementsAre(1, 2));
  Drop("color");
  Put({{"id", "1"}, {"color", "blue"}, {"size", 1}});
  EXPECT_THAT(Found("color:=red"), ElementsAre(2));
  EXPECT_THAT(Found("color:=blue"), ElementsAre(1));
}

TEST_F(SchemaChangesTest, WhatWasDroppedStaysAwayUntilADocumentBringsIt) {
  Create(Auto());
  Put({{"id", "1"}, {"color", "red"}, {"size", 7}});
  Drop("color");
  EXPECT_THAT(Change({{{"name", "brand"}, {"type", "string"}, {"optional", true}}}), Succeeds());
  Put({{"id", "2"}, {"size", 8}});
  EXPECT_EQ(TypeOf("color"), "");
  product_->Reopen();
  Put({{"id", "3"}, {"color", "red"}});
  EXPECT_THAT(Found("color:=red"), UnorderedElementsAre(1, 3));
}

TEST_F(SchemaChangesTest, MembersOfObjectsComeBack) {
  Create(WithFields({{{"name", "o"}, {"type", "object"}, {"optional", true}},
                     {{"name", "l"}, {"type", "object[]"}, {"optional", true}}}));
  Put({{"id", "1"}, {"o", {{"a", "x"}, {"b", 1}}}, {"l", {{{"c", 1}}, {{"c", 2}}}}});
  Drop("o.a");
  Drop("l.c");
  Put({{"id", "2"}, {"o", {{"a", "x"}}}, {"l", {{{"c", 2}}}}});
  EXPECT_THAT(Found("o.a:=x"), UnorderedElementsAre(1, 2));
  EXPECT_THAT(Found("l.c:=2"), UnorderedElementsAre(1, 2));
  EXPECT_THAT(Found("l.c:=1"), ElementsAre(1));
  // The whole object, and at once again.
  Drop("o");
  EXPECT_EQ(TypeOf("o.b"), "");
  EXPECT_THAT(Change({{{"name", "l"}, {"drop", true}},
                      {{"name", "l"}, {"type", "object[]"}, {"optional", true}}}),
              Succeeds());
  EXPECT_THAT(Found("l.c:=2"), UnorderedElementsAre(1, 2));
  EXPECT_THAT(Change({{{"name", "o"}, {"type", "object"}, {"optional", true}}}), Succeeds());
  EXPECT_THAT(Found("o.a:=x"), UnorderedElementsAre(1, 2));
  EXPECT_THAT(Found("o.b:=1"), ElementsAre(1));
}

TEST_F(SchemaChangesTest, AnAutomaticFieldIsRetypedByWhatComes) {
  Create(Auto());
  Put({{"id", "1"}, {"price", 10}});
  Put({{"id", "2"}, {"price", 11.5}});
  Drop("price");
  Put({{"id", "3"}, {"price", 12}});
  EXPECT_EQ(TypeOf("price"), "float") << "one of the stored prices needs it";
  EXPECT_THAT(Found("price:>=11.5"), UnorderedElementsAre(2, 3));
  Put({{"id", "4"}, {"tags", {"a", "b"}}});
  Drop("tags");
  Put({{"id", "5"}, {"tags", "a"}});
  EXPECT_EQ(TypeOf("tags"), "string[]");
  EXPECT_THAT(Found("tags:=a"), UnorderedElementsAre(4, 5));
}

TEST_F(SchemaChangesTest, AValueThatFitsNoTypeIsToldAndNothingHappens) {
  Create(Auto());
  Put({{"id", "1"}, {"price", "on request"}});
  Put({{"id", "2"}, {"price", "10"}});
  Drop("price");
  EXPECT_EQ(Put({{"id", "3"}, {"price", 12.5}}), ErrorCode::kInvalidArgument);
  EXPECT_EQ(Put({{"id", "2"}, {"price", 12.5}}), ErrorCode::kInvalidArgument);
  EXPECT_EQ(TypeOf("price"), "");
  EXPECT_EQ(Stored("3"), "");
  Put({{"id", "1"}, {"name", "x"}});
  EXPECT_EQ(Put({{"id", "2"}, {"price", 12.5}}), std::nullopt) << "its own value is in no way";
  EXPECT_EQ(TypeOf("price"), "float");
}

TEST_F(SchemaChangesTest, PatternsComeAndGo) {
  Create(WithFields({{{"name", "attr_.*"}, {"type", "auto"}}}));
  Put({{"id", "1"}, {"attr_a", 1}, {"other", "x"}});
  EXPECT_THAT(Change({{{"name", "attr_.*"}, {"drop", true}}, {{"name", "attr_a"}, {"drop", true}}}),
              Succeeds());
  Put({{"id", "2"}, {"attr_a", 2.5}, {"attr_b", "b"}});
  EXPECT_EQ(TypeOf("attr_a"), "");
  EXPECT_THAT(Change({{{"name", ".*"}, {"type", "auto"}}}), Succeeds());
  EXPECT_EQ(TypeOf("attr_a"), "float");
  EXPECT_THAT(Found("attr_a:<=2.5"), UnorderedElementsAre(1, 2));
  EXPECT_THAT(Found("other:=x"), ElementsAre(1));
  EXPECT_THAT(Found("attr_b:=b"), ElementsAre(2));
}

TEST_F(SchemaChangesTest, ARuleOfTheSameNameBringsNoFieldBack) {
  Create(Auto());
  Put({{"id", "1"}, {"l", 7}});
  // The older rule governs the name.
  EXPECT_THAT(Change({{{"name", "l"}, {"drop", true}}, {{"name", "l"}, {"type", "auto"}}}),
              Succeeds());
  Put({{"id", "2"}, {"l", 2.5}});
  EXPECT_EQ(TypeOf("l"), "auto") << "the rule stands first";
  EXPECT_THAT(Found("l:>2"), UnorderedElementsAre(1, 2));
}

TEST_F(SchemaChangesTest, AFieldThatIsNotIndexedMayBecomeOne) {
  Create(WithFields({{{"name", "a"}, {"type", "string"}, {"index", false}, {"optional", true}},
                     {{"name", ".*"}, {"type", "string*"}}}));
  Put({{"id", "1"}, {"a", "x"}});
  Drop("a");
  Put({{"id", "2"}, {"a", "x"}});
  EXPECT_THAT(Found("a:=x"), UnorderedElementsAre(1, 2));
}

TEST_F(SchemaChangesTest, WhatAFieldHasIsNoMatterOfOtherFields) {
  Create(WithFields({{{"name", "a.b"}, {"type", "int64[]"}, {"optional", true}}}));
  // Nothing says what `a` is.
  Put({{"id", "1"}, {"a", {1, {{"b", 7}}, {{{"b", 8}}}}}});
  EXPECT_THAT(Found("a.b:=[7,8]"), ElementsAre(1));
  EXPECT_THAT(Change({{{"name", "a"}, {"type", "int64[]"}, {"index", false}, {"optional", true}}}),
              Succeeds());
  EXPECT_THAT(Found("a.b:=8"), ElementsAre(1));
  Drop("a");
  Create(Auto());
  Put({{"id", "1"}, {"x", {{1}, {2}}}});
  Put({{"id", "2"}, {"x", {{{{"y", 3}}}}}});
  Put({{"id", "3"}, {"x", {"text"}}});
  EXPECT_EQ(TypeOf("x"), "string[]");
  EXPECT_THAT(Found("x.y:=3"), ElementsAre(2));
}

TEST_F(SchemaChangesTest, TheSameFieldCannotComeTwiceInOneChange) {
  Create(Auto());
  const Json field = {{"name", "a"}, {"type", "int64"}, {"optional", true}};
  EXPECT_THAT(Change({field, field}), FailsWith(ErrorCode::kInvalidArgument));
}

// Writes of others and a change of the schema may share a transaction.
TEST_F(SchemaChangesTest, AFieldIsDroppedInTheTransactionThatFillsIt) {
  Create(Auto());
  Put({{"id", "1"}, {"color", "red"}});
  const Json drop = {{"fields", {{{"name", "color"}, {"drop", true}}}}};
  EXPECT_THAT(product_->ChangeSchema(drop, {{{"id", "2"}, {"color", "blue"}},
                                            {{"id", "3"}, {"color", "red"}, {"size", 1}}}),
              Succeeds());
  ExpectAgreement();
  Put({{"id", "4"}, {"color", "red"}});
  EXPECT_THAT(Found("color:=red"), UnorderedElementsAre(1, 3, 4));
  const Json retype = {{"fields",
                        {{{"name", "size"}, {"drop", true}},
                         {{"name", "size"}, {"type", "string"}, {"optional", true}}}}};
  EXPECT_THAT(product_->ChangeSchema(retype, {{{"id", "3"}, {"color", "red"}}}), Succeeds());
  ExpectAgreement();
}

TEST_F(SchemaChangesTest, ADroppedFieldIsEchoedWithItsType) {
  Create(WithFields({{{"name", "n"}, {"type", "int32[]"}, {"optional", true}}}));
  const auto echo = Change({{{"name", "n"}, {"drop", true}}});
  ASSERT_THAT(echo, Succeeds());
  EXPECT_EQ(DumpJson(*echo), R"({"fields":[{"drop":true,"name":"n","type":"int32[]"}]})");
}

TEST_F(SchemaChangesTest, PricesMayGetCents) {
  Create(Auto());
  Put({{"id", "1"}, {"price", 10}, {"offers", {{{"price", 3}}}}});
  EXPECT_EQ(TypeOf("price"), "int64");
  EXPECT_EQ(Put({{"id", "2"}, {"price", 12.99}, {"offers", {{{"price", 4}}, {{"price", 4.5}}}}}),
            std::nullopt);
  EXPECT_EQ(TypeOf("price"), "float");
  EXPECT_EQ(Stored("2"), R"({"id":"2","offers":[{"price":4},{"price":4.5}],"price":12.99})");
  EXPECT_THAT(Found("price:=12.99"), ElementsAre(2));
  EXPECT_THAT(Found("price:<=10"), ElementsAre(1));
  EXPECT_THAT(Found("offers.price:[3..4]"), UnorderedElementsAre(1, 2));
  product_->Reopen();
  Put({{"id", "3"}, {"price", 11}});
  EXPECT_THAT(Found("price:>10"), UnorderedElementsAre(2, 3));
}

TEST_F(SchemaChangesTest, NoFieldBecomesWiderThanItsValuesBear) {
  Create(Auto());
  Put({{"id", "1"}, {"serial", 9007199254740993}});
  EXPECT_EQ(Put({{"id", "2"}, {"serial", 0.5}}), ErrorCode::kInvalidArgument);
  EXPECT_EQ(Put({{"id", "3"}, {"both", {9007199254740993, 0.5}}}), ErrorCode::kInvalidArgument);
  EXPECT_THAT(Found("serial:=9007199254740993"), ElementsAre(1));
  EXPECT_THAT(Found("serial:=9007199254740992"), IsEmpty());
  // Whole again, it may.
  Put({{"id", "1"}, {"serial", 1}});
  EXPECT_EQ(Put({{"id", "2"}, {"serial", 0.5}}), std::nullopt);
  EXPECT_EQ(Put({{"id", "4"}, {"serial", 9007199254740993}}), ErrorCode::kInvalidArgument);
}

TEST_F(SchemaChangesTest, WhatWasDeclaredStaysAsItIs) {
  Create(WithFields({{{"name", "n"}, {"type", "int32"}, {"optional", true}},
                     {{"name", "p_.*"}, {"type", "int64"}}}));
  EXPECT_EQ(Put({{"id", "1"}, {"n", 12.99}}), ErrorCode::kInvalidArgument);
  EXPECT_EQ(Put({{"id", "1"}, {"p_x", 12.99}}), ErrorCode::kInvalidArgument);
  EXPECT_EQ(Put({{"id", "1"}, {"n", 12.0}, {"p_x", "7"}}), std::nullopt);
  EXPECT_EQ(Stored("1"), R"({"id":"1","n":12,"p_x":7})");
}

TEST_F(SchemaChangesTest, NumbersThatNobodyDeclaredComeOutAsTheyCameIn) {
  Create(WithFields({{{"name", "t"}, {"type", "string"}, {"optional", true}},
                     {{"name", "f"}, {"type", "float"}, {"optional", true}}}));
  const std::string text = R"({"a":12345678901234567890123,"b":[0.1234567890123456789,1e400],)"
                           R"("f":0.1234567890123456789,"id":"1"})";
  Put(*ParseJson(text));
  EXPECT_EQ(Stored("1"), text);
  EXPECT_THAT(Found("f:>0.12 && f:<0.13"), ElementsAre(1));
}

}  // namespace
}  // namespace cacheindex::test
