#include "cache/lasting_environment.h"

namespace cacheindex::cache {
namespace {

constexpr unsigned kReadingFlags = MDB_NOTLS | MDB_NORDAHEAD | MDB_RDONLY | MDB_NOLOCK;

}  // namespace

Result<std::unique_ptr<LastingEnvironment>> LastingEnvironment::Open(
    const EnvironmentOptions& options) {
  auto handle = OpenEnvironment(options);
  if (!handle) {
    return std::move(handle).error();
  }
  return std::unique_ptr<LastingEnvironment>(new LastingEnvironment(options, *std::move(handle)));
}

Result<MDB_dbi> LastingEnvironment::OpenTable(MDB_txn* transaction, const char* name) {
  auto table = cache::OpenTable(transaction, name);
  if (table) {
    tables_.emplace_back(name, *table);
  }
  return table;
}

Result<TransactionHandle> LastingEnvironment::BeginRead() const {
  MDB_txn* raw = nullptr;
  const int status = mdb_txn_begin(handle(), nullptr, MDB_RDONLY, &raw);
  if (status == MDB_SUCCESS) {
    return TransactionHandle(raw);
  }
  if (status != MDB_PANIC) {
    return FromLmdb(status, "begin reading");
  }
  if (auto opened = OpenForReading(); !opened) {
    return std::move(opened).error();
  }
  return cache::BeginRead(handle());
}

Result<void> LastingEnvironment::OpenForReading() const {
  const std::scoped_lock lock(mutex_);
  if (read_only_ != nullptr) {
    return {};
  }
  MDB_envinfo information{};
  mdb_env_info(handle_.get(), &information);
  MDB_env* raw = nullptr;
  if (const int status = mdb_env_create(&raw); status != MDB_SUCCESS) {
    return FromLmdb(status, "create environment");
  }
  EnvironmentHandle opened(raw);
  mdb_env_set_mapsize(raw, information.me_mapsize);
  mdb_env_set_maxdbs(raw, options_.tables_max);
  if (const int status = mdb_env_open(raw, options_.directory.c_str(), kReadingFlags, 0);
      status != MDB_SUCCESS) {
    return FromLmdb(status, "open " + options_.directory.string() + " for reading");
  }
  auto transaction = cache::BeginRead(raw);
  if (!transaction) {
    return std::move(transaction).error();
  }
  for (const auto& [name, number] : tables_) {
    MDB_dbi table = 0;
    if (const int status = mdb_dbi_open(transaction->get(), name.c_str(), 0, &table);
        status != MDB_SUCCESS) {
      return FromLmdb(status, "open table " + name);
    }
    if (table != number) {
      return Error(ErrorCode::kCorruption, "table " + name + " has another number");
    }
  }
  if (auto committed = Commit(*std::move(transaction)); !committed) {
    return committed;
  }
  read_only_ = std::move(opened);
  current_ = read_only_.get();
  return {};
}

}  // namespace cacheindex::cache
