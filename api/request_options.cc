#include "api/request_options.h"

#include <algorithm>
#include <array>

#include "node/core/number_text.h"
#include "node/core/utf8.h"

namespace cacheindex::api {
namespace {

struct ActionName {
  std::string_view name;
  WriteAction action;
};
constexpr std::array kActions = {
    ActionName{"create", WriteAction::kCreate}, ActionName{"upsert", WriteAction::kUpsert},
    ActionName{"update", WriteAction::kUpdate}, ActionName{"emplace", WriteAction::kEmplace}};

struct DirtyValuesName {
  std::string_view name;
  DirtyValues choice;
};
constexpr std::array kDirtyValues = {
    DirtyValuesName{"coerce_or_reject", DirtyValues::kCoerceOrReject},
    DirtyValuesName{"coerce_or_drop", DirtyValues::kCoerceOrDrop},
    DirtyValuesName{"drop", DirtyValues::kDrop}, DirtyValuesName{"reject", DirtyValues::kReject}};

}  // namespace

bool AsksForPosition(const Request& request) noexcept {
  return request.FindHeader("x-min-position") || request.parameters.Find("min_position");
}

Result<Freshness> ReadFreshness(const Request& request) {
  // The wait counts from when the request came, so that it does not add to that in a queue.
  Freshness freshness{.position_min = {}, .asked_at = request.received_at};
  const auto header = request.FindHeader("x-min-position");
  freshness.position_min = header ? *header : request.parameters.Get("min_position");
  if (const auto wait = request.FindHeader("x-max-wait-ms")) {
    const auto milliseconds = ToNumber<std::uint32_t>(*wait);
    if (!milliseconds) {
      return Error(ErrorCode::kInvalidArgument,
                   "Header `X-Max-Wait-Ms` must be an unsigned integer.");
    }
    freshness.wait_max = std::min(std::chrono::milliseconds(*milliseconds), kPositionWaitMax);
  }
  return freshness;
}

Projection ReadProjection(const Request& request) {
  return {request.parameters.GetList("include_fields"),
          request.parameters.GetList("exclude_fields")};
}

Result<WriteOptions> ReadWriteOptions(const Request& request, WriteAction action_default) {
  WriteOptions options;
  options.action = action_default;
  if (const auto name = request.parameters.Find("action")) {
    const auto* const found =
        std::find_if(kActions.begin(), kActions.end(),
                     [&](const ActionName& entry) { return entry.name == *name; });
    if (found == kActions.end()) {
      return Error(ErrorCode::kInvalidArgument,
                   "Parameter `action` must be one of: create, upsert, update, emplace.");
    }
    options.action = found->action;
  }
  if (const auto name = request.parameters.Find("dirty_values")) {
    const auto* const found =
        std::find_if(kDirtyValues.begin(), kDirtyValues.end(),
                     [&](const DirtyValuesName& entry) { return entry.name == *name; });
    if (found == kDirtyValues.end()) {
      return Error(ErrorCode::kInvalidArgument,
                   "Parameter `dirty_values` must be one of: coerce_or_reject, coerce_or_drop, "
                   "drop, reject.");
    }
    options.dirty_values = found->choice;
  }
  return options;
}

DocumentFilter ReadFilter(const Request& request) {
  return {.filter_by = std::string(request.parameters.Get("filter_by")),
          .validate_field_names = request.parameters.GetBool("validate_field_names", true)};
}

std::optional<Error> CheckNames(const Request& request) {
  const bool are_text = std::all_of(request.names.begin(), request.names.end(), IsUtf8);
  return are_text ? std::nullopt
                  : std::optional(Error(ErrorCode::kInvalidArgument,
                                        "A name in the path is not valid UTF-8."));
}

Result<Json> ReadJsonBody(const Request& request) {
  auto parsed = ParseJson(request.body);
  if (!parsed) {
    return Error(parsed.error().code(), "Bad JSON. " + parsed.error().message());
  }
  return parsed;
}

}  // namespace cacheindex::api
