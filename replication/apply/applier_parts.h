#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "replication/apply/applier.h"
#include "replication/apply/progress.h"
#include "replication/assembly/dirty_documents.h"
#include "replication/rows/row_store.h"
#include "replication/rows/table_catalogue.h"

namespace cacheindex::replication {

/// What readers need to know of a generation's rows, at one commit.
struct Shape {
  TableCatalogue tables;
  /// Nullptr until SetTables has found the declarations to fit.
  std::shared_ptr<const PlanSet> plans;
};

/// What one store transaction changes beside the store: copied at its beginning, because it may run
/// twice, and adopted when it is committed.
struct Work {
  TableCatalogue tables;
  std::shared_ptr<const PlanSet> plans;
  Progress progress;
  /// What now() is in the documents that are made.
  std::int64_t clock = 0;
  /// Transactions, changes and documents count from 0 for each store transaction.
  Applier::Statistics counted;
};

struct Applier::Parts {
  Parts(cache::Store& store_in, DocumentSink& sink_in,
        std::vector<CollectionDeclaration> declarations_in, const Limits& limits_in,
        UnixClock clock_in)
      : store(store_in),
        sink(sink_in),
        declarations(std::move(declarations_in)),
        limits(limits_in),
        clock(std::move(clock_in)) {}

  /// Runs `job` in a store transaction, saves the progress there, and adopts both.
  using Job = std::function<Result<void>(cache::WriteTransaction&, Work&)>;
  Result<void> Write(const Job& job);

  /// Makes plans of the declarations and tables, without asking the sink.
  Result<std::vector<CollectionPlan>> MakePlans(const TableCatalogue& tables) const;
  /// What the documents are made by, as text.
  std::string DescribeDeclarations() const;

  // applier_keeping.cc
  /// Returns the schema by which the documents of a collection were made, nullopt when it is not
  /// known.
  Result<std::optional<Json>> SchemaOf(const cache::View& view, std::string_view collection) const;
  Result<void> KeepSome(const Json& schema,
                        std::span<const cache::View::IdentifiedDocument> documents);

  // applier_changes.cc
  Result<void> ApplyTogether(std::span<ChangeTransaction* const> transactions, KnownLabels* labels);
  Result<void> ApplyLarge(ChangeTransaction& transaction, KnownLabels* labels);
  Result<bool> ApplyPart(ChangeTransaction& transaction, std::uint64_t& changes_read,
                         KnownLabels* labels);
  Result<void> EndCopyAgain();

  // applier_documents.cc
  Result<void> WriteDocuments(
      cache::WriteTransaction& transaction, Work& work,
      const std::map<DirtyDocuments::DocumentKey, DirtyDocuments::Rebuild>& documents);
  /// Returns whether documents are left.
  Result<bool> BuildBite();
  Result<bool> DrainBite();
  Result<void> WaitForAll(cache::WriteTransaction& transaction, Work& work);
  Result<void> AdvanceClock(cache::WriteTransaction& transaction, Work& work) const;

  cache::Store& store;
  DocumentSink& sink;
  const std::vector<CollectionDeclaration> declarations;
  const Limits limits;
  const UnixClock clock;

  /// Guards what follows; written by the writer's thread only, which reads it without.
  mutable std::mutex mutex;
  std::shared_ptr<const Shape> shape;
  Progress progress;
  Statistics statistics;
  LogPosition idle{};

  /// What is true once the text index has reached a position of the store; positions grow.
  struct Milestone {
    Position text{};
    LogPosition indexed{};
    LogPosition searchable{};
  };
  std::deque<Milestone> milestones;
  /// What is true whatever the text index does.
  Milestone passed;
  /// Documents of the next bite: as many as take about kDrainBite, because changes wait behind it.
  /// Of the writer's thread only.
  std::size_t drained_documents = 200;
  /// When the next document is due. Of the writer's thread only.
  std::optional<std::int64_t> next_due;
  /// Since when the longest waiting document waits.
  std::optional<LogPosition> waiting_since;
};

/// Adds what `rows` wrote to the numbers of rows and holes.
void CountRows(Progress& progress, const RowStore& rows);

/// Ends the phase kCatchUp where it is due.
void EndCatchUp(Progress& progress, LogPosition passed);

}  // namespace cacheindex::replication
