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

/// Holds the pages of the text index that a collection has in the generation's directory against
/// their checksums (text/text_checksums.h). What its owner does with them meanwhile may look like
/// damage, but not at a second look some time later. True as well for an index without checksums.
/// Calls `read` after each page with its size.
/// Errors: kIo.
Result<bool> IsTextSound(const std::filesystem::path& generation,
                         cache::CollectionNumber collection,
                         const std::function<void(std::size_t bytes)>& read);

}  // namespace cacheindex::index
