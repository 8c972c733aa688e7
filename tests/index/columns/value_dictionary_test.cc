#include "index/columns/value_dictionary.h"

#include <gmock/gmock.h>

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "cache/store.h"
#include "index/encoding/entry_codec.h"
#include "tests/support/result_matchers.h"
#include "tests/support/temp_directory.h"

namespace cacheindex::index::test {
namespace {

using cacheindex::test::Succeeds;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

class ValueDictionaryTest : public testing::Test {
 protected:
  ValueDictionaryTest() {
    auto opened = cache::Store::Open(
        {.directory = directory_.path(), .map_size_bytes = std::uint64_t{1} << 24}, nullptr);
    EXPECT_THAT(opened, Succeeds());
    store_ = *std::move(opened);
  }

  template <class Change>
  void Write(const Change& change) {
    EXPECT_THAT(store_->Write([&](cache::WriteTransaction& transaction) -> Result<void> {
      if (column_ == cache::ColumnNumber{}) {
        column_ = *transaction.AllocateColumn(cache::PageShape::kWide);
      }
      change(transaction);
      return {};
    }),
                Succeeds());
  }
  void Add(const std::vector<std::string>& values) {
    Write([&](cache::WriteTransaction& transaction) {
      for (const std::string& value : values) {
        EXPECT_THAT(ValueDictionary::FindOrAdd(transaction, column_, value), Succeeds());
      }
    });
  }
  // Calls ask(dictionary) and returns its ordinals.
  template <class Ask>
  std::vector<std::uint32_t> Find(const Ask& ask) {
    const auto snapshot = store_->OpenSnapshot();
    auto found = ask(ValueDictionary(*snapshot, column_));
    EXPECT_THAT(found, Succeeds());
    return *std::move(found);
  }
  std::vector<std::uint32_t> Form(const std::string& form) {
    return Find([&](const ValueDictionary& dictionary) { return dictionary.FindForm(form); });
  }
  std::vector<std::uint32_t> Prefix(const std::string& form) {
    return Find([&](const ValueDictionary& dictionary) { return dictionary.FindFormPrefix(form); });
  }

  cacheindex::test::TempDirectory directory_;
  std::unique_ptr<cache::Store> store_;
  cache::ColumnNumber column_{};
};

TEST_F(ValueDictionaryTest, ValuesAreFoundByTheirForms) {
  Add({"Red", "red", "1-2", "12", "", "★"});
  EXPECT_THAT(Form("red"), ElementsAre(0, 1));
  EXPECT_THAT(Form("1-2"), ElementsAre(2));
  EXPECT_THAT(Form(""), ElementsAre(4));
  EXPECT_THAT(Prefix("1"), UnorderedElementsAre(2, 3));
  EXPECT_THAT(Prefix("1-"), ElementsAre(2));
  EXPECT_THAT(Form("re"), IsEmpty());
  EXPECT_THAT(Find([](const ValueDictionary& dictionary) {
                return dictionary.FindForms(
                    [](std::string_view form) { return form.find('-') != std::string::npos; });
              }),
              ElementsAre(2));
}

TEST_F(ValueDictionaryTest, LongValuesAreToldApart) {
  const std::string begin(200, 'a');
  Add({begin + "x", begin + "Y", begin.substr(0, 150), begin.substr(0, 149)});
  EXPECT_THAT(Form(begin + "x"), ElementsAre(0));
  EXPECT_THAT(Form(begin + "y"), ElementsAre(1));
  EXPECT_THAT(Form(begin.substr(0, 150)), ElementsAre(2));
  EXPECT_THAT(Form(begin.substr(0, 149)), ElementsAre(3));
  EXPECT_THAT(Prefix(begin), UnorderedElementsAre(0, 1));
  EXPECT_THAT(Prefix(begin.substr(0, 150)), UnorderedElementsAre(0, 1, 2));
  EXPECT_THAT(Prefix("a"), UnorderedElementsAre(0, 1, 2, 3));
}

TEST_F(ValueDictionaryTest, ValuesOfEarlierVersionsHaveNoFormsAndAreFoundAllTheSame) {
  Write([&](cache::WriteTransaction& transaction) {
    const std::array<std::string, 3> values = {"Red", "1-2", "12"};
    for (std::uint32_t i = 0; i < values.size(); ++i) {
      EXPECT_THAT(transaction.PutEntry(column_, "o" + EncodeBigEndian32(i), values[i]), Succeeds());
      EXPECT_THAT(transaction.PutEntry(column_, "v" + values[i], EncodeBigEndian32(i)), Succeeds());
    }
    EXPECT_THAT(transaction.PutEntry(column_, "c", EncodeBigEndian32(3)), Succeeds());
  });
  EXPECT_THAT(Form("red"), ElementsAre(0));
  Add({"RED", "1", "12"});
  EXPECT_THAT(Form("red"), ElementsAre(0, 3));
  EXPECT_THAT(Form("12"), ElementsAre(2));
  EXPECT_THAT(Prefix("1"), ElementsAre(1, 2, 4));
}

TEST_F(ValueDictionaryTest, AWalkPassesAllValuesInTheOrderOfTheirOrdinals) {
  Add({"b", "a", "c"});
  std::string passed;
  const auto snapshot = store_->OpenSnapshot();
  const auto walked = ValueDictionary(*snapshot, column_)
                          .ForEach([&](std::uint32_t ordinal, std::string_view value) {
                            passed += std::to_string(ordinal) + std::string(value);
                            return ordinal < 1;
                          });
  EXPECT_THAT(walked, Succeeds());
  EXPECT_EQ(passed, "0b1a");
}

}  // namespace
}  // namespace cacheindex::index::test
