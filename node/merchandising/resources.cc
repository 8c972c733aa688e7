#include "node/merchandising/resources.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "node/merchandising/language_resources.h"

// Settings of the kinds below: name -> {"value": {...}} of a preset, {"items": [...]} of a set, and
// as language_resources.h says.

namespace cacheindex::node {
namespace {

using api::ResourceKind;

constexpr std::array kKinds = {ResourceKind::kPreset, ResourceKind::kSynonymSet,
                               ResourceKind::kCurationSet, ResourceKind::kStopwordSet,
                               ResourceKind::kStemmingDictionary};

std::string_view SettingOf(ResourceKind kind) {
  switch (kind) {
    case ResourceKind::kPreset:
      return "preset";
    case ResourceKind::kSynonymSet:
      return "synonym_set";
    case ResourceKind::kCurationSet:
      return "curation_set";
    case ResourceKind::kStopwordSet:
      return "stopword_set";
    case ResourceKind::kStemmingDictionary:
      return "stemming_dictionary";
  }
  return {};
}

std::string_view WordFor(ResourceKind kind) {
  switch (kind) {
    case ResourceKind::kPreset:
      return "preset";
    case ResourceKind::kSynonymSet:
      return "synonym set";
    case ResourceKind::kCurationSet:
      return "curation set";
    case ResourceKind::kStopwordSet:
      return "stopword set";
    case ResourceKind::kStemmingDictionary:
      return "stemming dictionary";
  }
  return {};
}

Error Missing(std::string_view what, std::string_view name) {
  return {ErrorCode::kNotFound,
          "Could not find a " + std::string(what) + " named `" + std::string(name) + "`."};
}

Error Invalid(std::string message) { return {ErrorCode::kInvalidArgument, std::move(message)}; }

// Typed clients want these members of every item, also of one that was kept without.
void FillIn(ResourceKind kind, Json& item) {
  if (kind == ResourceKind::kSynonymSet) {
    item.emplace("root", "");
  } else if (kind == ResourceKind::kCurationSet) {
    item.emplace("includes", Json::array());
    item.emplace("excludes", Json::array());
  }
}

Result<Json> ReadItem(ResourceKind kind, std::string_view id, const Json& body) {
  if (id.empty()) {
    return Invalid("The id of an item must not be empty.");
  }
  auto item = kind == ResourceKind::kSynonymSet ? ReadSynonym(id, body) : ReadCuration(id, body);
  if (item) {
    FillIn(kind, *item);
  }
  return item;
}

Result<Json> ReadItems(ResourceKind kind, const Json& body) {
  const auto items = body.is_object() ? body.find("items") : body.end();
  if (!body.is_object() || items == body.end() || !items->is_array()) {
    return Invalid("Parameter `items` must be a list.");
  }
  if (items->size() > Resources::kItemsMax) {
    return Invalid("Parameter `items` must have at most " + std::to_string(Resources::kItemsMax) +
                   " elements.");
  }
  Json read = Json::array();
  std::set<std::string> ids;
  for (const Json& item : *items) {
    if (!item.is_object() || !item.contains("id") || !item["id"].is_string()) {
      return Invalid("Every one of `items` must be an object with an `id`.");
    }
    const auto& id = item["id"].get_ref<const std::string&>();
    if (!ids.insert(id).second) {
      return Invalid("`items` has more than one element with the id `" + id + "`.");
    }
    auto kept = ReadItem(kind, id, item);
    if (!kept) {
      return kept;
    }
    read.push_back(std::move(*kept));
  }
  return Json{{"items", std::move(read)}};
}

Result<Json> ReadPreset(const Json& body) {
  const auto value = body.is_object() ? body.find("value") : body.end();
  if (!body.is_object() || value == body.end() || !value->is_object()) {
    return Invalid("Parameter `value` must be an object of search parameters.");
  }
  return Json{{"value", *value}};
}

std::string NameMember(ResourceKind kind) {
  const bool has_id =
      kind == ResourceKind::kStopwordSet || kind == ResourceKind::kStemmingDictionary;
  return has_id ? "id" : "name";
}

Json Named(ResourceKind kind, std::string_view name, Json body) {
  body[NameMember(kind)] = name;
  return body;
}

Result<Json> ReadBody(ResourceKind kind, const Json& body) {
  switch (kind) {
    case ResourceKind::kPreset:
      return ReadPreset(body);
    case ResourceKind::kSynonymSet:
    case ResourceKind::kCurationSet:
      return ReadItems(kind, body);
    case ResourceKind::kStopwordSet:
      return ReadStopwords(body);
    case ResourceKind::kStemmingDictionary:
      return ReadStemmingWords(body);
  }
  return body;
}

Json::array_t::iterator FindItem(Json& items, std::string_view id) {
  auto& list = items.get_ref<Json::array_t&>();
  return std::find_if(list.begin(), list.end(), [&](const Json& item) { return item["id"] == id; });
}

}  // namespace

std::string OwnSetName(ResourceKind kind, std::string_view collection) {
  return std::string(collection) +
         (kind == ResourceKind::kSynonymSet ? "_synonyms_index" : "_curations_index");
}

Result<Resources::Entry> Resources::MakeEntry(ResourceKind kind, Json body) {
  Entry entry;
  if (kind == ResourceKind::kSynonymSet) {
    entry.synonyms = std::make_shared<const SynonymSet>(body["items"]);
  } else if (kind == ResourceKind::kCurationSet) {
    CurationSet rules;
    for (const Json& item : body["items"]) {
      rules.push_back(MakeCurationRule(item));
    }
    std::ranges::sort(rules, {}, &CurationRule::id);
    entry.curations = std::make_shared<const CurationSet>(std::move(rules));
  } else if (kind == ResourceKind::kStopwordSet) {
    entry.stopwords = MakeStopwords(body);
  } else if (kind == ResourceKind::kStemmingDictionary) {
    entry.stemming = MakeStemmingDictionary(body);
  }
  entry.body = std::move(body);
  return entry;
}

Result<void> Resources::Load() {
  for (const ResourceKind kind : kKinds) {
    auto stored = settings_.List(SettingOf(kind));
    if (!stored) {
      return std::move(stored).error().WithContext("load " + std::string(WordFor(kind)) + "s");
    }
    for (auto& [name, text] : *stored) {
      auto body = ParseJson(text);
      if (body && body->contains("items")) {
        for (Json& item : (*body)["items"]) {
          FillIn(kind, item);
        }
      }
      auto entry = body ? MakeEntry(kind, std::move(*body)) : std::move(body).error();
      if (!entry) {
        return std::move(entry).error().WithContext("load " + std::string(WordFor(kind)) + " " +
                                                    name);
      }
      const std::lock_guard lock(mutex_);
      entries(kind)[name] = std::move(*entry);
    }
  }
  const std::lock_guard lock(mutex_);
  CollectStemming();
  return {};
}

Json Resources::List(ResourceKind kind) const {
  const std::shared_lock lock(mutex_);
  Json list = Json::array();
  for (const auto& [name, entry] : entries(kind)) {
    list.push_back(Named(kind, name, entry.body));
  }
  return list;
}

Result<Json> Resources::Get(ResourceKind kind, std::string_view name) const {
  const std::shared_lock lock(mutex_);
  const auto found = entries(kind).find(name);
  return found == entries(kind).end() ? Result<Json>(Missing(WordFor(kind), name))
                                      : Named(kind, name, found->second.body);
}

Result<Json> Resources::Put(ResourceKind kind, std::string_view name, const Json& body) {
  auto read = ReadBody(kind, body);
  if (!read) {
    return read;
  }
  const std::lock_guard writing(writers_);
  if (auto stored = Store(kind, name, *read); !stored) {
    return std::move(stored).error();
  }
  return Named(kind, name, std::move(*read));
}

Result<Json> Resources::Delete(ResourceKind kind, std::string_view name) {
  const std::lock_guard writing(writers_);
  if (!entries(kind).contains(name)) {
    return Missing(WordFor(kind), name);
  }
  if (auto erased = Erase(kind, name); !erased) {
    return std::move(erased).error();
  }
  return Json{{NameMember(kind), name}};
}

Result<void> Resources::Store(ResourceKind kind, std::string_view name, Json body) {
  if (name.empty() || name.size() > cache::Settings::kNameBytesMax) {
    return Invalid("The name of a " + std::string(WordFor(kind)) + " must have 1 to " +
                   std::to_string(cache::Settings::kNameBytesMax) + " bytes.");
  }
  if (!entries(kind).contains(name) && entries(kind).size() >= kResourcesMax) {
    return Error(ErrorCode::kUnprocessable, "There can be at most " +
                                                std::to_string(kResourcesMax) + " " +
                                                std::string(WordFor(kind)) + "s.");
  }
  if (auto put = settings_.Put(SettingOf(kind), name, DumpJson(body)); !put) {
    return put;
  }
  auto entry = MakeEntry(kind, std::move(body));
  if (!entry) {
    return std::move(entry).error();
  }
  const std::lock_guard lock(mutex_);
  entries(kind)[std::string(name)] = std::move(*entry);
  CollectStemming();
  return {};
}

void Resources::CollectStemming() {
  auto dictionaries = std::make_shared<StemmingDictionaries>();
  for (const auto& [name, entry] : entries(ResourceKind::kStemmingDictionary)) {
    dictionaries->emplace(name, entry.stemming);
  }
  stemming_ = dictionaries->empty() ? nullptr : std::move(dictionaries);
}

Result<void> Resources::Erase(ResourceKind kind, std::string_view name) {
  if (auto deleted = settings_.Delete(SettingOf(kind), name); !deleted) {
    return std::move(deleted).error();
  }
  const std::lock_guard lock(mutex_);
  entries(kind).erase(entries(kind).find(name));
  CollectStemming();
  return {};
}

Result<Json> Resources::CopyItems(const Set& set) const {
  const std::shared_lock lock(mutex_);
  const auto found = entries(set.kind).find(set.name);
  if (found == entries(set.kind).end()) {
    return set.may_be_missing ? Result<Json>(Json::array()) : Missing(WordFor(set.kind), set.name);
  }
  return found->second.body["items"];
}

Result<Json> Resources::ListItems(const Set& set) const { return CopyItems(set); }

Result<Json> Resources::GetItem(const Set& set, std::string_view id) const {
  auto items = CopyItems(set);
  if (!items) {
    return items;
  }
  const auto item = FindItem(*items, id);
  return item == items->get_ref<Json::array_t&>().end() ? Result<Json>(Missing("rule", id))
                                                        : std::move(*item);
}

Result<Json> Resources::PutItem(const Set& set, std::string_view id, const Json& body) {
  auto read = ReadItem(set.kind, id, body);
  if (!read) {
    return read;
  }
  const std::lock_guard writing(writers_);
  auto items = CopyItems(set);
  if (!items) {
    return items;
  }
  const auto item = FindItem(*items, id);
  if (item != items->get_ref<Json::array_t&>().end()) {
    *item = *read;
  } else if (items->size() >= kItemsMax) {
    return Error(ErrorCode::kUnprocessable,
                 "A set can have at most " + std::to_string(kItemsMax) + " items.");
  } else {
    items->push_back(*read);
  }
  if (auto stored = Store(set.kind, set.name, Json{{"items", std::move(*items)}}); !stored) {
    return std::move(stored).error();
  }
  return read;
}

Result<Json> Resources::DeleteItem(const Set& set, std::string_view id) {
  const std::lock_guard writing(writers_);
  auto items = CopyItems(set);
  if (!items) {
    return items;
  }
  const auto item = FindItem(*items, id);
  auto& list = items->get_ref<Json::array_t&>();
  if (item == list.end()) {
    return Missing("rule", id);
  }
  list.erase(item);
  const bool ceases = set.may_be_missing && list.empty();
  auto changed = ceases ? Erase(set.kind, set.name)
                        : Store(set.kind, set.name, Json{{"items", std::move(*items)}});
  if (!changed) {
    return std::move(changed).error();
  }
  return Json{{"id", id}};
}

Result<void> Resources::ForgetCollection(std::string_view collection) {
  const std::lock_guard writing(writers_);
  for (const ResourceKind kind : {ResourceKind::kSynonymSet, ResourceKind::kCurationSet}) {
    const std::string name = OwnSetName(kind, collection);
    if (entries(kind).contains(name)) {
      if (auto erased = Erase(kind, name); !erased) {
        return erased;
      }
    }
  }
  return {};
}

std::shared_ptr<const SynonymSet> Resources::FindSynonyms(std::string_view name) const {
  const std::shared_lock lock(mutex_);
  const auto found = entries(ResourceKind::kSynonymSet).find(name);
  return found == entries(ResourceKind::kSynonymSet).end() ? nullptr : found->second.synonyms;
}

std::shared_ptr<const Resources::CurationSet> Resources::FindCurations(
    std::string_view name) const {
  const std::shared_lock lock(mutex_);
  const auto found = entries(ResourceKind::kCurationSet).find(name);
  return found == entries(ResourceKind::kCurationSet).end() ? nullptr : found->second.curations;
}

std::shared_ptr<const Stopwords> Resources::FindStopwords(std::string_view name) const {
  const std::shared_lock lock(mutex_);
  const auto found = entries(ResourceKind::kStopwordSet).find(name);
  return found == entries(ResourceKind::kStopwordSet).end() ? nullptr : found->second.stopwords;
}

std::shared_ptr<const StemmingDictionaries> Resources::stemming() const {
  const std::shared_lock lock(mutex_);
  return stemming_;
}

}  // namespace cacheindex::node
