#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "replication/postgres/message_log.h"
#include "replication/postgres/pgoutput.h"
#include "replication/postgres/stream_tables.h"
#include "replication/rows/change.h"

namespace cacheindex::replication {

/// A transaction as it came through the stream: the plugin's messages, decoded each time they are
/// read.
///
/// Threads: one at a time; filled by the receiver, handed on through the queue.
class ReceivedTransaction : public ChangeTransaction {
 public:
  ReceivedTransaction(const BeginMessage& begin, MessageLog::Options options);

  /// Adds a message between BEGIN and COMMIT.
  Result<void> Append(std::string_view message);
  /// Errors: kCorruption when `commit` is not that of the begin.
  Result<void> Finish(const CommitMessage& commit);

  /// The tables that are described inside, in the stream's order.
  const std::vector<RelationMessage>& relations() const { return relations_; }

  struct Description {
    /// nullptr for a table that nobody follows: its changes are skipped.
    std::shared_ptr<const Table> table;
    /// Whether it must be told before the table's next change.
    bool is_news = false;
  };
  /// Says what is behind the oids: at the beginning, and after each of relations().
  void SetTables(std::shared_ptr<const TableMap> at_begin, std::vector<Description> descriptions);

  Result<std::optional<Change>> Next() override;
  Result<void> Rewind() override;

  std::uint64_t memory_bytes() const { return log_.memory_bytes(); }
  std::uint64_t file_bytes() const { return log_.file_bytes(); }

 private:
  std::optional<Change> NextTruncated();
  std::optional<Change> TakeDescription();
  Result<std::optional<Change>> ChangeOf(RowMessage message);
  std::shared_ptr<const Table> Find(std::uint32_t oid) const;

  MessageLog log_;
  std::vector<RelationMessage> relations_;
  std::shared_ptr<const TableMap> tables_at_begin_;
  std::vector<Description> descriptions_;
  // Where reading is.
  TableMap described_;
  std::size_t described_count_ = 0;
  std::vector<std::uint32_t> truncated_;
};

}  // namespace cacheindex::replication
