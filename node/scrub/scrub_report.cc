#include "node/scrub/scrub_report.h"

#include <algorithm>
#include <array>
#include <utility>

#include "node/core/json.h"

namespace cacheindex::node {
namespace {

constexpr std::array<std::string_view, kScrubPlaces> kPlaceNames = {"documents", "columns", "text",
                                                                    "schema", "other"};
// Damaged bytes may be in it.
constexpr std::size_t kWhatBytesMax = 1'000;

std::uint32_t Number(cache::CollectionNumber collection) {
  return static_cast<std::uint32_t>(collection);
}

Json ToJson(const ScrubReads& reads) {
  return {{"line", "reads"},
          {"number", Number(reads.collection)},
          {"name", reads.name},
          {"bytes", reads.bytes}};
}

Json ToJson(const ScrubFinding& finding) {
  return {{"line", "finding"},
          {"place", Name(finding.place)},
          {"number", Number(finding.collection)},
          {"name", finding.name},
          {"what", finding.what.substr(0, kWhatBytesMax)}};
}

Json ToJson(const ScrubDone& done) {
  return {{"line", "done"},
          {"bytes", done.bytes},
          {"items", done.items},
          {"findings", done.findings},
          {"longest_view_us", done.longest_view.count()}};
}

Json ToJson(const ScrubFailed& failed) { return {{"line", "failed"}, {"reason", failed.reason}}; }

std::optional<ScrubPlace> ParsePlace(const std::string& name) {
  const auto* const found = std::find(kPlaceNames.begin(), kPlaceNames.end(), name);
  return found == kPlaceNames.end()
             ? std::nullopt
             : std::optional(static_cast<ScrubPlace>(found - kPlaceNames.begin()));
}

}  // namespace

std::string_view Name(ScrubPlace place) noexcept {
  return kPlaceNames[static_cast<std::size_t>(place)];
}

std::string Encode(const ScrubLine& line) {
  return std::visit([](const auto& kind) { return DumpJson(ToJson(kind)); }, line);
}

std::optional<ScrubLine> DecodeScrubLine(std::string_view text) {
  const auto line = ParseJson(text);
  if (!line || !line->is_object()) {
    return std::nullopt;
  }
  try {
    const std::string kind = line->value("line", "");
    const cache::CollectionNumber collection{line->value("number", 0U)};
    const std::string name = line->value("name", "");
    const std::uint64_t bytes = line->value("bytes", std::uint64_t{0});
    if (kind == "reads") {
      return ScrubReads{.collection = collection, .name = name, .bytes = bytes};
    }
    if (kind == "finding") {
      const auto place = ParsePlace(line->value("place", ""));
      return place ? std::optional<ScrubLine>(ScrubFinding{.place = *place,
                                                           .collection = collection,
                                                           .name = name,
                                                           .what = line->value("what", "")})
                   : std::nullopt;
    }
    if (kind == "done") {
      return ScrubDone{
          .bytes = bytes,
          .items = line->value("items", std::uint64_t{0}),
          .findings = line->value("findings", std::uint64_t{0}),
          .longest_view = std::chrono::microseconds(line->value("longest_view_us", 0))};
    }
    if (kind == "failed") {
      return ScrubFailed{.reason = line->value("reason", "")};
    }
  } catch (const Json::exception&) {
    // A member of another type.
  }
  return std::nullopt;
}

}  // namespace cacheindex::node
