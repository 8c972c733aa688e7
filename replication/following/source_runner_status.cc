#include <algorithm>
#include <utility>

#include "replication/following/source_runner.h"

// What others see of a source: states, positions, and waiting for them.

namespace cacheindex::replication {
namespace {

using State = SourceStatus::State;

// Of rows that are no documents, and of those that are repaired, so many are named.
constexpr std::size_t kRowsShownMax = 20;

}  // namespace

bool Source::Runner::IsServed() const { return live_->applier->phase() == Phase::kLive; }

bool Source::Runner::DoesFormerServe() const { return next_ != nullptr && IsServed(); }

State Source::Runner::StateOf(const Following& following) const {
  if (DoesFormerServe()) {
    return State::kRebuilding;
  }
  switch (following.applier->phase()) {
    case Phase::kNew:
      return State::kConnecting;
    case Phase::kCopying:
      return State::kCopying;
    case Phase::kCatchUp:
      return State::kCatchUp;
    case Phase::kBuilding:
      return State::kBuilding;
    case Phase::kLive:
      return following.generation->CanServe() ? State::kLive : State::kBuilding;
  }
  return State::kConnecting;
}

void Source::Runner::SetState(State state, const std::string& reason) {
  std::string said = reason;
  {
    const std::lock_guard lock(mutex_);
    if (said.empty()) {
      said = Notice();
    }
    if (status_.state == state && status_.reason == said) {
      return;
    }
    status_.state = state;
    status_.reason = said;
  }
  if (options_.state_changed && !interrupt_.is_triggered()) {
    options_.state_changed(state, said);
  }
}

std::string Source::Runner::Notice() const {
  std::string notice;
  for (const RenamedTable& table : renamed_) {
    notice += (notice.empty() ? "" : "; ") + Describe(table, options_.publication);
  }
  return notice;
}

void Source::Runner::ShowRenamed(std::vector<RenamedTable> renamed) {
  const std::lock_guard lock(mutex_);
  renamed_ = std::move(renamed);
}

void Source::Runner::ShowSession(const Session& session, const Applier& applier) {
  {
    const std::lock_guard lock(mutex_);
    status_.tables.clear();
    renamed_ = session.renamed;
    for (const CatalogTable& table : session.catalog.tables) {
      const auto failed = session.failed_tables.find(table.table->oid);
      if (failed == session.failed_tables.end() && !session.tables.contains(table.table->oid)) {
        continue;
      }
      SourceStatus::TableStatus shown;
      shown.name = table.table->QualifiedName();
      for (const RenamedTable& renamed : session.renamed) {
        shown.name = renamed.oid == table.table->oid ? renamed.followed : shown.name;
      }
      shown.state = failed == session.failed_tables.end() ? "copying" : "failed";
      shown.reason = failed == session.failed_tables.end() ? "" : failed->second;
      status_.tables.push_back(std::move(shown));
    }
    for (const SetAsideCollection& set_aside : applier.set_aside()) {
      ShowFailed(set_aside);
    }
  }
  ShowCopies(applier);
}

void Source::Runner::ShowFailed(const SetAsideCollection& set_aside) {
  const auto shown =
      std::find_if(status_.tables.begin(), status_.tables.end(),
                   [&set_aside](const auto& table) { return table.name == set_aside.table; });
  if (shown == status_.tables.end()) {
    status_.tables.push_back(
        {.name = set_aside.table, .state = "failed", .rows_copied = 0, .reason = set_aside.reason});
  }
}

void Source::Runner::ShowCopies(const Applier& applier) {
  const std::vector<std::shared_ptr<const Table>> tables = applier.tables();
  const SourceState& state = applier.state();
  const std::lock_guard lock(mutex_);
  for (const CopyProgress& progress : state.copies) {
    const auto table = std::find_if(
        tables.begin(), tables.end(),
        [&progress](const auto& candidate) { return candidate->oid == progress.table_oid; });
    if (table == tables.end()) {
      continue;
    }
    const std::string name = (*table)->QualifiedName();
    for (SourceStatus::TableStatus& shown : status_.tables) {
      if (shown.name == name && shown.state != "failed") {
        shown.rows_copied = progress.rows;
        shown.state = progress.is_complete ? "live" : "copying";
      }
    }
  }
}

void Source::Runner::ShowFailedCopy(const std::optional<TableCopier::FailedTable>& failed) {
  const std::lock_guard lock(mutex_);
  failed_copy_ = failed;
}

SourceStatus Source::Runner::Status() const {
  const std::lock_guard lock(mutex_);
  SourceStatus status = status_;
  const Following& following = *live_;
  const Position text = following.generation->text_position();
  status.applied = following.applier->applied();
  status.indexed = following.applier->indexed(text);
  status.searchable = following.applier->searchable(text);
  status.applier = following.applier->statistics();
  const bool is_being_built = next_ != nullptr && !DoesFormerServe();
  status.set_aside = (is_being_built ? *next_ : following).applier->set_aside();
  if (status.applier.documents_refused > 0) {
    // Where the store cannot be read there are more urgent news.
    if (auto refused = following.applier->RefusedDocuments(kRowsShownMax)) {
      status.refused_documents = *std::move(refused);
    }
  }
  if (status.applier.rows_repaired > 0) {
    if (auto repaired = following.applier->RepairedValues(kRowsShownMax)) {
      status.repaired_values = *std::move(repaired);
    }
  }
  for (SourceStatus::TableStatus& table : status.tables) {
    for (const RenamedTable& renamed : renamed_) {
      if (renamed.followed == table.name && table.state != "failed") {
        table.state = renamed.is_replaced ? "replaced" : table.state;
        table.reason = Describe(renamed, options_.publication);
      }
    }
    if (failed_copy_ && failed_copy_->name == table.name) {
      table.state = "failed";
      table.reason = failed_copy_->reason;
    }
  }
  status.heartbeat_age =
      std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - heartbeat_);
  if (receiver_ != nullptr) {
    status.state = StateOf(next_ == nullptr ? *live_ : *next_);
    status.received = receiver_->received();
    status.acknowledged = receiver_->acknowledged();
    status.server = receiver_->server();
    status.queue_bytes = receiver_->queue().memory_bytes();
    status.spool_bytes = receiver_->queue().file_bytes() + receiver_->spooling_bytes();
  }
  return status;
}

std::shared_ptr<const Applier> Source::Runner::applier() const {
  const std::lock_guard lock(mutex_);
  // Whoever holds the applier holds the generation that it writes.
  return {live_, live_->applier.get()};
}

namespace {

// How often who waits looks at the text index, which tells nobody when it is done.
constexpr std::chrono::milliseconds kSearchPoll{2};

// A COMMIT that does not wait for the disk is there after this.
constexpr std::chrono::milliseconds kFlushDelayMax{2'000};
// What is no COMMIT (an aborted transaction, cleaning) may stay in the server's memory as long as
// nothing else happens, and only whole pages are written without need. A position that was taken
// behind it would never be reached.
constexpr std::uint64_t kUnflushedBytesMax = 2 * kLogPageBytes;

// A server answers with how far it has read its log, which may be long before the end while it has
// much to do. Where it says the same twice, nothing is left to read.
class EndOfLog {
 public:
  bool IsReached(std::chrono::steady_clock::time_point asked, LogPosition server) {
    if (!position_ || *position_ != server) {
      position_ = server;
      asked_ = asked;
    }
    return asked > asked_;
  }

 private:
  std::optional<LogPosition> position_;
  std::chrono::steady_clock::time_point asked_;
};

}  // namespace

Result<void> Source::Runner::WaitFor(LogPosition position, bool for_search,
                                     Clock::time_point deadline) const {
  const LogPosition wanted = WithoutPageHeader(position, log_segment_bytes_.load());
  const Clock::time_point begun = Clock::now();
  EndOfLog end;
  std::unique_lock lock(mutex_);
  while (true) {
    const Following& following = *live_;
    const LogPosition reached =
        for_search ? following.applier->searchable(following.generation->text_position())
                   : following.applier->applied();
    if (reached >= wanted && following.applier->phase() == Phase::kLive) {
      return {};
    }
    if (is_stopped_) {
      return Error(ErrorCode::kUnavailable, "source '" + options_.name + "' is stopped");
    }
    const Clock::time_point now = Clock::now();
    if (now >= deadline) {
      return Error(ErrorCode::kTimeout, "source '" + options_.name + "' has reached " +
                                            ToString(reached) + " of " + ToString(position));
    }
    if (receiver_ != nullptr && receiver_->asked() > begun + kFlushDelayMax &&
        end.IsReached(receiver_->asked(), receiver_->server())) {
      // Everything that was committed before the wait began is in what the server has sent.
      const LogPosition server = receiver_->server();
      if (static_cast<std::uint64_t>(server) + kUnflushedBytesMax <
          static_cast<std::uint64_t>(wanted)) {
        return Error(ErrorCode::kInvalidArgument, "position " + ToString(position) +
                                                      " is beyond the end of the log of source '" +
                                                      options_.name + "', " + ToString(server));
      }
      if (reached >= server && following.applier->phase() == Phase::kLive) {
        return {};
      }
    }
    progressed_.wait_until(lock,
                           std::min(deadline, now + (for_search ? kSearchPoll : kFlushDelayMax)));
  }
}

}  // namespace cacheindex::replication
