#include "cache/settings.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "cache/lasting_environment.h"
#include "cache/lmdb_handle.h"
#include "cache/records.h"

// One table. Key: kind, a NUL byte, name. Value: sealed (records.cc).

namespace cacheindex::cache {
namespace {

// Address space; far more than aliases, keys and synonyms need.
constexpr std::uint64_t kMapBytes = std::uint64_t{1} << 30;
constexpr std::uint32_t kReadersMax = 512;

Result<std::string> MakeKey(std::string_view kind, std::string_view name) {
  if (kind.empty() || kind.size() > Settings::kKindBytesMax ||
      kind.find('\0') != std::string_view::npos) {
    return Error(ErrorCode::kInvalidArgument, "a setting's kind must have 1 to " +
                                                  std::to_string(Settings::kKindBytesMax) +
                                                  " bytes and no NUL");
  }
  if (name.size() > Settings::kNameBytesMax) {
    return Error(
        ErrorCode::kInvalidArgument,
        "a setting's name must have at most " + std::to_string(Settings::kNameBytesMax) + " bytes");
  }
  std::string key(kind);
  key.push_back('\0');
  key.append(name);
  return key;
}

// Keys are in there.
Result<void> KeepToOwner(const std::filesystem::path& directory) {
  std::error_code failure;
  std::filesystem::permissions(
      directory / "data.mdb",
      std::filesystem::perms::owner_read | std::filesystem::perms::owner_write, failure);
  return failure ? Result<void>(Error(ErrorCode::kIo, failure.message())) : Result<void>();
}

// Calls visit(key, value) for everything whose key begins with `prefix`.
// Errors: kCorruption naming the first thing that is not as it was written; kIo.
template <class Visitor>
Result<void> ForEach(const LastingEnvironment& environment, unsigned table, std::string_view prefix,
                     const Visitor& visit) {
  const auto transaction = environment.BeginRead();
  if (!transaction) {
    return transaction.error();
  }
  const auto cursor = OpenCursor(transaction->get(), table);
  if (!cursor) {
    return cursor.error();
  }
  std::string last;
  auto item = Seek(cursor->get(), prefix);
  for (; item && *item && (*item)->key.starts_with(prefix); item = Next(cursor->get())) {
    const std::string_view key = (*item)->key;
    std::string name(key);
    std::replace(name.begin(), name.end(), '\0', '/');
    // Damaged pages may lead in a circle.
    if (!last.empty() && key <= last) {
      return Error(ErrorCode::kCorruption, "setting \"" + name + "\" is out of order");
    }
    last = key;
    const auto value = Unseal((*item)->value, "setting \"" + name + "\"");
    if (!value) {
      return value.error();
    }
    visit(key, *value);
  }
  return item ? Result<void>() : Result<void>(item.error());
}

}  // namespace

Settings::Settings(std::unique_ptr<LastingEnvironment> environment, std::filesystem::path directory,
                   unsigned table) noexcept
    : environment_(std::move(environment)), directory_(std::move(directory)), table_(table) {}

Settings::~Settings() = default;

Result<std::unique_ptr<Settings>> Settings::Open(const std::filesystem::path& directory) {
  auto environment = LastingEnvironment::Open({.directory = directory,
                                               .map_size_bytes = kMapBytes,
                                               .readers_max = kReadersMax,
                                               .tables_max = 1});
  if (!environment) {
    return std::move(environment).error().WithContext("open settings");
  }
  if (auto closed = KeepToOwner(directory); !closed) {
    return std::move(closed).error().WithContext("open settings");
  }
  auto transaction = BeginWrite((*environment)->handle());
  if (!transaction) {
    return std::move(transaction).error().WithContext("open settings");
  }
  const auto table = (*environment)->OpenTable(transaction->get(), "settings");
  if (!table) {
    return Error(table.error()).WithContext("open settings");
  }
  if (auto committed = Commit(*std::move(transaction)); !committed) {
    return std::move(committed).error().WithContext("open settings");
  }
  return std::unique_ptr<Settings>(new Settings(*std::move(environment), directory, *table));
}

Result<std::optional<std::string>> Settings::Find(std::string_view kind,
                                                  std::string_view name) const {
  const auto key = MakeKey(kind, name);
  if (!key) {
    return std::nullopt;
  }
  const auto transaction = environment_->BeginRead();
  if (!transaction) {
    return transaction.error();
  }
  const auto sealed = GetValue(transaction->get(), table_, *key);
  if (!sealed) {
    return sealed.error();
  }
  if (!*sealed) {
    return std::nullopt;
  }
  const auto value = Unseal(**sealed, "setting \"" + std::string(name) + "\"");
  if (!value) {
    return value.error();
  }
  return std::string(*value);
}

Result<std::vector<std::pair<std::string, std::string>>> Settings::List(
    std::string_view kind) const {
  std::vector<std::pair<std::string, std::string>> list;
  const auto prefix = MakeKey(kind, "");
  if (!prefix) {
    return list;
  }
  auto visited =
      ForEach(*environment_, table_, *prefix, [&](std::string_view key, std::string_view value) {
        list.emplace_back(key.substr(prefix->size()), value);
      });
  if (!visited) {
    return std::move(visited).error();
  }
  return list;
}

Result<bool> Settings::IsEmpty() const {
  const auto transaction = environment_->BeginRead();
  if (!transaction) {
    return transaction.error();
  }
  const auto cursor = OpenCursor(transaction->get(), table_);
  if (!cursor) {
    return cursor.error();
  }
  const auto first = Seek(cursor->get(), {});
  return first ? Result<bool>(!*first) : first.error();
}

Result<void> Settings::Verify() const {
  return ForEach(*environment_, table_, {}, [](std::string_view, std::string_view) {});
}

std::string Settings::refusal() const {
  const std::scoped_lock lock(refusal_mutex_);
  return refusal_ ? refusal_->message() : "";
}

Error Settings::Failed(Error error) {
  if (error.code() != ErrorCode::kIo) {
    return error;
  }
  if (IsDiskFull(directory_)) {
    return Error(ErrorCode::kExhausted, "the disk is full");
  }
  // What the operating system has of the file is unknown now, and asking it to sync again would
  // not tell (it forgets what it failed to write).
  const std::scoped_lock lock(refusal_mutex_);
  return refusal_.emplace(
      ErrorCode::kIo,
      error.message() + "; the settings take no more changes: restart and verify them");
}

template <class Change>
Result<bool> Settings::Write(const Change& change) {
  const std::scoped_lock writing(writing_);
  {
    const std::scoped_lock lock(refusal_mutex_);
    if (refusal_) {
      return *refusal_;
    }
  }
  auto transaction = BeginWrite(environment_->handle());
  if (!transaction) {
    return Failed(std::move(transaction).error());
  }
  auto changed = change(transaction->get());
  if (!changed || !*changed) {
    return changed;
  }
  if (auto committed = Commit(*std::move(transaction)); !committed) {
    return Failed(std::move(committed).error());
  }
  ++revision_;
  return true;
}

Result<void> Settings::Put(std::string_view kind, std::string_view name, std::string_view value) {
  const auto key = MakeKey(kind, name);
  if (!key) {
    return key.error();
  }
  auto written = Write([&](MDB_txn* transaction) -> Result<bool> {
    const std::string sealed = Seal(value);
    MDB_val raw_key = ToValue(*key);
    MDB_val raw_value = ToValue(sealed);
    const int status = mdb_put(transaction, table_, &raw_key, &raw_value, 0);
    return status == MDB_SUCCESS ? Result<bool>(true) : FromLmdb(status, "write setting");
  });
  return written ? Result<void>() : std::move(written).error();
}

Result<bool> Settings::Delete(std::string_view kind, std::string_view name) {
  const auto key = MakeKey(kind, name);
  if (!key) {
    return false;
  }
  return Write([&](MDB_txn* transaction) -> Result<bool> {
    MDB_val raw_key = ToValue(*key);
    const int status = mdb_del(transaction, table_, &raw_key, nullptr);
    if (status == MDB_NOTFOUND) {
      return false;
    }
    return status == MDB_SUCCESS ? Result<bool>(true) : FromLmdb(status, "delete setting");
  });
}

Result<void> Settings::CopyTo(const std::filesystem::path& target) const {
  auto copied = CopyEnvironment(environment_->handle(), target);
  return copied ? KeepToOwner(target) : std::move(copied);
}

}  // namespace cacheindex::cache
