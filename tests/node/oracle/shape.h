#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "node/core/json.h"
#include "tests/node/oracle/random.h"
#include "tests/node/oracle/vocabulary.h"

namespace cacheindex::test {

enum class ValueKind { kString, kInteger32, kInteger64, kFloat, kBool };

/// A field that searches can name.
struct ModelField {
  std::string name;
  ValueKind kind = ValueKind::kString;
  bool is_array = false;
  bool facet = false;
  bool sort = false;
  /// A first value gave it its kind; a fraction makes a float of an integer.
  bool is_open = false;
};

bool IsNumber(ValueKind kind);

/// What makes fields out of names that the schema does not list: a pattern, or an object field.
struct DiscoveryRule {
  /// Of the names that it covers.
  std::string begin{};
  bool facet = false;
  /// For strings; everything else can be sorted on.
  bool sort = false;
  /// Unset: as the first value is.
  std::optional<ValueKind> kind{};
};

/// What the documents of one random collection look like.
struct Property {
  std::string name;
  ValueKind kind = ValueKind::kString;
  bool is_array = false;
  bool is_required = false;
  std::size_t presence_percent = 80;
  /// For floats: what has no fraction is written without one.
  bool is_short = false;
  /// Not empty for objects (is_array: for arrays of objects).
  std::vector<Property> members{};
};

/// One random collection: its schema as it is sent, and what the model knows of it.
// NOLINTNEXTLINE(bugprone-exception-escape): JSON may throw when it is moved.
struct Shape {
  Json schema;
  bool is_nested = false;
  std::string default_sorting_field;
  std::vector<ModelField> declared;
  std::vector<std::string> required;
  std::vector<DiscoveryRule> patterns;
  std::vector<DiscoveryRule> objects;
  std::vector<Property> properties;
  /// Other nodes have the same documents, so that what keys leave equal stands by its id.
  bool orders_by_id = false;
  /// How the ids are made.
  enum class Ids { kLetter, kNumbers, kLongNumbers, kPairs, kLongTexts };
  Ids ids = Ids::kLetter;
};

/// Returns the id of the document with this number, as the shape spells ids.
std::string IdOf(const Shape& shape, std::size_t number);

Shape RandomShape(Random& random);

/// Returns the field as an element of a schema's `fields`.
Json Describe(const ModelField& field, bool is_required);

/// Makes random documents of one shape.
class DocumentMaker {
 public:
  DocumentMaker(const Shape& shape, Random& random)
      : shape_(&shape), phrases_(random, 3 + random.Below(8)) {}

  /// Returns a document with every required value, sometimes without others.
  Json Whole(Random& random, const std::string& id) const;
  /// Returns some values to merge into a document.
  Json Partial(Random& random, const std::string& id) const;

 private:
  Json Value(Random& random, const Property& property) const;
  static void AddPlaces(Random& random, std::size_t percent, Json& document);
  Json Scalar(Random& random, const Property& property) const;

  const Shape* shape_;
  Phrases phrases_;
};

/// Returns a number as the documents have them, so that filters meet them.
Json RandomNumber(Random& random, ValueKind kind);

}  // namespace cacheindex::test
