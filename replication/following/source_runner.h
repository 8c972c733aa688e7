#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>

#include "replication/apply/applier.h"
#include "replication/declaration/set_aside.h"
#include "replication/following/continuity.h"
#include "replication/following/outcome.h"
#include "replication/following/renamed_tables.h"
#include "replication/following/source.h"
#include "replication/following/table_copier.h"
#include "replication/postgres/catalog.h"
#include "replication/postgres/interrupt.h"
#include "replication/postgres/receiver.h"
#include "replication/postgres/slot.h"

namespace cacheindex::replication {

/// The life of a source: connects, decides, copies, follows, builds anew, and begins again after a
/// while whatever happens.
///
///   FollowOnce: connect -> Judge -+-> kBegin: MakeSlot -> Copy -> Stream
///                                 +-> kResume: Copy what is left -> Stream
///                                 +-> kRebuild: PrepareNext, then FollowOnce with the next one
///   a next generation that is live: Publish
///
/// A table that cannot be followed, or not be copied again and again, sets aside the collections
/// that are made of it, as long as others remain: a generation is built without them, until a
/// rebuild is asked for. What a former generation has of them is kept, as it is.
///
/// Threads: one of its own applies, the receiver's receives; public methods from any.
class Source::Runner {
 public:
  Runner(const Options& options, Generations& generations);
  ~Runner();
  Runner(const Runner&) = delete;
  Runner& operator=(const Runner&) = delete;

  Result<void> Start();
  void Stop();
  SourceStatus Status() const;
  std::shared_ptr<const Applier> applier() const;
  Result<void> WaitFor(LogPosition position, bool for_search,
                       std::chrono::steady_clock::time_point deadline) const;
  void RequestRebuild() { is_rebuild_wanted_.store(true); }

 private:
  using Clock = std::chrono::steady_clock;

  /// A generation and who writes it. The applier uses the generation's store, so it goes first.
  struct Following {
    std::shared_ptr<Generation> generation;
    std::shared_ptr<Applier> applier;
    Following() = default;
    Following(const Following&) = delete;
    Following& operator=(const Following&) = delete;
    ~Following() { applier.reset(); }
  };

  /// What one session knows of the server.
  struct Session {
    std::unique_ptr<PostgresConnection> replication;
    std::unique_ptr<PostgresConnection> queries;
    SystemIdentity identity;
    Catalog catalog;
    /// Those that cannot be followed: by oid, why.
    std::map<std::uint32_t, std::string> failed_tables;
    /// Those that the collections are made of.
    std::set<std::uint32_t> tables;
    /// Those of them that bear other names than those that are declared.
    std::vector<RenamedTable> renamed;
  };

  Result<std::shared_ptr<Following>> OpenFollowing(std::shared_ptr<Generation> generation) const;

  void Run();
  Outcome FollowOnce();
  Outcome Connect(Session& session);
  /// The tables that a generation is made of; none before it is begun.
  static std::vector<std::shared_ptr<const Table>> TablesOf(const Applier& applier);
  /// As TablesOf, or those of the generation that serves: the names that are declared.
  std::vector<std::shared_ptr<const Table>> NamedTables(const Applier& applier) const;
  static std::set<std::uint32_t> OidsOf(const std::vector<std::shared_ptr<const Table>>& tables);
  Outcome CheckTables(Session& session) const;
  Result<Verdict> JudgeSession(Session& session, const Applier& applier) const;
  Outcome DescribeTables(Session& session, Applier& applier);
  /// Sets aside what tables that cannot be followed make impossible: at once where there are no
  /// documents yet, after some tries where there are.
  Outcome SetAsideFailed(const Session& session, Applier& applier);
  /// What is to be done after the copy of a table has failed.
  Outcome AfterCopy(Outcome outcome, const TableCopier& copier, const Following& following,
                    const Session& session);
  /// Whether readers can do without these besides those that `applier` leaves out already.
  Result<bool> MayBeSetAside(const SetAsideCollections& collections, const Applier& applier) const;
  /// Takes over what a former generation that serves has of what an empty one leaves out.
  Outcome KeepSetAside(const Session& session, Applier& applier);
  Outcome MakeSlot(Session& session, Applier& applier) const;
  Outcome Copy(Session& session, TableCopier& copier, Following& following);
  Outcome Stream(Session& session, TableCopier& copier, Following& following);
  /// Ends what the server fails to decode again and again.
  Outcome AfterStream(Outcome outcome, LogPosition applied);
  Outcome Publish();
  Result<std::shared_ptr<Following>> OpenNext();
  /// `is_asked_for`: somebody wants everything to be tried again.
  Outcome PrepareNext(bool is_asked_for, const std::string& reason);
  Outcome EndRequested() const;

  PostgresConnection::Options ConnectionOptions(bool is_replication) const;
  std::shared_ptr<Following> current() const;
  void SetState(SourceStatus::State state, const std::string& reason);
  void ShowRenamed(std::vector<RenamedTable> renamed);
  /// What an operator should know although everything is followed; called under the lock.
  std::string Notice() const;
  void ShowSession(const Session& session, const Applier& applier);
  /// Shows a table that nothing is made of because it failed; called under the lock.
  void ShowFailed(const SetAsideCollection& set_aside);
  void ShowCopies(const Applier& applier);
  void ShowFailedCopy(const std::optional<TableCopier::FailedTable>& failed);
  SourceStatus::State StateOf(const Following& following) const;
  bool DoesFormerServe() const;
  /// Whether readers have documents, of whatever generation.
  bool IsServed() const;
  bool Pause(std::chrono::milliseconds pause);
  /// Makes what is due by the clock, also of a former generation that still serves.
  void KeepClock();

  const Options options_;
  Generations& generations_;
  Interrupt interrupt_;
  std::atomic<bool> is_rebuild_wanted_ = false;
  /// Of the server; decides where a page of the log has a long header.
  std::atomic<std::uint64_t> log_segment_bytes_ = 0;

  mutable std::mutex mutex_;
  mutable std::condition_variable progressed_;
  std::shared_ptr<Following> live_;
  std::shared_ptr<Following> next_;
  std::shared_ptr<Receiver> receiver_;
  SourceStatus status_;
  std::vector<RenamedTable> renamed_;
  /// The table that the copy stumbles over again and again.
  std::optional<TableCopier::FailedTable> failed_copy_;
  /// Of the loop: whose copy failed last, and how often in a row.
  std::uint32_t failed_copy_oid_ = 0;
  std::uint32_t failed_copy_tries_ = 0;
  /// How often in a row tables of collections could not be followed.
  std::uint32_t unfollowable_tries_ = 0;
  /// What the next generation leaves out.
  SetAsideCollections next_set_aside_;
  Clock::time_point heartbeat_;
  bool is_stopped_ = false;
  std::chrono::milliseconds backoff_{0};
  /// Where the server failed to decode its log, and how often in a row.
  LogPosition undecodable_{};
  std::uint32_t undecodable_tries_ = 0;
  std::thread thread_;
};

}  // namespace cacheindex::replication
