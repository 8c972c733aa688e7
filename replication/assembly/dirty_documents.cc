#include "replication/assembly/dirty_documents.h"

#include <algorithm>
#include <utility>

#include "replication/assembly/document_ids.h"
#include "replication/assembly/key_scan.h"
#include "replication/assembly/waiting_documents.h"
#include "replication/rows/reference_key.h"

namespace cacheindex::replication {
namespace {

/// Keys that are read before their rows are followed: following writes.
constexpr std::size_t kKeysMax = 1'000;

}  // namespace

PlanSet::PlanSet(std::vector<CollectionPlan> made) : plans(std::move(made)) {
  for (std::uint32_t i = 0; i < plans.size(); ++i) {
    for (std::uint32_t j = 0; j < plans[i].places.size(); ++j) {
      appearances[plans[i].places[j].table].push_back({i, j});
    }
  }
}

FieldSet DirtyDocuments::Affected(const Place& place, const StoredRow* before,
                                  const StoredRow* after) {
  if (before == nullptr || after == nullptr) {
    return FieldSet::All();
  }
  FieldSet fields;
  for (std::size_t slot = 0; slot < place.used.size(); ++slot) {
    if (!place.used[slot].is_empty()) {
      const Cell old_cell = slot < before->cells.size() ? before->cells[slot] : Cell();
      const Cell new_cell = slot < after->cells.size() ? after->cells[slot] : Cell();
      if (!(old_cell == new_cell)) {
        fields |= place.used[slot];
      }
    }
  }
  return fields;
}

Result<void> DirtyDocuments::RowChanged(const StoredTable& table, std::string_view key,
                                        const StoredRow* before, const StoredRow* after) {
  const auto appearances = plans_.appearances.find(table.oid);
  if (appearances == plans_.appearances.end()) {
    return {};
  }
  for (const PlanSet::Appearance& appearance : appearances->second) {
    const Place& place = plans_.plans[appearance.plan].places[appearance.place];
    const FieldSet fields = Affected(place, before, after);
    if (fields.is_empty()) {
      continue;
    }
    if (appearance.place == 0) {
      const CollectionPlan& plan = plans_.plans[appearance.plan];
      std::string gone_id = before == nullptr ? std::string() : DocumentIdOf(plan, *before);
      if (after != nullptr && before != nullptr && gone_id == DocumentIdOf(plan, *after)) {
        gone_id.clear();
      }
      if (auto added = AddDocument(appearance.plan, key, gone_id, fields); !added) {
        return added;
      }
      continue;
    }
    // Both links count; mostly they are one.
    const bool is_same_link =
        before != nullptr && after != nullptr && before->version == after->version &&
        std::all_of(place.up.from_slots.begin(), place.up.from_slots.end(),
                    [&](std::uint32_t slot) { return before->cells[slot] == after->cells[slot]; });
    for (const StoredRow* const row : {before, after}) {
      if (row != nullptr && !(is_same_link && row == before)) {
        if (auto climbed = Climb(appearance.plan, appearance.place, *row, fields); !climbed) {
          return climbed;
        }
      }
    }
  }
  return {};
}

Result<void> DirtyDocuments::Climb(std::uint32_t plan, std::uint32_t place_number,
                                   const StoredRow& row, FieldSet fields) {
  const Place& place = plans_.plans[plan].places[place_number];
  // `row` may be gone once something is written.
  for (std::string& values :
       ReferenceKeys(*row.version, place.up.from_slots, place.up.from_forms, row.cells)) {
    if (place.up.kind == Access::Kind::kKey && !place.is_tree) {
      if (auto reached = Reach(plan, place.parent, values, fields); !reached) {
        return reached;
      }
      continue;
    }
    Shared shared{.plan = plan, .place = place_number, .values = std::move(values)};
    const auto followed = followed_.find(shared);
    if (followed == followed_.end() || !followed->second.Contains(fields)) {
      shared_[std::move(shared)] |= fields;
    }
  }
  return {};
}

Result<void> DirtyDocuments::Reach(std::uint32_t plan, std::uint32_t place, std::string_view key,
                                   FieldSet fields) {
  if (place == 0) {
    return AddDocument(plan, key, {}, fields);
  }
  const StoredTable& table = *tables_.Find(plans_.plans[plan].places[place].table);
  const auto bytes = transaction_.FindEntry(table.rows, key);
  if (!bytes) {
    return bytes.error();
  }
  if (!*bytes) {
    return {};
  }
  StoredRow row;
  if (auto decoded = DecodeRow(table, **bytes, row); !decoded) {
    return decoded;
  }
  return Climb(plan, place, row, fields);
}

Result<void> DirtyDocuments::AddDocument(std::uint32_t plan, std::string_view key,
                                         std::string_view gone_id, FieldSet fields) {
  reached_ += is_following_ ? 1U : 0U;
  DocumentKey document(plan, key);
  const bool must_wait = options_.all_wait || documents_.size() >= options_.documents_max ||
                         (is_following_ && reached_ > options_.immediate_documents_max);
  const auto known = documents_.find(document);
  if (known != documents_.end() || !must_wait) {
    Rebuild& rebuild = documents_[std::move(document)];
    rebuild.fields |= fields;
    // The first is the one that is stored.
    if (rebuild.gone_id.empty()) {
      rebuild.gone_id = gone_id;
    }
    return {};
  }
  const auto added = AddWaiting(transaction_, {.collection = plans_.plans[plan].collection,
                                               .key = std::string(key),
                                               .since = options_.since,
                                               .gone_id = std::string(gone_id),
                                               .fields = fields});
  if (!added) {
    return added.error();
  }
  added_waiting_ += *added ? 1U : 0U;
  return {};
}

Result<void> DirtyDocuments::Finish() {
  is_following_ = true;
  while (!shared_.empty()) {
    const auto [shared, fields] = *shared_.begin();
    shared_.erase(shared_.begin());
    followed_[shared] |= fields;
    reached_ = 0;
    if (auto followed = FollowShared(shared, fields); !followed) {
      return followed;
    }
  }
  is_following_ = false;
  return {};
}

Result<void> DirtyDocuments::FollowShared(const Shared& shared, FieldSet fields) {
  const Place& place = plans_.plans[shared.plan].places[shared.place];
  std::string after;
  while (true) {
    std::vector<std::string> keys;
    auto scanned = ScanKeys(transaction_, *tables_.Find(place.up.table), place.up, shared.values,
                            after, [&](std::string_view key) {
                              keys.emplace_back(key);
                              return keys.size() < kKeysMax;
                            });
    if (!scanned) {
      return scanned;
    }
    for (const std::string& key : keys) {
      if (auto reached = Reach(shared.plan, place.parent, key, fields); !reached) {
        return reached;
      }
      // The rows below in the tree show it too.
      if (place.is_tree) {
        if (auto reached = Reach(shared.plan, shared.place, key, fields); !reached) {
          return reached;
        }
      }
    }
    if (keys.size() < kKeysMax) {
      return {};
    }
  }
}

}  // namespace cacheindex::replication
