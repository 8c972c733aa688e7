#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace cacheindex::index {

/// What the text indexes of a store have done and still have to do.
struct TextStatistics {
  std::uint64_t documents_indexed = 0;
  std::uint64_t commits = 0;
  /// Writes that the store is ahead; not all of them concern the text indexes.
  std::uint64_t documents_waiting = 0;
  std::chrono::microseconds last_commit{0};
  /// Text indexes that are being built again; their collections cannot be searched meanwhile.
  std::uint32_t building = 0;
  /// Times that one of them was done.
  std::uint64_t rebuilt = 0;
  /// Stored documents that could not be read and so not be indexed.
  std::uint64_t damaged_documents = 0;
  /// Why the text indexes cannot be written at present; empty when they can.
  std::string failure;
};

}  // namespace cacheindex::index
