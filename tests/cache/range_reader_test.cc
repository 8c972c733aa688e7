#include "cache/range_reader.h"

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "tests/cache/store_fixture.h"

namespace cacheindex::cache {
namespace {

using Kind = Range::Kind;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class RangeReaderTest : public StoreTest {
 protected:
  struct Total {
    std::vector<std::string> findings;
    std::uint64_t items = 0;
    std::uint64_t bytes = 0;
    int slices = 0;
  };
  // Closes the store: a process may open one once.
  Total Read(Range range) {
    store.reset();
    const auto foreign = ForeignStore::Open(options.directory, options.fenced);
    EXPECT_THAT(foreign, Succeeds());
    RangeReader reader(**foreign, range);
    Total total;
    for (bool is_end = false; !is_end; ++total.slices) {
      const auto slice =
          reader.Next([&](std::string what) { total.findings.push_back(std::move(what)); });
      EXPECT_THAT(slice, Succeeds());
      is_end = !slice || slice->is_end;
      total.items += slice->items;
      total.bytes += slice->bytes;
    }
    return total;
  }
  Total Read(Kind kind, CollectionNumber collection) {
    return Read({.kind = kind, .number = static_cast<std::uint32_t>(collection)});
  }
  Total Read(Kind kind, ColumnNumber column) {
    return Read({.kind = kind, .number = static_cast<std::uint32_t>(column)});
  }

  void Damage(const std::string& pattern) const {
    std::fstream file(options.directory / "data.mdb",
                      std::ios::in | std::ios::out | std::ios::binary);
    const std::string bytes((std::istreambuf_iterator<char>(file)), {});
    ASSERT_NE(bytes.find(pattern), std::string::npos);
    file.clear();
    // Pages that are not in use any more may have it too.
    for (auto at = bytes.find(pattern); at != std::string::npos; at = bytes.find(pattern, at + 1)) {
      file.seekp(static_cast<std::streamoff>(at));
      file.put(static_cast<char>(bytes[at] ^ 4));
    }
  }
};

TEST_F(RangeReaderTest, WhatIsSoundIsReadOnceAndInSlices) {
  Open();
  const CollectionNumber products = Create("products");
  const CollectionNumber others = Create("others");
  Put(others, MakeDocument("1", "of the other"));
  constexpr int kDocuments = 200;
  // Nothing in them repeats.
  std::uint64_t random = 1;
  for (int i = 0; i < kDocuments; ++i) {
    std::string text(5'000, ' ');
    for (char& letter : text) {
      random = random * 6364136223846793005U + 1442695040888963407U;
      letter = static_cast<char>('!' + (random >> 33) % 90);
    }
    Put(products, MakeDocument("id" + std::to_string(i), text));
  }
  const Total documents = Read(Kind::kDocuments, products);
  EXPECT_THAT(documents.findings, IsEmpty());
  EXPECT_EQ(documents.items, static_cast<std::uint64_t>(kDocuments));
  EXPECT_GT(documents.bytes, 2 * RangeReader::kSliceBytesMax);
  EXPECT_GE(documents.slices, 3);
  const Total numbers = Read(Kind::kNumbers, products);
  EXPECT_THAT(numbers.findings, IsEmpty());
  EXPECT_EQ(numbers.items, static_cast<std::uint64_t>(kDocuments));
  EXPECT_EQ(Read(Kind::kDocuments, others).items, 1U);
  EXPECT_THAT(Read({.kind = Kind::kLog}).findings, IsEmpty());
}

TEST_F(RangeReaderTest, WhatChangedIsNamedAndTheRestIsRead) {
  Open();
  const CollectionNumber products = Create("products");
  Put(products, MakeDocument("broken", "uncommon"));
  Put(products, MakeDocument("fine", "other"));
  ColumnNumber column{};
  Write([&](WriteTransaction& transaction) -> Result<void> {
    column = *transaction.AllocateColumn(PageShape::kWide);
    transaction.SetColumn(column, 1, std::vector<std::int64_t>{0});
    transaction.SetColumn(column, 2, std::vector<std::int64_t>{0x1122334455667788});
    transaction.SetColumn(column, 5'000, std::vector<std::int64_t>{1});
    return transaction.PutEntry(column, "key", "an-entry-of-its-own");
  });
  store.reset();
  for (const char* const pattern : {"uncommon", "\x77\x66\x55\x44\x33\x22", "an-entry-of-its"}) {
    Damage(pattern);
  }
  const Total documents = Read(Kind::kDocuments, products);
  EXPECT_THAT(documents.findings, ElementsAre(HasSubstr("\"broken\"")));
  EXPECT_EQ(documents.items, 2U);
  const Total pages = Read(Kind::kPages, column);
  EXPECT_THAT(pages.findings, ElementsAre(HasSubstr("page 0: wrong checksum")));
  EXPECT_EQ(pages.items, 2U);
  EXPECT_THAT(Read(Kind::kEntries, column).findings, ElementsAre("damaged entry"));
}

// It hides others: whoever looks for them passes by.
TEST_F(RangeReaderTest, AKeyThatLostItsPlaceIsFoundWhereAllAreWalkedThrough) {
  Open();
  std::vector<ColumnNumber> columns;
  Write([&](WriteTransaction& transaction) -> Result<void> {
    for (const char* const word : {"one", "two", "three"}) {
      columns.push_back(*transaction.AllocateColumn(PageShape::kWide));
      for (const char* const key : {"a", "b", "c"}) {
        auto put = transaction.PutEntry(columns.back(), std::string(key) + word, "value");
        if (!put) {
          return put;
        }
      }
    }
    return {};
  });
  const auto is_found = [&] {
    return !Read({.kind = Kind::kEntries, .is_order_of_all = true}).findings.empty();
  };
  EXPECT_FALSE(is_found());
  // The last byte of the column's number, and the key.
  for (const char* const key : {"btwo", "cone", "athree"}) {
    const std::size_t place = key[1] == 'o' ? 0 : key[2] == 'w' ? 1 : 2;
    const std::string pattern = static_cast<char>(columns[place]) + std::string(key);
    Damage(pattern);
    EXPECT_TRUE(is_found()) << key;
    // As it was.
    Damage(static_cast<char>(static_cast<char>(columns[place]) ^ 4) + std::string(key));
    EXPECT_FALSE(is_found()) << key;
  }
}

TEST_F(RangeReaderTest, WhatWasDroppedOrFencedIsNotThere) {
  Open();
  const CollectionNumber products = Create("products");
  const CollectionNumber others = Create("others");
  Put(products, MakeDocument("1", "text"));
  Put(others, MakeDocument("1", "text"));
  Write([&](WriteTransaction& transaction) { return transaction.DropCollection(products); });
  EXPECT_EQ(Read(Kind::kDocuments, products).items, 0U);
  options.fenced = {others};
  const auto foreign = ForeignStore::Open(options.directory, options.fenced);
  ASSERT_THAT(foreign, Succeeds());
  const auto view = (*foreign)->OpenView();
  ASSERT_THAT(view, Succeeds());
  const auto collections = view->Collections();
  ASSERT_THAT(collections, Succeeds());
  EXPECT_THAT(*collections, IsEmpty());
}

TEST_F(RangeReaderTest, AFenceHoldsFromThereOn) {
  Open();
  const CollectionNumber products = Create("products");
  const CollectionNumber others = Create("others");
  store->Fence(others);
  store->Fence(products);
  store->Fence(products);
  const Snapshot snapshot = OpenSnapshot();
  EXPECT_TRUE(snapshot.IsFenced(products));
  EXPECT_THAT(snapshot.FindCollection("products"), FailsWith(ErrorCode::kCorruption));
  EXPECT_THAT(snapshot.FindCollection("others"), FailsWith(ErrorCode::kCorruption));
}

}  // namespace
}  // namespace cacheindex::cache
