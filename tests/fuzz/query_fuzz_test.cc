#include <gmock/gmock.h>

#include "index/match/text_query.h"
#include "index/words/tokenizer.h"
#include "tests/fuzz/fuzz_run.h"

namespace cacheindex::test {
namespace {

using index::QueryUnit;

// Returns the words of the unit.
std::size_t ExpectGoodUnit(const QueryUnit& unit) {
  EXPECT_FALSE(unit.words.empty());
  for (const auto* words : {&unit.words, &unit.joined}) {
    for (const std::string& word : *words) {
      EXPECT_FALSE(word.empty());
      EXPECT_LE(word.size(), index::kWordBytesMax);
      EXPECT_TRUE(IsUtf8(word));
    }
  }
  EXPECT_LE(unit.joined.size(), unit.words.size());
  EXPECT_FALSE(unit.is_phrase && unit.is_prefix);
  return unit.words.size();
}

TEST(QueryFuzzTest, EveryTextIsAQueryWithinTheLimits) {
  const auto rules = index::TextRules::Read(
      Json::parse(R"({"symbols_to_index":["+","#","€"],"token_separators":["-","'"]})"),
      Json::object());
  ASSERT_TRUE(rules.has_value());
  const Stopwords stopwords = {"the", "of", "的", "t shirt"};
  RunFuzz({"red \"running shoes\" -blue", "KC-2500 kc2500 -\"on sale\"", "无线蓝牙耳机 4件套 1.5m",
           "Wi-Fi t-shirt's of the", "ノートパソコン 노트북", "C++ * €5"},
          {"\"",      "-",
           " ",       "\n",
           "*",       "'",
           ".",       ",",
           "+",       "#",
           "the",     "of",
           "的",      "ー",
           "１",      "é",
           "e\u0301", "\u200d",
           "\u00ad",  "\xC3",
           "\xFF",    "\xF0\x9F\x91\x8D",
           "a-b",     "9",
           "½",       "/2",
           " in",     "×",
           "1,0",     "★"},
          [&](const std::string& input, Mutator& mutator) {
            index::TextQueryOptions options;
            if (mutator.Below(2) == 0) {
              options = {.rules = rules->get(), .stopwords = &stopwords};
            }
            const auto query = index::ParseTextQuery(input, options);
            ASSERT_TRUE(query.has_value());
            std::size_t words = 0;
            for (const auto* units : {&query->units, &query->excluded}) {
              for (const QueryUnit& unit : *units) {
                words += ExpectGoodUnit(unit);
                EXPECT_TRUE(!unit.is_prefix || &unit == &query->units.back());
              }
            }
            EXPECT_LE(words, index::kQueryWordsMax);
            EXPECT_TRUE(!query->is_match_all || words == 0);
          });
}

}  // namespace
}  // namespace cacheindex::test
