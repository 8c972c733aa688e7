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
  EXPECT_TRUE(WaitUntil([&] { return store->statistics().drops_pending == 0; }));
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
