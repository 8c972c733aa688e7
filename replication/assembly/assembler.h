#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cache/view.h"
#include "node/core/json.h"
#include "node/core/result.h"
#include "replication/assembly/expression_evaluator.h"
#include "replication/assembly/row_reader.h"
#include "replication/declaration/collection_plan.h"

namespace cacheindex::replication {

/// Makes documents from the rows of one view. The same rows give the same document, whatever came
/// before.
///
/// Lifetime: within that of the view, to which nothing may be written meanwhile.
class Assembler {
 public:
  /// `clock`: what now() is, in seconds since 1970 UTC.
  Assembler(const cache::View& view, const TableCatalogue& tables, std::int64_t clock)
      : clock_(clock), rows_(view, tables), evaluator_(no_places_, rows_) {}

  struct Assembled {
    /// Empty when there is no such row: then no document of it exists either.
    std::string id;
    /// Nullopt when the row is no document: there is none, or the filter says no, or `refusal` says
    /// why it cannot be one.
    std::optional<Json> document;
    std::string refusal;
    /// How messages name the row: its key.
    std::string key_text;
    /// The second of the clock from which on all this may be otherwise; nullopt for never.
    std::optional<std::int64_t> due;
  };
  /// Returns the document of the root row under `key`.
  /// Errors: of the store.
  Result<Assembled> Assemble(const CollectionPlan& plan, std::string_view key);

  /// Some members of a document, as Assemble would make them.
  struct Members {
    std::string id;
    /// Sorted. Those that `members` lacks are not in the document.
    std::vector<std::string> names;
    Json members;
    /// As of Assembled.
    std::optional<std::int64_t> due;
  };
  /// Returns the members that `fields` are in, nullopt where the whole document must be asked for:
  /// there is no such row, or a field cannot be made. Requires a row that is a document, and that
  /// `fields` is not all.
  /// Errors: of the store.
  Result<std::optional<Members>> AssembleMembers(const CollectionPlan& plan, std::string_view key,
                                                 FieldSet fields);

 private:
  void AddFields(const CollectionPlan& plan, const LoadedRow& root, FieldSet fields,
                 Json& document);

  const std::vector<Place> no_places_;
  const std::int64_t clock_;
  RowReader rows_;
  ExpressionEvaluator evaluator_;
};

}  // namespace cacheindex::replication
