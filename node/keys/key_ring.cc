#include "node/keys/key_ring.h"

#include <algorithm>
#include <cctype>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "api/key_cryptography.h"
#include "index/schema/name_pattern.h"
#include "node/core/clock.h"
#include "node/core/nearest_name.h"

// Settings of the kind "key": the id in ten digits -> {"actions", "autodelete", "collections",
// "description", "digest", "expires_at", "id", "value_prefix", and "value" for a possible parent of
// scoped keys}.

namespace cacheindex::node {
namespace {

constexpr std::string_view kKeyKind = "key";
/// The contract's idea of never.
constexpr std::int64_t kNeverExpires = 64'723'363'199;
constexpr std::size_t kValueBytesMax = 512;
constexpr std::size_t kDescriptionBytesMax = 4096;
/// Actions and collections of one key, at most, and bytes of each.
constexpr std::size_t kListSizeMax = 1000;
constexpr std::size_t kElementBytesMax = 400;

Error Invalid(std::string message) { return {ErrorCode::kInvalidArgument, std::move(message)}; }

Error NoKey(std::uint32_t id) {
  return {ErrorCode::kNotFound, "Could not find a key with id: " + std::to_string(id)};
}

std::string NameOf(std::uint32_t id) {
  constexpr std::size_t kDigits = 10;
  std::string digits = std::to_string(id);
  return std::string(kDigits - digits.size(), '0') + digits;
}

Result<Json> ReadList(const Json& body, std::string_view name) {
  const auto list = body.find(name);
  if (list == body.end() || !list->is_array() || list->empty() || list->size() > kListSizeMax) {
    return Invalid("Parameter `" + std::string(name) + "` must be a list of 1 to " +
                   std::to_string(kListSizeMax) + " strings.");
  }
  for (const Json& element : *list) {
    if (!element.is_string() || element.get_ref<const std::string&>().empty() ||
        element.get_ref<const std::string&>().size() > kElementBytesMax) {
      return Invalid("Every one of `" + std::string(name) + "` must be a string of 1 to " +
                     std::to_string(kElementBytesMax) + " bytes.");
    }
  }
  return *list;
}

// Returns the text of `name`, an empty one when it is absent.
Result<std::string> ReadText(const Json& body, std::string_view name, std::size_t bytes_max) {
  const auto text = body.find(name);
  if (text == body.end() || text->is_null()) {
    return std::string();
  }
  if (!text->is_string() || text->get_ref<const std::string&>().size() > bytes_max) {
    return Invalid("Parameter `" + std::string(name) + "` must be a string of at most " +
                   std::to_string(bytes_max) + " bytes.");
  }
  return text->get<std::string>();
}

// A misspelt `expires_at` would make a key that never expires; what is near to nothing is ignored,
// as the contract says.
Result<void> CheckNames(const Json& body) {
  const std::vector<std::string> known = {"actions",     "autodelete", "collections",
                                          "description", "expires_at", "value"};
  for (const auto& [name, value] : body.items()) {
    const bool is_known = std::ranges::find(known, name) != known.end();
    const std::string meant = is_known ? std::string() : NearestName(name, known);
    if (!meant.empty()) {
      return Invalid("There is no parameter `" + name + "`; did you mean `" + meant + "`?");
    }
  }
  return {};
}

// Reads everything but the value.
Result<Json> ReadRecord(const Json& body) {
  if (!body.is_object()) {
    return Invalid("The body must be an object with `actions` and `collections`.");
  }
  if (auto checked = CheckNames(body); !checked) {
    return std::move(checked).error();
  }
  auto actions = ReadList(body, "actions");
  auto collections = ReadList(body, "collections");
  auto description = ReadText(body, "description", kDescriptionBytesMax);
  if (!actions || !collections || !description) {
    return !actions ? actions.error() : (!collections ? collections.error() : description.error());
  }
  std::int64_t expires_at = kNeverExpires;
  if (const auto end = body.find("expires_at"); end != body.end() && !end->is_null()) {
    if (!end->is_number_integer() || end->get<std::int64_t>() < 0) {
      return Invalid("Parameter `expires_at` must be a Unix time in seconds.");
    }
    expires_at = end->get<std::int64_t>();
  }
  bool autodelete = false;
  if (const auto choice = body.find("autodelete"); choice != body.end() && !choice->is_null()) {
    if (!choice->is_boolean()) {
      return Invalid("Parameter `autodelete` must be true or false.");
    }
    autodelete = choice->get<bool>();
  }
  return Json{{"actions", std::move(*actions)},
              {"collections", std::move(*collections)},
              {"description", std::move(*description)},
              {"expires_at", expires_at},
              {"autodelete", autodelete}};
}

Result<std::string> ReadValue(const Json& body) {
  auto value = ReadText(body, "value", kValueBytesMax);
  if (!value) {
    return value;
  }
  if (value->empty()) {
    value = api::MakeKeyValue();
    return value->empty() ? Error(ErrorCode::kIo, "The system gives no random bytes.")
                          : std::move(value);
  }
  const bool is_sendable = std::all_of(value->begin(), value->end(),
                                       [](char byte) { return byte > ' ' && byte <= '~'; });
  if (value->size() < api::kKeyPrefixBytes || !is_sendable) {
    return Invalid("Parameter `value` must have at least " + std::to_string(api::kKeyPrefixBytes) +
                   " visible ASCII characters.");
  }
  return value;
}

// Whether scoped keys can be made from it.
bool CanBeParent(const Json& record) {
  return record["actions"] == Json::array({api::kSearchAction});
}

// Whether a regular expression is just the name that it matches.
bool IsPlainName(std::string_view pattern) {
  return std::all_of(pattern.begin(), pattern.end(), [](unsigned char byte) {
    return byte == '_' || byte == '-' || std::isalnum(byte) != 0;
  });
}

Result<api::StoredKey> MakeKey(const Json& record) {
  api::StoredKey key;
  key.id = record["id"].get<std::uint32_t>();
  key.description = record["description"].get<std::string>();
  key.actions = record["actions"].get<std::vector<std::string>>();
  key.expires_at = record["expires_at"].get<std::int64_t>();
  key.value = record.value("value", "");
  for (const Json& element : record["collections"]) {
    const auto& pattern = element.get_ref<const std::string&>();
    if (pattern == "*" || pattern == ".*") {
      key.covers_all_collections = true;
      continue;
    }
    if (IsPlainName(pattern)) {
      key.collections.emplace_back([pattern](std::string_view name) { return name == pattern; });
      continue;
    }
    auto matcher = index::CompileNamePattern(pattern);
    if (!matcher) {
      return Invalid("`" + pattern + "` of `collections` is not a regular expression.");
    }
    key.collections.push_back(std::move(*matcher));
  }
  return key;
}

// What may be shown of a key after its creation.
Json Shown(Json record) {
  record.erase("digest");
  record.erase("value");
  return record;
}

bool IsSpent(const Json& record) {
  return record["autodelete"].get<bool>() && record["expires_at"] <= UnixSeconds();
}

}  // namespace

Result<void> KeyRing::Load() {
  auto stored = settings_.List(kKeyKind);
  if (!stored) {
    return std::move(stored).error().WithContext("load keys");
  }
  const std::lock_guard writing(writers_);
  for (const auto& [name, text] : *stored) {
    auto record = ParseJson(text);
    if (!record) {
      return Error(ErrorCode::kCorruption, "the stored key " + name + " cannot be read");
    }
    if (auto added = Add(std::move(*record)); !added) {
      return std::move(added).error().WithContext("load key " + name);
    }
  }
  return {};
}

Result<void> KeyRing::Add(Json record) {
  auto key = MakeKey(record);
  if (!key) {
    return std::move(key).error();
  }
  const std::lock_guard lock(mutex_);
  const auto id = record["id"].get<std::uint32_t>();
  ids_by_digest_[record["digest"].get<std::string>()] = id;
  if (!key->value.empty()) {
    ids_by_prefix_.emplace(record["value_prefix"].get<std::string>(), id);
  }
  entries_[id] = {std::move(record), std::make_shared<const api::StoredKey>(std::move(*key))};
  next_id_ = std::max(next_id_, id + 1);
  return {};
}

void KeyRing::Forget(std::uint32_t id) {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(id);
  ids_by_digest_.erase(found->second.record["digest"].get<std::string>());
  std::erase_if(ids_by_prefix_, [&](const auto& entry) { return entry.second == id; });
  entries_.erase(found);
}

Result<void> KeyRing::DropExpired() {
  std::vector<std::uint32_t> spent;
  for (const auto& [id, entry] : entries_) {
    if (IsSpent(entry.record)) {
      spent.push_back(id);
    }
  }
  for (const std::uint32_t id : spent) {
    if (auto deleted = settings_.Delete(kKeyKind, NameOf(id)); !deleted) {
      return std::move(deleted).error();
    }
    Forget(id);
  }
  return {};
}

Result<Json> KeyRing::Create(const Json& body) {
  auto record = ReadRecord(body);
  if (!record) {
    return record;
  }
  auto value = ReadValue(body);
  if (!value) {
    return std::move(value).error();
  }
  std::string digest = api::KeyDigest(*value);
  const std::lock_guard writing(writers_);
  if (auto dropped = DropExpired(); !dropped) {
    return std::move(dropped).error();
  }
  if (entries_.size() >= kKeysMax) {
    return Error(ErrorCode::kUnprocessable,
                 "There can be at most " + std::to_string(kKeysMax) + " keys.");
  }
  if (ids_by_digest_.contains(digest)) {
    return Error(ErrorCode::kConflict, "A key with this value already exists.");
  }
  (*record)["id"] = next_id_;
  (*record)["digest"] = std::move(digest);
  (*record)["value_prefix"] = value->substr(0, api::kKeyPrefixBytes);
  if (CanBeParent(*record)) {
    (*record)["value"] = *value;
  }
  if (auto usable = MakeKey(*record); !usable) {
    return std::move(usable).error();
  }
  if (auto put = settings_.Put(kKeyKind, NameOf(next_id_), DumpJson(*record)); !put) {
    return std::move(put).error();
  }
  Json answer = Shown(*record);
  answer.erase("value_prefix");
  answer["value"] = std::move(*value);
  if (auto added = Add(std::move(*record)); !added) {
    return std::move(added).error();
  }
  return answer;
}

Result<Json> KeyRing::List() {
  const std::lock_guard writing(writers_);
  if (auto dropped = DropExpired(); !dropped) {
    return std::move(dropped).error();
  }
  Json list = Json::array();
  for (const auto& [id, entry] : entries_) {
    list.push_back(Shown(entry.record));
  }
  return list;
}

Result<Json> KeyRing::Get(std::uint32_t id) const {
  const std::shared_lock lock(mutex_);
  const auto found = entries_.find(id);
  return found == entries_.end() ? Result<Json>(NoKey(id)) : Shown(found->second.record);
}

Result<Json> KeyRing::Delete(std::uint32_t id) {
  const std::lock_guard writing(writers_);
  if (!entries_.contains(id)) {
    return NoKey(id);
  }
  if (auto deleted = settings_.Delete(kKeyKind, NameOf(id)); !deleted) {
    return std::move(deleted).error();
  }
  Forget(id);
  return Json{{"id", id}};
}

std::shared_ptr<const api::StoredKey> KeyRing::Find(std::string_view digest) const {
  const std::shared_lock lock(mutex_);
  const auto found = ids_by_digest_.find(std::string(digest));
  return found == ids_by_digest_.end() ? nullptr : entries_.at(found->second).key;
}

std::vector<std::shared_ptr<const api::StoredKey>> KeyRing::FindParents(
    std::string_view prefix) const {
  const std::shared_lock lock(mutex_);
  std::vector<std::shared_ptr<const api::StoredKey>> parents;
  const auto [begin, end] = ids_by_prefix_.equal_range(std::string(prefix));
  for (auto parent = begin; parent != end; ++parent) {
    parents.push_back(entries_.at(parent->second).key);
  }
  return parents;
}

}  // namespace cacheindex::node
