// The real binary, killed with SIGKILL while clients import. CACHEINDEX_CRASH_KILLS says how often,
// CACHEINDEX_CRASH_SEED repeats a run as far as timing allows.

#include <gmock/gmock.h>

#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <map>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "node/core/json.h"
#include "tests/support/http_client.h"
#include "tests/support/lines.h"
#include "tests/support/node_process.h"
#include "tests/support/temp_directory.h"

namespace cacheindex::test {
namespace {

using std::chrono::steady_clock;

constexpr const char* kKey = "crash-key";
constexpr std::size_t kClients = 3;
constexpr std::size_t kIdsPerClient = 2'000;
constexpr std::size_t kLinesMax = 120;
// Sanitizers make everything several times slower, and the machine may be busy with other tests.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr std::chrono::seconds kReadyWithin{20};
#else
constexpr std::chrono::seconds kReadyWithin{2};
#endif

std::optional<std::uint64_t> NumberFromEnvironment(const char* name) {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): no thread changes the environment.
  const char* text = std::getenv(name);
  return text == nullptr ? std::nullopt : std::optional<std::uint64_t>(std::stoull(text));
}

// A word that no other version of any document has.
std::string TokenOf(const std::string& id, std::uint64_t version) {
  return "tok" + id + "x" + std::to_string(version);
}

Json DocumentOf(const std::string& id, std::uint64_t version) {
  return {{"id", id},
          {"title", TokenOf(id, version) + " red shoes number " + std::to_string(version % 97)},
          {"version", version},
          {"color", version % 2 == 0 ? "blue" : "green"},
          {"padding", std::string(version % 700, 'p')}};
}

// What the clients know: which versions they sent, and which the node has answered for.
class Ledger {
 public:
  void Sent(const std::string& id, std::uint64_t version) {
    const std::lock_guard lock(mutex_);
    versions_[id].sent = version;
  }

  void Acknowledged(const std::string& id, std::uint64_t version) {
    const std::lock_guard lock(mutex_);
    versions_[id].acknowledged = version;
    ++acknowledged_;
    changed_.notify_all();
  }

  /// Returns false when that many more do not come within a minute.
  bool WaitForAcknowledged(std::uint64_t more) {
    std::unique_lock lock(mutex_);
    const std::uint64_t goal = acknowledged_ + more;
    return changed_.wait_for(lock, std::chrono::minutes(1), [&] { return acknowledged_ >= goal; });
  }

  /// A moment of the clock and of nothing else, as a power cut is.
  void LetTimePass(std::chrono::microseconds duration) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, duration, [] { return false; });
  }

  struct Versions {
    std::uint64_t sent = 0;
    std::uint64_t acknowledged = 0;
  };
  /// Only while no client runs.
  const std::map<std::string, Versions>& versions() const { return versions_; }
  std::uint64_t acknowledged() const { return acknowledged_; }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, Versions> versions_;
  std::uint64_t acknowledged_ = 0;
};

// Imports batches until the connection breaks.
class Importer {
 public:
  Importer(std::size_t number, std::uint64_t seed, Ledger& ledger)
      : prefix_(std::string(1, static_cast<char>('a' + number))), random_(seed), ledger_(&ledger) {}

  void Run(std::uint16_t port) {
    HttpClient client(port, kKey);
    while (true) {
      std::vector<std::pair<std::string, std::uint64_t>> batch;
      std::string body;
      const std::size_t lines = 1 + random_() % kLinesMax;
      for (std::size_t i = 0; i < lines; ++i) {
        const std::string id = prefix_ + std::to_string(random_() % kIdsPerClient);
        batch.emplace_back(id, ++version_);
        ledger_->Sent(id, version_);
        body += DumpJson(DocumentOf(id, version_)) + "\n";
      }
      const HttpReply reply =
          client.Ask("POST", "/collections/things/documents/import?action=upsert", body);
      // Whatever of the answer has come is a promise, also when the rest was lost.
      const auto answers = LinesOf(reply.body);
      for (std::size_t i = 0; i < answers.size() && i < batch.size(); ++i) {
        if (answers[i] == R"({"success":true})") {
          ledger_->Acknowledged(batch[i].first, batch[i].second);
        } else if (reply.is_complete) {
          ADD_FAILURE() << "refused: " << answers[i];
        }
      }
      if (!reply.is_complete) {
        return;
      }
    }
  }

 private:
  std::string prefix_;
  std::mt19937_64 random_;
  Ledger* ledger_;
  // Never used twice, so that the higher one is the later one.
  std::uint64_t version_ = 0;
};

class CrashTest : public testing::Test {
 protected:
  std::vector<std::string> Serve() const {
    return {"serve",    "--data-dir", directory_.path() / "data", "--api-key", kKey,
            "--listen", "127.0.0.1:0"};
  }

  // Starts the node and waits until it is ready; returns how long that took.
  steady_clock::duration Start() {
    const auto begin = steady_clock::now();
    node_.emplace(CACHEINDEX_BINARY, Serve());
    const auto port = node_->WaitForPort(std::chrono::seconds(60));
    if (!port) {
      ADD_FAILURE() << "the node did not start: " << node_->output();
      return {};
    }
    port_ = *port;
    client_.emplace(port_, kKey);
    EXPECT_EQ(client_->Ask("GET", "/readyz").status, 200);
    return steady_clock::now() - begin;
  }

  Json Ask(std::string_view method, const std::string& target, std::string_view body = {}) {
    const HttpReply reply = client_->Ask(method, target, body);
    EXPECT_EQ(reply.status / 100, 2) << method << " " << target << ": " << reply.body;
    return Json::parse(reply.body, nullptr, /*allow_exceptions=*/false);
  }

  void CheckEverything(const Ledger& ledger, std::mt19937_64& random) {
    const HttpReply exported = client_->Ask("GET", "/collections/things/documents/export");
    ASSERT_TRUE(exported.is_complete) << exported.body;
    std::map<std::string, std::uint64_t> stored;
    for (const std::string& line : LinesOf(exported.body)) {
      const Json document = Json::parse(line);
      const auto id = document.at("id").get<std::string>();
      const auto version = document.at("version").get<std::uint64_t>();
      ASSERT_EQ(line, DumpJson(DocumentOf(id, version)));
      stored[id] = version;
    }
    std::vector<std::pair<std::string, std::uint64_t>> acknowledged;
    for (const auto& [id, versions] : ledger.versions()) {
      const auto found = stored.find(id);
      const std::uint64_t version = found == stored.end() ? 0 : found->second;
      ASSERT_GE(version, versions.acknowledged) << id << " was acknowledged and is lost";
      ASSERT_LE(version, versions.sent) << id;
      if (version > 0 && version == versions.acknowledged) {
        acknowledged.emplace_back(id, version);
      }
    }
    const Json everything = Ask("GET", "/collections/things/documents/search?q=*&per_page=1");
    EXPECT_EQ(everything.at("found"), stored.size());
    CheckSearch(acknowledged, random);
  }

  // What is acknowledged is searchable, without waiting.
  void CheckSearch(const std::vector<std::pair<std::string, std::uint64_t>>& acknowledged,
                   std::mt19937_64& random) {
    constexpr std::size_t kSearches = 40;
    for (std::size_t i = 0; i < kSearches && !acknowledged.empty(); ++i) {
      const auto& [id, version] = acknowledged[random() % acknowledged.size()];
      const Json answer =
          Ask("GET", "/collections/things/documents/search?query_by=title&prefix=false&q=" +
                         TokenOf(id, version) + "&filter_by=version:=" + std::to_string(version));
      ASSERT_EQ(answer.at("found"), 1) << id << " version " << version;
      ASSERT_EQ(answer.at("hits").at(0).at("document"), DocumentOf(id, version));
    }
  }

  void Verify() const {
    NodeProcess verify(CACHEINDEX_BINARY, {"verify", "--data-dir", directory_.path() / "data"});
    const int code = verify.Wait();
    EXPECT_EQ(code, 0) << verify.output();
    EXPECT_THAT(verify.output(), testing::HasSubstr(": 0 findings"));
  }

  TempDirectory directory_;
  std::optional<NodeProcess> node_;
  std::optional<HttpClient> client_;
  std::uint16_t port_ = 0;
};

TEST_F(CrashTest, EveryAcknowledgedLineSurvivesAKillAtAnyMoment) {
  const std::uint64_t kills = NumberFromEnvironment("CACHEINDEX_CRASH_KILLS").value_or(10);
  const std::uint64_t seed =
      NumberFromEnvironment("CACHEINDEX_CRASH_SEED").value_or(std::random_device{}());
  SCOPED_TRACE("CACHEINDEX_CRASH_SEED=" + std::to_string(seed));
  std::mt19937_64 random(seed);
  Ledger ledger;
  std::vector<Importer> importers;
  importers.reserve(kClients);
  for (std::size_t i = 0; i < kClients; ++i) {
    importers.emplace_back(i, random(), ledger);
  }
  Start();
  Ask("POST", "/collections",
      R"({"name":"things","fields":[{"name":"title","type":"string"},
         {"name":"version","type":"int64"},{"name":"color","type":"string","facet":true}]})");
  std::chrono::duration<double> slowest{};
  for (std::uint64_t kill = 1; kill <= kills && !HasFailure(); ++kill) {
    SCOPED_TRACE("kill " + std::to_string(kill));
    std::vector<std::jthread> threads;
    for (Importer& importer : importers) {
      threads.emplace_back([&] { importer.Run(port_); });
    }
    EXPECT_TRUE(ledger.WaitForAcknowledged(1 + random() % 600)) << node_->output();
    ledger.LetTimePass(std::chrono::microseconds(random() % 60'000));
    node_->Signal(SIGKILL);
    EXPECT_EQ(node_->Wait(), -SIGKILL);
    threads.clear();
    if (kill % 2 == 0) {
      Verify();
    }
    const std::chrono::duration<double> took = Start();
    slowest = std::max(slowest, took);
    EXPECT_LE(took, kReadyWithin);
    CheckEverything(ledger, random);
  }
  node_->Signal(SIGTERM);
  EXPECT_EQ(node_->Wait(), 0);
  Verify();
  std::cout << kills << " kills, seed " << seed << ": " << ledger.acknowledged()
            << " lines acknowledged, ready again within " << slowest.count() << " s\n";
}

TEST_F(CrashTest, SigtermAnswersWhatIsRunningAndStopsWithinTenSeconds) {
  Start();
  Ask("POST", "/collections",
      R"({"name":"things","fields":[{"name":"title","type":"string"},
         {"name":"version","type":"int64"},{"name":"color","type":"string","facet":true}]})");
  Ledger ledger;
  std::mt19937_64 random(1);
  std::vector<Importer> importers;
  importers.reserve(kClients);
  for (std::size_t i = 0; i < kClients; ++i) {
    importers.emplace_back(i, random(), ledger);
  }
  steady_clock::time_point begin;
  {
    std::vector<std::jthread> threads;
    for (Importer& importer : importers) {
      threads.emplace_back([&] { importer.Run(port_); });
    }
    EXPECT_TRUE(ledger.WaitForAcknowledged(300));
    begin = steady_clock::now();
    node_->Signal(SIGTERM);
    EXPECT_EQ(node_->Wait(), 0) << node_->output();
  }
  EXPECT_LT(steady_clock::now() - begin, std::chrono::seconds(10));
  EXPECT_THAT(node_->output(), testing::HasSubstr("event=stopped"));
  Start();
  CheckEverything(ledger, random);
}

TEST_F(CrashTest, ReadersThatWaitForAPositionDoNotHoldAStop) {
  Start();
  Ask("POST", "/collections", R"({"name":"things","fields":[{"name":"title","type":"string"}]})");
  std::jthread waiting([port = port_] {
    HttpClient(port, kKey)
        .Ask("GET", "/collections/things/documents/search?q=*", {},
             "X-Min-Position: 1000000\r\nX-Max-Wait-Ms: 30000\r\n");
  });
  const auto metrics = [this] { return client_->Ask("GET", "/metrics").body; };
  const auto patience = steady_clock::now() + std::chrono::seconds(20);
  while (metrics().find("cacheindex_http_connections 2\n") == std::string::npos) {
    ASSERT_LT(steady_clock::now(), patience) << metrics();
  }
  const auto begin = steady_clock::now();
  node_->Signal(SIGTERM);
  EXPECT_EQ(node_->Wait(), 0) << node_->output();
  EXPECT_LT(steady_clock::now() - begin, std::chrono::seconds(10));
}

TEST_F(CrashTest, ASecondNodeOnTheSameDirectoryIsRefused) {
  Start();
  NodeProcess second(CACHEINDEX_BINARY, Serve());
  EXPECT_EQ(second.Wait(), 1);
  EXPECT_THAT(second.output(), testing::HasSubstr("is in use by another cacheindex process"));
  NodeProcess verify(CACHEINDEX_BINARY, {"verify", "--data-dir", directory_.path() / "data"});
  EXPECT_EQ(verify.Wait(), 1);
  EXPECT_EQ(client_->Ask("GET", "/health").status, 200);
}

TEST_F(CrashTest, WhatCannotBeListedIsNotVerifiedAndNotBackedUp) {
  const std::filesystem::path data = directory_.path() / "data";
  std::filesystem::create_directory(data);
  std::ofstream(data / "stores") << "not a directory";
  for (const std::vector<std::string>& command : std::vector<std::vector<std::string>>{
           {"verify"}, {"backup", "--to", directory_.path() / "copy"}}) {
    std::vector<std::string> arguments = command;
    arguments.insert(arguments.end(), {"--data-dir", data});
    NodeProcess process(CACHEINDEX_BINARY, arguments);
    EXPECT_EQ(process.Wait(), 1);
    EXPECT_THAT(process.output(), testing::HasSubstr("list " + (data / "stores").string()));
  }
  EXPECT_FALSE(std::filesystem::exists(directory_.path() / "copy"));
}

TEST_F(CrashTest, ANodeWithoutAnApiKeyDoesNotStart) {
  NodeProcess node(CACHEINDEX_BINARY,
                   {"serve", "--data-dir", directory_.path() / "data", "--listen", "127.0.0.1:0"});
  EXPECT_EQ(node.Wait(), 1);
  EXPECT_THAT(node.output(), testing::HasSubstr("an API key is required"));
}

TEST_F(CrashTest, ACommandLineThatMakesNoSenseIsRefused) {
  for (const std::vector<std::string>& arguments :
       std::vector<std::vector<std::string>>{{}, {"serv"}, {"serve", "--no-such-option"}}) {
    NodeProcess node(CACHEINDEX_BINARY, arguments);
    EXPECT_NE(node.Wait(), 0);
    EXPECT_FALSE(node.output().empty());
  }
  NodeProcess node(CACHEINDEX_BINARY, {"serve", "--data-dir", directory_.path() / "data",
                                       "--api-key", kKey, "--listen", "nowhere"});
  EXPECT_EQ(node.Wait(), 1);
  EXPECT_THAT(node.output(), testing::HasSubstr("--listen"));
}

}  // namespace
}  // namespace cacheindex::test
