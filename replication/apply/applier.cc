#include "replication/apply/applier.h"

#include <algorithm>
#include <utility>

#include "replication/apply/applier_parts.h"
#include "replication/assembly/waiting_documents.h"
#include "replication/rows/repaired_values.h"

// Opening, tables, copies, holes, positions. Changes are applied in applier_changes.cc, documents
// are made in applier_documents.cc.

namespace cacheindex::replication {
namespace {

/// Milestones that wait for the text index, at most; then the last ones are joined, which is late
/// and never wrong.
constexpr std::size_t kMilestonesMax = 4'096;

LogPosition Before(LogPosition position) {
  return LogPosition{static_cast<std::uint64_t>(position) - 1};
}

bool AreAllCopied(const Progress& progress) {
  return std::all_of(progress.tables.begin(), progress.tables.end(), [&](std::uint32_t table) {
    return std::any_of(
        progress.source.copies.begin(), progress.source.copies.end(),
        [&](const CopyProgress& copy) { return copy.table_oid == table && copy.is_complete; });
  });
}

Error TablesUnknown() {
  return Error(ErrorCode::kUnavailable, "the source's tables are not known yet");
}

}  // namespace

void CountRows(Progress& progress, const RowStore& rows) {
  progress.rows += static_cast<std::uint64_t>(rows.rows_added());
  progress.holes += static_cast<std::uint64_t>(rows.holes_added());
  progress.repaired += static_cast<std::uint64_t>(rows.repairs_added());
}

void EndCatchUp(Progress& progress, LogPosition passed) {
  if (progress.source.phase == Phase::kCatchUp && progress.holes == 0 && !progress.large &&
      passed >= progress.source.snapshot_max) {
    progress.source.phase = Phase::kBuilding;
  }
}

Applier::Applier(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Applier::~Applier() = default;

Result<std::unique_ptr<Applier>> Applier::Open(cache::Store& store, DocumentSink& sink,
                                               std::vector<CollectionDeclaration> declarations) {
  return Open(store, sink, std::move(declarations), Limits(), SystemClock());
}

Result<std::unique_ptr<Applier>> Applier::Open(cache::Store& store, DocumentSink& sink,
                                               std::vector<CollectionDeclaration> declarations,
                                               const Limits& limits, UnixClock clock) {
  auto parts =
      std::make_unique<Parts>(store, sink, std::move(declarations), limits, std::move(clock));
  const auto snapshot = store.OpenSnapshot();
  if (!snapshot) {
    return snapshot.error();
  }
  auto progress = LoadProgress(*snapshot);
  if (!progress) {
    return std::move(progress).error();
  }
  auto tables = TableCatalogue::Load(*snapshot);
  if (!tables) {
    return std::move(tables).error();
  }
  const auto oldest = OldestWaiting(*snapshot, 1);
  if (!oldest) {
    return oldest.error();
  }
  parts->progress = *std::move(progress);
  const Progress& stored = parts->progress;
  auto shape = std::make_shared<Shape>();
  // Documents that wait can be composed before the source is reached, if the same declarations
  // made them.
  if (stored.declarations == parts->DescribeDeclarations()) {
    auto plans = parts->MakePlans(tables->Only(stored.tables));
    bool is_complete = plans.has_value();
    for (std::size_t i = 0; is_complete && i < plans->size(); ++i) {
      const auto collection = snapshot->FindCollectionHead((*plans)[i].name);
      if (!collection) {
        return collection.error();
      }
      is_complete = collection->has_value();
      if (is_complete) {
        (*plans)[i].collection = (*collection)->number;
        // Where it needs others than an older program, SetTables finds a new generation due.
        is_complete = BindIndexes((*plans)[i], *tables);
      }
    }
    if (is_complete) {
      shape->plans = std::make_shared<const PlanSet>(*std::move(plans));
    }
  }
  shape->tables = *std::move(tables);
  parts->shape = std::move(shape);
  const auto due = NextDue(*snapshot);
  if (!due) {
    return due.error();
  }
  parts->next_due = *due;
  const auto clock_shown = LoadClock(*snapshot);
  if (!clock_shown) {
    return clock_shown.error();
  }
  if (*clock_shown != INT64_MIN && stored.waiting == 0) {
    parts->statistics.clock = *clock_shown;
  }
  if (!oldest->empty()) {
    parts->waiting_since = oldest->front().since;
  }
  parts->statistics.rows = stored.rows;
  parts->statistics.holes = stored.holes;
  parts->statistics.documents_waiting = stored.waiting;
  parts->statistics.documents_refused = stored.refused;
  parts->statistics.rows_repaired = stored.repaired;
  const LogPosition applied = stored.source.applied;
  parts->milestones.push_back({.text = snapshot->position(),
                               .indexed = applied,
                               .searchable = parts->waiting_since
                                                 ? std::min(applied, Before(*parts->waiting_since))
                                                 : applied});
  return std::unique_ptr<Applier>(new Applier(std::move(parts)));
}

Result<void> Applier::Parts::Write(const Job& job) {
  Work done;
  std::optional<LogPosition> oldest_since;
  std::optional<std::int64_t> next_due_now;
  const auto committed = store.Write([&](cache::WriteTransaction& transaction) -> Result<void> {
    Work work{.tables = shape->tables,
              .plans = shape->plans,
              .progress = progress,
              .clock = 0,
              .counted = {}};
    if (auto advanced = AdvanceClock(transaction, work); !advanced) {
      return advanced;
    }
    if (auto result = job(transaction, work); !result) {
      return result;
    }
    if (auto saved = SaveProgress(transaction, work.progress); !saved) {
      return saved;
    }
    const auto due = NextDue(transaction);
    if (!due) {
      return due.error();
    }
    next_due_now = *due;
    oldest_since.reset();
    if (work.progress.waiting > 0) {
      const auto oldest = OldestWaiting(transaction, 1);
      if (!oldest) {
        return oldest.error();
      }
      if (!oldest->empty()) {
        oldest_since = oldest->front().since;
      }
    }
    done = std::move(work);
    return {};
  });
  if (!committed) {
    return committed.error();
  }
  auto next = std::make_shared<const Shape>(Shape{std::move(done.tables), std::move(done.plans)});
  const std::scoped_lock lock(mutex);
  shape = std::move(next);
  progress = std::move(done.progress);
  waiting_since = oldest_since;
  next_due = next_due_now;
  statistics.transactions += done.counted.transactions;
  statistics.changes += done.counted.changes;
  statistics.changes_without_effect += done.counted.changes_without_effect;
  statistics.documents_written += done.counted.documents_written;
  statistics.rows = progress.rows;
  statistics.holes = progress.holes;
  statistics.documents_waiting = progress.waiting;
  statistics.documents_refused = progress.refused;
  // What waits may wait because of the clock.
  if (done.clock != INT64_MIN && progress.waiting == 0) {
    statistics.clock = done.clock;
  }
  statistics.rows_repaired = progress.repaired;
  const LogPosition applied = progress.source.applied;
  Milestone milestone{
      .text = milestones.empty() ? passed.text : milestones.back().text,
      .indexed = applied,
      .searchable = waiting_since ? std::min(applied, Before(*waiting_since)) : applied};
  if (committed->changed_text) {
    milestone.text = committed->position;
  }
  const bool has_same_text = !milestones.empty() && milestones.back().text == milestone.text;
  if (has_same_text || milestones.size() >= kMilestonesMax) {
    milestones.back() = milestone;
  } else {
    milestones.push_back(milestone);
  }
  return {};
}

const SourceState& Applier::state() const { return parts_->progress.source; }

Phase Applier::phase() const {
  const std::scoped_lock lock(parts_->mutex);
  return parts_->progress.source.phase;
}

std::vector<std::shared_ptr<const Table>> Applier::tables() const {
  const std::scoped_lock lock(parts_->mutex);
  std::vector<std::shared_ptr<const Table>> tables;
  for (const std::uint32_t oid : parts_->progress.tables) {
    if (const StoredTable* const table = parts_->shape->tables.Find(oid)) {
      tables.push_back(table->latest().table);
    }
  }
  return tables;
}

std::string Applier::Parts::DescribeDeclarations() const {
  // Documents that the language made when it meant something else are made anew.
  Json all = Json::array({kLanguageVersion});
  for (const CollectionDeclaration& declaration : declarations) {
    Json fields = Json::array();
    for (const FieldDeclaration& field : declaration.fields) {
      fields.push_back({field.name, field.from, field.schema, field.default_value});
    }
    Json references = Json::array();
    for (const ReferenceDeclaration& reference : declaration.references) {
      references.push_back(
          {reference.from_table, reference.from_column, reference.to_table, reference.to_column});
    }
    all.push_back({declaration.name, declaration.root, declaration.filter, std::move(fields),
                   std::move(references), declaration.schema});
    if (!declaration.id.empty()) {
      all.back().push_back(declaration.id);
    }
  }
  return DumpJson(all);
}

Result<std::vector<CollectionPlan>> Applier::Parts::MakePlans(const TableCatalogue& tables) const {
  std::vector<CollectionPlan> plans;
  for (const CollectionDeclaration& declaration :
       WithoutSetAside(declarations, progress.set_aside)) {
    auto plan = MakePlan(declaration, tables);
    if (!plan) {
      return std::move(plan).error();
    }
    plans.push_back(*std::move(plan));
  }
  return plans;
}

Result<void> Applier::SetTables(const std::vector<std::shared_ptr<const Table>>& tables) {
  Parts& parts = *parts_;
  std::string declarations = parts.DescribeDeclarations();
  // What was left out may be possible with other declarations, and is not here.
  const bool is_bound =
      parts.progress.source.phase >= Phase::kBuilding || !parts.progress.set_aside.empty();
  if (parts.progress.source.phase != Phase::kNew && is_bound &&
      parts.progress.declarations != declarations) {
    return Error(ErrorCode::kConflict,
                 "the collections are declared differently now: a new generation is due");
  }
  return parts.Write([&](cache::WriteTransaction& transaction, Work& work) -> Result<void> {
    work.progress.tables.clear();
    for (const auto& table : tables) {
      if (auto described = work.tables.Describe(transaction, table); !described) {
        return std::move(described).error();
      }
      work.progress.tables.push_back(table->oid);
    }
    auto plans = parts.MakePlans(work.tables.Only(work.progress.tables));
    if (!plans) {
      return std::move(plans).error();
    }
    for (CollectionPlan& plan : *plans) {
      for (const NeededIndex& index : NeededIndexes(plan)) {
        if (auto made = work.tables.EnsureIndex(transaction, index.table, index.slots, index.forms);
            !made) {
          return std::move(made).error().WithContext("collection \"" + plan.name + "\"");
        }
      }
      if (!BindIndexes(plan, work.tables)) {
        return Error(ErrorCode::kCorruption, "an index of references is lost");
      }
      const auto collection = parts.sink.EnsureCollection(transaction, plan.schema);
      if (!collection) {
        return Error(collection.error()).WithContext("collection \"" + plan.name + "\"");
      }
      plan.collection = *collection;
    }
    work.plans = std::make_shared<const PlanSet>(*std::move(plans));
    work.progress.declarations = declarations;
    return SaveDeclarations(transaction, declarations);
  });
}

Result<void> Applier::Begin(const SourceIdentity& identity, LogPosition start) {
  return parts_->Write([&](cache::WriteTransaction&, Work& work) -> Result<void> {
    SourceState& source = work.progress.source;
    if (source.phase > Phase::kCopying || work.progress.rows > 0) {
      return Error(ErrorCode::kConflict, "the generation is not empty");
    }
    source.phase = Phase::kCopying;
    source.identity = identity;
    source.applied = start;
    source.last = CommitMark{.commit = start, .end = start};
    if (work.plans != nullptr && AreAllCopied(work.progress)) {
      source.phase = Phase::kCatchUp;
      EndCatchUp(work.progress, start);
    }
    return {};
  });
}

Result<void> Applier::CopyRows(const Table& table, std::span<const Row> rows,
                               SnapshotPosition snapshot, const CopyProgress& progress) {
  Parts& parts = *parts_;
  if (parts.shape->plans == nullptr) {
    return TablesUnknown();
  }
  if (snapshot.from < parts.progress.source.applied) {
    return Error(ErrorCode::kInvalidArgument, "rows of " + table.QualifiedName() + " as of " +
                                                  ToString(snapshot.from) +
                                                  " are older than what the stream brought up to " +
                                                  ToString(parts.progress.source.applied));
  }
  const auto description = std::make_shared<const Table>(table);
  return parts.Write([&](cache::WriteTransaction& transaction, Work& work) -> Result<void> {
    const auto stored = work.tables.Describe(transaction, description);
    if (!stored) {
      return stored.error();
    }
    // Where documents exist already, only holes are filled, and tables copied that were forgotten.
    const bool has_documents = work.progress.source.phase >= Phase::kBuilding;
    DirtyDocuments dirty(transaction, work.tables, *work.plans,
                         {.since = snapshot.from,
                          .all_wait = work.progress.are_waiting_hidden(),
                          .immediate_documents_max = parts.limits.immediate_documents_max,
                          .documents_max = parts.limits.documents_max});
    RowStore store(transaction, has_documents ? &dirty : nullptr, work.progress.uncertain_until);
    for (const Row& row : rows) {
      if (auto put = store.PutCopied(**stored, row, snapshot.from); !put) {
        return put;
      }
    }
    CountRows(work.progress, store);
    SourceState& source = work.progress.source;
    std::erase_if(source.copies,
                  [&](const CopyProgress& copy) { return copy.table_oid == progress.table_oid; });
    source.copies.push_back(progress);
    source.snapshot_max = std::max(source.snapshot_max, snapshot.to);
    if (snapshot.from != snapshot.to) {
      work.progress.uncertain_until = std::max(work.progress.uncertain_until, snapshot.to);
    }
    if (source.phase == Phase::kCopying && AreAllCopied(work.progress)) {
      source.phase = Phase::kCatchUp;
    }
    // The stream may be there already, and have nothing more to say.
    EndCatchUp(work.progress, source.applied);
    if (auto finished = dirty.Finish(); !finished) {
      return finished;
    }
    work.progress.waiting += dirty.added_waiting();
    if (auto written = parts.WriteDocuments(transaction, work, dirty.documents()); !written) {
      return written;
    }
    return SaveCopy(transaction, progress);
  });
}

Result<std::vector<Hole>> Applier::Holes(std::size_t holes_max) const {
  const auto snapshot = parts_->store.OpenSnapshot();
  if (!snapshot) {
    return snapshot.error();
  }
  std::vector<Hole> holes;
  auto scanned = snapshot->ScanEntries(
      cache::kOwnersColumn, kHolePrefix, [&](std::string_view key, std::string_view value) {
        Hole hole;
        for (std::size_t i = 0; i < sizeof hole.table_oid; ++i) {
          hole.table_oid =
              hole.table_oid << 8U | static_cast<unsigned char>(key[kHolePrefix.size() + i]);
        }
        if (const auto values = ParseJson(value); values && values->is_array()) {
          for (const Json& text : *values) {
            hole.key.push_back(BytesOfJson(text));
          }
        }
        holes.push_back(std::move(hole));
        return holes.size() < holes_max;
      });
  if (!scanned) {
    return std::move(scanned).error();
  }
  return holes;
}

Result<std::vector<std::string>> Applier::RepairedValues(std::size_t rows_max) const {
  const auto snapshot = parts_->store.OpenSnapshot();
  return snapshot ? Repairs(*snapshot, rows_max) : snapshot.error();
}

Result<void> Applier::FillHoles(const Table& table, std::span<const Row> rows,
                                SnapshotPosition snapshot) {
  const SourceState& source = parts_->progress.source;
  const auto copy =
      std::find_if(source.copies.begin(), source.copies.end(),
                   [&](const CopyProgress& progress) { return progress.table_oid == table.oid; });
  const CopyProgress progress =
      copy == source.copies.end()
          ? CopyProgress{.table_oid = table.oid, .is_complete = true, .last_key = {}, .rows = 0}
          : *copy;
  return CopyRows(table, rows, snapshot, progress);
}

LogPosition Applier::applied() const {
  const std::scoped_lock lock(parts_->mutex);
  return std::max(parts_->progress.source.applied, parts_->idle);
}

LogPosition Applier::indexed(Position text_position) const {
  const std::scoped_lock lock(parts_->mutex);
  auto& milestones = parts_->milestones;
  while (!milestones.empty() && milestones.front().text <= text_position) {
    parts_->passed = milestones.front();
    milestones.pop_front();
  }
  return parts_->passed.indexed;
}

LogPosition Applier::searchable(Position text_position) const {
  const LogPosition position = indexed(text_position);
  const std::scoped_lock lock(parts_->mutex);
  const bool is_idle = parts_->milestones.empty() && !parts_->waiting_since;
  return is_idle ? std::max({position, parts_->passed.searchable, parts_->idle})
                 : parts_->passed.searchable;
}

void Applier::AdvanceIdle(LogPosition position) {
  const std::scoped_lock lock(parts_->mutex);
  parts_->idle = std::max(parts_->idle, position);
}

Result<void> Applier::SaveIdle() {
  const LogPosition idle = parts_->idle;
  const SourceState& source = parts_->progress.source;
  if (idle <= source.applied) {
    return {};
  }
  return parts_->Write([&](cache::WriteTransaction&, Work& work) -> Result<void> {
    work.progress.source.applied = idle;
    EndCatchUp(work.progress, idle);
    return {};
  });
}

Result<void> Applier::AdoptTimeline(std::uint32_t timeline) {
  return parts_->Write([&](cache::WriteTransaction&, Work& work) -> Result<void> {
    work.progress.source.identity.timeline = timeline;
    return {};
  });
}

Applier::Statistics Applier::statistics() const {
  const std::scoped_lock lock(parts_->mutex);
  return parts_->statistics;
}

}  // namespace cacheindex::replication
