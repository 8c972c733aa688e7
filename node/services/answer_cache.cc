#include "node/services/answer_cache.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

namespace cacheindex::node {
namespace {

// What an entry costs besides its texts: list and table nodes, and the vectors inside.
constexpr std::size_t kEntryBytes = 2'048;
constexpr std::size_t kHitBytes = 512;
constexpr std::size_t kFacetValueBytes = 128;

std::size_t BytesOf(const SearchHit& hit) {
  return kHitBytes + hit.document.size() + BytesOf(hit.highlights);
}

std::size_t BytesOf(const SearchPage& page) {
  std::size_t bytes = kEntryBytes;
  for (const SearchHit& hit : page.hits) {
    bytes += BytesOf(hit);
  }
  for (const SearchGroup& group : page.groups) {
    bytes += sizeof(group) + group.key.size();
    for (const SearchHit& hit : group.hits) {
      bytes += BytesOf(hit);
    }
  }
  for (const FacetCounts& facet : page.facet_counts) {
    bytes += sizeof(facet);
    for (const FacetValue& value : facet.counts) {
      bytes +=
          kFacetValueBytes + value.value.size() + value.highlighted.size() + value.parent.size();
    }
  }
  return bytes;
}

std::size_t BytesOf(const std::vector<std::string>& texts) {
  std::size_t bytes = 0;
  for (const std::string& text : texts) {
    bytes += sizeof(std::string) + text.size();
  }
  return bytes;
}

// Clients choose how long each of these is.
std::size_t BytesOf(const SearchRequest& request) {
  std::size_t bytes = sizeof(request);
  for (const std::string* text : {&request.query, &request.filter_by, &request.sort_by,
                                  &request.facet_by, &request.facet_query, &request.stopwords_name,
                                  &request.highlight_start_tag, &request.highlight_end_tag}) {
    bytes += text->size();
  }
  for (const std::vector<std::string>* texts :
       {&request.query_by, &request.synonym_sets, &request.hidden_hits, &request.curation_tags,
        &request.curation_sets, &request.facet_return_parent, &request.group_by,
        &request.include_fields, &request.exclude_fields, &request.scope.include_fields,
        &request.scope.exclude_fields, &request.highlight_fields, &request.highlight_full_fields}) {
    bytes += BytesOf(*texts);
  }
  for (const auto& synonym : request.synonyms) {
    bytes += sizeof(synonym) + synonym.root.size() + BytesOf(synonym.synonyms) +
             BytesOf(synonym.symbols);
  }
  for (const PinnedHit& hit : request.pinned_hits) {
    bytes += sizeof(hit) + hit.id.size();
  }
  for (const FurtherFilter& filter : request.further_filters) {
    bytes += sizeof(filter) + filter.expression.size();
  }
  return bytes;
}

}  // namespace

std::size_t AnswerCache::HashOf(const Key& key) {
  const SearchRequest& request = key.request;
  std::size_t hash = static_cast<std::size_t>(key.collection);
  const auto add = [&](std::size_t part) { hash = hash * 1'000'003 ^ part; };
  const auto add_text = [&](std::string_view text) { add(std::hash<std::string_view>()(text)); };
  for (const std::uint32_t number :
       {request.page, request.per_page, request.offset.value_or(0), request.max_facet_values}) {
    add(number);
  }
  for (const std::string* text : {&request.query, &request.filter_by, &request.sort_by,
                                  &request.facet_by, &request.facet_query}) {
    add_text(*text);
  }
  for (const std::vector<std::string>* texts :
       {&request.query_by, &request.group_by, &request.include_fields, &request.exclude_fields,
        &request.scope.include_fields, &request.scope.exclude_fields, &request.hidden_hits,
        &request.curation_tags}) {
    add(texts->size());
    std::ranges::for_each(*texts, add_text);
  }
  for (const FurtherFilter& filter : request.further_filters) {
    add_text(filter.expression);
  }
  for (const PinnedHit& hit : request.pinned_hits) {
    add_text(hit.id);
  }
  return hash;
}

AnswerCache::Entries::iterator AnswerCache::Locate(std::size_t hash, const Key& key) {
  const auto [first, last] = places_.equal_range(hash);
  for (auto place = first; place != last; ++place) {
    if (place->second->key == key) {
      return place->second;
    }
  }
  return entries_.end();
}

void AnswerCache::Remove(Entries::iterator entry) {
  const auto [first, last] = places_.equal_range(entry->hash);
  for (auto place = first; place != last; ++place) {
    if (place->second == entry) {
      places_.erase(place);
      break;
    }
  }
  statistics_.bytes -= entry->bytes;
  entries_.erase(entry);
}

std::shared_ptr<const AnswerCache::Known> AnswerCache::FindShared(const Key& key,
                                                                  Position changed_at) {
  const std::size_t hash = HashOf(key);
  const std::lock_guard lock(mutex_);
  const auto entry = Locate(hash, key);
  if (entry != entries_.end() && entry->known->position >= changed_at &&
      Clock::now() < entry->expires) {
    ++statistics_.hits;
    entries_.splice(entries_.begin(), entries_, entry);
    return entry->known;
  }
  ++statistics_.misses;
  if (entry != entries_.end()) {
    Remove(entry);
  }
  return nullptr;
}

std::optional<AnswerCache::Known> AnswerCache::Find(const Key& key, Position changed_at) {
  const auto known = FindShared(key, changed_at);
  return known == nullptr ? std::nullopt : std::optional(*known);
}

void AnswerCache::Put(Key key, const SearchPage& page, Position position) {
  const std::size_t bytes = BytesOf(page) + BytesOf(key.request);
  if (bytes > bytes_max_) {
    return;
  }
  const std::size_t hash = HashOf(key);
  const auto expires = Clock::now() + std::chrono::seconds(key.request.cache_ttl_s);
  auto known = std::make_shared<const Known>(Known{.page = page, .position = position});
  const std::lock_guard lock(mutex_);
  if (const auto former = Locate(hash, key); former != entries_.end()) {
    Remove(former);
  }
  while (statistics_.bytes + bytes > bytes_max_) {
    Remove(std::prev(entries_.end()));
  }
  entries_.push_front({.hash = hash,
                       .key = std::move(key),
                       .known = std::move(known),
                       .expires = expires,
                       .bytes = bytes});
  places_.emplace(hash, entries_.begin());
  statistics_.bytes += bytes;
}

void AnswerCache::Clear() {
  const std::lock_guard lock(mutex_);
  places_.clear();
  entries_.clear();
  statistics_.bytes = 0;
}

AnswerCache::Statistics AnswerCache::statistics() const {
  const std::lock_guard lock(mutex_);
  Statistics statistics = statistics_;
  statistics.answers = entries_.size();
  return statistics;
}

}  // namespace cacheindex::node
