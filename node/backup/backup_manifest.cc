#include "node/backup/backup_manifest.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

#include "cache/document_hash.h"
#include "cache/file_hash.h"
#include "node/core/files/durable_file.h"
#include "node/core/files/file_error.h"
#include "node/core/number_text.h"

// MANIFEST:
//   cacheindex backup 1
//   <xxh3 of the file, 16 hexadecimal digits> <bytes> <path below the backup>
//   ...
//   end <xxh3 of all lines above>

namespace cacheindex::node {
namespace {

namespace fs = std::filesystem;

// What a node leaves that was killed before it took the manifest away.
constexpr const char* kLock = "LOCK";
constexpr std::string_view kTitle = "cacheindex backup 1\n";
constexpr std::string_view kEnd = "end ";
constexpr std::size_t kHashDigits = 16;
// Differences that an error names.
constexpr std::size_t kNamedMax = 10;

struct FileRecord {
  std::uint64_t size = 0;
  /// Empty: not asked for.
  std::string hash;
};
// By the path below the backup.
using Records = std::map<std::string, FileRecord>;

std::string ToDigits(std::uint64_t hash) {
  std::array<char, kHashDigits> digits{};
  const auto written = std::to_chars(digits.data(), digits.data() + digits.size(), hash, 16);
  const std::string_view text(digits.data(), static_cast<std::size_t>(written.ptr - digits.data()));
  return std::string(kHashDigits - text.size(), '0').append(text);
}

Result<Records> ReadFiles(const fs::path& backup, Compare how) {
  Records records;
  std::error_code failure;
  for (fs::recursive_directory_iterator entry(backup, failure), end; !failure && entry != end;
       entry.increment(failure)) {
    const fs::path name = entry->path().lexically_relative(backup);
    if (name == kManifest || name == kLock || entry->is_directory(failure)) {
      continue;
    }
    FileRecord record;
    record.size = entry->is_regular_file(failure) ? entry->file_size(failure) : 0;
    if (failure) {
      break;
    }
    if (how == Compare::kContents) {
      const auto hash = cache::HashOfFile(entry->path());
      if (!hash) {
        return hash.error();
      }
      record.hash = ToDigits(*hash);
    }
    records.emplace(name.string(), std::move(record));
  }
  return failure ? Result<Records>(FileError(failure, "read " + backup.string())) : records;
}

std::optional<std::pair<std::string, FileRecord>> ParseLine(std::string_view line) {
  const std::size_t space = line.find(' ', kHashDigits + 1);
  if (space == std::string_view::npos || line[kHashDigits] != ' ') {
    return std::nullopt;
  }
  const auto size = ToNumber<std::uint64_t>(line.substr(kHashDigits + 1, space - kHashDigits - 1));
  return size ? std::optional(std::pair(
                    std::string(line.substr(space + 1)),
                    FileRecord{.size = *size, .hash = std::string(line.substr(0, kHashDigits))}))
              : std::nullopt;
}

Result<Records> ReadManifest(const fs::path& backup) {
  const fs::path path = backup / kManifest;
  std::ifstream stream(path, std::ios::binary);
  const std::string text((std::istreambuf_iterator<char>(stream)), {});
  if (!stream.is_open() || stream.bad()) {
    return Error(ErrorCode::kIo, "cannot read " + path.string());
  }
  const Error damaged(ErrorCode::kCorruption,
                      path.string() + " is damaged or cut off: use another backup");
  const std::size_t end = text.rfind(kEnd);
  if (!text.starts_with(kTitle) || end == std::string::npos ||
      text.substr(end) != std::string(kEnd) +
                              ToDigits(cache::HashOf(std::string_view(text).substr(0, end))) +
                              "\n") {
    return damaged;
  }
  Records records;
  std::string_view lines = std::string_view(text).substr(0, end);
  lines.remove_prefix(kTitle.size());
  while (!lines.empty()) {
    const std::size_t length = lines.find('\n');
    auto record =
        length == std::string_view::npos ? std::nullopt : ParseLine(lines.substr(0, length));
    if (!record) {
      return damaged;
    }
    records.insert(std::move(*record));
    lines.remove_prefix(length + 1);
  }
  return records;
}

std::string Difference(const std::string& name, const FileRecord& wanted, const FileRecord* found) {
  if (found == nullptr) {
    return name + " is missing";
  }
  return found->size == wanted.size ? name + " is not what was written"
                                    : name + " has " + std::to_string(found->size) + " of " +
                                          std::to_string(wanted.size) + " bytes";
}

}  // namespace

bool HasManifest(const fs::path& backup) {
  std::error_code ignored;
  return fs::exists(backup / kManifest, ignored);
}

Result<void> WriteManifest(const fs::path& backup) {
  const auto records = ReadFiles(backup, Compare::kContents);
  if (!records) {
    return records.error();
  }
  std::string text(kTitle);
  for (const auto& [name, record] : *records) {
    text += record.hash + ' ' + std::to_string(record.size) + ' ' + name + '\n';
  }
  text += std::string(kEnd) + ToDigits(cache::HashOf(text)) + '\n';
  return WriteDurably(backup / kManifest, text);
}

Result<BackupFiles> CompareWithManifest(const fs::path& backup, Compare how) {
  const auto wanted = ReadManifest(backup);
  const auto found = wanted ? ReadFiles(backup, how) : Result<Records>(wanted.error());
  if (!found) {
    return found.error();
  }
  BackupFiles files;
  for (const auto& [name, record] : *wanted) {
    files.files.emplace_back(name);
    const auto there = found->find(name);
    const FileRecord* const file = there == found->end() ? nullptr : &there->second;
    if (file == nullptr || file->size != record.size ||
        (how == Compare::kContents && file->hash != record.hash)) {
      files.differences.push_back(Difference(name, record, file));
    }
  }
  for (const auto& [name, record] : *found) {
    if (!wanted->contains(name)) {
      files.differences.push_back(name + " does not belong to it");
    }
  }
  return files;
}

Error DifferenceError(const fs::path& backup, const BackupFiles& files) {
  std::string text = backup.string() + " is not as the backup was made: ";
  const std::size_t named = std::min(files.differences.size(), kNamedMax);
  for (std::size_t i = 0; i < named; ++i) {
    text += (i == 0 ? "" : ", ") + files.differences[i];
  }
  if (named < files.differences.size()) {
    text += " and " + std::to_string(files.differences.size() - named) + " more";
  }
  return Error(ErrorCode::kCorruption, text +
                                           "; copy it again from where it was kept, or use "
                                           "another backup");
}

Result<void> RetireManifest(const fs::path& data_directory) {
  if (!HasManifest(data_directory)) {
    return {};
  }
  auto files = CompareWithManifest(data_directory, Compare::kSizes);
  if (!files) {
    return std::move(files).error();
  }
  if (!files->differences.empty()) {
    return DifferenceError(data_directory, *files);
  }
  std::error_code failure;
  fs::remove(data_directory / kManifest, failure);
  return failure ? FileError(failure, "remove " + (data_directory / kManifest).string())
                 : Synchronize(data_directory);
}

}  // namespace cacheindex::node
