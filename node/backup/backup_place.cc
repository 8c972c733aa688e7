#include "node/backup/backup_place.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdio>
#include <string>
#include <system_error>
#include <utility>

#include "node/backup/backup_manifest.h"
#include "node/core/files/durable_file.h"
#include "node/core/files/file_descriptor.h"
#include "node/core/files/file_error.h"
#include "node/disk/data_directory.h"

namespace cacheindex::node {
namespace {

namespace fs = std::filesystem;

constexpr fs::perms kOwnersDirectory = fs::perms::owner_all;
constexpr fs::perms kOwnersFile = fs::perms::owner_read | fs::perms::owner_write;

// Keys are in there, and documents that not everybody may read.
Result<void> KeepToOwner(const fs::path& root) {
  std::error_code failure;
  fs::permissions(root, kOwnersDirectory, failure);
  for (fs::recursive_directory_iterator entry(root, failure), end; !failure && entry != end;
       entry.increment(failure)) {
    fs::permissions(entry->path(), entry->is_directory() ? kOwnersDirectory : kOwnersFile, failure);
  }
  return failure ? FileError(failure, "set the permissions of " + root.string()) : Result<void>();
}

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

// Whether everything in the directory is what copies consist of. The lock is what a copy has that a
// node was started on.
Result<bool> HoldsOnlyACopy(const fs::path& path) {
  std::error_code failure;
  if (!fs::is_directory(fs::symlink_status(path, failure))) {
    return failure ? FileError(failure, "read " + path.string()) : Result<bool>(false);
  }
  bool has_others = false;
  for (fs::directory_iterator entry(path, failure), end; !failure && entry != end;
       entry.increment(failure)) {
    const std::string name = entry->path().filename().string();
    has_others =
        has_others || (name != "settings" && name != "stores" && !name.starts_with(kManifest));
  }
  return failure ? Result<bool>(FileError(failure, "read " + path.string())) : !has_others;
}

// The directory that a copy is made in. The kernel drops its lock when the process dies, so what is
// not locked is what a copy left that was cut off.
class PartialDirectory {
 public:
  static Result<PartialDirectory> Make(const fs::path& path) {
    std::error_code failure;
    if (fs::exists(fs::symlink_status(path, failure))) {
      if (auto removed = RemoveCutOff(path); !removed) {
        return std::move(removed).error();
      }
    }
    fs::create_directories(path.parent_path(), failure);
    if (failure || ::mkdir(path.c_str(), S_IRWXU) != 0) {
      return FileError(failure ? failure : std::error_code(errno, std::generic_category()),
                       "create " + path.string());
    }
    auto lock = Lock(path);
    return lock ? Result<PartialDirectory>(PartialDirectory(*std::move(lock)))
                : std::move(lock).error();
  }

 private:
  explicit PartialDirectory(FileDescriptor lock) : lock_(std::move(lock)) {}

  // Returns a descriptor that holds the lock.
  static Result<FileDescriptor> Lock(const fs::path& path) {
    FileDescriptor file(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!file) {
      return FileError(errno, "open " + path.string());
    }
    if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
      return Error(ErrorCode::kConflict,
                   "another copy is being written to " + path.string() + ": wait for its end");
    }
    return file;
  }

  static Result<void> RemoveCutOff(const fs::path& path) {
    const auto is_ours = HoldsOnlyACopy(path);
    if (!is_ours) {
      return is_ours.error();
    }
    if (!*is_ours) {
      return Error(ErrorCode::kConflict, path.string() +
                                             " exists and is no copy that was cut off: "
                                             "move it away, a copy is made there");
    }
    const auto lock = Lock(path);
    if (!lock) {
      return lock.error();
    }
    std::error_code failure;
    fs::remove_all(path, failure);
    return failure ? FileError(failure, "remove " + path.string()) : Result<void>();
  }

  FileDescriptor lock_;
};

}  // namespace

Result<bool> IsBackup(const fs::path& path) {
  if (HasManifest(path)) {
    return HoldsOnlyACopy(path);
  }
  // Those of earlier versions have no manifest; a data directory that was ever opened holds more.
  std::error_code failure;
  const bool has_stores = fs::exists(path / "stores" / kNativeStore / "CURRENT", failure);
  return has_stores ? HoldsOnlyACopy(path) : Result<bool>(false);
}

fs::path PlaceOf(const fs::path& path) {
  fs::path place = fs::absolute(path).lexically_normal();
  return place.has_filename() ? place : place.parent_path();
}

Result<void> BuildDirectory(const fs::path& target, MayReplace may_replace,
                            const std::function<Result<void>(const fs::path& partial)>& fill) {
  auto is_free = IsMissingOrEmpty(target);
  auto is_replaced = is_free && !*is_free && may_replace == MayReplace::kBackup
                         ? IsBackup(target)
                         : Result<bool>(false);
  if (!is_free || !is_replaced) {
    return is_free ? std::move(is_replaced).error() : std::move(is_free).error();
  }
  if (!*is_free && !*is_replaced) {
    return Error(ErrorCode::kConflict, target.string() + " exists and is not empty");
  }
  fs::path partial = target;
  partial += ".partial";
  const auto directory = PartialDirectory::Make(partial);
  if (!directory) {
    return directory.error();
  }
  auto filled = fill(partial);
  filled = filled ? KeepToOwner(partial) : std::move(filled);
  filled = filled ? SynchronizeTree(partial) : std::move(filled);
  if (filled && *is_replaced) {
    return TakeThePlace(partial, target);
  }
  filled = filled ? MoveIntoPlace(partial, target) : std::move(filled);
  if (!filled) {
    // Ours, and incomplete: nobody can have come to rely on it.
    std::error_code ignored;
    fs::remove_all(partial, ignored);
  }
  return filled;
}

}  // namespace cacheindex::node
