#include <algorithm>
#include <utility>

#include "replication/apply/applier.h"
#include "replication/apply/applier_parts.h"
#include "replication/apply/known_labels.h"
#include "replication/rows/repaired_values.h"

// Changes on their way into rows.

namespace cacheindex::replication {
namespace {

std::uint64_t BytesOf(const Change& change) {
  std::uint64_t bytes = 0;
  for (const Value& value : change.row) {
    bytes += value.text.size();
  }
  return bytes;
}

// Reads changes of one transaction into rows until a limit is reached.
class ChangeReader {
 public:
  ChangeReader(cache::WriteTransaction& transaction, Work& work, RowStore& rows,
               const Applier::Limits& limits, KnownLabels* labels)
      : transaction_(transaction), work_(work), rows_(rows), limits_(limits), labels_(labels) {}

  enum class Stop : std::uint8_t { kEnd, kFull };
  /// Applies changes of `source` from where it stands until its end, or until this object has taken
  /// as much as a store transaction may.
  Result<Stop> Read(ChangeTransaction& source) {
    while (!is_full()) {
      auto change = source.Next();
      if (!change) {
        return std::move(change).error();
      }
      if (!*change) {
        return Stop::kEnd;
      }
      if (auto applied = Apply(**change, source); !applied) {
        return std::move(applied).error();
      }
    }
    return Stop::kFull;
  }

  /// Passes over `changes` changes of rows that are applied already.
  Result<void> Skip(ChangeTransaction& source, std::uint64_t changes) {
    while (changes > 0) {
      auto change = source.Next();
      if (!change) {
        return std::move(change).error();
      }
      if (!*change) {
        return Error(ErrorCode::kConflict, "the transaction with commit " +
                                               ToString(source.commit) +
                                               " came again with fewer changes");
      }
      if ((*change)->kind != Change::Kind::kTable) {
        --changes;
      } else if (auto described = Describe(**change); !described) {
        return std::move(described).error();
      }
    }
    return {};
  }

  std::uint64_t changes() const noexcept { return changes_; }
  bool is_full() const noexcept {
    return changes_ >= limits_.changes_max || bytes_ >= limits_.value_bytes_max;
  }

 private:
  Result<const StoredTable*> Describe(const Change& change) {
    return work_.tables.Describe(transaction_, change.table);
  }

  Result<void> Apply(const Change& change, const ChangeTransaction& source) {
    const auto table = Describe(change);
    if (!table) {
      return table.error();
    }
    if (change.kind == Change::Kind::kTable) {
      return {};
    }
    ++changes_;
    bytes_ += BytesOf(change);
    const std::uint64_t without_effect = rows_.changes_without_effect();
    if (auto applied = rows_.Apply(**table, change, source.commit); !applied) {
      return applied;
    }
    // A row that came too late may have labels of any time.
    const bool is_stored = rows_.changes_without_effect() == without_effect;
    return labels_ != nullptr && is_stored
               ? labels_->Check(*change.table, change.row, source.transaction_id)
               : Result<void>();
  }

  cache::WriteTransaction& transaction_;
  Work& work_;
  RowStore& rows_;
  const Applier::Limits& limits_;
  KnownLabels* const labels_;
  std::uint64_t changes_ = 0;
  std::uint64_t bytes_ = 0;
};

bool HasDocuments(const Work& work) { return work.progress.source.phase >= Phase::kBuilding; }

void FinishRows(Work& work, const RowStore& rows, const ChangeReader& reader) {
  CountRows(work.progress, rows);
  work.counted.changes += reader.changes();
  work.counted.changes_without_effect += rows.changes_without_effect();
}

bool IsSame(const Progress::Large& large, const ChangeTransaction& transaction) {
  return large.commit == transaction.commit &&
         (large.transaction_id == 0 || (large.transaction_id == transaction.transaction_id &&
                                        large.committed_at_us == transaction.committed_at_us));
}

CommitMark MarkOf(const ChangeTransaction& transaction) {
  return {.commit = transaction.commit,
          .end = transaction.end,
          .transaction_id = transaction.transaction_id,
          .committed_at_us = transaction.committed_at_us};
}

void EndTransaction(Work& work, const ChangeTransaction& transaction) {
  work.progress.source.applied = transaction.end;
  work.progress.source.last = MarkOf(transaction);
  ++work.counted.transactions;
}

}  // namespace

Result<void> Applier::Apply(std::span<ChangeTransaction* const> transactions, KnownLabels* labels) {
  Parts& parts = *parts_;
  if (parts.shape->plans == nullptr) {
    return Error(ErrorCode::kUnavailable, "the source's tables are not known yet");
  }
  while (!transactions.empty()) {
    ChangeTransaction& first = *transactions.front();
    const Progress& progress = parts.progress;
    // Strictly before: a transaction whose commit record is where the last one ended is a new one.
    if (first.commit < progress.source.applied) {
      transactions = transactions.subspan(1);
      continue;
    }
    if (progress.large && !IsSame(*progress.large, first)) {
      return Error(ErrorCode::kConflict, "the transaction with commit " +
                                             ToString(progress.large->commit) +
                                             " is applied in part and did not come again");
    }
    std::size_t together = 0;
    std::uint64_t changes = 0;
    while (!progress.large && together < transactions.size() &&
           changes + transactions[together]->change_count <= parts.limits.changes_max) {
      changes += transactions[together++]->change_count;
    }
    bool is_done = false;
    if (together > 0) {
      auto applied = parts.ApplyTogether(transactions.first(together), labels);
      // Values may be as long as they like, so some must go alone, and one may not fit at all.
      is_done = applied.has_value();
      if (!is_done && applied.error().code() != ErrorCode::kTooLarge) {
        return applied;
      }
      if (!is_done && together > 1) {
        together = 1;
        applied = parts.ApplyTogether(transactions.first(together), labels);
        is_done = applied.has_value();
        if (!is_done && applied.error().code() != ErrorCode::kTooLarge) {
          return applied;
        }
      }
    }
    if (!is_done) {
      together = 1;
      if (auto applied = parts.ApplyLarge(first, labels); !applied) {
        return applied;
      }
    }
    transactions = transactions.subspan(together);
    if (auto ended = parts.EndCopyAgain(); !ended) {
      return ended;
    }
  }
  return {};
}

Result<void> Applier::Parts::ApplyTogether(std::span<ChangeTransaction* const> transactions,
                                           KnownLabels* labels) {
  return Write([&](cache::WriteTransaction& transaction, Work& work) -> Result<void> {
    const bool has_documents = HasDocuments(work);
    DirtyDocuments dirty(transaction, work.tables, *work.plans,
                         {.since = transactions.front()->end,
                          .all_wait = work.progress.are_waiting_hidden(),
                          .immediate_documents_max = limits.immediate_documents_max,
                          .documents_max = limits.documents_max});
    RowStore rows(transaction, has_documents ? &dirty : nullptr, work.progress.uncertain_until);
    ChangeReader reader(transaction, work, rows, limits, labels);
    for (ChangeTransaction* const source : transactions) {
      if (source->commit < work.progress.source.applied) {
        continue;
      }
      if (auto rewound = source->Rewind(); !rewound) {
        return rewound;
      }
      const auto stop = reader.Read(*source);
      if (!stop) {
        return stop.error();
      }
      if (*stop == ChangeReader::Stop::kFull) {
        // Exactly full may be the end as well.
        auto next = source->Next();
        if (!next || *next) {
          return next ? Error(ErrorCode::kTooLarge, "too large for one store transaction")
                      : std::move(next).error();
        }
      }
      EndTransaction(work, *source);
    }
    FinishRows(work, rows, reader);
    EndCatchUp(work.progress, work.progress.source.applied);
    if (!has_documents) {
      return {};
    }
    if (auto finished = dirty.Finish(); !finished) {
      return finished;
    }
    work.progress.waiting += dirty.added_waiting();
    return WriteDocuments(transaction, work, dirty.documents());
  });
}

Result<void> Applier::Parts::ApplyLarge(ChangeTransaction& transaction, KnownLabels* labels) {
  // What waits is composed from rows, and rows will be between two of the source's transactions.
  while (progress.waiting > 0 && !progress.are_waiting_hidden()) {
    auto left = DrainBite();
    if (!left) {
      return std::move(left).error();
    }
  }
  if (auto rewound = transaction.Rewind(); !rewound) {
    return rewound;
  }
  std::uint64_t changes_read = 0;
  while (true) {
    auto is_done = ApplyPart(transaction, changes_read, labels);
    if (!is_done || *is_done) {
      return is_done ? Result<void>() : std::move(is_done).error();
    }
  }
}

Result<bool> Applier::Parts::ApplyPart(ChangeTransaction& source, std::uint64_t& changes_read,
                                       KnownLabels* labels) {
  bool is_done = false;
  std::uint64_t changes_done = 0;
  // Where the source stands is not undone when the job runs again.
  auto written = Write([&](cache::WriteTransaction& transaction, Work& work) -> Result<void> {
    Progress& now = work.progress;
    changes_done = now.large ? now.large->changes : 0;
    DirtyDocuments dirty(
        transaction, work.tables, *work.plans,
        {.since = source.end, .all_wait = true, .immediate_documents_max = 0, .documents_max = 0});
    RowStore rows(transaction, HasDocuments(work) ? &dirty : nullptr,
                  work.progress.uncertain_until);
    ChangeReader reader(transaction, work, rows, limits, labels);
    if (changes_read != changes_done) {
      auto rewound = source.Rewind();
      auto skipped = rewound ? reader.Skip(source, changes_done) : std::move(rewound);
      if (!skipped) {
        return skipped;
      }
    }
    changes_read = UINT64_MAX;
    const auto stop = reader.Read(source);
    if (!stop) {
      return stop.error();
    }
    changes_done += reader.changes();
    FinishRows(work, rows, reader);
    if (auto finished = dirty.Finish(); !finished) {
      return finished;
    }
    now.waiting += dirty.added_waiting();
    is_done = *stop == ChangeReader::Stop::kEnd;
    if (is_done) {
      now.large.reset();
      EndTransaction(work, source);
      EndCatchUp(now, now.source.applied);
    } else {
      now.large = Progress::Large{.commit = source.commit,
                                  .changes = changes_done,
                                  .transaction_id = source.transaction_id,
                                  .committed_at_us = source.committed_at_us};
    }
    return {};
  });
  if (!written) {
    return std::move(written).error();
  }
  changes_read = changes_done;
  return is_done;
}

Result<void> Applier::ForgetTable(std::uint32_t oid) {
  return parts_->Write([&](cache::WriteTransaction& transaction, Work& work) -> Result<void> {
    const StoredTable* const table = work.tables.Find(oid);
    if (table == nullptr) {
      return Error(ErrorCode::kNotFound, "there is no table with oid " + std::to_string(oid));
    }
    std::uint64_t rows = 0;
    auto counted =
        transaction.ScanEntries(table->rows, {}, [&](std::string_view, std::string_view) {
          ++rows;
          return true;
        });
    if (!counted) {
      return counted;
    }
    work.progress.rows -= rows;
    std::erase_if(work.progress.source.copies,
                  [&](const CopyProgress& copy) { return copy.table_oid == oid; });
    work.progress.is_copying_again = work.progress.source.phase >= Phase::kBuilding;
    if (work.progress.source.phase == Phase::kCatchUp) {
      work.progress.source.phase = Phase::kCopying;
    }
    const auto repairs = DeleteRepairs(transaction, oid);
    if (!repairs) {
      return repairs.error();
    }
    work.progress.repaired -= *repairs;
    if (auto emptied = work.tables.Empty(transaction, oid); !emptied) {
      return emptied;
    }
    return DeleteCopy(transaction, oid);
  });
}

Result<void> Applier::Parts::EndCopyAgain() {
  const SourceState& source = progress.source;
  const bool is_due =
      progress.is_copying_again && !progress.large && progress.holes == 0 &&
      source.applied >= source.snapshot_max &&
      std::all_of(progress.tables.begin(), progress.tables.end(), [&](std::uint32_t table) {
        return std::any_of(source.copies.begin(), source.copies.end(), [&](const auto& copy) {
          return copy.table_oid == table && copy.is_complete;
        });
      });
  if (!is_due) {
    return {};
  }
  return Write([&](cache::WriteTransaction& transaction, Work& work) -> Result<void> {
    work.progress.is_copying_again = false;
    return WaitForAll(transaction, work);
  });
}

}  // namespace cacheindex::replication
