#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "cache/numbers.h"

namespace cacheindex::node {

// What the process that scrubs a store tells the node, a line each.

/// Where something lies that was damaged: it decides what is done about it.
enum class ScrubPlace : std::uint8_t {
  kDocuments,  ///< A document, or its number.
  kColumns,    ///< What is derived from the documents in the store.
  kText,       ///< The text index.
  kSchema,     ///< What says which fields a collection has.
  kOther,      ///< Rows of a source's tables, the log: what belongs to no collection.
};
inline constexpr std::size_t kScrubPlaces = 5;

/// "documents", "columns", "text", "schema", "other".
std::string_view Name(ScrubPlace place) noexcept;

/// It goes on to read this collection, or to what belongs to none; repeated while it does.
struct ScrubReads {
  cache::CollectionNumber collection{};
  /// Empty for none.
  std::string name;
  /// Read so far, of everything.
  std::uint64_t bytes = 0;
};

struct ScrubFinding {
  ScrubPlace place = ScrubPlace::kOther;
  cache::CollectionNumber collection{};
  std::string name;
  std::string what;
};

/// All was read.
struct ScrubDone {
  std::uint64_t bytes = 0;
  std::uint64_t items = 0;
  std::uint64_t findings = 0;
  /// How long it held a view of the store at most.
  std::chrono::microseconds longest_view{0};
};

/// Not all could be read, and not because of damage.
struct ScrubFailed {
  std::string reason;
};

using ScrubLine = std::variant<ScrubReads, ScrubFinding, ScrubDone, ScrubFailed>;

/// Without a line break.
std::string Encode(const ScrubLine& line);
/// Returns nullopt for anything else: a process that dies may print what it likes.
std::optional<ScrubLine> DecodeScrubLine(std::string_view text);

}  // namespace cacheindex::node
