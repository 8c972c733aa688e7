#include "cache/store.h"

#include <algorithm>
#include <utility>

#include "cache/environment.h"
#include "cache/records.h"
#include "cache/snapshot_pool.h"
#include "cache/writer.h"

namespace cacheindex::cache {
namespace {

// LMDB's reader slots besides the snapshots': the copy's, and some that dead processes left.
constexpr std::uint32_t kExtraReaders = 16;

// LMDB wants the map to be whole pages of the operating system.
constexpr std::uint64_t kMapSizeUnit = std::uint64_t{64} << 10;

// That of one page in 2^64.
constexpr std::uint64_t kNoChecksum = 0;

std::uint64_t RoundToPages(std::uint64_t bytes) {
  return std::max(bytes / kMapSizeUnit, std::uint64_t{1}) * kMapSizeUnit;
}

Result<StoreState> ReadState(const Environment& environment, MDB_txn* transaction) {
  const auto sealed = GetValue(transaction, environment.tables().meta, StateKey().view());
  if (!sealed) {
    return sealed.error();
  }
  return *sealed ? DecodeState(**sealed) : Result<StoreState>(StoreState{});
}

}  // namespace

void Snapshot::Release::operator()(SnapshotSlot* slot) const noexcept { slot->pool->Release(slot); }

Snapshot::Snapshot(const Source& source, Slot slot) noexcept
    : View(source), slot_(std::move(slot)) {}

Store::Store() = default;

Store::~Store() { Close(); }

void Store::Close() {
  if (writer_ != nullptr) {
    writer_->Close();
  }
}

Result<std::unique_ptr<Store>> Store::Open(const Options& options, DocumentListener* listener) {
  auto environment = Environment::Open({.directory = options.directory,
                                        .map_size_bytes = RoundToPages(options.map_size_bytes),
                                        .readers_max = options.snapshots_max + kExtraReaders,
                                        .fenced = options.fenced});
  if (!environment) {
    return std::move(environment).error().WithContext("open store");
  }
  std::unique_ptr<Store> store(new Store);
  store->environment_ = *std::move(environment);
  store->snapshots_ = std::make_unique<SnapshotPool>(*store->environment_, options.snapshots_max);
  auto slot = store->snapshots_->Acquire();
  if (!slot) {
    return std::move(slot).error().WithContext("open store");
  }
  const auto state = ReadState(*store->environment_, (*slot)->transaction.get());
  store->snapshots_->Release(*slot);
  if (!state) {
    return Error(state.error()).WithContext("open store");
  }
  store->writer_ = std::make_unique<Writer>(
      *store->environment_, *store->snapshots_, listener,
      Writer::Options{.directory = options.directory,
                      .map_size_max_bytes = RoundToPages(options.map_size_max_bytes),
                      .jobs_max = options.jobs_max},
      *state);
  return store;
}

Result<Snapshot> Store::OpenSnapshot() const {
  auto slot = snapshots_->Acquire();
  if (!slot) {
    return std::move(slot).error();
  }
  return MakeSnapshot(*slot);
}

Result<Snapshot> Store::MakeSnapshot(SnapshotSlot* raw_slot) const {
  Snapshot::Slot slot(raw_slot);
  const auto state = ReadState(*environment_, slot->transaction.get());
  if (!state) {
    return state.error();
  }
  return Snapshot({.environment = environment_.get(),
                   .transaction = raw_slot->transaction.get(),
                   .decompressor = &raw_slot->decompressor,
                   .position = Position{state->position},
                   .has_drops = state->drops_pending > 0},
                  std::move(slot));
}

Result<Committed> Store::Write(const Job& job) { return writer_->Write(job); }

void Store::Fence(CollectionNumber collection) { environment_->Fence(collection); }

void Store::Recheck(const View& view, std::span<const ColumnNumber> columns) {
  for (const ColumnNumber column : columns) {
    const auto pages = view.Pages(column);
    for (std::uint32_t number = 0; pages && number < pages->page_count(); ++number) {
      // Nothing is remembered of a page but the checksum that it was found to have.
      environment_->checked_pages().Add(column, number, kNoChecksum);
    }
  }
  environment_->page_tables().Clear();
}

Position Store::position() const noexcept { return writer_->position(); }

Position Store::WaitForChange(Position seen, std::chrono::steady_clock::time_point deadline) const {
  return writer_->WaitForChange(seen, deadline);
}

void Store::TrimLog(Position position) { writer_->TrimLog(position); }

Store::Statistics Store::statistics() const {
  Statistics statistics;
  writer_->Describe(statistics);
  const SnapshotPool::Usage usage = snapshots_->usage();
  statistics.snapshots_open = usage.open;
  statistics.oldest_snapshot = usage.oldest;
  return statistics;
}

Result<void> Store::CopyTo(const std::filesystem::path& target) const {
  // The snapshot keeps the map where it is; the copy reads through it.
  const auto snapshot = OpenSnapshot();
  if (!snapshot) {
    return snapshot.error();
  }
  return CopyEnvironment(environment_->handle(), target);
}

}  // namespace cacheindex::cache
