#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "node/core/result.h"
#include "replication/rows/log_position.h"
#include "replication/rows/table.h"

namespace cacheindex::replication {

/// One column's value in the source's text form under the pinned session settings (ISO dates, UTC,
/// hexadecimal bytea, all digits of floats): what the stream sends and COPY prints are the same
/// bytes.
struct Value {
  enum class State : std::uint8_t {
    kNull,
    kText,
    kUnchanged,  ///< Large and not sent because it did not change: the old row has it.
  };
  State state = State::kNull;
  std::string text;

  bool operator==(const Value&) const = default;
};

/// Values in the order of Table::columns.
using Row = std::vector<Value>;

struct Change {
  enum class Kind : std::uint8_t {
    kTable,  ///< `table` is described, for the first time or anew; no row changes.
    kInsert,
    kUpdate,
    kDelete,
    kTruncate,
  };
  Kind kind = Kind::kInsert;
  std::shared_ptr<const Table> table;
  /// What the source sent of the row before: nullopt when it sent nothing (then the key did not
  /// change). With is_old_key_only only key columns mean anything; the others are kNull and
  /// unknown.
  std::optional<Row> old_row;
  bool is_old_key_only = false;
  /// After an insert or update.
  Row row;
};

/// One committed transaction of the source, in its order. May be larger than memory: it is read one
/// change at a time, and can be read again.
class ChangeTransaction {
 public:
  virtual ~ChangeTransaction() = default;

  /// Start of the commit record; a copied row is newer than this transaction when its snapshot's
  /// position is greater.
  LogPosition commit{};
  /// End of the commit record: the position.
  LogPosition end{};
  /// Microseconds since 1970-01-01 UTC.
  std::int64_t committed_at_us = 0;
  /// The server's number of it; they come again after some time.
  std::uint32_t transaction_id = 0;
  std::uint64_t change_count = 0;

  /// Returns the next change, nullopt at the end.
  virtual Result<std::optional<Change>> Next() = 0;
  /// The next Next returns the first change again.
  virtual Result<void> Rewind() = 0;
};

}  // namespace cacheindex::replication
