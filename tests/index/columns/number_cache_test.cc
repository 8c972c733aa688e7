#include "index/documents/number_cache.h"

#include <gmock/gmock.h>

#include <map>
#include <memory>
#include <random>
#include <string>

#include "cache/store.h"
#include "index/columns/word_dictionary.h"
#include "tests/support/result_matchers.h"
#include "tests/support/temp_directory.h"
#include "tests/support/test_seed.h"

namespace cacheindex::index {
namespace {

using cacheindex::test::FailsWith;
using cacheindex::test::Succeeds;

class NumberCacheTest : public testing::Test {
 protected:
  void SetUp() override {
    auto store = cache::Store::Open(
        {.directory = directory_.path(), .map_size_bytes = std::uint64_t{1} << 30}, nullptr);
    ASSERT_THAT(store, Succeeds());
    store_ = *std::move(store);
    ASSERT_THAT(store_->Write([&](cache::WriteTransaction& transaction) -> Result<void> {
      auto words = transaction.AllocateColumn(cache::PageShape::kNarrow);
      auto others = transaction.AllocateColumn(cache::PageShape::kNarrow);
      words_ = words ? *words : cache::ColumnNumber{};
      others_ = others ? *others : cache::ColumnNumber{};
      return {};
    }),
                Succeeds());
  }

  std::uint32_t NumberOf(cache::WriteTransaction& transaction, cache::ColumnNumber column,
                         const std::string& word) {
    const auto number = numbers_.Word(transaction, column, word);
    EXPECT_THAT(number, Succeeds());
    return number ? *number : 0;
  }

  cacheindex::test::TempDirectory directory_;
  std::unique_ptr<cache::Store> store_;
  cache::ColumnNumber words_{};
  cache::ColumnNumber others_{};
  NumberCache numbers_;
};

TEST_F(NumberCacheTest, TheSameWordOfTwoColumnsHasTwoNumbers) {
  const std::string too_long_to_remember(100, 'a');
  ASSERT_THAT(store_->Write([&](cache::WriteTransaction& transaction) -> Result<void> {
    numbers_.BeginTransaction();
    EXPECT_EQ(NumberOf(transaction, words_, "red"), 1U);
    EXPECT_EQ(NumberOf(transaction, words_, "blue"), 2U);
    EXPECT_EQ(NumberOf(transaction, words_, too_long_to_remember), 3U);
    EXPECT_EQ(NumberOf(transaction, others_, "blue"), 1U);
    return {};
  }),
              Succeeds());
  ASSERT_THAT(store_->Write([&](cache::WriteTransaction& transaction) -> Result<void> {
    numbers_.BeginTransaction();
    for (int round = 0; round < 2; ++round) {
      EXPECT_EQ(NumberOf(transaction, others_, "blue"), 1U);
      EXPECT_EQ(NumberOf(transaction, words_, "blue"), 2U);
      EXPECT_EQ(NumberOf(transaction, words_, "red"), 1U);
      EXPECT_EQ(NumberOf(transaction, words_, too_long_to_remember), 3U);
    }
    return {};
  }),
              Succeeds());
}

// More words than there are places at first, and transactions that are given up.
TEST_F(NumberCacheTest, NumbersAreThoseOfTheDictionary) {
  const auto seed = cacheindex::test::TestSeed();
  SCOPED_TRACE("TEST_SEED=" + std::to_string(seed));
  std::mt19937_64 random(seed);
  std::uniform_int_distribution<int> words(1, 20'000);
  std::map<std::string, std::uint32_t> stored;
  for (int round = 0; round < 60; ++round) {
    const bool is_given_up = random() % 4 == 0;
    std::map<std::string, std::uint32_t> given;
    const auto written = store_->Write([&](cache::WriteTransaction& transaction) -> Result<void> {
      given.clear();
      numbers_.BeginTransaction();
      for (int i = 0; i < 1'000; ++i) {
        const std::string word = "word" + std::to_string(words(random));
        const std::uint32_t number = NumberOf(transaction, words_, word);
        const auto known = stored.find(word);
        if (known != stored.end()) {
          EXPECT_EQ(number, known->second) << word;
        }
        EXPECT_EQ(given.emplace(word, number).first->second, number) << word;
      }
      return is_given_up ? Result<void>(Error(ErrorCode::kConflict, "given up")) : Result<void>();
    });
    if (is_given_up) {
      EXPECT_THAT(written, FailsWith(ErrorCode::kConflict));
    } else {
      ASSERT_THAT(written, Succeeds());
      stored.insert(given.begin(), given.end());
    }
    ASSERT_FALSE(HasFailure());
  }
  const auto snapshot = store_->OpenSnapshot();
  ASSERT_THAT(snapshot, Succeeds());
  const WordDictionary dictionary(*snapshot, words_);
  for (const auto& [word, number] : stored) {
    const auto found = dictionary.Find(word);
    ASSERT_THAT(found, Succeeds());
    EXPECT_EQ(*found, number) << word;
  }
  const auto count = dictionary.Count();
  ASSERT_THAT(count, Succeeds());
  EXPECT_EQ(*count, stored.size());
}

}  // namespace
}  // namespace cacheindex::index
