// Parsers meet whatever clients send: random bytes, and valid texts with something wrong.

#include <gmock/gmock.h>

#include <iostream>
#include <random>
#include <string>
#include <string_view>

#include "index/facet/facets.h"
#include "index/filter/filter.h"
#include "index/sort/sort_order.h"
#include "tests/index/columns/test_collection.h"

namespace cacheindex::index::test {
namespace {

constexpr int kRounds = 20'000;

const char* const kSchema = R"({"name": "shop", "enable_nested_fields": true, "fields": [
  {"name": "brand", "type": "string", "facet": true, "sort": true},
  {"name": "stock", "type": "int32", "facet": true},
  {"name": "price", "type": "float", "facet": true},
  {"name": "new", "type": "bool"},
  {"name": "parts", "type": "object[]", "optional": true},
  {"name": "parts.color", "type": "string[]", "optional": true}]})";

class Mutator {
 public:
  explicit Mutator(std::uint64_t seed) : random_(seed) {}

  std::size_t Below(std::size_t bound) {
    return std::uniform_int_distribution<std::size_t>(0, bound - 1)(random_);
  }

  std::string Mutate(std::string text) {
    static constexpr std::string_view kPieces[] = {
        "&&", "||", "(",    ")",    "[",        "]",     "`",      ":",   ":=", ":!=",
        ".{", "}",  ",",    "..",   "*",        "\\`",   "<",      ">",   "-",  " ",
        "9",  "id", "\xC3", "\xFF", "\xF0\x9F", "brand", "_alpha", ":asc"};
    for (std::size_t changes = 1 + Below(4); changes > 0; --changes) {
      const std::size_t place = Below(text.size() + 1);
      switch (Below(4)) {
        case 0:
          text.insert(place, kPieces[Below(std::size(kPieces))]);
          break;
        case 1:
          text.erase(place, 1 + Below(5));
          break;
        case 2:
          text.insert(place, 1, static_cast<char>(Below(256)));
          break;
        default:
          text = text.substr(0, place) + text.substr(Below(text.size() + 1));
          break;
      }
      text.resize(std::min<std::size_t>(text.size(), 300));
    }
    return text;
  }

  std::string Noise() {
    std::string text(Below(60), ' ');
    for (char& byte : text) {
      byte = static_cast<char>(Below(256));
    }
    return text;
  }

 private:
  std::mt19937_64 random_;
};

class ParserMutationTest : public testing::Test {
 protected:
  ParserMutationTest() : collection_(Json::parse(kSchema)), reader_(collection_.Read()) {
    std::random_device device;
    seed_ = device();
    std::cout << "seed " << seed_ << '\n';
  }

  // A refusal must be the user's to understand, and fit into JSON.
  void ExpectGoodError(const Error& error, const std::string& text) {
    EXPECT_FALSE(error.message().empty()) << text;
    EXPECT_NE(error.code(), ErrorCode::kCorruption) << text;
    EXPECT_NO_THROW(DumpJson(Json(error.message()))) << text;
  }

  template <class Parse>
  void Run(const std::vector<std::string>& valid, const Parse& parse) {
    Mutator mutator(seed_);
    int accepted = 0;
    for (int i = 0; i < kRounds; ++i) {
      const std::string text = mutator.Below(8) == 0
                                   ? mutator.Noise()
                                   : mutator.Mutate(valid[mutator.Below(valid.size())]);
      accepted += parse(text) ? 1 : 0;
    }
    // Otherwise the mutations would only ever reach the first check. About 1 in 100 is accepted.
    EXPECT_GT(accepted, kRounds / 1000);
    EXPECT_LT(accepted, kRounds);
  }

  TestCollection collection_;
  TestCollection::Reader reader_;
  std::uint64_t seed_ = 0;
};

TEST_F(ParserMutationTest, FiltersAreParsedOrRefused) {
  const auto all = reader_.context->AllDocuments();
  ASSERT_TRUE(all.has_value());
  Run({"brand:=[`a`,`b,c`] && stock:[<10, 20..30, >100]",
       "(new:true || price:>=1.5) && brand:! some wor*", "parts.{color:=red && color:!=blue}",
       "id:!=[a,b,`c`] || stock:!=5"},
      [&](const std::string& text) {
        const auto filter = Filter::Parse(text, *reader_.schema, {});
        if (!filter) {
          ExpectGoodError(filter.error(), text);
          return false;
        }
        EXPECT_TRUE(filter->Evaluate(*reader_.context, *all).has_value()) << text;
        return true;
      });
}

TEST_F(ParserMutationTest, SortOrdersAreParsedOrRefused) {
  Run({"stock:asc,price:desc", "_text_match(buckets: 10):desc,brand:asc",
       "price(missing_values: first):asc"},
      [&](const std::string& text) {
        const auto order = SortOrder::Parse(text, *reader_.schema, true);
        if (!order) {
          ExpectGoodError(order.error(), text);
        }
        return order.has_value();
      });
}

TEST_F(ParserMutationTest, FacetsAreParsedOrRefused) {
  Run({"brand,stock(a:[0,10],b:[10,]),price", "brand(sort_by:_alpha:asc)", "b*,stock", "brand"},
      [&](const std::string& text) {
        SearchRequest request;
        request.facet_by = text;
        request.facet_query = text.size() % 3 == 0 ? text : "";
        const auto plan = FacetPlan::Parse(request, *reader_.schema);
        if (!plan) {
          ExpectGoodError(plan.error(), text);
        }
        return plan.has_value();
      });
}

}  // namespace
}  // namespace cacheindex::index::test
