#pragma once

#include <condition_variable>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>

#include "cache/store.h"
#include "index/documents/fresh_words.h"
#include "index/schema/schema_cache.h"
#include "index/text/text_batch.h"
#include "node/core/position.h"
#include "node/core/result.h"

namespace cacheindex::index {

/// Reads the log of a store batch by batch, on a thread of its own: while one batch is written into
/// the text index, the next one is read and split into words, which costs about as much.
///
/// Holds two batches at most, and a snapshot only while it reads.
/// Threads: one at a time, besides its own. Lifetime: within that of what it is given.
class TextLogReader {
 public:
  TextLogReader(cache::Store& store, SchemaCache& schemas, FreshWords& fresh);
  TextLogReader(const TextLogReader&) = delete;
  TextLogReader& operator=(const TextLogReader&) = delete;
  /// Waits for the batch that is being read.
  ~TextLogReader() = default;

  /// Returns the batch behind `after`; begins to read the one behind it unless it came to the end
  /// of the log. `indexed` may be behind the truth: what is indexed again stays the same.
  Result<TextBatch> Next(Position after, const TextBatchReader::Indexed& indexed);

 private:
  struct Request {
    Position after{};
    TextBatchReader::Indexed indexed;
  };

  void Run(const std::stop_token& stop);
  Result<TextBatch> Read(const Request& request);
  void Begin(Position after, const TextBatchReader::Indexed& indexed);
  Result<TextBatch> Take();

  cache::Store* store_;
  TextBatchReader reader_;
  /// Of the caller: behind what a batch was asked for and not taken yet.
  std::optional<Position> ahead_;

  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::optional<Request> request_;
  std::optional<Result<TextBatch>> batch_;

  // Last, so that it ends first.
  std::jthread thread_;
};

}  // namespace cacheindex::index
