#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <map>
#include <random>

#include "cache/verify.h"
#include "tests/cache/store_fixture.h"

namespace cacheindex::cache {
namespace {

// What the child tells after a write has returned.
struct Acknowledged {
  std::uint32_t key = 0;
  std::uint32_t version = 0;
};

constexpr std::uint32_t kKeys = 50;

Document MakeVersion(std::uint32_t key, std::uint32_t version) {
  return MakeJsonDocument("key" + std::to_string(key),
                          Json{{"version", version}, {"text", std::string(version % 400, 'v')}});
}

// Writes until it is killed. Runs in the child: nothing here may return to the test.
[[noreturn]] void WriteForEver(const Store::Options& options, int pipe, std::uint32_t version) {
  TextListener listener;
  auto opened = Store::Open(options, &listener);
  if (!opened) {
    _exit(1);
  }
  Store& store = **opened;
  for (;; ++version) {
    const Acknowledged acknowledged{.key = version % kKeys, .version = version};
    const auto written = store.Write([&](WriteTransaction& transaction) -> Result<void> {
      const auto collection = transaction.FindCollection("products");
      if (!collection || !*collection) {
        return Error(ErrorCode::kIo, "no collection");
      }
      auto put = transaction.Put((*collection)->number, MakeVersion(acknowledged.key, version));
      if (!put) {
        return std::move(put).error();
      }
      const std::int64_t value = version;
      transaction.SetColumn(ColumnNumber{2}, put->number, std::span(&value, 1));
      return {};
    });
    if (!written || ::write(pipe, &acknowledged, sizeof(acknowledged)) < 0) {
      _exit(1);
    }
  }
}

class CrashTest : public StoreTest {
 protected:
  // Lets a child write until it has acknowledged `writes` writes or a few more, then kills it.
  // Returns the last version acknowledged.
  std::uint32_t RunAndKill(std::uint32_t writes, std::uint32_t version) {
    int ends[2];
    EXPECT_EQ(::pipe(ends), 0);
    const pid_t child = ::fork();
    if (child == 0) {
      ::close(ends[0]);
      WriteForEver(options, ends[1], version);
    }
    ::close(ends[1]);
    Acknowledged acknowledged;
    std::uint32_t count = 0;
    while (::read(ends[0], &acknowledged, sizeof(acknowledged)) == sizeof(acknowledged)) {
      newest_[acknowledged.key] = acknowledged.version;
      version = acknowledged.version;
      if (++count == writes) {
        ::kill(child, SIGKILL);
      }
    }
    ::close(ends[0]);
    int status = 0;
    EXPECT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFSIGNALED(status)) << "the child ended by itself: " << WEXITSTATUS(status);
    return version;
  }

  std::map<std::uint32_t, std::uint32_t> newest_;
};

TEST_F(CrashTest, WhatWasAcknowledgedSurvivesKill) {
  const auto seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  Open();
  const CollectionNumber products = Create("products");
  Write([&](WriteTransaction& transaction) -> Result<void> {
    EXPECT_EQ(*transaction.AllocateColumn(PageShape::kWide), ColumnNumber{2});
    return {};
  });
  std::uint32_t version = 1;
  for (int round = 0; round < 20 && !HasFailure(); ++round) {
    store.reset();
    version = RunAndKill(1 + static_cast<std::uint32_t>(random() % 60), version) + 1;
    Open();
    const Snapshot snapshot = OpenSnapshot();
    for (const auto& [key, newest] : newest_) {
      const auto found = *snapshot.Find(products, "key" + std::to_string(key));
      ASSERT_TRUE(found) << "key " << key;
      const std::uint32_t stored = Json::parse(found->json)["version"];
      // The one write that was under way may be there too.
      EXPECT_TRUE(stored == newest || stored == version) << stored << " instead of " << newest;
      EXPECT_EQ(snapshot.Pages(ColumnNumber{2})->Find(0)->Find(found->header.number)[0], stored);
    }
    EXPECT_THAT(Verify(snapshot).findings, testing::IsEmpty());
  }
}

}  // namespace
}  // namespace cacheindex::cache
