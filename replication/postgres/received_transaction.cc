#include "replication/postgres/received_transaction.h"

#include <utility>

namespace cacheindex::replication {

ReceivedTransaction::ReceivedTransaction(const BeginMessage& begin, MessageLog::Options options)
    : log_(std::move(options)) {
  commit = begin.commit;
  committed_at_us = begin.committed_at_us;
  transaction_id = begin.transaction_id;
}

Result<void> ReceivedTransaction::Append(std::string_view message) {
  const char type = message.empty() ? '\0' : message.front();
  switch (type) {
    case 'R': {
      Result<PluginMessage> relation = ParsePluginMessage(message);
      if (!relation) {
        return std::move(relation).error();
      }
      relations_.push_back(std::move(std::get<RelationMessage>(*relation)));
      break;
    }
    case 'I':
    case 'U':
    case 'D':
    case 'T':
      ++change_count;
      break;
    default: {
      // Nothing to keep, and the last chance to look at it.
      Result<PluginMessage> other = ParsePluginMessage(message);
      if (!other) {
        return std::move(other).error();
      }
      if (!std::holds_alternative<OtherMessage>(*other)) {
        return Error(ErrorCode::kCorruption,
                     "replication message '" + std::string(1, type) + "' inside a transaction");
      }
      return {};
    }
  }
  return log_.Append(message);
}

Result<void> ReceivedTransaction::Finish(const CommitMessage& commit_message) {
  if (commit_message.commit != commit) {
    return Error(ErrorCode::kCorruption, "the transaction that begins with commit position " +
                                             ToString(commit) + " ends with " +
                                             ToString(commit_message.commit));
  }
  end = commit_message.end;
  return log_.Seal();
}

void ReceivedTransaction::SetTables(std::shared_ptr<const TableMap> at_begin,
                                    std::vector<Description> descriptions) {
  tables_at_begin_ = std::move(at_begin);
  descriptions_ = std::move(descriptions);
}

std::shared_ptr<const Table> ReceivedTransaction::Find(std::uint32_t oid) const {
  if (const auto described = described_.find(oid); described != described_.end()) {
    return described->second;
  }
  const auto known = tables_at_begin_->find(oid);
  return known == tables_at_begin_->end() ? nullptr : known->second;
}

std::optional<Change> ReceivedTransaction::NextTruncated() {
  while (!truncated_.empty()) {
    Change change;
    change.kind = Change::Kind::kTruncate;
    change.table = Find(truncated_.back());
    truncated_.pop_back();
    if (change.table != nullptr) {
      return change;
    }
  }
  return std::nullopt;
}

std::optional<Change> ReceivedTransaction::TakeDescription() {
  const std::uint32_t oid = relations_[described_count_].oid;
  const Description& description = descriptions_[described_count_++];
  described_[oid] = description.table;
  if (!description.is_news) {
    return std::nullopt;
  }
  Change change;
  change.kind = Change::Kind::kTable;
  change.table = description.table;
  return change;
}

Result<std::optional<Change>> ReceivedTransaction::ChangeOf(RowMessage message) {
  Change change;
  change.table = Find(message.oid);
  if (change.table == nullptr) {
    return std::optional<Change>();
  }
  change.kind = message.kind;
  change.old_row = std::move(message.old_row);
  change.is_old_key_only = message.is_old_key_only;
  change.row = std::move(message.row);
  const std::size_t width =
      change.kind == Change::Kind::kDelete ? change.old_row->size() : change.row.size();
  if (width != change.table->columns.size()) {
    return Error(ErrorCode::kCorruption, "a row of " + change.table->QualifiedName() + " has " +
                                             std::to_string(width) + " columns, and its table " +
                                             std::to_string(change.table->columns.size()));
  }
  return std::optional(std::move(change));
}

Result<std::optional<Change>> ReceivedTransaction::Next() {
  while (true) {
    if (std::optional<Change> truncated = NextTruncated()) {
      return truncated;
    }
    Result<std::optional<std::string_view>> bytes = log_.Next();
    if (!bytes) {
      return std::move(bytes).error();
    }
    if (!*bytes) {
      return std::optional<Change>();
    }
    std::optional<Change> change;
    if ((*bytes)->front() == 'R') {
      change = TakeDescription();
    } else {
      Result<PluginMessage> message = ParsePluginMessage(**bytes);
      if (!message) {
        return std::move(message).error();
      }
      if (auto* truncate = std::get_if<TruncateMessage>(&*message)) {
        truncated_.assign(truncate->oids.rbegin(), truncate->oids.rend());
        continue;
      }
      Result<std::optional<Change>> row = ChangeOf(std::move(std::get<RowMessage>(*message)));
      if (!row) {
        return row;
      }
      change = *std::move(row);
    }
    if (change) {
      return change;
    }
  }
}

Result<void> ReceivedTransaction::Rewind() {
  log_.Rewind();
  described_.clear();
  described_count_ = 0;
  truncated_.clear();
  return {};
}

}  // namespace cacheindex::replication
