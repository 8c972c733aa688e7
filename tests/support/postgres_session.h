#pragma once

#include <libpq-fe.h>

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace cacheindex::test {

/// What a test says to a PostgreSQL server, in SQL.
///
/// Threads: one at a time. Throws std::runtime_error with the server's words when a statement
/// fails.
class PostgresSession {
 public:
  using Values = std::vector<std::optional<std::string>>;

  explicit PostgresSession(const std::string& connection)
      : connection_(PQconnectdb(connection.c_str()), PQfinish) {
    if (PQstatus(connection_.get()) != CONNECTION_OK) {
      throw std::runtime_error(PQerrorMessage(connection_.get()));
    }
    PQsetNoticeProcessor(
        connection_.get(), [](void*, const char*) {}, nullptr);
  }

  /// Runs one or more statements; returns the rows of the last.
  std::vector<Values> Execute(const std::string& sql) {
    const std::unique_ptr<PGresult, void (*)(PGresult*)> result(
        PQexec(connection_.get(), sql.c_str()), PQclear);
    const ExecStatusType status = PQresultStatus(result.get());
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
      throw std::runtime_error(std::string(PQerrorMessage(connection_.get())) + sql.substr(0, 200));
    }
    std::vector<Values> rows(static_cast<std::size_t>(PQntuples(result.get())));
    for (int i = 0; i < PQntuples(result.get()); ++i) {
      Values& row = rows[static_cast<std::size_t>(i)];
      for (int j = 0; j < PQnfields(result.get()); ++j) {
        row.push_back(PQgetisnull(result.get(), i, j) != 0
                          ? std::nullopt
                          : std::optional<std::string>(PQgetvalue(result.get(), i, j)));
      }
    }
    return rows;
  }

  /// Returns the only value of a statement's only row; empty for NULL.
  std::string Value(const std::string& sql) {
    const std::vector<Values> rows = Execute(sql);
    if (rows.size() != 1 || rows[0].size() != 1) {
      throw std::runtime_error("not one value: " + sql);
    }
    return rows[0][0].value_or("");
  }

 private:
  std::unique_ptr<PGconn, void (*)(PGconn*)> connection_;
};

}  // namespace cacheindex::test
