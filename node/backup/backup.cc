#include "node/backup/backup.h"

#include <string>
#include <system_error>
#include <utility>

#include "cache/generation.h"
#include "node/backup/backup_manifest.h"
#include "node/backup/backup_place.h"
#include "node/core/files/file_error.h"

namespace cacheindex::node {
namespace {

namespace fs = std::filesystem;

Result<void> CopyStore(const NamedStore& named, const fs::path& partial) {
  ServedStore& store = *named.store;
  const fs::path directory = partial / "stores" / named.name;
  const fs::path generation = directory / store.directory().filename();
  std::error_code failure;
  fs::create_directories(generation, failure);
  if (failure) {
    return FileError(failure, "create " + generation.string());
  }
  // The text index first: what is written between the two copies is in the log of the second, and
  // brings the first up to date when the copy is opened.
  if (auto copied =
          store.index().CopyTo(generation, [&] { return store.store().CopyTo(generation); });
      !copied) {
    return copied;
  }
  return cache::SwitchGeneration(directory, generation.filename().string());
}

Result<void> FillBackup(cache::Settings& settings, std::span<const NamedStore> stores,
                        const fs::path& partial) {
  if (auto copied = settings.CopyTo(partial / "settings"); !copied) {
    return copied;
  }
  for (const NamedStore& named : stores) {
    if (auto copied = CopyStore(named, partial); !copied) {
      return copied;
    }
  }
  return {};
}

// A copy of a data directory inside itself would be in the way of its own.
Result<void> CheckOutside(const fs::path& place, const DataDirectory& directory) {
  std::error_code failure;
  const fs::path inside = fs::weakly_canonical(directory.path(), failure);
  const fs::path real = failure ? place : fs::weakly_canonical(place, failure);
  if (failure) {
    return FileError(failure, "look at " + place.string());
  }
  const fs::path relative = real.lexically_relative(inside);
  const bool is_outside = relative.empty() || *relative.begin() == "..";
  return is_outside || relative == directory.snapshot().filename()
             ? Result<void>()
             : Error(ErrorCode::kInvalidArgument,
                     "A snapshot cannot be written to `" + place.string() +
                         "`, which is in the data directory itself: choose a directory elsewhere, "
                         "best on another disk.");
}

// Checks a backup that has no manifest as well as can be.
Result<void> CheckUnlisted(const fs::path& backup) {
  std::error_code failure;
  const fs::path native = backup / "stores" / kNativeStore;
  if (!fs::exists(native, failure)) {
    return Error(ErrorCode::kInvalidArgument,
                 backup.string() + " is no backup of cacheindex: it has neither a MANIFEST nor " +
                     native.string());
  }
  if (auto present = cache::CheckPresent(backup / "settings" / "data.mdb"); !present) {
    return present;
  }
  for (fs::directory_iterator entry(backup / "stores", failure), end; !failure && entry != end;
       entry.increment(failure)) {
    if (auto live = cache::FindCurrentGeneration(entry->path()); !live) {
      return std::move(live).error();
    }
  }
  return failure ? FileError(failure, "list " + (backup / "stores").string()) : Result<void>();
}

// The files that the manifest names; without one, everything.
Result<void> CopyFiles(const fs::path& backup, const BackupFiles* named, const fs::path& partial) {
  std::error_code failure;
  if (named == nullptr) {
    fs::copy(backup, partial, fs::copy_options::recursive, failure);
    return failure ? FileError(failure, "copy " + backup.string()) : Result<void>();
  }
  for (const fs::path& file : named->files) {
    fs::create_directories((partial / file).parent_path(), failure);
    if (failure) {
      return FileError(failure, "create " + (partial / file).parent_path().string());
    }
    fs::copy_file(backup / file, partial / file, failure);
    if (failure) {
      return FileError(failure, "copy " + (backup / file).string());
    }
  }
  return {};
}

}  // namespace

Result<void> WriteBackup(const DataDirectory& directory, cache::Settings& settings,
                         std::span<const NamedStore> stores, const fs::path& target) {
  if (!target.is_absolute()) {
    return Error(ErrorCode::kInvalidArgument,
                 "The path of a snapshot must be absolute, not `" + target.string() + "`.");
  }
  for (const NamedStore& named : stores) {
    if (!named.store->fence().empty()) {
      return Error(ErrorCode::kCorruption, "the collection \"" + named.store->fence().front().name +
                                               "\" is damaged and fenced off: no copy is made");
    }
  }
  const fs::path place = PlaceOf(target);
  if (auto outside = CheckOutside(place, directory); !outside) {
    return outside;
  }
  return BuildDirectory(place, MayReplace::kBackup, [&](const fs::path& partial) -> Result<void> {
    auto filled = FillBackup(settings, stores, partial);
    return filled ? WriteManifest(partial) : std::move(filled);
  });
}

Result<Restored> RestoreBackup(const fs::path& backup, const fs::path& data_directory) {
  Restored restored{.is_compared = HasManifest(backup)};
  BackupFiles files;
  if (restored.is_compared) {
    auto compared = CompareWithManifest(backup, Compare::kContents);
    if (!compared) {
      return std::move(compared).error();
    }
    files = std::move(*compared);
    if (!files.differences.empty()) {
      return DifferenceError(backup, files);
    }
  } else if (auto checked = CheckUnlisted(backup); !checked) {
    return std::move(checked).error();
  }
  auto built =
      BuildDirectory(PlaceOf(data_directory), MayReplace::kNothing, [&](const fs::path& partial) {
        return CopyFiles(backup, restored.is_compared ? &files : nullptr, partial);
      });
  return built ? Result<Restored>(restored) : std::move(built).error();
}

}  // namespace cacheindex::node
