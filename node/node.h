#pragma once

#include <cstdint>
#include <memory>

#include "api/server.h"
#include "node/config.h"
#include "node/core/result.h"
#include "node/data_directory.h"
#include "node/native_store.h"
#include "node/node_service.h"

namespace cacheindex::node {

/// One running node: a locked data directory, its stores, and the HTTP front over them. Start here.
///
/// Threads: Start and Stop from one thread.
class Node {
 public:
  /// Opens everything and serves from here on.
  /// Errors: an operator's, each saying what to do.
  static Result<std::unique_ptr<Node>> Start(const Config& config);

  /// Calls Stop.
  ~Node();

  /// Drains the front, finishes what is being written, closes the stores. Repeating it is harmless.
  void Stop();

  std::uint16_t port() const { return server_->port(); }

 private:
  Node(DataDirectory directory, std::unique_ptr<NativeStore> native, const Config& config);

  // In the order of their need.
  DataDirectory directory_;
  std::unique_ptr<NativeStore> native_;
  NodeService service_;
  std::unique_ptr<api::Server> server_;
  std::chrono::milliseconds stop_timeout_;
};

}  // namespace cacheindex::node
