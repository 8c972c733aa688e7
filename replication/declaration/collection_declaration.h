#pragma once

#include <string>
#include <vector>

#include "node/core/json.h"
#include "node/core/result.h"
#include "replication/declaration/reference_declaration.h"

namespace cacheindex::replication {

/// Counts what expressions have meant: one more whenever the same text gives other values.
inline constexpr int kLanguageVersion = 5;

/// One field of a managed collection: where its value comes from, and what the schema says of it.
///
/// The language of `from` and of filters speaks about one row: a row of the root table, or of the
/// table that a path has led to. replication/README.md is its reference. A field named
/// "attributes.*" or "attr_*" takes each member of an object for a field of its own, the member's
/// name in place of the star.
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
  /// The root's column that is the document's id; empty for the key.
  std::string id;
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
///   id = "handle"
///   filter = "published = true"
///   references = ["category.pid -> category.id"]
///   fields = [
///     { name = "title", from = "title" },
///     { name = "brand", from = "brand.name", facet = true, default = "no name" },
///   ]
///   default_sorting_field = "popularity"
///
/// What a reference may be is said in reference_declaration.h. `from` may be missing where it is
/// the name; other keys of a field and of the collection are the contract's.
struct ReadDeclaration {
  /// As far as it can be read.
  CollectionDeclaration declaration;
  /// One sentence for each, naming the key.
  std::vector<std::string> mistakes;
};
ReadDeclaration ReadCollectionDeclaration(const Json& table);

/// As ReadCollectionDeclaration. Errors: kInvalidArgument with a line for each mistake.
Result<CollectionDeclaration> ParseCollectionDeclaration(const Json& table);

}  // namespace cacheindex::replication
