#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace cacheindex::test {

/// Returns whether every page of every table of a text index below `directory` has a checksum of
/// the revision that it names: of the node's last commits too, if there are none meanwhile.
inline bool HaveAllChecksums(const std::filesystem::path& directory) {
  constexpr std::size_t kPageBytes = 8'192;
  constexpr std::size_t kChecksumBytes = 8;
  const auto read = [](const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return std::string((std::istreambuf_iterator<char>(file)), {});
  };
  const auto byte = [](const std::string& bytes, std::size_t at) {
    return std::uint32_t{static_cast<unsigned char>(bytes[at])};
  };
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory)) {
    if (entry.path().extension() != ".glass") {
      continue;
    }
    const std::string table = read(entry.path());
    const std::string checksums = read(entry.path().string() + ".checksums");
    if (checksums.size() < table.size() / kPageBytes * kChecksumBytes) {
      return false;
    }
    for (std::size_t page = 0; page < table.size() / kPageBytes; ++page) {
      const std::size_t at = page * kPageBytes;
      const std::uint32_t named = byte(table, at) << 24 | byte(table, at + 1) << 16 |
                                  byte(table, at + 2) << 8 | byte(table, at + 3);
      const std::size_t known_at = page * kChecksumBytes;
      const std::uint32_t known = byte(checksums, known_at) | byte(checksums, known_at + 1) << 8 |
                                  byte(checksums, known_at + 2) << 16 |
                                  byte(checksums, known_at + 3) << 24;
      if (known != named + 1) {
        return false;
      }
    }
  }
  return true;
}

}  // namespace cacheindex::test
