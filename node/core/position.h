#pragma once

#include <cstdint>

namespace cacheindex {

/// A point in the order of writes of one store. Ordered; zero is "before everything".
///
/// A native store counts its document writes; a store that follows PostgreSQL will carry the
/// commit's LSN beside it.
enum class Position : std::uint64_t {};

}  // namespace cacheindex
