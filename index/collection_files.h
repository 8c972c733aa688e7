#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <vector>

#include "cache/numbers.h"
#include "cache/view.h"
#include "node/core/result.h"

namespace cacheindex::index {

/// The columns of a collection.
struct CollectionColumns {
  /// Made from the documents: pages and entries.
  std::vector<cache::ColumnNumber> derived;
  /// Its entries say what the fields are.
  cache::ColumnNumber schema{};
};
/// Errors: kCorruption when the schema cannot be read.
Result<CollectionColumns> ColumnsOf(const cache::View& view, const cache::Collection& collection);

/// Holds the text index that a collection has in the generation's directory against the checksum
/// that it was closed with. True as well for one that is not closed, or that its owner begins to
/// change meanwhile. Calls `read` after each block with its size.
/// Errors: kIo.
Result<bool> IsTextSound(const std::filesystem::path& generation,
                         cache::CollectionNumber collection,
                         const std::function<void(std::size_t bytes)>& read);

}  // namespace cacheindex::index
