#include "node/stores/store_reader.h"

#include <string>
#include <utility>

namespace cacheindex::node {
namespace {

std::string ToText(Position position) {
  return std::to_string(static_cast<std::uint64_t>(position));
}

Result<std::optional<FoundCollection>> FindIn(const OpenStore& place, std::string_view name) {
  auto head = place.snapshot.FindCollectionHead(name);
  if (!head) {
    return std::move(head).error();
  }
  return *head ? std::optional(FoundCollection{
                     .place = &place, .number = (*head)->number, .version = (*head)->version})
               : std::nullopt;
}

}  // namespace

AnswerPositions FoundCollection::Positions() const {
  if (place->source == nullptr) {
    return {.documents = ToText(snapshot().position()), .search = ToText(index().position())};
  }
  if (const auto kept_at = KeptAt()) {
    return {.documents = ToString(*kept_at), .search = ToString(*kept_at)};
  }
  return place->lease.positions;
}

std::optional<replication::LogPosition> FoundCollection::KeptAt() const {
  return place->source == nullptr ? std::nullopt : place->lease.applier->KeptAt(number);
}

Result<cache::Collection> FoundCollection::Describe() const {
  auto collection = snapshot().FindCollection(number);
  if (!collection) {
    return std::move(collection).error();
  }
  if (!*collection) {
    return Error(ErrorCode::kCorruption, "a collection is in the list of names only");
  }
  return std::move(**collection);
}

Result<std::optional<Json>> FoundCollection::Compose(std::string_view id) const {
  return place->source == nullptr ? Result<std::optional<Json>>(std::nullopt)
                                  : place->lease.applier->Compose(snapshot(), number, id);
}

Result<bool> FoundCollection::IsAnyWaiting() const {
  return place->source == nullptr ? Result<bool>(false)
                                  : replication::Applier::IsAnyWaiting(snapshot());
}

Result<const OpenStore*> StoreReader::Native() {
  if (!native_) {
    auto snapshot = stores_->native().store().OpenSnapshot();
    if (!snapshot) {
      return std::move(snapshot).error();
    }
    native_.emplace(OpenStore{.source = nullptr,
                              .lease = {},
                              .store = &stores_->native(),
                              .snapshot = std::move(*snapshot)});
  }
  return &*native_;
}

Result<const OpenStore*> StoreReader::Managed(const ManagedSource& source) {
  for (const auto& open : managed_) {
    if (open->source == &source) {
      return open.get();
    }
  }
  // Its positions are older than the snapshot, so that they promise nothing too much.
  auto lease = source.Open();
  if (!lease) {
    return std::move(lease).error();
  }
  ServedStore& store = lease->generation->served();
  auto snapshot = store.store().OpenSnapshot();
  if (!snapshot) {
    return std::move(snapshot).error();
  }
  managed_.push_back(std::make_unique<OpenStore>(OpenStore{.source = &source,
                                                           .lease = std::move(*lease),
                                                           .store = &store,
                                                           .snapshot = std::move(*snapshot)}));
  return managed_.back().get();
}

Result<std::optional<FoundCollection>> StoreReader::FindNative(std::string_view name) {
  auto native = Native();
  if (!native) {
    return std::move(native).error();
  }
  return FindIn(**native, name);
}

Result<FoundCollection> StoreReader::FindManaged(const ManagedSource& source,
                                                 std::string_view name) {
  auto place = Managed(source);
  if (!place) {
    return std::move(place).error();
  }
  auto found = FindIn(**place, name);
  if (!found) {
    return std::move(found).error();
  }
  if (!*found) {
    return source.NotBuilt(name);
  }
  return **found;
}

Result<FoundCollection> StoreReader::Find(std::string_view name) {
  if (const ManagedSource* manager = stores_->FindManager(name)) {
    return FindManaged(*manager, name);
  }
  auto found = FindNative(name);
  if (found && !*found) {
    auto target = stores_->FindAlias(name);
    if (!target) {
      return std::move(target).error();
    }
    if (*target) {
      if (const ManagedSource* manager = stores_->FindManager(**target)) {
        return FindManaged(*manager, **target);
      }
      found = FindNative(**target);
    }
  }
  if (!found) {
    return std::move(found).error();
  }
  if (!*found) {
    return Error(ErrorCode::kNotFound, "Collection not found");
  }
  return **found;
}

}  // namespace cacheindex::node
