#include "api/access.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "api/key_cryptography.h"
#include "api/router.h"
#include "api/service.h"
#include "node/core/clock.h"

namespace cacheindex::api {
namespace {

std::string_view ResourceOf(std::string_view action) { return action.substr(0, action.find(':')); }

// "x:create" also lets a client PUT, for which older keys have no verb of their own.
bool Covers(std::string_view permitted, std::string_view wanted) {
  if (permitted == wanted) {
    return true;
  }
  const std::string_view resource = ResourceOf(wanted);
  if (ResourceOf(permitted) != resource || permitted.size() <= resource.size()) {
    return false;
  }
  const std::string_view verb = permitted.substr(resource.size());
  return verb == ":*" ||
         (verb == ":create" && wanted.ends_with(":upsert") && resource != "documents");
}

bool HasAction(const StoredKey& key, std::string_view wanted) {
  return std::any_of(key.actions.begin(), key.actions.end(), [&](const std::string& action) {
    return action == "*" || Covers(action, wanted);
  });
}

bool HasCollection(const StoredKey& key, std::string_view name) {
  return key.covers_all_collections ||
         std::any_of(key.collections.begin(), key.collections.end(),
                     [&](const auto& matches) { return matches(name); });
}

bool Allows(const StoredKey& key, const Intent& intent) {
  if (UnixSeconds() >= key.expires_at || !HasAction(key, intent.action)) {
    return false;
  }
  switch (intent.target) {
    case Intent::Target::kNamedCollection:
      return HasCollection(key, intent.collection);
    case Intent::Target::kSomeCollection:
      return true;
    case Intent::Target::kNode:
      // "Everything" in some collections must not reach what rules all of them.
      return key.covers_all_collections ||
             std::any_of(key.actions.begin(), key.actions.end(),
                         [&](const std::string& action) { return Covers(action, intent.action); });
  }
  return false;
}

// Returns the parameters, or null when they are not what a scoped key may have.
Json ReadEmbedded(const std::string& text) {
  auto embedded = ParseJson(text);
  if (!embedded || !embedded->is_object()) {
    return nullptr;
  }
  if (const auto filter = embedded->find("filter_by");
      filter != embedded->end() && !filter->is_string()) {
    return nullptr;
  }
  if (const auto end = embedded->find("expires_at"); end != embedded->end()) {
    if (!end->is_number_integer() || UnixSeconds() >= end->get<std::int64_t>()) {
      return nullptr;
    }
  }
  return std::move(*embedded);
}

Intent IntentOf(const Request& request) {
  const Route& route = *request.route;
  Intent intent{.action = route.action};
  if (route.pattern().starts_with("/collections/:")) {
    intent.target = Intent::Target::kNamedCollection;
    intent.collection = request.names.front();
  } else if (route.pattern() == "/collections" || route.pattern() == "/multi_search") {
    intent.target = Intent::Target::kSomeCollection;
  }
  if (intent.action == "documents:create") {
    const std::string_view action = request.parameters.Get("action");
    const bool replaces = action == "upsert" || action == "emplace";
    intent.action = replaces             ? "documents:upsert"
                    : action == "update" ? "documents:update"
                                         : intent.action;
  }
  return intent;
}

}  // namespace

std::string_view KeyOf(const Request& request) {
  const auto header = request.FindHeader(kKeyParameter);
  return header ? *header : request.parameters.Get(kKeyParameter);
}

std::optional<Grant> Access::Check(std::string_view key, const Intent& intent) const {
  if (IsNodeKey(key)) {
    return Grant{};
  }
  // Whoever sends keys cannot steer their digests, so looking one up tells nothing about others.
  if (const auto stored = service_.FindKey(KeyDigest(key))) {
    return Allows(*stored, intent) ? std::optional<Grant>(Grant{}) : std::nullopt;
  }
  return intent.action == kSearchAction ? CheckScoped(key, intent) : std::nullopt;
}

bool Access::IsNodeKey(std::string_view candidate) const noexcept {
  // Looks at every byte of the candidate, whose length its sender knows anyway. Volatile, so that
  // no compiler finds out that it may stop early.
  volatile unsigned difference = candidate.size() == api_key_.size() ? 0 : 1;
  for (std::size_t i = 0; i < candidate.size(); ++i) {
    const auto own = static_cast<unsigned char>(api_key_[i % api_key_.size()]);
    difference = difference | (static_cast<unsigned char>(candidate[i]) ^ own);
  }
  return difference == 0;
}

std::optional<Grant> Access::Check(const Request& request, const Intent& intent) const {
  return Check(KeyOf(request), intent);
}

std::optional<Grant> Access::CheckScoped(std::string_view key, const Intent& intent) const {
  const auto scoped = DecodeScopedKey(key);
  if (!scoped) {
    return std::nullopt;
  }
  for (const auto& parent : service_.FindParentKeys(scoped->parent_prefix)) {
    if (IsSignedBy(*scoped, parent->value)) {
      Grant grant{.embedded = ReadEmbedded(scoped->parameters)};
      return grant.embedded.is_object() && Allows(*parent, intent)
                 ? std::optional<Grant>(std::move(grant))
                 : std::nullopt;
    }
  }
  return std::nullopt;
}

RateLimits::Caller Access::CallerOf(std::string_view key, std::string_view address) const {
  RateLimits::Caller caller{.keys = {}, .address = address};
  const auto add = [&](std::string_view value) {
    caller.keys.push_back(
        {.digest = KeyDigest(value), .prefix = std::string(value.substr(0, kKeyPrefixBytes))});
  };
  if (key.empty()) {
    return caller;
  }
  add(key);
  if (const auto scoped = DecodeScopedKey(key)) {
    for (const auto& parent : service_.FindParentKeys(scoped->parent_prefix)) {
      if (IsSignedBy(*scoped, parent->value)) {
        add(parent->value);
      }
    }
  }
  return caller;
}

std::size_t Access::SharedKeyOf(std::string_view key) const {
  constexpr std::size_t kNone = 0;
  constexpr std::size_t kNode = 1;
  if (key.empty()) {
    return kNone;
  }
  if (IsNodeKey(key)) {
    return kNode;
  }
  const std::hash<std::string_view> hash;
  if (service_.FindKey(KeyDigest(key)) != nullptr) {
    return hash(key);
  }
  if (const auto scoped = DecodeScopedKey(key)) {
    for (const auto& parent : service_.FindParentKeys(scoped->parent_prefix)) {
      if (IsSignedBy(*scoped, parent->value)) {
        return hash(parent->value);
      }
    }
  }
  return kNone;
}

KeyIdentity Access::Identify(const Request& request) const {
  const auto stored = service_.FindKey(KeyDigest(KeyOf(request)));
  return stored ? KeyIdentity{.id = stored->id, .description = stored->description} : KeyIdentity();
}

bool Access::Permits(const Request& request) const {
  return Check(request, IntentOf(request)).has_value();
}

std::string_view Access::AllowedOrigin(const Request& request) const noexcept {
  if (!cors_.enabled) {
    return {};
  }
  if (cors_.allowed_origins.empty()) {
    return "*";
  }
  const auto origin = request.FindHeader("origin");
  const bool is_allowed =
      origin && std::find(cors_.allowed_origins.begin(), cors_.allowed_origins.end(), *origin) !=
                    cors_.allowed_origins.end();
  return is_allowed ? *origin : std::string_view();
}

}  // namespace cacheindex::api
