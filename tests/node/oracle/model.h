#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "node/core/document.h"
#include "node/core/error.h"
#include "node/core/json.h"
#include "tests/node/oracle/shape.h"

namespace cacheindex::test {

// NOLINTNEXTLINE(bugprone-exception-escape): maps and JSON may throw when they are moved.
struct ModelDocument {
  /// Given when the id first came, new when it comes again after a deletion.
  DocumentNumber number = 0;
  Json fields;
  /// Of each string field, the words of each reading of each element.
  std::map<std::string, std::vector<const std::vector<std::string>*>> words;
};

/// What a collection must hold: plain JSON in a map, and the fields that searches can name. Every
/// answer of the naive evaluation comes from here by looking at every document.
class Model {
 public:
  explicit Model(const Shape& shape);

  /// Returns the code of the error that the contract has for this write (api/README.md 2.6); then
  /// nothing has changed.
  std::optional<ErrorCode> Write(WriteAction action, const Json& document);
  /// Returns whether there was such a document.
  bool Delete(const std::string& id);

  /// Changes the schema; documents that have a value of a new field are found by it.
  void AddField(const ModelField& field);
  void DropField(const std::string& name);
  /// Whether a value at `path` becomes a field by itself.
  bool IsDiscovered(const std::string& path) const { return FindRule(path) != nullptr; }

  const std::map<std::string, ModelDocument>& documents() const { return documents_; }
  /// In the order of the schema: declared ones, then as they were discovered.
  const std::vector<ModelField>& fields() const { return fields_; }
  const ModelField* Find(std::string_view name) const;
  const std::string& default_sorting_field() const { return default_sorting_field_; }
  bool is_nested() const { return is_nested_; }
  bool orders_by_id() const { return orders_by_id_; }
  /// Names of fields that no document has a value of: a node that is built now does not know those
  /// that were discovered.
  std::vector<std::string> FieldsWithoutValues() const;

 private:
  void AddDiscovered(const std::string& writer_id, ModelField field);
  void Discover(const std::string& path, const Json& value, bool inside_array,
                std::map<std::string, ModelField>& discovered) const;
  const DiscoveryRule* FindRule(const std::string& path) const;
  void SetWords(ModelDocument& document) const;

  std::vector<ModelField> fields_;
  std::vector<std::string> required_;
  std::vector<DiscoveryRule> patterns_;
  std::vector<DiscoveryRule> objects_;
  std::string default_sorting_field_;
  bool is_nested_;
  bool orders_by_id_;
  std::map<std::string, ModelDocument> documents_;
  DocumentNumber last_number_ = 0;
};

/// Returns the values at a dotted path, through arrays, without nulls.
std::vector<Json> ValuesAt(const Json& value, std::string_view path);

/// Returns the words of each way in which a search finds a text (index/words/readings.h).
const std::vector<std::vector<std::string>>& SearchedReadingsOf(const std::string& text);

/// Returns the normalised words of a text, and once more with hyphens that join where that differs.
/// Remembers them, for ever: texts repeat.
const std::vector<std::vector<std::string>>& ReadingsOf(const std::string& text);

/// Returns the first reading.
const std::vector<std::string>& WordsOf(const std::string& text);

}  // namespace cacheindex::test
