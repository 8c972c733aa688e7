#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "cache/foreign_store.h"
#include "node/core/result.h"

struct MDB_cursor;

namespace cacheindex::cache {

/// A part of a store whose keys lie together.
struct Range {
  enum class Kind : std::uint8_t {
    kDocuments,  ///< Of a collection: hashes, and that their numbers lead back to them.
    kNumbers,    ///< Of a collection: that their ids lead back to them.
    kPages,      ///< Of a column: checksums.
    kEntries,    ///< Of a column: checksums.
    kLog,        ///< Of the store: the entries' checksums.
  };
  Kind kind = Kind::kLog;
  /// Of the collection or the column.
  std::uint32_t number = 0;
  /// Instead of one of them, all: the order of their keys, and nothing else. A key that changed may
  /// hide from whoever looks for it, or for its neighbours.
  bool is_order_of_all = false;
};

/// Reads a range of a store that somebody else writes, and compares all that is in it with its
/// checksums, in slices: each has a short view of its own, so what is written meanwhile waits for
/// nobody, and what is read is as it is then. What was dropped is not there.
///
/// Threads: one at a time. Lifetime: within that of the store.
class RangeReader {
 public:
  /// After so much, or as long, a slice is over with the item that it is at.
  static constexpr std::uint64_t kSliceBytesMax = std::uint64_t{256} << 10;
  static constexpr std::chrono::milliseconds kSliceTimeMax{10};

  RangeReader(const ForeignStore& store, Range range) : store_(&store), range_(range) {}

  struct Slice {
    /// What the items take in the store.
    std::uint64_t bytes = 0;
    std::uint64_t items = 0;
    /// How long its view was open.
    std::chrono::microseconds took{0};
    bool is_end = false;
    /// It ended because the pages themselves contradict each other.
    bool is_broken = false;
  };
  /// Reads the next slice, and tells `find` of each thing that is not as it was written. Damage
  /// that hides what comes after it ends the range.
  /// Errors: those of OpenView.
  Result<Slice> Next(const std::function<void(std::string what)>& find);

 private:
  Result<void> Read(const ForeignView& view, const std::function<void(std::string what)>& find,
                    Slice& slice);
  Result<void> CheckBeyond(MDB_cursor* cursor) const;
  void Check(const ForeignView& view, std::string_view key, std::string_view value,
             const std::function<void(std::string what)>& find) const;

  const ForeignStore* store_;
  Range range_;
  /// The key of the last item that was read; empty before the first.
  std::string last_;
};

}  // namespace cacheindex::cache
