#pragma once

#include <cstdint>
#include <memory>

#include "api/server.h"
#include "node/config.h"
#include "node/core/result.h"
#include "node/data_directory.h"
#include "node/node_service.h"
#include "node/stores.h"

namespace cacheindex::node {

/// One running node: a locked data directory, its stores, and the HTTP front over them. Start here.
///
/// Threads: Start and Stop from one thread.
class Node {
 public:
  /// Opens everything and serves from here on.
  /// Errors: an operator's, each saying what to do.
  static Result<std::unique_ptr<Node>> Start(Config config);

  /// Calls Stop.
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;
  ~Node();

  /// Drains the front, finishes what is being written, closes the stores. Repeating it is harmless.
  void Stop();

  std::uint16_t port() const { return server_->port(); }

 private:
  Node(std::unique_ptr<const Config> config, DataDirectory directory,
       std::unique_ptr<Stores> stores);

  // In the order of their need.
  std::unique_ptr<const Config> config_;
  DataDirectory directory_;
  std::unique_ptr<Stores> stores_;
  NodeService service_;
  std::unique_ptr<api::Server> server_;
};

}  // namespace cacheindex::node
