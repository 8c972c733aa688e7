#include "cache/environment.h"

#include <algorithm>
#include <string>
#include <utility>

#include "cache/records.h"

namespace cacheindex::cache {
namespace {

// Changes with every change of a key or value that old programs would misread.
constexpr std::uint32_t kFormat = 1;
constexpr std::uint32_t kTablesMax = 16;

Result<void> CheckFormat(MDB_txn* transaction, MDB_dbi meta) {
  const Key key = FormatKey();
  const auto stored = GetValue(transaction, meta, key.view());
  if (!stored) {
    return stored.error();
  }
  if (*stored) {
    const auto format = DecodeNumber(**stored, "format version");
    if (!format) {
      return format.error();
    }
    if (*format != kFormat) {
      return Error(ErrorCode::kCorruption, "the store has format " + std::to_string(*format) +
                                               ", this program reads " + std::to_string(kFormat));
    }
    return {};
  }
  // No format: must be a new file, not one whose record was lost.
  MDB_stat statistics{};
  mdb_stat(transaction, meta, &statistics);
  if (statistics.ms_entries > 0) {
    return Error(ErrorCode::kCorruption, "the store's format version is missing");
  }
  const std::string value = EncodeNumber(kFormat);
  MDB_val raw_key = ToValue(key.view());
  MDB_val raw_value = ToValue(value);
  if (const int status = mdb_put(transaction, meta, &raw_key, &raw_value, 0);
      status != MDB_SUCCESS) {
    return FromLmdb(status, "write format version");
  }
  return {};
}

}  // namespace

Environment::Environment(std::unique_ptr<LastingEnvironment> lasting, Fenced fenced)
    : lasting_(std::move(lasting)) {
  fences_.push_back(std::make_unique<const Fenced>(std::move(fenced)));
  fenced_ = fences_.back().get();
}

Result<std::unique_ptr<Environment>> Environment::Open(const Options& options) {
  auto lasting = LastingEnvironment::Open({.directory = options.directory,
                                           .map_size_bytes = options.map_size_bytes,
                                           .readers_max = options.readers_max,
                                           .tables_max = kTablesMax});
  if (!lasting) {
    return std::move(lasting).error();
  }
  std::unique_ptr<Environment> environment(new Environment(*std::move(lasting), options.fenced));
  auto transaction = BeginWrite(environment->handle());
  if (!transaction) {
    return std::move(transaction).error();
  }
  if (auto opened = environment->OpenTables(transaction->get()); !opened) {
    return std::move(opened).error();
  }
  if (auto checked = CheckFormat(transaction->get(), environment->tables_.meta); !checked) {
    return std::move(checked).error();
  }
  auto committed = Commit(*std::move(transaction));
  return committed ? Result<std::unique_ptr<Environment>>(std::move(environment))
                   : std::move(committed).error();
}

Result<std::unique_ptr<Environment>> Environment::OpenBeside(const Options& options) {
  auto lasting =
      LastingEnvironment::OpenBeside({.directory = options.directory, .tables_max = kTablesMax});
  if (!lasting) {
    return std::move(lasting).error();
  }
  std::unique_ptr<Environment> environment(new Environment(*std::move(lasting), options.fenced));
  auto transaction = environment->BeginRead();
  if (!transaction) {
    return std::move(transaction).error();
  }
  if (auto opened = environment->OpenTables(transaction->get()); !opened) {
    return std::move(opened).error();
  }
  // LMDB forgets tables that a transaction opened which was given up.
  auto committed = Commit(*std::move(transaction));
  return committed ? Result<std::unique_ptr<Environment>>(std::move(environment))
                   : std::move(committed).error();
}

bool Environment::IsFenced(CollectionNumber collection) const noexcept {
  const Fenced& fenced = *fenced_.load(std::memory_order_acquire);
  return std::binary_search(fenced.begin(), fenced.end(), collection);
}

void Environment::Fence(CollectionNumber collection) {
  const std::scoped_lock lock(fencing_);
  Fenced fenced = *fences_.back();
  const auto place = std::lower_bound(fenced.begin(), fenced.end(), collection);
  if (place != fenced.end() && *place == collection) {
    return;
  }
  fenced.insert(place, collection);
  fences_.push_back(std::make_unique<const Fenced>(std::move(fenced)));
  fenced_.store(fences_.back().get(), std::memory_order_release);
}

Result<void> Environment::OpenTables(MDB_txn* transaction) {
  struct Named {
    const char* name;
    MDB_dbi* table;
  };
  for (const Named& named : {Named{"documents", &tables_.documents},
                             {"numbers", &tables_.numbers},
                             {"columns", &tables_.columns},
                             {"entries", &tables_.entries},
                             {"log", &tables_.log},
                             {"collections", &tables_.collections},
                             {"names", &tables_.names},
                             {"meta", &tables_.meta}}) {
    auto table = lasting_->OpenTable(transaction, named.name);
    if (!table) {
      return std::move(table).error();
    }
    *named.table = *table;
  }
  return {};
}

}  // namespace cacheindex::cache
