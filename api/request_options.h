#pragma once

#include <optional>

#include "api/request.h"
#include "api/service.h"

namespace cacheindex::api {

/// The longest a read may ask to wait for a position.
inline constexpr std::chrono::milliseconds kPositionWaitMax{30'000};
/// What it waits when it does not say.
inline constexpr std::chrono::milliseconds kPositionWaitDefault{1'000};

// What routes have in common, read from parameters and headers. Errors: kInvalidArgument with the
// contract's message.

/// True when the answer may have to wait for a position.
bool AsksForPosition(const Request& request) noexcept;
Result<Freshness> ReadFreshness(const Request& request);
Projection ReadProjection(const Request& request);
/// `filter_by` and `validate_field_names`.
DocumentFilter ReadFilter(const Request& request);
/// `action` and `dirty_values`.
Result<WriteOptions> ReadWriteOptions(const Request& request, WriteAction action_default);
/// The body as JSON, whatever content type it came with.
Result<Json> ReadJsonBody(const Request& request);

/// A name in a path may be of any bytes, but what is kept under it is JSON. Returns what is wrong.
std::optional<Error> CheckNames(const Request& request);

}  // namespace cacheindex::api
