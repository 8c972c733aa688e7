// Nodes that are restarted one after the other under load, behind a load balancer that watches
// /readyz and tries nothing again.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <condition_variable>
#include <cstdlib>
#include <iostream>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "tests/node/operating/operated_node.h"

namespace cacheindex::test {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kNodes = 2;
constexpr int kClients = 4;
// As many as a test can wait for; CACHEINDEX_RESTARTS asks for more.
constexpr int kRestarts = 3;
// What a load balancer needs to see that a node stops, with room for a busy machine.
constexpr const char* kConfig = "[node]\nstop_delay_ms = 2000\n";

int Restarts() {
  const char* const asked = std::getenv("CACHEINDEX_RESTARTS");
  return asked != nullptr ? std::atoi(asked) : kRestarts;
}

// Looks at /readyz of every node again and again, and sends requests to those that are ready.
class LoadBalancer {
 public:
  LoadBalancer() {
    watcher_ = std::jthread([this](const std::stop_token& stop) {
      std::mutex mutex;
      std::condition_variable_any changed;
      std::unique_lock lock(mutex);
      while (!stop.stop_requested()) {
        for (Backend& backend : backends_) {
          Look(backend);
        }
        changed.wait_for(lock, stop, kInterval, [] { return false; });
      }
    });
  }

  void SetPort(std::size_t node, std::uint16_t port) { backends_.at(node).port = port; }
  bool IsReady(std::size_t node) const {
    return backends_.at(node).ready_port == backends_.at(node).port;
  }

  // Returns the port for the next request; 0 when no node is ready.
  std::uint16_t Choose() {
    const std::size_t first = next_++;
    for (std::size_t i = 0; i < kNodes; ++i) {
      if (const std::uint16_t port = backends_.at((first + i) % kNodes).ready_port; port != 0) {
        return port;
      }
    }
    return 0;
  }

 private:
  static constexpr milliseconds kInterval{50};

  struct Backend {
    std::atomic<std::uint16_t> port{0};
    std::atomic<std::uint16_t> ready_port{0};
    std::map<std::uint16_t, std::unique_ptr<HttpClient>> connections;
  };

  static void Look(Backend& backend) {
    const std::uint16_t port = backend.port;
    if (port == 0) {
      return;
    }
    auto& connection = backend.connections[port];
    if (connection == nullptr) {
      connection = std::make_unique<HttpClient>(port, OperatedNode::kKey);
    }
    const bool is_ready = connection->Ask("GET", "/readyz").status == 200;
    // Another port is another process: what was seen of the old one says nothing of it.
    backend.ready_port = is_ready && port == backend.port ? port : 0;
  }

  std::array<Backend, kNodes> backends_;
  std::atomic<std::size_t> next_{0};
  std::jthread watcher_;
};

// What a shop asks for: searches, products, changes and, now and then, an import.
struct Load {
  explicit Load(LoadBalancer& chosen) : balancer(chosen) {
    for (int i = 0; i < kClients; ++i) {
      clients.emplace_back([this](const std::stop_token& stop) { Run(stop); });
    }
  }

  void Run(const std::stop_token& stop) {
    // Connections are kept, as load balancers do.
    std::map<std::uint16_t, std::unique_ptr<HttpClient>> connections;
    for (int i = 0; !stop.stop_requested(); ++i) {
      const std::uint16_t port = balancer.Choose();
      if (port == 0) {
        Fail("no node is ready");
        continue;
      }
      auto& connection = connections[port];
      if (connection == nullptr) {
        connection = std::make_unique<HttpClient>(port, OperatedNode::kKey);
      }
      const HttpReply reply = Send(*connection, i);
      ++requests;
      if (reply.status / 100 != 2 || !reply.is_complete) {
        Fail(std::to_string(reply.status) + " " + reply.body);
      }
    }
  }

  static HttpReply Send(HttpClient& client, int turn) {
    const std::string things = "/collections/things/documents";
    switch (turn % 8) {
      case 0:
        return client.Ask(
            "POST", things + "/import?action=upsert",
            "{\"id\":\"1\",\"title\":\"a shoe\"}\n{\"id\":\"2\",\"title\":\"a boot\"}");
      case 1:
        return client.Ask("PATCH", things + "/1", R"({"title":"a red shoe"})");
      case 2:
      case 3:
        return client.Ask("GET", things + "/1");
      default:
        return client.Ask("GET", things + "/search?q=shoe&query_by=title");
    }
  }

  void Fail(const std::string& what) {
    const std::lock_guard lock(mutex);
    ++failed;
    if (failures.size() < 10) {
      failures.push_back(what);
    }
  }

  LoadBalancer& balancer;
  std::atomic<std::uint64_t> requests{0};
  std::mutex mutex;
  std::uint64_t failed = 0;
  std::vector<std::string> failures;
  std::vector<std::jthread> clients;
};

TEST(RestartTest, NoRequestFailsBehindALoadBalancerThatWatchesReadiness) {
  std::array<OperatedNode, kNodes> nodes = {OperatedNode(kConfig), OperatedNode(kConfig)};
  LoadBalancer balancer;
  for (std::size_t i = 0; i < kNodes; ++i) {
    nodes.at(i).MakeCollection();
    balancer.SetPort(i, nodes.at(i).port());
    ASSERT_TRUE(Eventually([&] { return balancer.IsReady(i); }));
  }
  Load load(balancer);
  for (int restart = 0; restart < Restarts(); ++restart) {
    const std::size_t i = static_cast<std::size_t>(restart) % kNodes;
    const std::uint64_t before = load.requests;
    EXPECT_EQ(nodes.at(i).Stop(), 0);
    nodes.at(i).Start();
    balancer.SetPort(i, nodes.at(i).port());
    ASSERT_TRUE(Eventually([&] { return balancer.IsReady(i); }));
    ASSERT_TRUE(Eventually([&] { return load.requests > before; })) << "the load goes on";
  }
  load.clients.clear();
  EXPECT_EQ(load.failed, 0U) << "of " << load.requests << ": "
                             << testing::PrintToString(load.failures);
  std::cout << Restarts() << " restarts, " << load.requests << " requests, " << load.failed
            << " failed\n";
}

}  // namespace
}  // namespace cacheindex::test
