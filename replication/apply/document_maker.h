#pragma once

#include <array>
#include <set>
#include <string>
#include <string_view>

#include "node/core/result.h"
#include "replication/apply/applier_parts.h"
#include "replication/assembly/assembler.h"
#include "replication/declaration/field_set.h"

namespace cacheindex::replication {

/// Makes documents of rows in one store transaction, and says which rows cannot be documents.
/// Lifetime: within that of the transaction, whose rows may not change meanwhile.
class DocumentMaker {
 public:
  DocumentMaker(cache::WriteTransaction& transaction, Work& work, DocumentSink& sink)
      : transaction_(transaction),
        work_(work),
        sink_(sink),
        assembler_(transaction, work.tables, work.clock) {}

  /// Writes the members that `fields` are in, of a document that is otherwise what its rows say.
  /// Returns false, and writes nothing, where the whole must be made.
  Result<bool> MakeMembers(const CollectionPlan& plan, std::string_view key, FieldSet fields);

  /// Writes what the row under `key` makes; `gone_ids` are documents that it made before, or empty.
  Result<void> Make(const CollectionPlan& plan, std::string_view key,
                    const std::array<std::string_view, 2>& gone_ids);

 private:
  Result<Assembler::Assembled> Assemble(const CollectionPlan& plan, std::string_view key);
  Result<void> MakeByKey(const CollectionPlan& plan, std::string_view key,
                         Assembler::Assembled assembled,
                         const std::array<std::string_view, 2>& gone_ids);
  Result<void> MakeId(const CollectionPlan& plan, const std::string& id);
  Result<bool> Put(const CollectionPlan& plan, Assembler::Assembled& assembled);
  Result<void> Delete(const CollectionPlan& plan, std::string_view id);
  Result<void> Note(const CollectionPlan& plan, std::string_view key,
                    const Assembler::Assembled& assembled);

  cache::WriteTransaction& transaction_;
  Work& work_;
  DocumentSink& sink_;
  Assembler assembler_;
};

}  // namespace cacheindex::replication
