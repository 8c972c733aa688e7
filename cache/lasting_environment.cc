#include "cache/lasting_environment.h"

namespace cacheindex::cache {
namespace {

constexpr unsigned kBesideFlags = MDB_NOTLS | MDB_NORDAHEAD | MDB_RDONLY;
constexpr unsigned kReadingFlags = kBesideFlags | MDB_NOLOCK;

}  // namespace

Result<std::unique_ptr<LastingEnvironment>> LastingEnvironment::Open(
    const EnvironmentOptions& options) {
  auto handle = OpenEnvironment(options);
  if (!handle) {
    return std::move(handle).error();
  }
  return std::unique_ptr<LastingEnvironment>(new LastingEnvironment(options, *std::move(handle)));
}

Result<std::unique_ptr<LastingEnvironment>> LastingEnvironment::OpenBeside(
    const EnvironmentOptions& options) {
  MDB_env* raw = nullptr;
  if (const int status = mdb_env_create(&raw); status != MDB_SUCCESS) {
    return FromLmdb(status, "create environment");
  }
  EnvironmentHandle handle(raw);
  mdb_env_set_maxdbs(raw, options.tables_max);
  // Without a size of its own: as large as the other one has it.
  if (const int status = mdb_env_open(raw, options.directory.c_str(), kBesideFlags, 0);
      status != MDB_SUCCESS) {
    return FromLmdb(status, "open " + options.directory.string() + " beside its owner");
  }
  std::unique_ptr<LastingEnvironment> opened(new LastingEnvironment(options, std::move(handle)));
  opened->is_beside_ = true;
  return opened;
}

Result<MDB_dbi> LastingEnvironment::OpenTable(MDB_txn* transaction, const char* name) {
  if (is_beside_) {
    MDB_dbi existing = 0;
    const int status = mdb_dbi_open(transaction, name, 0, &existing);
    return status == MDB_SUCCESS ? Result<MDB_dbi>(existing)
                                 : FromLmdb(status, std::string("open table ") + name);
  }
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
  if (status == MDB_MAP_RESIZED && is_beside_) {
    // The owner made the map larger. Nothing of ours is open: one transaction at a time.
    mdb_env_set_mapsize(handle(), 0);
    return cache::BeginRead(handle());
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
