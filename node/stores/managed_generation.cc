#include "node/stores/managed_generation.h"

#include <system_error>
#include <utility>

namespace cacheindex::node {

Result<std::shared_ptr<ManagedGeneration>> ManagedGeneration::Open(
    const std::filesystem::path& directory, std::uint64_t number, const Config& config) {
  auto served = ServedStore::Open(directory, config);
  if (!served) {
    return std::move(served).error();
  }
  (*served)->LogMissingTexts();
  return std::shared_ptr<ManagedGeneration>(new ManagedGeneration(std::move(*served), number));
}

ManagedGeneration::ManagedGeneration(std::unique_ptr<ServedStore> served, std::uint64_t number)
    : served_(std::move(served)), number_(number), sink_(served_->index()) {}

ManagedGeneration::~ManagedGeneration() {
  applier_.reset();
  const std::filesystem::path directory = served_->directory();
  served_.reset();
  if (is_retired_) {
    // What cannot be removed now is removed at the next start.
    std::error_code ignored;
    std::filesystem::remove_all(directory, ignored);
  }
}

std::shared_ptr<const replication::Applier> ManagedGeneration::applier() const {
  const std::scoped_lock lock(mutex_);
  return applier_;
}

void ManagedGeneration::UseApplier(std::shared_ptr<const replication::Applier> applier) {
  const std::scoped_lock lock(mutex_);
  applier_.swap(applier);
  // What was built before this process has served before; its text index may be a little behind.
  can_serve_ = can_serve_ || applier_->phase() == replication::Phase::kLive;
}

bool ManagedGeneration::CanServe() {
  if (can_serve_) {
    return true;
  }
  const std::scoped_lock lock(mutex_);
  if (applier_ == nullptr || applier_->phase() != replication::Phase::kLive) {
    return false;
  }
  if (!built_at_) {
    built_at_ = served_->store().position();
  }
  can_serve_ = text_position() >= *built_at_;
  return can_serve_;
}

}  // namespace cacheindex::node
