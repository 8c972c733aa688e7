#include "replication/following/table_copier.h"

#include <algorithm>
#include <map>
#include <utility>

namespace cacheindex::replication {
namespace {

using Clock = std::chrono::steady_clock;

// Locks of one session; the server's table of locks is limited too.
constexpr std::size_t kSessionTablesMax = 64;
// Holes of one query.
constexpr std::size_t kHolesMax = 1'000;

std::size_t BytesOf(const Row& row) {
  std::size_t bytes = 0;
  for (const Value& value : row) {
    bytes += sizeof(Value) + value.text.size();
  }
  return bytes;
}

std::vector<std::string> KeyOf(const CatalogTable& table, const Row& row) {
  std::vector<std::string> key;
  key.reserve(table.key_columns.size());
  for (const std::string& column : table.key_columns) {
    key.push_back(row[table.table->FindColumn(column).value_or(0)].text);
  }
  return key;
}

// Whether another time or another session may do better.
bool IsOfTheTable(const Error& error) {
  return error.code() != ErrorCode::kUnavailable && error.code() != ErrorCode::kConflict;
}

// A table that changed since it was looked at is looked at again, with everything else.
Outcome OutcomeOfSource(const Error& error) { return Outcome::Retry(error); }

}  // namespace

TableCopier::TableCopier(Options options, const Catalog& catalog, std::set<std::uint32_t> tables,
                         Applier& applier, const Interrupt& interrupt)
    : options_(std::move(options)),
      catalog_(catalog),
      tables_(std::move(tables)),
      applier_(applier),
      interrupt_(interrupt) {}

CopyProgress TableCopier::ProgressOf(std::uint32_t oid) const {
  const SourceState& state = applier_.state();
  for (const CopyProgress& progress : state.copies) {
    if (progress.table_oid == oid) {
      return progress;
    }
  }
  CopyProgress none;
  none.table_oid = oid;
  return none;
}

std::vector<std::uint32_t> TableCopier::Incomplete() const {
  std::vector<std::uint32_t> incomplete;
  std::copy_if(tables_.begin(), tables_.end(), std::back_inserter(incomplete),
               [this](std::uint32_t oid) { return !ProgressOf(oid).is_complete; });
  return incomplete;
}

bool TableCopier::is_complete() const { return Incomplete().empty(); }

Result<std::unique_ptr<SnapshotSession>> TableCopier::OpenSession(
    const std::vector<std::uint32_t>& tables) const {
  const SourceState& state = applier_.state();
  // Once documents are shown, rows must not go back to what they were.
  // Nor is a change of equal rows applied twice to the same end.
  const bool is_any_keyless = std::any_of(tables.begin(), tables.end(), [this](std::uint32_t oid) {
    return catalog_.Find(oid)->table->IsKeyless();
  });
  const auto followed = state.phase < Phase::kBuilding && !is_any_keyless
                            ? std::optional(state.applied)
                            : std::nullopt;
  auto session = SnapshotSession::Open(options_.connection, options_.slot, followed, interrupt_);
  if (session) {
    if (Result<void> locked = (*session)->Lock(options_.publication, catalog_, tables); !locked) {
      return std::move(locked).error();
    }
  }
  return session;
}

Outcome TableCopier::CopySome() {
  std::vector<std::uint32_t> tables = Incomplete();
  tables.resize(std::min(tables.size(), kSessionTablesMax));
  auto session = OpenSession(tables);
  if (!session) {
    return OutcomeOfSource(session.error());
  }
  const Clock::time_point deadline = Clock::now() + options_.session_max;
  for (const std::uint32_t oid : tables) {
    if (Clock::now() >= deadline) {
      break;
    }
    if (Outcome outcome = CopyTable(**session, *catalog_.Find(oid), deadline);
        outcome.kind != Outcome::Kind::kDone) {
      return outcome;
    }
  }
  return Outcome::Done();
}

Outcome TableCopier::CopyTable(SnapshotSession& session, const CatalogTable& table,
                               Clock::time_point deadline) {
  CopyProgress progress = ProgressOf(table.table->oid);
  // Nothing says where the copy of a table without a key ended.
  if (table.table->IsKeyless() && !progress.is_complete && progress.rows > 0) {
    if (Result<void> forgotten = applier_.ForgetTable(table.table->oid); !forgotten) {
      return OutcomeOfApplier(forgotten.error());
    }
    progress = ProgressOf(table.table->oid);
  }
  while (!progress.is_complete && Clock::now() < deadline) {
    Result<std::uint64_t> rows = CopyQuery(session, table, progress);
    if (!rows) {
      if (has_applier_failed_) {
        return OutcomeOfApplier(rows.error());
      }
      if (IsOfTheTable(rows.error())) {
        failed_ = {.oid = table.table->oid,
                   .name = table.table->QualifiedName(),
                   .reason = rows.error().message()};
      }
      return OutcomeOfSource(rows.error());
    }
  }
  return Outcome::Done();
}

// Runs one query to its end and returns the number of its rows.
Result<std::uint64_t> TableCopier::CopyQuery(SnapshotSession& session, const CatalogTable& table,
                                             CopyProgress& progress) {
  SnapshotSession::Query query;
  query.after_key = progress.last_key;
  query.rows_max = table.table->IsKeyless() ? 0 : options_.query_rows_max;
  if (Result<void> started = session.StartRead(table, query); !started) {
    return std::move(started).error();
  }
  std::uint64_t rows = 0;
  while (true) {
    std::vector<Row> chunk;
    std::size_t bytes = 0;
    bool has_ended = false;
    while (chunk.size() < Applier::kChunkRowsMax && bytes < Applier::kChunkBytesMax) {
      Result<std::optional<Row>> row = session.NextRow();
      if (!row) {
        return std::move(row).error().WithContext("copy of " + table.table->QualifiedName());
      }
      if (!*row) {
        has_ended = true;
        break;
      }
      bytes += BytesOf(**row);
      chunk.push_back(*std::move(*row));
    }
    rows += chunk.size();
    progress.rows += chunk.size();
    if (!chunk.empty()) {
      progress.last_key = KeyOf(table, chunk.back());
    }
    progress.is_complete = has_ended && (query.rows_max == 0 || rows < query.rows_max);
    if (Result<void> copied = applier_.CopyRows(*table.table, chunk, session.position(), progress);
        !copied) {
      has_applier_failed_ = true;
      return std::move(copied).error();
    }
    if (has_ended) {
      return rows;
    }
    if (interrupt_.is_triggered()) {
      return Error(ErrorCode::kUnavailable, "copy: stopped");
    }
  }
}

Outcome TableCopier::FillHoles(const std::vector<Hole>& holes) {
  std::map<std::uint32_t, std::vector<std::vector<std::string>>> keys;
  std::vector<std::uint32_t> tables;
  for (const Hole& hole : holes) {
    std::vector<std::vector<std::string>>& table_keys = keys[hole.table_oid];
    if (table_keys.size() < kHolesMax) {
      table_keys.push_back(hole.key);
    }
  }
  for (const auto& [oid, table_keys] : keys) {
    if (catalog_.Find(oid) == nullptr) {
      return Outcome::Rebuild("a table with unknown values is no longer published");
    }
    tables.push_back(oid);
  }
  auto session = OpenSession(tables);
  if (!session) {
    return OutcomeOfSource(session.error());
  }
  for (const std::uint32_t oid : tables) {
    const CatalogTable& table = *catalog_.Find(oid);
    SnapshotSession::Query query;
    query.keys = keys[oid];
    if (Result<void> started = (*session)->StartRead(table, query); !started) {
      return OutcomeOfSource(started.error());
    }
    std::vector<Row> rows;
    while (true) {
      Result<std::optional<Row>> row = (*session)->NextRow();
      if (!row) {
        return OutcomeOfSource(row.error());
      }
      if (!*row) {
        break;
      }
      rows.push_back(*std::move(*row));
    }
    if (Result<void> filled = applier_.FillHoles(*table.table, rows, (*session)->position());
        !filled) {
      return OutcomeOfApplier(filled.error());
    }
  }
  return Outcome::Done();
}

}  // namespace cacheindex::replication
