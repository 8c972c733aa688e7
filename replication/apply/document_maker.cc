#include "replication/apply/document_maker.h"

#include <utility>

#include "replication/assembly/document_ids.h"
#include "replication/assembly/due_documents.h"
#include "replication/assembly/refused_documents.h"

namespace cacheindex::replication {
namespace {

// How much of a refused row's key is named.
constexpr std::size_t kShownKeyBytesMax = 60;

}  // namespace

Result<bool> DocumentMaker::MakeMembers(const CollectionPlan& plan, std::string_view key,
                                        FieldSet fields) {
  auto assembled = assembler_.AssembleMembers(plan, key, fields);
  if (!assembled) {
    return std::move(assembled).error();
  }
  if (!*assembled) {
    return false;
  }
  if (plan.id) {
    // The document may be another row's.
    const auto rows = RowsOfId(transaction_, work_.tables, plan, (*assembled)->id);
    if (!rows || rows->size() != 1) {
      return rows ? Result<bool>(false) : rows.error();
    }
  }
  if ((*assembled)->due) {
    if (auto due = SetDueSooner(transaction_, plan.collection, key, *(*assembled)->due); !due) {
      return std::move(due).error();
    }
  }
  auto replaced = sink_.ReplaceMembers(transaction_, plan.collection, (*assembled)->id,
                                       (*assembled)->names, std::move((*assembled)->members));
  if (!replaced && replaced.error().code() == ErrorCode::kUnprocessable) {
    return false;
  }
  work_.counted.documents_written += replaced && *replaced ? 1U : 0U;
  return replaced;
}

Result<void> DocumentMaker::Make(const CollectionPlan& plan, std::string_view key,
                                 const std::array<std::string_view, 2>& gone_ids) {
  auto assembled = Assemble(plan, key);
  if (!assembled) {
    return std::move(assembled).error();
  }
  if (!plan.id) {
    return MakeByKey(plan, key, *std::move(assembled), gone_ids);
  }
  // What it has no document for is said here; whose document an id is, with the id.
  std::set<std::string> ids{assembled->id, std::string(gone_ids[0]), std::string(gone_ids[1])};
  ids.erase(std::string());
  if (!assembled->document) {
    if (auto noted = Note(plan, key, *assembled); !noted) {
      return noted;
    }
  }
  for (const std::string& id : ids) {
    if (auto made = MakeId(plan, id); !made) {
      return made;
    }
  }
  return {};
}

Result<Assembler::Assembled> DocumentMaker::Assemble(const CollectionPlan& plan,
                                                     std::string_view key) {
  auto assembled = assembler_.Assemble(plan, key);
  if (assembled && plan.has_clock) {
    if (auto due = SetDue(transaction_, plan.collection, key, assembled->due); !due) {
      return std::move(due).error();
    }
  }
  return assembled;
}

Result<void> DocumentMaker::MakeByKey(const CollectionPlan& plan, std::string_view key,
                                      Assembler::Assembled assembled,
                                      const std::array<std::string_view, 2>& gone_ids) {
  ++work_.counted.documents_written;
  for (const std::string_view gone_id : gone_ids) {
    if (gone_id != assembled.id) {
      if (auto deleted = Delete(plan, gone_id); !deleted) {
        return deleted;
      }
    }
  }
  const auto is_put = Put(plan, assembled);
  if (!is_put) {
    return is_put.error();
  }
  if (auto noted = Note(plan, key, assembled); !noted) {
    return noted;
  }
  return *is_put ? Result<void>() : Delete(plan, assembled.id);
}

// Makes the document of an id that is a column: of the first of its rows that is one.
Result<void> DocumentMaker::MakeId(const CollectionPlan& plan, const std::string& id) {
  const auto keys = RowsOfId(transaction_, work_.tables, plan, id);
  if (!keys) {
    return keys.error();
  }
  ++work_.counted.documents_written;
  std::string owner;
  for (const std::string& key : *keys) {
    auto assembled = Assemble(plan, key);
    if (!assembled) {
      return std::move(assembled).error();
    }
    // Another spelling of the same value (1.0 and 1.00) is another id.
    if (assembled->id != id) {
      continue;
    }
    if (assembled->document && !owner.empty()) {
      assembled->document.reset();
      assembled->refusal = "row \"" + owner + "\" has the same id \"" + id + "\"";
    }
    const auto is_put = Put(plan, *assembled);
    if (!is_put) {
      return is_put.error();
    }
    if (*is_put) {
      owner = assembled->key_text;
    }
    if (auto noted = Note(plan, key, *assembled); !noted) {
      return noted;
    }
  }
  return owner.empty() ? Delete(plan, id) : Result<void>();
}

// Returns whether the document is stored; where it cannot be, `refusal` says why.
Result<bool> DocumentMaker::Put(const CollectionPlan& plan, Assembler::Assembled& assembled) {
  if (!assembled.document) {
    return false;
  }
  auto put = sink_.Put(transaction_, plan.collection, assembled.id,
                       *std::exchange(assembled.document, std::nullopt));
  if (!put && put.error().code() != ErrorCode::kUnprocessable) {
    return std::move(put).error();
  }
  assembled.refusal = put ? std::string() : put.error().message();
  return put.has_value();
}

Result<void> DocumentMaker::Delete(const CollectionPlan& plan, std::string_view id) {
  // A longer one never was stored.
  return id.empty() || id.size() > kDocumentIdBytesMax
             ? Result<void>()
             : sink_.Delete(transaction_, plan.collection, id);
}

Result<void> DocumentMaker::Note(const CollectionPlan& plan, std::string_view key,
                                 const Assembler::Assembled& assembled) {
  std::uint64_t& count = work_.progress.refused;
  const std::string& refusal = assembled.refusal;
  if (refusal.empty() && count == 0) {
    return {};
  }
  const std::string& text = assembled.key_text;
  const std::string shown =
      text.size() <= kShownKeyBytesMax ? text : text.substr(0, kShownKeyBytesMax) + "...";
  const auto added =
      SetRefusal(transaction_, plan.collection, key,
                 refusal.empty() ? refusal
                                 : "collection \"" + plan.name + "\", row \"" + shown +
                                       "\" of table " + plan.root_name + ": " + refusal);
  if (!added) {
    return added.error();
  }
  count += static_cast<std::uint64_t>(*added);
  return {};
}

}  // namespace cacheindex::replication
