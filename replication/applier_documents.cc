#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

#include "replication/applier.h"
#include "replication/applier_parts.h"
#include "replication/assembler.h"
#include "replication/due_documents.h"
#include "replication/refused_documents.h"
#include "replication/row_key.h"
#include "replication/waiting_documents.h"

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

// How much of a refused row's id is named.
constexpr std::size_t kShownIdBytesMax = 60;

// Makes documents of rows in one store transaction.
class DocumentMaker {
 public:
  DocumentMaker(cache::WriteTransaction& transaction, Work& work, DocumentSink& sink)
      : transaction_(transaction),
        work_(work),
        sink_(sink),
        assembler_(transaction, work.tables, work.clock) {}

  // Writes the members that `fields` are in, of a document that is otherwise what its rows say.
  // Returns false, and writes nothing, where the whole must be made.
  Result<bool> MakeMembers(const CollectionPlan& plan, std::string_view key, FieldSet fields) {
    auto assembled = assembler_.AssembleMembers(plan, key, fields);
    if (!assembled) {
      return std::move(assembled).error();
    }
    if (!*assembled) {
      return false;
    }
    if ((*assembled)->due) {
      if (auto due = SetDueSooner(transaction_, plan.collection, key, *(*assembled)->due); !due) {
        return std::move(due).error();
      }
    }
    auto replaced = sink_.ReplaceMembers(transaction_, plan.collection, (*assembled)->id,
                                         (*assembled)->names, std::move((*assembled)->members));
    if (!replaced && replaced.error().code() == ErrorCode::kUnprocessable) {
      return false;
    }
    work_.counted.documents_written += replaced && *replaced ? 1U : 0U;
    return replaced;
  }

  // Writes what the row under `key` makes; `gone_ids` are documents that it made before, or empty.
  Result<void> Make(const CollectionPlan& plan, std::string_view key,
                    const std::array<std::string_view, 2>& gone_ids) {
    auto assembled = assembler_.Assemble(plan, key);
    if (!assembled) {
      return std::move(assembled).error();
    }
    if (plan.has_clock) {
      if (auto due = SetDue(transaction_, plan.collection, key, assembled->due); !due) {
        return due;
      }
    }
    ++work_.counted.documents_written;
    for (const std::string_view gone_id : gone_ids) {
      if (gone_id != assembled->id) {
        if (auto deleted = Delete(plan, gone_id); !deleted) {
          return deleted;
        }
      }
    }
    std::string refusal = std::move(assembled->refusal);
    bool is_put = false;
    if (assembled->document) {
      auto put = sink_.Put(transaction_, plan.collection, assembled->id,
                           *std::exchange(assembled->document, std::nullopt));
      if (!put && put.error().code() != ErrorCode::kUnprocessable) {
        return put;
      }
      is_put = put.has_value();
      refusal = is_put ? std::string() : put.error().message();
    }
    if (auto noted = Note(plan, key, assembled->id, refusal); !noted) {
      return noted;
    }
    return is_put ? Result<void>() : Delete(plan, assembled->id);
  }

 private:
  Result<void> Delete(const CollectionPlan& plan, std::string_view id) {
    // A longer one never was stored.
    return id.empty() || id.size() > kDocumentIdBytesMax
               ? Result<void>()
               : sink_.Delete(transaction_, plan.collection, id);
  }

  Result<void> Note(const CollectionPlan& plan, std::string_view key, const std::string& id,
                    const std::string& refusal) {
    std::uint64_t& count = work_.progress.refused;
    if (refusal.empty() && count == 0) {
      return {};
    }
    const std::string shown =
        id.size() <= kShownIdBytesMax ? id : id.substr(0, kShownIdBytesMax) + "...";
    const auto added =
        SetRefusal(transaction_, plan.collection, key,
                   refusal.empty() ? refusal
                                   : "collection \"" + plan.name + "\", row \"" + shown +
                                         "\" of table " + plan.root_name + ": " + refusal);
    if (!added) {
      return added.error();
    }
    count += static_cast<std::uint64_t>(*added);
    return {};
  }

  cache::WriteTransaction& transaction_;
  Work& work_;
  DocumentSink& sink_;
  Assembler assembler_;
};

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
  const TableVersion& root = shape->tables.Find(plan->root)->latest();
  std::vector<KeyPart> parts;
  for (const std::uint32_t column : root.key_columns) {
    const auto place = std::find(root.id_columns.begin(), root.id_columns.end(), column);
    parts.push_back({.base_type = root.table->columns[column].base_type,
                     .place = static_cast<std::size_t>(place - root.id_columns.begin())});
  }
  const std::string key = RowKeyOfId(parts, id);
  const auto waiting = FindWaiting(view, collection, key);
  if (!waiting) {
    return waiting.error();
  }
  if (!*waiting) {
    return std::nullopt;
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
  auto assembled = assembler.Assemble(*plan, key);
  if (!assembled) {
    return std::move(assembled).error();
  }
  // Another spelling of the key ("007") names no document.
  if (!assembled->document || assembled->id != id) {
    const bool is_gone = assembled->id == id || (*waiting)->gone_id == id;
    return is_gone ? std::optional<Json>(nullptr) : std::nullopt;
  }
  return std::optional<Json>(*std::move(assembled->document));
}

}  // namespace cacheindex::replication
