#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>

#include "cache/numbers.h"
#include "cache/store.h"
#include "index/documents/fresh_words.h"
#include "index/schema/schema_cache.h"
#include "index/text/text_follower.h"
#include "index/text/text_index.h"
#include "index/text/text_readers.h"
#include "index/text/text_statistics.h"
#include "node/core/position.h"
#include "node/core/result.h"

namespace cacheindex::index {

/// Keeps the text indexes of one store up to date: follows the store's log, commits in groups, and
/// builds again what is missing or damaged.
///
/// When Xapian cannot write (disk full, I/O error) it says so in statistics() and to those who
/// wait, and tries again from what is durable, less and less often. Searches go on meanwhile.
///
/// Threads: Start and Stop by one; all other methods may be called concurrently between them.
/// Lifetime: Stop before what Start was given ends.
class TextIndexer {
 public:
  TextIndexer() = default;
  ~TextIndexer() { Stop(); }
  TextIndexer(const TextIndexer&) = delete;
  TextIndexer& operator=(const TextIndexer&) = delete;

  /// Opens the text indexes below `directory`, which exists, and begins to follow `store`.
  Result<void> Start(cache::Store& store, SchemaCache& schemas, FreshWords& fresh,
                     const std::filesystem::path& directory);
  /// Gives up what is not committed; the next Start finds it in the log.
  void Stop();

  /// Returns the position up to which everything is searchable. Indexes that are being built again
  /// do not hold it back: nobody can search them (OpenReader).
  Position position() const noexcept { return Position{position_.load()}; }

  /// Waits until position() has reached `position`; the text indexer commits at once for those who
  /// wait here.
  /// Errors: kUnavailable at the deadline and after Stop; what keeps Xapian from writing.
  Result<void> WaitSearchable(Position position, std::chrono::steady_clock::time_point deadline);

  /// Returns a reader of the latest committed state of one collection's index.
  /// Errors: kUnavailable while it is being built again.
  Result<TextReader> OpenReader(cache::CollectionNumber collection) const {
    return readers_.Open(collection);
  }

  TextStatistics statistics() const;

  /// Lets the index of `collection` be built again, if it is not already.
  void ReportDamage(cache::CollectionNumber collection) { readers_.ReportDamage(collection); }

  /// Writes copies of all text indexes below `target`, during which nothing is indexed, and then
  /// calls `copy_store`. The log is not trimmed before that returns, so the copy of the store can
  /// bring the copies of the text indexes up to date.
  Result<void> CopyTo(const std::filesystem::path& target,
                      const std::function<Result<void>()>& copy_store);

 private:
  using Clock = std::chrono::steady_clock;

  // One thread works, and one wakes it when the store has changed: the worker also wakes for those
  // who begin to wait, and the store's wait knows nothing of them.
  void Work(const std::stop_token& stop);
  void Watch(const std::stop_token& stop);

  /// Brings everything one step forward. Returns when to look again unless woken before.
  Result<Clock::time_point> Step();
  bool IsCommitDue(bool is_end, Clock::time_point now) const;
  Result<void> Commit();
  void Publish(Position position);
  void SetFailure(std::optional<std::string> failure);
  /// Waits for the end of a copy. Returns false when asked to stop.
  bool BeginStep(const std::stop_token& stop);
  void EndStep();
  void Sleep(const std::stop_token& stop, Clock::time_point until);

  cache::Store* store_ = nullptr;
  TextFollower::Options follower_options_;
  TextReaders readers_;

  std::atomic<std::uint64_t> position_{0};
  std::atomic<std::uint64_t> documents_indexed_{0};
  std::atomic<std::uint64_t> commits_{0};
  std::atomic<std::uint64_t> damaged_documents_{0};
  std::atomic<std::int64_t> last_commit_us_{0};

  // Of the worker, between Start and Stop.
  std::unique_ptr<TextFollower> follower_;
  Clock::time_point first_uncommitted_{};
  Clock::time_point next_maintenance_{};

  mutable std::mutex mutex_;
  std::condition_variable_any wake_worker_;
  std::condition_variable wake_waiters_;
  bool has_work_ = false;
  bool is_running_ = false;
  bool is_stepping_ = false;
  /// Copies of the text indexes, and of the store, that go on.
  int text_copies_ = 0;
  int store_copies_ = 0;
  /// Positions that somebody waits for.
  std::multiset<Position> waiting_for_;
  std::optional<std::string> failure_;

  // Last, so that they end first.
  std::jthread worker_;
  std::jthread watcher_;
};

}  // namespace cacheindex::index
