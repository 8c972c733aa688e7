#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cache/numbers.h"
#include "cache/view.h"
#include "index/schema/name_pattern.h"
#include "index/text/text_rules.h"
#include "node/core/json.h"
#include "node/core/result.h"

namespace cacheindex::index {

/// The field types of the contract (API.md 2.6), without their array forms.
enum class FieldType {
  kString,
  kInt32,
  kInt64,
  kFloat,
  kBool,
  kGeopoint,
  kGeopolygon,
  kObject,
  /// Decided by the first value that arrives.
  kAuto,
  /// `string*`: string or string[] as the first value is, other scalars written as text.
  kStringAuto,
};

/// What a schema says about one field, or about every field that a pattern matches.
struct FieldDefinition {
  /// A dotted path, or what patterns are written as when is_pattern.
  std::string name;
  FieldType type = FieldType::kString;
  bool is_array = false;
  /// `.*` and names with regular-expression characters: a rule for fields yet unknown.
  bool is_pattern = false;
  bool facet = false;
  bool index = true;
  bool optional = false;
  bool sort = false;
  bool store = true;
  bool infix = false;
  bool stem = false;
  std::string locale;
  /// What else the client said of the field, echoed unchanged.
  Json extra = Json::object();
};

/// Where the values of one concrete, indexed field live. Columns that a type does not need are 0.
struct FieldStorage {
  /// Names the field in the text index's terms.
  std::uint32_t number = 0;
  /// Wide. Numbers, booleans and geopoints as column_value.h encodes them; geopolygons as
  /// filter/geo_area.h does; for facet strings the ordinals of the value dictionary that the
  /// column's entries hold (value_dictionary.h), for other strings hashes of their whole forms
  /// (whole_form.h), which fields of earlier versions lack.
  cache::ColumnNumber values{};
  /// Narrow. Strings: word numbers in order (word_dictionary.h), elements of arrays separated by
  /// kWordSeparator.
  cache::ColumnNumber words{};
  /// Wide. Strings with sort: the first eight bytes of the normal form, ordered as column_value.h
  /// says.
  cache::ColumnNumber sort_key{};
  /// How its text is split into words; null: as usual.
  std::shared_ptr<const TextRules> text_rules;
};

inline const TextRules& RulesOf(const FieldStorage& storage) {
  return storage.text_rules == nullptr ? TextRules::Default() : *storage.text_rules;
}

struct Field {
  FieldDefinition definition;
  FieldStorage storage;
};

/// The fields of one collection at one version, and its settings.
///
/// Threads: immutable once shared.
struct Schema {
  cache::CollectionNumber collection{};
  std::uint64_t version = 0;
  std::string name;
  std::string default_sorting_field;
  bool enable_nested_fields = false;
  std::int64_t created_at = 0;
  /// What else the client said of the collection (token_separators, metadata, ...), echoed.
  Json extra = Json::object();

  /// Presence of every document: one value, 0, for each.
  cache::ColumnNumber documents_column{};
  /// Wide. Of a collection that other nodes build too, at other moments: every document's place in
  /// the order of ids (id_order.h), because there the numbers tell nothing. 0: documents that all
  /// sort keys leave equal stand in the order of their numbers, which is that of their creation.
  cache::ColumnNumber id_order_column{};
  /// Entries: the collection's words (word_dictionary.h).
  cache::ColumnNumber words_column{};
  /// Entries: one record for each element of `fields`.
  cache::ColumnNumber fields_column{};

  /// Concrete fields and patterns in declared order; discovered ones after them in the order of
  /// discovery.
  std::vector<Field> fields;

  /// Returns the concrete field of that name, nullptr when there is none.
  const Field* Find(std::string_view name) const;
  /// Returns the first pattern that matches `name`, nullptr when none does.
  const FieldDefinition* FindPattern(std::string_view name) const;

  /// Appends `field`, gives it its text_rules, and keeps the look-ups below true.
  /// Errors: kInvalidArgument when it is a malformed pattern, or its rules are malformed.
  Result<void> Append(Field field);

  // Look-ups, kept by Append.
  /// Positions in `fields` of concrete fields, by name.
  std::map<std::string, std::size_t, std::less<>> by_name;
  struct Pattern {
    std::size_t position = 0;
    NameMatcher matches;
  };
  std::vector<Pattern> patterns;
  /// Positions of the concrete fields that every document must have.
  std::vector<std::size_t> required;
};

}  // namespace cacheindex::index
