#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cache/write_transaction.h"
#include "node/core/json.h"
#include "node/core/result.h"
#include "replication/apply/applier.h"
#include "replication/declaration/set_aside.h"

namespace cacheindex::replication {

/// Everything about a source's progress that a generation keeps, in the same store transaction as
/// what it speaks of.
struct Progress {
  SourceState source;
  /// The tables of the publication, as SetTables was told last.
  std::vector<std::uint32_t> tables;
  /// What the documents were made by; another one needs another generation.
  std::string declarations;
  /// Declared, and not made here.
  SetAsideCollections set_aside;

  /// A transaction that is too large for one store transaction and applied in parts: where its
  /// commit record is, and how many of its changes of rows are in the store.
  struct Large {
    LogPosition commit{};
    std::uint64_t changes = 0;
    /// Which transaction it is; 0 in what an older program made.
    std::uint32_t transaction_id = 0;
    std::int64_t committed_at_us = 0;
  };
  std::optional<Large> large;
  /// A table of a live generation is being copied again: until that is done its documents wait.
  bool is_copying_again = false;

  /// Rows may be newer than their positions say, but not newer than this.
  LogPosition uncertain_until{};

  /// Where BuildDocuments goes on: the number of the plan, and the last root key built.
  std::uint32_t build_plan = 0;
  std::string build_after;

  std::uint64_t rows = 0;
  std::uint64_t holes = 0;
  std::uint64_t waiting = 0;
  std::uint64_t refused = 0;
  std::uint64_t repaired = 0;

  /// Rows do not stand at the end of a source's transaction: documents that wait must neither be
  /// rebuilt nor composed, what is stored is right.
  bool are_waiting_hidden() const { return large.has_value() || is_copying_again; }
};

/// Layout: entries of cache::kOwnersColumn. "state": JSON of all but what follows; "declarations":
/// their text; "kept": JSON of schemas by collection; "copy/" oid (big-endian): JSON of one
/// CopyProgress; "hidden": there while waiting documents are. Errors: kCorruption.
Result<Progress> LoadProgress(const cache::View& view);
Result<void> SaveProgress(cache::WriteTransaction& transaction, const Progress& progress);
Result<void> SaveDeclarations(cache::WriteTransaction& transaction,
                              const std::string& declarations);
/// Remembers the schema of a collection that is kept from a former generation, for the generation
/// that keeps it next.
Result<void> SaveKeptSchema(cache::WriteTransaction& transaction, const std::string& collection,
                            const Json& schema);
/// Returns nullopt when there is none.
Result<std::optional<Json>> LoadKeptSchema(const cache::View& view, std::string_view collection);
Result<void> SaveCopy(cache::WriteTransaction& transaction, const CopyProgress& copy);
Result<void> DeleteCopy(cache::WriteTransaction& transaction, std::uint32_t table);

/// Returns whether waiting documents are hidden in `view`.
Result<bool> AreWaitingHidden(const cache::View& view);

}  // namespace cacheindex::replication
