#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "replication/postgres/change_queue.h"
#include "replication/postgres/interrupt.h"
#include "replication/postgres/pgoutput.h"
#include "replication/postgres/postgres_connection.h"
#include "replication/rows/history_proof.h"
#include "replication/rows/log_position.h"

namespace cacheindex::replication {

/// One session of the stream, in a thread of its own that nothing blocks: while the queue is full
/// it stops reading, and goes on telling the server that it lives and what is durable.
///
/// Threads: all methods may be called concurrently. Lifetime: within that of the interrupt; the
/// destructor ends the session.
class Receiver {
 public:
  struct Options {
    std::string slot;
    std::string publication;
    /// Where the stream starts: at the slot's own position, or where we are.
    LogPosition start{};
    /// Where we are: transactions that ended before prove that the history is ours, and are
    /// forgotten. Until that is proved nothing is acknowledged beyond `start`.
    LogPosition applied{};
    std::optional<CommitMark> last;
    std::filesystem::path spool_directory;
    std::uint64_t transaction_bytes_max = 0;
    std::chrono::milliseconds status_interval{};
    ChangeQueue::Limits queue;
  };

  /// Starts the stream in `connection`; SQLSTATE of a refusal is there.
  static Result<std::unique_ptr<Receiver>> Start(const Options& options,
                                                 std::unique_ptr<PostgresConnection>& connection);
  ~Receiver();
  Receiver(const Receiver&) = delete;
  Receiver& operator=(const Receiver&) = delete;

  ChangeQueue& queue() { return queue_; }

  /// Everything up to `durable` may be forgotten by the server, up to `applied` is visible here.
  void Acknowledge(LogPosition durable, LogPosition applied);

  /// End of the last whole transaction, or what the server said it is through with.
  LogPosition received() const { return received_.load(); }
  /// What the server was told last.
  LogPosition acknowledged() const { return acknowledged_.load(); }
  /// The server's end of log as last heard.
  LogPosition server() const { return server_.load(); }
  /// Bytes of the transaction that is being received, in the file.
  std::uint64_t spooling_bytes() const { return spooling_bytes_.load(); }
  /// When the server was asked last what it then answered with server(): at that time everything
  /// that it had was sent.
  std::chrono::steady_clock::time_point asked() const { return answered_.load(); }
  /// SQLSTATE that ended the stream; for use after the queue's end was seen.
  const std::string& sqlstate() const { return connection_->sqlstate(); }

 private:
  using Clock = std::chrono::steady_clock;

  Receiver(const Options& options, std::unique_ptr<PostgresConnection> connection);

  void Run(const std::stop_token& stop);
  Result<void> Follow(const std::stop_token& stop);
  Result<void> Take(std::string_view bytes);
  Result<void> TakeData(std::string_view bytes);
  Result<void> TakeBegin(const BeginMessage& begin);
  Result<void> KeepRelation(std::string_view bytes);
  Result<void> TakeCommit(const CommitMessage& commit);
  Result<void> TakeKeepalive(const KeepaliveMessage& keepalive);
  Result<void> SendStatus();

  const Options options_;
  ChangeQueue queue_;
  std::unique_ptr<PostgresConnection> connection_;
  // Of this session only: the thread's own end.
  Interrupt wake_;
  HistoryProof proof_;
  std::unique_ptr<ReceivedTransaction> open_;
  // One that is applied already is not kept.
  std::optional<BeginMessage> met_again_;
  // The tables that such ones described, by oid: the server does it once for all that follow.
  std::map<std::uint32_t, std::string> relations_;
  Clock::time_point status_due_{};
  // Of what is read only: silence counts while somebody listens.
  Clock::time_point last_heard_;
  std::optional<Clock::time_point> asked_;
  std::atomic<LogPosition> received_;
  std::atomic<LogPosition> durable_;
  std::atomic<LogPosition> applied_;
  std::atomic<LogPosition> acknowledged_{};
  std::atomic<LogPosition> server_;
  std::atomic<std::uint64_t> spooling_bytes_ = 0;
  std::atomic<Clock::time_point> answered_{};
  std::jthread thread_;
};

}  // namespace cacheindex::replication
