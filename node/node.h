#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "api/operations_server.h"
#include "api/server.h"
#include "node/config/config.h"
#include "node/core/result.h"
#include "node/disk/data_directory.h"
#include "node/scrub/scrub.h"
#include "node/services/node_service.h"
#include "node/stores/stores.h"
#include "node/watch.h"

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

  /// Takes what of `fresh` can change while it runs; of everything else says that it has changed.
  struct Reloaded {
    std::vector<std::string> changed;
    std::vector<std::string> needs_restart;
  };
  /// Errors: kInvalidArgument when the certificate cannot be used; then nothing changes.
  Result<Reloaded> Reload(const Config& fresh);

  /// From here on /readyz says "stopping" and answers close their connections; all else goes on.
  void BeginStop();
  /// How long whoever watches /readyz has from BeginStop to Stop: nothing when nobody does.
  std::chrono::milliseconds stop_delay() const {
    return service_.IsWatched() ? running_.stop_delay : std::chrono::milliseconds(0);
  }
  /// Ends the drain of a Stop that runs or comes. May be called concurrently with Stop.
  void Hurry() { server_->Hurry(); }

  /// Drains the front, finishes what is being written, closes the stores. Repeating it is harmless.
  void Stop();

  std::uint16_t port() const { return server_->port(); }
  /// 0 when there is none.
  std::uint16_t operations_port() const { return operations_ ? operations_->port() : 0; }

 private:
  Node(std::unique_ptr<const Config> config, DataDirectory directory,
       std::unique_ptr<Stores> stores, Scrub::Begin scrub);

  Result<void> StartOperations();

  // In the order of their need.
  std::unique_ptr<const Config> config_;
  /// What it was started with and what Reload took since.
  Config running_;
  DataDirectory directory_;
  std::unique_ptr<Stores> stores_;
  std::unique_ptr<Scrub> scrub_;
  NodeService service_;
  std::unique_ptr<api::Server> server_;
  std::unique_ptr<api::OperationsServer> operations_;
  std::unique_ptr<Watch> watch_;
};

}  // namespace cacheindex::node
