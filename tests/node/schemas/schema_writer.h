#pragma once

#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "tests/node/schemas/schema_shop.h"
#include "tests/support/postgres_session.h"

namespace cacheindex::test {

/// One who writes random transactions into a shop.
///
/// Threads: one at a time.
class SchemaWriter {
 public:
  /// Keeps `statements`.
  SchemaWriter(std::string connection, std::uint64_t seed,
               const std::vector<RandomStatement>& statements)
      : connection_(std::move(connection)), random_(seed), statements_(statements) {}

  /// Runs one random transaction, and returns whether it was committed; one that the server
  /// refuses, or whose server goes away, is lost.
  bool Write();

  /// Runs each statement once and takes it back. Returns what the server says of those that are
  /// wrong whatever the tables hold; empty when all can be run.
  std::string Try();

 private:
  std::uint64_t Below(std::uint64_t bound) {
    return std::uniform_int_distribution<std::uint64_t>(0, bound - 1)(random_);
  }
  std::string Letters(std::size_t count);
  /// What stands for {`choice`}.
  std::string Choose(std::string_view choice);
  std::string Fill(std::string_view text);
  std::string Statement();

  std::string connection_;
  std::mt19937_64 random_;
  const std::vector<RandomStatement>& statements_;
  std::unique_ptr<PostgresSession> session_;
};

}  // namespace cacheindex::test
