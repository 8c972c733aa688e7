#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "cache/numbers.h"
#include "cache/view.h"
#include "node/core/result.h"

struct MDB_txn;

namespace cacheindex::cache {

class Environment;
struct Tables;

/// A committed state of a ForeignStore.
///
/// Hold it for milliseconds: pages that it can see are not reused, and nobody else knows that it is
/// there. Threads: one at a time. Lifetime: within that of the store.
class ForeignView : public View {
 public:
  ForeignView(ForeignView&& other) noexcept;
  ForeignView& operator=(ForeignView&&) = delete;
  ~ForeignView();

  /// One more than the highest number that a column ever had.
  std::uint32_t columns_end() const noexcept { return columns_end_; }

 private:
  friend class ForeignStore;
  friend class RangeReader;

  struct Parts;
  explicit ForeignView(std::unique_ptr<Parts> parts) noexcept;

  const Tables& tables() const noexcept;
  MDB_txn* transaction() const noexcept;

  // Each tells `find` what is wrong with one item.
  using Find = std::function<void(std::string what)>;
  void CheckDocument(CollectionNumber collection, std::string_view id, std::string_view value,
                     const Find& find) const;
  void CheckNumber(CollectionNumber collection, DocumentNumber number, std::string_view value,
                   const Find& find) const;

  std::unique_ptr<Parts> parts_;
  std::uint32_t columns_end_ = 0;
};

/// A store that another process has open and writes: it is read beside it, and never written.
///
/// Threads: one at a time. Lifetime: outlives its views. However this process ends, the other one
/// finds out within seconds that its view is gone.
class ForeignStore {
 public:
  /// Opens the store in `directory`. `fenced`: as in Store::Options.
  /// Errors: kCorruption when the file is not ours; kIo.
  static Result<std::unique_ptr<ForeignStore>> Open(const std::filesystem::path& directory,
                                                    std::vector<CollectionNumber> fenced);
  ~ForeignStore();
  ForeignStore(const ForeignStore&) = delete;
  ForeignStore& operator=(const ForeignStore&) = delete;

  /// Opens a view of the latest commit. Errors: kCorruption, kIo, kUnavailable.
  Result<ForeignView> OpenView() const;

 private:
  struct Memory;
  explicit ForeignStore(std::unique_ptr<Environment> environment);

  std::unique_ptr<Environment> environment_;
  /// What reading needs besides.
  std::unique_ptr<Memory> memory_;
};

}  // namespace cacheindex::cache
