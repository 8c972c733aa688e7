#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "node/core/result.h"

namespace cacheindex::cache {

class LastingEnvironment;

/// Small named values of the node that belong to no store (aliases, presets, keys), in an LMDB
/// environment of their own.
///
/// Threads: all methods may be called concurrently. A Put or Delete that returned is durable.
class Settings {
 public:
  /// Names and kinds have at most this many bytes; a kind contains no NUL byte.
  static constexpr std::size_t kNameBytesMax = 400;
  static constexpr std::size_t kKindBytesMax = 60;

  /// Opens the settings, creating empty ones when the directory holds none.
  /// Errors: kCorruption when what is there is not ours; it is never replaced.
  static Result<std::unique_ptr<Settings>> Open(const std::filesystem::path& directory);
  ~Settings();
  Settings(const Settings&) = delete;
  Settings& operator=(const Settings&) = delete;

  Result<std::optional<std::string>> Find(std::string_view kind, std::string_view name) const;
  /// Returns (name, value) of everything of `kind`, sorted by name.
  Result<std::vector<std::pair<std::string, std::string>>> List(std::string_view kind) const;
  /// Returns whether nothing was ever put, or all of it was deleted.
  Result<bool> IsEmpty() const;
  /// Reads everything once.
  /// Errors: kCorruption naming the first thing that is not as it was written; kIo.
  Result<void> Verify() const;
  /// Errors: kInvalidArgument when kind or name is too long; kExhausted when the disk is full; kIo,
  /// and from then on for every Put and Delete, when the operating system refused to make a change
  /// durable: restart and verify.
  Result<void> Put(std::string_view kind, std::string_view name, std::string_view value);
  /// Returns whether there was something to delete.
  Result<bool> Delete(std::string_view kind, std::string_view name);

  /// Why nothing can be put or deleted until the settings are opened again; empty when it can.
  std::string refusal() const;

  /// Returns a number that grows whenever something was put or deleted, before that returns: what
  /// was derived from settings read after this is up to date as long as it stays the same.
  std::uint64_t revision() const noexcept { return revision_.load(); }

  /// Writes a consistent, compacted, durable copy to the empty directory `target`.
  Result<void> CopyTo(const std::filesystem::path& target) const;

 private:
  Settings(std::unique_ptr<LastingEnvironment> environment, std::filesystem::path directory,
           unsigned table) noexcept;

  /// Runs `change`, which returns whether it changed something, in a transaction and commits it.
  template <class Change>
  Result<bool> Write(const Change& change);
  /// Changes nothing from here on when the operating system failed; returns the error.
  Error Failed(Error error);

  std::unique_ptr<LastingEnvironment> environment_;
  std::filesystem::path directory_;
  /// LMDB's number of the only table.
  unsigned table_;
  std::atomic<std::uint64_t> revision_{0};
  /// Held while something is written, so that nothing is after a failure.
  std::mutex writing_;
  mutable std::mutex refusal_mutex_;
  std::optional<Error> refusal_;
};

}  // namespace cacheindex::cache
