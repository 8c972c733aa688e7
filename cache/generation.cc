#include "cache/generation.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <iterator>
#include <system_error>

#include "cache/lmdb_handle.h"

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

Error Io(const std::string& action, const std::error_code& failure) {
  return Error(ErrorCode::kIo, action + ": " + failure.message());
}

Result<void> WriteDurably(const std::filesystem::path& file, std::string_view text) {
  const int descriptor = ::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
  if (descriptor < 0) {
    return Io("create " + file.string(), {errno, std::generic_category()});
  }
  const ssize_t written = ::write(descriptor, text.data(), text.size());
  const int failure =
      written < 0 ? errno : (static_cast<std::size_t>(written) < text.size() ? ENOSPC : 0);
  ::close(descriptor);
  if (failure != 0) {
    return Io("write " + file.string(), {failure, std::generic_category()});
  }
  return SyncPath(file);
}

// A first start that was interrupted leaves an empty generation 1 and perhaps a CURRENT.new.
Result<bool> IsFresh(const std::filesystem::path& store_directory) {
  std::error_code failure;
  std::filesystem::directory_iterator entries(store_directory, failure);
  if (failure) {
    return Io("list " + store_directory.string(), failure);
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

Result<std::filesystem::path> CreateFirst(const std::filesystem::path& store_directory) {
  const std::filesystem::path generation = store_directory / kFirstGeneration;
  std::error_code failure;
  std::filesystem::create_directories(generation, failure);
  if (failure) {
    return Io("create " + generation.string(), failure);
  }
  if (auto switched = SwitchGeneration(store_directory, kFirstGeneration); !switched) {
    return std::move(switched).error();
  }
  // The store's own name must last too.
  if (auto synced = SyncPath(std::filesystem::absolute(store_directory).parent_path()); !synced) {
    return std::move(synced).error();
  }
  return generation;
}

}  // namespace

Result<std::filesystem::path> OpenCurrentGeneration(const std::filesystem::path& store_directory) {
  std::error_code failure;
  std::filesystem::create_directories(store_directory, failure);
  if (failure) {
    return Io("create " + store_directory.string(), failure);
  }
  const std::filesystem::path current = store_directory / kCurrent;
  const bool exists = std::filesystem::exists(current, failure);
  if (failure) {
    return Io("look at " + current.string(), failure);
  }
  if (!exists) {
    const auto fresh = IsFresh(store_directory);
    if (!fresh) {
      return fresh.error();
    }
    if (!*fresh) {
      return Error(ErrorCode::kCorruption,
                   store_directory.string() +
                       " holds files but no CURRENT; write the name of the generation to serve "
                       "into CURRENT, or move the files away to start empty");
    }
    return CreateFirst(store_directory);
  }
  std::ifstream stream(current);
  std::string name((std::istreambuf_iterator<char>(stream)), {});
  if (stream.bad() || !stream.is_open()) {
    return Error(ErrorCode::kIo, "cannot read " + current.string());
  }
  if (name.ends_with('\n')) {
    name.pop_back();
  }
  if (!IsPlainName(name) || !std::filesystem::is_directory(store_directory / name, failure)) {
    return Error(ErrorCode::kCorruption, current.string() + " names no generation of this store");
  }
  return store_directory / name;
}

Result<void> SwitchGeneration(const std::filesystem::path& store_directory,
                              std::string_view generation) {
  if (!IsPlainName(generation)) {
    return Error(ErrorCode::kInvalidArgument,
                 "\"" + std::string(generation) + "\" is not a name of a generation");
  }
  std::error_code failure;
  if (!std::filesystem::is_directory(store_directory / generation, failure)) {
    return Error(ErrorCode::kNotFound, "there is no generation \"" + std::string(generation) +
                                           "\" in " + store_directory.string());
  }
  const std::filesystem::path written = store_directory / kCurrentNew;
  if (auto result = WriteDurably(written, std::string(generation) + "\n"); !result) {
    return result;
  }
  std::filesystem::rename(written, store_directory / kCurrent, failure);
  if (failure) {
    return Io("replace CURRENT", failure);
  }
  return SyncPath(store_directory);
}

}  // namespace cacheindex::cache
