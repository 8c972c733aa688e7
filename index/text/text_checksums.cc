#include "index/text/text_checksums.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "cache/document_hash.h"
#include "node/core/files/durable_file.h"
#include "node/core/files/file_descriptor.h"
#include "node/core/files/file_error.h"

namespace cacheindex::index {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kTable = ".glass";
constexpr std::string_view kVersion = "iamglass";
constexpr std::string_view kChecksums = ".checksums";
constexpr const char* kDamaged = "DAMAGED";

// What Xapian takes for a new database.
constexpr std::size_t kPageBytes = 8'192;
// As mincore counts, on the systems that this runs on.
constexpr std::size_t kSystemPageBytes = 4'096;
constexpr std::size_t kRevisionBytes = 4;
// Xapian's version file has some hundred.
constexpr std::size_t kVersionBytesMax = std::size_t{1} << 16;
// Of the version file: "\x0f\x0dXapian Glass", the format's version, a UUID; then the revision,
// seven bits a byte, the lowest first.
constexpr std::size_t kVersionHeadBytes = 14 + 2 + 16;

// How far a commit may go beyond the one before: one that failed uses up a revision, which its
// pages name, and is followed by the next.
constexpr std::uint32_t kRevisionsOfACommit = 2;

struct Checksum {
  /// Of the page, + 1; 0 for none.
  std::uint32_t revision = 0;
  std::uint32_t hash = 0;
};
constexpr std::size_t kChecksumBytes = 8;

std::uint32_t ReadLittle(const char* bytes) {
  std::uint32_t value = 0;
  for (int i = 3; i >= 0; --i) {
    value = value << 8 | static_cast<unsigned char>(bytes[i]);
  }
  return value;
}

void AppendLittle(std::string& bytes, std::uint32_t value) {
  for (int shift = 0; shift < 32; shift += 8) {
    bytes.push_back(static_cast<char>(value >> shift & 0xFFU));
  }
}

// Also says where the page lies: one that was written to the place of another is not that one.
std::uint32_t HashOfPage(std::size_t page, std::string_view bytes) {
  return static_cast<std::uint32_t>(cache::HashOf(bytes) ^ page);
}

class File {
 public:
  // Errors: kNotFound, kIo.
  static Result<File> Open(fs::path path, int flags) {
    constexpr mode_t kOwnerOnly = 0600;
    FileDescriptor descriptor(::open(path.c_str(), flags | O_CLOEXEC, kOwnerOnly));
    if (!descriptor && errno == ENOENT) {
      return Error(ErrorCode::kNotFound, path.string() + " is not there");
    }
    return descriptor ? Result<File>(File(std::move(path), std::move(descriptor)))
                      : FileError(errno, "open " + path.string());
  }

  Result<std::size_t> size() const {
    struct stat status {};
    return ::fstat(descriptor_.get(), &status) == 0
               ? Result<std::size_t>(static_cast<std::size_t>(status.st_size))
               : FileError(errno, "look at " + path_.string());
  }

  /// Returns what there is of `size` bytes from `offset` on.
  Result<std::string_view> Read(std::size_t offset, std::size_t size, std::string& buffer) const {
    buffer.resize(size);
    std::size_t done = 0;
    while (done < size) {
      const ssize_t count = ::pread(descriptor_.get(), buffer.data() + done, size - done,
                                    static_cast<off_t>(offset + done));
      if (count < 0 && errno == EINTR) {
        continue;
      }
      if (count < 0) {
        return FileError(errno, "read " + path_.string());
      }
      if (count == 0) {
        break;
      }
      done += static_cast<std::size_t>(count);
    }
    return std::string_view(buffer).substr(0, done);
  }

  /// Returns by page of the system whether its first `size` bytes are in memory; all are where the
  /// system does not tell. Reads nothing, and lets nothing be read ahead.
  std::vector<unsigned char> InMemory(std::size_t size) const {
    std::vector<unsigned char> pages((size + kSystemPageBytes - 1) / kSystemPageBytes, 1);
    void* const mapped =
        size == 0 ? MAP_FAILED : ::mmap(nullptr, size, PROT_READ, MAP_SHARED, descriptor_.get(), 0);
    if (mapped != MAP_FAILED) {
      if (::mincore(mapped, size, pages.data()) != 0) {
        std::fill(pages.begin(), pages.end(), 1);
      }
      ::munmap(mapped, size);
    }
    return pages;
  }

  Result<void> Write(std::size_t offset, std::string_view bytes) const {
    while (!bytes.empty()) {
      const ssize_t count =
          ::pwrite(descriptor_.get(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
      if (count < 0 && errno == EINTR) {
        continue;
      }
      if (count < 0) {
        return FileError(errno, "write " + path_.string());
      }
      bytes.remove_prefix(static_cast<std::size_t>(count));
      offset += static_cast<std::size_t>(count);
    }
    return {};
  }

 private:
  File(fs::path path, FileDescriptor descriptor)
      : path_(std::move(path)), descriptor_(std::move(descriptor)) {}

  fs::path path_;
  FileDescriptor descriptor_;
};

std::optional<std::uint32_t> RevisionOfTablePage(std::string_view bytes) {
  if (bytes.size() < kRevisionBytes) {
    return std::nullopt;
  }
  std::uint32_t revision = 0;
  for (const char byte : bytes.substr(0, kRevisionBytes)) {
    revision = revision << 8 | static_cast<unsigned char>(byte);
  }
  return revision;
}

std::optional<std::uint32_t> RevisionOfVersion(std::string_view bytes) {
  std::uint64_t revision = 0;
  int shift = 0;
  for (std::size_t i = kVersionHeadBytes; i < bytes.size() && shift < 32; ++i, shift += 7) {
    const auto byte = static_cast<unsigned char>(bytes[i]);
    revision |= static_cast<std::uint64_t>(byte & 0x7FU) << shift;
    if (byte < 0x80) {
      return static_cast<std::uint32_t>(revision);
    }
  }
  return std::nullopt;
}

// One of Xapian's files and the one with its checksums.
class CheckedFile {
 public:
  CheckedFile(const fs::path& directory, std::string name)
      : data_(directory / name),
        checksums_(directory / (name + std::string(kChecksums))),
        is_version_(name == kVersion),
        page_bytes_(is_version_ ? kVersionBytesMax : kPageBytes) {}

  /// `committed`: the latest revision that is.
  Result<void> Update(std::uint32_t committed, TextPages pages) const {
    const auto data = File::Open(data_, O_RDONLY);
    const auto checksums = data ? File::Open(checksums_, O_RDWR | O_CREAT) : data.error();
    if (!checksums) {
      return checksums.error();
    }
    auto known = Load(*checksums);
    const auto size = known ? data->size() : known.error();
    if (!size) {
      return size.error();
    }
    const std::size_t count = PagesOf(*size);
    known->resize(count);
    const std::vector<unsigned char> in_memory =
        pages == TextPages::kInMemory ? data->InMemory(*size) : std::vector<unsigned char>();
    std::string buffer;
    // Of a run of pages that are new, from `first` on.
    std::string news;
    std::size_t first = 0;
    for (std::size_t page = 0; page <= count; ++page) {
      std::optional<Checksum> found;
      const std::size_t at = page * page_bytes_ / kSystemPageBytes;
      if (page < count && (at >= in_memory.size() || (in_memory[at] & 1U) != 0)) {
        auto read = ReadNew(*data, page, (*known)[page], committed, buffer);
        if (!read) {
          return std::move(read).error();
        }
        found = *read;
      }
      if (found) {
        first = news.empty() ? page : first;
        AppendLittle(news, found->revision);
        AppendLittle(news, found->hash);
      } else if (!news.empty()) {
        if (auto written = checksums->Write(first * kChecksumBytes, news); !written) {
          return written;
        }
        news.clear();
      }
    }
    return {};
  }

  /// Returns whether every page is what its checksum says, or later. Raises `latest` to the latest
  /// revision of one.
  Result<bool> IsAsWritten(const std::function<void(std::size_t bytes)>& read,
                           std::uint32_t& latest) const {
    const auto checksums = File::Open(checksums_, O_RDONLY);
    if (!checksums) {
      // Nothing is known of it.
      return checksums.error().code() == ErrorCode::kNotFound ? Result<bool>(true)
                                                              : checksums.error();
    }
    // Before any page: one that is written meanwhile is later than its checksum, not earlier.
    const auto known = Load(*checksums);
    if (!known) {
      return known.error();
    }
    const auto data = File::Open(data_, O_RDONLY);
    if (!data) {
      return data.error().code() == ErrorCode::kNotFound ? Result<bool>(false) : data.error();
    }
    std::string buffer;
    for (std::size_t page = 0; page < known->size(); ++page) {
      if ((*known)[page].revision == 0) {
        continue;
      }
      const auto bytes = data->Read(page * page_bytes_, page_bytes_, buffer);
      if (!bytes) {
        return bytes.error();
      }
      if (!IsAsWritten(page, *bytes, (*known)[page])) {
        return false;
      }
      latest = std::max(latest, RevisionOf(*bytes).value_or(0));
      if (read) {
        read(bytes->size());
      }
    }
    return true;
  }

 private:
  std::size_t PagesOf(std::size_t size) const {
    return is_version_ ? 1 : (size + page_bytes_ - 1) / page_bytes_;
  }

  std::optional<std::uint32_t> RevisionOf(std::string_view bytes) const {
    return is_version_ ? RevisionOfVersion(bytes) : RevisionOfTablePage(bytes);
  }

  static Result<std::vector<Checksum>> Load(const File& file) {
    std::string buffer;
    const auto size = file.size();
    const auto bytes = size ? file.Read(0, *size, buffer) : size.error();
    if (!bytes) {
      return bytes.error();
    }
    std::vector<Checksum> known(bytes->size() / kChecksumBytes);
    for (std::size_t i = 0; i < known.size(); ++i) {
      const char* const at = bytes->data() + i * kChecksumBytes;
      known[i] = {.revision = ReadLittle(at), .hash = ReadLittle(at + kChecksumBytes / 2)};
    }
    return known;
  }

  bool IsAsWritten(std::size_t page, std::string_view bytes, const Checksum& known) const {
    const auto revision = RevisionOf(bytes);
    return revision && *revision + 1 >= known.revision &&
           (*revision + 1 != known.revision || HashOfPage(page, bytes) == known.hash);
  }

  /// Returns the checksum of a committed page that has another one, or none.
  Result<std::optional<Checksum>> ReadNew(const File& data, std::size_t page, const Checksum& known,
                                          std::uint32_t committed, std::string& buffer) const {
    const std::size_t offset = page * page_bytes_;
    const auto head = data.Read(offset, is_version_ ? page_bytes_ : kRevisionBytes, buffer);
    if (!head) {
      return head.error();
    }
    const auto revision = RevisionOf(*head);
    if (!revision || *revision > committed || *revision + 1 <= known.revision) {
      return std::optional<Checksum>();
    }
    const auto bytes = data.Read(offset, page_bytes_, buffer);
    if (!bytes) {
      return bytes.error();
    }
    // What a writer that failed has left of a page: the next lets it grow.
    if (!is_version_ && bytes->size() < page_bytes_) {
      return std::optional<Checksum>();
    }
    return std::optional(Checksum{.revision = *revision + 1, .hash = HashOfPage(page, *bytes)});
  }

  const fs::path data_;
  const fs::path checksums_;
  const bool is_version_;
  const std::size_t page_bytes_;
};

// Those that are there, and those of which there are checksums.
Result<std::vector<CheckedFile>> FilesOf(const fs::path& directory) {
  std::set<std::string> names;
  std::error_code failure;
  for (fs::directory_iterator entry(directory, failure), end; !failure && entry != end;
       entry.increment(failure)) {
    std::string name = entry->path().filename().string();
    if (name.ends_with(kChecksums)) {
      name.resize(name.size() - kChecksums.size());
    }
    if (name.ends_with(kTable)) {
      names.insert(std::move(name));
    }
  }
  if (failure) {
    return FileError(failure.value(), "list " + directory.string());
  }
  std::vector<CheckedFile> files;
  for (const std::string& name : names) {
    files.emplace_back(directory, name);
  }
  files.emplace_back(directory, std::string(kVersion));
  return files;
}

Result<std::uint32_t> CommittedRevision(const fs::path& directory) {
  const auto version = File::Open(directory / kVersion, O_RDONLY);
  std::string buffer;
  const auto bytes = version ? version->Read(0, kVersionBytesMax, buffer) : version.error();
  if (!bytes) {
    return bytes.error();
  }
  const auto committed = RevisionOfVersion(*bytes);
  return committed
             ? Result<std::uint32_t>(*committed)
             : Error(ErrorCode::kCorruption, (directory / kVersion).string() + " has no revision");
}

bool IsMarked(const fs::path& directory) {
  std::error_code ignored;
  return fs::exists(directory / kDamaged, ignored);
}

Result<bool> AreAsWritten(const fs::path& directory,
                          const std::function<void(std::size_t bytes)>& read) {
  if (IsMarked(directory)) {
    return false;
  }
  const auto files = FilesOf(directory);
  if (!files) {
    return files.error();
  }
  std::uint32_t latest = 0;
  for (const CheckedFile& file : *files) {
    const auto is_as_written = file.IsAsWritten(read, latest);
    if (!is_as_written || !*is_as_written) {
      return is_as_written;
    }
  }
  // A writer that was killed or failed leaves pages of the next revisions, and none of later ones.
  const auto committed = CommittedRevision(directory);
  if (!committed && committed.error().code() == ErrorCode::kIo) {
    return committed.error();
  }
  return committed && latest <= std::uint64_t{*committed} + kRevisionsOfACommit;
}

}  // namespace

Result<void> UpdateTextChecksums(const fs::path& directory, TextPages pages) {
  const auto committed = CommittedRevision(directory);
  const auto files = committed ? FilesOf(directory) : committed.error();
  if (!files) {
    return files.error();
  }
  for (const CheckedFile& file : *files) {
    if (auto updated = file.Update(*committed, pages); !updated) {
      return updated;
    }
  }
  return {};
}

Result<void> MarkTextDamaged(const fs::path& directory) {
  std::ofstream file(directory / kDamaged, std::ios::binary | std::ios::trunc);
  file << "This text index is built again.\n";
  if (!file.flush()) {
    return Error(ErrorCode::kIo, "write " + (directory / kDamaged).string());
  }
  return Synchronize(directory);
}

Result<bool> IsTextAsWritten(const fs::path& directory) { return AreAsWritten(directory, {}); }

Result<bool> IsForeignTextAsWritten(const fs::path& directory,
                                    const std::function<void(std::size_t bytes)>& read) {
  Result<bool> is_as_written = AreAsWritten(directory, read);
  std::error_code ignored;
  return fs::exists(directory, ignored) ? std::move(is_as_written) : Result<bool>(true);
}

}  // namespace cacheindex::index
