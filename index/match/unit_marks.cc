#include "index/match/unit_marks.h"

namespace cacheindex::index {
namespace {

// When more than one of this many documents is marked, a walk over all is cheaper than sorting.
constexpr std::size_t kSortedShare = 64;

std::vector<UnitMark>& TableOfThread() {
  thread_local std::vector<UnitMark> table;
  return table;
}

}  // namespace

UnitMarks::UnitMarks(std::size_t capacity) : capacity_(capacity), table_(&TableOfThread()) {
  if (table_->size() < capacity) {
    table_->resize(capacity);
  }
}

UnitMarks::~UnitMarks() {
  for (const DocumentNumber number : marked_) {
    (*table_)[number] = {};
  }
}

void UnitMarks::Take(std::optional<std::span<const DocumentNumber>> candidates,
                     std::vector<DocumentNumber>& documents, std::vector<UnitMark>& marks) {
  if (candidates) {
    for (const DocumentNumber number : *candidates) {
      if ((*table_)[number].is_set()) {
        documents.push_back(number);
      }
    }
  } else if (std::is_sorted(marked_.begin(), marked_.end())) {
    documents.insert(documents.end(), marked_.begin(), marked_.end());
  } else if (marked_.size() < capacity_ / kSortedShare) {
    std::sort(marked_.begin(), marked_.end());
    documents.insert(documents.end(), marked_.begin(), marked_.end());
  } else {
    documents.reserve(documents.size() + marked_.size());
    for (std::size_t number = 0; number < capacity_; ++number) {
      if ((*table_)[number].is_set()) {
        documents.push_back(static_cast<DocumentNumber>(number));
      }
    }
  }
  marks.reserve(documents.size());
  for (const DocumentNumber number : documents) {
    marks.push_back((*table_)[number]);
  }
}

}  // namespace cacheindex::index
