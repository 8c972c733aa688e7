#pragma once

#include <optional>
#include <vector>

#include "node/core/result.h"
#include "replication/assembly/row_reader.h"
#include "replication/declaration/collection_plan.h"
#include "replication/values/term.h"

namespace cacheindex::replication {

/// Levels of a tree, at most; a tree that refers back to itself ends where it would repeat.
inline constexpr std::size_t kTreeDepthMax = 32;

/// Evaluates the expressions of one plan about rows of one view.
///
/// Results borrow from rows and scratch: use them before the next document. A failure of the store
/// makes values null and is kept in failure().
class ExpressionEvaluator {
 public:
  ExpressionEvaluator(const std::vector<Place>& places, RowReader& rows)
      : places_(&places), rows_(rows) {}

  /// `clock`: what now() is, in seconds since 1970 UTC.
  void BeginDocument(const std::vector<Place>& places, std::int64_t clock) {
    places_ = &places;
    clock_ = clock;
    due_.reset();
    scratch_.Clear();
    failure_.reset();
    rows_.BeginDocument();
  }
  /// Of this document. kUnprocessable means that it has too many rows, others are of the store.
  const std::optional<Error>& failure() const noexcept { return failure_; }

  /// Returns the next second of the clock at which what was evaluated of this document may be
  /// something else although no row changed; nullopt when there is none.
  std::optional<std::int64_t> due() const noexcept { return due_; }

  /// Requires an expression of one value.
  Term One(const Expression& expression, const LoadedRow& row);
  /// Appends all values that are not null. Returns whether others are.
  bool Many(const Expression& expression, const LoadedRow& row, std::vector<Term>& terms);
  /// Returns the value as it stands in a document: null for nothing, an array for many.
  Json Value(const Expression& expression, const LoadedRow& row, WantedType wanted, bool is_array);

 private:
  RowReader::Rows Rows(const std::vector<PathStep>& steps, const LoadedRow& row);
  void Narrow(const PathStep& step, RowReader::Rows& rows);
  Term Column(std::uint32_t slot, const LoadedRow& row);
  Term Member(const Expression& member, const LoadedRow& row);
  bool ManyOfCall(const Expression& call, const LoadedRow& row, std::vector<Term>& terms);
  Json Array(const Term& array, WantedType wanted);
  Term Call(const Expression& call, const LoadedRow& row);
  Term CallOne(const Expression& call, const LoadedRow& row);
  Term CallText(const Expression& call, const LoadedRow& row);
  Term CallMany(const Expression& call, const LoadedRow& row);
  Term Compared(const Expression& call, const LoadedRow& row);
  Term CallTime(const Expression& call, const LoadedRow& row);
  void NoteCrossing(std::int64_t moving, std::int64_t fixed);
  Json Object(const Expression& object, const LoadedRow& row);
  Json Pivot(const Expression& pivot, const LoadedRow& row, WantedType wanted, bool is_array);
  Json Levels(const Expression& levels, const LoadedRow& row);
  Term IsIn(const Expression& call, const LoadedRow& row);
  std::vector<Term> FromRoot(const Expression& tree, const LoadedRow& row);

  const std::vector<Place>* places_;
  RowReader& rows_;
  Scratch scratch_;
  std::optional<Error> failure_;
  std::int64_t clock_ = 0;
  std::optional<std::int64_t> due_;
};

}  // namespace cacheindex::replication
