#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "node/core/json.h"
#include "tests/support/eventually.h"
#include "tests/support/http_client.h"
#include "tests/support/lines.h"
#include "tests/support/node_process.h"
#include "tests/support/temp_directory.h"

namespace cacheindex::test {

/// The real binary with a configuration file and a data directory of its own, as an operator runs
/// it: told by signals, seen by its ports and its log.
///
/// Threads: one at a time. Start throws std::runtime_error when the node does not start.
class OperatedNode {
 public:
  static constexpr const char* kKey = "operated-key";
  static constexpr std::chrono::seconds kPatience{60};
  static constexpr const char* kStopsAtOnce = "[node]\nstop_delay_ms = 0\n";

  explicit OperatedNode(std::string_view config = kStopsAtOnce,
                        std::vector<std::string> variables = {})
      : variables_(std::move(variables)) {
    Configure(config);
    Start();
  }

  void Configure(std::string_view config) const {
    std::ofstream(config_file(), std::ios::trunc) << config;
  }

  void Start() {
    process_.emplace(
        CACHEINDEX_BINARY,
        std::vector<std::string>{"serve", "--config", config_file().string(), "--data-dir",
                                 data().string(), "--listen", "127.0.0.1:0", "--api-key", kKey},
        variables_);
    const auto port = process_->WaitForPort(kPatience);
    if (!port) {
      throw std::runtime_error("the node does not start: " + output());
    }
    port_ = *port;
    client_.emplace(port_, kKey);
  }

  void Signal(int number) const { process_->Signal(number); }
  /// Returns the exit code.
  int Wait() { return process_->Wait(); }
  int Stop() {
    Signal(SIGTERM);
    return Wait();
  }

  pid_t process() const { return process_->process(); }
  std::uint16_t port() const { return port_; }
  /// Of the line that says where the operations port is.
  std::uint16_t operations_port() const {
    const std::string line = Line("event=operations_listening");
    const auto begin = line.find(" port=");
    return begin == std::string::npos
               ? std::uint16_t{0}
               : static_cast<std::uint16_t>(
                     std::stoi(line.substr(begin + std::string_view(" port=").size())));
  }
  std::filesystem::path directory() const { return directory_.path(); }
  std::filesystem::path data() const { return directory_.path() / "data"; }
  std::filesystem::path config_file() const { return directory_.path() / "node.toml"; }
  std::string output() const { return process_->output(); }

  HttpReply Ask(std::string_view method, std::string_view target, std::string_view body = {},
                std::string_view headers = {}) {
    return client_->Ask(method, target, body, headers);
  }
  /// On a connection of its own.
  HttpReply AskAnew(std::string_view target, std::uint16_t port) const {
    return HttpClient(port, kKey).Ask("GET", target);
  }

  void MakeCollection() {
    const HttpReply made = Ask("POST", "/collections",
                               R"({"name":"things","fields":[{"name":"title","type":"string"}]})");
    ASSERT_EQ(made.status, 201) << made.body;
    ASSERT_EQ(Ask("POST", "/collections/things/documents", R"({"id":"1","title":"a shoe"})").status,
              201);
  }

  /// Returns the first line of the log that holds all of `parts`; empty when there is none.
  std::string Line(const std::vector<std::string>& parts) const {
    for (const std::string& line : LinesOf(output())) {
      bool holds_all = true;
      for (const std::string& part : parts) {
        holds_all = holds_all && line.find(part) != std::string::npos;
      }
      if (holds_all) {
        return line;
      }
    }
    return {};
  }
  std::string Line(const char* part) const { return Line(std::vector<std::string>{part}); }
  /// Waits for such a line.
  bool HasLine(const std::vector<std::string>& parts) const {
    return Eventually([&] { return !Line(parts).empty(); }, kPatience);
  }
  int CountLines(const std::string& part) const {
    int count = 0;
    for (const std::string& line : LinesOf(output())) {
      count += line.find(part) != std::string::npos ? 1 : 0;
    }
    return count;
  }

 private:
  TempDirectory directory_;
  std::vector<std::string> variables_;
  std::optional<NodeProcess> process_;
  std::uint16_t port_ = 0;
  std::optional<HttpClient> client_;
};

}  // namespace cacheindex::test
