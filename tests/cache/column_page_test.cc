#include "cache/column_page.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "cache/column_page_builder.h"
#include "tests/support/result_matchers.h"

namespace cacheindex::cache {
namespace {

using Content = std::map<std::uint32_t, std::vector<std::int64_t>>;
using Selection = std::array<std::uint64_t, kWidePageDocuments / 64>;

constexpr std::int64_t kLowest = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kHighest = std::numeric_limits<std::int64_t>::max();

Selection Everything() {
  Selection selection;
  selection.fill(~std::uint64_t{0});
  return selection;
}

std::string Encode(const Content& content) {
  ColumnPageBuilder builder;
  for (const auto& [offset, values] : content) {
    builder.Set(offset, values);
  }
  return std::string(builder.Encode());
}

ColumnPage Parse(const std::string& bytes) {
  auto page = ColumnPage::Parse(std::as_bytes(std::span(bytes)));
  EXPECT_THAT(page, test::Succeeds());
  return *page;
}

Content Selected(const Content& content, const Selection& selection) {
  Content selected;
  for (const auto& [offset, values] : content) {
    if (!values.empty() && (selection[offset / 64] >> (offset % 64) & 1) != 0) {
      selected[offset] = values;
    }
  }
  return selected;
}

Content ValuesSeen(const ColumnPage& page, const Selection& selection) {
  Content seen;
  std::uint32_t last = 0;
  page.ForEachValue(selection.data(), [&](std::uint32_t offset, std::int64_t value) {
    EXPECT_GE(offset, last) << "offsets must ascend";
    last = offset;
    seen[offset].push_back(value);
  });
  return seen;
}

Content DocumentsSeen(const ColumnPage& page, const Selection& selection) {
  Content seen;
  page.ForEachDocument(selection.data(), [&](std::uint32_t offset, const ColumnValues& values) {
    EXPECT_FALSE(seen.contains(offset));
    for (std::uint32_t i = 0; i < values.size(); ++i) {
      seen[offset].push_back(values[i]);
    }
  });
  return seen;
}

void ExpectHolds(const std::string& bytes, const Content& content, const Selection& selection) {
  const ColumnPage page = Parse(bytes);
  EXPECT_TRUE(page.VerifyChecksum());
  const Content all = Selected(content, Everything());
  std::uint32_t values = 0;
  bool is_single = true;
  std::int64_t minimum = kHighest;
  std::int64_t maximum = kLowest;
  for (const auto& [offset, list] : all) {
    values += static_cast<std::uint32_t>(list.size());
    is_single = is_single && list.size() == 1;
    for (const std::int64_t value : list) {
      minimum = std::min(minimum, value);
      maximum = std::max(maximum, value);
    }
  }
  EXPECT_EQ(page.documents(), all.size());
  EXPECT_EQ(page.values(), values);
  EXPECT_EQ(page.is_single_valued(), is_single);
  EXPECT_EQ(page.minimum(), minimum);
  EXPECT_EQ(page.maximum(), maximum);
  EXPECT_EQ(ValuesSeen(page, Everything()), all);
  EXPECT_EQ(ValuesSeen(page, selection), Selected(content, selection));
  EXPECT_EQ(DocumentsSeen(page, selection), Selected(content, selection));
  for (std::uint32_t offset = 0; offset < kWidePageDocuments; ++offset) {
    const ColumnValues found = page.Find(offset);
    const auto expected = all.find(offset);
    ASSERT_EQ(found.size(), expected == all.end() ? 0 : expected->second.size()) << offset;
    for (std::uint32_t i = 0; i < found.size(); ++i) {
      EXPECT_EQ(found[i], expected->second[i]);
    }
  }
}

std::int64_t RandomValue(std::mt19937_64& random, int width) {
  switch (width) {
    case 0:
      return -42;
    case 1:
      return static_cast<std::int64_t>(random() % 256) - 100;
    case 2:
      return static_cast<std::int64_t>(random() % 65536) - 100;
    case 4:
      return static_cast<std::int64_t>(random() % (std::uint64_t{1} << 32)) - 100;
    default: {
      constexpr std::array<std::int64_t, 5> kExtremes{kLowest, kHighest, 0, -1, 1};
      return random() % 4 == 0 ? kExtremes[random() % 5] : static_cast<std::int64_t>(random());
    }
  }
}

TEST(ColumnPageTest, HoldsAnyContent) {
  const auto seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  for (int round = 0; round < 400; ++round) {
    const int width = std::array{0, 1, 2, 4, 8}[random() % 5];
    const std::uint32_t extent = random() % 2 == 0 ? kWidePageDocuments : kNarrowPageDocuments;
    const std::uint32_t slots = 1 + static_cast<std::uint32_t>(random() % extent);
    const std::uint64_t percent = std::array<std::uint64_t, 4>{1, 10, 60, 100}[random() % 4];
    const std::uint64_t values_max = std::array<std::uint64_t, 3>{1, 3, 90}[random() % 3];
    Content content;
    for (std::uint32_t offset = 0; offset < slots; ++offset) {
      if (random() % 100 < percent) {
        auto& values = content[offset];
        for (std::uint64_t i = random() % values_max + 1; i > 0; --i) {
          values.push_back(RandomValue(random, width));
        }
      }
    }
    if (content.empty()) {
      content[0] = {RandomValue(random, width)};
    }
    Selection selection;
    for (std::uint64_t& word : selection) {
      // NOLINTNEXTLINE(misc-redundant-expression): two different numbers.
      word = random() % 3 == 0 ? ~std::uint64_t{0} : random() & random();
    }
    ExpectHolds(Encode(content), content, selection);
    if (HasFailure()) {
      return;
    }
  }
}

TEST(ColumnPageTest, ExtremesOfOnePageAreKeptExactly) {
  const Content content{{0, {kLowest}}, {1, {kHighest}}, {959, {0}}};
  ExpectHolds(Encode(content), content, Everything());
}

TEST(ColumnPageTest, LoadedPageCanBeChangedAndGrowsAndShrinks) {
  Content content;
  for (std::uint32_t offset = 0; offset < 500; ++offset) {
    content[offset] = {offset, offset + 1};
  }
  const std::string before = Encode(content);
  ColumnPageBuilder builder;
  builder.Load(Parse(before));
  builder.Set(7, {});
  builder.Set(8, std::array<std::int64_t, 1>{kHighest});
  builder.Set(959, std::array<std::int64_t, 3>{3, 2, 1});
  const std::string after(builder.Encode());
  content.erase(7);
  content[8] = {kHighest};
  content[959] = {3, 2, 1};
  ExpectHolds(after, content, Everything());
}

TEST(ColumnPageTest, NoValuesMeanNoPage) {
  ColumnPageBuilder builder;
  EXPECT_EQ(builder.Encode(), "");
  builder.Set(3, std::array<std::int64_t, 1>{1});
  builder.Set(3, {});
  EXPECT_EQ(builder.Encode(), "");
}

TEST(ColumnPageTest, TakesNoMoreRoomThanItNeeds) {
  Content dense;
  Content sparse;
  Content equal;
  for (std::uint32_t offset = 0; offset < kWidePageDocuments; ++offset) {
    dense[offset] = {offset % 200};
    equal[offset] = {7};
    if (offset % 100 == 0) {
      sparse[offset] = {offset % 200};
    }
  }
  EXPECT_EQ(Encode(dense).size(), 40U + 960);
  EXPECT_EQ(Encode(sparse).size(), 40U + 10 * (2 + 1));
  EXPECT_EQ(Encode(equal).size(), 40U);
}

TEST(ColumnPageTest, DamageIsDetectedAndNeverLeadsOutsideThePage) {
  const auto seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  const std::array<Content, 4> contents{
      Content{{0, {5}}, {1, {9}}, {2, {300}}}, Content{{3, {1}}, {900, {2}}},
      Content{{0, {1, 2}}, {1, {3}}, {2, {4, 5, 6}}}, Content{{3, {1, 2}}, {800, {2, 70000}}}};
  int undetected = 0;
  for (int round = 0; round < 4000; ++round) {
    std::string bytes = Encode(contents[random() % contents.size()]);
    const std::size_t position = random() % bytes.size();
    bytes[position] = static_cast<char>(bytes[position] ^ (1 << random() % 8));
    // A buffer of its own and exactly this size, so that the sanitizer sees a step too far.
    const std::vector<std::byte> exact(std::as_bytes(std::span(bytes)).begin(),
                                       std::as_bytes(std::span(bytes)).end());
    const auto page = ColumnPage::Parse(exact);
    if (!page) {
      EXPECT_THAT(page, test::FailsWith(ErrorCode::kCorruption));
      continue;
    }
    undetected += page->VerifyChecksum() ? 1 : 0;
    ValuesSeen(*page, Everything());
    DocumentsSeen(*page, Everything());
    for (std::uint32_t offset = 0; offset < kWidePageDocuments; ++offset) {
      const ColumnValues values = page->Find(offset);
      for (std::uint32_t i = 0; i < values.size(); ++i) {
        static_cast<void>(values[i]);
      }
    }
  }
  EXPECT_EQ(undetected, 0);
}

TEST(ColumnPageTest, CutOffPagesAreRefused) {
  const std::string bytes = Encode({{0, {1, 2}}, {5, {3}}});
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_THAT(ColumnPage::Parse(std::as_bytes(std::span(bytes).first(size))),
                test::FailsWith(ErrorCode::kCorruption));
  }
}

TEST(ColumnPageTest, SelectsTheDocumentsWithAValueInARange) {
  const std::uint64_t seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  // Every packed width, up to values whose distance needs all 64 bits.
  const std::vector<std::pair<std::int64_t, std::int64_t>> bounds = {
      {7, 7}, {-3, 200}, {-30'000, 30'000}, {-2'000'000'000, 2'000'000'000}, {kLowest, kHighest}};
  for (int round = 0; round < 400; ++round) {
    const auto [least, most] = bounds[random() % bounds.size()];
    std::uniform_int_distribution<std::int64_t> any(least, most);
    const std::uint32_t slots = 1 + static_cast<std::uint32_t>(random() % kWidePageDocuments);
    const std::size_t values_max = random() % 3 == 0 ? 3 : 1;
    const std::uint64_t presence = 1 + random() % 100;
    Content content;
    for (std::uint32_t offset = 0; offset < slots; ++offset) {
      for (std::size_t i = 0; i < values_max && random() % 100 < presence; ++i) {
        content[offset].push_back(any(random));
      }
    }
    if (content.empty()) {
      continue;
    }
    Selection selection;
    // NOLINTNEXTLINE(misc-redundant-expression): two different numbers.
    std::generate(selection.begin(), selection.end(), [&] { return random() | random(); });
    auto [low, high] = std::minmax({any(random), any(random)});
    Selection expected{};
    for (const auto& [offset, values] : Selected(content, selection)) {
      const bool is_inside = std::ranges::any_of(
          values, [low = low, high = high](auto value) { return low <= value && value <= high; });
      expected[offset / 64] |= std::uint64_t{is_inside} << (offset % 64);
    }
    const std::string bytes = Encode(content);
    Selection matches{};
    Parse(bytes).SelectRange(low, high, selection.data(), matches.data());
    ASSERT_EQ(matches, expected) << "round " << round;
  }
}

}  // namespace
}  // namespace cacheindex::cache
