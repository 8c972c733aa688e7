#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "cache/view.h"
#include "index/schema/schema.h"
#include "index/text/text_index.h"
#include "node/core/result.h"

namespace cacheindex::index {

/// Compares what is derived from the documents of one collection with the documents: presence, the
/// values of every column in both directions, and how many documents the text index has for every
/// term. Appends one sentence for each difference to `findings`, until it holds `findings_max`.
///
/// Cost: reads everything; memory grows with the number of different words.
Result<void> VerifyCollection(const cache::View& view, const cache::Collection& collection,
                              const Schema& schema, const TextReader& text,
                              std::size_t findings_max, std::vector<std::string>& findings);

}  // namespace cacheindex::index
