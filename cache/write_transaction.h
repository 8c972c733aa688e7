#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cache/view.h"

namespace cacheindex::cache {

class WriteTransaction;

/// One document write, as the listener sees it. The old state is what the listener itself stored.
struct DocumentChange {
  CollectionNumber collection{};
  DocumentNumber number = 0;
  std::string_view id;
  /// The bytes before, nullopt for a new document.
  std::optional<std::string_view> before;
  /// The document now, nullptr when it is deleted. Of a document that was there before, `fields`
  /// has at least the members that differ; its JSON has all.
  const Document* after = nullptr;
};

/// Returns what becomes of the document with these bytes, under the same id; nullopt leaves it as
/// it is. `fields` need have only the members that differ.
using DocumentEdit = std::function<Result<std::optional<Document>>(std::string_view json)>;

/// Keeps derived data (columns, dictionaries) true inside the transaction that writes the
/// documents, so that every writer keeps it true without knowing it. Implemented by index/.
class DocumentListener {
 public:
  /// What the listener knows during one transaction; destroyed with it, committed or not.
  class Session {
   public:
    virtual ~Session() = default;

    /// Called after the document is written. Returns whether anything that the text index holds
    /// changed, so that a price change costs the text index nothing.
    virtual Result<bool> Written(const DocumentChange& change) = 0;

    /// Called once, before the commit.
    virtual Result<void> BeforeCommit() = 0;
  };

  virtual ~DocumentListener() = default;
  virtual std::unique_ptr<Session> Begin(WriteTransaction& transaction) = 0;

  /// Called after the commit of a transaction that had a session, before its writers hear of it.
  virtual void Committed() {}
};

struct PutOutcome {
  DocumentNumber number = 0;
  bool is_new = false;
};

/// The one state being written. Exists only inside a job of Store::Write; what a job writes is seen
/// by the jobs after it in the same transaction and, once committed, by every later snapshot.
///
/// Errors of every writer, besides View's: kExhausted when the map is full, kNotFound when the
/// collection does not exist. When a write fails half-way the whole transaction is given up, even
/// if the job goes on (see Store::Write); an error that is found before anything is written (a bad
/// id, an unknown collection) leaves the transaction good.
class WriteTransaction : public View {
 public:
  WriteTransaction(const WriteTransaction&) = delete;
  WriteTransaction& operator=(const WriteTransaction&) = delete;
  ~WriteTransaction();

  /// Returns the new collection's number.
  /// Errors: kConflict when a collection has this name; kInvalidArgument when it is empty or longer
  /// than kCollectionNameBytesMax.
  Result<CollectionNumber> CreateCollection(std::string_view name, std::string_view definition);
  Result<void> SetDefinition(CollectionNumber collection, std::string_view definition);
  /// Gives the collection a new version without changing its definition.
  Result<void> TouchCollection(CollectionNumber collection);
  /// Makes the collection disappear at once; its documents are removed piece by piece by later
  /// transactions. Its columns are the caller's to drop. The listener is not called.
  Result<void> DropCollection(CollectionNumber collection);

  /// Inserts or replaces; a replaced document keeps its number. Calls the listener.
  /// Errors: kInvalidArgument when the id is empty or longer than kDocumentIdBytesMax, kTooLarge
  /// when the JSON is longer than kDocumentBytesMax.
  Result<PutOutcome> Put(CollectionNumber collection, const Document& document);
  /// Replaces a stored document by what `edit` makes of it. Returns false when there is none. Calls
  /// the listener. Errors: as Put, and those of `edit`.
  Result<bool> Edit(CollectionNumber collection, std::string_view id, const DocumentEdit& edit);
  /// Returns the bytes that were stored, nullopt when there was nothing. Calls the listener.
  Result<std::optional<std::string>> Delete(CollectionNumber collection, std::string_view id);
  /// Returns the next of the numbers 0, 1, 2, ... that the collection gives to documents without an
  /// id.
  Result<std::uint64_t> TakeAutomaticId(CollectionNumber collection);

  Result<ColumnNumber> AllocateColumn(PageShape shape);
  /// Replaces the values of one document; none removes them. Buffered: pages are rewritten once a
  /// transaction, before the commit, and Pages() of this transaction shows the state before it (a
  /// transaction of millions of values is written in parts and shows the parts).
  void SetColumn(ColumnNumber column, DocumentNumber number, std::span<const std::int64_t> values);
  /// Makes the column disappear; pages and entries are removed piece by piece by later
  /// transactions.
  Result<void> DropColumn(ColumnNumber column);

  Result<void> PutEntry(ColumnNumber column, std::string_view key, std::string_view value);
  Result<void> DeleteEntry(ColumnNumber column, std::string_view key);

  /// Asks the text index to look at `number` again although the document did not change (a field
  /// was added to the schema).
  Result<void> AppendLog(CollectionNumber collection, DocumentNumber number);

 private:
  friend class Writer;

  explicit WriteTransaction(std::unique_ptr<WriteState> state, Decompressor& decompressor);

  Result<CollectionCounters*> ChangeCounters(CollectionNumber collection);
  Position TakePosition();
  Result<void> WriteLogEntry(CollectionNumber collection, DocumentNumber number, Position position);
  Result<void> Notify(const DocumentChange& change, Position position);
  Result<void> WriteChange(const DocumentChange& change, CollectionCounters& counters);
  Result<void> WriteDocument(CollectionNumber collection, const Document& document,
                             const DocumentHeader& header, CollectionCounters& counters);
  Result<void> Drop(char kind, std::uint32_t number);

  Result<void> TrainWhenItPays(CollectionNumber collection, CollectionCounters& counters);
  Result<std::vector<std::string>> SampleDocuments(CollectionNumber collection,
                                                   const CollectionCounters& counters) const;

  /// Everything that is due before the commit, the commit itself excepted.
  Result<void> Finish();

  std::unique_ptr<WriteState> state_;
};

}  // namespace cacheindex::cache
