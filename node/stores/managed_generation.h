#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>

#include "node/stores/index_sink.h"
#include "node/stores/served_store.h"
#include "replication/following/source.h"

namespace cacheindex::node {

/// One complete build of a source's store: what the source writes and what requests read.
///
/// Threads: all methods may be called concurrently. Lifetime: readers share it with the source; who
/// lets go last closes it, and removes its files when it was retired.
class ManagedGeneration : public replication::Generation {
 public:
  static Result<std::shared_ptr<ManagedGeneration>> Open(const std::filesystem::path& directory,
                                                         std::uint64_t number,
                                                         const Config& config);
  ManagedGeneration(const ManagedGeneration&) = delete;
  ManagedGeneration& operator=(const ManagedGeneration&) = delete;
  ~ManagedGeneration() override;

  ServedStore& served() { return *served_; }
  std::uint64_t number() const { return number_; }
  /// Who writes it, nullptr before anybody does.
  std::shared_ptr<const replication::Applier> applier() const;

  /// A newer one took its place: its files go when its last reader is done.
  void Retire() { is_retired_ = true; }

  // What the source asks for.
  cache::Store& store() override { return served_->store(); }
  replication::DocumentSink& documents() override { return sink_; }
  Position text_position() override { return served_->index().position(); }
  void UseApplier(std::shared_ptr<const replication::Applier> applier) override;
  bool CanServe() override;

 private:
  ManagedGeneration(std::unique_ptr<ServedStore> served, std::uint64_t number);

  std::unique_ptr<ServedStore> served_;
  std::uint64_t number_;
  IndexSink sink_;
  std::atomic<bool> is_retired_ = false;
  mutable std::mutex mutex_;
  std::shared_ptr<const replication::Applier> applier_;
  /// Where the store was when all documents were built.
  std::optional<Position> built_at_;
  std::atomic<bool> can_serve_ = false;
};

}  // namespace cacheindex::node
