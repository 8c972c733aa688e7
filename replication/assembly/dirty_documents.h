#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "cache/write_transaction.h"
#include "node/core/result.h"
#include "replication/declaration/collection_plan.h"
#include "replication/rows/row_store.h"
#include "replication/rows/table_catalogue.h"

namespace cacheindex::replication {

/// The plans of all collections, and where each table appears in them.
struct PlanSet {
  std::vector<CollectionPlan> plans;
  struct Appearance {
    std::uint32_t plan = 0;
    std::uint32_t place = 0;
  };
  std::unordered_map<std::uint32_t, std::vector<Appearance>> appearances;

  explicit PlanSet(std::vector<CollectionPlan> made);
};

/// Follows changed rows to the documents that show them: through the old and the new values of each
/// row's own links at once, through links of others to it when Finish is called.
///
/// A row that is shared by many is followed once for all its changes. What is followed through
/// another row uses that row as it is then: had it changed, it would be followed itself.
/// Lifetime: one job of the store's writer.
class DirtyDocuments : public RowObserver {
 public:
  struct Options {
    /// End of the first transaction whose changes are followed: what waits waits since then.
    LogPosition since{};
    /// Nothing is rebuilt now.
    bool all_wait = false;
    /// Of one shared row, and of all rows: further documents wait.
    std::size_t immediate_documents_max = 0;
    std::size_t documents_max = 0;
  };
  /// `tables` must be the one that the rows are written by.
  DirtyDocuments(cache::WriteTransaction& transaction, const TableCatalogue& tables,
                 const PlanSet& plans, const Options& options)
      : transaction_(transaction), tables_(tables), plans_(plans), options_(options) {}

  Result<void> RowChanged(const StoredTable& table, std::string_view key, const StoredRow* before,
                          const StoredRow* after) override;

  /// Follows what many documents share. To be called when all rows are written.
  Result<void> Finish();

  /// A root row's document: number of the plan and the row's key.
  using DocumentKey = std::pair<std::uint32_t, std::string>;
  struct Rebuild {
    /// Of a document to be removed, or empty.
    std::string gone_id;
    /// What may differ from what is stored.
    FieldSet fields;
  };
  /// Documents to be rebuilt now.
  const std::map<DocumentKey, Rebuild>& documents() const noexcept { return documents_; }
  /// Documents that began to wait.
  std::uint64_t added_waiting() const noexcept { return added_waiting_; }

 private:
  /// Rows at a place whose parents are found through an index, by the values that they are found
  /// by.
  struct Shared {
    std::uint32_t plan = 0;
    std::uint32_t place = 0;
    std::string values;
    // NOLINTNEXTLINE(modernize-use-nullptr): misfires on a defaulted comparison.
    auto operator<=>(const Shared&) const = default;
  };

  static FieldSet Affected(const Place& place, const StoredRow* before, const StoredRow* after);
  Result<void> AddDocument(std::uint32_t plan, std::string_view key, std::string_view gone_id,
                           FieldSet fields);
  Result<void> Climb(std::uint32_t plan, std::uint32_t place, const StoredRow& row,
                     FieldSet fields);
  Result<void> Reach(std::uint32_t plan, std::uint32_t place, std::string_view key,
                     FieldSet fields);
  Result<void> FollowShared(const Shared& shared, FieldSet fields);

  cache::WriteTransaction& transaction_;
  const TableCatalogue& tables_;
  const PlanSet& plans_;
  Options options_;
  std::map<DocumentKey, Rebuild> documents_;
  /// To be followed, and followed already, for these fields.
  std::map<Shared, FieldSet> shared_;
  std::map<Shared, FieldSet> followed_;
  std::uint64_t added_waiting_ = 0;
  /// Of the row that is being followed.
  std::uint64_t reached_ = 0;
  bool is_following_ = false;
};

}  // namespace cacheindex::replication
