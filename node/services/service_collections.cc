#include <algorithm>
#include <iterator>
#include <utility>

#include "node/core/clock.h"
#include "node/services/node_service.h"
#include "node/stores/store_reader.h"

namespace cacheindex::node {
namespace {

// Documents copied in one transaction when a collection is cloned.
constexpr std::uint32_t kCopyDocumentsMax = 500;

Error NoCollection(std::string_view name) {
  return {ErrorCode::kNotFound, "No collection with name `" + std::string(name) + "` found."};
}

struct ListedCollection {
  const OpenStore* place;
  cache::Collection collection;
};

// The native ones, of which the contract lists the newest first, and then what is built of the
// managed ones.
Result<std::vector<ListedCollection>> CollectionsOf(StoreReader& reader, Stores& stores) {
  auto native = reader.Native();
  if (!native) {
    return std::move(native).error();
  }
  if (const auto& fence = stores.native().fence(); !fence.empty()) {
    // A list without it would say that it is not there.
    return Error(ErrorCode::kCorruption,
                 "The collection `" + fence.front().name +
                     "` is damaged and fenced off: restore a backup. The others are served.");
  }
  auto collections = (*native)->snapshot.Collections();
  if (!collections) {
    return std::move(collections).error();
  }
  std::ranges::reverse(*collections);
  std::vector<ListedCollection> listed;
  for (cache::Collection& collection : *collections) {
    listed.push_back({.place = *native, .collection = std::move(collection)});
  }
  for (const auto& source : stores.sources()) {
    for (const auto& declaration : source->config().collections) {
      auto found = reader.Find(declaration.name);
      if (!found && found.error().code() == ErrorCode::kUnavailable) {
        continue;
      }
      if (!found) {
        return std::move(found).error();
      }
      auto collection = found->Describe();
      if (!collection) {
        return std::move(collection).error();
      }
      listed.push_back({.place = found->place, .collection = std::move(*collection)});
    }
  }
  return listed;
}

Json AliasJson(std::string_view name, std::string_view target) {
  return {{"name", name}, {"collection_name", target}};
}

// A collection and an alias of one name: whoever asked for the alias would get the collection.
Error NameTaken(std::string_view wanted, std::string_view name, std::string_view existing) {
  const std::string quoted = " `" + std::string(name) + "`";
  return {ErrorCode::kConflict, std::string(wanted) + quoted + " cannot be made: " +
                                    std::string(existing) + quoted + " already exists."};
}

std::string NameOf(const Json& definition) {
  const auto name = definition.is_object() ? definition.find("name") : definition.end();
  return definition.is_object() && name != definition.end() && name->is_string()
             ? name->get<std::string>()
             : std::string();
}

}  // namespace

Result<Json> NodeService::CreateCollection(const Json& body, const api::CloneOptions& options) {
  Json definition = body;
  if (!options.source_name.empty()) {
    auto source = GetCollection(options.source_name, {});
    if (!source) {
      return std::move(source).error();
    }
    const Json name = body.is_object() ? body.value("name", Json()) : Json();
    definition = std::move(source->description);
    definition["name"] = name;
  }
  if (const ManagedSource* manager = stores_->FindManager(NameOf(definition))) {
    return Error(ErrorCode::kConflict, manager->WriteRefused(NameOf(definition)).message());
  }
  auto created = DefineCollection(definition);
  if (!created) {
    return std::move(created).error();
  }
  if (!options.source_name.empty() && options.copy_documents) {
    if (auto copied = CopyDocuments(options.source_name, *created); !copied) {
      return std::move(copied).error();
    }
  }
  auto made = GetCollection(definition["name"].get_ref<const std::string&>(), {});
  return made ? Result<Json>(std::move(made->description)) : std::move(made).error();
}

Result<cache::CollectionNumber> NodeService::DefineCollection(const Json& definition) {
  const std::string name = NameOf(definition);
  const std::lock_guard naming(names_);
  auto alias = stores_->FindAlias(name);
  if (!alias) {
    return std::move(alias).error();
  }
  if (*alias) {
    return NameTaken("A collection", name, "an alias of `" + **alias + "` named");
  }
  cache::CollectionNumber number{};
  auto written = native_->Write([&](cache::WriteTransaction& transaction) -> Result<void> {
    auto created = native_->index().CreateCollection(transaction, definition, UnixSeconds());
    if (!created) {
      return std::move(created).error();
    }
    number = *created;
    return {};
  });
  return written ? Result<cache::CollectionNumber>(number) : std::move(written).error();
}

Result<bool> NodeService::IsCollection(std::string_view name) const {
  if (stores_->FindManager(name) != nullptr) {
    return true;
  }
  StoreReader reader(*stores_);
  auto native = reader.FindNative(name);
  return native ? Result<bool>(native->has_value()) : std::move(native).error();
}

Result<void> NodeService::CopyDocuments(std::string_view source, cache::CollectionNumber target) {
  std::optional<std::string> after;
  while (true) {
    std::vector<cache::View::IdentifiedDocument> batch;
    {
      // Anew for each piece: a snapshot may neither be held for long nor while writing.
      StoreReader reader(*stores_);
      auto found = reader.Find(source);
      if (!found) {
        return std::move(found).error();
      }
      auto scanned = found->snapshot().Scan(found->number, after, kCopyDocumentsMax);
      if (!scanned) {
        return std::move(scanned).error();
      }
      batch = std::move(*scanned);
    }
    if (batch.empty()) {
      return {};
    }
    after = batch.back().id;
    auto written = native_->Write([&](cache::WriteTransaction& transaction) -> Result<void> {
      for (const auto& identified : batch) {
        index::DocumentWrite write{
            .text = identified.document.json, .id = identified.id, .parsed = std::nullopt};
        auto copied = native_->index().Write(
            transaction, target, write,
            {.action = WriteAction::kUpsert, .dirty_values = DirtyValues::kCoerceOrReject});
        if (!copied) {
          return std::move(copied).error();
        }
        if (copied->error) {
          return std::move(*copied->error).WithContext("copy document " + identified.id);
        }
      }
      return {};
    });
    if (!written) {
      return written;
    }
  }
}

Result<api::CollectionAnswer> NodeService::ListCollections(const api::ListOptions& options) {
  if (auto waited = WaitForAll(options.freshness); !waited) {
    return std::move(waited).error();
  }
  StoreReader reader(*stores_);
  auto collections = CollectionsOf(reader, *stores_);
  if (!collections) {
    return std::move(collections).error();
  }
  std::erase_if(*collections, [&](const ListedCollection& listed) {
    return !options.is_visible(listed.collection.name);
  });
  Json list = Json::array();
  const std::size_t begin = std::min<std::size_t>(options.offset, collections->size());
  const std::size_t end = options.limit
                              ? std::min<std::size_t>(begin + *options.limit, collections->size())
                              : collections->size();
  for (std::size_t i = begin; i < end; ++i) {
    const auto& [place, collection] = (*collections)[i];
    auto description = place->store->index().DescribeCollection(place->snapshot, collection);
    if (!description) {
      return std::move(description).error();
    }
    for (const std::string& field : options.exclude_fields) {
      description->erase(field);
    }
    list.push_back(std::move(*description));
  }
  auto native = reader.Native();
  if (!native) {
    return std::move(native).error();
  }
  return api::CollectionAnswer{.positions = FoundCollection{.place = *native}.Positions(),
                               .description = std::move(list)};
}

Result<api::CollectionAnswer> NodeService::GetCollection(std::string_view name,
                                                         const api::Freshness& freshness) {
  if (auto waited = WaitForDocuments(name, freshness); !waited) {
    return std::move(waited).error();
  }
  StoreReader reader(*stores_);
  auto found = reader.Find(name);
  if (!found) {
    return std::move(found).error();
  }
  auto collection = found->Describe();
  if (!collection) {
    return std::move(collection).error();
  }
  auto description = found->index().DescribeCollection(found->snapshot(), *collection);
  if (!description) {
    return std::move(description).error();
  }
  return api::CollectionAnswer{.positions = found->Positions(),
                               .description = std::move(*description)};
}

Result<Json> NodeService::UpdateCollection(std::string_view name, const Json& body) {
  auto number = stores_->FindWritable(name);
  if (!number) {
    return std::move(number).error();
  }
  Json echo;
  auto written = native_->Write([&](cache::WriteTransaction& transaction) -> Result<void> {
    auto changed = native_->index().ChangeCollection(transaction, *number, body);
    if (!changed) {
      return std::move(changed).error();
    }
    echo = std::move(*changed);
    return {};
  });
  if (!written) {
    return std::move(written).error();
  }
  return echo;
}

Result<Json> NodeService::DropCollection(std::string_view name) {
  auto number = stores_->FindWritable(name);
  if (!number) {
    return number.error().code() == ErrorCode::kNotFound ? NoCollection(name)
                                                         : std::move(number).error();
  }
  Json summary;
  auto written = native_->Write([&](cache::WriteTransaction& transaction) -> Result<void> {
    auto collection = transaction.FindCollection(*number);
    if (!collection) {
      return std::move(collection).error();
    }
    if (!*collection) {
      return NoCollection(name);  // Dropped since it was found.
    }
    auto description = native_->index().DescribeCollection(transaction, **collection);
    if (!description) {
      return std::move(description).error();
    }
    summary = std::move(*description);
    return native_->index().DropCollection(transaction, *number);
  });
  if (!written) {
    return std::move(written).error();
  }
  if (auto forgotten = resources_.ForgetCollection(summary["name"].get<std::string>());
      !forgotten) {
    return std::move(forgotten).error();
  }
  return summary;
}

Result<Json> NodeService::ListAliases() {
  auto aliases = stores_->settings().List(kAliasKind);
  if (!aliases) {
    return std::move(aliases).error();
  }
  Json list = Json::array();
  for (const auto& [name, target] : *aliases) {
    list.push_back(AliasJson(name, target));
  }
  return Json{{"aliases", std::move(list)}};
}

Result<Json> NodeService::GetAlias(std::string_view name) {
  auto target = stores_->settings().Find(kAliasKind, name);
  if (!target) {
    return std::move(target).error();
  }
  if (!*target) {
    return Error(ErrorCode::kNotFound, "Not Found");
  }
  return AliasJson(name, **target);
}

Result<Json> NodeService::PutAlias(std::string_view name, const Json& body) {
  const auto target = body.is_object() ? body.find("collection_name") : body.end();
  if (!body.is_object() || target == body.end() || !target->is_string()) {
    return Error(ErrorCode::kInvalidArgument, "Parameter `collection_name` is required.");
  }
  if (name.empty() || name.size() > cache::Settings::kNameBytesMax) {
    return Error(
        ErrorCode::kInvalidArgument,
        "An alias can have at most " + std::to_string(cache::Settings::kNameBytesMax) + " bytes.");
  }
  const auto& collection = target->get_ref<const std::string&>();
  const std::lock_guard naming(names_);
  const auto is_collection = IsCollection(name);
  if (!is_collection) {
    return is_collection.error();
  }
  if (*is_collection) {
    return NameTaken("An alias of `" + collection + "` named", name, "a collection");
  }
  if (auto put = stores_->settings().Put(kAliasKind, name, collection); !put) {
    return std::move(put).error();
  }
  return AliasJson(name, collection);
}

Result<Json> NodeService::DeleteAlias(std::string_view name) {
  auto alias = GetAlias(name);
  if (!alias) {
    return alias;
  }
  if (auto deleted = stores_->settings().Delete(kAliasKind, name); !deleted) {
    return std::move(deleted).error();
  }
  return alias;
}

}  // namespace cacheindex::node
