#pragma once

#include <stop_token>
#include <string>
#include <string_view>

#include "node/stores/fence.h"
#include "node/stores/served_store.h"

namespace cacheindex::node {

/// Lets searches of the collection hold every column page against its checksum again: they answer
/// with an error what they would have counted from a page that rotted since it was first met.
void DistrustColumns(ServedStore& served, cache::CollectionNumber collection);

/// Makes the collection's columns and dictionaries again from its documents, and says so in the
/// log. Searches see the old ones until all is done. Writes of the store wait meanwhile. Gives
/// up when it is told to stop. Returns whether it was done.
bool RebuildColumns(ServedStore& served, std::string_view store, const FencedCollection& collection,
                    const std::stop_token& stop);

}  // namespace cacheindex::node
