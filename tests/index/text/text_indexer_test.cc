#include "index/text/text_indexer.h"

#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "tests/index/text/text_shop.h"
#include "tests/support/result_matchers.h"
#include "tests/support/temp_directory.h"

namespace cacheindex::index {
namespace {

namespace fs = std::filesystem;

using cacheindex::test::FailsWith;
using cacheindex::test::Succeeds;
using test::Require;
using test::TextShop;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

const Json kSchema = Json::parse(
    R"({"name":"products","fields":[{"name":"title","type":"string"},
        {"name":"price","type":"int32","optional":true}]})");

Json Product(int id, const std::string& title) {
  return {{"id", std::to_string(id)}, {"title", title}};
}

std::vector<Json> Products(int count) {
  std::vector<Json> documents;
  for (int id = 0; id < count; ++id) {
    documents.push_back(Product(id, "red shoe number " + std::to_string(id)));
  }
  return documents;
}

// The text directories by name, sorted.
std::vector<std::string> TextDirectoriesIn(const fs::path& directory) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(directory)) {
    if (entry.path().filename().string().starts_with("text-")) {
      names.push_back(entry.path().filename().string());
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

class TextIndexerTest : public testing::Test {
 protected:
  std::unique_ptr<TextShop> Open() { return std::make_unique<TextShop>(directory_.path()); }

  // Leaves a shop with 50 documents, all of them durable in the text index and trimmed from the
  // log.
  void FillAndClose() {
    auto shop = Open();
    products_ = shop->Create(kSchema);
    Require(shop->StartText());
    shop->Write(products_, Products(50));
    shop->Settle();
    // Trimming is done by the store's next transactions.
    shop->WaitUntil([&] {
      shop->Write(products_, {Product(0, "red shoe number 0")});
      const auto snapshot = Require(shop->store().OpenSnapshot());
      return Require(snapshot.TrimmedPosition(products_)) != Position{0};
    });
    live_ = directory_.path() / TextDirectoriesIn(directory_.path()).at(0);
  }

  // Waits until nothing is being built again.
  static void AwaitBuilds(TextShop& shop) {
    shop.WaitUntil([&] { return shop.text().statistics().building == 0; });
  }

  cacheindex::test::TempDirectory directory_;
  cache::CollectionNumber products_{};
  fs::path live_;
};

TEST_F(TextIndexerTest, AcknowledgedWritesAreSearchable) {
  auto shop = Open();
  products_ = shop->Create(kSchema);
  Require(shop->StartText());
  const auto committed = shop->Write(products_, {Product(1, "red shoe"), Product(2, "blue hat")});
  ASSERT_THAT(shop->text().WaitSearchable(
                  committed.position, std::chrono::steady_clock::now() + std::chrono::seconds(30)),
              Succeeds());
  EXPECT_THAT(shop->Find(products_, "shoe", {"title"}), ElementsAre("1"));
  shop->Write(products_, {Product(1, "green shoe")});
  shop->Delete(products_, "2");
  shop->Settle();
  EXPECT_THAT(shop->Find(products_, "red", {"title"}), IsEmpty());
  EXPECT_THAT(shop->Contradictions(products_), IsEmpty());
}

TEST_F(TextIndexerTest, WritesBecomeSearchableWithoutAnybodyWaiting) {
  auto shop = Open();
  products_ = shop->Create(kSchema);
  Require(shop->StartText());
  const auto committed = shop->Write(products_, {Product(1, "red shoe")});
  shop->WaitUntil([&] { return shop->text().position() >= committed.position; });
  EXPECT_THAT(shop->Find(products_, "shoe", {"title"}), ElementsAre("1"));
}

TEST_F(TextIndexerTest, ChangesWithoutTextCostNoCommit) {
  auto shop = Open();
  products_ = shop->Create(kSchema);
  Require(shop->StartText());
  shop->Write(products_, {Product(1, "red shoe")});
  shop->Settle();
  const auto before = shop->text().statistics().commits;
  const auto committed =
      shop->Write(products_, {{{"id", "1"}, {"title", "red shoe"}, {"price", 7}}});
  EXPECT_FALSE(committed.changed_text);
  shop->Settle();
  EXPECT_EQ(shop->text().statistics().commits, before);
  EXPECT_EQ(shop->text().position(), committed.position);
}

TEST_F(TextIndexerTest, WaitEndsAtItsDeadline) {
  auto shop = Open();
  Require(shop->StartText());
  EXPECT_THAT(shop->text().WaitSearchable(Position{1'000'000}, std::chrono::steady_clock::now()),
              FailsWith(ErrorCode::kUnavailable));
}

TEST_F(TextIndexerTest, GoesOnFromItsOwnPositionAfterARestart) {
  FillAndClose();
  auto shop = Open();
  shop->Write(products_, {Product(1, "yellow"), Product(60, "purple")});
  shop->Delete(products_, "2");
  Require(shop->StartText());
  shop->Settle();
  EXPECT_THAT(shop->Contradictions(products_), IsEmpty());
  EXPECT_THAT(shop->Find(products_, "purple", {"title"}), ElementsAre("60"));
  EXPECT_EQ(shop->text().statistics().documents_indexed, 3U);
}

TEST_F(TextIndexerTest, AnEntryThatIsAlreadyIndexedDoesNotHideALaterOneOfItsDocument) {
  Json other = kSchema;
  other["name"] = "idle";
  {
    auto shop = Open();
    const auto idle = shop->Create(other);
    products_ = shop->Create(kSchema);
    Require(shop->StartText());
    // The idle collection's index stays here, so that after the restart the log is followed from
    // before what the index of products has already.
    shop->Write(idle, {Product(1, "hat")});
    shop->Settle();
    shop->Write(products_, {Product(1, "red shoe"), Product(2, "red coat")});
    shop->Settle();
  }
  // Nobody asked this store to trim its log.
  auto shop = Open();
  shop->Delete(products_, "1");
  shop->Write(products_, {Product(2, "blue coat")});
  Require(shop->StartText());
  shop->Settle();
  EXPECT_THAT(shop->Contradictions(products_), IsEmpty());
  EXPECT_THAT(shop->Find(products_, "red", {"title"}), IsEmpty());
  EXPECT_THAT(shop->Find(products_, "blue", {"title"}), ElementsAre("2"));
}

TEST_F(TextIndexerTest, MissingIndexIsBuiltAgain) {
  FillAndClose();
  fs::remove_all(live_);
  auto shop = Open();
  shop->Write(products_, {Product(70, "purple")});
  Require(shop->StartText());
  AwaitBuilds(*shop);
  shop->Settle();
  EXPECT_THAT(shop->Contradictions(products_), IsEmpty());
}

TEST_F(TextIndexerTest, DamagedIndexIsBuiltAgainBesideTheOldOne) {
  FillAndClose();
  std::ofstream(live_ / "iamglass", std::ios::trunc) << "damaged";
  auto shop = Open();
  Require(shop->StartText());
  AwaitBuilds(*shop);
  shop->Settle();
  EXPECT_THAT(shop->Contradictions(products_), IsEmpty());
  // What could not be read is still there (invariant 9).
  EXPECT_TRUE(fs::exists(live_ / "iamglass"));
  EXPECT_EQ(TextDirectoriesIn(directory_.path()).size(), 2U);
}

TEST_F(TextIndexerTest, DamageThatOnlyReadersMeetIsMendedToo) {
  FillAndClose();
  // As right after a kill: nothing tells before somebody reads.
  ASSERT_TRUE(fs::remove(live_ / "postlist.glass.checksums"));
  fs::resize_file(live_ / "postlist.glass", fs::file_size(live_ / "postlist.glass") / 2);
  {
    std::ofstream file(live_ / "postlist.glass", std::ios::in | std::ios::binary);
    for (std::uintmax_t i = 0; i < fs::file_size(live_ / "postlist.glass"); ++i) {
      file.put(static_cast<char>(0xA5));
    }
  }
  auto shop = Open();
  Require(shop->StartText());
  shop->WaitUntil([&] {
    auto reader = shop->text().OpenReader(products_);
    return reader && reader->Frequency(TextTerm(1, "red")) && shop->Open(products_) != nullptr &&
           TextDirectoriesIn(directory_.path()).size() == 2;
  });
  AwaitBuilds(*shop);
  shop->Settle();
  EXPECT_THAT(shop->Contradictions(products_), IsEmpty());
}

TEST_F(TextIndexerTest, IndexBehindTheTrimmedLogIsBuiltAgain) {
  FillAndClose();
  const fs::path old = directory_.path() / "old";
  fs::copy(live_, old, fs::copy_options::recursive);
  {
    auto shop = Open();
    Require(shop->StartText());
    shop->Write(products_, {Product(1, "purple")});
    shop->Settle();
    const auto before = Require(Require(shop->store().OpenSnapshot()).TrimmedPosition(products_));
    shop->WaitUntil([&] {
      shop->Write(products_, {Product(0, "again")});
      shop->Settle();
      return Require(Require(shop->store().OpenSnapshot()).TrimmedPosition(products_)) > before;
    });
  }
  fs::remove_all(live_);
  fs::rename(old, live_);
  auto shop = Open();
  Require(shop->StartText());
  AwaitBuilds(*shop);
  shop->Settle();
  EXPECT_THAT(shop->Contradictions(products_), IsEmpty());
  // The old one could be read, so it goes, once the new one is in use.
  shop->WaitUntil([&] { return !fs::exists(live_); });
  EXPECT_EQ(TextDirectoriesIn(directory_.path()).size(), 1U);
}

TEST_F(TextIndexerTest, UnfinishedBuildsAreRemoved) {
  FillAndClose();
  const fs::path unfinished = live_.string() + "7.new";
  fs::create_directory(unfinished);
  fs::remove_all(live_);
  auto shop = Open();
  Require(shop->StartText());
  AwaitBuilds(*shop);
  EXPECT_FALSE(fs::exists(unfinished));
}

TEST_F(TextIndexerTest, DroppedCollectionsLeaveNothing) {
  FillAndClose();
  {
    auto shop = Open();
    Require(shop->StartText());
    const auto other = shop->Create(
        Json::parse(R"({"name":"other","fields":[{"name":"title","type":"string"}]})"));
    shop->Write(other, Products(3));
    shop->Settle();
    shop->Drop(other);
    shop->WaitUntil([&] { return TextDirectoriesIn(directory_.path()).size() == 1; });
    EXPECT_THAT(shop->Find(products_, "red", {"title"}, {.drop_tokens_threshold = 0}),
                testing::SizeIs(50));
  }
  {
    auto shop = Open();
    shop->Drop(products_);
  }
  auto shop = Open();
  Require(shop->StartText());
  EXPECT_THAT(TextDirectoriesIn(directory_.path()), IsEmpty());
}

TEST_F(TextIndexerTest, DoesNotStartBesideAnotherWriter) {
  FillAndClose();
  auto shop = Open();
  Require(shop->StartText());
  shop->Settle();
  shop->StopText();
  // Somebody else holds the writer's lock: nothing could be indexed.
  auto foreign = TextWriter::Open(live_);
  ASSERT_THAT(foreign, Succeeds());
  EXPECT_THAT(shop->StartText(), FailsWith(ErrorCode::kUnavailable));
  foreign->reset();
  ASSERT_THAT(shop->StartText(), Succeeds());
  shop->Settle();
  EXPECT_EQ(shop->text().statistics().failure, "");
}

TEST_F(TextIndexerTest, CopiesOpenWithTheCopyOfTheStore) {
  FillAndClose();
  const fs::path copy = directory_.path() / "copy";
  fs::create_directory(copy);
  {
    auto shop = Open();
    Require(shop->StartText());
    std::atomic<bool> is_done{false};
    std::thread writer([&] {
      for (int i = 100; !is_done || i < 150; ++i) {
        shop->Write(products_, {Product(i, "later " + std::to_string(i))});
      }
    });
    const auto copy_store = [&]() -> Result<void> {
      // Beside the text indexes, once it is there: the store wants an empty directory.
      auto copied = shop->store().CopyTo(copy / "store");
      std::error_code failure;
      fs::rename(copy / "store" / "data.mdb", copy / "data.mdb", failure);
      return copied;
    };
    EXPECT_THAT(shop->text().CopyTo(copy, copy_store), Succeeds());
    is_done = true;
    writer.join();
    shop->Settle();
  }
  ASSERT_TRUE(fs::exists(copy / "data.mdb"));
  TextShop shop(copy);
  Require(shop.StartText());
  EXPECT_EQ(shop.text().statistics().building, 0U);
  shop.Settle();
  EXPECT_THAT(shop.Contradictions(products_), IsEmpty());
}

TEST_F(TextIndexerTest, SearchesDuringCommitsSeeWholeStates) {
  auto shop = Open();
  products_ = shop->Create(kSchema);
  Require(shop->StartText());
  shop->Write(products_, Products(300));
  shop->Settle();
  std::atomic<bool> is_done{false};
  std::thread writer([&] {
    for (int round = 0; round < 60; ++round) {
      shop->Write(products_, {Product(round, "red shoe round " + std::to_string(round))});
      shop->Settle();
    }
    is_done = true;
  });
  std::size_t searches = 0;
  while (!is_done) {
    const auto search = shop->Open(products_);
    const auto matches = MatchText(*search->context, search->reader, shop->words(),
                                   Require(ParseTextQuery("red sho")), search->Fields({"title"}),
                                   Require(search->context->AllDocuments()), {});
    if (matches) {
      ASSERT_EQ(matches->scores.documents.size(), 300U);
      ++searches;
    } else {
      ASSERT_EQ(matches.error().code(), ErrorCode::kUnavailable) << matches.error().message();
    }
  }
  writer.join();
  EXPECT_GT(searches, 0U);
}

// A child writes and is killed; what it reported as searchable must be there, and the index must
// agree with the documents.
TEST_F(TextIndexerTest, SurvivesKillAtAnyMoment) {
  const auto seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  int written = 0;
  for (int round = 0; round < 8; ++round) {
    std::array<int, 2> acknowledgements{};
    ASSERT_EQ(::pipe(acknowledgements.data()), 0);
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      ::close(acknowledgements[0]);
      auto shop = Open();
      const auto products = round == 0 ? shop->Create(kSchema) : cache::CollectionNumber{1};
      Require(shop->StartText());
      for (int id = written;; ++id) {
        shop->Write(products, {Product(id, "red shoe number " + std::to_string(id)),
                               Product(id / 2, "red shoe again " + std::to_string(id))});
        if (id % 3 == 0) {
          shop->Settle();
          if (::write(acknowledgements[1], &id, sizeof(id)) != sizeof(id)) {
            ::_exit(1);
          }
        }
      }
    }
    ::close(acknowledgements[1]);
    int acknowledged = -1;
    for (std::size_t i = 1 + random() % 12; i > 0; --i) {
      ASSERT_EQ(::read(acknowledgements[0], &acknowledged, sizeof(acknowledged)),
                static_cast<ssize_t>(sizeof(acknowledged)));
    }
    ::kill(child, SIGKILL);
    int status = 0;
    ::waitpid(child, &status, 0);
    ::close(acknowledgements[0]);

    auto shop = Open();
    const auto snapshot = Require(shop->store().OpenSnapshot());
    const auto products = Require(snapshot.Collections()).at(0).number;
    ASSERT_EQ(products, cache::CollectionNumber{1});
    Require(shop->StartText());
    EXPECT_EQ(shop->text().statistics().building, 0U);
    shop->Settle();
    ASSERT_THAT(shop->Contradictions(products), IsEmpty());
    const auto found = shop->Find(products, std::to_string(acknowledged), {"title"});
    EXPECT_THAT(found, testing::Contains(std::to_string(acknowledged)));
    written = acknowledged + 1;
  }
}

}  // namespace
}  // namespace cacheindex::index
