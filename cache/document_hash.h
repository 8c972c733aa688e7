#pragma once

#include <cstdint>
#include <string_view>

namespace cacheindex::cache {

/// xxh3 (64 bit). Of a document's JSON it is the entity tag.
std::uint64_t HashOf(std::string_view bytes) noexcept;

}  // namespace cacheindex::cache
