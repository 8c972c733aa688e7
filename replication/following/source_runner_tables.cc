#include <utility>

#include "replication/following/declaration_check.h"
#include "replication/following/preflight.h"
#include "replication/following/source_runner.h"
#include "replication/following/used_tables.h"

// What a source is made of: its tables, and what becomes of those that cannot be followed.

namespace cacheindex::replication {
namespace {

using State = SourceStatus::State;

// A copy may fail for what passes by itself; so many times in a row, and other collections wait no
// longer for it.
constexpr std::uint32_t kCopyTriesMax = 3;

// A table may be without its key or its permissions for a moment, while somebody changes it. What
// is served goes on meanwhile; with the pauses between tries that are configured, for about a
// minute.
constexpr std::uint32_t kUnfollowableTriesMax = 8;

std::string Say(const PreflightFinding& finding) {
  return finding.message + (finding.remedy.empty() ? "" : "; run: " + finding.remedy);
}

// What `cacheindex check` says of the same declarations; empty where that cannot be told.
std::string MistakesOf(const Source::Options& options, const Catalog& catalog,
                       PostgresConnection& connection) {
  const auto server_tables = LoadServerTables(connection);
  std::string mistakes;
  if (server_tables) {
    for (const PreflightFinding& finding :
         CheckDeclarations(options, catalog, *server_tables, {}).findings) {
      mistakes += (mistakes.empty() ? "" : "; ") + Say(finding);
    }
  }
  return mistakes;
}

}  // namespace

std::vector<std::shared_ptr<const Table>> Source::Runner::TablesOf(const Applier& applier) {
  return applier.state().phase == Phase::kNew ? std::vector<std::shared_ptr<const Table>>()
                                              : applier.tables();
}

std::set<std::uint32_t> Source::Runner::OidsOf(
    const std::vector<std::shared_ptr<const Table>>& tables) {
  std::set<std::uint32_t> oids;
  for (const std::shared_ptr<const Table>& table : tables) {
    oids.insert(table->oid);
  }
  return oids;
}

std::vector<std::shared_ptr<const Table>> Source::Runner::NamedTables(
    const Applier& applier) const {
  return TablesOf(applier.state().phase == Phase::kNew ? *live_->applier : applier);
}

Outcome Source::Runner::CheckTables(Session& session) const {
  for (const PreflightFinding& finding : PublicationFindings(options_, session.catalog)) {
    return Outcome::Refused(Say(finding));
  }
  for (const CatalogTable& table : session.catalog.tables) {
    if (std::optional<PreflightFinding> problem = TableProblem(table, "of the connection")) {
      session.failed_tables[table.table->oid] = Say(*problem);
    }
  }
  return Outcome::Done();
}

Outcome Source::Runner::DescribeTables(Session& session, Applier& applier) {
  if (Outcome set = SetAsideFailed(session, applier); set.kind != Outcome::Kind::kDone) {
    return set;
  }
  const std::vector<std::shared_ptr<const Table>> named = NamedTables(applier);
  const auto used = UsedTables(WithoutSetAside(options_.collections, applier.set_aside()),
                               session.catalog, named);
  if (!used) {
    Outcome outcome = OutcomeOfApplier(used.error());
    Source::Options options = options_;
    options.collections = WithoutSetAside(options_.collections, applier.set_aside());
    if (const std::string mistakes = MistakesOf(options, session.catalog, *session.queries);
        !mistakes.empty()) {
      outcome.reason = mistakes;
    }
    // A table that is missed may be one that was left out.
    for (const auto& [oid, reason] : session.failed_tables) {
      outcome.reason += "; " + reason;
    }
    for (const std::string& name : session.catalog.unpublished) {
      outcome.reason += "; table " + name + " is there and not published; run: " +
                        PublishStatement(name, options_.publication);
    }
    return outcome;
  }
  if (applier.state().phase != Phase::kNew && !AreSameTables(*used, named)) {
    return Outcome::Rebuild("the collections are made of other tables now");
  }
  session.tables = OidsOf(*used);
  session.renamed = RenamedTables(*used, session.catalog);
  const Result<void> set = applier.SetTables(*used);
  return set ? Outcome::Done() : OutcomeOfApplier(set.error());
}

Outcome Source::Runner::SetAsideFailed(const Session& session, Applier& applier) {
  if (session.failed_tables.empty()) {
    unfollowable_tries_ = 0;
    return Outcome::Done();
  }
  SetAsideCollections all = applier.set_aside();
  const SetAsideCollections more = CollectionsOfFailedTables(
      WithoutSetAside(options_.collections, all), session.catalog, session.failed_tables);
  const auto may_be = more.empty() ? Result<bool>(false) : MayBeSetAside(more, applier);
  if (!may_be) {
    return OutcomeOfApplier(may_be.error());
  }
  unfollowable_tries_ = *may_be ? unfollowable_tries_ + 1 : 0;
  const bool is_empty = applier.state().phase == Phase::kNew;
  const bool is_due = (is_empty && !IsServed()) || unfollowable_tries_ >= kUnfollowableTriesMax;
  if (!*may_be || !is_due) {
    return Outcome::Done();
  }
  unfollowable_tries_ = 0;
  std::string reason;
  for (const SetAsideCollection& set_aside : more) {
    reason += (reason.empty() ? "" : "; ") + std::string("the collection ") + set_aside.collection +
              " is set aside: " + set_aside.reason;
  }
  all.insert(all.end(), more.begin(), more.end());
  if (!is_empty) {
    next_set_aside_ = std::move(all);
    return Outcome::Rebuild(std::move(reason));
  }
  SetState(DoesFormerServe() ? State::kStale : State::kConnecting, reason);
  const Result<void> set_aside = applier.SetAside(std::move(all));
  return set_aside ? Outcome::Done() : OutcomeOfApplier(set_aside.error());
}

Result<bool> Source::Runner::MayBeSetAside(const SetAsideCollections& collections,
                                           const Applier& applier) const {
  const std::vector<CollectionDeclaration> made =
      WithoutSetAside(options_.collections, applier.set_aside());
  if (WithoutSetAside(made, collections).empty()) {
    return false;
  }
  if (!IsServed()) {
    return true;
  }
  // What is old is better than nothing.
  for (const SetAsideCollection& set_aside : collections) {
    auto can_be_kept = live_->applier->CanBeKept(set_aside.collection);
    if (!can_be_kept || !*can_be_kept) {
      return can_be_kept;
    }
  }
  return true;
}

Outcome Source::Runner::KeepSetAside(const Session& session, Applier& applier) {
  if (!DoesFormerServe()) {
    return Outcome::Done();
  }
  const SourceState former = live_->applier->state();
  const bool is_same_history =
      former.identity.system_identifier == session.identity.system_identifier &&
      former.identity.timeline == session.identity.timeline &&
      former.applied <= session.identity.end;
  for (const SetAsideCollection& set_aside : applier.set_aside()) {
    const Result<void> kept =
        applier.Keep(set_aside.collection, *live_->applier, is_same_history, interrupt_);
    if (!kept && kept.error().code() == ErrorCode::kCorruption) {
      SetState(State::kStale, "the collection " + set_aside.collection +
                                  " cannot be kept: " + kept.error().message());
    } else if (!kept) {
      return OutcomeOfApplier(kept.error());
    }
  }
  return Outcome::Done();
}

Outcome Source::Runner::AfterCopy(Outcome outcome, const TableCopier& copier,
                                  const Following& following, const Session& session) {
  const std::optional<TableCopier::FailedTable>& failed = copier.failed();
  if (outcome.kind != Outcome::Kind::kRetry || !failed) {
    return outcome;
  }
  failed_copy_tries_ = failed->oid == failed_copy_oid_ ? failed_copy_tries_ + 1 : 1;
  failed_copy_oid_ = failed->oid;
  if (failed_copy_tries_ < kCopyTriesMax) {
    return outcome;
  }
  const Applier& applier = *following.applier;
  SetAsideCollections collections;
  for (std::string& name :
       CollectionsOfTable(WithoutSetAside(options_.collections, applier.set_aside()),
                          session.catalog, failed->oid)) {
    collections.push_back(
        {.collection = std::move(name), .table = failed->name, .reason = failed->reason});
  }
  const auto may_be =
      collections.empty() ? Result<bool>(false) : MayBeSetAside(collections, applier);
  if (!may_be || !*may_be) {
    return may_be ? outcome : OutcomeOfApplier(may_be.error());
  }
  failed_copy_tries_ = 0;
  next_set_aside_ = applier.set_aside();
  next_set_aside_.insert(next_set_aside_.end(), collections.begin(), collections.end());
  return Outcome::Rebuild("the collections that are made of " + failed->name +
                          " are set aside: " + outcome.reason);
}

}  // namespace cacheindex::replication
