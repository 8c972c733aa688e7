#include "index/documents/fresh_words.h"

#include <utility>

namespace cacheindex::index {

void FreshWords::BeginTransaction() {
  added_.clear();
  added_bytes_ = 0;
}

void FreshWords::Add(Position position, const DocumentWords& words) {
  if (added_bytes_ + words.byte_count() <= kBytesMax) {
    added_bytes_ += words.byte_count();
    added_.push_back({position, words});
  }
}

void FreshWords::Publish() {
  const std::scoped_lock lock(mutex_);
  for (Fresh& fresh : added_) {
    if (published_bytes_ + fresh.words.byte_count() <= kBytesMax) {
      published_bytes_ += fresh.words.byte_count();
      published_.push_back(std::move(fresh));
    }
  }
  added_.clear();
  added_bytes_ = 0;
}

std::optional<DocumentWords> FreshWords::Take(Position position) {
  const std::scoped_lock lock(mutex_);
  std::optional<DocumentWords> taken;
  while (!published_.empty() && published_.front().position <= position) {
    published_bytes_ -= published_.front().words.byte_count();
    if (published_.front().position == position) {
      taken = std::move(published_.front().words);
    }
    published_.pop_front();
  }
  return taken;
}

}  // namespace cacheindex::index
