#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "index/columns/document_set.h"
#include "node/core/document.h"
#include "node/core/position.h"
#include "node/core/result.h"

namespace Xapian {
class Database;
class Document;
class WritableDatabase;
}  // namespace Xapian

namespace cacheindex::index {

class TextReaderPool;

// One collection's text index: a Xapian database that knows which document has which word in which
// field. Nothing else is in it: no values, no document data, no positions. A document without words
// is not in it. Word order lives in the collection's words columns (schema.h).
//
//   term      field number (LEB128), then the word; below 130 bytes, Xapian's limit is 245
//   wdf       the word's impact (word_impact.h)
//   docid     the document number
//   metadata  "position" -> u8 format version, u64 big-endian position

/// Returns the term of `word` in the field with that FieldStorage::number.
std::string TextTerm(std::uint32_t field_number, std::string_view word);

/// A term of one document.
struct WeighedTerm {
  std::string term;
  /// See word_impact.h.
  std::uint32_t impact = 0;

  bool operator==(const WeighedTerm&) const = default;
};

/// All that the index shall hold of one document, in the form that Xapian takes. Apart from the
/// writer, so that another thread can make it.
///
/// Threads: one at a time, perhaps another than wrote it.
class TextDocument {
 public:
  /// Requires the terms to be distinct. Without terms: nothing.
  explicit TextDocument(std::span<const WeighedTerm> terms);
  ~TextDocument();
  TextDocument(TextDocument&&) noexcept;
  TextDocument& operator=(TextDocument&&) noexcept;
  TextDocument(const TextDocument&) = delete;
  TextDocument& operator=(const TextDocument&) = delete;

  bool is_empty() const noexcept { return document_ == nullptr; }
  /// Bytes of all terms.
  std::uint64_t term_bytes() const noexcept { return term_bytes_; }

 private:
  friend class TextWriter;

  /// Null: no terms.
  std::unique_ptr<Xapian::Document> document_;
  std::uint64_t term_bytes_ = 0;
};

/// A document that has a term.
struct Posting {
  DocumentNumber number = 0;
  std::uint32_t impact = 0;

  bool operator==(const Posting&) const = default;
};

/// The only writer of one text index.
///
/// Invariant: what is on disk is the state at position(), whatever happens (invariant 4). A method
/// that failed leaves the writer unusable: destroy it, and open another to go on from position().
/// Threads: one at a time.
class TextWriter {
 public:
  /// Creates an empty text index at position 0; `directory` must not exist. Nothing in it is
  /// durable before the first Commit.
  static Result<std::unique_ptr<TextWriter>> Create(const std::filesystem::path& directory);
  /// Errors: kNotFound when there is none, kCorruption when it is damaged, kUnavailable when
  /// another process writes to it.
  static Result<std::unique_ptr<TextWriter>> Open(const std::filesystem::path& directory);
  /// Gives up what is not committed.
  ~TextWriter();
  TextWriter(const TextWriter&) = delete;
  TextWriter& operator=(const TextWriter&) = delete;

  /// Makes `document` all that the index holds of this number; nothing when it is empty.
  Result<void> Replace(DocumentNumber number, const TextDocument& document);
  Result<void> Delete(DocumentNumber number);
  /// Makes all of the above durable as the state at `position`.
  Result<void> Commit(Position position);

  /// Of the last commit.
  Position position() const noexcept { return position_; }

 private:
  TextWriter(std::filesystem::path directory, std::unique_ptr<Xapian::WritableDatabase> database,
             Position position);

  std::filesystem::path directory_;
  std::unique_ptr<Xapian::WritableDatabase> database_;
  Position position_{};
};

/// One reading session with one text index, at one of its revisions.
///
/// Errors of every method: kUnavailable when two commits have passed since the revision was opened;
/// Refresh and start over. kCorruption when the database is damaged.
/// Threads: one at a time.
class TextReader {
 public:
  /// Reads an index without documents.
  TextReader();
  ~TextReader();
  TextReader(TextReader&&) noexcept;
  TextReader& operator=(TextReader&&) noexcept;
  TextReader(const TextReader&) = delete;
  TextReader& operator=(const TextReader&) = delete;

  /// Documents with at least one word.
  Result<std::uint32_t> DocumentCount() const;
  /// Returns how many documents have `term`, 0 when it is unknown.
  Result<std::uint32_t> Frequency(const std::string& term) const;

  /// Appends the documents of `among` that have `term`, ascending. Cost: about 13 ns for each
  /// document that has it.
  Result<void> Postings(const std::string& term, const DocumentSet& among,
                        std::vector<Posting>& postings) const;
  /// As above with an ascending list. Cost: a seek of about 1 us for each element of `among`, which
  /// pays when the list is much shorter than the term's.
  Result<void> Postings(const std::string& term, std::span<const DocumentNumber> among,
                        std::vector<Posting>& postings) const;

  struct Expansion {
    std::string term;
    std::uint32_t frequency = 0;
  };
  /// Returns the terms that start with `prefix` (a term itself), sorted; when there are more than
  /// `terms_max`, the most frequent ones.
  Result<std::vector<Expansion>> Expand(const std::string& prefix, std::size_t terms_max) const;

 private:
  friend class TextReaderPool;
  TextReader(std::shared_ptr<TextReaderPool> pool, std::unique_ptr<Xapian::Database> database,
             std::uint64_t revision);
  void Release();
  /// Runs a Xapian operation; the pool hears of damage.
  template <class Operation>
  auto Read(Operation&& operation) const;

  std::shared_ptr<TextReaderPool> pool_;
  /// Null: an index without documents.
  std::unique_ptr<Xapian::Database> database_;
  std::uint64_t revision_ = 0;
};

}  // namespace cacheindex::index
