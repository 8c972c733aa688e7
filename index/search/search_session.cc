#include "index/search/search_session.h"

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

#include "index/match/word_lists.h"
#include "index/schema/schema_cache.h"
#include "index/search/search_page.h"
#include "index/search/search_plan.h"
#include "index/search/search_shared.h"
#include "index/search/search_union.h"
#include "index/text/text_indexer.h"

namespace cacheindex::index {
namespace {

using Clock = std::chrono::steady_clock;

// A commit between two reads of one search makes its reader start over (index/README.md 4).
constexpr int kReaderTries = 4;

std::string ToText(Position position) {
  return std::to_string(static_cast<std::uint64_t>(position));
}

std::uint32_t MillisecondsSince(Clock::time_point begin) {
  return static_cast<std::uint32_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begin).count());
}

bool ShouldTryAgain(const Result<void>& done, int attempt) {
  return !done && done.error().code() == ErrorCode::kUnavailable && attempt < kReaderTries;
}

Result<void> Answer(SharedSearch& shared, const SearchRequest& request, HitBudget& budget,
                    SearchPage& page) {
  const auto plan = PlanSearch(request, shared.schema());
  if (!plan) {
    return plan.error();
  }
  const HitBudget before = budget;
  for (int attempt = 1;; ++attempt) {
    page = {};
    if (!plan->group_fields.empty()) {
      page.found_documents = 0;
    }
    budget = before;
    auto found = shared.Find(request, *plan);
    auto filled =
        found ? FillPage({shared.context(), shared.text(), request, *plan, **found, budget}, page)
              : Result<void>(std::move(found).error());
    if (auto checked = shared.context().CheckPages(); !checked) {
      return checked;
    }
    if (!ShouldTryAgain(filled, attempt)) {
      return filled;
    }
    shared.Forget();
  }
}

}  // namespace

SearchSession::SearchSession(const cache::View& view, SchemaCache& schemas, const TextIndexer& text,
                             WordLists& words, NewerDocument newer_document)
    : view_(&view),
      schemas_(&schemas),
      text_(&text),
      words_(&words),
      newer_document_(std::move(newer_document)) {}
SearchSession::SearchSession(SearchSession&&) noexcept = default;
SearchSession::~SearchSession() = default;

Result<SharedSearch*> SearchSession::SharedBy(const cache::Collection& collection) {
  auto& shared = shared_[collection.number];
  if (shared == nullptr) {
    auto schema = schemas_->Load(*view_, collection);
    if (!schema) {
      return std::move(schema).error();
    }
    shared =
        std::make_unique<SharedSearch>(*view_, collection, *std::move(schema), *text_, *words_);
    shared->context().newer_document = newer_document_;
  }
  return shared.get();
}

AnswerPositions SearchSession::positions() const {
  return {.documents = ToText(view_->position()), .search = ToText(text_->position())};
}

Clock::time_point SearchSession::DeadlineOf(const SearchRequest& request) const {
  return std::min(deadline, Clock::now() + std::chrono::milliseconds(request.search_cutoff_ms));
}

Result<SearchPage> SearchSession::Search(const cache::Collection& collection,
                                         const SearchRequest& request) {
  const auto begin = Clock::now();
  const auto limit = DeadlineOf(request);
  auto shared = SharedBy(collection);
  if (!shared) {
    return std::move(shared).error();
  }
  (*shared)->context().deadline = limit;
  SearchPage page;
  if (auto answered = Answer(**shared, request, budget_, page); !answered) {
    if (answered.error().code() != ErrorCode::kTimeout) {
      return std::move(answered).error();
    }
    page.search_cutoff = true;
  }
  page.positions = positions();
  page.collection_name = collection.name;
  page.out_of = collection.documents;
  page.search_time_ms = MillisecondsSince(begin);
  return page;
}

Result<UnionPage> SearchSession::Unite(std::span<const CollectionSearch> searches,
                                       const UnionRequest& request) {
  const auto begin = Clock::now();
  UnionSearch united(request);
  UnionPage page;
  std::map<cache::CollectionNumber, std::uint64_t> documents;
  for (const CollectionSearch& search : searches) {
    auto shared = SharedBy(search.collection);
    if (!shared) {
      return std::move(shared).error();
    }
    (*shared)->context().deadline = DeadlineOf(search.request);
    if (auto added = united.Add(**shared, search.request); !added) {
      return std::move(added).error();
    }
    documents[search.collection.number] = search.collection.documents;
    page.parts.push_back({.collection_name = search.collection.name});
  }
  const HitBudget before = budget_;
  for (int attempt = 1;; ++attempt) {
    page.hits.clear();
    page.groups.clear();
    if (united.is_grouped()) {
      page.found_documents = 0;
    }
    page.facet_counts.clear();
    budget_ = before;
    auto filled = united.Fill(page, budget_);
    for (const auto& [number, shared] : shared_) {
      if (auto checked = shared->context().CheckPages(); !checked) {
        return std::move(checked).error();
      }
    }
    if (ShouldTryAgain(filled, attempt)) {
      for (auto& [number, shared] : shared_) {
        shared->Forget();
      }
      continue;
    }
    if (!filled && filled.error().code() != ErrorCode::kTimeout) {
      return std::move(filled).error();
    }
    page.search_cutoff = !filled;
    break;
  }
  for (const auto& [number, count] : documents) {
    page.out_of += count;
  }
  page.positions = positions();
  page.search_time_ms = MillisecondsSince(begin);
  return page;
}

}  // namespace cacheindex::index
