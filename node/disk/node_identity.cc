#include "node/disk/node_identity.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <random>
#include <system_error>

#include "node/core/files/durable_file.h"

namespace cacheindex::node {
namespace {

constexpr std::string_view kDigits = "0123456789abcdef";
constexpr std::size_t kIdentityDigits = 16;

std::string MakeIdentity() {
  std::random_device random;
  std::string identity(kIdentityDigits, '0');
  for (char& digit : identity) {
    digit = kDigits[random() % kDigits.size()];
  }
  return identity;
}

bool IsIdentity(std::string_view text) {
  return text.size() == kIdentityDigits &&
         text.find_first_not_of(kDigits) == std::string_view::npos;
}

}  // namespace

std::filesystem::path NodeIdentityPath(const std::filesystem::path& data_directory) {
  return data_directory / "NODE";
}

Result<std::string> LoadNodeIdentity(const std::filesystem::path& data_directory) {
  const std::filesystem::path path = NodeIdentityPath(data_directory);
  std::error_code failure;
  if (!std::filesystem::exists(path, failure)) {
    std::string identity = MakeIdentity();
    if (auto written = WriteDurably(path, identity + "\n"); !written) {
      return std::move(written).error();
    }
    return identity;
  }
  std::ifstream stream(path);
  if (!stream) {
    return Error(ErrorCode::kIo, "cannot read " + path.string());
  }
  std::string identity((std::istreambuf_iterator<char>(stream)), {});
  if (identity.ends_with('\n')) {
    identity.pop_back();
  }
  if (!IsIdentity(identity)) {
    return Error(ErrorCode::kCorruption,
                 path.string() +
                     " does not hold a node's name; remove it to make this a new node, "
                     "which copies its sources again");
  }
  return identity;
}

std::string SlotName(std::string_view source, std::string_view identity) {
  return "cacheindex_" + std::string(source) + "_" + std::string(identity);
}

}  // namespace cacheindex::node
