#pragma once

#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "api/event_loop.h"
#include "api/output_queue.h"
#include "api/request_reader.h"
#include "api/router.h"
#include "api/transport.h"

namespace cacheindex::api {

/// One client's connection, as a state machine that its loop drives.
///
///   kOpen --request for a worker--> (busy) --Complete--> kOpen
///     |---transfer-------> kHandedOver   (the socket belongs to a bulk thread)
///     |---last answer----> kClosing --all sent--> kLingering --> kClosed
///     `---peer is gone, deadline of a silent client--> kClosed
///
/// Requests are answered in their order: while a worker has one, nothing more is read.
///
/// Threads: its loop's.
class Connection {
 public:
  Connection(EventLoop& loop, EventLoop::Returned from);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection();

  /// Does all that can be done without waiting.
  void Advance();
  void Complete(OutputQueue answer, std::unique_ptr<Request> request);
  void OnDeadline();
  /// Closes it when it is between two requests; one that has not asked yet may still do so.
  void CloseIfIdle();
  void Close() noexcept;

  int fd() const noexcept { return transport_ ? transport_->fd() : -1; }
  /// True when nothing refers to it any more.
  bool is_done() const noexcept {
    return (state_ == State::kClosed || state_ == State::kHandedOver) && !is_busy_;
  }

 private:
  friend class EventLoop;  // Keeps the bookkeeping below.

  enum class State { kOpen, kClosing, kLingering, kHandedOver, kClosed };

  bool Handshake();
  bool Flush();
  bool TakeInput();
  std::size_t Consume(std::string_view data);
  void OnHead();
  void OnRequest();
  void OnRejection();
  void Refuse(Request& request);
  void Submit();
  void HandOver();
  void AccountBody();
  void ReleaseBody() noexcept;
  bool AccountUnsent();
  void Discard();
  void StopReading(bool lingers) noexcept;
  void FinishClosing();
  void ChooseDeadline();
  void CloseUnlessNew();

  EventLoop& loop_;
  std::optional<Transport> transport_;
  RequestReader reader_;
  /// Read, but not looked at yet.
  std::string input_;
  OutputQueue output_;
  State state_ = State::kOpen;
  bool is_busy_ = false;
  /// The head of a request has come.
  bool has_asked_ = false;
  bool lingers_ = false;
  /// A transfer waits for the bytes in hand to be put aside.
  bool is_transfer_ = false;
  Lane lane_ = Lane::kInline;
  /// This connection's shares of the front's buffered bytes: a body that comes or is worked on, and
  /// what the client has not taken of its answers.
  std::uint64_t buffered_bytes_ = 0;
  std::uint64_t unsent_bytes_ = 0;
  /// Since the deadline was set.
  std::size_t progress_bytes_ = 0;

  const EventLoop::Clock::time_point opened_at_ = EventLoop::Clock::now();
  std::list<std::unique_ptr<Connection>>::iterator self_;
  std::optional<Deadline> deadline_;
  EventLoop::Clock::time_point deadline_at_;
  std::list<Connection*>::iterator deadline_entry_;
  /// Stands in the loop's list of those to resume, once.
  bool is_resumed_ = false;
};

}  // namespace cacheindex::api
