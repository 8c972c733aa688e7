#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "node/core/json.h"
#include "tests/support/eventually.h"
#include "tests/support/http_client.h"
#include "tests/support/node_process.h"
#include "tests/support/postgres_cluster.h"
#include "tests/support/postgres_session.h"
#include "tests/support/temp_directory.h"

namespace cacheindex::test {

/// The real binary, following a PostgreSQL as its configuration says, with a data directory of its
/// own that survives its restarts.
///
/// Threads: one at a time. Throws std::runtime_error with the node's log when it does not start.
class FollowingNode {
 public:
  static constexpr const char* kKey = "test-key";
  static constexpr std::chrono::seconds kPatience{60};

  /// `source` is what [source.shop] says besides its server and how often the node reports there:
  /// further settings, then the collections.
  FollowingNode(const PostgresCluster& cluster, std::string_view source)
      : FollowingNode(cluster.Connection(), source) {}
  FollowingNode(const std::string& connection, std::string_view source) {
    std::ofstream(config_file()) << "[source.shop]\nkind = \"postgres\"\nconnection = \""
                                 << connection
                                 << "\"\npublication = \"cacheindex\"\n"
                                    "status_interval_ms = 100\nbackoff_min_ms = 20\n"
                                 << source;
    Start();
  }

  void Start() {
    process_ = std::make_unique<NodeProcess>(
        CACHEINDEX_BINARY,
        std::vector<std::string>{"serve", "--config", config_file().string(), "--data-dir",
                                 data().string(), "--listen", "127.0.0.1:0", "--api-key", kKey});
    const auto port = process_->WaitForPort(kPatience);
    if (!port) {
      throw std::runtime_error("the node does not start: " + process_->output());
    }
    port_ = *port;
    client_ = std::make_unique<HttpClient>(port_, kKey);
  }
  void Kill() {
    process_->Signal(SIGKILL);
    process_->Wait();
  }
  /// Returns the exit code.
  int Stop() {
    process_->Signal(SIGTERM);
    return process_->Wait();
  }

  std::uint16_t port() const { return port_; }
  std::filesystem::path data() const { return directory_.path() / "data"; }
  std::filesystem::path config_file() const { return directory_.path() / "node.toml"; }
  std::string output() const { return process_->output(); }

  HttpReply Ask(std::string_view method, std::string_view target, std::string_view body = {},
                std::string_view headers = {}) {
    return client_->Ask(method, target, body, headers);
  }

  /// Asks for what must succeed; returns the answer's JSON.
  Json Get(std::string_view target, std::string_view headers = {}) {
    const HttpReply reply = Ask("GET", target, {}, headers);
    EXPECT_EQ(reply.status, 200) << target << ": " << reply.body.substr(0, 500);
    return Json::parse(reply.body, nullptr, /*allow_exceptions=*/false);
  }

  Json Source() { return Get("/sources/shop"); }

  /// Waits until the source's state is `state`; false when that takes too long.
  bool WaitForState(const std::string& state, std::chrono::seconds patience = kPatience) {
    return WaitUntil([&] { return Source().value("state", "") == state; }, patience);
  }

  /// Waits until `condition` holds.
  template <class Condition>
  static bool WaitUntil(const Condition& condition, std::chrono::seconds patience = kPatience) {
    return Eventually(condition, patience);
  }

  /// The headers with which a request sees everything that `session` has committed.
  static std::string AtLeast(PostgresSession& session, int wait_ms = 30'000) {
    return "X-Min-Position: " + session.Value("SELECT pg_current_wal_insert_lsn()") +
           "\r\nX-Max-Wait-Ms: " + std::to_string(wait_ms) + "\r\n";
  }

  /// Returns all documents of a collection by id, as an export shows them.
  std::map<std::string, Json> Export(const std::string& collection) {
    const HttpReply reply = Ask("GET", "/collections/" + collection + "/documents/export");
    EXPECT_EQ(reply.status, 200) << reply.body.substr(0, 500);
    EXPECT_TRUE(reply.is_complete);
    std::map<std::string, Json> documents;
    for (std::size_t begin = 0; begin < reply.body.size();) {
      const std::size_t end = std::min(reply.body.find('\n', begin), reply.body.size());
      Json document = Json::parse(reply.body.substr(begin, end - begin));
      std::string id = document.at("id");
      EXPECT_TRUE(documents.emplace(std::move(id), std::move(document)).second);
      begin = end + 1;
    }
    return documents;
  }

  /// Runs another command of the binary on the data directory; returns its exit code and output.
  std::pair<int, std::string> Run(std::vector<std::string> arguments) const {
    NodeProcess process(CACHEINDEX_BINARY, std::move(arguments));
    const int code = process.Wait();
    return {code, process.output()};
  }

 private:
  TempDirectory directory_;
  std::unique_ptr<NodeProcess> process_;
  std::uint16_t port_ = 0;
  std::unique_ptr<HttpClient> client_;
};

}  // namespace cacheindex::test
