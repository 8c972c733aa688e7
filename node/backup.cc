#include "node/backup.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <string>
#include <system_error>
#include <utility>

#include "cache/generation.h"

namespace cacheindex::node {
namespace {

namespace fs = std::filesystem;

Error FromCode(const std::error_code& failure, const std::string& action) {
  const bool is_full = failure == std::errc::no_space_on_device;
  return Error(is_full ? ErrorCode::kExhausted : ErrorCode::kIo, failure.message())
      .WithContext(action);
}

// Makes a finished file or directory survive a power cut.
Result<void> Synchronize(const fs::path& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) {
    return FromCode({errno, std::generic_category()}, "open " + path.string());
  }
  const int status = ::fsync(file);
  const int number = errno;
  ::close(file);
  return status == 0 ? Result<void>()
                     : FromCode({number, std::generic_category()}, "fsync " + path.string());
}

Result<void> SynchronizeTree(const fs::path& root) {
  std::error_code failure;
  for (const auto& entry : fs::recursive_directory_iterator(root, failure)) {
    if (auto synchronized = Synchronize(entry.path()); !synchronized) {
      return synchronized;
    }
  }
  return failure ? FromCode(failure, "read " + root.string()) : Synchronize(root);
}

Result<void> MoveIntoPlace(const fs::path& partial, const fs::path& target) {
  if (auto synchronized = SynchronizeTree(partial); !synchronized) {
    return synchronized;
  }
  std::error_code failure;
  fs::rename(partial, target, failure);
  if (failure) {
    return FromCode(failure, "rename " + partial.string() + " to " + target.string());
  }
  return Synchronize(target.parent_path());
}

Result<void> FillBackup(NativeStore& native, const fs::path& partial) {
  std::error_code failure;
  const fs::path store = partial / "stores" / kNativeStore;
  const fs::path generation = store / native.directory().filename();
  fs::create_directories(generation, failure);
  if (failure) {
    return FromCode(failure, "create " + generation.string());
  }
  if (auto copied = native.settings().CopyTo(partial / "settings"); !copied) {
    return copied;
  }
  // The text index first: what is written between the two copies is in the log of the second, and
  // brings the first up to date when the copy is opened.
  if (auto copied =
          native.index().CopyTo(generation, [&] { return native.store().CopyTo(generation); });
      !copied) {
    return copied;
  }
  return cache::SwitchGeneration(store, generation.filename().string());
}

Result<bool> IsMissingOrEmpty(const fs::path& path) {
  std::error_code failure;
  if (!fs::exists(path, failure)) {
    return true;
  }
  const bool is_empty = fs::is_directory(path, failure) && fs::is_empty(path, failure);
  if (failure) {
    return FromCode(failure, "read " + path.string());
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
    return failure ? FromCode(failure, "create " + partial.string())
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

Result<void> WriteBackup(NativeStore& native, const fs::path& target) {
  if (!target.is_absolute()) {
    return Error(ErrorCode::kInvalidArgument,
                 "The path of a snapshot must be absolute, not `" + target.string() + "`.");
  }
  return Build(target, [&](const fs::path& partial) { return FillBackup(native, partial); });
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
    return failure ? FromCode(failure, "copy " + backup.string()) : Result<void>();
  });
}

}  // namespace cacheindex::node
