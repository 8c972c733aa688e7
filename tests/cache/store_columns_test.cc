#include <atomic>
#include <set>
#include <thread>

#include "cache/verify.h"
#include "tests/cache/store_fixture.h"

namespace cacheindex::cache {
namespace {

using testing::IsEmpty;

class StoreColumnsTest : public StoreTest {
 protected:
  ColumnNumber Allocate(PageShape shape) {
    ColumnNumber column{};
    Write([&](WriteTransaction& transaction) -> Result<void> {
      column = *transaction.AllocateColumn(shape);
      return {};
    });
    return column;
  }

  void Set(ColumnNumber column, DocumentNumber number, const std::vector<std::int64_t>& values) {
    Write([&](WriteTransaction& transaction) -> Result<void> {
      transaction.SetColumn(column, number, values);
      return {};
    });
  }
};

TEST_F(StoreColumnsTest, PagesAreFoundByNumberWithGapsBetween) {
  Open();
  const ColumnNumber column = Allocate(PageShape::kWide);
  const ColumnNumber neighbour = Allocate(PageShape::kWide);
  Set(column, 5, {50});
  Set(column, 10 * kWidePageDocuments + 1, {60, 70});
  Set(neighbour, 1, {1});
  const Snapshot snapshot = OpenSnapshot();
  const auto pages = snapshot.Pages(column);
  ASSERT_THAT(pages, Succeeds());
  EXPECT_EQ(pages->page_count(), 11U);
  ASSERT_NE(pages->Find(0), nullptr);
  EXPECT_EQ(pages->Find(0)->Find(5)[0], 50);
  EXPECT_EQ(pages->Find(1), nullptr);
  EXPECT_EQ(pages->Find(11), nullptr);
  ASSERT_NE(pages->Find(10), nullptr);
  EXPECT_EQ(pages->Find(10)->Find(1).size(), 2U);
}

TEST_F(StoreColumnsTest, PageWithoutValuesIsRemoved) {
  Open();
  const ColumnNumber column = Allocate(PageShape::kNarrow);
  Set(column, 3, {1});
  EXPECT_EQ(OpenSnapshot().Pages(column)->page_count(), 1U);
  Set(column, 3, {});
  EXPECT_EQ(OpenSnapshot().Pages(column)->page_count(), 0U);
}

TEST_F(StoreColumnsTest, LastValueOfATransactionWinsAndIsSeenAfterTheCommitOnly) {
  Open();
  const ColumnNumber column = Allocate(PageShape::kWide);
  Set(column, 3, {1});
  Write([&](WriteTransaction& transaction) -> Result<void> {
    transaction.SetColumn(column, 3, std::vector<std::int64_t>{2});
    transaction.SetColumn(column, 3, std::vector<std::int64_t>{3});
    EXPECT_EQ(transaction.Pages(column)->Find(0)->Find(3)[0], 1);
    return {};
  });
  EXPECT_EQ(OpenSnapshot().Pages(column)->Find(0)->Find(3)[0], 3);
}

// What one view has looked up is kept for others of its state, and for none of another state.
TEST_F(StoreColumnsTest, EveryViewSeesThePagesOfItsOwnState) {
  Open();
  const ColumnNumber column = Allocate(PageShape::kWide);
  Set(column, 1, {1});
  const Snapshot older = OpenSnapshot();
  const auto value_in = [&](const View& view, std::uint32_t page) {
    const auto pages = *view.Pages(column);
    const ColumnPage* found = pages.Find(page);
    return found == nullptr ? -1 : found->Find(1)[0];
  };
  EXPECT_EQ(value_in(older, 0), 1);
  Set(column, 1, {2});
  Set(column, kWidePageDocuments + 1, {3});
  const Snapshot newer = OpenSnapshot();
  const Snapshot same = OpenSnapshot();
  EXPECT_EQ(value_in(newer, 0), 2);
  EXPECT_EQ(value_in(same, 0), 2);
  EXPECT_EQ(value_in(same, 1), 3);
  EXPECT_EQ(value_in(older, 0), 1);
  EXPECT_EQ(value_in(older, 1), -1);
  EXPECT_EQ(value_in(newer, 1), 3);
}

TEST_F(StoreColumnsTest, ReadersOfManyStatesSeeWholeOnesWhileTheMapGrows) {
  constexpr std::uint32_t kPages = 40;
  constexpr int kVersions = 150;
  options.map_size_bytes = 256 << 10;
  options.map_size_max_bytes = 256 << 20;
  Open();
  const ColumnNumber column = Allocate(PageShape::kWide);
  const ColumnNumber filler = Allocate(PageShape::kWide);
  std::atomic<bool> is_done = false;
  std::vector<std::jthread> readers;
  readers.reserve(3);
  for (int reader = 0; reader < 3; ++reader) {
    readers.emplace_back([&, reader] {
      while (!is_done) {
        const Snapshot snapshot = OpenSnapshot();
        const auto pages = *snapshot.Pages(column);
        std::set<std::int64_t> versions;
        for (std::uint32_t i = 0; i < pages.page_count(); ++i) {
          // Some forwards, some backwards, so that they meet.
          const ColumnPage* page = pages.Find(reader == 1 ? pages.page_count() - 1 - i : i);
          versions.insert(page == nullptr ? -1 : page->Find(1)[0]);
        }
        ASSERT_LE(versions.size(), 1U) << "pages of more than one state";
        ASSERT_FALSE(pages.damage());
      }
    });
  }
  for (int version = 0; version < kVersions; ++version) {
    Write([&](WriteTransaction& transaction) -> Result<void> {
      for (std::uint32_t page = 0; page < kPages; ++page) {
        transaction.SetColumn(column, page * kWidePageDocuments + 1,
                              std::vector<std::int64_t>{version});
      }
      // Wide values, so that the map has to grow.
      for (DocumentNumber i = 0; i < kWidePageDocuments; ++i) {
        const DocumentNumber number = static_cast<DocumentNumber>(version) * kWidePageDocuments + i;
        transaction.SetColumn(filler, number, std::vector<std::int64_t>{std::int64_t{i} << 40});
      }
      return {};
    });
  }
  is_done = true;
  readers.clear();
  EXPECT_GT(store->statistics().map_size_bytes, options.map_size_bytes);
  EXPECT_THAT(Verify(OpenSnapshot()).findings, IsEmpty());
}

TEST_F(StoreColumnsTest, EntriesAreOrderedAndBelongToTheirColumn) {
  Open();
  const ColumnNumber column = Allocate(PageShape::kWide);
  const ColumnNumber neighbour = Allocate(PageShape::kWide);
  Write([&](WriteTransaction& transaction) -> Result<void> {
    for (const char* key : {"b2", "a", "b1", "c", "b"}) {
      if (auto put = transaction.PutEntry(column, key, std::string("value of ") + key); !put) {
        return put;
      }
    }
    EXPECT_EQ(*transaction.FindEntry(column, "b1"), "value of b1");
    return transaction.PutEntry(neighbour, "b3", "not this");
  });
  const Snapshot snapshot = OpenSnapshot();
  std::vector<std::string> keys;
  const auto collect = [&](std::string_view key, std::string_view) {
    keys.emplace_back(key);
    return keys.size() < 3;
  };
  ASSERT_THAT(snapshot.ScanEntries(column, "b", collect), Succeeds());
  EXPECT_THAT(keys, testing::ElementsAre("b", "b1", "b2"));
  keys.clear();
  ASSERT_THAT(snapshot.ScanEntries(column, "", collect), Succeeds());
  EXPECT_THAT(keys, testing::ElementsAre("a", "b", "b1"));
  EXPECT_EQ(*snapshot.FindEntry(column, "b3"), std::nullopt);
  EXPECT_EQ(*snapshot.FindEntry(column, std::string(kEntryKeyBytesMax + 1, 'k')), std::nullopt);
}

TEST_F(StoreColumnsTest, EntriesAreWalkedInPieces) {
  Open();
  const ColumnNumber column = Allocate(PageShape::kWide);
  const std::string longest(kEntryKeyBytesMax, 'c');
  Write([&](WriteTransaction& transaction) -> Result<void> {
    for (const std::string& key : {std::string("a"), std::string("c"), std::string("c1"), longest,
                                   std::string("cd"), std::string("d")}) {
      if (auto put = transaction.PutEntry(column, key, ""); !put) {
        return put;
      }
    }
    return transaction.PutEntry(kOwnersColumn, "c2", "not this");
  });
  const Snapshot snapshot = OpenSnapshot();
  const auto walk = [&](std::string_view prefix, std::string_view start) {
    std::vector<std::string> keys;
    EXPECT_THAT(snapshot.ScanEntriesFrom(column, prefix, start,
                                         [&](std::string_view key, std::string_view) {
                                           keys.emplace_back(key);
                                           return true;
                                         }),
                Succeeds());
    return keys;
  };
  EXPECT_THAT(walk("c", ""), testing::ElementsAre("c", "c1", longest, "cd"));
  EXPECT_THAT(walk("c", "c1"), testing::ElementsAre("c1", longest, "cd"));
  EXPECT_THAT(walk("c", longest + "c"), testing::ElementsAre("cd"));
  EXPECT_THAT(walk("c", "ce"), testing::ElementsAre());
  EXPECT_THAT(walk("", "cd"), testing::ElementsAre("cd", "d"));
  EXPECT_EQ(*snapshot.FindEntry(kOwnersColumn, "c2"), "not this");
}

TEST_F(StoreColumnsTest, TooLongEntryKeyIsRefused) {
  Open();
  const ColumnNumber column = Allocate(PageShape::kWide);
  EXPECT_THAT(store->Write([&](WriteTransaction& transaction) {
    return transaction.PutEntry(column, std::string(kEntryKeyBytesMax + 1, 'k'), "");
  }),
              FailsWith(ErrorCode::kInvalidArgument));
}

TEST_F(StoreColumnsTest, DroppedColumnDisappearsAtOnceWithWhatWasBuffered) {
  Open();
  const ColumnNumber column = Allocate(PageShape::kNarrow);
  Write([&](WriteTransaction& transaction) -> Result<void> {
    for (DocumentNumber number = 0; number < 300'000; number += kNarrowPageDocuments) {
      transaction.SetColumn(column, number, std::vector<std::int64_t>{number});
    }
    return transaction.PutEntry(column, "key", "value");
  });
  const Snapshot before = OpenSnapshot();
  Write([&](WriteTransaction& transaction) -> Result<void> {
    transaction.SetColumn(column, 7, std::vector<std::int64_t>{7});
    auto dropped = transaction.DropColumn(column);
    EXPECT_EQ(transaction.Pages(column)->page_count(), 0U);
    EXPECT_EQ(*transaction.FindEntry(column, "key"), std::nullopt);
    return dropped;
  });
  EXPECT_EQ(OpenSnapshot().Pages(column)->page_count(), 0U);
  EXPECT_TRUE(Eventually([&] { return store->statistics().drops_pending == 0; }));
  const Snapshot after = OpenSnapshot();
  EXPECT_EQ(after.Pages(column)->page_count(), 0U);
  EXPECT_EQ(*after.FindEntry(column, "key"), std::nullopt);
  EXPECT_EQ(Verify(after).column_pages, 0U);
  EXPECT_EQ(*before.FindEntry(column, "key"), "value");
  EXPECT_GT(before.Pages(column)->page_count(), 4000U);
  EXPECT_THAT(Verify(after).findings, IsEmpty());
}

TEST_F(StoreColumnsTest, MoreValuesThanTheBufferHoldsArriveAllTheSame) {
  Open();
  const ColumnNumber column = Allocate(PageShape::kWide);
  constexpr DocumentNumber kDocuments = 2'200'000;
  Write([&](WriteTransaction& transaction) -> Result<void> {
    for (DocumentNumber number = 0; number < kDocuments; ++number) {
      const std::int64_t value = number % 250;
      transaction.SetColumn(column, number, std::span(&value, 1));
    }
    return {};
  });
  const Snapshot snapshot = OpenSnapshot();
  const auto pages = snapshot.Pages(column);
  ASSERT_THAT(pages, Succeeds());
  std::uint64_t documents = 0;
  for (std::uint32_t page = 0; page < pages->page_count(); ++page) {
    documents += pages->Find(page)->documents();
  }
  EXPECT_EQ(documents, kDocuments);
}

}  // namespace
}  // namespace cacheindex::cache
