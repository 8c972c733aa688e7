#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "node/config/config.h"
#include "node/core/json.h"
#include "node/node.h"
#include "tests/support/http_client.h"
#include "tests/support/lines.h"
#include "tests/support/temp_directory.h"

namespace cacheindex::test {

/// A whole node in this process, on a free port, with a directory of its own; and one client.
class RunningNode {
 public:
  static constexpr const char* kKey = "test-key";

  /// Directory, key and what is logged are its own; the rest is as `config` says.
  explicit RunningNode(node::Config config = {}) {
    config.data_directory = directory_.path() / "data";
    config.http.api_key = kKey;
    config.log.level = "warn";
    auto started = node::Node::Start(config);
    if (!started) {
      throw std::runtime_error(started.error().message());
    }
    node_ = *std::move(started);
    client_ = std::make_unique<HttpClient>(port(), kKey);
  }

  std::uint16_t port() const { return node_->port(); }
  const TempDirectory& directory() const { return directory_; }

  HttpReply Ask(std::string_view method, std::string_view target, std::string_view body = {}) {
    return client_->Ask(method, target, body);
  }

  /// Asks for what must succeed; returns the answer's JSON.
  Json Get(std::string_view method, std::string_view target, std::string_view body = {}) {
    const HttpReply reply = Ask(method, target, body);
    EXPECT_EQ(reply.status / 100, 2)
        << method << " " << target.substr(0, 500) << ": " << reply.body.substr(0, 500);
    return Json::parse(reply.body, nullptr, /*allow_exceptions=*/false);
  }

  /// Searches the collection with parameters as a client's object has them.
  Json Search(const std::string& collection, const Json& parameters) {
    std::string target = "/collections/" + PercentEncoded(collection) + "/documents/search?";
    for (const auto& [name, value] : parameters.items()) {
      target += name + "=" +
                PercentEncoded(value.is_string() ? value.get<std::string>() : DumpJson(value)) +
                "&";
    }
    return Get("GET", target);
  }

 private:
  TempDirectory directory_;
  std::unique_ptr<node::Node> node_;
  std::unique_ptr<HttpClient> client_;
};

}  // namespace cacheindex::test
