#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <vector>

#include "api/access.h"
#include "api/answer.h"
#include "api/event_loop.h"
#include "api/library_server.h"
#include "api/output_queue.h"
#include "api/report.h"
#include "api/request_reader.h"
#include "api/router.h"
#include "api/search_pool.h"
#include "api/server.h"
#include "api/service.h"
#include "api/tls_context.h"
#include "api/transfer_places.h"
#include "api/transport.h"
#include "api/worker_pool.h"

namespace cacheindex::api {

/// What is decided about a request when its head is there.
struct Admission {
  Lane lane = Lane::kInline;
  std::uint64_t body_bytes_max = 0;
  /// What a larger body gets.
  Rejection body_too_large = kBodyTooLarge;
  /// Set when the body need not be read at all.
  std::optional<Answer> refusal;
};

/// All of the front: what loops, workers and bulk threads share, and their order of start and stop.
///
/// Threads: Start, Drain and Stop belong to one thread; everything else may be called concurrently.
class Front {
 public:
  Front(Server::Options options, Service& service);
  ~Front();
  Front(const Front&) = delete;
  Front& operator=(const Front&) = delete;

  Result<void> Start();
  void BeginStop();
  void Drain(std::chrono::milliseconds deadline);
  void Hurry() { connections_.GiveUpWaiting(); }
  void Stop(std::chrono::milliseconds deadline);
  Result<void> ReloadCertificate(const TlsContext::Files& files);

  // For connections and transfers.
  const Limits& limits() const noexcept { return options_.limits; }
  const std::filesystem::path& spool_directory() const noexcept { return options_.spool_directory; }
  const Access& access() const noexcept { return access_; }
  Service& service() noexcept { return service_; }
  Counters& counters() noexcept { return counters_; }
  ConnectionCount& connections() noexcept { return connections_; }
  const TlsContext* tls() const noexcept { return tls_.get(); }
  /// Whether answers close their connections.
  bool is_stopping() const noexcept { return is_stopping_.load(std::memory_order_relaxed); }
  /// Whether connections that are between two requests are closed.
  bool is_draining() const noexcept { return is_draining_.load(std::memory_order_relaxed); }
  /// Whether no connection is taken any more.
  bool is_refusing() const noexcept { return is_refusing_.load(std::memory_order_relaxed); }
  /// Becomes readable when transfers must stop at once.
  int stop_event() const noexcept { return stop_event_.get(); }
  /// Whose places the transfers work on that wait for no position.
  TransferPlaces* transfer_places() noexcept { return transfer_places_.get(); }
  std::uint16_t port() const noexcept { return port_; }
  Server::Statistics GetStatistics() const;

  /// Finds the route, checks the key and chooses the lane.
  Admission Admit(Request& request) const;
  /// Runs the route's handler and appends its answer. Clears `request.keeps_alive` when stopping.
  void Serve(Request& request, OutputQueue& output);
  /// Appends an answer that no handler made.
  void ServeAnswer(Request& request, Answer answer, OutputQueue& output);
  /// Appends the answer to a request that there is no room for.
  void ServeOverload(Request& request, Shedding reason, OutputQueue& output);
  /// Appends the answer to bytes that are no request.
  void ServeRejection(const Rejection& rejection, OutputQueue& output);
  /// Counts an answered request.
  void Observe(const Request& request, const Outcome& outcome);
  /// Counts a connection that there was no room for.
  void ObserveRefusedConnection();

  /// Whom the request is counted to when it is a search.
  SearchClient SearchClientOf(const Request& request) const;
  /// Runs the job in its client's turn, or sheds it.
  void PushSearch(std::unique_ptr<Job> job, const SearchClient& client, bool may_wait);
  /// Both return the job when there is no room for it. Requests that may have to wait for a
  /// position have threads of their own: however many sleep there, no other request waits for them.
  std::unique_ptr<Job> PushRequest(std::unique_ptr<Job> job, bool may_wait);
  std::unique_ptr<Job> PushTransfer(std::unique_ptr<Job> job, bool may_wait);

 private:
  Result<void> Listen();
  void StartPools();
  void WakeLoops();
  void RefuseNewcomers();
  bool NeedsWorker(const Request& request) const noexcept;
  /// What the node's rules about keys and addresses refuse.
  std::optional<Answer> CheckRateLimits(const Request& request) const;
  void AppendUnhandled(Request& request, Answer answer, OutputQueue& output);

  Server::Options options_;
  Service& service_;
  Access access_;
  LibraryServer library_;
  Counters counters_;
  ConnectionCount connections_;
  std::unique_ptr<TlsContext> tls_;
  FileDescriptor listener_;
  FileDescriptor stop_event_;
  std::uint16_t port_ = 0;
  std::atomic<bool> is_stopping_{false};
  std::atomic<bool> is_draining_{false};
  std::atomic<bool> is_refusing_{false};
  std::vector<std::unique_ptr<EventLoop>> loops_;
  std::unique_ptr<SearchPool> searches_;
  std::unique_ptr<SearchPool> waiting_searches_;
  std::unique_ptr<WorkerPool> workers_;
  std::unique_ptr<WorkerPool> waiting_workers_;
  std::unique_ptr<TransferPlaces> transfer_places_;
  std::unique_ptr<WorkerPool> bulk_workers_;
  std::unique_ptr<WorkerPool> waiting_bulk_workers_;
};

}  // namespace cacheindex::api
