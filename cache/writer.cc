#include "cache/writer.h"

#include <sys/mman.h>

#include <algorithm>
#include <cassert>
#include <exception>
#include <new>
#include <string>
#include <system_error>
#include <utility>

#include "cache/maintenance.h"

namespace cacheindex::cache {
namespace {

// One transaction: jobs, and the bytes and time after which no further job joins it. They bound how
// long a commit can take, and with it how long a caller waits.
constexpr std::size_t kTransactionJobsMax = 1'000;
constexpr std::uint64_t kTransactionBytesMax = std::uint64_t{32} << 20;
constexpr std::chrono::milliseconds kTransactionTimeMax{100};
// Fewer log entries than this do not earn a transaction of their own.
constexpr std::uint64_t kTrimWorthwhile = 10'000;
constexpr std::chrono::seconds kReaderCheckInterval{10};
constexpr std::chrono::seconds kSnapshotsWaitMax{5};

// Replacing the map must not fail half-way: the old one is gone then.
bool CanReserve(std::uint64_t bytes) {
  void* const trial =
      ::mmap(nullptr, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (trial == MAP_FAILED) {
    return false;
  }
  ::munmap(trial, bytes);
  return true;
}

Error Closed() { return Error(ErrorCode::kUnavailable, "the store is being closed"); }

}  // namespace

Writer::Writer(const Environment& environment, SnapshotPool& snapshots, DocumentListener* listener,
               Options options, const StoreState& state)
    : environment_(environment),
      snapshots_(snapshots),
      listener_(listener),
      options_(std::move(options)),
      position_(state.position),
      drops_pending_(state.drops_pending),
      readers_checked_(std::chrono::steady_clock::now()) {
  MeasureFile();
  thread_ = std::jthread([this](const std::stop_token& stop) { Run(stop); });
}

Writer::~Writer() { Close(); }

void Writer::Close() {
  {
    const std::scoped_lock lock(mutex_);
    is_closed_ = true;
  }
  changed_.notify_all();
  thread_.request_stop();
  const std::scoped_lock lock(closing_mutex_);
  if (thread_.joinable()) {
    thread_.join();
  }
}

Result<Committed> Writer::Write(const Store::Job& job) {
  assert(std::this_thread::get_id() != thread_.get_id());
  Ticket ticket(job);
  std::unique_lock lock(mutex_);
  if (is_closed_) {
    return Closed();
  }
  if (waiting_.size() >= options_.jobs_max) {
    return Error(ErrorCode::kUnavailable, std::to_string(options_.jobs_max) +
                                              " writes are waiting already; try again later");
  }
  waiting_.push_back(&ticket);
  waiting_changed_.notify_one();
  ticket.finished.wait(lock, [&] { return ticket.outcome.has_value(); });
  if (ticket.thrown) {
    std::rethrow_exception(ticket.thrown);
  }
  return *std::move(ticket.outcome);
}

Position Writer::WaitForChange(Position seen,
                               std::chrono::steady_clock::time_point deadline) const {
  std::unique_lock lock(mutex_);
  changed_.wait_until(lock, deadline, [&] { return is_closed_ || position() > seen; });
  return position();
}

void Writer::TrimLog(Position position) {
  const std::scoped_lock lock(mutex_);
  trim_wanted_ =
      std::max(trim_wanted_, std::min(static_cast<std::uint64_t>(position), position_.load()));
  waiting_changed_.notify_one();
}

void Writer::Describe(Store::Statistics& statistics) const {
  statistics.map_size_bytes = map_size_bytes_;
  statistics.used_bytes = used_bytes_;
  statistics.commits = commits_;
  statistics.dictionaries_trained = dictionaries_trained_;
  statistics.drops_pending = drops_pending_;
  const std::scoped_lock lock(mutex_);
  statistics.jobs_waiting = static_cast<std::uint32_t>(waiting_.size());
  statistics.refusal = refusal_ ? refusal_->message() : "";
}

Error Writer::Refuse(Error reason) {
  const std::scoped_lock lock(mutex_);
  return refusal_.emplace(std::move(reason));
}

bool Writer::HasOwnWork() const {
  return may_maintain_ && !refusal_ &&
         (drops_pending_ > 0 || is_trim_behind_ || trim_wanted_ - trim_done_ >= kTrimWorthwhile);
}

Writer::Batch Writer::TakeBatch(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  waiting_changed_.wait_for(lock, stop, kReaderCheckInterval,
                            [this] { return !waiting_.empty() || HasOwnWork(); });
  const std::size_t jobs_max = jobs_alone_ > 0 ? 1 : kTransactionJobsMax;
  jobs_alone_ -= jobs_alone_ > 0 ? 1 : 0;
  Batch batch;
  while (!waiting_.empty() && batch.size() < jobs_max && !stop.stop_requested()) {
    batch.push_back(waiting_.front());
    waiting_.pop_front();
  }
  return batch;
}

void Writer::Run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    Batch batch = TakeBatch(stop);
    CheckReaders();
    if (!stop.stop_requested() || !batch.empty()) {
      Process(std::move(batch));
    }
  }
  const std::scoped_lock lock(mutex_);
  for (Ticket* const ticket : waiting_) {
    ticket->outcome = Result<Committed>(Closed());
    ticket->finished.notify_one();
  }
  waiting_.clear();
}

void Writer::Process(Batch batch) {
  if (refusal_) {
    AnswerAll(batch, *refusal_);
    return;
  }
  bool is_first = true;
  while (is_first || !batch.empty()) {
    is_first = false;
    if (Attempt(batch) == Next::kDone) {
      return;
    }
  }
}

Result<std::unique_ptr<WriteTransaction>> Writer::Begin() {
  auto handle = BeginWrite(environment_.handle());
  if (!handle) {
    return std::move(handle).error();
  }
  auto state = std::make_unique<WriteState>();
  state->environment = &environment_;
  state->transaction = *std::move(handle);
  state->compressor = &compressor_;
  state->listener = listener_;
  const auto sealed = GetValue(state->handle(), state->tables().meta, StateKey().view());
  if (!sealed) {
    return sealed.error();
  }
  if (*sealed) {
    auto stored = DecodeState(**sealed);
    if (!stored) {
      return std::move(stored).error();
    }
    state->store = *stored;
  }
  return std::unique_ptr<WriteTransaction>(new WriteTransaction(std::move(state), decompressor_));
}

Writer::Next Writer::Attempt(Batch& batch) {
  is_maintaining_ = false;
  trim_attempt_.reset();
  auto begun = Begin();
  if (!begun) {
    Error error = std::move(begun).error();
    // LMDB gave the file up when it could not say in it which commit is the latest.
    AnswerAll(batch, error.code() == ErrorCode::kIo ? RefuseAfter(error) : std::move(error));
    return Next::kDone;
  }
  std::unique_ptr<WriteTransaction> transaction = *std::move(begun);
  if (const auto next = RunJobs(*transaction, batch)) {
    if (*next == Next::kRunAgain && transaction->state_->is_map_full) {
      const Error error(ErrorCode::kExhausted, "the map is full");
      return GiveUp(std::move(transaction), error, batch);
    }
    return *next;
  }
  if (auto finished = FinishTransaction(*transaction); !finished) {
    return GiveUp(std::move(transaction), std::move(finished).error(), batch);
  }
  return CommitTransaction(std::move(transaction), batch);
}

Result<void> Writer::RunOne(Ticket& ticket, WriteTransaction& transaction) {
  ticket.thrown = nullptr;
  try {
    return ticket.job(transaction);
  } catch (const std::bad_alloc&) {
    return Error(ErrorCode::kExhausted, "no memory for this write");
  } catch (...) {
    // Its caller's affair: it is thrown there.
    ticket.thrown = std::current_exception();
    return Error(ErrorCode::kUnavailable, "the write threw an exception");
  }
}

std::optional<Writer::Next> Writer::RunJobs(WriteTransaction& transaction, Batch& batch) {
  const auto started = std::chrono::steady_clock::now();
  WriteState& state = *transaction.state_;
  for (std::size_t i = 0; i < batch.size();) {
    if (i > 0 && (state.bytes > kTransactionBytesMax ||
                  std::chrono::steady_clock::now() - started > kTransactionTimeMax)) {
      Requeue(batch, i);
      break;
    }
    const std::uint64_t writes = state.writes;
    auto result = RunOne(*batch[i], transaction);
    if (state.is_map_full) {
      return Next::kRunAgain;
    }
    if (result && state.failure) {
      result = *state.failure;
    }
    if (result) {
      ++i;
      continue;
    }
    Ticket* const failed = batch[i];
    if (state.writes == writes && !state.failure) {
      // It left nothing behind, so the others can go on.
      batch.erase(batch.begin() + static_cast<std::ptrdiff_t>(i));
      Answer(*failed, std::move(result).error());
      continue;
    }
    // Those before it are run again and committed, those after it come next; so the cost of many
    // failing jobs stays in proportion to their number.
    Requeue(batch, i + 1);
    batch.pop_back();
    Answer(*failed, std::move(result).error());
    return Next::kRunAgain;
  }
  return std::nullopt;
}

Result<void> Writer::FinishTransaction(WriteTransaction& transaction) {
  WriteState& state = *transaction.state_;
  try {
    if (auto finished = transaction.Finish(); !finished) {
      return finished;
    }
    if (!may_maintain_) {
      return {};
    }
    is_maintaining_ = true;
    if (state.store.drops_pending > 0) {
      if (auto worked = WorkOffDrops(state); !worked) {
        return worked;
      }
    }
    std::uint64_t wanted = 0;
    {
      const std::scoped_lock lock(mutex_);
      wanted = trim_wanted_ > trim_done_ || is_trim_behind_ ? trim_wanted_ : 0;
    }
    if (wanted > 0) {
      const auto trimmed = TrimLogEntries(state, Position{wanted});
      if (!trimmed) {
        return trimmed.error();
      }
      trim_attempt_ = TrimAttempt{.position = wanted, .is_behind = *trimmed == kTrimEntriesMax};
    }
    if (state.is_store_changed) {
      return state.Put(state.tables().meta, StateKey().view(), EncodeState(state.store));
    }
    return {};
  } catch (const std::bad_alloc&) {
    return Error(ErrorCode::kExhausted, "no memory for this write");
  } catch (const std::exception& failure) {
    return Error(ErrorCode::kUnavailable, std::string("before the commit: ") + failure.what());
  }
}

Writer::Next Writer::GiveUp(std::unique_ptr<WriteTransaction> transaction, Error error,
                            Batch& batch) {
  const bool is_map_full = transaction->state_->is_map_full;
  transaction.reset();
  if (is_map_full) {
    if (auto grown = GrowMap(); !grown) {
      // Own work would only fill the map again and again.
      may_maintain_ = !is_maintaining_ && may_maintain_;
      AnswerAll(batch, std::move(grown).error());
      return Next::kDone;
    }
    return Next::kRunAgain;
  }
  if (is_maintaining_) {
    // Removing leftovers failed. That is nobody's write, so writing goes on without it.
    may_maintain_ = false;
    return Next::kRunAgain;
  }
  if (batch.size() <= 1) {
    AnswerAll(batch, std::move(error));
    return Next::kDone;
  }
  // All succeeded and together they cannot be committed: each on its own shows whose fault it is.
  jobs_alone_ = batch.size() - 1;
  Requeue(batch, 1);
  return Next::kRunAgain;
}

Writer::Next Writer::CommitTransaction(std::unique_ptr<WriteTransaction> transaction,
                                       const Batch& batch) {
  WriteState& state = *transaction->state_;
  const Committed committed{.position = Position{state.store.position},
                            .changed_text = state.log_entries > 0};
  const bool has_session = state.session != nullptr;
  state.session.reset();
  // Commit frees the transaction whether or not it succeeds, so the handle lets go first.
  const int status = mdb_txn_commit(state.transaction.release());
  if (status == MDB_MAP_FULL) {
    // The list of free pages, written last, did not fit.
    auto grown = GrowMap();
    if (grown) {
      return Next::kRunAgain;
    }
    AnswerAll(batch, std::move(grown).error());
    return Next::kDone;
  }
  if (status != MDB_SUCCESS) {
    AnswerAll(batch, CommitFailure(status));
    return Next::kDone;
  }
  for (auto& [number, dictionary] : state.dictionaries) {
    environment_.dictionaries().Add(number, std::move(dictionary));
    ++dictionaries_trained_;
  }
  if (has_session) {
    listener_->Committed();
  }
  drops_pending_ = state.store.drops_pending;
  if (state.writes > 0) {
    ++commits_;
    MeasureFile();
  }
  {
    const std::scoped_lock lock(mutex_);
    position_ = state.store.position;
    if (trim_attempt_) {
      trim_done_ = trim_attempt_->position;
      is_trim_behind_ = trim_attempt_->is_behind;
    }
  }
  changed_.notify_all();
  AnswerAll(batch, committed);
  return Next::kDone;
}

Error Writer::CommitFailure(int status) {
  Error error = FromLmdb(status, "commit");
  if (error.code() != ErrorCode::kIo) {
    return error;
  }
  if (status == EIO && IsDiskFull(options_.directory)) {
    return Error(ErrorCode::kExhausted, "commit: the disk is full");
  }
  // What the operating system has of the file is unknown now, and asking it to sync again would
  // not tell (it forgets what it failed to write).
  return RefuseAfter(error);
}

Error Writer::RefuseAfter(const Error& error) {
  return Refuse(Error(ErrorCode::kIo,
                      error.message() + "; the store takes no more writes: restart and verify it"));
}

Result<void> Writer::GrowMap() {
  const std::uint64_t size = map_size_bytes_;
  if (size >= options_.map_size_max_bytes) {
    return Error(ErrorCode::kExhausted,
                 "the store has reached its largest size of " + std::to_string(size) + " bytes");
  }
  const std::uint64_t larger = std::min(size * 2, options_.map_size_max_bytes);
  if (!CanReserve(larger)) {
    return Error(ErrorCode::kExhausted,
                 "no address space for a map of " + std::to_string(larger) + " bytes");
  }
  if (!snapshots_.Block(std::chrono::steady_clock::now() + kSnapshotsWaitMax)) {
    return Error(ErrorCode::kExhausted,
                 "the map is full and cannot grow while snapshots stay open");
  }
  environment_.page_tables().Clear();
  if (const int status = mdb_env_set_mapsize(environment_.handle(), larger);
      status != MDB_SUCCESS) {
    // There may be no map now; readers stay locked out rather than crash.
    return Refuse(FromLmdb(status, "grow map"));
  }
  snapshots_.Unblock();
  map_size_bytes_ = larger;
  return {};
}

void Writer::Requeue(Batch& batch, std::size_t first) {
  const std::scoped_lock lock(mutex_);
  for (std::size_t i = batch.size(); i > first; --i) {
    waiting_.push_front(batch[i - 1]);
  }
  batch.resize(first);
}

void Writer::Answer(Ticket& ticket, Result<Committed> outcome) {
  // Under the lock: the ticket is gone as soon as its caller sees the outcome.
  const std::scoped_lock lock(mutex_);
  ticket.outcome = std::move(outcome);
  ticket.finished.notify_one();
}

void Writer::AnswerAll(const Batch& batch, const Result<Committed>& outcome) {
  const std::scoped_lock lock(mutex_);
  for (Ticket* const ticket : batch) {
    ticket->outcome = outcome;
    ticket->finished.notify_one();
  }
}

void Writer::MeasureFile() {
  MDB_envinfo information{};
  MDB_stat statistics{};
  mdb_env_info(environment_.handle(), &information);
  mdb_env_stat(environment_.handle(), &statistics);
  used_bytes_ = (information.me_last_pgno + 1) * std::uint64_t{statistics.ms_psize};
  map_size_bytes_ = information.me_mapsize;
}

void Writer::CheckReaders() {
  const auto now = std::chrono::steady_clock::now();
  if (now - readers_checked_ < kReaderCheckInterval) {
    return;
  }
  readers_checked_ = now;
  int dead = 0;
  mdb_reader_check(environment_.handle(), &dead);
}

}  // namespace cacheindex::cache
