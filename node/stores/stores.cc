#include "node/stores/stores.h"

#include <utility>

#include "cache/generation.h"
#include "node/disk/node_identity.h"
#include "node/disk/required_files.h"
#include "node/logging/log.h"
#include "node/stores/store_reader.h"

namespace cacheindex::node {
namespace {

// The settings are made before the stores, and hold nothing before there are stores.
Result<void> BeginAnew(const DataDirectory& directory, const cache::Settings& settings) {
  const auto is_empty = settings.IsEmpty();
  if (!is_empty) {
    return is_empty.error();
  }
  if (!*is_empty) {
    return WithWayOut(
        Error(ErrorCode::kCorruption, directory.store(kNativeStore).string() + " is missing, and " +
                                          directory.settings().string() + " was used with it"),
        kNativeStore);
  }
  Log(LogPart::kStores, LogLevel::kInfo, "new_data_directory",
      {{"data_directory", directory.path().string()},
       {"reason",
        "nothing was ever kept here: if this node had data, stop it and look whether the right "
        "file "
        "system is mounted"}});
  return {};
}

}  // namespace

Result<std::unique_ptr<Stores>> Stores::Open(const DataDirectory& directory, const Config& config) {
  std::unique_ptr<Stores> stores(new Stores());
  const auto is_used = CheckRequiredFiles(directory);
  if (!is_used) {
    return is_used.error();
  }
  auto settings = cache::Settings::Open(directory.settings());
  if (!settings) {
    return WithWayOut(std::move(settings).error().WithContext("open settings"), kSettingsName);
  }
  stores->settings_ = std::move(*settings);
  if (!*is_used) {
    if (auto begun = BeginAnew(directory, stores->settings()); !begun) {
      return std::move(begun).error();
    }
  }
  auto generation = cache::OpenCurrentGeneration(directory.store(kNativeStore));
  if (!generation) {
    return WithWayOut(std::move(generation).error(), kNativeStore);
  }
  auto native = ServedStore::Open(*generation, config);
  if (!native) {
    return WithWayOut(std::move(native).error(), kNativeStore);
  }
  stores->native_ = std::move(*native);
  stores->native_->LogMissingTexts();
  // Last: from here on whatever is missing was lost.
  auto identity = LoadNodeIdentity(directory.path());
  if (!identity) {
    return std::move(identity).error();
  }
  stores->identity_ = std::move(*identity);
  return stores;
}

Result<void> Stores::CheckName(const cache::View& native, const std::string& source,
                               const std::string& collection) const {
  auto existing = native.FindCollectionHead(collection);
  if (!existing) {
    return std::move(existing).error();
  }
  auto alias = FindAlias(collection);
  if (!alias) {
    return std::move(alias).error();
  }
  if (!*existing && !*alias) {
    return {};
  }
  const std::string owner =
      *existing ? std::string("a native collection") : "an alias of `" + **alias + "`";
  return Error(ErrorCode::kConflict, "the source `" + source + "` declares the collection `" +
                                         collection + "`, and " + owner +
                                         " has that name: drop it or choose another");
}

Result<void> Stores::Follow(const DataDirectory& directory, const Config& config) {
  if (config.sources.empty()) {
    return {};
  }
  auto snapshot = native_->store().OpenSnapshot();
  if (!snapshot) {
    return std::move(snapshot).error();
  }
  for (const SourceConfig& source : config.sources) {
    for (const auto& collection : source.collections) {
      if (auto free = CheckName(*snapshot, source.name, collection.name); !free) {
        return free;
      }
    }
    auto managed = ManagedSource::Start(
        {.source = source, .slot = SlotName(source.name, identity_)}, directory, config);
    if (!managed) {
      return std::move(managed).error();
    }
    for (const auto& collection : source.collections) {
      managers_.emplace(collection.name, managed->get());
    }
    sources_.push_back(std::move(*managed));
  }
  return {};
}

Stores::~Stores() { Close(); }

void Stores::Close() {
  for (const auto& source : sources_) {
    source->Stop();
  }
  if (native_ != nullptr) {
    native_->Close();
  }
}

Result<std::optional<std::string>> Stores::FindAlias(std::string_view name) const {
  if (name.size() > cache::Settings::kNameBytesMax) {
    return std::optional<std::string>();
  }
  return settings_->Find(kAliasKind, name);
}

ManagedSource* Stores::FindManager(std::string_view name) const {
  const auto found = managers_.find(name);
  return found == managers_.end() ? nullptr : found->second;
}

Result<Stores::ManagedName> Stores::ResolveManaged(std::string_view name) {
  ManagedSource* manager = FindManager(name);
  if (manager != nullptr || managers_.empty()) {
    return ManagedName{.source = manager, .collection = std::string(name)};
  }
  StoreReader reader(*this);
  auto native = reader.FindNative(name);
  if (!native) {
    return std::move(native).error();
  }
  if (*native) {
    return ManagedName();
  }
  auto target = FindAlias(name);
  if (!target) {
    return std::move(target).error();
  }
  return *target ? ManagedName{.source = FindManager(**target), .collection = **target}
                 : ManagedName();
}

Result<cache::CollectionNumber> Stores::FindWritable(std::string_view name) {
  auto managed = ResolveManaged(name);
  if (!managed) {
    return std::move(managed).error();
  }
  if (managed->source != nullptr) {
    return managed->source->WriteRefused(name);
  }
  StoreReader reader(*this);
  auto found = reader.Find(name);
  if (!found) {
    return std::move(found).error();
  }
  return found->number;
}

}  // namespace cacheindex::node
