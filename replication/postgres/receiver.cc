#include "replication/postgres/receiver.h"

#include <algorithm>
#include <utility>
#include <variant>

namespace cacheindex::replication {
namespace {

// After so much silence the server is asked for a sign of life, and after so much it is dead. Its
// answer also says how far it is, which nobody would know of an idle one.
constexpr std::chrono::milliseconds kHeartbeat{1'000};
constexpr std::chrono::milliseconds kSilenceMax{60'000};

// While the queue is full its owner may ask for the end of the session.
constexpr std::chrono::milliseconds kStopLatencyMax{100};

std::int64_t NowUs() {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

}  // namespace

Receiver::Receiver(const Options& options, std::unique_ptr<PostgresConnection> connection)
    : options_(options),
      queue_(options.queue),
      connection_(std::move(connection)),
      proof_(options.last, options.start, options.applied),
      last_heard_(Clock::now()),
      received_(options.applied),
      durable_(options.applied),
      applied_(options.applied),
      server_(options.applied),
      thread_([this](const std::stop_token& stop) { Run(stop); }) {}

Receiver::~Receiver() {
  thread_.request_stop();
  wake_.Trigger();
}

Result<std::unique_ptr<Receiver>> Receiver::Start(const Options& options,
                                                  std::unique_ptr<PostgresConnection>& connection) {
  // Protocol 1: whole transactions in the order of their commits, nothing of aborted ones.
  const std::string command =
      "START_REPLICATION SLOT " + PostgresConnection::Identifier(options.slot) + " LOGICAL " +
      ToString(options.start) + " (proto_version '1', publication_names " +
      PostgresConnection::Literal(PostgresConnection::Identifier(options.publication)) +
      ", messages 'true')";
  if (Result<void> started = connection->StartCopy(command); !started) {
    return std::move(started).error();
  }
  return std::unique_ptr<Receiver>(new Receiver(options, std::move(connection)));
}

void Receiver::Acknowledge(LogPosition durable, LogPosition applied) {
  durable_.store(durable);
  applied_.store(applied);
}

void Receiver::Run(const std::stop_token& stop) {
  Result<void> followed = Follow(stop);
  queue_.Close(followed ? Error(ErrorCode::kUnavailable, "the stream was stopped")
                        : std::move(followed).error().WithContext("stream"));
}

Result<void> Receiver::Follow(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    if (Clock::now() >= status_due_) {
      if (Result<void> sent = SendStatus(); !sent) {
        return sent;
      }
    }
    if (!queue_.WaitForRoom(std::min(status_due_, Clock::now() + kStopLatencyMax))) {
      // What is not read says nothing about the server.
      last_heard_ = Clock::now();
      continue;
    }
    Result<PostgresConnection::CopyPiece> piece = connection_->TryReadCopy();
    if (!piece) {
      return std::move(piece).error();
    }
    switch (piece->kind) {
      case PostgresConnection::CopyPiece::Kind::kData:
        if (Result<void> taken = Take(piece->data); !taken) {
          return taken;
        }
        break;
      case PostgresConnection::CopyPiece::Kind::kNothingYet:
        if (Clock::now() > last_heard_ + kSilenceMax) {
          return Error(ErrorCode::kUnavailable, "the server has said nothing for " +
                                                    std::to_string(kSilenceMax.count()) + " ms");
        }
        wake_.Wait(connection_->socket(), connection_->has_unsent(),
                   std::chrono::ceil<std::chrono::milliseconds>(status_due_ - Clock::now()));
        break;
      case PostgresConnection::CopyPiece::Kind::kEnd:
        return Error(ErrorCode::kUnavailable, "the server ended it");
    }
  }
  // The last word, so that the server need not send again what is durable.
  return SendStatus();
}

Result<void> Receiver::Take(std::string_view bytes) {
  last_heard_ = Clock::now();
  Result<StreamMessage> message = ParseStreamMessage(bytes);
  if (!message) {
    return std::move(message).error();
  }
  if (const auto* keepalive = std::get_if<KeepaliveMessage>(&*message)) {
    return TakeKeepalive(*keepalive);
  }
  return TakeData(std::get<DataMessage>(*message).bytes);
}

Result<void> Receiver::TakeKeepalive(const KeepaliveMessage& keepalive) {
  server_.store(std::max(server_.load(), keepalive.end));
  if (asked_) {
    answered_.store(*std::exchange(asked_, std::nullopt));
  }
  // Inside a transaction the position may be beyond changes that are still on their way.
  if (open_ == nullptr && !met_again_) {
    if (Result<void> passed = proof_.Pass(keepalive.end); !passed) {
      return passed;
    }
  }
  if (open_ == nullptr && proof_.is_done()) {
    received_.store(std::max(received_.load(), keepalive.end));
    queue_.PushIdle(keepalive.end);
  }
  if (keepalive.wants_answer) {
    return SendStatus();
  }
  return {};
}

Result<void> Receiver::TakeData(std::string_view bytes) {
  const char type = bytes.empty() ? '\0' : bytes.front();
  if (type != 'B' && type != 'C') {
    if (met_again_) {
      return type == 'R' ? KeepRelation(bytes) : Result<void>();
    }
    if (open_ != nullptr) {
      Result<void> appended = open_->Append(bytes);
      spooling_bytes_.store(open_->file_bytes());
      return appended;
    }
    // Messages of applications may come between transactions; nothing else may.
    Result<PluginMessage> other = ParsePluginMessage(bytes);
    if (!other) {
      return std::move(other).error();
    }
    return std::holds_alternative<OtherMessage>(*other)
               ? Result<void>()
               : Error(ErrorCode::kCorruption, "a change outside of a transaction");
  }
  Result<PluginMessage> message = ParsePluginMessage(bytes);
  if (!message) {
    return std::move(message).error();
  }
  const auto* begin = std::get_if<BeginMessage>(&*message);
  return begin != nullptr ? TakeBegin(*begin) : TakeCommit(std::get<CommitMessage>(*message));
}

Result<void> Receiver::TakeBegin(const BeginMessage& begin) {
  if (open_ != nullptr || met_again_) {
    return Error(ErrorCode::kCorruption, "a transaction inside a transaction");
  }
  // Strictly: a transaction may begin exactly where the one before ended.
  if (begin.commit < options_.applied) {
    met_again_ = begin;
    return {};
  }
  if (Result<void> passed = proof_.Pass(begin.commit); !passed) {
    return passed;
  }
  open_ = std::make_unique<ReceivedTransaction>(
      begin, MessageLog::Options{options_.spool_directory, options_.transaction_bytes_max});
  for (const auto& [oid, relation] : std::exchange(relations_, {})) {
    if (Result<void> appended = open_->Append(relation); !appended) {
      return appended;
    }
  }
  return {};
}

Result<void> Receiver::KeepRelation(std::string_view bytes) {
  Result<PluginMessage> relation = ParsePluginMessage(bytes);
  if (!relation) {
    return std::move(relation).error();
  }
  relations_.insert_or_assign(std::get<RelationMessage>(*relation).oid, bytes);
  return {};
}

Result<void> Receiver::TakeCommit(const CommitMessage& commit) {
  if (met_again_) {
    const BeginMessage begin = *std::exchange(met_again_, std::nullopt);
    return proof_.Meet({.commit = commit.commit,
                        .end = commit.end,
                        .transaction_id = begin.transaction_id,
                        .committed_at_us = begin.committed_at_us});
  }
  if (open_ == nullptr) {
    return Error(ErrorCode::kCorruption, "the end of a transaction that did not begin");
  }
  if (Result<void> finished = open_->Finish(commit); !finished) {
    return finished;
  }
  received_.store(std::max(received_.load(), commit.end));
  server_.store(std::max(server_.load(), commit.end));
  queue_.Push(std::move(open_));
  spooling_bytes_.store(0);
  return {};
}

Result<void> Receiver::SendStatus() {
  // Never beyond what came in this session, whatever is said here to be durable: the server would
  // believe it.
  const LogPosition received = received_.load();
  const Clock::time_point now = Clock::now();
  const bool is_silent = now > last_heard_ + kHeartbeat;
  if (is_silent && !asked_) {
    asked_ = now;
  }
  const bool is_ours = proof_.is_done();
  const LogPosition durable = is_ours ? std::min(durable_.load(), received) : options_.start;
  const LogPosition applied = is_ours ? std::min(applied_.load(), received) : options_.start;
  Result<void> sent =
      connection_->SendCopy(FormatStatusMessage({.written = is_ours ? received : options_.start,
                                                 .flushed = durable,
                                                 .applied = applied,
                                                 .now_us = NowUs(),
                                                 .wants_answer = is_silent}));
  if (sent) {
    acknowledged_.store(durable);
  }
  status_due_ = now + options_.status_interval;
  return sent;
}

}  // namespace cacheindex::replication
