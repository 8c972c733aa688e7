#include "replication/following/source_runner.h"

#include <algorithm>
#include <random>
#include <utility>

#include "node/core/number_text.h"
#include "replication/following/preflight.h"
#include "replication/following/stream_follower.h"
#include "replication/following/used_tables.h"

namespace cacheindex::replication {
namespace {

/// How late the clock of the documents may be while nothing is followed.
constexpr std::chrono::milliseconds kClockTick{50};

using State = SourceStatus::State;

// The server may fail to decode its log for ever: its publication was missing then, a value of a
// row cannot be printed, or a fault of its own. So many times in a row at one place, and only a new
// slot helps.
constexpr std::uint32_t kUndecodableTriesMax = 5;

// All nodes lose a server at the same moment, and must not come back at the same moment.
std::chrono::milliseconds WithJitter(std::chrono::milliseconds pause) {
  thread_local std::minstd_rand random{std::random_device{}()};
  return std::chrono::milliseconds(
      std::uniform_int_distribution<std::int64_t>(pause.count() / 2, pause.count())(random));
}

}  // namespace

Source::Runner::Runner(const Options& options, Generations& generations)
    : options_(options), generations_(generations), heartbeat_(Clock::now()) {}

Source::Runner::~Runner() { Stop(); }

Result<std::shared_ptr<Source::Runner::Following>> Source::Runner::OpenFollowing(
    std::shared_ptr<Generation> generation) const {
  Result<std::unique_ptr<Applier>> applier =
      Applier::Open(generation->store(), generation->documents(), options_.collections,
                    Applier::Limits(), options_.clock);
  if (!applier) {
    return std::move(applier).error();
  }
  auto following = std::make_shared<Following>();
  following->generation = std::move(generation);
  following->applier = *std::move(applier);
  following->generation->UseApplier(following->applier);
  return following;
}

Result<void> Source::Runner::Start() {
  Result<std::shared_ptr<Generation>> generation = generations_.OpenLive();
  if (!generation) {
    return std::move(generation).error();
  }
  Result<std::shared_ptr<Following>> following = OpenFollowing(*std::move(generation));
  if (!following) {
    return std::move(following).error();
  }
  // What an earlier process found is looked for again as long as nothing is built on it.
  if (Applier& applier = *(*following)->applier;
      applier.state().phase == Phase::kNew && !applier.set_aside().empty()) {
    if (Result<void> set_aside = applier.SetAside({}); !set_aside) {
      return set_aside;
    }
  }
  live_ = *std::move(following);
  status_.generation = 1;
  thread_ = std::thread([this] { Run(); });
  return {};
}

void Source::Runner::Stop() {
  interrupt_.Trigger();
  {
    const std::lock_guard lock(mutex_);
    is_stopped_ = true;
    progressed_.notify_all();
  }
  if (thread_.joinable()) {
    thread_.join();
  }
}

// ---- The loop ----

void Source::Runner::Run() {
  backoff_ = options_.backoff_min;
  while (!interrupt_.is_triggered()) {
    Outcome outcome = FollowOnce();
    if (outcome.kind == Outcome::Kind::kRebuild) {
      const bool is_asked_for = is_rebuild_wanted_.exchange(false);
      if (is_asked_for) {
        next_set_aside_.clear();
      }
      if (const Outcome prepared = PrepareNext(is_asked_for, outcome.reason);
          prepared.kind != Outcome::Kind::kDone) {
        outcome.reason += "; " + prepared.reason;
      }
    }
    if (outcome.kind == Outcome::Kind::kRefused) {
      SetState(State::kRefused, outcome.reason);
    } else {
      SetState(DoesFormerServe() ? State::kStale : State::kConnecting, outcome.reason);
    }
    if (!Pause(WithJitter(backoff_))) {
      return;
    }
    backoff_ = std::min(backoff_ * 2, options_.backoff_max);
  }
}

Outcome Source::Runner::FollowOnce() {
  if (Outcome end = EndRequested(); end.kind != Outcome::Kind::kDone) {
    return end;
  }
  Session session;
  if (Outcome connected = Connect(session); connected.kind != Outcome::Kind::kDone) {
    return connected;
  }
  const std::shared_ptr<Following> following = current();
  Applier& applier = *following->applier;
  Result<Verdict> verdict = JudgeSession(session, applier);
  if (!verdict) {
    return Outcome::Retry(verdict.error());
  }
  switch (verdict->kind) {
    case Verdict::Kind::kRebuild:
      return Outcome::Rebuild(std::move(verdict->reason));
    case Verdict::Kind::kRefuse:
      return Outcome::Refused(std::move(verdict->reason));
    case Verdict::Kind::kBegin:
    case Verdict::Kind::kResume:
      break;
  }
  if (Outcome described = DescribeTables(session, applier);
      described.kind != Outcome::Kind::kDone) {
    return described;
  }
  if (verdict->kind == Verdict::Kind::kBegin) {
    if (Outcome kept = KeepSetAside(session, applier); kept.kind != Outcome::Kind::kDone) {
      return kept;
    }
    if (Outcome made = MakeSlot(session, applier); made.kind != Outcome::Kind::kDone) {
      return made;
    }
  }
  if (applier.state().identity.timeline != session.identity.timeline) {
    if (Result<void> adopted = applier.AdoptTimeline(session.identity.timeline); !adopted) {
      return OutcomeOfApplier(adopted.error());
    }
  }
  ShowSession(session, applier);
  TableCopier::Options copy;
  copy.connection = ConnectionOptions(true);
  copy.slot = options_.slot;
  copy.publication = options_.publication;
  TableCopier copier(std::move(copy), session.catalog, session.tables, applier, interrupt_);
  if (Outcome copied = Copy(session, copier, *following); copied.kind != Outcome::Kind::kDone) {
    return copied;
  }
  return Stream(session, copier, *following);
}

Outcome Source::Runner::Connect(Session& session) {
  for (const bool is_replication : {false, true}) {
    auto connection = PostgresConnection::Open(ConnectionOptions(is_replication), interrupt_);
    if (!connection) {
      return Outcome::Retry(connection.error());
    }
    (is_replication ? session.replication : session.queries) = *std::move(connection);
  }
  Result<SystemIdentity> identity = IdentifySystem(*session.replication);
  if (!identity) {
    return Outcome::Retry(identity.error());
  }
  session.identity = *identity;
  Result<Catalog> catalog = LoadCatalog(*session.queries, options_.publication,
                                        NamesOf(NamedTables(*current()->applier)));
  if (!catalog) {
    return catalog.error().code() == ErrorCode::kInvalidArgument
               ? Outcome::Refused(catalog.error().message())
               : Outcome::Retry(catalog.error());
  }
  session.catalog = *std::move(catalog);
  Result<std::string> segment = session.queries->ExecuteForValue(
      "SELECT setting FROM pg_settings WHERE name = 'wal_segment_size'");
  if (!segment) {
    return Outcome::Retry(segment.error());
  }
  log_segment_bytes_.store(ToNumber<std::uint64_t>(*segment).value_or(0));
  return CheckTables(session);
}

Result<Verdict> Source::Runner::JudgeSession(Session& session, const Applier& applier) const {
  const SourceState& state = applier.state();
  ServerFacts facts;
  facts.identity = session.identity;
  facts.publication_fingerprint = Fingerprint(session.catalog, OidsOf(TablesOf(applier)));
  Result<std::string> database = session.queries->ExecuteForValue("SELECT current_database()");
  if (!database) {
    return std::move(database).error();
  }
  facts.database = *std::move(database);
  Result<std::optional<SlotState>> slot = ReadSlot(*session.queries, options_.slot);
  if (!slot) {
    return std::move(slot).error();
  }
  facts.slot = *std::move(slot);
  if (state.phase != Phase::kNew && session.identity.timeline > state.identity.timeline) {
    Result<std::optional<LogPosition>> switch_point =
        SwitchPoint(*session.replication, session.identity.timeline, state.identity.timeline);
    if (!switch_point) {
      return std::move(switch_point).error();
    }
    facts.switch_point = *switch_point;
  }
  Verdict verdict = Judge(state, facts);
  if (verdict.kind == Verdict::Kind::kResume) {
    if (std::string reason = ReasonForNewCopy(applier.tables(), session.catalog); !reason.empty()) {
      return Verdict{Verdict::Kind::kRebuild, std::move(reason)};
    }
  }
  return verdict;
}

Outcome Source::Runner::MakeSlot(Session& session, Applier& applier) const {
  // One of our name that no generation follows any more: lost, or left by a data directory that is
  // gone.
  Result<std::optional<SlotState>> old = ReadSlot(*session.queries, options_.slot);
  if (!old) {
    return Outcome::Retry(old.error());
  }
  if (*old) {
    if (Result<void> dropped = DropSlot(*session.queries, options_.slot); !dropped) {
      return Outcome::Retry(dropped.error());
    }
  }
  Result<LogPosition> created = CreateSlot(*session.replication, options_.slot);
  if (!created) {
    const std::string& state = session.replication->sqlstate();
    return state == "55000" || state == "42501" ? Outcome::Refused(created.error().message())
                                                : Outcome::Retry(created.error());
  }
  SourceIdentity identity;
  identity.system_identifier = session.identity.system_identifier;
  identity.timeline = session.identity.timeline;
  identity.slot = options_.slot;
  identity.slot_created_at = *created;
  identity.publication_fingerprint = Fingerprint(session.catalog, session.tables);
  if (Result<void> begun = applier.Begin(identity, *created); !begun) {
    return OutcomeOfApplier(begun.error());
  }
  return Outcome::Done();
}

Outcome Source::Runner::Copy(Session& session, TableCopier& copier, Following& following) {
  while (following.applier->phase() == Phase::kCopying) {
    KeepClock();
    SetState(StateOf(following), {});
    if (Outcome end = EndRequested(); end.kind != Outcome::Kind::kDone) {
      return end;
    }
    Result<std::optional<SlotState>> slot = ReadSlot(*session.queries, options_.slot);
    if (!slot) {
      return Outcome::Retry(slot.error());
    }
    if (!*slot || (*slot)->wal_status == "lost") {
      return Outcome::Rebuild("the replication slot was lost while tables were copied");
    }
    Outcome copied = copier.CopySome();
    ShowCopies(*following.applier);
    ShowFailedCopy(copier.failed());
    if (copied.kind != Outcome::Kind::kDone) {
      return AfterCopy(std::move(copied), copier, following, session);
    }
    failed_copy_tries_ = 0;
    if (copier.is_complete() && following.applier->phase() == Phase::kCopying) {
      return {Outcome::Kind::kRetry, "all tables are copied, and the copy is not complete"};
    }
  }
  return Outcome::Done();
}

Outcome Source::Runner::Stream(Session& session, TableCopier& copier, Following& following) {
  const SourceState& state = following.applier->state();
  Result<std::optional<SlotState>> slot = ReadSlot(*session.queries, options_.slot);
  if (!slot) {
    return Outcome::Retry(slot.error());
  }
  if (!*slot || (*slot)->confirmed > state.applied) {
    return Outcome::Rebuild("the replication slot was changed while we did not use it");
  }
  // The stream needs no queries, so the server need not keep a session for them.
  session.queries.reset();
  Receiver::Options options;
  options.slot = options_.slot;
  options.publication = options_.publication;
  options.start = state.last ? (*slot)->confirmed : state.applied;
  options.applied = state.applied;
  options.last = state.last;
  options.spool_directory = options_.spool_directory;
  options.transaction_bytes_max = options_.transaction_bytes_max;
  options.status_interval = options_.status_interval;
  options.queue = {options_.queue_bytes_max, options_.spool_bytes_max};
  Result<std::unique_ptr<Receiver>> started = Receiver::Start(options, session.replication);
  if (!started) {
    return session.replication->sqlstate() == "55000" ? Outcome::Rebuild(started.error().message())
                                                      : Outcome::Retry(started.error());
  }
  const std::shared_ptr<Receiver> receiver = *std::move(started);
  {
    const std::lock_guard lock(mutex_);
    receiver_ = receiver;
  }
  SetState(StateOf(following), {});
  StreamFollower follower(
      {options_, ConnectionOptions(false), session.catalog, session.tables, *following.generation,
       *following.applier, copier, interrupt_},
      {.progressed =
           [this, &following](Clock::time_point received) {
             SetState(StateOf(following), {});
             const std::lock_guard lock(mutex_);
             heartbeat_ = received;
             backoff_ = options_.backoff_min;
             progressed_.notify_all();
           },
       .live =
           [this, &following] {
             SetState(StateOf(following), {});
             const bool is_due = next_ != nullptr && next_->generation->CanServe();
             return is_due ? Publish() : Outcome::Done();
           },
       .renamed = [this](std::vector<RenamedTable> renamed) { ShowRenamed(std::move(renamed)); },
       .should_end =
           [this, &following] {
             // What is followed drains what waits by itself.
             if (following.applier->phase() != Phase::kLive) {
               KeepClock();
             } else if (Result<bool> kept = following.applier->KeepClock(); !kept) {
               return OutcomeOfApplier(kept.error());
             }
             return EndRequested();
           }});
  Outcome outcome = AfterStream(follower.Follow(*receiver), following.applier->state().applied);
  {
    const std::lock_guard lock(mutex_);
    receiver_.reset();
    ++status_.reconnects;
  }
  SetState(DoesFormerServe() ? State::kStale : State::kConnecting, outcome.reason);
  return outcome;
}

Outcome Source::Runner::AfterStream(Outcome outcome, LogPosition applied) {
  if (outcome.kind != Outcome::Kind::kUndecodable) {
    return outcome;
  }
  undecodable_tries_ = applied == undecodable_ ? undecodable_tries_ + 1 : 1;
  undecodable_ = applied;
  if (undecodable_tries_ < kUndecodableTriesMax) {
    return outcome;
  }
  undecodable_tries_ = 0;
  return Outcome::Rebuild("the server cannot decode its log behind " + ToString(applied) + ": " +
                          outcome.reason);
}

// ---- Generations ----

Result<std::shared_ptr<Source::Runner::Following>> Source::Runner::OpenNext() {
  Result<std::shared_ptr<Generation>> generation = generations_.OpenNext();
  if (!generation) {
    return std::move(generation).error();
  }
  return OpenFollowing(*std::move(generation));
}

Outcome Source::Runner::PrepareNext(bool is_asked_for, const std::string& reason) {
  const bool is_left_over = next_ == nullptr;
  if (next_ != nullptr) {
    {
      const std::lock_guard lock(mutex_);
      next_.reset();
    }
    if (Result<void> discarded = generations_.DiscardNext(); !discarded) {
      return Outcome::Retry(discarded.error());
    }
  }
  Result<std::shared_ptr<Following>> following = OpenNext();
  if (!following) {
    return Outcome::Retry(following.error());
  }
  // What an earlier process left may know of tables as they were then.
  const Applier& applier = *(*following)->applier;
  if (is_left_over && !applier.set_aside().empty() &&
      (is_asked_for || applier.state().phase == Phase::kNew)) {
    following->reset();
    if (Result<void> discarded = generations_.DiscardNext(); !discarded) {
      return Outcome::Retry(discarded.error());
    }
    following = OpenNext();
    if (!following) {
      return Outcome::Retry(following.error());
    }
  }
  if (!next_set_aside_.empty()) {
    const Result<void> set_aside =
        (*following)->applier->SetAside(std::exchange(next_set_aside_, {}));
    if (!set_aside) {
      return OutcomeOfApplier(set_aside.error());
    }
  }
  const std::lock_guard lock(mutex_);
  next_ = *std::move(following);
  ++status_.rebuilds;
  status_.rebuild_reason = reason;
  return Outcome::Done();
}

Outcome Source::Runner::Publish() {
  if (Result<void> published = generations_.PublishNext(); !published) {
    return Outcome::Retry(published.error());
  }
  {
    const std::lock_guard lock(mutex_);
    live_ = std::exchange(next_, nullptr);
    ++status_.generation;
    progressed_.notify_all();
  }
  SetState(State::kLive, {});
  return Outcome::Done();
}

Outcome Source::Runner::EndRequested() const {
  if (interrupt_.is_triggered()) {
    return {Outcome::Kind::kStopped, "stopped"};
  }
  return is_rebuild_wanted_.load() ? Outcome::Rebuild("a rebuild was asked for") : Outcome::Done();
}

std::shared_ptr<Source::Runner::Following> Source::Runner::current() const {
  const std::lock_guard lock(mutex_);
  return next_ != nullptr ? next_ : live_;
}

PostgresConnection::Options Source::Runner::ConnectionOptions(bool is_replication) const {
  PostgresConnection::Options options;
  options.connection = options_.connection;
  options.application_name = ApplicationName(options_);
  options.is_replication = is_replication;
  options.lock_timeout = options_.lock_timeout;
  return options;
}

// Time goes on whatever the server does.
bool Source::Runner::Pause(std::chrono::milliseconds pause) {
  const Clock::time_point end = Clock::now() + pause;
  while (true) {
    KeepClock();
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now());
    if (left.count() <= 0) {
      return true;
    }
    if (interrupt_.Wait(-1, false, std::min(left, kClockTick)) == Interrupt::Wake::kInterrupted) {
      return false;
    }
  }
}

void Source::Runner::KeepClock() {
  const std::shared_ptr<Following> live = [this] {
    const std::lock_guard lock(mutex_);
    return live_;
  }();
  if (live->applier->phase() != Phase::kLive) {
    return;
  }
  Result<bool> is_more = live->applier->KeepClock();
  while (is_more && *is_more) {
    is_more = live->applier->DrainWaiting();
  }
  if (!is_more) {
    SetState(State::kStale, is_more.error().message());
  }
}

}  // namespace cacheindex::replication
