#include "cache/foreign_store.h"

#include <algorithm>
#include <string>
#include <utility>

#include "cache/compression.h"
#include "cache/environment.h"
#include "cache/lmdb_handle.h"
#include "cache/records.h"

namespace cacheindex::cache {

struct ForeignStore::Memory {
  Decompressor decompressor;
};

struct ForeignView::Parts {
  const Environment* environment = nullptr;
  TransactionHandle transaction;
  Decompressor* decompressor = nullptr;
  StoreState state;
};

ForeignView::ForeignView(std::unique_ptr<Parts> parts) noexcept
    : View({.environment = parts->environment,
            .transaction = parts->transaction.get(),
            .decompressor = parts->decompressor,
            .position = Position{parts->state.position},
            .has_drops = parts->state.drops_pending > 0}),
      parts_(std::move(parts)),
      // The shape is a column's lowest bit.
      columns_end_(parts_->state.next_column << 1) {}

ForeignView::ForeignView(ForeignView&& other) noexcept = default;
ForeignView::~ForeignView() = default;

const Tables& ForeignView::tables() const noexcept { return parts_->environment->tables(); }
MDB_txn* ForeignView::transaction() const noexcept { return parts_->transaction.get(); }

void ForeignView::CheckDocument(CollectionNumber collection, std::string_view id,
                                std::string_view value, const Find& find) const {
  const auto where = [&] { return "document \"" + std::string(id) + "\": "; };
  const auto record = DecodeDocument(value);
  if (!record) {
    find(where() + record.error().message());
    return;
  }
  if (const auto json = ReadJson(collection, id, *record); !json) {
    find(json.error().message());
    return;
  }
  const auto by_number = FindId(collection, record->header.number);
  if (!by_number || !*by_number || **by_number != id) {
    find(where() + "its number " + std::to_string(record->header.number) +
         " does not lead back to it");
  }
}

void ForeignView::CheckNumber(CollectionNumber collection, DocumentNumber number,
                              std::string_view value, const Find& find) const {
  const std::string what = "document number " + std::to_string(number);
  const auto id = Unseal(value, what);
  if (!id) {
    find(id.error().message());
    return;
  }
  // A damaged record is the document's finding.
  const auto header = FindHeader(collection, *id);
  if (header && (!*header || (*header)->number != number)) {
    find(what + " names \"" + std::string(*id) + "\", which has another number or is missing");
  }
}

ForeignStore::ForeignStore(std::unique_ptr<Environment> environment)
    : environment_(std::move(environment)), memory_(std::make_unique<Memory>()) {}

ForeignStore::~ForeignStore() = default;

Result<std::unique_ptr<ForeignStore>> ForeignStore::Open(const std::filesystem::path& directory,
                                                         std::vector<CollectionNumber> fenced) {
  std::sort(fenced.begin(), fenced.end());
  auto environment = Environment::OpenBeside({.directory = directory, .fenced = std::move(fenced)});
  if (!environment) {
    return std::move(environment).error().WithContext("open store");
  }
  return std::unique_ptr<ForeignStore>(new ForeignStore(*std::move(environment)));
}

Result<ForeignView> ForeignStore::OpenView() const {
  auto transaction = environment_->BeginRead();
  if (!transaction) {
    return std::move(transaction).error();
  }
  auto parts = std::make_unique<ForeignView::Parts>();
  parts->environment = environment_.get();
  parts->transaction = *std::move(transaction);
  parts->decompressor = &memory_->decompressor;
  const auto sealed =
      GetValue(parts->transaction.get(), environment_->tables().meta, StateKey().view());
  if (!sealed) {
    return sealed.error();
  }
  if (*sealed) {
    const auto state = DecodeState(**sealed);
    if (!state) {
      return state.error();
    }
    parts->state = *state;
  }
  return ForeignView(std::move(parts));
}

}  // namespace cacheindex::cache
