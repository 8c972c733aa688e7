#pragma once

#include <array>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

#include "api/service.h"
#include "cache/settings.h"
#include "node/core/json.h"
#include "node/core/result.h"
#include "node/core/search.h"
#include "node/merchandising/curation_rule.h"
#include "node/merchandising/synonym_set.h"

namespace cacheindex::node {

/// Returns the name of the set that belongs to a collection: what the older generation of the
/// interface edits, and every search in the collection uses.
std::string OwnSetName(api::ResourceKind kind, std::string_view collection);

/// Presets, sets of synonyms, curations and stopwords, stemming dictionaries: kept in the settings,
/// and in memory ready for searches.
///
/// Threads: all methods may be called concurrently, after Load.
class Resources {
 public:
  /// Of one kind, and items of one set, at most.
  static constexpr std::size_t kResourcesMax = 10'000;
  static constexpr std::size_t kItemsMax = 10'000;

  /// In the order in which rules apply.
  using CurationSet = std::vector<CurationRule>;

  explicit Resources(cache::Settings& settings) : settings_(settings) {}

  Result<void> Load();

  // Bodies and answers are the contract's.
  Json List(api::ResourceKind kind) const;
  Result<Json> Get(api::ResourceKind kind, std::string_view name) const;
  Result<Json> Put(api::ResourceKind kind, std::string_view name, const Json& body);
  Result<Json> Delete(api::ResourceKind kind, std::string_view name);

  /// The items of a set. When `may_be_missing`, a set that does not exist has none, comes to be
  /// with its first item and ceases with its last.
  struct Set {
    api::ResourceKind kind = api::ResourceKind::kSynonymSet;
    std::string name;
    bool may_be_missing = false;
  };
  Result<Json> ListItems(const Set& set) const;
  Result<Json> GetItem(const Set& set, std::string_view id) const;
  Result<Json> PutItem(const Set& set, std::string_view id, const Json& body);
  Result<Json> DeleteItem(const Set& set, std::string_view id);

  /// Deletes the sets of a collection that is gone.
  Result<void> ForgetCollection(std::string_view collection);

  /// Null when there is none of that name.
  std::shared_ptr<const SynonymSet> FindSynonyms(std::string_view name) const;
  std::shared_ptr<const CurationSet> FindCurations(std::string_view name) const;
  std::shared_ptr<const Stopwords> FindStopwords(std::string_view name) const;

  /// Returns all stemming dictionaries, null when there are none.
  std::shared_ptr<const StemmingDictionaries> stemming() const;

 private:
  struct Entry {
    /// As it is kept and shown, without its name.
    Json body;
    std::shared_ptr<const SynonymSet> synonyms;
    std::shared_ptr<const CurationSet> curations;
    std::shared_ptr<const Stopwords> stopwords;
    std::shared_ptr<const StemmingDictionary> stemming;
  };
  using Entries = std::map<std::string, Entry, std::less<>>;

  static Result<Entry> MakeEntry(api::ResourceKind kind, Json body);
  /// Returns a copy of the items; an empty list for a missing set.
  Result<Json> CopyItems(const Set& set) const;
  Result<void> Store(api::ResourceKind kind, std::string_view name, Json body);
  Result<void> Erase(api::ResourceKind kind, std::string_view name);
  /// Requires that mutex_ is held.
  void CollectStemming();
  Entries& entries(api::ResourceKind kind) { return entries_.at(static_cast<std::size_t>(kind)); }
  const Entries& entries(api::ResourceKind kind) const {
    return entries_.at(static_cast<std::size_t>(kind));
  }

  cache::Settings& settings_;
  /// Held by whoever changes something, also while the settings are written.
  std::mutex writers_;
  /// Held for moments only.
  mutable std::shared_mutex mutex_;
  std::array<Entries, 5> entries_;
  std::shared_ptr<const StemmingDictionaries> stemming_;
};

}  // namespace cacheindex::node
