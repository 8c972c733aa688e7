#pragma once

#include <filesystem>
#include <string_view>
#include <utility>

#include "node/core/files/file_descriptor.h"
#include "node/core/result.h"

namespace cacheindex::node {

/// A data directory that this process, and no other, uses (node/README.md 2).
///
/// Threads: immutable. Lifetime: the lock is held until destruction, and ends with the process
/// however that ends.
class DataDirectory {
 public:
  /// Creates the directory when missing, and locks it.
  /// Errors: kConflict when another process holds it; kIo.
  static Result<DataDirectory> Lock(const std::filesystem::path& path);

  const std::filesystem::path& path() const noexcept { return path_; }
  std::filesystem::path settings() const { return path_ / "settings"; }
  std::filesystem::path store(std::string_view name) const { return path_ / "stores" / name; }
  std::filesystem::path spool() const { return path_ / "spool"; }
  /// Where a copy of the others goes that has no other place.
  std::filesystem::path snapshot() const { return path_ / "snapshot"; }

 private:
  DataDirectory(std::filesystem::path path, FileDescriptor lock)
      : path_(std::move(path)), lock_(std::move(lock)) {}

  std::filesystem::path path_;
  FileDescriptor lock_;
};

/// Returns whether an entry of stores/ is a store: one that ends in .new is not whole yet.
inline bool IsStoreName(std::string_view name) { return !name.ends_with(".new"); }

/// The store of the native collections.
inline constexpr std::string_view kNativeStore = "native";

}  // namespace cacheindex::node
