#include "cache/verify.h"

#include <array>
#include <map>
#include <utility>

#include "cache/environment.h"
#include "cache/lmdb_handle.h"
#include "cache/records.h"

namespace cacheindex::cache {

/// Walks through the tables of a view.
class Verifier {
 public:
  explicit Verifier(const View& view) : view_(view), tables_(view.environment_->tables()) {}

  VerifyReport Run() {
    CheckCollections();
    CheckDocuments();
    CheckNumbers();
    CheckCounts();
    CheckColumns();
    CheckEntries();
    CheckLog();
    return std::move(report_);
  }

 private:
  struct Known {
    Collection collection;
    std::uint64_t documents = 0;
    std::uint64_t numbers = 0;
  };

  void Find(std::string finding) {
    if (report_.findings.size() < kVerifyFindingsMax) {
      report_.findings.push_back(std::move(finding));
    }
  }

  // Calls check(key, value) for everything in `table`.
  template <class Check>
  void ForEach(MDB_dbi table, const char* name, Check&& check) {
    auto cursor = OpenCursor(view_.transaction_, table);
    if (!cursor) {
      Find(std::string(name) + ": " + cursor.error().message());
      return;
    }
    // Damaged pages may lead in a circle.
    std::string last;
    auto item = Seek(cursor->get(), {});
    for (; item && *item; item = Next(cursor->get())) {
      if (!last.empty() && (*item)->key <= last) {
        Find(std::string(name) + ": keys are out of order");
        return;
      }
      last = (*item)->key;
      check((*item)->key, (*item)->value);
    }
    if (!item) {
      Find(std::string(name) + ": " + item.error().message());
    }
  }

  static std::string Describe(std::uint32_t collection, std::string_view id) {
    return "collection " + std::to_string(collection) + ", document \"" + std::string(id) + "\": ";
  }

  // Returns the collection that a key belongs to, nullptr when it was dropped or never was.
  Known* CollectionOf(std::string_view key, const std::string& what) {
    if (key.size() < 4) {
      Find(what + " has a damaged key");
      return nullptr;
    }
    const auto number = DecodeBigEndian<std::uint32_t>(key);
    const auto known = collections_.find(number);
    if (known != collections_.end()) {
      return &known->second;
    }
    const auto dropped = view_.IsDropped(CollectionNumber{number});
    if (!dropped || !*dropped) {
      Find(what + " belongs to collection " + std::to_string(number) + ", which does not exist");
    }
    return nullptr;
  }

  void CheckCollections() {
    auto collections = view_.Collections();
    if (!collections) {
      Find("collections: " + collections.error().message());
      return;
    }
    for (Collection& collection : *collections) {
      const auto by_name = view_.FindCollection(collection.name);
      if (!by_name || !*by_name || (*by_name)->number != collection.number) {
        Find("collection \"" + collection.name + "\" is not found by its name");
      }
      const auto number = static_cast<std::uint32_t>(collection.number);
      collections_[number].collection = std::move(collection);
    }
  }

  void CheckDocuments() {
    ForEach(tables_.documents, "documents", [this](std::string_view key, std::string_view value) {
      Known* const known = CollectionOf(key, "a document");
      if (known == nullptr) {
        return;
      }
      ++report_.documents;
      ++known->documents;
      const std::string_view id = key.substr(4);
      const CollectionNumber collection = known->collection.number;
      const auto where = [&] { return Describe(static_cast<std::uint32_t>(collection), id); };
      const auto record = DecodeDocument(value);
      if (!record) {
        Find(where() + record.error().message());
        return;
      }
      if (const auto json = view_.ReadJson(collection, id, *record); !json) {
        Find(json.error().message());
      }
      const auto by_number = view_.FindId(collection, record->header.number);
      if (!by_number || !*by_number || **by_number != id) {
        Find(where() + "number " + std::to_string(record->header.number) +
             " does not lead back to it");
      }
      if (record->header.number > known->collection.number_max) {
        Find(where() + "its number is beyond the highest of its collection");
      }
      if (record->header.position > view_.position()) {
        Find(where() + "its position is beyond the store's");
      }
    });
  }

  void CheckNumbers() {
    ForEach(tables_.numbers, "numbers", [this](std::string_view key, std::string_view value) {
      Known* const known = CollectionOf(key, "a document number");
      if (known == nullptr) {
        return;
      }
      ++known->numbers;
      const auto id = Unseal(value, "id of a document number");
      if (!id || key.size() != 8) {
        Find("collection \"" + known->collection.name + "\": a damaged document number");
        return;
      }
      const auto number = DecodeBigEndian<std::uint32_t>(key.substr(4));
      const auto header = view_.FindHeader(known->collection.number, *id);
      if (header && (!*header || (*header)->number != number)) {
        Find("collection \"" + known->collection.name + "\": number " + std::to_string(number) +
             " names \"" + std::string(*id) + "\", which has another number or is missing");
      }
    });
  }

  void CheckCounts() {
    for (const auto& [number, known] : collections_) {
      if (known.documents != known.collection.documents ||
          known.numbers != known.collection.documents) {
        Find("collection \"" + known.collection.name + "\" counts " +
             std::to_string(known.collection.documents) + " documents and has " +
             std::to_string(known.documents) + " with " + std::to_string(known.numbers) +
             " numbers");
      }
    }
  }

  // Whether the column of this key was dropped; its rest is not checked.
  bool IsLeftover(std::string_view key) {
    if (key.size() < 4) {
      return false;
    }
    const auto dropped = view_.IsDropped(ColumnNumber{DecodeBigEndian<std::uint32_t>(key)});
    return dropped && *dropped;
  }

  void CheckColumns() {
    ForEach(tables_.columns, "columns", [this](std::string_view key, std::string_view value) {
      if (IsLeftover(key)) {
        return;
      }
      ++report_.column_pages;
      if (key.size() != 8) {
        Find("a column page has a damaged key");
        return;
      }
      const ColumnNumber column{DecodeBigEndian<std::uint32_t>(key)};
      const std::string where =
          "column " + std::to_string(static_cast<std::uint32_t>(column)) + ", page " +
          std::to_string(DecodeBigEndian<std::uint32_t>(key.substr(4))) + ": ";
      const auto page = ColumnPage::Parse(std::as_bytes(std::span(value)));
      if (!page) {
        Find(where + page.error().message());
        return;
      }
      if (!page->VerifyChecksum()) {
        Find(where + "wrong checksum");
      }
      if (page->slots() > DocumentsPerPage(ShapeOf(column))) {
        Find(where + "has more documents than its shape allows");
      }
    });
  }

  void CheckEntries() {
    ForEach(tables_.entries, "entries", [this](std::string_view key, std::string_view value) {
      if (IsLeftover(key)) {
        return;
      }
      ++report_.entries;
      if (key.size() < 4) {
        Find("an entry has a damaged key");
      } else if (!Unseal(value, "entry")) {
        Find("column " + std::to_string(DecodeBigEndian<std::uint32_t>(key)) + ": a damaged entry");
      }
    });
  }

  void CheckLog() {
    Position last{0};
    ForEach(tables_.log, "log", [&](std::string_view key, std::string_view value) {
      ++report_.log_entries;
      const auto entry = DecodeLogEntry(key, value);
      if (!entry) {
        Find("log: " + entry.error().message());
        return;
      }
      const std::string where =
          "log entry " + std::to_string(static_cast<std::uint64_t>(entry->position)) + ": ";
      if (entry->position <= last || entry->position > view_.position()) {
        Find(where + "out of order");
      }
      last = entry->position;
      const auto known = collections_.find(static_cast<std::uint32_t>(entry->collection));
      if (known == collections_.end()) {
        return;  // Of a dropped collection; harmless until it is trimmed.
      }
      if (entry->number == 0 || entry->number > known->second.collection.number_max) {
        Find(where + "names a number that was never given");
      }
      const auto trimmed = view_.TrimmedPosition(entry->collection);
      if (!trimmed || *trimmed >= entry->position) {
        Find(where + "should have been trimmed");
      }
    });
  }

  const View& view_;
  const Tables& tables_;
  std::map<std::uint32_t, Known> collections_;
  VerifyReport report_;
};

VerifyReport Verify(const View& view) { return Verifier(view).Run(); }

}  // namespace cacheindex::cache
