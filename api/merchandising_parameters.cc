#include "api/merchandising_parameters.h"

#include <string>
#include <string_view>
#include <utility>

#include "node/core/number_text.h"

namespace cacheindex::api {
namespace {

// Documents that one search pins, and hides, at most.
constexpr std::size_t kNamedHitsMax = 1000;

Error Invalid(std::string message) { return {ErrorCode::kInvalidArgument, std::move(message)}; }

// An id may hold colons; the position follows the last one.
Result<PinnedHit> ReadPinnedHit(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon != std::string_view::npos && colon > 0) {
    const auto position = ToNumber<std::uint32_t>(text.substr(colon + 1));
    if (position && *position > 0) {
      return PinnedHit{.id = std::string(text.substr(0, colon)), .position = *position};
    }
  }
  return Invalid("Parameter `pinned_hits` must be a list of id:position, counted from 1; not `" +
                 std::string(text) + "`.");
}

Result<void> CheckCount(std::string_view name, std::size_t count) {
  return count <= kNamedHitsMax ? Result<void>()
                                : Invalid("Parameter `" + std::string(name) + "` has more than " +
                                          std::to_string(kNamedHitsMax) + " documents.");
}

std::vector<std::string> GetRenamedList(const Parameters& parameters, std::string_view name,
                                        std::string_view old_name) {
  return parameters.GetList(parameters.Find(name) ? name : old_name);
}

}  // namespace

Result<void> ReadMerchandising(const Parameters& parameters, SearchRequest& request) {
  for (const std::string& text : parameters.GetList("pinned_hits")) {
    auto hit = ReadPinnedHit(text);
    if (!hit) {
      return std::move(hit).error();
    }
    request.pinned_hits.push_back(std::move(*hit));
  }
  request.hidden_hits = parameters.GetList("hidden_hits");
  request.filter_curated_hits =
      parameters.GetBool("filter_curated_hits", request.filter_curated_hits);
  request.enable_curations =
      parameters.GetBool("enable_curations", parameters.GetBool("enable_overrides", true));
  request.curation_tags = GetRenamedList(parameters, "curation_tags", "override_tags");
  request.curation_sets = parameters.GetList("curation_sets");
  request.enable_synonyms = parameters.GetBool("enable_synonyms", true);
  request.synonym_sets = parameters.GetList("synonym_sets");
  auto checked = CheckCount("pinned_hits", request.pinned_hits.size());
  return checked ? CheckCount("hidden_hits", request.hidden_hits.size()) : std::move(checked);
}

}  // namespace cacheindex::api
