#pragma once

#include <span>
#include <string_view>

#include "api/access.h"
#include "api/answer.h"
#include "api/request.h"
#include "api/service.h"

namespace cacheindex::api {

/// Where a request is worked on.
enum class Lane {
  kInline,  ///< On the loop thread: microseconds, and never waits.
  kWorker,
  kSearch,  ///< On a thread for searches, in turn with other clients.
  kImport,  ///< On a bulk thread, from the end of the headers on.
  kExport,  ///< On a bulk thread.
};

/// Who checks the key.
enum class KeyCheck { kFront, kNone, kHandler };

/// What handlers reach besides the request.
struct RouteContext {
  Service& service;
  const Access& access;
  const Limits& limits;
};

using Handler = Answer (*)(const RouteContext& context, const Request& request);

struct Route {
  Method method = Method::kGet;
  /// Also the name under which requests are counted: "GET /collections/:c".
  std::string_view label;
  /// What a key must allow: "resource:verb".
  std::string_view action;
  Lane lane = Lane::kWorker;
  /// nullptr for imports and exports, which stream.
  Handler handler = nullptr;
  KeyCheck key_check = KeyCheck::kFront;
  /// Asked often: answered without the detour through httplib.
  bool is_hot = false;
  /// Of the handlers that several kinds of resources share.
  ResourceKind resource = ResourceKind::kPreset;

  std::string_view pattern() const noexcept { return label.substr(label.find(' ') + 1); }
};

/// All routes; of two that match, the first one counts.
std::span<const Route> Routes() noexcept;

/// Finds the route by the path as it was sent, without its empty segments, and then decodes what
/// its `:name` segments matched: a name may hold an encoded slash. HEAD finds the routes of GET,
/// except exports.
///
/// Sets `request.route`, to nullptr when nothing matches, and `request.names`.
/// Errors: kInvalidArgument for a bad percent sign in a name, and for an empty segment where only a
/// name was lost: without it, the path would mean something else.
Result<void> FindRoute(Request& request);

}  // namespace cacheindex::api
