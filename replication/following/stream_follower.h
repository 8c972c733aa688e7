#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "replication/apply/applier.h"
#include "replication/apply/known_labels.h"
#include "replication/following/outcome.h"
#include "replication/following/renamed_tables.h"
#include "replication/following/source.h"
#include "replication/following/table_copier.h"
#include "replication/postgres/catalog.h"
#include "replication/postgres/change_queue.h"
#include "replication/postgres/interrupt.h"
#include "replication/postgres/receiver.h"
#include "replication/postgres/stream_tables.h"

namespace cacheindex::replication {

/// Applies the stream of one session: from START_REPLICATION until something ends it.
///
/// Threads: one at a time. Lifetime: within that of everything it is given.
class StreamFollower {
 public:
  struct Parts {
    const Source::Options& options;
    /// How to ask the catalog when a table changes.
    PostgresConnection::Options connection;
    const Catalog& catalog;
    /// Those that the collections are made of.
    const std::set<std::uint32_t>& tables;
    Generation& generation;
    Applier& applier;
    TableCopier& copier;
    const Interrupt& interrupt;
  };

  /// What the owner does between two steps.
  struct Hooks {
    /// Something was applied that was received at this time.
    std::function<void(std::chrono::steady_clock::time_point)> progressed;
    /// The generation is live; called again and again.
    std::function<Outcome()> live;
    /// Followed tables were looked at in the catalog: these have other names now.
    std::function<void(std::vector<RenamedTable>)> renamed;
    /// Whether the session shall end, and how.
    std::function<Outcome()> should_end;
  };

  StreamFollower(Parts parts, Hooks hooks);

  /// Follows the stream in `receiver`. Never kDone.
  Outcome Follow(Receiver& receiver);

 private:
  using Clock = std::chrono::steady_clock;

  Outcome ApplyBatch(ChangeQueue::Batch batch);
  Outcome Apply(std::span<ChangeTransaction* const> transactions);
  Outcome DescribeTables(ReceivedTransaction& transaction);
  Outcome DescribeTable(const RelationMessage& relation, ReceivedTransaction::Description& result);
  Result<Catalog> ReadCatalog() const;
  Outcome CompareTable(const Table& known, const CatalogTable& now) const;
  Outcome ComparePublication(const Catalog& now) const;
  bool IsNameFollowed(const std::string& name) const;
  Outcome CheckCatalogWhenDue();
  Outcome CheckCatalog();
  Outcome AdoptTypes(const Catalog& now);
  Outcome TellTables();
  Outcome Advance();
  Outcome SaveIdle();
  Outcome FillHoles();
  Outcome ReasonOfEnd(const Error& end, const Receiver& receiver) const;

  const Parts parts_;
  const Hooks hooks_;
  std::shared_ptr<const TableMap> tables_;
  KnownLabels labels_;
  // Tables of the stream that bear a followed one's name and are none.
  std::set<std::uint32_t> ignored_;
  bool is_idle_unsaved_ = false;
  bool has_more_work_ = false;
  Clock::time_point idle_saved_{};
  Clock::time_point catalog_due_;
};

}  // namespace cacheindex::replication
