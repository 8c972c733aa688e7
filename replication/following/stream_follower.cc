#include "replication/following/stream_follower.h"

#include <algorithm>
#include <utility>

#include "replication/following/used_tables.h"

namespace cacheindex::replication {
namespace {

// Bytes of transactions that are applied together, as received.
constexpr std::uint64_t kGroupBytesMax = std::uint64_t{4} << 20;
// How long the loop sleeps when nothing comes: the text index makes progress meanwhile, and the
// server is told of it.
constexpr std::chrono::milliseconds kIdleMax{50};
// Each time costs a commit.
constexpr std::chrono::milliseconds kIdleSavePause{1'000};
constexpr std::size_t kHolesAtOnceMax = 1'000;

}  // namespace

StreamFollower::StreamFollower(Parts parts, Hooks hooks)
    : parts_(std::move(parts)),
      hooks_(std::move(hooks)),
      labels_(parts_.catalog),
      catalog_due_(Clock::now() + parts_.options.catalog_interval) {
  auto tables = std::make_shared<TableMap>();
  for (const std::uint32_t oid : parts_.tables) {
    tables->emplace(oid, parts_.catalog.Find(oid)->table);
  }
  tables_ = std::move(tables);
}

Outcome StreamFollower::Follow(Receiver& receiver) {
  const ChangeQueue::BatchLimits limits{.transactions_max = parts_.options.group_transactions_max,
                                        .bytes_max = kGroupBytesMax};
  while (true) {
    if (Outcome end = hooks_.should_end(); end.kind != Outcome::Kind::kDone) {
      return end;
    }
    // Until the documents are built the stream waits: nobody sees them before.
    if (parts_.applier.phase() != Phase::kBuilding) {
      const Clock::time_point deadline =
          has_more_work_ ? Clock::time_point{} : Clock::now() + kIdleMax;
      ChangeQueue::Batch batch = receiver.queue().Pop(limits, deadline);
      if (batch.empty()) {
        if (std::optional<Error> end = receiver.queue().end()) {
          return ReasonOfEnd(*end, receiver);
        }
      } else if (Outcome applied = ApplyBatch(std::move(batch));
                 applied.kind != Outcome::Kind::kDone) {
        return applied;
      }
    }
    if (Outcome advanced = Advance(); advanced.kind != Outcome::Kind::kDone) {
      return advanced;
    }
    receiver.Acknowledge(parts_.applier.indexed(parts_.generation.text_position()),
                         parts_.applier.applied());
  }
}

Outcome StreamFollower::ReasonOfEnd(const Error& end, const Receiver& receiver) const {
  // A lost slot shows as the end of its process first, and as lost when it is looked at again. A
  // promoted standby may have the slot and not the log that it needs.
  if (end.code() == ErrorCode::kConflict) {
    return Outcome::Rebuild(end.message());
  }
  const std::string& state = receiver.sqlstate();
  if (state == "55000" || state == "58P01") {
    return Outcome::Rebuild(end.message());
  }
  // An internal error of the server, a value that it cannot print or filter by, or a publication
  // that did not exist at that place of the log.
  if (state.starts_with("XX") || state.starts_with("22") || state == "42704") {
    return {Outcome::Kind::kUndecodable, end.message()};
  }
  return Outcome::Retry(end);
}

Outcome StreamFollower::ApplyBatch(ChangeQueue::Batch batch) {
  std::vector<ChangeTransaction*> transactions;
  for (const std::unique_ptr<ReceivedTransaction>& transaction : batch.transactions) {
    if (Outcome described = DescribeTables(*transaction); described.kind != Outcome::Kind::kDone) {
      return described;
    }
    transactions.push_back(transaction.get());
  }
  if (!transactions.empty()) {
    if (Outcome applied = Apply(transactions); applied.kind != Outcome::Kind::kDone) {
      return applied;
    }
  }
  if (batch.idle) {
    parts_.applier.AdvanceIdle(*batch.idle);
    is_idle_unsaved_ = true;
  }
  hooks_.progressed(batch.received);
  return Outcome::Done();
}

Outcome StreamFollower::Apply(std::span<ChangeTransaction* const> transactions) {
  bool has_looked = false;
  while (true) {
    const Result<void> applied = parts_.applier.Apply(transactions, &labels_);
    if (applied) {
      // These transactions have the tables of before the look, and have stored them again.
      return has_looked ? TellTables() : Outcome::Done();
    }
    has_looked = true;
    const KnownLabels::Unknown* const unknown = labels_.unknown();
    if (unknown == nullptr) {
      return OutcomeOfApplier(applied.error());
    }
    // Most likely it was added just now. What was applied before it is passed over then.
    const std::string text = unknown->text;
    if (Outcome checked = CheckCatalog(); checked.kind != Outcome::Kind::kDone) {
      return checked;
    }
    if (labels_.unknown() != nullptr) {
      return Outcome::Rebuild(text + " was renamed unseen, or is the name of another one since");
    }
  }
}

Outcome StreamFollower::DescribeTables(ReceivedTransaction& transaction) {
  std::vector<ReceivedTransaction::Description> descriptions;
  std::shared_ptr<const TableMap> at_begin = tables_;
  for (const RelationMessage& relation : transaction.relations()) {
    ReceivedTransaction::Description& description = descriptions.emplace_back();
    if (Outcome described = DescribeTable(relation, description);
        described.kind != Outcome::Kind::kDone) {
      return described;
    }
    if (description.is_news) {
      auto changed = std::make_shared<TableMap>(*tables_);
      (*changed)[relation.oid] = description.table;
      tables_ = std::move(changed);
    }
  }
  transaction.SetTables(std::move(at_begin), std::move(descriptions));
  return Outcome::Done();
}

Outcome StreamFollower::DescribeTable(const RelationMessage& relation,
                                      ReceivedTransaction::Description& result) {
  const auto known = tables_->find(relation.oid);
  if (known != tables_->end() && IsDescribedBy(*known->second, relation)) {
    result.table = known->second;
    return Outcome::Done();
  }
  // No other table matters, unless it takes a followed one's place.
  if (known == tables_->end() &&
      (ignored_.contains(relation.oid) || !IsNameFollowed(relation.name))) {
    return Outcome::Done();
  }
  // What happened to the table is only in the catalog: whether rows got new values unseen.
  Result<Catalog> catalog = ReadCatalog();
  if (!catalog) {
    return Outcome::Retry(catalog.error());
  }
  if (Outcome compared = ComparePublication(*catalog); compared.kind != Outcome::Kind::kDone) {
    return compared;
  }
  labels_.LearnNewTypes(*catalog);
  const CatalogTable* now = catalog->Find(relation.oid);
  if (now == nullptr || known == tables_->end()) {
    ignored_.insert(relation.oid);
    return Outcome::Done();
  }
  if (Outcome compared = CompareTable(*known->second, *now);
      compared.kind != Outcome::Kind::kDone) {
    return compared;
  }
  result.table = Describe(relation, *now->table);
  result.is_news = true;
  return Outcome::Done();
}

Result<Catalog> StreamFollower::ReadCatalog() const {
  auto connection = PostgresConnection::Open(parts_.connection, parts_.interrupt);
  if (!connection) {
    return std::move(connection).error();
  }
  return LoadCatalog(**connection, parts_.options.publication, NamesOf(parts_.applier.tables()));
}

Outcome StreamFollower::CompareTable(const Table& known, const CatalogTable& now) const {
  if (std::string reason = ReasonForNewCopy(known, now); !reason.empty()) {
    return Outcome::Rebuild(std::move(reason));
  }
  if (HasLostColumn(known, now)) {
    // A new session asks whether the declarations still fit.
    return {Outcome::Kind::kRetry, "columns of " + known.QualifiedName() + " were dropped"};
  }
  return Outcome::Done();
}

Outcome StreamFollower::ComparePublication(const Catalog& now) const {
  if (Fingerprint(now, parts_.tables) != Fingerprint(parts_.catalog, parts_.tables)) {
    return Outcome::Rebuild("the publication was changed");
  }
  // Tables are followed by their oid, whatever they are called now, until another one that is
  // published takes their name.
  const std::vector<std::shared_ptr<const Table>> known = parts_.applier.tables();
  const auto used = UsedTables(
      WithoutSetAside(parts_.options.collections, parts_.applier.set_aside()), now, known);
  if (used && !AreSameTables(*used, known)) {
    return {Outcome::Kind::kRetry, "the collections are made of other tables now"};
  }
  return Outcome::Done();
}

bool StreamFollower::IsNameFollowed(const std::string& name) const {
  const std::vector<std::shared_ptr<const Table>> known = parts_.applier.tables();
  return std::any_of(known.begin(), known.end(),
                     [&](const auto& table) { return table->name == name; });
}

// The stream tells of a table when a row of it changes; what was done to it before may have changed
// others unseen.
Outcome StreamFollower::CheckCatalogWhenDue() {
  const bool is_due = parts_.options.catalog_interval.count() != 0 && Clock::now() >= catalog_due_;
  return is_due ? CheckCatalog() : Outcome::Done();
}

Outcome StreamFollower::CheckCatalog() {
  catalog_due_ = Clock::now() + parts_.options.catalog_interval;
  Result<Catalog> catalog = ReadCatalog();
  if (!catalog) {
    return Outcome::Retry(catalog.error());
  }
  if (Outcome compared = ComparePublication(*catalog); compared.kind != Outcome::Kind::kDone) {
    return compared;
  }
  for (const auto& [oid, table] : *tables_) {
    const CatalogTable* const now = catalog->Find(oid);
    if (now == nullptr) {
      return {Outcome::Kind::kRetry, "table " + table->QualifiedName() + " is gone"};
    }
    if (Outcome compared = CompareTable(*table, *now); compared.kind != Outcome::Kind::kDone) {
      return compared;
    }
  }
  labels_.Learn(*catalog);
  hooks_.renamed(RenamedTables(parts_.applier.tables(), *catalog));
  return AdoptTypes(*catalog);
}

// A label that was added may be renamed next.
Outcome StreamFollower::AdoptTypes(const Catalog& now) {
  std::shared_ptr<TableMap> changed;
  for (const auto& [oid, table] : *tables_) {
    if (std::shared_ptr<const Table> renewed = WithTypeDetails(*table, *now.Find(oid))) {
      changed = changed ? std::move(changed) : std::make_shared<TableMap>(*tables_);
      (*changed)[oid] = std::move(renewed);
    }
  }
  if (changed == nullptr) {
    return Outcome::Done();
  }
  tables_ = std::move(changed);
  return TellTables();
}

Outcome StreamFollower::TellTables() {
  std::vector<std::shared_ptr<const Table>> tables;
  for (const std::uint32_t oid : parts_.tables) {
    tables.push_back(tables_->at(oid));
  }
  const Result<void> set = parts_.applier.SetTables(tables);
  return set ? Outcome::Done() : OutcomeOfApplier(set.error());
}

Outcome StreamFollower::Advance() {
  has_more_work_ = false;
  if (is_idle_unsaved_ &&
      (parts_.applier.phase() != Phase::kLive || Clock::now() >= idle_saved_ + kIdleSavePause)) {
    if (Outcome saved = SaveIdle(); saved.kind != Outcome::Kind::kDone) {
      return saved;
    }
  }
  switch (parts_.applier.phase()) {
    case Phase::kNew:
    case Phase::kCopying:
      return Outcome::Done();
    case Phase::kCatchUp:
      return FillHoles();
    case Phase::kBuilding: {
      has_more_work_ = true;
      Result<bool> built = parts_.applier.BuildDocuments();
      return built ? Outcome::Done() : OutcomeOfApplier(built.error());
    }
    case Phase::kLive:
      break;
  }
  if (Outcome filled = FillHoles(); filled.kind != Outcome::Kind::kDone) {
    return filled;
  }
  Result<bool> drained = parts_.applier.DrainWaiting();
  if (!drained) {
    return OutcomeOfApplier(drained.error());
  }
  has_more_work_ = *drained;
  if (Outcome checked = CheckCatalogWhenDue(); checked.kind != Outcome::Kind::kDone) {
    return checked;
  }
  return hooks_.live();
}

Outcome StreamFollower::SaveIdle() {
  if (Result<void> saved = parts_.applier.SaveIdle(); !saved) {
    return OutcomeOfApplier(saved.error());
  }
  is_idle_unsaved_ = false;
  idle_saved_ = Clock::now();
  return Outcome::Done();
}

// Before the stream has passed the last snapshot, what is missing may still come.
Outcome StreamFollower::FillHoles() {
  if (parts_.applier.statistics().holes == 0 ||
      parts_.applier.applied() < parts_.applier.state().snapshot_max) {
    return Outcome::Done();
  }
  Result<std::vector<Hole>> holes = parts_.applier.Holes(kHolesAtOnceMax);
  if (!holes) {
    return OutcomeOfApplier(holes.error());
  }
  return parts_.copier.FillHoles(*holes);
}

}  // namespace cacheindex::replication
