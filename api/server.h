#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "node/core/result.h"

namespace cacheindex::api {

class Front;
class Service;

/// What one request, one connection and all of them together may use. Nothing in the front grows
/// beyond these.
struct Limits {
  std::size_t request_line_bytes_max = std::size_t{8} << 10;
  std::size_t headers_max = 64;
  std::size_t header_bytes_max = std::size_t{16} << 10;
  /// Of any request except imports, which stream: as much as a document may have.
  std::uint64_t body_bytes_max = std::uint64_t{32} << 20;
  /// Of POST /multi_search and batch reads, from whoever has a valid key.
  std::uint64_t query_body_bytes_max = std::uint64_t{4} << 20;
  /// Searches of one POST /multi_search whose key does not say how many.
  std::uint32_t multi_searches_max = 50;
  /// Of requests whose key is not known to be valid: those that need none, and a multi_search whose
  /// keys are in its body.
  std::uint64_t unkeyed_body_bytes_max = std::uint64_t{64} << 10;
  /// Of all connections: bodies that are being received or worked on, and answers that the clients
  /// have not taken yet. Over it, further bodies are refused, and clients that do not take their
  /// answers are cut.
  std::uint64_t buffered_bytes_max = std::uint64_t{1} << 30;
  /// One line of an import; a longer one is refused and the others go on.
  std::size_t import_line_bytes_max = std::size_t{32} << 20;
  /// What is read and dropped of a refused import so that its client sees the answer.
  std::uint64_t drained_bytes_max = std::uint64_t{4} << 30;

  std::uint32_t connections_max = 10'000;
  /// Requests that wait for a worker, and as many searches; one more is answered 503.
  std::uint32_t queued_requests_max = 1024;
  /// Searches of one client that wait: of one key from one address. One more is answered 429.
  std::uint32_t queued_searches_per_client_max = 256;
  /// A search that has waited longer for a thread is answered 503.
  std::chrono::milliseconds search_wait_max{100};
  /// Imports and exports that wait for a thread; one more is answered 503.
  std::uint32_t queued_transfers_max = 16;

  /// From the first byte of a request to the end of its headers. Also for the TLS handshake.
  std::chrono::milliseconds head_timeout{5'000};
  /// A body must bring `progress_bytes_min` or its end within this time, again and again.
  std::chrono::milliseconds body_timeout{15'000};
  /// A client must take `progress_bytes_min` or the answer's end within this time.
  std::chrono::milliseconds write_timeout{15'000};
  std::size_t progress_bytes_min = std::size_t{16} << 10;
  /// What the client of an import or export must send or take besides, on average over each
  /// `transfer_window` in which it was waited for; 0 asks for nothing.
  std::uint64_t transfer_bytes_per_second_min = std::uint64_t{4} << 10;
  std::chrono::milliseconds transfer_window{30'000};
  /// Between two requests of one connection.
  std::chrono::milliseconds idle_timeout{75'000};
  /// After an answer that closes: how long to keep reading so that the answer is not lost to a
  /// reset.
  std::chrono::milliseconds linger_timeout{2'000};
};

/// The HTTP front of a node: sockets, TLS, framing, keys, routes and the shapes of api/README.md.
///
/// Loop threads own the connections. They answer what is quick themselves and hand the rest to
/// workers behind a bounded queue; imports and exports run on threads of their own. An idle
/// connection costs no thread.
///
/// Threads: all methods may be called concurrently, except Drain, Stop and the destructor.
/// Lifetime: `service` must outlive the server.
class Server {
 public:
  struct Cors {
    bool enabled = true;
    /// Empty allows every origin.
    std::vector<std::string> allowed_origins = {};
  };

  struct Options {
    /// A numeric IPv4 or IPv6 address.
    std::string listen_address = "127.0.0.1";
    /// 0 takes any free one; see port().
    std::uint16_t port = 0;
    /// Required. Never shown anywhere.
    std::string api_key = {};
    /// PEM files; both or none. With them the port speaks TLS 1.2 or later only.
    std::filesystem::path certificate_file = {};
    std::filesystem::path certificate_key_file = {};
    /// 0 means one for each core.
    std::uint32_t loop_threads = 0;
    /// 0 means four for each core: writers wait for a shared commit, so more of them cost less.
    std::uint32_t worker_threads = 0;
    /// 0 means two for each core; as many again serve, at a lower priority, clients whose searches
    /// are slow.
    std::uint32_t search_threads = 0;
    /// Imports and exports that work at once; eight times as many may be open.
    std::uint32_t bulk_threads = 4;
    /// Where the answers of large imports wait, in files without a name. Empty means the system's.
    std::filesystem::path spool_directory = {};
    Limits limits = {};
    Cors cors = {};
  };

  struct Statistics {
    std::uint64_t connections = 0;
    std::uint64_t connections_accepted = 0;
    std::uint64_t requests = 0;
    /// Answered 503 because a queue or a budget was full or the wait too long, or 429 because too
    /// much of the client waited.
    std::uint64_t requests_shed = 0;
    /// Refused by the framing rules or cut at a deadline.
    std::uint64_t requests_rejected = 0;
    std::uint64_t queued_requests = 0;
    std::uint64_t queued_transfers = 0;
    std::uint64_t bytes_received = 0;
    std::uint64_t bytes_sent = 0;
    std::uint64_t buffered_bytes = 0;
  };

  /// Listens and serves from here on.
  ///
  /// Errors: kInvalidArgument for options that cannot work (no key, bad address, unreadable
  /// certificate), kIo when the port cannot be had.
  static Result<std::unique_ptr<Server>> Start(Options options, Service& service);

  /// Calls Stop with no patience.
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  std::uint16_t port() const noexcept;

  /// From here on each answer closes its connection, so that clients move away; all else goes on.
  void BeginStop();

  /// BeginStop, closes idle connections and lets running requests finish until `deadline` has
  /// passed or Hurry was called. Who connects meanwhile is served for five seconds, then refused.
  void Drain(std::chrono::milliseconds deadline);

  /// Ends Drain, also one that has not begun. May be called concurrently with everything.
  void Hurry();

  /// Drain, refuses new connections and cuts what is left. Returns when no thread uses the service
  /// any more.
  void Stop(std::chrono::milliseconds deadline);

  /// Takes what the files hold now for connections from here on.
  /// Errors: kInvalidArgument when they cannot be used, or the server speaks no TLS; then nothing
  /// changes.
  Result<void> ReloadCertificate(const std::filesystem::path& certificate_file,
                                 const std::filesystem::path& certificate_key_file);

  Statistics GetStatistics() const;

 private:
  explicit Server(std::unique_ptr<Front> front);

  std::unique_ptr<Front> front_;
};

}  // namespace cacheindex::api
