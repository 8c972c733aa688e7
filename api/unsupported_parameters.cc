#include "api/unsupported_parameters.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

namespace cacheindex::api {
namespace {

struct Unsupported {
  std::string_view parameter;
  /// Off unless it is the word `true`; else by being there.
  bool is_switch;
  std::string_view what;
};

constexpr std::array<Unsupported, 4> kUnsupported = {{
    {"vector_query", false, "does not search vectors"},
    {"voice_query", false, "does not understand speech"},
    {"nl_query", true, "does not turn sentences into searches"},
    {"conversation", true, "does not converse"},
}};

// `filter_by` is not among them: only its parser knows where a name stands in it.
constexpr std::array<std::string_view, 5> kMayJoin = {"query_by", "sort_by", "facet_by", "group_by",
                                                      "include_fields"};

bool IsJoin(std::string_view name) {
  return name.starts_with('$') && name.find('(') != std::string_view::npos;
}

}  // namespace

Result<void> CheckSupported(const Parameters& parameters) {
  for (const Unsupported& unsupported : kUnsupported) {
    const bool is_asked = unsupported.is_switch ? parameters.GetBool(unsupported.parameter, false)
                                                : !parameters.Get(unsupported.parameter).empty();
    if (is_asked) {
      return Error(ErrorCode::kInvalidArgument, "Parameter `" + std::string(unsupported.parameter) +
                                                    "` is not supported: this node " +
                                                    std::string(unsupported.what) + ".");
    }
  }
  for (const std::string_view parameter : kMayJoin) {
    if (std::ranges::any_of(parameters.GetList(parameter), IsJoin)) {
      return Error(ErrorCode::kInvalidArgument,
                   "Parameter `" + std::string(parameter) +
                       "` is not supported: this node does not join collections "
                       "(`$Collection(...)`).");
    }
  }
  return {};
}

}  // namespace cacheindex::api
