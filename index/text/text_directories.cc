#include "index/text/text_directories.h"

#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <system_error>

#include "node/core/files/durable_file.h"
#include "node/core/number_text.h"

namespace cacheindex::index {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPrefix = "text-";
constexpr std::string_view kNewSuffix = ".new";

// What a name in the directory means.
struct Name {
  cache::CollectionNumber collection{};
  std::uint32_t build = 0;
  bool is_new = false;
};

// Nullopt: not one of ours.
std::optional<Name> ParseName(std::string_view name) {
  if (!name.starts_with(kPrefix)) {
    return std::nullopt;
  }
  name.remove_prefix(kPrefix.size());
  const bool is_new = name.ends_with(kNewSuffix);
  if (is_new) {
    name.remove_suffix(kNewSuffix.size());
  }
  const std::size_t dash = name.find('-');
  if (dash == std::string_view::npos) {
    return std::nullopt;
  }
  const auto collection = ToNumber<std::uint32_t>(name.substr(0, dash));
  const auto build = ToNumber<std::uint32_t>(name.substr(dash + 1));
  if (!collection || !build) {
    return std::nullopt;
  }
  return Name{cache::CollectionNumber{*collection}, *build, is_new};
}

Error FromFilesystem(const fs::path& path, std::string_view action, std::error_code failure) {
  const bool is_full = failure == std::errc::no_space_on_device;
  return {is_full ? ErrorCode::kExhausted : ErrorCode::kIo,
          std::string(action) + " " + path.string() + ": " + failure.message()};
}

Result<std::vector<Name>> ListNames(const fs::path& directory) {
  std::vector<Name> names;
  std::error_code failure;
  for (fs::directory_iterator entry(directory, failure), end; !failure && entry != end;
       entry.increment(failure)) {
    if (const auto name = ParseName(entry->path().filename().string())) {
      names.push_back(*name);
    }
  }
  if (failure) {
    return FromFilesystem(directory, "list", failure);
  }
  return names;
}

Result<void> Remove(const fs::path& path) {
  std::error_code failure;
  fs::remove_all(path, failure);
  if (failure) {
    return FromFilesystem(path, "remove", failure);
  }
  return {};
}

}  // namespace

fs::path TextDirectories::LivePath(cache::CollectionNumber collection, std::uint32_t build) const {
  return directory_ /
         (std::string(kPrefix) + std::to_string(static_cast<std::uint32_t>(collection)) + '-' +
          std::to_string(build));
}

fs::path TextDirectories::NewPath(cache::CollectionNumber collection, std::uint32_t build) const {
  fs::path path = LivePath(collection, build);
  path += kNewSuffix;
  return path;
}

Result<std::optional<std::uint32_t>> TextDirectories::Live(
    cache::CollectionNumber collection) const {
  const auto names = ListNames(directory_);
  if (!names) {
    return names.error();
  }
  std::optional<std::uint32_t> live;
  for (const Name& name : *names) {
    if (name.collection == collection && !name.is_new) {
      live = std::max(live.value_or(0), name.build);
    }
  }
  return live;
}

Result<std::uint32_t> TextDirectories::BeginBuild(cache::CollectionNumber collection) const {
  const auto names = ListNames(directory_);
  if (!names) {
    return names.error();
  }
  std::uint32_t highest = 0;
  for (const Name& name : *names) {
    if (name.collection != collection) {
      continue;
    }
    highest = std::max(highest, name.build);
    if (name.is_new) {
      if (auto removed = Remove(NewPath(collection, name.build)); !removed) {
        return std::move(removed).error();
      }
    }
  }
  return highest + 1;
}

Result<void> TextDirectories::FinishBuild(cache::CollectionNumber collection,
                                          std::uint32_t build) const {
  const fs::path from = NewPath(collection, build);
  std::error_code failure;
  fs::rename(from, LivePath(collection, build), failure);
  if (failure) {
    return FromFilesystem(from, "rename", failure);
  }
  return Synchronize(directory_);
}

Result<void> TextDirectories::RemoveBuild(cache::CollectionNumber collection,
                                          std::uint32_t build) const {
  return Remove(LivePath(collection, build));
}

Result<std::vector<cache::CollectionNumber>> TextDirectories::Collections() const {
  const auto names = ListNames(directory_);
  if (!names) {
    return names.error();
  }
  std::set<cache::CollectionNumber> collections;
  for (const Name& name : *names) {
    collections.insert(name.collection);
  }
  return std::vector<cache::CollectionNumber>(collections.begin(), collections.end());
}

Result<void> TextDirectories::CopyTo(const fs::path& target) const {
  const auto collections = Collections();
  if (!collections) {
    return collections.error();
  }
  for (const cache::CollectionNumber collection : *collections) {
    const auto live = Live(collection);
    if (!live) {
      return live.error();
    }
    if (!*live) {
      continue;
    }
    const fs::path from = LivePath(collection, **live);
    std::error_code failure;
    fs::copy(from, target / from.filename(), fs::copy_options::recursive, failure);
    if (failure) {
      return FromFilesystem(from, "copy", failure);
    }
  }
  return Synchronize(target);
}

Result<void> TextDirectories::RemoveCollection(cache::CollectionNumber collection) const {
  const auto names = ListNames(directory_);
  if (!names) {
    return names.error();
  }
  for (const Name& name : *names) {
    if (name.collection == collection) {
      auto removed =
          Remove(name.is_new ? NewPath(collection, name.build) : LivePath(collection, name.build));
      if (!removed) {
        return removed;
      }
    }
  }
  return {};
}

}  // namespace cacheindex::index
