#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

#include "replication/apply/applier.h"
#include "replication/apply/applier_parts.h"
#include "replication/apply/document_maker.h"
#include "replication/assembly/assembler.h"
#include "replication/assembly/document_ids.h"
#include "replication/assembly/due_documents.h"
#include "replication/assembly/refused_documents.h"
#include "replication/assembly/waiting_documents.h"
#include "replication/rows/row_key.h"

// Rows on their way into documents.

namespace cacheindex::replication {
namespace {

/// How long a bite of waiting documents may take: what is committed meanwhile is seen after it.
constexpr std::chrono::milliseconds kDrainBite{50};
constexpr std::size_t kDrainedDocumentsMin = 100;
/// Documents that are due at once, at most: the later ones are late by so many.
constexpr std::size_t kDueDocumentsMax = 100'000;
/// Root keys that are read at once.
constexpr std::size_t kKeysMax = 2'000;

// The next root keys behind `after`.
Result<std::vector<std::string>> NextKeys(const cache::View& view, const StoredTable& table,
                                          const std::string& after, std::size_t keys_max) {
  std::vector<std::string> keys;
  auto scanned =
      view.ScanEntriesFrom(table.rows, {}, after, [&](std::string_view key, std::string_view) {
        if (after.empty() || key != after) {
          keys.emplace_back(key);
        }
        return keys.size() < keys_max;
      });
  return scanned ? Result<std::vector<std::string>>(std::move(keys)) : std::move(scanned).error();
}

}  // namespace

Result<void> Applier::Parts::WriteDocuments(
    cache::WriteTransaction& transaction, Work& work,
    const std::map<DirtyDocuments::DocumentKey, DirtyDocuments::Rebuild>& documents) {
  DocumentMaker maker(transaction, work, sink);
  for (const auto& [document, rebuild] : documents) {
    const CollectionPlan& plan = work.plans->plans[document.first];
    const std::string& key = document.second;
    std::optional<WaitingDocument> waited;
    if (work.progress.waiting > 0) {
      auto taken = TakeWaiting(transaction, plan.collection, key);
      if (!taken) {
        return std::move(taken).error();
      }
      waited = *std::move(taken);
      work.progress.waiting -= waited ? 1U : 0U;
    }
    FieldSet fields = rebuild.fields;
    if (waited) {
      fields |= waited->fields;
    }
    // A row that made another document before is made as a whole: its key decides, which is all.
    if (!fields.is_all()) {
      auto made = maker.MakeMembers(plan, key, fields);
      if (!made) {
        return std::move(made).error();
      }
      if (*made) {
        continue;
      }
    }
    // It may have waited because its row was gone, whatever the reason is now.
    if (auto made =
            maker.Make(plan, key, {rebuild.gone_id, waited ? waited->gone_id : std::string_view()});
        !made) {
      return made;
    }
  }
  return {};
}

Result<bool> Applier::BuildDocuments() {
  return parts_->progress.source.phase == Phase::kBuilding ? parts_->BuildBite()
                                                           : Result<bool>(false);
}

Result<bool> Applier::Parts::BuildBite() {
  bool is_left = true;
  auto written = Write([&](cache::WriteTransaction& transaction, Work& work) -> Result<void> {
    Progress& now = work.progress;
    is_left = true;
    if (work.plans == nullptr) {
      return Error(ErrorCode::kUnavailable, "the source's tables are not known yet");
    }
    if (now.build_plan >= work.plans->plans.size()) {
      now.source.phase = Phase::kLive;
      is_left = false;
      return {};
    }
    const CollectionPlan& plan = work.plans->plans[now.build_plan];
    const auto keys = NextKeys(transaction, *work.tables.Find(plan.root), now.build_after,
                               limits.built_documents_max);
    if (!keys) {
      return keys.error();
    }
    DocumentMaker maker(transaction, work, sink);
    for (const std::string& key : *keys) {
      if (auto made = maker.Make(plan, key, {}); !made) {
        return made;
      }
    }
    if (keys->size() < limits.built_documents_max) {
      ++now.build_plan;
      now.build_after.clear();
    } else {
      now.build_after = keys->back();
    }
    return {};
  });
  return written ? Result<bool>(is_left) : std::move(written).error();
}

Result<bool> Applier::DrainWaiting() {
  const Progress& progress = parts_->progress;
  if (progress.waiting == 0 || progress.are_waiting_hidden() || parts_->shape->plans == nullptr) {
    return false;
  }
  return parts_->DrainBite();
}

Result<bool> Applier::Parts::DrainBite() {
  const auto begin = std::chrono::steady_clock::now();
  const std::size_t documents_max = std::min(drained_documents, limits.drained_documents_max);
  auto written = Write([&](cache::WriteTransaction& transaction, Work& work) -> Result<void> {
    auto waiting = OldestWaiting(transaction, documents_max);
    if (!waiting) {
      return std::move(waiting).error();
    }
    std::map<DirtyDocuments::DocumentKey, DirtyDocuments::Rebuild> documents;
    for (WaitingDocument& document : *waiting) {
      const auto& plans = work.plans->plans;
      const auto plan = std::find_if(plans.begin(), plans.end(), [&](const CollectionPlan& known) {
        return known.collection == document.collection;
      });
      if (plan == plans.end()) {
        return Error(ErrorCode::kCorruption, "a waiting document belongs to no collection");
      }
      documents.emplace(
          DirtyDocuments::DocumentKey(static_cast<std::uint32_t>(plan - plans.begin()),
                                      std::move(document.key)),
          DirtyDocuments::Rebuild{.gone_id = {}, .fields = document.fields});
    }
    if (documents.empty()) {
      work.progress.waiting = 0;
    }
    return WriteDocuments(transaction, work, documents);
  });
  const auto taken = std::chrono::steady_clock::now() - begin;
  if (taken > kDrainBite) {
    drained_documents = std::max(kDrainedDocumentsMin, documents_max / 2);
  } else if (taken < kDrainBite / 2) {
    drained_documents = documents_max + documents_max / 2;
  }
  return written ? Result<bool>(progress.waiting > 0) : std::move(written).error();
}

Result<bool> Applier::KeepClock() {
  Parts& parts = *parts_;
  if (!parts.next_due || *parts.next_due > parts.clock() || parts.progress.are_waiting_hidden() ||
      parts.shape->plans == nullptr) {
    return false;
  }
  auto written =
      parts.Write([](cache::WriteTransaction&, Work&) -> Result<void> { return Result<void>(); });
  return written ? Result<bool>(true) : std::move(written).error();
}

// Whatever is due by now waits to be made anew: at every commit the documents are as of one second.
Result<void> Applier::Parts::AdvanceClock(cache::WriteTransaction& transaction, Work& work) const {
  const auto stored = LoadClock(transaction);
  if (!stored) {
    return stored.error();
  }
  work.clock = *stored;
  const bool has_clock = work.plans != nullptr &&
                         std::any_of(work.plans->plans.begin(), work.plans->plans.end(),
                                     [](const CollectionPlan& plan) { return plan.has_clock; });
  // A clock that was put back stands until the time comes that it has shown already.
  const std::int64_t now = has_clock ? clock() : *stored;
  if (now <= *stored || work.progress.are_waiting_hidden()) {
    return {};
  }
  auto due = DueUntil(transaction, now, kDueDocumentsMax);
  if (!due) {
    return std::move(due).error();
  }
  for (const DueDocument& document : *due) {
    // What waits is as new as the rows: it is behind the clock only.
    const auto added = AddWaiting(
        transaction,
        {.collection = document.collection,
         .key = document.key,
         .since = LogPosition{static_cast<std::uint64_t>(work.progress.source.applied) + 1},
         .gone_id = {},
         .fields = FieldSet::All()});
    if (!added) {
      return added.error();
    }
    work.progress.waiting += *added ? 1U : 0U;
    if (auto taken = SetDue(transaction, document.collection, document.key, std::nullopt); !taken) {
      return taken;
    }
  }
  work.clock = due->size() < kDueDocumentsMax ? now : due->back().second;
  return SaveClock(transaction, work.clock);
}

Result<void> Applier::Parts::WaitForAll(cache::WriteTransaction& transaction, Work& work) {
  for (const CollectionPlan& plan : work.plans->plans) {
    std::string after;
    while (true) {
      auto keys = NextKeys(transaction, *work.tables.Find(plan.root), after, kKeysMax);
      if (!keys) {
        return std::move(keys).error();
      }
      for (const std::string& key : *keys) {
        const auto added = AddWaiting(transaction, {.collection = plan.collection,
                                                    .key = key,
                                                    .since = work.progress.source.applied,
                                                    .gone_id = {},
                                                    .fields = FieldSet::All()});
        if (!added) {
          return added.error();
        }
        work.progress.waiting += *added ? 1U : 0U;
      }
      if (keys->size() < kKeysMax) {
        break;
      }
      after = std::move(keys->back());
    }
  }
  return {};
}

Result<bool> Applier::IsAnyWaiting(const cache::View& view) {
  const auto oldest = OldestWaiting(view, 1);
  return oldest ? Result<bool>(!oldest->empty()) : oldest.error();
}

Result<std::vector<std::string>> Applier::RefusedDocuments(std::size_t documents_max) const {
  const auto snapshot = parts_->store.OpenSnapshot();
  if (!snapshot) {
    return snapshot.error();
  }
  return Refusals(*snapshot, documents_max);
}

namespace {

// Whether a row that has the id, or had it, waits.
Result<bool> IsIdWaiting(const cache::View& view, const CollectionPlan& plan,
                         const std::vector<std::string>& keys, std::string_view id) {
  for (const std::string& key : keys) {
    const auto waiting = FindWaiting(view, plan.collection, key);
    if (!waiting || *waiting) {
      return waiting ? Result<bool>(true) : waiting.error();
    }
  }
  return plan.id ? IsGoneIdWaiting(view, plan.collection, id) : Result<bool>(false);
}

}  // namespace

Result<std::optional<Json>> Applier::Compose(const cache::View& view,
                                             cache::CollectionNumber collection,
                                             std::string_view id) const {
  std::shared_ptr<const Shape> shape;
  {
    const std::scoped_lock lock(parts_->mutex);
    shape = parts_->shape;
  }
  if (shape->plans == nullptr) {
    return std::nullopt;
  }
  const auto& plans = shape->plans->plans;
  const auto plan = std::find_if(plans.begin(), plans.end(), [&](const CollectionPlan& known) {
    return known.collection == collection;
  });
  if (plan == plans.end()) {
    return std::nullopt;
  }
  const auto keys = RowsOfId(view, shape->tables, *plan, id);
  if (!keys) {
    return keys.error();
  }
  auto is_waiting = IsIdWaiting(view, *plan, *keys, id);
  if (!is_waiting || !*is_waiting) {
    return is_waiting ? Result<std::optional<Json>>(std::nullopt) : std::move(is_waiting).error();
  }
  const auto hidden = AreWaitingHidden(view);
  if (!hidden) {
    return hidden.error();
  }
  if (*hidden) {
    return std::nullopt;
  }
  const auto clock = LoadClock(view);
  if (!clock) {
    return clock.error();
  }
  Assembler assembler(view, shape->tables, *clock);
  for (const std::string& key : *keys) {
    auto assembled = assembler.Assemble(*plan, key);
    if (!assembled) {
      return std::move(assembled).error();
    }
    // Another spelling of the key ("007") names no document.
    if (assembled->document && assembled->id == id) {
      return std::optional<Json>(*std::move(assembled->document));
    }
    if (!plan->id && assembled->id != id) {
      const auto waiting = FindWaiting(view, collection, key);
      if (!waiting || !*waiting || (*waiting)->gone_id != id) {
        return waiting ? Result<std::optional<Json>>(std::nullopt) : waiting.error();
      }
    }
  }
  return std::optional<Json>(nullptr);
}

}  // namespace cacheindex::replication
