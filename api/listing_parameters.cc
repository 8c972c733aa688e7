#include "api/listing_parameters.h"

#include <array>
#include <string>
#include <utility>

namespace cacheindex::api {
namespace {

constexpr std::uint32_t kGroupLimitMax = 99;
constexpr std::uint32_t kSamplePercentMax = 100;
constexpr std::uint32_t kFacetTyposMax = 2;

Error Invalid(std::string message) { return {ErrorCode::kInvalidArgument, std::move(message)}; }

// Counting everything is fast enough to be exact always, so what these ask for is only checked.
Result<void> CheckSampling(const Parameters& parameters) {
  const auto percent = parameters.GetUnsigned("facet_sample_percent", kSamplePercentMax);
  if (!percent) {
    return percent.error();
  }
  if (*percent > kSamplePercentMax) {
    return Invalid("Value of `facet_sample_percent` must be less than 100.");
  }
  for (const std::string_view name : {"facet_sample_threshold", "facet_sample_slope"}) {
    if (const auto number = parameters.GetUnsigned(name, 0); !number) {
      return number.error();
    }
  }
  const std::string_view strategy = parameters.Get("facet_strategy");
  if (!strategy.empty() && strategy != "automatic" && strategy != "exhaustive" &&
      strategy != "top_values") {
    return Invalid("Parameter `facet_strategy` must be one of: exhaustive, top_values, automatic.");
  }
  return {};
}

Result<void> ReadGroups(const Parameters& parameters, SearchRequest& request) {
  request.group_by = parameters.GetList("group_by");
  request.group_missing_values = parameters.GetBool("group_missing_values", true);
  const auto limit = parameters.GetUnsigned("group_limit", request.group_limit);
  if (!limit) {
    return limit.error();
  }
  if (!request.group_by.empty() && (*limit == 0 || *limit > kGroupLimitMax)) {
    return Invalid("Value of `group_limit` must be between 1 and 99.");
  }
  request.group_limit = *limit;
  return {};
}

}  // namespace

Result<void> ReadListing(const Parameters& parameters, SearchRequest& request) {
  request.facet_by = parameters.Get("facet_by");
  request.facet_query = parameters.Get("facet_query");
  request.facet_return_parent = parameters.GetList("facet_return_parent");
  request.use_cache = parameters.GetBool("use_cache", false);
  const std::array numbers{
      std::pair{std::string_view("max_facet_values"), &request.max_facet_values},
      std::pair{std::string_view("facet_query_num_typos"), &request.facet_query_num_typos},
      std::pair{std::string_view("cache_ttl"), &request.cache_ttl_s}};
  for (const auto& [name, target] : numbers) {
    const auto number = parameters.GetUnsigned(name, *target);
    if (!number) {
      return number.error();
    }
    *target = *number;
  }
  if (request.facet_query_num_typos > kFacetTyposMax) {
    return Invalid("Value of `facet_query_num_typos` must not be greater than 2.");
  }
  if (auto checked = CheckSampling(parameters); !checked) {
    return checked;
  }
  return ReadGroups(parameters, request);
}

}  // namespace cacheindex::api
