#pragma once

#include <cstdint>

namespace cacheindex {

/// A point in the order of writes of one store. Ordered; zero is "before everything".
///
/// A store counts its document writes; that of a source has the position in the server's log beside
/// it (replication/README.md 1).
enum class Position : std::uint64_t {};

}  // namespace cacheindex
