#pragma once

#include <compare>
#include <cstdint>
#include <string_view>

namespace cacheindex::index {

/// The order of ids, which every node computes alike: part by part, where ':' parts them as it does
/// the values of a key of several columns. Whole numbers in their usual spelling (no leading zero,
/// no plus) come first and order by value, however long; other parts order by bytes; an id that
/// another one continues comes before it.
std::strong_ordering CompareIds(std::string_view left, std::string_view right) noexcept;

/// Returns what a column keeps of an id's place: smaller for earlier ids. Different ids may share
/// it (long ones, and keys of several columns); CompareIds tells those apart.
std::int64_t EncodeIdOrder(std::string_view id) noexcept;

}  // namespace cacheindex::index
