#include "node/stores/column_repair.h"

#include <chrono>

#include "index/collection_files.h"
#include "node/logging/log.h"

namespace cacheindex::node {

void DistrustColumns(ServedStore& served, cache::CollectionNumber collection) {
  const auto snapshot = served.store().OpenSnapshot();
  if (!snapshot) {
    return;
  }
  const auto found = snapshot->FindCollection(collection);
  if (!found || !*found) {
    return;
  }
  // Where the schema cannot be read, nothing is searched.
  if (const auto columns = index::ColumnsOf(*snapshot, **found)) {
    served.store().Recheck(*snapshot, columns->derived);
  }
}

bool RebuildColumns(ServedStore& served, std::string_view store, const FencedCollection& collection,
                    const std::stop_token& stop) {
  using Clock = std::chrono::steady_clock;
  Log(LogPart::kStores, LogLevel::kWarning, "rebuilding",
      {{"store", store},
       {"collection", collection.name},
       {"reason",
        "its columns are made again from its documents: what needs the damaged ones answers 500, "
        "and writes wait until then"}});
  const auto begin = Clock::now();
  const auto rebuilt = served.Write([&](cache::WriteTransaction& transaction) {
    return served.index().RebuildColumns(transaction, collection.number,
                                         [&] { return stop.stop_requested(); });
  });
  if (!rebuilt) {
    Log(LogPart::kStores, LogLevel::kError, "rebuild_failed",
        {{"store", store},
         {"collection", collection.name},
         {"reason",
          rebuilt.error().message() +
              ": what needs the damaged columns answers 500; restore a backup, unless the "
              "next round of the scrub says that they were made again"}});
    return false;
  }
  const std::chrono::duration<double> seconds = Clock::now() - begin;
  Log(LogPart::kStores, LogLevel::kInfo, "rebuilt",
      {{"store", store}, {"collection", collection.name}, {"seconds", Rounded(seconds.count())}});
  return true;
}

}  // namespace cacheindex::node
