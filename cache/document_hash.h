#pragma once

#include <cstdint>
#include <string_view>

namespace cacheindex::cache {

/// The entity tag of a document's bytes: xxh3 (64 bit).
std::uint64_t HashOf(std::string_view json) noexcept;

}  // namespace cacheindex::cache
