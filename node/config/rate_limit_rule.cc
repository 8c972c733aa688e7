#include "node/config/rate_limit_rule.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "api/key_cryptography.h"
#include "node/core/nearest_name.h"

namespace cacheindex::node {
namespace {

constexpr std::string_view kAll = ".*";
/// Keys or addresses of one rule, and bytes of each.
constexpr std::size_t kNamesMax = 1000;
constexpr std::size_t kNameBytesMax = 4096;
constexpr std::int64_t kNumberMax = std::numeric_limits<std::uint32_t>::max();
/// A year: whom a rule refuses longer it should block.
constexpr std::int64_t kBanHoursMax = 8760;

constexpr std::array<std::string_view, 9> kMembers = {
    "action",          "api_keys",
    "ip_addresses",    "max_requests_1m",
    "max_requests_1h", "auto_ban_1m_threshold",
    "priority",        "auto_ban_1m_duration_hours",
    "max_requests"};
constexpr std::string_view kCountsEach = "apply_limit_per_entity";

Error Invalid(std::string message) { return {ErrorCode::kInvalidArgument, std::move(message)}; }

std::string Quoted(std::string_view name) { return "`" + std::string(name) + "`"; }

// As the front writes the addresses of clients.
std::optional<std::string> NormalAddress(const std::string& text) {
  std::array<unsigned char, sizeof(in6_addr)> bytes{};
  std::array<char, INET6_ADDRSTRLEN> normal{};
  for (const int family : {AF_INET, AF_INET6}) {
    if (::inet_pton(family, text.c_str(), bytes.data()) == 1) {
      return ::inet_ntop(family, bytes.data(), normal.data(), normal.size());
    }
  }
  return std::nullopt;
}

// Replaces each of the names by what `keep` makes of it; absent names are none.
template <class Keep>
Result<Json> ReadNames(const Json& body, std::string_view member, const Keep& keep) {
  Json kept = Json::array();
  const auto names = body.find(member);
  if (names == body.end() || names->is_null()) {
    return kept;
  }
  if (!names->is_array() || names->empty() || names->size() > kNamesMax) {
    return Invalid("Parameter " + Quoted(member) + " must be a list of 1 to " +
                   std::to_string(kNamesMax) + " strings.");
  }
  for (const Json& name : *names) {
    const bool is_text = name.is_string() && !name.get_ref<const std::string&>().empty() &&
                         name.get_ref<const std::string&>().size() <= kNameBytesMax;
    auto one = is_text && name == kAll
                   ? std::optional<Json>(name)
                   : (is_text ? keep(name.get_ref<const std::string&>()) : std::optional<Json>());
    if (!one) {
      return Invalid("Every one of " + Quoted(member) + " must be " +
                     (member == "api_keys" ? "a key" : "a numeric address") +
                     ", or \".*\" for all.");
    }
    kept.push_back(*std::move(one));
  }
  return kept;
}

// Returns the number, -1 when it is absent, null or -1: no limit.
Result<std::int64_t> ReadNumber(const Json& body, std::string_view member,
                                std::int64_t number_max = kNumberMax) {
  const auto number = body.find(member);
  if (number == body.end() || number->is_null() || *number == -1) {
    return -1;
  }
  if (!number->is_number_integer() || *number < 0 || *number > number_max) {
    return Invalid("Parameter " + Quoted(member) + " must be a whole number from 0 to " +
                   std::to_string(number_max) + ", or -1 for none.");
  }
  return number->get<std::int64_t>();
}

std::optional<Error> CheckMembers(const Json& body) {
  std::vector<std::string> known(kMembers.begin(), kMembers.end());
  known.emplace_back(kCountsEach);
  for (const auto& [name, value] : body.items()) {
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      return Invalid("There is no parameter " + Quoted(name) + " of a rule" +
                     DidYouMean(name, known, '`'));
    }
  }
  return std::nullopt;
}

// Of the form that answers have, or of the form that requests have.
Result<Json> ReadMaxima(const Json& body) {
  const auto both = body.find("max_requests");
  if (both != body.end() && !both->is_object()) {
    return Invalid("Parameter `max_requests` must be an object.");
  }
  auto minute = both != body.end() ? ReadNumber(*both, "minute_threshold")
                                   : ReadNumber(body, "max_requests_1m");
  auto hour = both != body.end() ? ReadNumber(*both, "hour_threshold")
                                 : ReadNumber(body, "max_requests_1h");
  if (!minute || !hour) {
    return minute ? hour.error() : minute.error();
  }
  return Json{{"minute_threshold", *minute}, {"hour_threshold", *hour}};
}

std::optional<std::uint64_t> Limit(const Json& number) {
  return number < 0 ? std::nullopt : std::optional(number.get<std::uint64_t>());
}

RateLimitRule::Names MakeNames(const Json& kept) {
  RateLimitRule::Names names;
  for (const Json& one : kept) {
    if (one == kAll) {
      names.all = true;
    } else {
      names.names.push_back(one.is_object() ? one["digest"].get<std::string>()
                                            : one.get<std::string>());
    }
  }
  return names;
}

}  // namespace

std::optional<RateLimitRule::Entity> RateLimitRule::Match(
    const api::RateLimits::Caller& caller) const {
  Entity entity;
  if (caller.is_counted_already && keys.names.empty()) {
    return std::nullopt;
  }
  const auto named = std::find_if(caller.keys.begin(), caller.keys.end(), [&](const auto& key) {
    return std::find(keys.names.begin(), keys.names.end(), key.digest) != keys.names.end();
  });
  if (named != caller.keys.end()) {
    entity.key = *named;
  } else if (!keys.empty() && (!keys.all || caller.keys.empty())) {
    return std::nullopt;
  } else if (keys.all && counts_each) {
    entity.key = caller.keys.front();
  }
  const bool is_address_named = std::find(addresses.names.begin(), addresses.names.end(),
                                          caller.address) != addresses.names.end();
  if (!addresses.empty() && !addresses.all && !is_address_named) {
    return std::nullopt;
  }
  if (is_address_named || (addresses.all && counts_each)) {
    entity.address = caller.address;
  }
  return entity;
}

Result<Json> ReadRateLimit(const Json& body, std::uint32_t id) {
  if (!body.is_object()) {
    return Invalid("The body must be an object with `action` and `api_keys` or `ip_addresses`.");
  }
  if (auto unknown = CheckMembers(body)) {
    return *std::move(unknown);
  }
  const std::string action = body.contains("action") && body["action"].is_string()
                                 ? body["action"].get<std::string>()
                                 : std::string();
  if (action != "allow" && action != "block" && action != "throttle") {
    return Invalid("Parameter `action` must be one of: allow, block, throttle.");
  }
  auto keys = ReadNames(body, "api_keys", [](const std::string& key) {
    return std::optional<Json>(
        Json{{"digest", api::KeyDigest(key)}, {"prefix", key.substr(0, api::kKeyPrefixBytes)}});
  });
  auto addresses = ReadNames(body, "ip_addresses", [](const std::string& text) {
    auto address = NormalAddress(text);
    return address ? std::optional<Json>(*std::move(address)) : std::nullopt;
  });
  auto maxima = ReadMaxima(body);
  auto threshold = ReadNumber(body, "auto_ban_1m_threshold");
  auto hours = ReadNumber(body, "auto_ban_1m_duration_hours", kBanHoursMax);
  auto priority = ReadNumber(body, "priority");
  for (const Result<Json>* one : {&keys, &addresses, &maxima}) {
    if (!*one) {
      return one->error();
    }
  }
  for (const Result<std::int64_t>* one : {&threshold, &hours, &priority}) {
    if (!*one) {
      return one->error();
    }
  }
  if (keys->empty() && addresses->empty()) {
    return Invalid("A rule needs `api_keys` or `ip_addresses`.");
  }
  const bool has_maximum = (*maxima)["minute_threshold"] >= 0 || (*maxima)["hour_threshold"] >= 0;
  if (has_maximum != (action == "throttle")) {
    return Invalid(
        "A rule that throttles, and no other, needs `max_requests_1m` or `max_requests_1h`.");
  }
  if ((*threshold >= 0) != (*hours > 0) || (*threshold >= 0 && (*maxima)["minute_threshold"] < 0)) {
    return Invalid(
        "`auto_ban_1m_threshold` and `auto_ban_1m_duration_hours` belong together and to "
        "`max_requests_1m`.");
  }
  const auto each = body.find(kCountsEach);
  if (each != body.end() && !each->is_boolean()) {
    return Invalid("Parameter `apply_limit_per_entity` must be true or false.");
  }
  return Json{{"action", action},
              {"api_keys", *std::move(keys)},
              {"ip_addresses", *std::move(addresses)},
              {"max_requests", *std::move(maxima)},
              {"auto_ban_1m_threshold", *threshold},
              {"auto_ban_1m_duration_hours", *hours},
              {kCountsEach, each != body.end() && each->get<bool>()},
              {"priority", std::max<std::int64_t>(*priority, 0)},
              {"id", id}};
}

RateLimitRule MakeRateLimitRule(const Json& record) {
  RateLimitRule rule;
  rule.id = record["id"].get<std::uint32_t>();
  rule.action = record["action"] == "allow"   ? RateLimitRule::Action::kAllow
                : record["action"] == "block" ? RateLimitRule::Action::kBlock
                                              : RateLimitRule::Action::kThrottle;
  rule.keys = MakeNames(record["api_keys"]);
  rule.addresses = MakeNames(record["ip_addresses"]);
  rule.minute_max = Limit(record["max_requests"]["minute_threshold"]);
  rule.hour_max = Limit(record["max_requests"]["hour_threshold"]);
  rule.ban_threshold = Limit(record["auto_ban_1m_threshold"]);
  rule.ban_hours = Limit(record["auto_ban_1m_duration_hours"]).value_or(0);
  rule.counts_each = record[kCountsEach].get<bool>();
  rule.priority = record["priority"].get<std::int64_t>();
  return rule;
}

Json ShownRateLimit(Json record) {
  for (Json& key : record["api_keys"]) {
    key = key.is_object() ? key["prefix"] : key;
  }
  for (const char* member : {"api_keys", "ip_addresses"}) {
    if (record[member].empty()) {
      record.erase(member);
    }
  }
  return record;
}

}  // namespace cacheindex::node
