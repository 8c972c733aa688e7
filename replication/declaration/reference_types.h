#pragma once

#include "node/core/result.h"
#include "replication/declaration/reference_declaration.h"
#include "replication/rows/key_form.h"
#include "replication/rows/table.h"

namespace cacheindex::replication {

// Private to the making of plans: which columns can refer to which.

/// How the values of both columns of a reference become equal keys.
struct ReferenceForms {
  KeyForm from;
  KeyForm to;
  /// Values of the referring column that differ refer to different rows.
  bool keeps_apart = true;
};

/// Returns the forms for values of `from` that refer to values of `to`; `column` says which values
/// of `from`.
/// Errors: kInvalidArgument naming the columns that cannot be compared, and why.
Result<ReferenceForms> FormsOf(const TableColumn& from, const ReferenceColumn& column,
                               const TableColumn& to);

/// Returns the same for a whole number that refers to spans from `lower` to `upper`: the form of
/// `lower`.
/// Errors: as FormsOf.
Result<KeyForm> SpanFormOf(const TableColumn& from, const TableColumn& lower,
                           const TableColumn& upper);

/// Returns whether a key value of the column has a known number of bytes, few enough to stand in
/// front of a span.
bool IsShort(const TableColumn& column);

}  // namespace cacheindex::replication
