#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "cache/view.h"
#include "node/core/result.h"
#include "replication/declaration/collection_plan.h"
#include "replication/rows/row_store.h"
#include "replication/rows/table_catalogue.h"

namespace cacheindex::replication {

/// Rows of one place of one document, at most: a row that more belong to is no document.
inline constexpr std::size_t kPlaceRowsMax = 1'000'000;

struct LoadedRow {
  std::string_view key;
  StoredRow row;
};

/// Reads the rows that documents are made of. Rows that a key names (brands, categories) are kept
/// from one document to the next, because many documents show them.
///
/// What it returns is valid until BeginDocument. Nothing may be written to `view` while documents
/// are read from it.
/// Lifetime: within that of both arguments.
class RowReader {
 public:
  RowReader(const cache::View& view, const TableCatalogue& tables) : view_(view), tables_(tables) {}

  void BeginDocument();

  /// Returns the row, nullptr when there is none.
  Result<const LoadedRow*> Find(std::uint32_t table, std::string_view key);

  using Rows = std::vector<const LoadedRow*>;
  /// Returns the rows that `access` finds from `row`: value by value, those of one value in the
  /// order of their keys; spans from the outermost inwards.
  /// Errors: kUnprocessable when there are more than kPlaceRowsMax, or a row has more than
  /// kReferenceValuesMax values; of the view.
  Result<const Rows*> Follow(const Access& access, const LoadedRow& row);
  /// kUnprocessable, naming the table.
  Error TooManyRows(std::uint32_t table) const;

 private:
  struct KeptRow {
    std::string key;
    std::string bytes;
    LoadedRow loaded;
  };

  using Keys = std::vector<std::string_view>;

  LoadedRow& NextRow();
  Result<const LoadedRow*> FindKept(const StoredTable& table, const std::string& key);
  Result<void> ReadPrefix(const StoredTable& table, const std::string& prefix, Rows& rows);
  Result<void> ReadRows(const StoredTable& table, const Access& access, const std::string& values,
                        Rows& rows);
  Result<void> ReadIndex(const StoredTable& table, const Access& access, const std::string& values,
                         Rows& rows);
  Result<void> ReadKept(const StoredTable& table, const Keys& keys, Rows& rows);
  /// As ReadIndex for spans, kept from one document to the next.
  Result<void> ReadSpans(const StoredTable& table, const Access& access, const std::string& values,
                         Rows& rows);
  Result<void> CheckCrowded(const StoredTable& table, const ReferenceIndex& index,
                            const std::string& values);

  const cache::View& view_;
  const TableCatalogue& tables_;
  /// Used again for each document; the first `rows_used_` are in use.
  std::deque<LoadedRow> rows_;
  std::size_t rows_used_ = 0;
  /// What Follow returned for this document, by access and row.
  struct Followed {
    const Access* access = nullptr;
    const LoadedRow* row = nullptr;
    bool operator==(const Followed&) const = default;
  };
  struct HashFollowed {
    std::size_t operator()(const Followed& followed) const noexcept {
      return std::hash<const void*>()(followed.access) * 31 +
             std::hash<const void*>()(followed.row);
    }
  };
  std::unordered_map<Followed, Rows, HashFollowed> followed_;
  std::unordered_map<std::string, std::unique_ptr<KeptRow>> kept_;
  /// What ReadSpans found, by index and values; rows of kept_.
  std::unordered_map<std::string, Rows> spans_;
};

}  // namespace cacheindex::replication
