#include "replication/postgres/postgres_connection.h"

#include <libpq-fe.h>

#include <algorithm>
#include <array>
#include <utility>

namespace cacheindex::replication {
namespace {

using Clock = std::chrono::steady_clock;
using ResultHandle = std::unique_ptr<PGresult, void (*)(PGresult*)>;

// Values print as these settings say, and a user or a database may have others.
constexpr const char* kPinnedSettings =
    "-c datestyle=ISO -c intervalstyle=postgres -c extra_float_digits=3 -c bytea_output=hex "
    "-c timezone=UTC -c lc_monetary=C -c xmloption=content -c search_path=pg_catalog "
    // Rows that a policy hides must be an error and not a table without them.
    "-c row_security=off "
    "-c statement_timeout=0 -c idle_in_transaction_session_timeout=0";

// What a caller can do about it, by SQLSTATE; the longest prefix counts.
struct Reaction {
  std::string_view prefix;
  ErrorCode code;
};
constexpr std::array kReactions = {
    Reaction{"08", ErrorCode::kUnavailable},      // Connection failure.
    Reaction{"22", ErrorCode::kInvalidArgument},  // A value or an option.
    Reaction{"25", ErrorCode::kConflict},         // Wrong state of the transaction.
    Reaction{"28", ErrorCode::kUnauthorized},     // Access rules, password.
    Reaction{"3D000", ErrorCode::kNotFound},      // No such database.
    Reaction{"42501", ErrorCode::kUnauthorized},  // Missing privilege.
    Reaction{"42704", ErrorCode::kNotFound},      // No such slot or publication.
    Reaction{"42P01", ErrorCode::kNotFound},      // No such table.
    Reaction{"42", ErrorCode::kInvalidArgument},  // Syntax, missing column.
    Reaction{"53400", ErrorCode::kExhausted},     // All slots are taken.
    Reaction{"53", ErrorCode::kUnavailable},      // Too many connections, out of memory or disk.
    Reaction{"55000", ErrorCode::kConflict},      // Wrong state: a lost slot, wal_level.
    Reaction{"55006", ErrorCode::kUnavailable},   // In use.
    Reaction{"55P03", ErrorCode::kUnavailable},   // Lock timeout.
    Reaction{"57", ErrorCode::kUnavailable},      // Shutting down, cancelled.
    Reaction{"", ErrorCode::kIo},
};

ErrorCode CodeOf(std::string_view sqlstate) {
  const Reaction* best = &kReactions.back();
  for (const Reaction& reaction : kReactions) {
    if (sqlstate.starts_with(reaction.prefix) && reaction.prefix.size() > best->prefix.size()) {
      best = &reaction;
    }
  }
  return best->code;
}

std::string Trim(std::string_view text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) {
    text.remove_suffix(1);
  }
  std::string line(text);
  std::replace(line.begin(), line.end(), '\n', ' ');
  return line;
}

PGconn* StartConnecting(const PostgresConnection::Options& options) {
  const std::string settings = std::string(kPinnedSettings) +
                               " -c lock_timeout=" + std::to_string(options.lock_timeout.count());
  const std::string timeout = std::to_string(options.connect_timeout.count());
  // What comes later wins; "dbname" is the connection string itself, and is expanded in its place.
  const char* keywords[] = {"connect_timeout",
                            "keepalives_idle",
                            "keepalives_interval",
                            "keepalives_count",
                            "tcp_user_timeout",
                            "dbname",
                            "application_name",
                            "client_encoding",
                            "options",
                            options.is_replication ? "replication" : nullptr,
                            nullptr};
  const char* values[] = {"10",
                          "10",
                          "5",
                          "3",
                          timeout.c_str(),
                          options.connection.c_str(),
                          options.application_name.c_str(),
                          "UTF8",
                          settings.c_str(),
                          options.is_replication ? "database" : nullptr,
                          nullptr};
  return PQconnectStartParams(keywords, values, 1);
}

}  // namespace

void PostgresConnection::Finish::operator()(pg_conn* connection) const noexcept {
  PQfinish(connection);
}

void PostgresConnection::FreeBuffer::operator()(char* buffer) const noexcept { PQfreemem(buffer); }

PostgresConnection::PostgresConnection(std::unique_ptr<pg_conn, Finish> connection,
                                       const Options& options, const Interrupt& interrupt)
    : connection_(std::move(connection)),
      interrupt_(interrupt),
      silence_max_(options.silence_max) {}

PostgresConnection::~PostgresConnection() = default;

Result<std::unique_ptr<PostgresConnection>> PostgresConnection::Open(const Options& options,
                                                                     const Interrupt& interrupt) {
  std::unique_ptr<pg_conn, Finish> handle(StartConnecting(options));
  if (handle == nullptr) {
    return Error(ErrorCode::kExhausted, "connect: no memory");
  }
  // Else they are printed, those of a server that shuts down while we connect too. What ends a
  // session is an error besides.
  PQsetNoticeProcessor(
      handle.get(), [](void*, const char*) {}, nullptr);
  const Clock::time_point deadline = Clock::now() + options.connect_timeout;
  PostgresPollingStatusType state = PGRES_POLLING_WRITING;
  while (PQstatus(handle.get()) != CONNECTION_BAD && state != PGRES_POLLING_OK) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
    switch (interrupt.Wait(PQsocket(handle.get()), state == PGRES_POLLING_WRITING, left)) {
      case Interrupt::Wake::kInterrupted:
        return Error(ErrorCode::kUnavailable, "connect: stopped");
      case Interrupt::Wake::kTimeout:
        if (Clock::now() >= deadline) {
          return Error(ErrorCode::kUnavailable,
                       "connect: no answer within " +
                           std::to_string(options.connect_timeout.count()) + " ms");
        }
        break;
      case Interrupt::Wake::kReady:
        break;
    }
    state = PQconnectPoll(handle.get());
    if (state == PGRES_POLLING_FAILED) {
      break;
    }
  }
  if (PQstatus(handle.get()) != CONNECTION_OK) {
    // There is no SQLSTATE before a connection exists.
    return Error(ErrorCode::kUnavailable, "connect: " + Trim(PQerrorMessage(handle.get())));
  }
  if (PQsetnonblocking(handle.get(), 1) != 0) {
    return Error(ErrorCode::kIo, "connect: " + Trim(PQerrorMessage(handle.get())));
  }
  // The server would look at each text, and end the copy or the stream at one that is no UTF-8.
  const char* const encoding = PQparameterStatus(handle.get(), "server_encoding");
  const bool has_any_bytes = encoding != nullptr && std::string_view(encoding) == "SQL_ASCII";
  std::unique_ptr<PostgresConnection> opened(
      new PostgresConnection(std::move(handle), options, interrupt));
  if (has_any_bytes) {
    if (Result<Rows> set = opened->Execute("SET client_encoding = 'SQL_ASCII'"); !set) {
      return std::move(set).error().WithContext("connect");
    }
  }
  return opened;
}

Error PostgresConnection::LastError(const char* action, const void* result) {
  const char* state =
      result != nullptr ? PQresultErrorField(static_cast<const PGresult*>(result), PG_DIAG_SQLSTATE)
                        : nullptr;
  sqlstate_ = state != nullptr ? state : "";
  const std::string words =
      Trim(result != nullptr ? PQresultErrorMessage(static_cast<const PGresult*>(result))
                             : PQerrorMessage(connection_.get()));
  if (sqlstate_.empty()) {
    return Error(ErrorCode::kUnavailable, std::string(action) + ": " + words);
  }
  return Error(CodeOf(sqlstate_), std::string(action) + ": " + words + " [" + sqlstate_ + "]");
}

void PostgresConnection::Cancel() {
  if (PGcancel* cancel = PQgetCancel(connection_.get()); cancel != nullptr) {
    char ignored[256];
    PQcancel(cancel, ignored, sizeof ignored);
    PQfreeCancel(cancel);
  }
}

Result<void> PostgresConnection::WaitForSocket(Clock::time_point deadline) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
  switch (interrupt_.Wait(PQsocket(connection_.get()), has_unsent_, left)) {
    case Interrupt::Wake::kInterrupted:
      Cancel();
      return Error(ErrorCode::kUnavailable, "stopped");
    case Interrupt::Wake::kTimeout:
      if (Clock::now() >= deadline) {
        Cancel();
        return Error(ErrorCode::kUnavailable,
                     "the server said nothing for " + std::to_string(silence_max_.count()) + " ms");
      }
      break;
    case Interrupt::Wake::kReady:
      break;
  }
  if (PQconsumeInput(connection_.get()) == 0) {
    return LastError("read", nullptr);
  }
  return Flush();
}

Result<void> PostgresConnection::WaitForResult() {
  const Clock::time_point deadline = Clock::now() + silence_max_;
  has_unsent_ = PQflush(connection_.get()) > 0;
  while (has_unsent_ || PQisBusy(connection_.get()) != 0) {
    if (Result<void> waited = WaitForSocket(deadline); !waited) {
      return waited;
    }
  }
  return {};
}

Result<PostgresConnection::Rows> PostgresConnection::Execute(const std::string& statement) {
  sqlstate_.clear();
  if (PQsendQuery(connection_.get(), statement.c_str()) == 0) {
    return LastError("send", nullptr);
  }
  Rows rows;
  std::optional<Error> failure;
  while (true) {
    if (Result<void> waited = WaitForResult(); !waited) {
      return std::move(waited).error();
    }
    const ResultHandle result(PQgetResult(connection_.get()), PQclear);
    if (result == nullptr) {
      break;
    }
    const ExecStatusType status = PQresultStatus(result.get());
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
      failure = LastError("statement", result.get());
      if (status != PGRES_FATAL_ERROR || PQstatus(connection_.get()) != CONNECTION_OK) {
        break;
      }
      continue;
    }
    rows.clear();
    for (int i = 0; i < PQntuples(result.get()); ++i) {
      Values& values = rows.emplace_back();
      for (int j = 0; j < PQnfields(result.get()); ++j) {
        if (PQgetisnull(result.get(), i, j) != 0) {
          values.emplace_back();
        } else {
          values.emplace_back(
              std::string(PQgetvalue(result.get(), i, j),
                          static_cast<std::size_t>(PQgetlength(result.get(), i, j))));
        }
      }
    }
  }
  if (failure) {
    return *std::move(failure);
  }
  return rows;
}

Result<std::string> PostgresConnection::ExecuteForValue(const std::string& statement) {
  Result<Rows> rows = Execute(statement);
  if (!rows) {
    return std::move(rows).error();
  }
  if (rows->size() != 1 || (*rows)[0].size() != 1) {
    return Error(ErrorCode::kIo, "statement: not one value: " + statement);
  }
  return (*rows)[0][0].value_or("");
}

Result<void> PostgresConnection::StartCopy(const std::string& statement) {
  sqlstate_.clear();
  if (PQsendQuery(connection_.get(), statement.c_str()) == 0) {
    return LastError("send", nullptr);
  }
  if (Result<void> waited = WaitForResult(); !waited) {
    return waited;
  }
  const ResultHandle result(PQgetResult(connection_.get()), PQclear);
  const ExecStatusType status =
      result == nullptr ? PGRES_FATAL_ERROR : PQresultStatus(result.get());
  if (status == PGRES_COPY_OUT || status == PGRES_COPY_BOTH) {
    return {};
  }
  Error failure = LastError("copy", result.get());
  while (const ResultHandle rest{PQgetResult(connection_.get()), PQclear}) {
  }
  return failure;
}

Result<PostgresConnection::CopyPiece> PostgresConnection::TryReadCopy() {
  // At most one round through the socket: what is buffered comes first.
  for (const bool is_retry : {false, true}) {
    char* buffer = nullptr;
    const int size = PQgetCopyData(connection_.get(), &buffer, 1);
    piece_.reset(buffer);
    if (size > 0) {
      return CopyPiece{CopyPiece::Kind::kData, {buffer, static_cast<std::size_t>(size)}};
    }
    if (size == -2) {
      return LastError("copy", nullptr);
    }
    if (size == -1) {
      break;
    }
    if (is_retry) {
      return CopyPiece{};
    }
    if (PQconsumeInput(connection_.get()) == 0) {
      return LastError("read", nullptr);
    }
    const int unsent = PQflush(connection_.get());
    has_unsent_ = unsent > 0;
  }
  // The copy has ended: its outcome follows, after it nothing.
  std::optional<Error> failure;
  while (true) {
    if (Result<void> waited = WaitForResult(); !waited) {
      return std::move(waited).error();
    }
    const ResultHandle result(PQgetResult(connection_.get()), PQclear);
    if (result == nullptr) {
      break;
    }
    if (PQresultStatus(result.get()) == PGRES_COPY_IN) {
      PQputCopyEnd(connection_.get(), nullptr);
      continue;
    }
    if (PQresultStatus(result.get()) == PGRES_FATAL_ERROR) {
      failure = LastError("copy", result.get());
      if (PQstatus(connection_.get()) != CONNECTION_OK) {
        break;
      }
    }
  }
  if (failure) {
    return *std::move(failure);
  }
  return CopyPiece{CopyPiece::Kind::kEnd, {}};
}

Result<PostgresConnection::CopyPiece> PostgresConnection::ReadCopy() {
  const Clock::time_point deadline = Clock::now() + silence_max_;
  while (true) {
    Result<CopyPiece> piece = TryReadCopy();
    if (!piece || piece->kind != CopyPiece::Kind::kNothingYet) {
      return piece;
    }
    if (Result<void> waited = WaitForSocket(deadline); !waited) {
      return std::move(waited).error();
    }
  }
}

Result<void> PostgresConnection::SendCopy(std::string_view message) {
  const int sent =
      PQputCopyData(connection_.get(), message.data(), static_cast<int>(message.size()));
  if (sent < 0) {
    return LastError("write", nullptr);
  }
  return Flush();
}

Result<void> PostgresConnection::Flush() {
  const int unsent = PQflush(connection_.get());
  if (unsent < 0) {
    return LastError("write", nullptr);
  }
  has_unsent_ = unsent > 0;
  return {};
}

int PostgresConnection::socket() const noexcept { return PQsocket(connection_.get()); }

int PostgresConnection::server_version() const noexcept {
  return PQserverVersion(connection_.get());
}

namespace {

std::string Quoted(std::string_view text, char quote) {
  std::string quoted(1, quote);
  for (const char character : text) {
    quoted += character;
    if (character == quote) {
      quoted += quote;
    }
  }
  quoted += quote;
  return quoted;
}

}  // namespace

std::string PostgresConnection::Literal(std::string_view text) {
  // Backslashes mean something only in literals that say so.
  std::string literal = Quoted(text, '\'');
  if (literal.find('\\') == std::string::npos) {
    return literal;
  }
  std::string escaped = "E";
  for (const char character : literal) {
    escaped += character;
    if (character == '\\') {
      escaped += '\\';
    }
  }
  return escaped;
}

std::string PostgresConnection::Identifier(std::string_view name) { return Quoted(name, '"'); }

}  // namespace cacheindex::replication
