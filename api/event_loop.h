#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <list>
#include <memory>
#include <mutex>
#include <span>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "api/output_queue.h"
#include "api/request.h"
#include "api/transport.h"
#include "node/core/result.h"

namespace cacheindex::api {

class Connection;
class Front;

/// What a connection waits for, and so how long it may.
enum class Deadline { kIdle, kFirst, kHead, kBody, kWrite, kLinger };
inline constexpr std::size_t kDeadlines = 6;

/// Of a drain: how long after it was opened a connection may take to ask for the first time. Longer
/// than a handshake across the world; who opens connections in advance is as idle as who keeps one.
inline constexpr std::chrono::milliseconds kFirstRequestWaitMax{2'000};

/// A thread with an epoll of its own, and the connections it accepted.
///
/// Sockets are registered once, edge-triggered, for both directions: a request costs no system
/// calls besides its own read and write.
///
/// Threads: Wake, Complete and Adopt may be called from any thread, everything else only from the
/// loop's own; Create, Start and Stop from the front's.
class EventLoop {
 public:
  using Clock = std::chrono::steady_clock;

  /// A connection that comes from a bulk thread, with bytes that were read too far.
  struct Returned {
    Transport transport;
    std::string input;
    OutputQueue output;
    /// Only keeps reading until the client has seen the answer.
    bool only_lingers = false;
  };

  static Result<std::unique_ptr<EventLoop>> Create(Front& front, int listener);
  ~EventLoop();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  void Start();
  /// Cuts all connections and joins the thread.
  void Stop();

  void Wake() noexcept;
  /// Brings the answer that a worker made for `connection`.
  void Complete(Connection& connection, OutputQueue answer, std::unique_ptr<Request> request);
  void Adopt(Returned returned);

  // For connections.
  Front& front() noexcept { return front_; }
  /// No events for the connection from here on; its socket moves elsewhere.
  void Unregister(const Connection& connection);
  /// Starts the time for `kind` anew.
  void SetDeadline(Connection& connection, Deadline kind);
  void ClearDeadline(Connection& connection);
  /// Calls Advance again, after others had their turn.
  void Resume(Connection& connection);
  /// Where all connections read into, so that none needs a buffer while it is idle.
  std::span<char> scratch() noexcept { return scratch_; }
  /// Used requests, whose memory is warm.
  std::unique_ptr<Request> TakeRecycled() noexcept { return std::move(recycled_); }
  void Recycle(std::unique_ptr<Request> request) noexcept { recycled_ = std::move(request); }

 private:
  struct Completion {
    Connection* connection;
    OutputQueue answer;
    std::unique_ptr<Request> request;
  };

  EventLoop(Front& front, int listener);

  void Run(const std::stop_token& stop);
  void Accept();
  void PauseAccepting();
  void Add(Returned returned);
  void HandleInbox();
  void HandleResumed();
  void HandleDeadlines();
  void HandleDraining();
  /// Forgets the connection when it is done.
  void Reap(Connection& connection);
  int WaitMilliseconds() const;
  std::chrono::milliseconds Duration(Deadline kind) const noexcept;

  Front& front_;
  const int listener_;
  FileDescriptor epoll_;
  FileDescriptor wake_event_;
  bool is_accepting_ = true;
  bool is_drained_ = false;
  bool is_refusing_ = false;
  Clock::time_point accept_again_at_;
  std::array<char, std::size_t{64} << 10> scratch_{};

  std::list<std::unique_ptr<Connection>> connections_;
  /// Of each kind in the order in which they end, since all of a kind last equally long.
  std::array<std::list<Connection*>, kDeadlines> deadlines_;
  std::vector<Connection*> resumed_;
  std::unique_ptr<Request> recycled_;

  std::mutex inbox_mutex_;
  std::vector<Completion> completions_;
  std::vector<Returned> returned_;

  std::jthread thread_;
};

}  // namespace cacheindex::api
