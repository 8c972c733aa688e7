#include "node/backup.h"

#include <fcntl.h>

#include <cerrno>
#include <cstdio>
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
  std::error_code failure;
  fs::rename(partial, target, failure);
  if (failure) {
    return FileError(failure, "rename " + partial.string() + " to " + target.string());
  }
  return Synchronize(target.parent_path());
}

// Both are complete, and at every moment one of them has the name.
Result<void> TakeThePlace(const fs::path& partial, const fs::path& target) {
  std::error_code failure;
  if (::renameat2(AT_FDCWD, partial.c_str(), AT_FDCWD, target.c_str(), RENAME_EXCHANGE) != 0) {
    const std::error_code refusal(errno, std::generic_category());
    fs::remove_all(partial, failure);
    return refusal == std::errc::invalid_argument
               ? Error(ErrorCode::kConflict,
                       target.string() +
                           " exists, and its file system cannot exchange it for "
                           "another directory at once: remove it first")
               : FileError(refusal, "exchange " + target.string() + " for " + partial.string());
  }
  // What was replaced goes only when it certainly is.
  if (auto synchronized = Synchronize(target.parent_path()); !synchronized) {
    return synchronized;
  }
  fs::remove_all(partial, failure);
  return failure ? FileError(failure, "remove what was replaced, " + partial.string())
                 : Result<void>();
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

fs::path CurrentOf(const fs::path& backup) { return backup / "stores" / kNativeStore / "CURRENT"; }

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

// A data directory that was ever opened holds more than its copy does.
Result<bool> IsBackup(const fs::path& path) {
  std::error_code failure;
  if (!fs::is_directory(fs::symlink_status(path, failure))) {
    return failure ? FileError(failure, "read " + path.string()) : Result<bool>(false);
  }
  bool has_others = false;
  for (fs::directory_iterator entry(path, failure), end; !failure && entry != end;
       entry.increment(failure)) {
    const fs::path name = entry->path().filename();
    has_others = has_others || (name != "settings" && name != "stores");
  }
  const bool has_stores = !failure && fs::exists(CurrentOf(path), failure);
  return failure ? FileError(failure, "read " + path.string())
                 : Result<bool>(has_stores && !has_others);
}

// Runs `fill` on a directory beside `target` and moves that to `target` when it is complete.
// `may_replace` says what else than an empty directory may be there.
template <class Fill>
Result<void> Build(const fs::path& target, Result<bool> (*may_replace)(const fs::path& path),
                   Fill&& fill) {
  auto is_free = IsMissingOrEmpty(target);
  auto is_replaced = is_free && !*is_free ? may_replace(target) : Result<bool>(false);
  if (!is_free || !is_replaced) {
    return is_free ? std::move(is_replaced).error() : std::move(is_free).error();
  }
  if (!*is_free && !*is_replaced) {
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
  filled = filled ? SynchronizeTree(partial) : std::move(filled);
  if (filled && *is_replaced) {
    return TakeThePlace(partial, target);
  }
  filled = filled ? MoveIntoPlace(partial, target) : std::move(filled);
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
  fs::path place = target.lexically_normal();
  place = place.has_filename() ? std::move(place) : place.parent_path();
  return Build(place, IsBackup,
               [&](const fs::path& partial) { return FillBackup(settings, stores, partial); });
}

Result<void> RestoreBackup(const fs::path& backup, const fs::path& data_directory) {
  const fs::path current = CurrentOf(backup);
  std::error_code failure;
  if (!fs::exists(current, failure)) {
    return Error(ErrorCode::kInvalidArgument,
                 backup.string() + " is no backup of cacheindex: it has no " + current.string());
  }
  const fs::path absolute = fs::absolute(data_directory, failure);
  const auto never = [](const fs::path& /*path*/) -> Result<bool> { return false; };
  return Build(absolute, never, [&](const fs::path& partial) -> Result<void> {
    fs::copy(backup, partial, fs::copy_options::recursive, failure);
    return failure ? FileError(failure, "copy " + backup.string()) : Result<void>();
  });
}

}  // namespace cacheindex::node
