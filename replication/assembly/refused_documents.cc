#include "replication/assembly/refused_documents.h"

namespace cacheindex::replication {
namespace {

constexpr std::string_view kPrefix = "refused/";
/// Of a reason; it names values, which may be long.
constexpr std::size_t kReasonBytesMax = 1'000;

std::string EntryKey(cache::CollectionNumber collection, std::string_view key) {
  std::string bytes(kPrefix);
  for (int shift = 24; shift >= 0; shift -= 8) {
    bytes +=
        static_cast<char>(static_cast<std::uint32_t>(collection) >> static_cast<unsigned>(shift));
  }
  return bytes.append(key);
}

}  // namespace

Result<int> SetRefusal(cache::WriteTransaction& transaction, cache::CollectionNumber collection,
                       std::string_view key, const std::string& reason) {
  const std::string entry = EntryKey(collection, key);
  const auto known = transaction.FindEntry(cache::kOwnersColumn, entry);
  if (!known) {
    return known.error();
  }
  const bool was_refused = known->has_value();
  if (reason.empty() && !was_refused) {
    return 0;
  }
  auto written = reason.empty() ? transaction.DeleteEntry(cache::kOwnersColumn, entry)
                                : transaction.PutEntry(cache::kOwnersColumn, entry,
                                                       reason.substr(0, kReasonBytesMax));
  if (!written) {
    return std::move(written).error();
  }
  return static_cast<int>(!reason.empty()) - static_cast<int>(was_refused);
}

Result<std::vector<std::string>> Refusals(const cache::View& view, std::size_t documents_max) {
  std::vector<std::string> reasons;
  auto scanned = view.ScanEntries(cache::kOwnersColumn, kPrefix,
                                  [&](std::string_view, std::string_view reason) {
                                    reasons.emplace_back(reason);
                                    return reasons.size() < documents_max;
                                  });
  return scanned ? Result<std::vector<std::string>>(std::move(reasons))
                 : std::move(scanned).error();
}

}  // namespace cacheindex::replication
