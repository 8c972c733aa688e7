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
#include "index/words/text_rules.h"
#include "node/core/json.h"
#include "node/core/result.h"

namespace cacheindex::index {

/// The field types of the contract (api/README.md 2.6), without their array forms.
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
  /// Of a pattern that ends with a star: the star stands for any characters, all others for
  /// themselves.
  bool is_prefix = false;
  bool facet = false;
  bool index = true;
  bool optional = false;
  bool sort = false;
  bool store = true;
  bool infix = false;
  bool stem = false;
  /// Whether a first value gave it its type and nobody asked for that: it becomes wider for what it
  /// cannot hold (an int64 a float), where that loses nothing. Not part of its description.
  bool is_open = false;
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
  /// Returns the place in `fields` of the first pattern that matches `name`, nullopt when none
  /// does.
  std::optional<std::size_t> FindPattern(std::string_view name) const;
  /// Returns whether stored documents may have values under a name that no field has now. Of a name
  /// that was never met they have none: it would be a field, or no rule covered it, and with every
  /// new rule the stored documents are looked through.
  bool MayBeStored(std::string_view name) const;

  /// Names of dropped fields, with the numbers of their records. The empty name stands for all that
  /// are beyond kDroppedNamesMax.
  std::map<std::string, std::uint32_t, std::less<>> dropped;
  static constexpr std::size_t kDroppedNamesMax = 20'000;

  /// By the names of fields that could not come or become wider: the id of the stored document that
  /// was in the way. A hint where to look first, which the writer's copy alone has.
  std::map<std::string, std::string, std::less<>> obstacles;

  /// Appends `field`, gives it its text_rules, and keeps the look-ups below true.
  /// Errors: kInvalidArgument when it is a malformed pattern, or its rules are malformed.
  Result<void> Append(Field field);
  /// Puts `definition` in the place of the field of its name, else behind all, without storage: for
  /// a copy that shows what the schema would be. Errors: as Append.
  Result<void> Try(FieldDefinition definition);

  // Look-ups, kept by Append.
  /// Places in `fields` of concrete fields, by name.
  std::map<std::string, std::size_t, std::less<>> by_name;
  struct Pattern {
    std::size_t position = 0;
    NameMatcher matches;
  };
  std::vector<Pattern> patterns;
  /// Places of the concrete fields that every document must have.
  std::vector<std::size_t> required;
  /// Names of the concrete fields with `store: false`. Their values are kept with the documents,
  /// from which everything else is made again, and are never shown (projection.h).
  std::vector<std::string> hidden;
};

}  // namespace cacheindex::index
