#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "replication/apply/applier.h"
#include "replication/apply/applier_parts.h"

// What a generation leaves out, and what it keeps of it from the one before.

namespace cacheindex::replication {
namespace {

// Of one store transaction.
constexpr std::uint32_t kKeptDocumentsMax = 500;

// Before every position of a source, and not nothing.
constexpr LogPosition kOtherHistory{1};

}  // namespace

Result<void> Applier::SetAside(SetAsideCollections collections) {
  Parts& parts = *parts_;
  if (parts.progress.source.phase != Phase::kNew) {
    return Error(ErrorCode::kConflict, "the generation is begun");
  }
  std::erase_if(collections, [&parts](const SetAsideCollection& set_aside) {
    return std::none_of(parts.declarations.begin(), parts.declarations.end(),
                        [&set_aside](const CollectionDeclaration& declaration) {
                          return declaration.name == set_aside.collection;
                        });
  });
  for (SetAsideCollection& set_aside : collections) {
    // It is another generation that had them there.
    set_aside.kept_at = LogPosition{};
    set_aside.kept_as = cache::CollectionNumber{};
  }
  return parts.Write([&](cache::WriteTransaction&, Work& work) -> Result<void> {
    work.progress.set_aside = collections;
    return {};
  });
}

SetAsideCollections Applier::set_aside() const {
  const std::scoped_lock lock(parts_->mutex);
  return parts_->progress.set_aside;
}

std::optional<LogPosition> Applier::KeptAt(cache::CollectionNumber collection) const {
  const std::scoped_lock lock(parts_->mutex);
  for (const SetAsideCollection& set_aside : parts_->progress.set_aside) {
    if (set_aside.kept_at != LogPosition{} && set_aside.kept_as == collection) {
      return set_aside.kept_at;
    }
  }
  return std::nullopt;
}

Result<std::optional<Json>> Applier::Parts::SchemaOf(const cache::View& view,
                                                     std::string_view collection) const {
  if (shape->plans != nullptr) {
    for (const CollectionPlan& plan : shape->plans->plans) {
      if (plan.name == collection) {
        return std::optional<Json>(plan.schema);
      }
    }
  }
  return LoadKeptSchema(view, collection);
}

Result<bool> Applier::CanBeKept(std::string_view collection) const {
  const auto snapshot = parts_->store.OpenSnapshot();
  if (!snapshot) {
    return snapshot.error();
  }
  const auto existing = snapshot->FindCollectionHead(collection);
  if (!existing) {
    return existing.error();
  }
  const auto schema = parts_->SchemaOf(*snapshot, collection);
  return schema ? Result<bool>(!*existing || *schema) : schema.error();
}

Result<void> Applier::Keep(const std::string& collection, Applier& former, bool is_same_history,
                           const Interrupt& interrupt) {
  if (parts_->progress.source.phase != Phase::kNew) {
    return Error(ErrorCode::kConflict, "the generation is begun");
  }
  for (const SetAsideCollection& set_aside : parts_->progress.set_aside) {
    if (set_aside.collection == collection && set_aside.kept_at != LogPosition{}) {
      return {};
    }
  }
  // Then what is stored there is what readers see.
  for (bool is_more = true; is_more;) {
    const auto drained = former.DrainWaiting();
    if (!drained) {
      return drained.error();
    }
    is_more = *drained;
  }
  // Nobody else writes the former store, so that its snapshot costs it nothing.
  const auto snapshot = former.parts_->store.OpenSnapshot();
  if (!snapshot) {
    return snapshot.error();
  }
  const auto source = snapshot->FindCollectionHead(collection);
  if (!source) {
    return source.error();
  }
  const auto schema = former.parts_->SchemaOf(*snapshot, collection);
  if (!schema) {
    return schema.error();
  }
  if (!*source || !*schema) {
    return {};
  }
  std::optional<std::string> after;
  while (true) {
    const auto documents = snapshot->Scan((*source)->number, after, kKeptDocumentsMax);
    if (!documents) {
      return documents.error();
    }
    if (auto kept = parts_->KeepSome(**schema, *documents); !kept || documents->empty()) {
      if (!kept) {
        return kept;
      }
      break;
    }
    after = documents->back().id;
    if (interrupt.is_triggered()) {
      return Error(ErrorCode::kUnavailable, "stopped");
    }
  }
  const LogPosition at =
      is_same_history ? former.KeptAt((*source)->number).value_or(former.applied()) : kOtherHistory;
  return parts_->Write([&](cache::WriteTransaction& transaction, Work& work) -> Result<void> {
    const auto kept = transaction.FindCollectionHead(collection);
    if (!kept) {
      return kept.error();
    }
    for (SetAsideCollection& set_aside : work.progress.set_aside) {
      if (set_aside.collection == collection && *kept) {
        set_aside.kept_at = at;
        set_aside.kept_as = (*kept)->number;
      }
    }
    return SaveKeptSchema(transaction, collection, **schema);
  });
}

Result<void> Applier::Parts::KeepSome(const Json& schema,
                                      std::span<const cache::View::IdentifiedDocument> documents) {
  return Write([&](cache::WriteTransaction& transaction, Work&) -> Result<void> {
    const auto collection = sink.EnsureCollection(transaction, schema);
    if (!collection) {
      return collection.error();
    }
    for (const auto& document : documents) {
      auto fields = ParseJson(document.document.json);
      if (!fields) {
        return Error(ErrorCode::kCorruption, fields.error().message());
      }
      auto put = sink.Put(transaction, *collection, document.id, *std::move(fields));
      // What was stored once and cannot be stored now is left out.
      if (!put && put.error().code() != ErrorCode::kUnprocessable) {
        return put;
      }
    }
    return {};
  });
}

}  // namespace cacheindex::replication
