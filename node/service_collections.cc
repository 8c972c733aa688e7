#include <algorithm>
#include <chrono>
#include <iterator>
#include <utility>

#include "node/node_service.h"

namespace cacheindex::node {
namespace {

// Documents copied in one transaction when a collection is cloned.
constexpr std::uint32_t kCopyDocumentsMax = 500;

Error NoCollection(std::string_view name) {
  return {ErrorCode::kNotFound, "No collection with name `" + std::string(name) + "` found."};
}

std::int64_t UnixSeconds() {
  return std::chrono::duration_cast<std::chrono::seconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

Json AliasJson(std::string_view name, std::string_view target) {
  return {{"name", name}, {"collection_name", target}};
}

}  // namespace

Result<Json> NodeService::CreateCollection(const Json& body, const api::CloneOptions& options) {
  Json definition = body;
  std::optional<cache::CollectionNumber> source;
  if (!options.source_name.empty()) {
    auto snapshot = native_->store().OpenSnapshot();
    if (!snapshot) {
      return std::move(snapshot).error();
    }
    auto collection = native_->Resolve(*snapshot, options.source_name);
    if (!collection) {
      return std::move(collection).error();
    }
    auto description = native_->index().DescribeCollection(*snapshot, *collection);
    if (!description) {
      return description;
    }
    const Json name = body.is_object() ? body.value("name", Json()) : Json();
    definition = std::move(*description);
    definition["name"] = name;
    source = collection->number;
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
  if (!written) {
    return std::move(written).error();
  }
  if (source && options.copy_documents) {
    if (auto copied = CopyDocuments(*source, number); !copied) {
      return std::move(copied).error();
    }
  }
  return GetCollection(definition["name"].get_ref<const std::string&>());
}

Result<void> NodeService::CopyDocuments(cache::CollectionNumber source,
                                        cache::CollectionNumber target) {
  std::optional<std::string> after;
  while (true) {
    std::vector<cache::View::IdentifiedDocument> batch;
    {
      auto snapshot = native_->store().OpenSnapshot();
      if (!snapshot) {
        return std::move(snapshot).error();
      }
      auto scanned = snapshot->Scan(source, after, kCopyDocumentsMax);
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

Result<Json> NodeService::ListCollections(const api::ListOptions& options) {
  auto snapshot = native_->store().OpenSnapshot();
  if (!snapshot) {
    return std::move(snapshot).error();
  }
  auto collections = snapshot->Collections();
  if (!collections) {
    return std::move(collections).error();
  }
  std::ranges::reverse(*collections);  // The contract lists the newest first.
  Json list = Json::array();
  const std::size_t begin = std::min<std::size_t>(options.offset, collections->size());
  const std::size_t end = options.limit
                              ? std::min<std::size_t>(begin + *options.limit, collections->size())
                              : collections->size();
  for (std::size_t i = begin; i < end; ++i) {
    auto description = native_->index().DescribeCollection(*snapshot, (*collections)[i]);
    if (!description) {
      return description;
    }
    for (const std::string& field : options.exclude_fields) {
      description->erase(field);
    }
    list.push_back(std::move(*description));
  }
  return list;
}

Result<Json> NodeService::GetCollection(std::string_view name) {
  auto snapshot = native_->store().OpenSnapshot();
  if (!snapshot) {
    return std::move(snapshot).error();
  }
  auto collection = native_->Resolve(*snapshot, name);
  if (!collection) {
    return std::move(collection).error();
  }
  return native_->index().DescribeCollection(*snapshot, *collection);
}

Result<Json> NodeService::UpdateCollection(std::string_view name, const Json& body) {
  auto number = FindNumber(name);
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
  Json summary;
  auto written = native_->Write([&](cache::WriteTransaction& transaction) -> Result<void> {
    auto collection = native_->Resolve(transaction, name);
    if (!collection) {
      return collection.error().code() == ErrorCode::kNotFound ? NoCollection(name)
                                                               : std::move(collection).error();
    }
    auto description = native_->index().DescribeCollection(transaction, *collection);
    if (!description) {
      return std::move(description).error();
    }
    summary = std::move(*description);
    return native_->index().DropCollection(transaction, collection->number);
  });
  if (!written) {
    return std::move(written).error();
  }
  return summary;
}

Result<Json> NodeService::ListAliases() {
  auto aliases = native_->settings().List(kAliasKind);
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
  auto target = native_->settings().Find(kAliasKind, name);
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
  if (auto put = native_->settings().Put(kAliasKind, name, collection); !put) {
    return std::move(put).error();
  }
  return AliasJson(name, collection);
}

Result<Json> NodeService::DeleteAlias(std::string_view name) {
  auto alias = GetAlias(name);
  if (!alias) {
    return alias;
  }
  if (auto deleted = native_->settings().Delete(kAliasKind, name); !deleted) {
    return std::move(deleted).error();
  }
  return alias;
}

}  // namespace cacheindex::node
