#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "cache/numbers.h"
#include "replication/declaration/collection_declaration.h"
#include "replication/rows/log_position.h"

namespace cacheindex::replication {

/// A declared collection that a generation does without, because a table that it is made of cannot
/// be followed or copied: the others need not wait for it (replication/README.md B26).
struct SetAsideCollection {
  std::string collection;
  /// As the catalog names it: schema.table.
  std::string table;
  /// What is wrong with the table, and what mends it where that is known.
  std::string reason;
  /// Readers still have the documents of a former generation, as they were at this position; 0 when
  /// there was none that had them.
  LogPosition kept_at{};
  /// Where they are, when there are any.
  cache::CollectionNumber kept_as{};

  bool operator==(const SetAsideCollection&) const = default;
};

using SetAsideCollections = std::vector<SetAsideCollection>;

inline bool IsSetAside(const SetAsideCollections& all, std::string_view collection) {
  return std::any_of(all.begin(), all.end(), [collection](const SetAsideCollection& set_aside) {
    return set_aside.collection == collection;
  });
}

/// Returns the declarations that are not set aside.
inline std::vector<CollectionDeclaration> WithoutSetAside(
    std::vector<CollectionDeclaration> declarations, const SetAsideCollections& all) {
  std::erase_if(declarations, [&all](const CollectionDeclaration& declaration) {
    return IsSetAside(all, declaration.name);
  });
  return declarations;
}

}  // namespace cacheindex::replication
