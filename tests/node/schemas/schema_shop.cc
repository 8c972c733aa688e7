#include "tests/node/schemas/schema_shop.h"

#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>

namespace cacheindex::test {
namespace {

std::string ReadFile(const std::string& path) {
  std::ifstream stream(path);
  std::string text{std::istreambuf_iterator<char>(stream), {}};
  if (text.empty()) {
    throw std::runtime_error("nothing in " + path);
  }
  return text;
}

std::vector<RandomStatement> ParseStatements(const std::string& text) {
  std::vector<RandomStatement> statements;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("-- ")) {
      statements.push_back({std::stoi(line.substr(3)), ""});
    } else if (!line.empty()) {
      statements.at(statements.size() - 1).text += line + "\n";
    }
  }
  return statements;
}

}  // namespace

SchemaShop ReadSchemaShop(const std::string& name) {
  const std::string folder = std::string(CACHEINDEX_SCHEMAS) + "/" + name + "/";
  return {.tables = ReadFile(folder + "tables.sql"),
          .rows = ReadFile(folder + "rows.sql"),
          .collections = ReadFile(folder + "collections.toml"),
          .documents = ReadFile(folder + "documents.sql"),
          .statements = ParseStatements(ReadFile(folder + "writes.sql"))};
}

}  // namespace cacheindex::test
