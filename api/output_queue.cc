#include "api/output_queue.h"

#include <algorithm>
#include <array>
#include <utility>

namespace cacheindex::api {
namespace {

// Below this a copy is cheaper than one more piece.
constexpr std::size_t kCopiedBytesMax = std::size_t{8} << 10;
constexpr std::size_t kKeptBytesMax = std::size_t{16} << 10;

}  // namespace

std::string& OutputQueue::tail() {
  if (pieces_.empty()) {
    pieces_.emplace_back();
    tail_counted_ = 0;
  }
  return pieces_.back();
}

void OutputQueue::Written() noexcept {
  bytes_ += pieces_.back().size() - tail_counted_;
  tail_counted_ = pieces_.back().size();
}

void OutputQueue::Append(std::string_view bytes) {
  tail().append(bytes);
  Written();
}

void OutputQueue::Append(std::string&& bytes) {
  if (bytes.size() <= kCopiedBytesMax) {
    Append(std::string_view(bytes));
    return;
  }
  bytes_ += bytes.size();
  pieces_.push_back(std::move(bytes));
  pieces_.emplace_back();  // What follows must not grow, and thereby copy, the large piece.
  tail_counted_ = 0;
}

void OutputQueue::Append(OutputQueue&& other) {
  if (empty()) {
    *this = std::move(other);
  } else {
    for (std::string& piece : other.pieces_) {
      Append(std::move(piece));  // Nothing of it was sent yet.
    }
  }
  other = OutputQueue();
}

Transport::State OutputQueue::SendTo(Transport& transport) {
  while (bytes_ > 0) {
    std::array<std::string_view, 8> views;
    std::size_t count = 0;
    for (const std::string& piece : pieces_) {
      const std::size_t skipped = &piece == &pieces_.front() ? offset_ : 0;
      if (piece.size() > skipped && count < views.size()) {
        views[count++] = std::string_view(piece).substr(skipped);
      }
    }
    const auto transfer = transport.Write({views.data(), count});
    Drop(transfer.bytes);
    if (transfer.state != Transport::State::kOk) {
      return transfer.state;
    }
  }
  return Transport::State::kOk;
}

void OutputQueue::Drop(std::size_t bytes) {
  bytes_ -= bytes;
  offset_ += bytes;
  while (pieces_.size() > 1 && offset_ >= pieces_.front().size()) {
    offset_ -= pieces_.front().size();
    pieces_.pop_front();
  }
  if (bytes_ == 0) {
    // An idle connection keeps a small buffer at most.
    if (!pieces_.empty() && pieces_.front().capacity() > kKeptBytesMax) {
      pieces_.clear();
    } else if (!pieces_.empty()) {
      pieces_.front().clear();
    }
    offset_ = 0;
    tail_counted_ = 0;
  }
}

}  // namespace cacheindex::api
