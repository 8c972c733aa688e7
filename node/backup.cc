#include "node/backup.h"

#include <string>
#include <system_error>
#include <utility>

#include "cache/generation.h"
#include "node/data_directory.h"
#include "node/durable_file.h"

namespace cacheindex::node {
namespace {

namespace fs = std::filesystem;

Result<void> SynchronizeTree(const fs::path& root) {
  std::error_code failure;
  for (fs::recursive_directory_iterator entry(root, failure), end; !failure && entry != end;
       entry.increment(failure)) {
    if (auto synchronized = Synchronize(entry->path()); !synchronized) {
      return synchronized;
    }
  }
  return failure ? FileError(failure, "read " + root.string()) : Synchronize(root);
}

Result<void> MoveIntoPlace(const fs::path& partial, const fs::path& target) {
  if (auto synchronized = SynchronizeTree(partial); !synchronized) {
    return synchronized;
  }
  std::error_code failure;
  fs::rename(partial, target, failure);
  if (failure) {
    return FileError(failure, "rename " + partial.string() + " to " + target.string());
  }
  return Synchronize(target.parent_path());
}

Result<void> CopyStore(const NamedStore& named, const fs::path& partial) {
  ServedStore& store = *named.store;
  const fs::path directory = partial / "stores" / named.name;
  const fs::path generation = directory / store.directory().filename();
  std::error_code failure;
  fs::create_directories(generation, failure);
  if (failure) {
    return FileError(failure, "create " + generation.string());
  }
  // The text index first: what is written between the two copies is in the log of the second, and
  // brings the first up to date when the copy is opened.
  if (auto copied =
          store.index().CopyTo(generation, [&] { return store.store().CopyTo(generation); });
      !copied) {
    return copied;
  }
  return cache::SwitchGeneration(directory, generation.filename().string());
}

Result<void> FillBackup(cache::Settings& settings, std::span<const NamedStore> stores,
                        const fs::path& partial) {
  if (auto copied = settings.CopyTo(partial / "settings"); !copied) {
    return copied;
  }
  for (const NamedStore& named : stores) {
    if (auto copied = CopyStore(named, partial); !copied) {
      return copied;
    }
  }
  return {};
}

Result<bool> IsMissingOrEmpty(const fs::path& path) {
  std::error_code failure;
  if (!fs::exists(path, failure)) {
    return true;
  }
  const bool is_empty = fs::is_directory(path, failure) && fs::is_empty(path, failure);
  if (failure) {
    return FileError(failure, "read " + path.string());
  }
  return is_empty;
}

// Runs `fill` on a directory beside `target` and moves that to `target` when it is complete.
template <class Fill>
Result<void> Build(const fs::path& target, Fill&& fill) {
  auto is_free = IsMissingOrEmpty(target);
  if (!is_free) {
    return std::move(is_free).error();
  }
  if (!*is_free) {
    return Error(ErrorCode::kConflict, target.string() + " exists and is not empty");
  }
  fs::path partial = target;
  partial += ".partial";
  std::error_code failure;
  if (!fs::create_directories(partial, failure)) {
    return failure ? FileError(failure, "create " + partial.string())
                   : Error(ErrorCode::kConflict,
                           partial.string() +
                               " exists: another copy is running or was cut off; remove it");
  }
  auto filled = fill(partial);
  if (filled) {
    filled = MoveIntoPlace(partial, target);
  }
  if (!filled) {
    // Ours, and incomplete: nobody can have come to rely on it.
    fs::remove_all(partial, failure);
  }
  return filled;
}

}  // namespace

Result<void> WriteBackup(cache::Settings& settings, std::span<const NamedStore> stores,
                         const fs::path& target) {
  if (!target.is_absolute()) {
    return Error(ErrorCode::kInvalidArgument,
                 "The path of a snapshot must be absolute, not `" + target.string() + "`.");
  }
  return Build(target,
               [&](const fs::path& partial) { return FillBackup(settings, stores, partial); });
}

Result<void> RestoreBackup(const fs::path& backup, const fs::path& data_directory) {
  const fs::path current = backup / "stores" / kNativeStore / "CURRENT";
  std::error_code failure;
  if (!fs::exists(current, failure)) {
    return Error(ErrorCode::kInvalidArgument,
                 backup.string() + " is no backup of cacheindex: it has no " + current.string());
  }
  const fs::path absolute = fs::absolute(data_directory, failure);
  return Build(absolute, [&](const fs::path& partial) -> Result<void> {
    fs::copy(backup, partial, fs::copy_options::recursive, failure);
    return failure ? FileError(failure, "copy " + backup.string()) : Result<void>();
  });
}

}  // namespace cacheindex::node
