#include <algorithm>
#include <chrono>
#include <set>
#include <utility>
#include <vector>

#include "node/core/number_text.h"
#include "node/services/node_service.h"
#include "node/services/search_run.h"
#include "node/stores/store_reader.h"

namespace cacheindex::node {
namespace {

// A text commit can overtake a snapshot between its opening and its use; then a newer one is taken.
constexpr int kSnapshotTries = 5;
// How long a wait for a position may hold a node that stops.
constexpr std::chrono::milliseconds kStopLatencyMax{200};

Error NotReady() { return {ErrorCode::kUnavailable, "Not Ready or Lagging"}; }

// As the positions of sources are written: 16/B374D848.
bool IsLogPosition(std::string_view text) { return text.find('/') != std::string_view::npos; }

Result<Position> ParsePosition(std::string_view text) {
  const auto number = ToNumber<std::uint64_t>(text);
  if (!number) {
    return Error(ErrorCode::kInvalidArgument,
                 "`" + std::string(text) +
                     "` is not a position of this node; send back what X-Position or "
                     "X-Search-Position said.");
  }
  return Position{*number};
}

}  // namespace

// Waits for the native store.
Result<void> NodeService::WaitForNative(const Wait& wait) const {
  auto wanted = ParsePosition(wait.position);
  if (!wanted) {
    return std::move(wanted).error();
  }
  const cache::Store& store = native_->store();
  Position reached = store.position();
  while (reached < *wanted) {
    if (std::chrono::steady_clock::now() >= wait.deadline) {
      return NotReady();
    }
    reached = store.WaitForChange(reached, wait.deadline);
  }
  if (!wait.for_search) {
    return {};
  }
  auto waited = native_->index().WaitSearchable(*wanted, wait.deadline);
  return waited ? Result<void>() : NotReady();
}

Result<void> NodeService::WaitFor(const ManagedSource* source, const Wait& wait) const {
  while (true) {
    Wait slice = wait;
    slice.deadline = std::min(wait.deadline, std::chrono::steady_clock::now() + kStopLatencyMax);
    auto waited = source == nullptr ? WaitForNative(slice) : source->WaitFor(slice);
    // What fails before its time is over has another reason than that.
    const bool is_slice_over = std::chrono::steady_clock::now() >= slice.deadline;
    if (waited || !is_slice_over || slice.deadline == wait.deadline ||
        is_waiting_over_.load(std::memory_order_relaxed)) {
      return waited;
    }
  }
}

Result<void> NodeService::WaitForDocuments(std::string_view collection,
                                           const api::Freshness& freshness) const {
  if (freshness.position_min.empty()) {
    return {};
  }
  auto managed = stores_->ResolveManaged(collection);
  if (!managed) {
    return std::move(managed).error();
  }
  const Wait wait{.position = freshness.position_min,
                  .for_search = false,
                  .deadline = freshness.asked_at + freshness.wait_max};
  auto waited = WaitFor(managed->source, wait);
  return waited && managed->source != nullptr
             ? managed->source->CheckKept(managed->collection, wait.position)
             : waited;
}

Result<void> NodeService::WaitForAll(const api::Freshness& freshness) const {
  if (freshness.position_min.empty()) {
    return {};
  }
  std::vector<Stores::ManagedName> names(1);
  for (const auto& source : stores_->sources()) {
    for (const auto& declaration : source->config().collections) {
      names.push_back({.source = source.get(), .collection = declaration.name});
    }
  }
  return WaitForEach(names, {.position = freshness.position_min,
                             .for_search = false,
                             .deadline = freshness.asked_at + freshness.wait_max});
}

Result<void> NodeService::WaitForSearch(std::span<const SearchRequest> requests,
                                        const api::Freshness& freshness) const {
  if (freshness.position_min.empty()) {
    return {};
  }
  std::vector<Stores::ManagedName> names;
  for (const SearchRequest& request : requests) {
    auto managed = stores_->ResolveManaged(request.collection);
    if (!managed) {
      return std::move(managed).error();
    }
    names.push_back(*std::move(managed));
  }
  return WaitForEach(names, {.position = freshness.position_min,
                             .for_search = true,
                             .deadline = freshness.asked_at + freshness.wait_max});
}

// A position is of one store, so collections of others have nothing to wait for; but somebody must
// know it.
Result<void> NodeService::WaitForEach(std::span<const Stores::ManagedName> names,
                                      const Wait& wait) const {
  std::set<const ManagedSource*> managers;
  for (const Stores::ManagedName& name : names) {
    managers.insert(name.source);
  }
  const bool is_native = !IsLogPosition(wait.position);
  const bool is_known = std::any_of(managers.begin(), managers.end(),
                                    [&](const auto* one) { return (one == nullptr) == is_native; });
  for (const ManagedSource* manager : managers) {
    if (is_known && (manager == nullptr) != is_native) {
      continue;
    }
    auto waited = WaitFor(manager, wait);
    if (!waited) {
      return waited;
    }
  }
  for (const Stores::ManagedName& name : names) {
    auto checked = is_native || name.source == nullptr
                       ? Result<void>()
                       : name.source->CheckKept(name.collection, wait.position);
    if (!checked) {
      return checked;
    }
  }
  return {};
}

std::vector<Result<SearchPage>> NodeService::Search(std::span<const SearchRequest> requests,
                                                    const api::Freshness& freshness) {
  std::vector<Result<SearchPage>> pages;
  pages.reserve(requests.size());
  if (auto waited = WaitForSearch(requests, freshness); !waited) {
    pages.assign(requests.size(), waited.error());
    return pages;
  }
  for (int attempt = 1;; ++attempt) {
    pages.clear();
    SearchRun run(*stores_, resources_, answers_, search_time_max_);
    bool is_overtaken = false;
    for (const SearchRequest& request : requests) {
      pages.push_back(run.Search(request));
      is_overtaken =
          is_overtaken || (!pages.back() && pages.back().error().code() == ErrorCode::kConflict);
    }
    if (!is_overtaken || attempt == kSnapshotTries) {
      return pages;
    }
  }
}

Result<UnionPage> NodeService::SearchUnion(std::span<const SearchRequest> requests,
                                           const UnionRequest& request,
                                           const api::Freshness& freshness) {
  if (auto waited = WaitForSearch(requests, freshness); !waited) {
    return std::move(waited).error();
  }
  for (int attempt = 1;; ++attempt) {
    auto page =
        SearchRun(*stores_, resources_, answers_, search_time_max_).Unite(requests, request);
    if (page || page.error().code() != ErrorCode::kConflict || attempt == kSnapshotTries) {
      return page;
    }
  }
}

}  // namespace cacheindex::node
