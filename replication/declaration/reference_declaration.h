#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "node/core/result.h"
#include "replication/rows/key_form.h"

namespace cacheindex::replication {

/// Columns of one declared reference, at most, as of PostgreSQL's foreign keys.
inline constexpr std::size_t kReferenceColumnsMax = 32;

/// A foreign key that the catalog does not declare: "sku.product_id -> product.id".
///
/// The values of the referring columns are read as the referred columns' types ('42' of a text as
/// the integer 42, 'A0EE-...' as a uuid). What cannot be read so, or is null, refers to nothing.
///
///   item.(order_id, shop_id) -> order.(id, shop_id)
///                                several columns
///   product.category_ids[] -> category.id
///                                each element of an array
///   category.split(path, '/') -> category.id
///                                each piece of a text that is not empty
///   category.prefixes(path, '.') -> category.path
///                                each beginning of a path that ends before a separator, and the
///                                path itself (`Top`, `Top.Science`); with a number in place of the
///                                separator each beginning of so many characters, twice as many ...
///   category.lft -> category.between(lft, rgt)
///   category.(tree_id, lft) -> category.(tree_id, between(lft, rgt))
///                                nested sets: the rows in whose bounds the number lies, the row
///                                itself included
///
/// Where one row may refer to several, a path along the reference gives many: in the order of the
/// elements, pieces or beginnings, of nested sets from the outermost inwards, each row once. One
/// row's values, and rows that enclose it, are kReferenceValuesMax at most.
struct ReferenceDeclaration {
  std::string from_table;
  /// As written: a column, or columns in parentheses.
  std::string from_column;
  std::string to_table;
  std::string to_column;
};

/// One column of a reference's side.
struct ReferenceColumn {
  std::string name;
  KeyForm::Spread spread = KeyForm::Spread::kOne;
  /// Of pieces and beginnings.
  std::string separator;
  /// Of beginnings without a separator.
  std::uint32_t step = 0;
  /// Of a span.
  std::string upper;
};

/// Reads a reference as the configuration spells it.
/// Errors: kInvalidArgument saying what is expected.
Result<ReferenceDeclaration> ParseReference(std::string_view text);

/// Reads the columns of one side.
/// Errors: as ParseReference.
Result<std::vector<ReferenceColumn>> ParseReferenceColumns(std::string_view text);

}  // namespace cacheindex::replication
