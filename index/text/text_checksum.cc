#include "index/text/text_checksum.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "cache/document_hash.h"
#include "cache/file_hash.h"
#include "index/text/directory_sync.h"

namespace cacheindex::index {
namespace {

namespace fs = std::filesystem;

constexpr const char* kName = "CHECKSUM";
constexpr const char* kNew = "CHECKSUM.new";
// Xapian's lock, which has nothing in it.
constexpr const char* kLock = "flintlock";

Error Io(const std::error_code& failure, const std::string& action) {
  return Error(ErrorCode::kIo, action + ": " + failure.message());
}

Result<std::string> ChecksumOf(const fs::path& directory,
                               const std::function<void(std::size_t bytes)>& read = {}) {
  std::vector<fs::path> files;
  std::error_code failure;
  for (fs::directory_iterator entry(directory, failure), end; !failure && entry != end;
       entry.increment(failure)) {
    const fs::path name = entry->path().filename();
    if (name != kName && name != kNew && name != kLock) {
      files.push_back(entry->path());
    }
  }
  if (failure) {
    return Io(failure, "list " + directory.string());
  }
  std::sort(files.begin(), files.end());
  std::string all;
  for (const fs::path& file : files) {
    const auto hash = cache::HashOfFile(file, read);
    if (!hash) {
      return hash.error();
    }
    all += file.filename().string() + ' ' + std::to_string(*hash) + '\n';
  }
  return std::to_string(cache::HashOf(all)) + '\n';
}

Result<std::string> ReadChecksum(const fs::path& directory) {
  std::ifstream file(directory / kName, std::ios::binary);
  std::string known((std::istreambuf_iterator<char>(file)), {});
  return file.bad()
             ? Result<std::string>(Error(ErrorCode::kIo, "read " + (directory / kName).string()))
             : std::move(known);
}

}  // namespace

bool HasTextChecksum(const fs::path& directory) {
  std::error_code ignored;
  return fs::exists(directory / kName, ignored);
}

Result<void> WriteTextChecksum(const fs::path& directory) {
  const auto checksum = ChecksumOf(directory);
  if (!checksum) {
    return checksum.error();
  }
  // Not synchronized: one that a power cut takes away, or cuts off, costs a build at most.
  const fs::path written = directory / kNew;
  std::ofstream file(written, std::ios::binary | std::ios::trunc);
  file << *checksum;
  if (!file.flush()) {
    return Error(ErrorCode::kIo, "write " + written.string());
  }
  std::error_code failure;
  fs::rename(written, directory / kName, failure);
  return failure ? Io(failure, "rename " + written.string()) : Result<void>();
}

Result<void> MarkTextDamaged(const fs::path& directory) {
  std::ofstream file(directory / kName, std::ios::binary | std::ios::trunc);
  file << "damaged\n";
  if (!file.flush()) {
    return Error(ErrorCode::kIo, "write " + (directory / kName).string());
  }
  return SyncDirectory(directory);
}

Result<bool> IsTextAsWritten(const fs::path& directory) {
  if (!HasTextChecksum(directory)) {
    return true;
  }
  const auto known = ReadChecksum(directory);
  if (!known) {
    return known.error();
  }
  const auto checksum = ChecksumOf(directory);
  return checksum ? Result<bool>(*checksum == *known) : checksum.error();
}

Result<bool> IsForeignTextAsWritten(const fs::path& directory,
                                    const std::function<void(std::size_t bytes)>& read) {
  Result<bool> is_as_written = true;
  // Who changes the files removes the checksum first, and who removes them all has done so before a
  // second look is over.
  for (int look = 0; look < 2 && HasTextChecksum(directory); ++look) {
    const auto known = ReadChecksum(directory);
    const auto checksum = known ? ChecksumOf(directory, read) : known;
    if (checksum && *known == *checksum) {
      return true;
    }
    is_as_written = checksum ? Result<bool>(false) : checksum.error();
  }
  return HasTextChecksum(directory) ? std::move(is_as_written) : Result<bool>(true);
}

Result<void> RemoveTextChecksum(const fs::path& directory) {
  std::error_code failure;
  fs::remove(directory / kName, failure);
  return failure ? Io(failure, "remove " + (directory / kName).string()) : Result<void>();
}

}  // namespace cacheindex::index
