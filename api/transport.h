#pragma once

#include <sys/types.h>

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "node/core/files/file_descriptor.h"

struct ssl_st;

namespace cacheindex::api {

/// Counters that every thread of the front adds to.
struct Counters {
  std::atomic<std::uint64_t> connections_accepted{0};
  std::atomic<std::uint64_t> requests{0};
  std::atomic<std::uint64_t> requests_shed{0};
  std::atomic<std::uint64_t> requests_rejected{0};
  std::atomic<std::uint64_t> bytes_received{0};
  std::atomic<std::uint64_t> bytes_sent{0};
  std::atomic<std::uint64_t> buffered_bytes{0};
};

/// The connections that are open, wherever they are just now.
///
/// Threads: all methods may be called concurrently.
class ConnectionCount {
 public:
  /// One open connection; gives its place back when destroyed.
  class Ticket {
   public:
    Ticket() noexcept = default;
    explicit Ticket(ConnectionCount* owner) noexcept : owner_(owner) {}
    Ticket(Ticket&& other) noexcept : owner_(std::exchange(other.owner_, nullptr)) {}
    Ticket& operator=(Ticket&& other) noexcept;
    Ticket(const Ticket&) = delete;
    Ticket& operator=(const Ticket&) = delete;
    ~Ticket() { Release(); }

   private:
    void Release() noexcept;

    ConnectionCount* owner_ = nullptr;
  };

  std::uint64_t value() const noexcept { return value_.load(std::memory_order_relaxed); }
  Ticket Take() noexcept;
  /// Returns when none is open, `patience` is over or GiveUpWaiting was called.
  template <class Duration>
  void WaitUntilZero(Duration patience) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, patience, [&] { return value() == 0 || has_given_up_; });
  }
  void GiveUpWaiting() noexcept {
    const std::lock_guard lock(mutex_);
    has_given_up_ = true;
    changed_.notify_all();
  }

 private:
  std::atomic<std::uint64_t> value_{0};
  std::mutex mutex_;
  std::condition_variable changed_;
  bool has_given_up_ = false;
};

struct FreeSsl {
  void operator()(ssl_st* session) const noexcept;
};

/// A connected socket that never blocks, with or without TLS on it.
///
/// Threads: one at a time.
class Transport {
 public:
  enum class State { kOk, kWouldBlock, kClosed };
  struct Transfer {
    State state = State::kOk;
    std::size_t bytes = 0;
  };

  Transport(FileDescriptor socket, std::unique_ptr<ssl_st, FreeSsl> session,
            ConnectionCount::Ticket ticket, Counters& counters, std::string peer) noexcept;
  Transport(Transport&&) noexcept = default;
  Transport& operator=(Transport&&) noexcept = default;
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;
  ~Transport() = default;

  int fd() const noexcept { return socket_.get(); }
  /// The other end's address, as ClientAddress writes it.
  const std::string& peer() const noexcept { return peer_; }
  /// True while TLS is being agreed on; call Handshake until it returns kOk.
  bool needs_handshake() const noexcept { return needs_handshake_; }

  State Handshake() noexcept;
  /// kClosed when the peer has closed its side or the connection is broken.
  Transfer Read(std::span<char> buffer) noexcept;
  /// Sends from the front of `pieces`, as much as fits.
  Transfer Write(std::span<const std::string_view> pieces) noexcept;
  /// Tells the peer that nothing more follows; reading goes on.
  void FinishWriting() noexcept;
  /// Closes with a reset, so that nothing of an unfinished answer looks finished.
  void Abort() noexcept;

 private:
  Transfer ReadEncrypted(std::span<char> buffer) noexcept;
  Transfer WriteEncrypted(std::span<const std::string_view> pieces) noexcept;
  State AfterFailure(int result) noexcept;

  // Destroyed bottom up: the session before the socket, the ticket last.
  ConnectionCount::Ticket ticket_;
  FileDescriptor socket_;
  std::unique_ptr<ssl_st, FreeSsl> session_;
  Counters* counters_;
  std::string peer_;
  bool needs_handshake_ = false;
};

}  // namespace cacheindex::api
