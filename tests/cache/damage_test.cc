#include <algorithm>
#include <fstream>
#include <iterator>

#include "cache/verify.h"
#include "tests/cache/store_fixture.h"

namespace cacheindex::cache {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;

class DamageTest : public StoreTest {
 protected:
  std::filesystem::path DataFile() const { return options.directory / "data.mdb"; }

  // Flips a bit in the middle of every place where the closed file holds `pattern`.
  void Damage(const std::string& pattern) {
    store.reset();
    std::fstream file(DataFile(), std::ios::in | std::ios::out | std::ios::binary);
    std::string bytes((std::istreambuf_iterator<char>(file)), {});
    int places = 0;
    for (auto at = bytes.find(pattern); at != std::string::npos; at = bytes.find(pattern, at + 1)) {
      const std::size_t middle = at + pattern.size() / 2;
      file.clear();
      file.seekp(static_cast<std::streamoff>(middle));
      file.put(static_cast<char>(bytes[middle] ^ 4));
      ++places;
    }
    ASSERT_GT(places, 0) << "the file does not hold the pattern";
  }

  std::string FindingsOf(const View& view) {
    std::string all;
    for (const std::string& finding : Verify(view).findings) {
      all += finding + "\n";
    }
    return all;
  }
};

TEST_F(DamageTest, DamagedDocumentIsAnErrorThatNamesIt) {
  Open();
  const CollectionNumber products = Create("products");
  Put(products, MakeDocument("broken", "uncommon"));
  Put(products, MakeDocument("fine", "other"));
  Damage("uncommon");
  Open();
  const auto found = OpenSnapshot().Find(products, "broken");
  EXPECT_THAT(found, FailsWith(ErrorCode::kCorruption));
  EXPECT_THAT(found.error().message(), HasSubstr("\"broken\""));
  EXPECT_THAT(found.error().message(), HasSubstr("collection 1"));
  EXPECT_THAT(OpenSnapshot().Scan(products, std::nullopt, 10), FailsWith(ErrorCode::kCorruption));
  EXPECT_NE(Read(products, "fine"), "");
  EXPECT_THAT(FindingsOf(OpenSnapshot()), HasSubstr("\"broken\""));
  EXPECT_EQ(Verify(OpenSnapshot()).documents, 2U);
}

// LMDB takes the order of keys for granted, and says of the one that is out of place that there is
// none.
TEST_F(DamageTest, ADocumentWhoseKeyIsOutOfOrderIsNotSaidToBeAbsent) {
  Open();
  const CollectionNumber products = Create("products");
  for (const char* const id : {"x-a-hidden", "x-b", "x-c", "x-d"}) {
    Put(products, MakeDocument(id, "text"));
  }
  EXPECT_EQ(Read(products, "x-a-other"), "");
  Damage("-a-");
  Open();
  EXPECT_THAT(OpenSnapshot().Find(products, "x-a-hidden"), FailsWith(ErrorCode::kCorruption));
  EXPECT_NE(Read(products, "x-c"), "");
  // Far away all is in order, and absent is absent.
  EXPECT_EQ(Read(products, "x-z"), "");
}

TEST_F(DamageTest, DamagedColumnPageIsFoundAndNotWrittenOver) {
  Open();
  ColumnNumber column{};
  Write([&](WriteTransaction& transaction) -> Result<void> {
    column = *transaction.AllocateColumn(PageShape::kWide);
    transaction.SetColumn(column, 1, std::vector<std::int64_t>{0});
    transaction.SetColumn(column, 2, std::vector<std::int64_t>{0x1122334455667788});
    return {};
  });
  EXPECT_THAT(FindingsOf(OpenSnapshot()), IsEmpty());
  Damage("\x77\x66\x55\x44\x33\x22");
  Open();
  {
    // Whoever asks for the page is told, and not its values; so is whoever asks later.
    const Snapshot snapshot = OpenSnapshot();
    for (int i = 0; i < 2; ++i) {
      const auto pages = snapshot.Pages(column);
      ASSERT_THAT(pages, Succeeds());
      EXPECT_EQ(pages->Find(0), nullptr);
      ASSERT_TRUE(pages->damage());
      EXPECT_THAT(pages->damage()->message(), HasSubstr("wrong checksum"));
    }
  }
  EXPECT_THAT(FindingsOf(OpenSnapshot()), HasSubstr("wrong checksum"));
  EXPECT_THAT(store->Write([&](WriteTransaction& transaction) -> Result<void> {
    transaction.SetColumn(column, 3, std::vector<std::int64_t>{1});
    return {};
  }),
              FailsWith(ErrorCode::kCorruption));
}

TEST_F(DamageTest, DamagedEntriesDefinitionsAndIdsAreFound) {
  Open();
  const CollectionNumber products = Create("products", "a-definition-of-its-own");
  ColumnNumber column{};
  Write([&](WriteTransaction& transaction) -> Result<void> {
    column = *transaction.AllocateColumn(PageShape::kWide);
    return transaction.PutEntry(column, "key", "an-entry-of-its-own");
  });
  Damage("an-entry-of-its-own");
  Open();
  EXPECT_THAT(OpenSnapshot().FindEntry(column, "key"), FailsWith(ErrorCode::kCorruption));
  EXPECT_THAT(FindingsOf(OpenSnapshot()), HasSubstr("entry"));
  Damage("a-definition-of-its-own");
  Open();
  EXPECT_THAT(OpenSnapshot().FindCollection(products), FailsWith(ErrorCode::kCorruption));
  EXPECT_THAT(OpenSnapshot().Collections(), FailsWith(ErrorCode::kCorruption));
}

TEST_F(DamageTest, AFencedCollectionIsNamedAndNothingElseLooksAtIt) {
  Open();
  const CollectionNumber products = Create("products");
  const CollectionNumber others = Create("others");
  Put(others, MakeDocument("1", "text"));
  store.reset();
  options.fenced = {products};
  Open();
  const Snapshot snapshot = OpenSnapshot();
  for (const auto& message : {snapshot.FindCollection("products").error().message(),
                              snapshot.FindCollectionHead("products").error().message()}) {
    EXPECT_THAT(message,
                AllOf(HasSubstr("\"products\" is damaged"), HasSubstr("restore a backup")));
  }
  EXPECT_FALSE(*snapshot.FindCollection(products));
  EXPECT_TRUE(snapshot.IsFenced(products));
  ASSERT_EQ(snapshot.Collections()->size(), 1U);
  EXPECT_EQ(snapshot.Collections()->front().name, "others");
  EXPECT_NE(Read(others, "1"), "");
  EXPECT_THAT(store->Write([&](WriteTransaction& transaction) -> Result<void> {
    const auto created = transaction.CreateCollection("products", "{}");
    return created ? Result<void>() : created.error();
  }),
              FailsWith(ErrorCode::kCorruption));
}

TEST_F(DamageTest, CutOffFileIsRefusedAndLeftAlone) {
  Open();
  const CollectionNumber products = Create("products");
  for (int i = 0; i < 100; ++i) {
    Put(products, MakeDocument(std::to_string(i), std::string(100, 'x')));
  }
  store.reset();
  const auto size = std::filesystem::file_size(DataFile());
  for (const std::uintmax_t cut : {size / 2, std::uintmax_t{100}, std::uintmax_t{0}}) {
    std::filesystem::resize_file(DataFile(), cut);
    EXPECT_THAT(Store::Open(options, nullptr), FailsWith(ErrorCode::kCorruption)) << cut;
    EXPECT_EQ(std::filesystem::file_size(DataFile()), cut);
  }
}

TEST_F(DamageTest, PagesThatWereTakenAndGivenBackUnwrittenAreNoDamage) {
  Open();
  const CollectionNumber products = Create("products");
  // LMDB gives pages back unwritten only when it has taken free pages up before.
  for (int i = 0; i < 50; ++i) {
    Put(products, MakeDocument("kept", std::to_string(i)));
  }
  Write([&](WriteTransaction& transaction) -> Result<void> {
    const auto column = transaction.AllocateColumn(PageShape::kWide);
    if (auto put = transaction.PutEntry(*column, "large", std::string(1 << 20, 'x')); !put) {
      return put;
    }
    return transaction.DeleteEntry(*column, "large");
  });
  store.reset();
  // The entry's pages are behind all others and were never written.
  const auto size = std::filesystem::file_size(DataFile());
  Open();
  EXPECT_GT(std::filesystem::file_size(DataFile()), size);
  EXPECT_NE(Read(products, "kept"), "");
  EXPECT_THAT(FindingsOf(OpenSnapshot()), IsEmpty());
}

TEST_F(DamageTest, ForeignFileIsRefusedAndLeftAlone) {
  std::filesystem::create_directories(options.directory);
  std::ofstream(DataFile()) << std::string(20'000, 'x');
  EXPECT_THAT(Store::Open(options, nullptr), FailsWith(ErrorCode::kCorruption));
  EXPECT_EQ(std::filesystem::file_size(DataFile()), 20'000U);
}

TEST_F(DamageTest, InterruptedCreationIsFinishedByTheNextStart) {
  std::filesystem::create_directories(options.directory / "creating");
  std::ofstream(options.directory / "creating" / "data.mdb") << "half";
  Open();
  const CollectionNumber products = Create("products");
  Put(products, MakeDocument("a", "text"));
  Open();
  EXPECT_NE(Read(products, "a"), "");
}

}  // namespace
}  // namespace cacheindex::cache
