#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <iostream>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tests/node/following/model_shop.h"
#include "tests/support/following_node.h"

// Random people change a shop while the node that follows it is killed and its server restarted;
// in the end, and whenever it looks at itself, the node must show exactly what the tables say.

namespace cacheindex::test {
namespace {

constexpr int kWriters = 3;
constexpr int kDisturbances = 12;
constexpr int kSeedsByDefault = 4;

std::uint64_t FromEnvironment(const char* name, std::uint64_t otherwise) {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): before any thread is started.
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

// Adds up the amounts of both sides in one request, again and again.
class MoneyReader {
 public:
  explicit MoneyReader(FollowingNode& node) : client_(node.port(), FollowingNode::kKey) {}

  void Read() {
    const HttpReply reply = client_.Ask("POST", "/multi_search", R"({"searches": [
      {"collection": "left", "q": "*", "facet_by": "amount", "per_page": 0},
      {"collection": "right", "q": "*", "facet_by": "amount", "per_page": 0}]})");
    if (reply.status != 200) {
      return;  // Killed, or not built yet.
    }
    double sum = 0;
    const Json answer = Json::parse(reply.body);
    for (const Json& page : answer.at("results")) {
      if (!page.contains("facet_counts")) {
        return;
      }
      sum += page.at("facet_counts").at(0).at("stats").at("sum").get<double>();
    }
    EXPECT_EQ(sum, kModelShopMoney) << "half a transaction was shown";
    ++count;
  }

  int count = 0;

 private:
  HttpClient client_;
};

class Model {
 public:
  explicit Model(std::uint64_t seed) : seed_(seed), random_(seed) {
    PostgresSession session(cluster_.Connection());
    CreateModelShop(session, seed);
    node_ = std::make_unique<FollowingNode>(cluster_, kModelShopConfiguration);
  }

  void Run() {
    if (random_() % 2 == 0) {  // Else they write while the tables are copied.
      ASSERT_TRUE(node_->WaitForState("live")) << node_->Source().dump(2);
    }
    std::atomic<bool> is_writing = true;
    std::vector<std::jthread> threads;
    for (int i = 0; i < kWriters; ++i) {
      threads.emplace_back([this, i, &is_writing] {
        ModelShopWriter writer(cluster_.Connection(), seed_ * 10 + static_cast<unsigned>(i));
        while (is_writing) {
          writer.Write();
        }
        committed_ += writer.committed();
      });
    }
    for (int left = kDisturbances; left > 0; --left) {
      Disturb();
    }
    is_writing = false;
    threads.clear();
    Compare();
  }

 private:
  void Disturb() {
    MoneyReader reader(*node_);
    const auto kind = random_() % 12;
    const auto until =
        std::chrono::steady_clock::now() + std::chrono::milliseconds(50 + random_() % 400);
    while (std::chrono::steady_clock::now() < until) {
      reader.Read();
    }
    money_ += reader.count;
    if (kind < 4) {
      node_->Kill();
      node_->Start();
      ++kills_;
    } else if (kind == 4) {
      cluster_.Restart(random_() % 2 == 0 ? PostgresCluster::StopMode::kFast
                                          : PostgresCluster::StopMode::kImmediate);
      ++restarts_;
    } else if (kind == 5) {
      Cut("SELECT pg_terminate_backend(pid) FROM pg_stat_replication");
    } else if (kind == 6 && random_() % 3 == 0) {
      // Fails while somebody streams from it again.
      Cut("SELECT pg_terminate_backend(active_pid), pg_drop_replication_slot(slot_name)"
          " FROM pg_replication_slots WHERE NOT temporary");
    } else if (kind == 7 && random_() % 3 == 0) {
      node_->Ask("POST", "/sources/shop/rebuild");
      ++rebuilds_;
    }
  }

  void Cut(const std::string& statement) {
    try {
      PostgresSession(cluster_.Connection()).Execute(statement);
      ++cuts_;
    } catch (const std::runtime_error&) {
      // The next one may succeed.
    }
  }

  void Compare() {
    PostgresSession session(cluster_.Connection());
    EndPreparedTransactions(session);
    const std::string headers = FollowingNode::AtLeast(session);
    ASSERT_TRUE(FollowingNode::WaitUntil([&] {
      return node_->Ask("GET", "/collections/products/documents/search?q=*", {}, headers).status ==
             200;
    })) << node_->Source().dump(2)
        << node_->output();
    const auto expected = ModelShopProducts(session);
    const auto shown = node_->Export("products");
    for (const auto& [id, document] : expected) {
      const auto found = shown.find(id);
      ASSERT_NE(found, shown.end()) << "lost: " << document.dump();
      ASSERT_EQ(found->second, document) << "wrong document " << id;
    }
    for (const auto& [id, document] : shown) {
      ASSERT_TRUE(expected.contains(id)) << "resurrected: " << document.dump();
    }
    CompareSearches(expected);
    MoneyReader(*node_).Read();
    EXPECT_EQ(node_->Stop(), 0) << node_->output();
    const auto [code, report] = node_->Run({"verify", "--config", node_->config_file().string(),
                                            "--data-dir", node_->data().string()});
    EXPECT_EQ(code, 0) << report;
    std::cout << "seed " << seed_ << ": " << committed_ << " transactions, " << expected.size()
              << " documents, " << kills_ << " kills, " << restarts_ << " server restarts, "
              << cuts_ << " cuts, " << rebuilds_ << " rebuilds, " << money_ << " sums of money\n";
  }

  // Filters, hits and texts must tell of the same documents.
  void CompareSearches(const std::map<std::string, Json>& expected) {
    const std::string search = "/collections/products/documents/search?per_page=250&q=";
    std::size_t in_stock = 0;
    std::map<std::string, std::set<std::string>> titles;
    for (const auto& [id, document] : expected) {
      in_stock += document.at("in_stock").get<bool>() ? 1U : 0U;
      const std::string title = document.at("title");
      titles[title.substr(title.rfind(' ') + 1)].insert(id);
    }
    ASSERT_EQ(node_->Get(search + "*&filter_by=in_stock:true").at("found"), in_stock);
    for (const auto& [word, ids] : titles) {
      const Json page =
          node_->Get(search + word + "&query_by=title&num_typos=0&prefix=false&filter_by=id:[" +
                     Joined(ids) + "]");
      ASSERT_EQ(page.at("found"), ids.size()) << word << page.dump();
      for (const Json& hit : page.at("hits")) {
        const Json& document = hit.at("document");
        ASSERT_EQ(document, expected.at(document.at("id").get<std::string>())) << word;
      }
    }
  }

  static std::string Joined(const std::set<std::string>& ids) {
    std::string joined;
    for (const std::string& id : ids) {
      joined += (joined.empty() ? "" : ",") + id;
    }
    return joined;
  }

  std::uint64_t seed_;
  std::mt19937_64 random_;
  PostgresCluster cluster_;
  std::unique_ptr<FollowingNode> node_;
  std::atomic<std::uint64_t> committed_ = 0;
  int kills_ = 0;
  int restarts_ = 0;
  int cuts_ = 0;
  int rebuilds_ = 0;
  int money_ = 0;
};

TEST(ModelTest, WhateverHappensTheNodeShowsWhatTheTablesSay) {
  const std::uint64_t first = FromEnvironment("TEST_SEED", std::random_device{}() % 1'000'000);
  const std::uint64_t seeds = FromEnvironment("TEST_SEEDS", kSeedsByDefault);
  for (std::uint64_t seed = first; seed < first + seeds && !HasFailure(); ++seed) {
    SCOPED_TRACE("TEST_SEED=" + std::to_string(seed));
    std::cout << "TEST_SEED=" << seed << std::endl;
    Model(seed).Run();
  }
}

}  // namespace
}  // namespace cacheindex::test
