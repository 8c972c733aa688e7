#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cache/store.h"
#include "node/core/json.h"
#include "node/core/position.h"
#include "node/core/result.h"
#include "replication/apply/applier.h"
#include "replication/apply/document_sink.h"
#include "replication/declaration/collection_declaration.h"
#include "replication/declaration/set_aside.h"
#include "replication/rows/log_position.h"

namespace cacheindex::replication {

/// One generation of a managed store while a source writes it; owned by node/.
class Generation {
 public:
  virtual ~Generation() = default;
  virtual cache::Store& store() = 0;
  virtual DocumentSink& documents() = 0;
  /// Returns the position up to which the text index is durable.
  virtual Position text_position() = 0;
  /// Says who writes this generation, for its readers: Compose, positions, whether it can be served
  /// (Applier::phase). The source calls this as soon as its applier is open, and for the next
  /// generation before PublishNext, so that readers get the two together.
  virtual void UseApplier(std::shared_ptr<const Applier> applier) = 0;
  /// Whether readers find everything here: the documents are built, and the text index has seen
  /// them. Once true it stays so.
  virtual bool CanServe() = 0;
};

/// The generations of one source's store; implemented by node/.
///
/// Threads: called from the source's own thread.
class Generations {
 public:
  virtual ~Generations() = default;

  /// Opens the live generation, creating an empty first one when there is none.
  virtual Result<std::shared_ptr<Generation>> OpenLive() = 0;
  /// Makes an empty generation beside the live one, which goes on serving. One that an earlier
  /// process left unfinished is opened again.
  virtual Result<std::shared_ptr<Generation>> OpenNext() = 0;
  /// Removes the next generation, which nothing uses any more: the source's slot no longer fits to
  /// it. Harmless when there is none.
  virtual Result<void> DiscardNext() = 0;
  /// Makes the next generation the live one, durably and for all readers at once; the old one is
  /// removed when its last reader is done. `applier` answers for the new generation from here on.
  virtual Result<void> PublishNext() = 0;
};

/// What a source is doing, for /sources, /readyz and metrics.
struct SourceStatus {
  enum class State : std::uint8_t {
    kConnecting,
    kRefused,  ///< Preflight or declarations say no: an operator must act; `reason` says what.
    kCopying,
    kCatchUp,
    kBuilding,
    kLive,
    kStale,       ///< A former generation serves and nothing follows; `reason` says why.
    kRebuilding,  ///< A former generation serves, a new one is being made.
  };
  State state = State::kConnecting;
  /// Why; in any state also what an operator should do, as for a table that was renamed.
  std::string reason;
  std::uint64_t generation = 0;
  LogPosition received{};
  LogPosition applied{};
  LogPosition indexed{};
  LogPosition searchable{};
  /// What the server was told last.
  LogPosition acknowledged{};
  /// The server's end of log as last heard.
  LogPosition server{};
  /// Since the last message of the server was received and everything before it applied: the sign
  /// of life from end to end.
  std::chrono::milliseconds heartbeat_age{0};
  std::uint64_t queue_bytes = 0;
  std::uint64_t spool_bytes = 0;
  std::uint64_t reconnects = 0;
  std::uint64_t rebuilds = 0;
  /// Why the last of them was begun; empty for none.
  std::string rebuild_reason;
  Applier::Statistics applier;
  struct TableStatus {
    std::string name;
    /// "copying", "live", "replaced": another table that is not published has its name; or
    /// "failed": its collections are set aside, or there are none of it.
    std::string state;
    std::uint64_t rows_copied = 0;
    std::string reason;
  };
  /// Those that the collections are made of, and published ones that cannot be followed.
  std::vector<TableStatus> tables;
  /// Why rows that should be documents are none: the first of applier.documents_refused.
  std::vector<std::string> refused_documents;
  /// Which values are no UTF-8 and are repaired: the first of applier.rows_repaired.
  std::vector<std::string> repaired_values;
  /// What cannot be served although the source is live, and why.
  SetAsideCollections set_aside;
};

/// One thing that preflight found.
struct PreflightFinding {
  enum class Severity : std::uint8_t { kWarning, kError };
  Severity severity = Severity::kError;
  std::string message;
  /// The statement or setting that mends it; empty when there is none.
  std::string remedy;
};

/// Says what the sink of the documents would refuse of a schema (DocumentSink::EnsureCollection).
using SchemaCheck = std::function<Result<void>(const Json& schema)>;

/// Follows one PostgreSQL database into managed collections. Start here.
///
/// Threads: two of its own (receiver, applier). All methods may be called concurrently.
class Source {
 public:
  struct Options {
    std::string name;
    /// libpq's connection string; a password comes from the environment or a password file.
    std::string connection;
    std::string publication;
    /// [a-z0-9_]{1,63}, one per node.
    std::string slot;
    std::vector<CollectionDeclaration> collections;
    /// For transactions that are larger than the queue.
    std::filesystem::path spool_directory;
    /// Decoded changes in memory between receiver and applier, at most.
    std::uint64_t queue_bytes_max = std::uint64_t{64} << 20;
    /// A larger transaction goes to the spool.
    std::uint64_t transaction_bytes_max = std::uint64_t{8} << 20;
    std::uint64_t spool_bytes_max = std::uint64_t{64} << 30;
    std::chrono::milliseconds status_interval{1'000};
    std::chrono::milliseconds lock_timeout{5'000};
    /// How often the catalog is looked at for what the stream does not tell; 0 means never.
    std::chrono::milliseconds catalog_interval{60'000};
    std::chrono::milliseconds backoff_min{200};
    std::chrono::milliseconds backoff_max{30'000};
    /// Committed transactions that are applied in one store transaction, at most.
    std::uint32_t group_transactions_max = 512;
    /// What now() is in documents.
    UnixClock clock = SystemClock();
    /// Told when the state or its reason changes, from the source's own thread; may be empty, and
    /// must not call the source.
    std::function<void(SourceStatus::State, const std::string& reason)> state_changed;
  };

  /// Starts to follow; returns at once, whatever state the server is in.
  /// Errors: kInvalidArgument, what the live generation says when it cannot be opened.
  static Result<std::unique_ptr<Source>> Start(const Options& options, Generations& generations);
  ~Source();
  Source(const Source&) = delete;
  Source& operator=(const Source&) = delete;

  /// Stops both threads; what was applied is durable. Repeating it is harmless.
  void Stop();

  SourceStatus Status() const;

  /// The applier of the live generation, for Compose and positions; changes when a rebuild is done.
  std::shared_ptr<const Applier> applier() const;

  /// Waits until everything committed up to `position` is readable (`for_search`: searchable), or
  /// the deadline.
  /// Errors: kTimeout; kInvalidArgument when the position belongs to a history that the server
  /// left.
  Result<void> WaitFor(LogPosition position, bool for_search,
                       std::chrono::steady_clock::time_point deadline) const;

  /// Asks for a new generation; what serves goes on serving until it is done.
  void RequestRebuild();

  /// Looks at the server without changing anything there, and at what the declarations make of it.
  /// A server that cannot be asked is a finding, beside those that need none.
  /// Errors: kInvalidArgument naming the option.
  static Result<std::vector<PreflightFinding>> Check(const Options& options,
                                                     const SchemaCheck& check_schema);

 private:
  class Runner;
  explicit Source(std::unique_ptr<Runner> runner);
  std::unique_ptr<Runner> runner_;
};

}  // namespace cacheindex::replication
