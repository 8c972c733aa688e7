#pragma once

#include <string>
#include <vector>

namespace cacheindex::test {

/// What a random writer may say to the server, and how often compared with the others.
///
/// In the text {40} is a number from 1 to 40, {text} a short quoted text, {long} one that is stored
/// outside of its row, and {a|b} is a or b. There are no other braces.
struct RandomStatement {
  int weight;
  std::string text;
};

/// Tables as a well-known shop program makes them, what a storefront shows of them, and the same
/// documents as SQL builds them: the files of one folder here.
struct SchemaShop {
  /// tables.sql creates the tables.
  std::string tables;
  /// rows.sql fills them.
  std::string rows;
  /// collections.toml has the collections of [source.shop]; `products` is compared.
  std::string collections;
  /// documents.sql returns a row for each document of `products`: its id and what is in it, as
  /// jsonb. Members that are null are taken out before the documents are compared, as the node
  /// leaves them out. {clock} in it is the second as of which the node shows its documents.
  std::string documents;
  /// writes.sql has a paragraph for each statement, which begins with "-- " and the weight.
  std::vector<RandomStatement> statements;
};

/// Reads the folder `name`. Throws std::runtime_error for a file that is missing or wrong.
SchemaShop ReadSchemaShop(const std::string& name);

}  // namespace cacheindex::test
