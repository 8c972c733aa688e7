#pragma once

#include <cstdint>

namespace cacheindex::cache {

/// A collection's number: never reused within a store, so that what a dropped collection leaves can
/// be removed later.
enum class CollectionNumber : std::uint32_t {};

/// A column's number, unique in the store. It names the column's pages and its entries. The lowest
/// bit tells the page shape, so that no reader has to look it up.
enum class ColumnNumber : std::uint32_t {};

/// Never allocated and always there: its entries belong to whoever fills the whole store (a source
/// keeps its state here), who could not find a column of its own before it has read something.
inline constexpr ColumnNumber kOwnersColumn{0};

/// How many consecutive documents share one page of a column.
enum class PageShape : std::uint32_t {
  /// 960 documents: fifteen 64-bit words of a bit set; 32-bit values of a full page fit one LMDB
  /// page, 64-bit values two.
  kWide = 0,
  /// 64 documents: one word of a bit set. For fields with dozens of values a document, where a wide
  /// page would make every update rewrite hundreds of kilobytes.
  kNarrow = 1,
};

inline constexpr std::uint32_t kWidePageDocuments = 960;
inline constexpr std::uint32_t kNarrowPageDocuments = 64;

constexpr PageShape ShapeOf(ColumnNumber column) noexcept {
  return static_cast<PageShape>(static_cast<std::uint32_t>(column) & 1U);
}

constexpr std::uint32_t DocumentsPerPage(PageShape shape) noexcept {
  return shape == PageShape::kWide ? kWidePageDocuments : kNarrowPageDocuments;
}

}  // namespace cacheindex::cache
