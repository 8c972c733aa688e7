#pragma once

#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <vector>

#include "index/documents/document_words.h"
#include "node/core/position.h"

namespace cacheindex::index {

/// The words of documents that were just written, on their way from the writer, which has split the
/// texts, to the text index, which else would read, parse and split them again.
///
/// Nothing depends on it: documents that are not here (there was no room, or they were changed in
/// part) are read from the store.
/// Threads: BeginTransaction, Add and Publish by the writer, Take by one other.
class FreshWords {
 public:
  /// Bytes of words that wait to be taken, at most.
  static constexpr std::size_t kBytesMax = std::size_t{16} << 20;

  /// Forgets what was added and not published: its transaction was given up.
  void BeginTransaction();
  /// Adds the words of the document that the running transaction wrote at `position`, ascending.
  void Add(Position position, const DocumentWords& words);
  /// Lets what was added be taken, after the commit: a position that was given up is taken again.
  void Publish();

  /// Returns the words of the document that was written at `position`, if they are here. Forgets
  /// those of all positions up to this one.
  std::optional<DocumentWords> Take(Position position);

 private:
  struct Fresh {
    Position position{};
    DocumentWords words;
  };

  /// Of the writer.
  std::vector<Fresh> added_;
  std::size_t added_bytes_ = 0;

  std::mutex mutex_;
  std::deque<Fresh> published_;
  std::size_t published_bytes_ = 0;
};

}  // namespace cacheindex::index
