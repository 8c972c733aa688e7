#pragma once

#include <cstdint>
#include <map>
#include <random>
#include <string>

#include "node/core/json.h"
#include "tests/support/postgres_session.h"

namespace cacheindex::test {

/// A small shop that uses every way from rows to documents: its tables, the collections declared
/// over them, the same documents as SQL builds them, and people who change it.

/// Creates tables, publication and a few rows.
void CreateModelShop(PostgresSession& session, std::uint64_t seed);

/// [source.shop] with the collections `products`, `left` and `right`.
extern const char* const kModelShopConfiguration;

/// The documents of `products` by id, built by SQL.
std::map<std::string, Json> ModelShopProducts(PostgresSession& session);

/// The sum of all amounts of the tables behind `left` and `right`: no transaction changes it.
inline constexpr std::int64_t kModelShopMoney = 2'000;

/// One who writes.
///
/// Threads: one at a time.
class ModelShopWriter {
 public:
  ModelShopWriter(std::string connection, std::uint64_t seed)
      : connection_(std::move(connection)), random_(seed) {}

  /// Runs one random transaction; one that the server refuses, or whose server goes away, is lost
  /// as any other.
  void Write();

  std::uint64_t committed() const { return committed_; }

 private:
  std::int64_t Below(std::int64_t bound) {
    return std::uniform_int_distribution<std::int64_t>(0, bound - 1)(random_);
  }
  std::string Id(std::int64_t bound) { return std::to_string(1 + Below(bound)); }
  std::string Text(std::size_t bytes);
  std::string Statement();
  std::string ChangeProduct();
  std::string ChangeChildren();
  std::string ChangeParents();
  std::string ChangeEverything();
  std::string MoveMoney();
  void EndTransaction(PostgresSession& session);
  void EndOnePrepared(PostgresSession& session);

  std::string connection_;
  std::mt19937_64 random_;
  std::unique_ptr<PostgresSession> session_;
  std::uint64_t committed_ = 0;
};

/// Rolls back what is prepared and nobody will end.
void EndPreparedTransactions(PostgresSession& session);

}  // namespace cacheindex::test
