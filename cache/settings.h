#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "node/core/result.h"

namespace cacheindex::cache {

/// Small named values of the node that belong to no store (aliases, presets, keys), in an LMDB
/// environment of their own.
///
/// Threads: all methods may be called concurrently. A Put or Delete that returned is durable.
class Settings {
 public:
  /// Names have at most this many bytes.
  static constexpr std::size_t kNameBytesMax = 400;

  static Result<std::unique_ptr<Settings>> Open(const std::filesystem::path& directory);
  virtual ~Settings();

  Result<std::optional<std::string>> Find(std::string_view kind, std::string_view name) const;
  /// Returns (name, value) of everything of `kind`, sorted by name.
  Result<std::vector<std::pair<std::string, std::string>>> List(std::string_view kind) const;
  Result<void> Put(std::string_view kind, std::string_view name, std::string_view value);
  /// Returns whether there was something to delete.
  Result<bool> Delete(std::string_view kind, std::string_view name);

  Result<void> CopyTo(const std::filesystem::path& target) const;
};

}  // namespace cacheindex::cache
