#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "tests/replication/followed_shop.h"

namespace cacheindex::replication {

/// The tables of the random model, which a process of its own follows.
inline constexpr const char* kModelTables = R"(
  CREATE TABLE item (id int PRIMARY KEY, amount int, note text);
  ALTER TABLE item ALTER COLUMN note SET STORAGE EXTERNAL;
  CREATE TABLE part (a int, b text, item_id int, note text, PRIMARY KEY (b, a));
  ALTER TABLE part ALTER COLUMN note SET STORAGE EXTERNAL;
  CREATE TABLE whole (id int PRIMARY KEY, amount int, note text);
  ALTER TABLE whole ALTER COLUMN note SET STORAGE EXTERNAL;
  ALTER TABLE whole REPLICA IDENTITY FULL;
  INSERT INTO item SELECT i, i, repeat(i::text, 2000) FROM generate_series(1, 300) i;
  INSERT INTO part SELECT i, 'p' || i % 7, i, repeat(i::text, 2000) FROM generate_series(1, 300) i;
  INSERT INTO whole SELECT i, i, repeat(i::text, 2000) FROM generate_series(1, 300) i;
  CREATE PUBLICATION p FOR TABLE item, part, whole)";

struct ModelTable {
  std::string name;
  std::vector<std::string> columns;
};

inline std::vector<ModelTable> ModelTables() {
  return {{"item", {"id", "amount", "note"}},
          {"part", {"a", "b", "item_id", "note"}},
          {"whole", {"id", "amount", "note"}}};
}

/// Small limits, so that little data meets all of them.
inline void LimitForModel(Source::Options& options) {
  options.transaction_bytes_max = 20'000;
  options.queue_bytes_max = 60'000;
  options.group_transactions_max = 7;
  options.lock_timeout = std::chrono::milliseconds(300);
  options.status_interval = std::chrono::milliseconds(20);
  options.backoff_min = std::chrono::milliseconds(10);
  options.backoff_max = std::chrono::milliseconds(100);
}

}  // namespace cacheindex::replication
