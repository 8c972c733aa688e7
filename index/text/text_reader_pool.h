#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "index/text/text_index.h"
#include "node/core/result.h"

namespace cacheindex::index {

/// Open readers of one text index, kept for the next search: opening a database costs ten times as
/// much as a look whether it changed.
///
/// Threads: all methods may be called concurrently. Lifetime: shared with the readers it gave out.
class TextReaderPool : public std::enable_shared_from_this<TextReaderPool> {
 public:
  /// Readers that wait for work, at most; each holds four to six file descriptors.
  static constexpr std::size_t kIdleReadersMax = 16;

  explicit TextReaderPool(std::filesystem::path directory);
  ~TextReaderPool();
  TextReaderPool(const TextReaderPool&) = delete;
  TextReaderPool& operator=(const TextReaderPool&) = delete;

  /// Returns a reader of the latest published revision.
  Result<TextReader> Open();

  /// Tells readers that there is a new revision.
  void Publish() noexcept { revision_.fetch_add(1, std::memory_order_release); }

  /// A reader met damage; whoever keeps the index sees it here and rebuilds.
  void ReportDamage() noexcept { is_damaged_.store(true, std::memory_order_relaxed); }
  bool is_damaged() const noexcept { return is_damaged_.load(std::memory_order_relaxed); }

 private:
  friend class TextReader;
  struct Idle {
    std::unique_ptr<Xapian::Database> database;
    std::uint64_t revision = 0;
  };

  Result<std::unique_ptr<Xapian::Database>> OpenDatabase();
  void Return(Idle idle);

  const std::filesystem::path directory_;
  std::atomic<std::uint64_t> revision_{1};
  std::atomic<bool> is_damaged_{false};
  std::mutex mutex_;
  std::vector<Idle> idle_;
};

}  // namespace cacheindex::index
