#pragma once

#include <string>
#include <vector>

#include "node/core/json.h"
#include "node/core/result.h"
#include "replication/reference_declaration.h"

namespace cacheindex::replication {

/// One field of a managed collection: where its value comes from, and what the schema says of it.
///
/// The language of `from` and of filters speaks about one row: a row of the root table, or of the
/// table that a path has led to.
///
///   title                        a column
///   brand.name                   a column of the one row that a foreign key names: through the
///   brand_id.name                referenced table's name, or the key's column where several keys
///                                lead there
///   sku.code                     rows that refer to this one: an array, ordered by their keys
///   product_tag.tag.name         and on through their foreign keys: many to many
///   sku[where price > 0 order by price desc limit 3].code
///   link[via from_id].to_id.name the rows of `link` whose from_id is this row
///   sku{code, price: price_cents / 100, stock: sum(stock.quantity)}
///                                an object of one row, an array of objects of many; without a
///                                path in front of the braces an object of the row at hand
///   pivot(product_attribute, attribute.name, text_value)
///                                an object with a member for each of many rows: its name, its
///                                value
///   levels(category, name, ' > ')
///                                {"lvl0": "Home", "lvl1": "Home > Beds"}: from the row that the
///                                path finds up to the root of the tree in which its table refers
///                                to itself; arrays where the path finds many
///   'EUR'  12  0.5  true  null   constants
///   + - * /  = != < <= > >=  and or not  is null  in ('a', 'b')
///                                decimals are exact; nothing compares with null
///   count sum min max mean first of many values or rows (count), exists(rows), any(condition),
///   list(a, b)  coalesce(a, b)  if(condition, a, b)  json(text)  text(x)  lower(text)
///   join(values, ', ')  concat(a, b)  round(x, digits)  unix(timestamp)  distinct(values)
///
/// Names that are no plain words are quoted: "order".id. A field named "attributes.*" or "attr_*"
/// takes each member of an object for a field of its own, the member's name in place of the star.
struct FieldDeclaration {
  /// Dotted for a member of an object.
  std::string name;
  /// The path or expression, as written.
  std::string from;
  /// The contract's attributes of the field (type, facet, index, sort, optional, locale, ...)
  /// without its name. The type is derived from the column when it is missing.
  Json schema;
  /// Used where the path finds nothing; null for none.
  Json default_value;
};

/// A managed collection as the configuration spells it, not yet checked against a catalog.
struct CollectionDeclaration {
  std::string name;
  /// The table of which each row is one document; its key is the document's id.
  std::string root;
  /// Which rows of the root are documents; empty for all.
  std::string filter;
  std::vector<FieldDeclaration> fields;
  std::vector<ReferenceDeclaration> references;
  /// The contract's attributes of the collection (default_sorting_field, token_separators, ...).
  Json schema;
};

/// Reads one declaration from the configuration's table:
///
///   name = "products"
///   root = "product"
///   filter = "published = true"
///   references = ["category.pid -> category.id"]
///   fields = [
///     { name = "title", from = "title" },
///     { name = "brand", from = "brand.name", facet = true, default = "no name" },
///   ]
///   default_sorting_field = "popularity"
///
/// What a reference may be is said in reference_declaration.h. `from` may be missing where it is
/// the name; other keys of a field and of the collection are the contract's. Errors:
/// kInvalidArgument naming the key.
Result<CollectionDeclaration> ParseCollectionDeclaration(const Json& table);

}  // namespace cacheindex::replication
