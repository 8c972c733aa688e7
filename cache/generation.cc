#include "cache/generation.h"

#include <fstream>
#include <iterator>
#include <system_error>

#include "cache/lmdb_handle.h"
#include "node/core/files/durable_file.h"
#include "node/core/files/file_error.h"

// CURRENT holds the name of the live generation's directory and a newline.

namespace cacheindex::cache {
namespace {

constexpr const char* kCurrent = "CURRENT";
constexpr const char* kCurrentNew = "CURRENT.new";
constexpr const char* kFirstGeneration = "generation-1";
constexpr std::size_t kNameBytesMax = 64;

bool IsPlainName(std::string_view name) {
  return !name.empty() && name.size() <= kNameBytesMax && name.front() != '.' &&
         name.find_first_of("/\n\r") == std::string_view::npos &&
         name.find('\0') == std::string_view::npos && !name.starts_with(kCurrent);
}

// What an interrupted first start of an earlier version leaves: an empty generation 1 and perhaps a
// CURRENT.new.
Result<bool> IsFresh(const std::filesystem::path& store_directory) {
  std::error_code failure;
  std::filesystem::directory_iterator entries(store_directory, failure);
  if (failure) {
    return FileError(failure, "list " + store_directory.string());
  }
  for (const auto& entry : entries) {
    const std::filesystem::path name = entry.path().filename();
    const bool is_leftover =
        name == kCurrentNew || (name == kFirstGeneration && entry.is_directory(failure) &&
                                std::filesystem::is_empty(entry.path(), failure));
    if (!is_leftover || failure) {
      return false;
    }
  }
  return true;
}

// Makes a whole store beside the place where it is looked for, and moves it there at once.
Result<std::filesystem::path> CreateFirst(const std::filesystem::path& store_directory) {
  const std::filesystem::path place =
      std::filesystem::absolute(store_directory / ".").lexically_normal().parent_path();
  std::filesystem::path made = place;
  made += ".new";
  std::error_code failure;
  std::filesystem::remove_all(made, failure);
  if (failure) {
    return FileError(failure, "remove " + made.string());
  }
  if (auto created = CreateGeneration(made / kFirstGeneration); !created) {
    return std::move(created).error();
  }
  if (auto switched = SwitchGeneration(made, kFirstGeneration); !switched) {
    return std::move(switched).error();
  }
  // Empty, or what IsFresh knows.
  std::filesystem::remove_all(place, failure);
  std::filesystem::rename(made, place, failure);
  if (failure) {
    return FileError(failure, "rename " + made.string() + " to " + place.string());
  }
  // The store's own name must last too.
  if (auto synced = Synchronize(place.parent_path()); !synced) {
    return std::move(synced).error();
  }
  return store_directory / kFirstGeneration;
}

}  // namespace

Result<void> CheckPresent(const std::filesystem::path& file) {
  std::error_code failure;
  const auto status = std::filesystem::status(file, failure);
  if (status.type() == std::filesystem::file_type::not_found) {
    return Error(ErrorCode::kCorruption, file.string() + " is missing");
  }
  if (failure) {
    return FileError(failure, "look at " + file.string());
  }
  if (!std::filesystem::is_regular_file(status)) {
    return Error(ErrorCode::kCorruption, file.string() + " is no file");
  }
  const auto size = std::filesystem::file_size(file, failure);
  if (failure) {
    return FileError(failure, "look at " + file.string());
  }
  return size > 0 ? Result<void>() : Error(ErrorCode::kCorruption, file.string() + " is empty");
}

Result<std::filesystem::path> FindCurrentGeneration(const std::filesystem::path& store_directory) {
  const std::filesystem::path current = store_directory / kCurrent;
  if (auto present = CheckPresent(current); !present) {
    return std::move(present).error();
  }
  std::ifstream stream(current);
  std::string name((std::istreambuf_iterator<char>(stream)), {});
  if (stream.bad() || !stream.is_open()) {
    return Error(ErrorCode::kIo, "cannot read " + current.string());
  }
  if (name.ends_with('\n')) {
    name.pop_back();
  }
  std::error_code failure;
  if (!IsPlainName(name)) {
    return Error(ErrorCode::kCorruption, current.string() + " does not hold a generation's name");
  }
  const std::filesystem::path generation = store_directory / name;
  if (!std::filesystem::is_directory(generation, failure)) {
    return Error(ErrorCode::kCorruption, generation.string() + " is missing, and " +
                                             current.string() + " names it as the live generation");
  }
  if (auto present = CheckPresent(generation / kDataFile); !present) {
    return std::move(present).error();
  }
  return generation;
}

Result<std::filesystem::path> OpenCurrentGeneration(const std::filesystem::path& store_directory) {
  std::error_code failure;
  const bool is_there = std::filesystem::exists(store_directory, failure);
  if (failure) {
    return FileError(failure, "look at " + store_directory.string());
  }
  if (!is_there) {
    return CreateFirst(store_directory);
  }
  const bool has_current = std::filesystem::exists(store_directory / kCurrent, failure);
  if (failure) {
    return FileError(failure, "look at " + (store_directory / kCurrent).string());
  }
  if (has_current) {
    return FindCurrentGeneration(store_directory);
  }
  const auto fresh = IsFresh(store_directory);
  if (!fresh) {
    return fresh.error();
  }
  if (!*fresh) {
    return Error(ErrorCode::kCorruption,
                 store_directory.string() +
                     " holds files but no CURRENT; write the name of the generation to serve "
                     "into CURRENT");
  }
  return CreateFirst(store_directory);
}

Result<void> CreateGeneration(const std::filesystem::path& generation) {
  std::error_code failure;
  std::filesystem::create_directories(generation, failure);
  if (failure) {
    return FileError(failure, "create " + generation.string());
  }
  if (std::filesystem::exists(generation / kDataFile, failure) || failure) {
    return Error(ErrorCode::kConflict, generation.string() + " holds a store already");
  }
  return CreateDataFile(generation);
}

Result<void> SwitchGeneration(const std::filesystem::path& store_directory,
                              std::string_view generation) {
  if (!IsPlainName(generation)) {
    return Error(ErrorCode::kInvalidArgument,
                 "\"" + std::string(generation) + "\" is not a name of a generation");
  }
  if (auto present = CheckPresent(store_directory / generation / kDataFile); !present) {
    return Error(ErrorCode::kNotFound, present.error().message())
        .WithContext("make generation \"" + std::string(generation) + "\" the live one");
  }
  return WriteDurably(store_directory / kCurrent, std::string(generation) + "\n");
}

}  // namespace cacheindex::cache
