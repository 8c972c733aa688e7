#include "tests/node/oracle/shape.h"

#include <cmath>
#include <limits>
#include <utility>

#include "tests/node/oracle/places.h"

namespace cacheindex::test {
namespace {

std::string TypeName(ValueKind kind, bool is_array) {
  std::string name = "string";
  switch (kind) {
    case ValueKind::kString:
      break;
    case ValueKind::kInteger32:
      name = "int32";
      break;
    case ValueKind::kInteger64:
      name = "int64";
      break;
    case ValueKind::kFloat:
      name = "float";
      break;
    case ValueKind::kBool:
      name = "bool";
      break;
  }
  return is_array ? name + "[]" : name;
}

// Collects the schema while the shape grows.
class ShapeMaker {
 public:
  explicit ShapeMaker(Random& random) : random_(&random) {}

  Shape Make() {
    static const std::vector<Shape::Ids> kIds = {Shape::Ids::kLetter,  Shape::Ids::kNumbers,
                                                 Shape::Ids::kNumbers, Shape::Ids::kLongNumbers,
                                                 Shape::Ids::kPairs,   Shape::Ids::kLongTexts};
    shape_.is_nested = random_->Chance(75);
    shape_.orders_by_id = random_->Chance(50);
    shape_.ids = random_->Pick(kIds);
    Scalars();
    Arrays();
    if (shape_.is_nested) {
      Objects();
    }
    Attributes();
    fields_.push_back({{"name", kPlaceField}, {"type", "geopoint"}, {"optional", true}});
    fields_.push_back({{"name", kPlacesField}, {"type", "geopoint[]"}, {"optional", true}});
    fields_.push_back({{"name", kAreaField}, {"type", "geopolygon"}, {"optional", true}});
    shape_.schema = {{"name", "things"},
                     {"fields", std::move(fields_)},
                     {"enable_nested_fields", shape_.is_nested}};
    if (!shape_.default_sorting_field.empty()) {
      shape_.schema["default_sorting_field"] = shape_.default_sorting_field;
    }
    return std::move(shape_);
  }

 private:
  // Adds a property and, mostly, declares it.
  void Add(const std::string& name, ValueKind kind, bool is_array, std::size_t required_percent) {
    const bool is_declared = random_->Chance(85);
    const bool is_required = is_declared && random_->Chance(required_percent);
    shape_.properties.push_back({.name = name,
                                 .kind = kind,
                                 .is_array = is_array,
                                 .is_required = is_required,
                                 .presence_percent = 60 + random_->Below(40)});
    if (is_declared) {
      Declare(name, kind, is_array, is_required);
    }
  }

  void Declare(const std::string& name, ValueKind kind, bool is_array, bool is_required) {
    ModelField field{.name = name,
                     .kind = kind,
                     .is_array = is_array,
                     .facet = random_->Chance(60),
                     .sort = !is_array && (kind != ValueKind::kString || random_->Chance(60))};
    if (is_required) {
      shape_.required.push_back(name);
    }
    const bool may_sort_by_default = is_required && !is_array && IsNumber(kind);
    if (may_sort_by_default && shape_.default_sorting_field.empty() && random_->Chance(50)) {
      shape_.default_sorting_field = name;
    }
    fields_.push_back(Describe(field, is_required));
    shape_.declared.push_back(std::move(field));
  }

  void Scalars() {
    Add("title", ValueKind::kString, false, 60);
    Add("brand", ValueKind::kString, false, 20);
    if (random_->Chance(70)) {
      Add("note", ValueKind::kString, false, 10);
    }
    Add("rank", ValueKind::kInteger32, false, 60);
    Add("stock", ValueKind::kInteger64, false, 10);
    Add("price", ValueKind::kFloat, false, 40);
    Add("in_stock", ValueKind::kBool, false, 20);
  }

  void Arrays() {
    Add("tags", ValueKind::kString, true, 20);
    if (random_->Chance(50)) {
      Add("lines", ValueKind::kString, true, 0);
    }
    static const std::vector<std::pair<std::string, ValueKind>> kNumbers = {
        {"sizes", ValueKind::kInteger32},
        {"serials", ValueKind::kInteger64},
        {"ratings", ValueKind::kFloat},
        {"flags", ValueKind::kBool}};
    for (const auto& [name, kind] : kNumbers) {
      if (random_->Chance(50)) {
        Add(name, kind, true, 10);
      }
    }
  }

  void Objects() {
    Property country{.name = "country", .members = {{.name = "code"}, {.name = "name"}}};
    const std::vector<Property> maker = {
        {.name = "name"}, {.name = "year", .kind = ValueKind::kInteger32}, std::move(country)};
    const std::vector<Property> variants = {{.name = "color"},
                                            {.name = "amount", .kind = ValueKind::kInteger32},
                                            {.name = "weight", .kind = ValueKind::kFloat},
                                            {.name = "sold", .kind = ValueKind::kBool},
                                            {.name = "tags", .is_array = true}};
    AddObject({.name = "maker", .members = maker});
    AddObject({.name = "variants", .is_array = true, .members = variants});
  }

  void AddObject(const Property& object) {
    shape_.properties.push_back(object);
    if (random_->Chance(60)) {
      const bool facet = random_->Chance(60);
      fields_.push_back({{"name", object.name},
                         {"type", object.is_array ? "object[]" : "object"},
                         {"facet", facet},
                         {"optional", true}});
      shape_.objects.push_back({.begin = object.name + ".", .facet = facet});
    }
    for (const Property& member : object.members) {
      if (member.members.empty() && random_->Chance(50)) {
        Declare(object.name + "." + member.name, member.kind, object.is_array || member.is_array,
                false);
      }
    }
  }

  void Attributes() {
    for (Property property :
         std::vector<Property>{{.name = "attr_color"},
                               {.name = "attr_count", .kind = ValueKind::kInteger32},
                               {.name = "attr_weight", .kind = ValueKind::kFloat, .is_short = true},
                               {.name = "attr_new", .kind = ValueKind::kBool},
                               {.name = "attr_tags", .is_array = true}}) {
      property.presence_percent = 30 + random_->Below(50);
      shape_.properties.push_back(std::move(property));
    }
    if (random_->Chance(30)) {
      AddPattern("attr_(color|tags)", "string*", {{.begin = "attr_color"}, {.begin = "attr_tags"}});
    }
    if (random_->Chance(30)) {
      AddPattern("attr_w.*", "float", {{.begin = "attr_w", .kind = ValueKind::kFloat}});
    }
    if (random_->Chance(50)) {
      AddPattern("attr_.*", "auto", {{.begin = "attr_"}});
    } else if (random_->Chance(40)) {
      AddPattern(".*", "auto", {{}});
    }
  }

  // `rules` is what the pattern means for the names that occur.
  void AddPattern(const std::string& name, const std::string& type,
                  std::vector<DiscoveryRule> rules) {
    const bool facet = random_->Chance(60);
    const bool sort = random_->Chance(50);
    fields_.push_back({{"name", name}, {"type", type}, {"facet", facet}, {"sort", sort}});
    for (DiscoveryRule& rule : rules) {
      rule.facet = facet;
      rule.sort = sort;
      shape_.patterns.push_back(std::move(rule));
    }
  }

  Random* random_;
  Shape shape_;
  Json fields_ = Json::array();
};

}  // namespace

bool IsNumber(ValueKind kind) {
  return kind == ValueKind::kInteger32 || kind == ValueKind::kInteger64 ||
         kind == ValueKind::kFloat;
}

std::string IdOf(const Shape& shape, std::size_t number) {
  const std::string digits = std::to_string(number);
  switch (shape.ids) {
    case Shape::Ids::kLetter:
      return "d" + digits;
    case Shape::Ids::kNumbers:
      return std::to_string(static_cast<std::int64_t>(number) - 20);
    case Shape::Ids::kLongNumbers:
      // Some beyond 64 bits, some spelled unlike numbers.
      return (number % 3 == 0   ? "-"
              : number % 3 == 1 ? ""
                                : "0") +
             std::string("98765432109876543210").substr(0, 1 + number % 20) + digits;
    case Shape::Ids::kPairs:
      return std::to_string(number % 5) + ":" + (number % 2 == 0 ? "" : "x") + digits;
    case Shape::Ids::kLongTexts:
      return "product-" + digits;
  }
  return digits;
}

Shape RandomShape(Random& random) { return ShapeMaker(random).Make(); }

Json Describe(const ModelField& field, bool is_required) {
  Json body = {{"name", field.name}, {"type", TypeName(field.kind, field.is_array)}};
  if (field.facet) {
    body["facet"] = true;
  }
  if (field.kind == ValueKind::kString && field.sort) {
    body["sort"] = true;
  }
  if (!is_required) {
    body["optional"] = true;
  }
  return body;
}

Json RandomNumber(Random& random, ValueKind kind) {
  static const std::vector<double> kFloats = {19.99, -0.5, 0.0,  -0.0, 0.1,    1.0,
                                              2.25,  1e10, 3.75, -7.0, 123.45, 0.25};
  static const std::vector<std::int64_t> kLarge = {
      std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max(),
      9'007'199'254'740'993, -9'007'199'254'740'993, 5'000'000'000};
  static const std::vector<std::int64_t> kWide = {std::numeric_limits<std::int32_t>::min(),
                                                  std::numeric_limits<std::int32_t>::max(),
                                                  1'000'000, 70'000};
  if (kind == ValueKind::kFloat) {
    return random.Chance(80) ? random.Pick(kFloats)
                             : static_cast<double>(random.Between(-400, 400)) / 4;
  }
  if (kind == ValueKind::kInteger64 && random.Chance(6)) {
    return random.Pick(kLarge);
  }
  return random.Chance(5) ? random.Pick(kWide) : random.Between(-5, 15);
}

Json DocumentMaker::Scalar(Random& random, const Property& property) const {
  if (property.kind == ValueKind::kBool) {
    return random.Chance(50);
  }
  if (property.kind != ValueKind::kString) {
    Json number = RandomNumber(random, property.kind);
    if (property.is_short && number.get<double>() == std::trunc(number.get<double>())) {
      return number.get<std::int64_t>();
    }
    return number;
  }
  const bool is_long = property.name == "title" || property.name == "note";
  return is_long || random.Chance(10) ? RandomText(random, is_long ? 7 : 4) : phrases_.Pick(random);
}

Json DocumentMaker::Value(Random& random, const Property& property) const {
  if (property.is_array) {
    Json array = Json::array();
    const std::size_t size = random.Below(5);
    for (std::size_t i = 0; i < size; ++i) {
      Property element = property;
      element.is_array = false;
      array.push_back(Value(random, element));
    }
    return array;
  }
  if (property.members.empty()) {
    return Scalar(random, property);
  }
  Json object = Json::object();
  for (const Property& member : property.members) {
    if (random.Chance(member.presence_percent)) {
      object[member.name] = Value(random, member);
    }
  }
  return object;
}

void DocumentMaker::AddPlaces(Random& random, std::size_t percent, Json& document) {
  if (random.Chance(percent)) {
    document[kPlaceField] = ToJson(RandomPlace(random));
  }
  if (random.Chance(percent)) {
    Json& places = document[kPlacesField] = Json::array();
    for (std::size_t i = random.Below(3); i > 0; --i) {
      places.push_back(ToJson(RandomPlace(random)));
    }
  }
  if (random.Chance(percent)) {
    document[kAreaField] = RandomArea(random);
  }
}

Json DocumentMaker::Whole(Random& random, const std::string& id) const {
  Json document = {{"id", id}};
  for (const Property& property : shape_->properties) {
    if (property.is_required || random.Chance(property.presence_percent)) {
      document[property.name] = Value(random, property);
    }
    if (!property.is_required && random.Chance(2)) {
      document[property.name] = nullptr;
    }
  }
  AddPlaces(random, 70, document);
  return document;
}

Json DocumentMaker::Partial(Random& random, const std::string& id) const {
  Json document = {{"id", id}};
  for (const Property& property : shape_->properties) {
    if (random.Chance(15)) {
      document[property.name] = Value(random, property);
    } else if (random.Chance(2)) {
      // Removes the value; refused where one is required.
      document[property.name] = nullptr;
    }
  }
  AddPlaces(random, 10, document);
  return document;
}

}  // namespace cacheindex::test
