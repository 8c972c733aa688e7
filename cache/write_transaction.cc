#include "cache/write_transaction.h"

#include <utility>

#include "cache/environment.h"
#include "cache/records.h"
#include "cache/write_state.h"

// Collections, columns, entries and the end of a transaction; documents are in write_documents.cc.

namespace cacheindex::cache {
namespace {

Error UnknownCollection(CollectionNumber collection) {
  return Error(ErrorCode::kNotFound, "there is no collection with number " +
                                         std::to_string(static_cast<std::uint32_t>(collection)));
}

}  // namespace

WriteTransaction::WriteTransaction(std::unique_ptr<WriteState> state, Decompressor& decompressor)
    : View({.environment = state->environment,
            .transaction = state->handle(),
            .decompressor = &decompressor,
            .state = state.get(),
            .position = Position{state->store.position},
            .has_drops = state->store.drops_pending > 0}),
      state_(std::move(state)) {}

WriteTransaction::~WriteTransaction() {
  // The session may look at the transaction until its own end.
  state_->session.reset();
}

Result<CollectionNumber> WriteTransaction::CreateCollection(std::string_view name,
                                                            std::string_view definition) {
  if (name.empty() || name.size() > kCollectionNameBytesMax) {
    return Error(
        ErrorCode::kInvalidArgument,
        "a collection's name must have 1 to " + std::to_string(kCollectionNameBytesMax) + " bytes");
  }
  const auto present = FindNumber(name);
  if (!present) {
    return present.error();
  }
  if (*present) {
    return Error(ErrorCode::kConflict,
                 "a collection named \"" + std::string(name) + "\" exists already");
  }
  const CollectionNumber number{state_->store.next_collection++};
  state_->is_store_changed = true;
  const Tables& tables = state_->tables();
  if (auto written =
          state_->Put(tables.names, name, EncodeNumber(static_cast<std::uint32_t>(number)));
      !written) {
    return std::move(written).error();
  }
  if (auto written = state_->Put(tables.collections, DefinitionKey(number).view(),
                                 EncodeDefinition({name, definition}));
      !written) {
    return std::move(written).error();
  }
  CollectionCounters counters;
  counters.version = state_->environment->NextVersion(0);
  // Written at once, so that a scan of the collections finds both records.
  if (auto written =
          state_->Put(tables.collections, CountersKey(number).view(), EncodeCounters(counters));
      !written) {
    return std::move(written).error();
  }
  state_->counters[static_cast<std::uint32_t>(number)].counters = counters;
  return number;
}

Result<CollectionCounters*> WriteTransaction::ChangeCounters(CollectionNumber collection) {
  auto cached = state_->counters.find(static_cast<std::uint32_t>(collection));
  if (cached == state_->counters.end()) {
    const auto stored = FindCounters(collection);
    if (!stored) {
      return stored.error();
    }
    if (!*stored) {
      return UnknownCollection(collection);
    }
    cached = state_->counters
                 .emplace(static_cast<std::uint32_t>(collection),
                          WriteState::CachedCounters{.counters = **stored})
                 .first;
  }
  cached->second.is_changed = true;
  return &cached->second.counters;
}

Result<void> WriteTransaction::SetDefinition(CollectionNumber collection,
                                             std::string_view definition) {
  const auto present = FindCollection(collection);
  if (!present) {
    return present.error();
  }
  if (!*present) {
    return UnknownCollection(collection);
  }
  if (auto touched = TouchCollection(collection); !touched) {
    return touched;
  }
  return state_->Put(state_->tables().collections, DefinitionKey(collection).view(),
                     EncodeDefinition({(*present)->name, definition}));
}

Result<void> WriteTransaction::TouchCollection(CollectionNumber collection) {
  auto counters = ChangeCounters(collection);
  if (!counters) {
    return std::move(counters).error();
  }
  (*counters)->version = state_->environment->NextVersion((*counters)->version);
  ++state_->writes;
  return {};
}

Result<void> WriteTransaction::DropCollection(CollectionNumber collection) {
  const auto present = FindCollection(collection);
  if (!present) {
    return present.error();
  }
  if (!*present) {
    return UnknownCollection(collection);
  }
  const Tables& tables = state_->tables();
  struct Record {
    MDB_dbi table;
    std::string key;
  };
  for (const Record& record :
       {Record{tables.names, (*present)->name},
        Record{tables.collections, std::string(DefinitionKey(collection).view())},
        Record{tables.collections, std::string(CountersKey(collection).view())},
        Record{tables.meta, std::string(TrimmedKey(collection).view())}}) {
    if (auto deleted = state_->Delete(record.table, record.key); !deleted) {
      return std::move(deleted).error();
    }
  }
  state_->counters.erase(static_cast<std::uint32_t>(collection));
  return Drop(static_cast<char>(DropKind::kCollection), static_cast<std::uint32_t>(collection));
}

Result<void> WriteTransaction::Drop(char kind, std::uint32_t number) {
  const Key key = DropKey(static_cast<DropKind>(kind), number);
  const auto present = GetValue(state_->handle(), state_->tables().meta, key.view());
  if (!present) {
    return present.error();
  }
  if (*present) {
    return {};
  }
  ++state_->store.drops_pending;
  state_->is_store_changed = true;
  set_has_drops();
  return state_->Put(state_->tables().meta, key.view(), Seal({}));
}

Result<std::uint64_t> WriteTransaction::TakeAutomaticId(CollectionNumber collection) {
  auto counters = ChangeCounters(collection);
  if (!counters) {
    return std::move(counters).error();
  }
  ++state_->writes;
  return (*counters)->next_automatic_id++;
}

Result<ColumnNumber> WriteTransaction::AllocateColumn(PageShape shape) {
  // The shape takes the lowest bit.
  if (state_->store.next_column > UINT32_MAX / 2) {
    return Error(ErrorCode::kExhausted, "the store has no column numbers left");
  }
  ++state_->writes;
  state_->is_store_changed = true;
  return ColumnNumber{state_->store.next_column++ << 1 | static_cast<std::uint32_t>(shape)};
}

void WriteTransaction::SetColumn(ColumnNumber column, DocumentNumber number,
                                 std::span<const std::int64_t> values) {
  if (state_->failure) {
    return;
  }
  ++state_->writes;
  state_->columns.Set(column, number, values);
  if (state_->columns.is_full()) {
    // A failure stays in the state and ends the transaction.
    if (auto flushed = state_->columns.Flush(*state_); !flushed) {
      state_->Fail(std::move(flushed).error());
    }
  }
}

Result<void> WriteTransaction::DropColumn(ColumnNumber column) {
  state_->columns.Drop(column);
  return Drop(static_cast<char>(DropKind::kColumn), static_cast<std::uint32_t>(column));
}

Result<void> WriteTransaction::PutEntry(ColumnNumber column, std::string_view key,
                                        std::string_view value) {
  if (key.size() > kEntryKeyBytesMax) {
    return Error(ErrorCode::kInvalidArgument, "an entry's key must have at most " +
                                                  std::to_string(kEntryKeyBytesMax) + " bytes");
  }
  return state_->Put(state_->tables().entries, EntryKey(column, key).view(), Seal(value));
}

Result<void> WriteTransaction::DeleteEntry(ColumnNumber column, std::string_view key) {
  if (key.size() > kEntryKeyBytesMax) {
    return {};
  }
  auto deleted = state_->Delete(state_->tables().entries, EntryKey(column, key).view());
  return deleted ? Result<void>() : Result<void>(std::move(deleted).error());
}

Result<void> WriteTransaction::Finish() {
  if (state_->session != nullptr) {
    if (auto prepared = state_->session->BeforeCommit(); !prepared) {
      return prepared;
    }
  }
  if (auto flushed = state_->columns.Flush(*state_); !flushed) {
    return flushed;
  }
  for (const auto& [number, cached] : state_->counters) {
    if (!cached.is_changed) {
      continue;
    }
    if (auto written =
            state_->Put(state_->tables().collections, CountersKey(CollectionNumber{number}).view(),
                        EncodeCounters(cached.counters));
        !written) {
      return written;
    }
  }
  if (state_->is_store_changed) {
    if (auto written =
            state_->Put(state_->tables().meta, StateKey().view(), EncodeState(state_->store));
        !written) {
      return written;
    }
  }
  return state_->failure ? Result<void>(*state_->failure) : Result<void>();
}

}  // namespace cacheindex::cache
