#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "node/core/result.h"
#include "replication/postgres/interrupt.h"

struct pg_conn;

namespace cacheindex::replication {

/// One session with a PostgreSQL server, with the settings pinned that decide how values print.
///
/// Nothing here blocks beyond its deadline, and all waiting ends when the interrupt is triggered.
/// Errors carry the server's words and the SQLSTATE in brackets; a lost connection is kUnavailable.
/// Threads: one at a time. Lifetime: within that of the interrupt.
class PostgresConnection {
 public:
  struct Options {
    /// libpq's connection string.
    std::string connection;
    std::string application_name;
    /// Whether replication commands are understood; SQL is in both kinds.
    bool is_replication = false;
    std::chrono::milliseconds connect_timeout{10'000};
    /// How long statements wait for locks; also ends the wait of the creation of a slot.
    std::chrono::milliseconds lock_timeout{5'000};
    /// A statement that says nothing for so long is cancelled and the connection given up.
    std::chrono::milliseconds silence_max{60'000};
  };

  using Values = std::vector<std::optional<std::string>>;
  using Rows = std::vector<Values>;

  static Result<std::unique_ptr<PostgresConnection>> Open(const Options& options,
                                                          const Interrupt& interrupt);
  ~PostgresConnection();
  PostgresConnection(const PostgresConnection&) = delete;
  PostgresConnection& operator=(const PostgresConnection&) = delete;

  /// Runs one statement or replication command, which must not be a COPY.
  Result<Rows> Execute(const std::string& statement);
  /// Runs a statement of one row and one column; NULL is an empty string.
  Result<std::string> ExecuteForValue(const std::string& statement);

  /// Begins a COPY ... TO STDOUT or START_REPLICATION.
  Result<void> StartCopy(const std::string& statement);

  struct CopyPiece {
    enum class Kind : std::uint8_t { kData, kNothingYet, kEnd };
    Kind kind = Kind::kNothingYet;
    /// Valid until the next call.
    std::string_view data;
  };
  /// Returns the next piece of the running copy: a line of COPY, a message of the stream. Does not
  /// wait. After kEnd statements can be run again.
  Result<CopyPiece> TryReadCopy();
  /// As TryReadCopy, and waits for as long as a statement may be silent; never kNothingYet.
  Result<CopyPiece> ReadCopy();
  /// Sends a message to the server in a running START_REPLICATION; what does not fit into the
  /// socket is sent by later calls of this and TryReadCopy.
  Result<void> SendCopy(std::string_view message);
  /// Whether something waits to be sent, so that waiting must be for writing too.
  bool has_unsent() const noexcept { return has_unsent_; }

  int socket() const noexcept;
  /// SQLSTATE of the last failure; empty when the connection was lost or nothing failed.
  const std::string& sqlstate() const noexcept { return sqlstate_; }
  int server_version() const noexcept;

  /// Returns `text` as an SQL literal or identifier, with quotes.
  static std::string Literal(std::string_view text);
  static std::string Identifier(std::string_view name);

 private:
  struct Finish {
    void operator()(pg_conn* connection) const noexcept;
  };

  PostgresConnection(std::unique_ptr<pg_conn, Finish> connection, const Options& options,
                     const Interrupt& interrupt);

  Result<void> WaitForResult();
  Result<void> WaitForSocket(std::chrono::steady_clock::time_point deadline);
  Result<void> Flush();
  Error LastError(const char* action, const void* result);
  void Cancel();

  std::unique_ptr<pg_conn, Finish> connection_;
  const Interrupt& interrupt_;
  std::chrono::milliseconds silence_max_;
  std::string sqlstate_;
  struct FreeBuffer {
    void operator()(char* buffer) const noexcept;
  };
  std::unique_ptr<char, FreeBuffer> piece_;
  bool has_unsent_ = false;
};

}  // namespace cacheindex::replication
