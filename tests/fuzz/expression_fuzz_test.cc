#include <gmock/gmock.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "replication/declaration/expression_syntax.h"
#include "replication/values/html_text.h"
#include "replication/values/term.h"
#include "replication/values/text_functions.h"
#include "tests/fuzz/fuzz_run.h"

namespace cacheindex::test {
namespace {

TEST(ExpressionFuzzTest, EveryTextIsAnExpressionOrRefused) {
  std::uint64_t accepted = 0;
  RunFuzz({"brand.name", "sku[where price > 0 order by price desc nulls first limit 3].code",
           "pivot(product_attribute, attribute.name, text_value)", "min(sku.(coalesce(a, b)))",
           "metadata.images.0.url", "levels(category, name, ' > ')",
           "'a' in tags or title not like '%x%' and not (price between_ 3)",
           "sku{code, price: price_cents / 100, stock: sum(stock.quantity)}",
           "valid_from <= now() - days(1.5)"},
          {"sku", ".",     "(",        ")",     "[",        "]",    "{",  "}",   ",",
           ":",   "where", "order by", "nulls", "limit",    "via",  "in", "not", "like",
           "and", "or",    "is",       "null",  "'",        "\"",   "0",  ".5",  "1.2.3",
           "-",   "||",    "%",        "now()", "\xC3\xA9", "\xFF", " "},
          [&](const std::string& input, Mutator&) {
            const auto syntax = replication::ParseExpression(input);
            if (syntax) {
              ++accepted;
            } else {
              EXPECT_EQ(syntax.error().code(), ErrorCode::kInvalidArgument);
            }
          });
  EXPECT_GT(accepted, 0U);
}

// What tables hold is whatever shops wrote.
TEST(ExpressionFuzzTest, EveryValueBecomesJson) {
  using replication::WantedType;
  RunFuzz(
      {"{1,NULL,\"a b\",{2}}", "[0:1]={5,6}", "\"a\"=>\"b\", \"c\"=>NULL", "12.50", "-1e400",
       "2024-02-29 12:30:15.5+05:30", "0044-03-15 BC", "{\"a\":[1,null,{\"b\":1.50}]}",
       "<p>Soft &amp; <b>warm</b><script>x</script>&#8364;&#xD800;</p>", "char  "},
      {"{",
       "}",
       "\"",
       "\\",
       "NULL",
       "=>",
       ",",
       "<",
       ">",
       "&",
       ";",
       "&nbsp",
       "&#",
       "<![CDATA[",
       "<!--",
       "-->",
       "</script>",
       "<style",
       "%",
       "_",
       "9999999999",
       ".",
       "-",
       ":",
       " BC",
       "infinity",
       "\xC3\xA9",
       "\xF0\x9F\x98\x80",
       "\xFF",
       "\xED\xA0\x80",
       std::string(1, '\0')},
      [](const std::string& input, Mutator& mutator) {
        replication::Scratch scratch;
        for (const std::uint32_t type : {1U, 16U, 20U, 23U, 25U, 700U, 701U, 1007U, 1009U, 1042U,
                                         1184U, 1231U, 1700U, 2950U, 3802U, 3807U, 99'999U}) {
          const replication::Term term = replication::ParseValue(type, input, scratch);
          for (const auto wanted : {WantedType::kAsItIs, WantedType::kBoolean, WantedType::kInteger,
                                    WantedType::kReal, WantedType::kText}) {
            EXPECT_TRUE(IsUtf8(DumpJson(replication::ToJson(term, wanted))));
          }
          replication::Round(term, static_cast<std::int64_t>(mutator.Below(90)) - 45,
                             replication::Rounding::kHalfAwayFromZero);
        }
        replication::ParseMoment(input);
        if (IsUtf8(input)) {
          const std::string text = replication::HtmlText(input);
          EXPECT_TRUE(IsUtf8(text)) << testing::PrintToString(text);
          EXPECT_TRUE(IsUtf8(replication::Upper(replication::Lower(input))));
          EXPECT_TRUE(replication::IsLike(input, "%"));
          replication::IsLike(input, text);
          const auto from = static_cast<std::int64_t>(mutator.Below(9)) - 3;
          const auto part = replication::Substring(input, from, mutator.Below(9));
          EXPECT_LE(replication::LengthOf(part), 9);
          replication::Split(input, part);
          replication::Replace(input, part, "x");
        }
      });
}

}  // namespace
}  // namespace cacheindex::test
