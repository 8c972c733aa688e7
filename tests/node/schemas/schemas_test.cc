#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "tests/node/schemas/schema_shop.h"
#include "tests/node/schemas/schema_writer.h"
#include "tests/support/following_node.h"

// Random people change shops with the tables of well-known shop programs while the node that
// follows is killed, cut off and told to build anew; whenever they pause, the documents must be
// those that SQL makes of the tables.

namespace cacheindex::test {
namespace {

constexpr int kWriters = 2;
constexpr int kRounds = 3;
constexpr int kDisturbancesOfRound = 3;
constexpr std::uint64_t kTransactionsBetween = 300;
/// On a machine that is busy with other things.
constexpr std::chrono::minutes kWritersPatience{5};
constexpr std::uint64_t kSeedsByDefault = 1;
constexpr std::size_t kDifferencesShown = 5;

std::uint64_t FromEnvironment(const char* name, std::uint64_t otherwise) {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): before any thread is started.
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

std::string ValueAt(const Json& document, const std::string& pointer) {
  const Json::json_pointer at(pointer);
  return document.contains(at) ? document.at(at).dump() : "nothing";
}

/// "7: /variants/0/stock: SQL says 3, the node shows 4", a line for each place.
std::string Differences(const std::string& id, const Json& expected, const Json& shown) {
  std::string lines;
  std::size_t count = 0;
  for (const Json& change : Json::diff(expected, shown)) {
    const std::string path = change.at("path");
    if (++count > kDifferencesShown) {
      return lines + id + ": and more\n";
    }
    // A dash is the place after the last element.
    const std::string place = path.ends_with("/-") ? path.substr(0, path.size() - 2) : path;
    lines += id + ": " + place + ": SQL says " + ValueAt(expected, place) + ", the node shows " +
             ValueAt(shown, place) + "\n";
  }
  return lines;
}

/// The first document that differs, and how many do; empty when none does.
std::string Differences(const std::map<std::string, Json>& expected,
                        const std::map<std::string, Json>& shown) {
  std::string first;
  std::size_t count = 0;
  const auto add = [&](const std::string& text) { first += ++count > 1 ? "" : text; };
  for (const auto& [id, document] : expected) {
    const auto found = shown.find(id);
    if (found == shown.end()) {
      add(id + ": lost: " + document.dump() + "\n");
    } else if (document != found->second) {
      add(Differences(id, document, found->second));
    }
  }
  for (const auto& [id, document] : shown) {
    if (!expected.contains(id)) {
      add(id + ": resurrected: " + document.dump() + "\n");
    }
  }
  return count == 0 ? "" : first + "the first of " + std::to_string(count);
}

class SchemaRun {
 public:
  SchemaRun(const SchemaShop& shop, std::uint64_t seed) : shop_(shop), seed_(seed), random_(seed) {}

  void Run() {
    PostgresSession session(cluster_.Connection());
    session.Execute("SELECT setseed(" + std::to_string(static_cast<double>(seed_ % 1000) / 1000) +
                    ")");
    session.Execute(shop_.tables);
    session.Execute(shop_.rows);
    session.Execute("CREATE PUBLICATION cacheindex FOR ALL TABLES");
    ASSERT_EQ(SchemaWriter(cluster_.Connection(), seed_, shop_.statements).Try(), "");
    node_ = std::make_unique<FollowingNode>(cluster_, shop_.collections);
    ASSERT_TRUE(FollowingNode::WaitUntil([&] {
      const std::string state = node_->Source().at("state");
      return state == "refused" || state == "copying" || state == "live";
    }));
    ASSERT_NE(node_->Source().at("state"), "refused") << node_->Source().at("reason");
    if (random_() % 2 == 0) {  // Else they write while the tables are copied.
      Compare();
    }
    for (int round = 0; round < kRounds && !testing::Test::HasFatalFailure(); ++round) {
      WriteAndDisturb(static_cast<std::uint64_t>(round));
      Compare();
    }
    EXPECT_GT(documents_, 0U) << "nothing was compared";
    std::cout << "seed " << seed_ << ": " << committed_ << " transactions, " << documents_
              << " documents compared, " << kills_ << " kills, " << restarts_
              << " server restarts, " << cuts_ << " cuts, " << rebuilds_ << " rebuilds\n";
  }

 private:
  void WriteAndDisturb(std::uint64_t round) {
    std::vector<std::jthread> threads;
    for (std::uint64_t i = 0; i < kWriters; ++i) {
      threads.emplace_back(
          [this, seed = (seed_ * kRounds + round) * kWriters + i](const std::stop_token& stop) {
            SchemaWriter writer(cluster_.Connection(), seed, shop_.statements);
            while (!stop.stop_requested()) {
              committed_ += writer.Write() ? 1U : 0U;
            }
          });
    }
    for (int left = kDisturbancesOfRound; left > 0; --left) {
      const std::uint64_t enough = committed_ + random_() % kTransactionsBetween;
      ASSERT_TRUE(FollowingNode::WaitUntil([&] { return committed_ >= enough; }, kWritersPatience));
      Disturb();
    }
  }

  void Disturb() {
    const auto kind = random_() % 8;
    if (kind < 4) {
      node_->Kill();
      node_->Start();
      ++kills_;
    } else if (kind == 4) {
      cluster_.Restart(random_() % 2 == 0 ? PostgresCluster::StopMode::kFast
                                          : PostgresCluster::StopMode::kImmediate);
      ++restarts_;
    } else if (kind == 5) {
      PostgresSession(cluster_.Connection())
          .Execute("SELECT pg_terminate_backend(pid) FROM pg_stat_replication");
      ++cuts_;
    } else if (kind == 6) {
      node_->Ask("POST", "/sources/shop/rebuild");
      ++rebuilds_;
    }
  }

  /// The node's documents, and the second as of which they are.
  std::pair<std::int64_t, std::map<std::string, Json>> Shown() {
    // While documents wait, some may be as of a later second than others.
    const auto clock = [&]() -> std::optional<std::int64_t> {
      const Json source = node_->Source();
      return source.at("documents_waiting") == 0
                 ? std::optional(source.value("clock", std::int64_t{0}))
                 : std::nullopt;
    };
    while (true) {
      const auto before = clock();
      auto shown = node_->Export("products");
      if (before && clock() == before) {
        return {*before, std::move(shown)};
      }
    }
  }

  std::map<std::string, Json> Expected(PostgresSession& session, std::int64_t clock) const {
    static constexpr std::string_view kClock = "{clock}";
    std::string documents = shop_.documents;
    for (std::size_t at = 0; (at = documents.find(kClock, at)) != std::string::npos;) {
      documents.replace(at, kClock.size(), "to_timestamp(" + std::to_string(clock) + ")");
    }
    std::map<std::string, Json> expected;
    for (const auto& row : session.Execute("SELECT id, jsonb_strip_nulls(document) FROM (" +
                                           documents + ") AS documents (id, document)")) {
      expected.emplace(row.at(0).value(), Json::parse(row.at(1).value()));
    }
    return expected;
  }

  void Compare() {
    PostgresSession session(cluster_.Connection());
    const std::string headers = FollowingNode::AtLeast(session);
    ASSERT_TRUE(FollowingNode::WaitUntil([&] {
      return node_->Ask("GET", "/collections/products/documents/search?q=*", {}, headers).status ==
             200;
    })) << node_->Source().dump(2)
        << node_->output();
    const auto [clock, shown] = Shown();
    ASSERT_EQ(Differences(Expected(session, clock), shown), "") << node_->Source().dump(2);
    documents_ += shown.size();
  }

  const SchemaShop& shop_;
  std::uint64_t seed_;
  std::mt19937_64 random_;
  PostgresCluster cluster_;
  std::unique_ptr<FollowingNode> node_;
  std::atomic<std::uint64_t> committed_ = 0;
  std::size_t documents_ = 0;
  int kills_ = 0;
  int restarts_ = 0;
  int cuts_ = 0;
  int rebuilds_ = 0;
};

void FollowThroughRandomChanges(const std::string& name) {
  const SchemaShop shop = ReadSchemaShop(name);
  const std::uint64_t first = FromEnvironment("TEST_SEED", std::random_device{}() % 1'000'000);
  const std::uint64_t seeds = FromEnvironment("TEST_SEEDS", kSeedsByDefault);
  for (std::uint64_t seed = first; seed < first + seeds && !testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE("TEST_SEED=" + std::to_string(seed));
    std::cout << "TEST_SEED=" << seed << std::endl;
    SchemaRun(shop, seed).Run();
  }
}

TEST(SchemasTest, Medusa) { FollowThroughRandomChanges("medusa"); }
TEST(SchemasTest, Spree) { FollowThroughRandomChanges("spree"); }
TEST(SchemasTest, Vendure) { FollowThroughRandomChanges("vendure"); }
TEST(SchemasTest, Saleor) { FollowThroughRandomChanges("saleor"); }

}  // namespace
}  // namespace cacheindex::test
