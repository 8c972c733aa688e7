#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>
#include <vector>

#include "cache/compression.h"
#include "cache/environment.h"
#include "cache/snapshot_pool.h"
#include "cache/store.h"
#include "cache/write_state.h"
#include "node/core/result.h"

namespace cacheindex::cache {

/// The one thread that writes a store: takes what waits, runs it in one transaction, commits.
///
/// Threads: all methods may be called concurrently. Lifetime: outlives its callers; environment and
/// pool outlive it.
class Writer {
 public:
  struct Options {
    std::filesystem::path directory;
    std::uint64_t map_size_max_bytes = 0;
    std::uint32_t jobs_max = 0;
  };
  Writer(const Environment& environment, SnapshotPool& snapshots, DocumentListener* listener,
         Options options, const StoreState& state);
  ~Writer();
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  // As Store's.
  Result<Committed> Write(const Store::Job& job);
  Position position() const noexcept { return Position{position_.load()}; }
  Position WaitForChange(Position seen, std::chrono::steady_clock::time_point deadline) const;
  void TrimLog(Position position);
  void Close();
  /// Fills in what the writer knows.
  void Describe(Store::Statistics& statistics) const;

 private:
  /// A job that waits, on its caller's stack.
  struct Ticket {
    explicit Ticket(const Store::Job& waiting) : job(waiting) {}

    const Store::Job& job;
    std::optional<Result<Committed>> outcome;
    std::exception_ptr thrown;
    std::condition_variable finished;
  };
  using Batch = std::vector<Ticket*>;
  enum class Next { kDone, kRunAgain };

  void Run(const std::stop_token& stop);
  /// Waits for jobs or for work of its own; an empty batch means the latter.
  Batch TakeBatch(const std::stop_token& stop);
  bool HasOwnWork() const;
  void Process(Batch batch);
  /// Runs the batch in one transaction; takes out of it what failed or has to wait.
  Next Attempt(Batch& batch);
  Result<std::unique_ptr<WriteTransaction>> Begin();
  /// Returns nullopt when all of the batch is in the transaction.
  std::optional<Next> RunJobs(WriteTransaction& transaction, Batch& batch);
  Result<void> RunOne(Ticket& ticket, WriteTransaction& transaction);
  Result<void> FinishTransaction(WriteTransaction& transaction);
  Next GiveUp(std::unique_ptr<WriteTransaction> transaction, Error error, Batch& batch);
  Next CommitTransaction(std::unique_ptr<WriteTransaction> transaction, const Batch& batch);
  /// Errors: kExhausted when the map may not grow or snapshots stay open.
  Result<void> GrowMap();
  Error CommitFailure(int status);
  /// Takes no more writes from here on; returns the reason, what failed and what to do.
  Error RefuseAfter(const Error& error);
  /// Takes no more writes from here on; returns `reason`.
  Error Refuse(Error reason);
  void Requeue(Batch& batch, std::size_t first);
  void Answer(Ticket& ticket, Result<Committed> outcome);
  void AnswerAll(const Batch& batch, const Result<Committed>& outcome);
  void MeasureFile();
  void CheckReaders();

  const Environment& environment_;
  SnapshotPool& snapshots_;
  DocumentListener* const listener_;
  const Options options_;

  std::atomic<std::uint64_t> position_;
  std::atomic<std::uint64_t> commits_{0};
  std::atomic<std::uint64_t> map_size_bytes_{0};
  std::atomic<std::uint64_t> used_bytes_{0};
  std::atomic<std::uint32_t> drops_pending_;
  std::atomic<std::uint32_t> dictionaries_trained_{0};

  mutable std::mutex mutex_;
  mutable std::condition_variable_any changed_;
  std::condition_variable_any waiting_changed_;
  std::deque<Ticket*> waiting_;
  /// Where the log may be trimmed to, and is.
  std::uint64_t trim_wanted_ = 0;
  std::uint64_t trim_done_ = 0;
  /// There is more to trim than one transaction does.
  bool is_trim_behind_ = false;
  bool is_closed_ = false;
  /// Set by the writer's thread, once: every later write gets it.
  std::optional<Error> refusal_;

  std::mutex closing_mutex_;

  // Of the writer's thread.
  Compressor compressor_;
  Decompressor decompressor_;
  /// Jobs that run alone because together they failed and none of them is known to be the cause.
  std::size_t jobs_alone_ = 0;
  bool may_maintain_ = true;
  bool is_maintaining_ = false;
  struct TrimAttempt {
    std::uint64_t position = 0;
    bool is_behind = false;
  };
  /// What the running transaction trimmed; true once it is committed.
  std::optional<TrimAttempt> trim_attempt_;
  std::chrono::steady_clock::time_point readers_checked_;

  std::jthread thread_;
};

}  // namespace cacheindex::cache
