#include <charconv>
#include <utility>

#include "node/node_service.h"

namespace cacheindex::node {
namespace {

// A text commit can overtake a snapshot between its opening and its use; then a newer one is taken.
constexpr int kSnapshotTries = 5;

Error NotReady() { return {ErrorCode::kUnavailable, "Not Ready or Lagging"}; }

std::string ToText(Position position) {
  return std::to_string(static_cast<std::uint64_t>(position));
}

Result<Position> ParsePosition(const std::string& text) {
  std::uint64_t number = 0;
  const char* end = text.data() + text.size();
  const auto [stop, failure] = std::from_chars(text.data(), end, number);
  if (failure != std::errc() || stop != end) {
    return Error(ErrorCode::kInvalidArgument,
                 "`" + text +
                     "` is not a position of this node; send back what X-Position or "
                     "X-Search-Position said.");
  }
  return Position{number};
}

}  // namespace

AnswerPositions NodeService::Positions(const cache::View& view) const {
  return {.documents = ToText(view.position()), .search = ToText(native_->index().position())};
}

Result<void> NodeService::WaitForDocuments(const api::Freshness& freshness) const {
  if (freshness.position_min.empty()) {
    return {};
  }
  auto wanted = ParsePosition(freshness.position_min);
  if (!wanted) {
    return std::move(wanted).error();
  }
  const auto deadline = std::chrono::steady_clock::now() + freshness.wait_max;
  const cache::Store& store = native_->store();
  Position reached = store.position();
  while (reached < *wanted) {
    if (std::chrono::steady_clock::now() >= deadline) {
      return NotReady();
    }
    reached = store.WaitForChange(reached, deadline);
  }
  return {};
}

Result<void> NodeService::WaitForSearch(const api::Freshness& freshness) {
  if (freshness.position_min.empty()) {
    return {};
  }
  auto wanted = ParsePosition(freshness.position_min);
  if (!wanted) {
    return std::move(wanted).error();
  }
  if (auto waited = WaitForDocuments(freshness); !waited) {
    return waited;
  }
  auto waited = native_->index().WaitSearchable(
      *wanted, std::chrono::steady_clock::now() + freshness.wait_max);
  return waited ? Result<void>() : NotReady();
}

std::vector<Result<SearchPage>> NodeService::Search(std::span<const SearchRequest> requests,
                                                    const api::Freshness& freshness) {
  std::vector<Result<SearchPage>> pages;
  pages.reserve(requests.size());
  if (auto waited = WaitForSearch(freshness); !waited) {
    pages.assign(requests.size(), waited.error());
    return pages;
  }
  for (int attempt = 1;; ++attempt) {
    pages.clear();
    auto snapshot = native_->store().OpenSnapshot();
    if (!snapshot) {
      pages.assign(requests.size(), snapshot.error());
      return pages;
    }
    bool is_overtaken = false;
    for (const SearchRequest& request : requests) {
      auto collection = native_->Resolve(*snapshot, request.collection);
      if (!collection) {
        pages.emplace_back(std::move(collection).error());
        continue;
      }
      pages.push_back(native_->index().Search(*snapshot, *collection, request));
      is_overtaken =
          is_overtaken || (!pages.back() && pages.back().error().code() == ErrorCode::kConflict);
    }
    if (!is_overtaken || attempt == kSnapshotTries) {
      return pages;
    }
  }
}

}  // namespace cacheindex::node
