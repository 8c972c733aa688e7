#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "node/core/result.h"

namespace cacheindex::api {

class Service;

/// A port for those who operate the node, apart from all that the public one does: cpp-httplib's
/// own listener and threads, so that it answers while the public port is saturated, and while it
/// drains.
///
/// It answers GET /health, /readyz, /metrics, /sources, /sources/:name and GET and PUT /log_levels
/// as the public port does and under the same keys, one request a connection. It speaks no TLS.
///
/// Threads: kThreads, and one that listens. Start and Stop from one thread.
/// Lifetime: within that of the service.
class OperationsServer {
 public:
  struct Options {
    /// A numeric IPv4 or IPv6 address.
    std::string listen_address = "127.0.0.1";
    /// 0 takes any free one; see port().
    std::uint16_t port = 0;
    /// As of Server::Options.
    std::string api_key = {};
  };

  /// Requests at once; as many again wait, and further ones in the queue of the socket.
  static constexpr std::size_t kThreads = 4;

  /// Errors: kInvalidArgument for a bad address, kIo when the port cannot be had.
  static Result<std::unique_ptr<OperationsServer>> Start(const Options& options, Service& service);

  /// Calls Stop.
  ~OperationsServer();
  OperationsServer(const OperationsServer&) = delete;
  OperationsServer& operator=(const OperationsServer&) = delete;

  /// Answers whom it has accepted and returns when no thread uses the service any more.
  void Stop();

  std::uint16_t port() const noexcept;

 private:
  class Listener;

  explicit OperationsServer(std::unique_ptr<Listener> listener);

  std::unique_ptr<Listener> listener_;
};

}  // namespace cacheindex::api
