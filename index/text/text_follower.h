#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>

#include "cache/numbers.h"
#include "cache/store.h"
#include "index/documents/fresh_words.h"
#include "index/schema/schema_cache.h"
#include "index/text/text_batch.h"
#include "index/text/text_checksums.h"
#include "index/text/text_directories.h"
#include "index/text/text_index.h"
#include "index/text/text_log_reader.h"
#include "index/text/text_reader_pool.h"
#include "index/text/text_readers.h"
#include "node/core/result.h"

namespace cacheindex::index {

/// Brings the text indexes of one store up to date, step by step: the work of the text indexer's
/// thread without the waiting.
///
/// A step reads what it needs under a snapshot of its own and gives that up before it writes. Every
/// step indexes a document as it is then, so steps may repeat and overlap: the log's entries are
/// hints to look again, and a rebuild may run among them (invariant 4).
///
/// After an error, start over with a new follower; nothing committed is lost.
/// Threads: one at a time, besides one of its own that reads. Lifetime: within that of what the
/// options name.
class TextFollower {
 public:
  struct Options {
    /// The generation's.
    std::filesystem::path directory;
    cache::Store* store = nullptr;
    SchemaCache* schemas = nullptr;
    FreshWords* fresh = nullptr;
    TextReaders* readers = nullptr;
    /// Nobody in this process has opened the text indexes before.
    bool is_first = true;
  };

  explicit TextFollower(const Options& options);
  TextFollower(const TextFollower&) = delete;
  TextFollower& operator=(const TextFollower&) = delete;
  ~TextFollower();

  /// Opens the text indexes of all collections. Those that are missing, damaged or behind what is
  /// left of the log begin to be built again. Removes those of collections that no longer exist.
  Result<void> Open();

  /// Indexes the next entries of the log. Returns whether it came to the end of it.
  Result<bool> FollowLog();
  /// Indexes the next documents of one index that is being built again. Returns whether that is
  /// complete now; the next Commit makes it the live one.
  Result<bool> ContinueBuilds();
  /// Makes everything indexed so far durable and visible to new readers.
  Result<void> Commit();
  /// Begins to build indexes again that readers found damaged, removes those of collections that
  /// were dropped, and brings checksums up to what is committed, from time to time.
  Result<void> Maintain();

  /// Closes what is committed and leaves checksums of all of it: the last call.
  void Seal();

  /// Everything up to here is indexed, if not committed.
  Position position() const noexcept { return position_; }
  bool has_builds() const;
  /// Documents indexed since the last commit, and the bytes of their terms.
  std::uint64_t uncommitted_documents() const noexcept { return uncommitted_documents_; }
  std::uint64_t uncommitted_bytes() const noexcept { return uncommitted_bytes_; }
  /// Stored documents that could not be read; the index keeps what it had of them.
  std::uint64_t damaged_documents() const noexcept { return damaged_documents_; }

 private:
  /// One collection's index.
  struct Text {
    /// 0: nothing on disk yet.
    std::uint32_t build = 0;
    /// The build has not become the live one yet.
    bool is_new = false;
    /// Opened on the first change; see CloseIdleWriters.
    std::unique_ptr<TextWriter> writer;
    /// Of the last commit.
    Position position{};
    bool is_changed = false;
    /// Pages were committed that may have no checksums yet.
    bool has_new_pages = false;
    std::shared_ptr<TextReaderPool> pool;

    // While it is being built again from the documents.
    bool is_building = false;
    /// The documents up to this number are in it.
    DocumentNumber built_up_to = 0;
    /// The live build before, when it can be read and so may be removed afterwards.
    std::optional<std::uint32_t> superseded;
  };

  Result<void> OpenCollection(const cache::View& view, cache::CollectionNumber collection);
  Result<void> OpenLive(const cache::View& view, cache::CollectionNumber collection,
                        std::uint32_t build);
  Result<void> BeginBuild(cache::CollectionNumber collection,
                          std::optional<std::uint32_t> superseded);
  Result<void> BeginBuildOfDamaged(cache::CollectionNumber collection, std::uint32_t build);
  /// Makes a new build, just committed, the live one.
  Result<void> GoLive(cache::CollectionNumber collection, Text& text);
  Result<TextWriter*> Writer(cache::CollectionNumber collection, Text& text);
  void CloseIdleWriters();
  void UpdateChecksums(cache::CollectionNumber collection, Text& text, TextPages pages);
  Result<void> Drop(cache::CollectionNumber collection);

  TextBatchReader::Indexed Indexed() const;
  Result<void> Apply(const TextBatch& batch);

  using Clock = std::chrono::steady_clock;

  cache::Store* store_;
  SchemaCache* schemas_;
  TextReaders* readers_;
  TextDirectories directories_;
  bool is_first_;
  std::map<cache::CollectionNumber, Text> texts_;
  TextLogReader log_;
  /// For builds.
  TextBatchReader documents_;
  Position position_{};
  std::uint64_t uncommitted_documents_ = 0;
  std::uint64_t uncommitted_bytes_ = 0;
  std::uint64_t damaged_documents_ = 0;
  Clock::time_point checksums_due_{};
};

}  // namespace cacheindex::index
