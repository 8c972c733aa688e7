#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "node/core/result.h"
#include "replication/rows/change.h"
#include "replication/rows/log_position.h"
#include "replication/rows/table.h"

/// The messages of a logical replication stream: the stream's own, and inside them those of the
/// pgoutput plugin, protocol version 1. Pure functions from bytes to values; every length is
/// checked against the bytes that are there, and what is left over is an error too. Errors:
/// kCorruption saying what was wrong.
namespace cacheindex::replication {

/// Columns that a table can have: PostgreSQL's own limit is 1,600.
inline constexpr std::size_t kColumnsMax = 1'664;

struct BeginMessage {
  LogPosition commit{};
  std::int64_t committed_at_us = 0;
  std::uint32_t transaction_id = 0;
};

struct CommitMessage {
  LogPosition commit{};
  LogPosition end{};
  std::int64_t committed_at_us = 0;
};

/// A table as it is at this place of the stream. Comes before the first change of the table in a
/// session and again whenever something about it may have changed.
struct RelationMessage {
  std::uint32_t oid = 0;
  std::string schema;
  std::string name;
  ReplicaIdentity identity = ReplicaIdentity::kDefault;
  struct Column {
    std::string name;
    std::uint32_t type = 0;
    std::int32_t type_modifier = -1;
    /// Set for all columns when the identity is kFull.
    bool is_key = false;
  };
  std::vector<Column> columns;
};

struct RowMessage {
  Change::Kind kind = Change::Kind::kInsert;
  std::uint32_t oid = 0;
  std::optional<Row> old_row;
  bool is_old_key_only = false;
  Row row;
};

struct TruncateMessage {
  std::vector<std::uint32_t> oids;
};

/// Nothing to do: a type, an origin, a message of an application.
struct OtherMessage {};

using PluginMessage = std::variant<BeginMessage, CommitMessage, RelationMessage, RowMessage,
                                   TruncateMessage, OtherMessage>;

Result<PluginMessage> ParsePluginMessage(std::string_view bytes);

/// Bytes of the plugin, and where the server is with them.
struct DataMessage {
  std::string_view bytes;
};

struct KeepaliveMessage {
  /// Everything up to here was sent or has nothing for us.
  LogPosition end{};
  bool wants_answer = false;
};

using StreamMessage = std::variant<DataMessage, KeepaliveMessage>;

/// The result points into `bytes`.
Result<StreamMessage> ParseStreamMessage(std::string_view bytes);

/// What the server is told.
struct StatusMessage {
  LogPosition written{};
  /// Durable: the server may forget what is before.
  LogPosition flushed{};
  LogPosition applied{};
  /// Microseconds since 1970-01-01 UTC.
  std::int64_t now_us = 0;
  bool wants_answer = false;
};

std::string FormatStatusMessage(const StatusMessage& status);

}  // namespace cacheindex::replication
