#include "node/stores/fence.h"

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <system_error>

#include "node/core/files/durable_file.h"
#include "node/core/files/file_error.h"
#include "node/core/number_text.h"

namespace cacheindex::node {
namespace {

std::filesystem::path FencePath(const std::filesystem::path& generation) {
  return generation / "FENCED";
}

}  // namespace

Result<std::vector<FencedCollection>> ReadCollections(const std::filesystem::path& path) {
  std::vector<FencedCollection> collections;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    const std::size_t blank = line.find(' ');
    const auto number = ToNumber<std::uint32_t>(line.substr(0, blank));
    if (!number || blank == std::string::npos || blank + 1 == line.size()) {
      return Error(ErrorCode::kCorruption, path.string() +
                                               " does not hold collections: remove it, "
                                               "and what it named is looked at again");
    }
    collections.push_back(
        {.number = cache::CollectionNumber{*number}, .name = line.substr(blank + 1)});
  }
  if (file.bad() || !file.eof()) {
    return Error(ErrorCode::kIo, "read " + path.string());
  }
  return collections;
}

Result<void> WriteCollections(const std::filesystem::path& path,
                              const std::vector<FencedCollection>& collections) {
  std::string text;
  for (const FencedCollection& collection : collections) {
    text += std::to_string(static_cast<std::uint32_t>(collection.number)) + ' ' + collection.name +
            '\n';
  }
  return WriteDurably(path, text);
}

Result<std::vector<FencedCollection>> LoadFence(const std::filesystem::path& generation) {
  std::error_code failure;
  const std::filesystem::path path = FencePath(generation);
  if (!std::filesystem::exists(path, failure)) {
    return failure ? Result<std::vector<FencedCollection>>(
                         FileError(failure, "look at " + path.string()))
                   : std::vector<FencedCollection>();
  }
  return ReadCollections(path);
}

Result<void> SaveFence(const std::filesystem::path& generation,
                       const std::vector<FencedCollection>& fence) {
  if (!fence.empty()) {
    return WriteCollections(FencePath(generation), fence);
  }
  std::error_code failure;
  std::filesystem::remove(FencePath(generation), failure);
  return failure ? FileError(failure, "remove " + FencePath(generation).string())
                 : Synchronize(generation);
}

std::vector<cache::CollectionNumber> NumbersOf(const std::vector<FencedCollection>& fence) {
  std::vector<cache::CollectionNumber> numbers;
  for (const FencedCollection& collection : fence) {
    numbers.push_back(collection.number);
  }
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

}  // namespace cacheindex::node
