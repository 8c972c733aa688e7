#include "node/disk/required_files.h"

#include <filesystem>
#include <system_error>
#include <utility>

#include "cache/generation.h"
#include "node/core/files/file_error.h"
#include "node/disk/node_identity.h"

namespace cacheindex::node {
namespace {

namespace fs = std::filesystem;

// Whether there is a store that was made completely.
Result<bool> HasAnyStore(const fs::path& stores) {
  std::error_code failure;
  if (!fs::exists(stores, failure)) {
    return failure ? Result<bool>(FileError(failure, "look at " + stores.string())) : false;
  }
  bool has_any = false;
  for (fs::directory_iterator entry(stores, failure), end; !failure && !has_any && entry != end;
       entry.increment(failure)) {
    has_any = IsStoreName(entry->path().filename().string()) &&
              fs::exists(entry->path() / "CURRENT", failure);
  }
  return failure ? Result<bool>(FileError(failure, "list " + stores.string())) : has_any;
}

}  // namespace

Result<bool> CheckRequiredFiles(const DataDirectory& directory) {
  std::error_code failure;
  const bool has_name = fs::exists(NodeIdentityPath(directory.path()), failure);
  if (failure) {
    return FileError(failure, "look at " + directory.path().string());
  }
  const auto has_store = HasAnyStore(directory.path() / "stores");
  if (!has_store) {
    return has_store.error();
  }
  if (!has_name && !*has_store) {
    return false;
  }
  if (auto present = cache::CheckPresent(directory.settings() / "data.mdb"); !present) {
    return WithWayOut(std::move(present).error(), kSettingsName);
  }
  if (auto native = cache::FindCurrentGeneration(directory.store(kNativeStore)); !native) {
    return WithWayOut(std::move(native).error(), kNativeStore);
  }
  return true;
}

std::string WayOut(std::string_view name) {
  constexpr const char* kRestore =
      "restore a backup into an empty directory: cacheindex restore --from BACKUP --data-dir "
      "DIRECTORY";
  if (name == kNativeStore || name == kSettingsName) {
    return std::string(kRestore) +
           "; only where nothing was ever kept, move the data directory away to begin anew";
  }
  return std::string(kRestore) +
         "; or build it again from its source: cacheindex rebuild --source " + std::string(name) +
         ", then start the node";
}

Error WithWayOut(Error error, std::string_view name) {
  return error.code() == ErrorCode::kCorruption
             ? Error(error.code(),
                     error.message() + "; nothing is made in its place; " + WayOut(name))
             : std::move(error);
}

}  // namespace cacheindex::node
