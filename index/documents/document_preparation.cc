#include "index/documents/document_preparation.h"

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "index/geo/geo_area.h"
#include "index/schema/coercion.h"
#include "index/schema/field_values.h"
#include "index/schema/schema_definition.h"
#include "index/words/tokenizer.h"
#include "node/core/long_number.h"

namespace cacheindex::index {
namespace {

// A field is told by what a first value is. Nothing is told by null, an empty array or an object.
struct Inferred {
  FieldType type;
  bool is_array;
};

std::optional<FieldType> InferScalar(const Json& value) {
  if (value.is_string()) {
    return FieldType::kString;
  }
  if (value.is_boolean()) {
    return FieldType::kBool;
  }
  if (value.is_number_integer()) {
    return FieldType::kInt64;
  }
  return IsNumber(value) ? std::optional(FieldType::kFloat) : std::nullopt;
}

std::optional<Inferred> Infer(const Json& value, bool inside_array) {
  if (!value.is_array()) {
    const auto type = InferScalar(value);
    return type ? std::optional(Inferred{*type, inside_array}) : std::nullopt;
  }
  std::optional<FieldType> type;
  for (const Json& element : value) {
    const auto element_type = InferScalar(element);
    if (!type || (type == FieldType::kInt64 && element_type == FieldType::kFloat)) {
      type = element_type;
    }
  }
  return type ? std::optional(Inferred{*type, true}) : std::nullopt;
}

class Preparation {
 public:
  Preparation(const Schema& schema, const PreparationOptions& options)
      : schema_(&schema),
        may_coerce_(options.dirty_values == DirtyValues::kCoerceOrReject ||
                    options.dirty_values == DirtyValues::kCoerceOrDrop),
        may_drop_(options.dirty_values == DirtyValues::kCoerceOrDrop ||
                  options.dirty_values == DirtyValues::kDrop),
        is_lenient_(options.is_lenient),
        first_checked_(options.first_checked) {}

  /// Visits the members of an object; those that are dropped are removed.
  Result<void> VisitMembers(std::string& path, Json& object, bool inside_array) {
    const std::size_t length = path.size();
    for (auto member = object.begin(); member != object.end();) {
      if (length != 0) {
        path += '.';
      }
      path += member.key();
      const bool is_id = path == "id";
      auto kept = is_id ? Result<bool>(true) : Visit(path, member.value(), inside_array);
      path.resize(length);
      if (!kept) {
        return std::move(kept).error();
      }
      member = *kept ? std::next(member) : object.erase(member);
    }
    return {};
  }

  Result<void> CheckRequired(const Json& document) const {
    for (const std::size_t position : schema_->required) {
      if (position < first_checked_) {
        continue;
      }
      const std::string& name = schema_->fields[position].definition.name;
      if (!HasValue(document, name)) {
        return Error(ErrorCode::kInvalidArgument,
                     "Field `" + name +
                         "` has been declared in the schema, but is not found in the document.");
      }
    }
    return {};
  }

  /// Whether values were seen before a field became wide enough for a later one.
  bool has_widened() const noexcept { return has_widened_; }

  std::vector<FieldDefinition> TakeDiscovered() {
    std::vector<FieldDefinition> definitions;
    definitions.reserve(discovered_.size());
    for (auto& [name, definition] : discovered_) {
      definitions.push_back(std::move(definition));
    }
    return definitions;
  }

 private:
  // Returns whether the value stays in the document.
  Result<bool> Visit(std::string& path, Json& value, bool inside_array) {
    if (value.is_null()) {
      return true;
    }
    const FieldDefinition* definition = Find(path);
    if (definition == nullptr && !IsPassedOver(path)) {
      definition = Discover(path, value, inside_array);
    }
    if (discovered_.size() > kFieldsMax && !is_lenient_) {
      return TooManyFields();
    }
    const bool is_object = definition != nullptr && definition->type == FieldType::kObject;
    if (definition != nullptr && definition->index && !is_object) {
      return VisitField(*definition, value, inside_array);
    }
    if (is_object) {
      if (auto kept = CheckObject(*definition, value); !kept || !*kept) {
        return kept;
      }
    }
    if (schema_->enable_nested_fields) {
      return Descend(path, value, inside_array);
    }
    return true;
  }

  Result<bool> Descend(std::string& path, Json& value, bool inside_array) {
    if (value.is_object()) {
      if (auto visited = VisitMembers(path, value, inside_array); !visited) {
        return std::move(visited).error();
      }
    } else if (value.is_array()) {
      for (Json& element : value) {
        if (auto kept = Descend(path, element, /*inside_array=*/true); !kept) {
          return kept;
        }
      }
    }
    return true;
  }

  // Returns the field that is to be checked against.
  const FieldDefinition* Find(const std::string& path) const {
    if (const auto found = discovered_.find(path); found != discovered_.end()) {
      return &found->second;
    }
    const auto found = schema_->by_name.find(path);
    return found == schema_->by_name.end() || found->second < first_checked_
               ? nullptr
               : &schema_->fields[found->second].definition;
  }

  bool IsPassedOver(const std::string& path) const {
    return first_checked_ > 0 && schema_->Find(path) != nullptr;
  }

  // A rule for an unknown name: a pattern, or the object field that it lies in.
  const FieldDefinition* FindRule(const std::string& path) const {
    std::optional<std::size_t> rule = schema_->FindPattern(path);
    for (auto dot = path.rfind('.'); !rule && dot != std::string::npos && dot > 0;
         dot = path.rfind('.', dot - 1)) {
      const auto parent = schema_->by_name.find(std::string_view(path).substr(0, dot));
      if (parent != schema_->by_name.end() &&
          schema_->fields[parent->second].definition.type == FieldType::kObject) {
        rule = parent->second;
      }
    }
    return rule && *rule >= first_checked_ ? &schema_->fields[*rule].definition : nullptr;
  }

  const FieldDefinition* Discover(const std::string& path, const Json& value, bool inside_array) {
    const FieldDefinition* rule = FindRule(path);
    if (rule == nullptr || path.size() > kFieldNameBytesMax) {
      return nullptr;
    }
    auto inferred = Infer(value, inside_array);
    const bool is_open = rule->type == FieldType::kAuto || rule->type == FieldType::kStringAuto ||
                         rule->type == FieldType::kObject;
    if (rule->type == FieldType::kStringAuto && inferred) {
      inferred->type = FieldType::kString;
    } else if (!is_open) {
      inferred = Inferred{rule->type, rule->is_array || inside_array};
    }
    if (!inferred) {
      return nullptr;
    }
    FieldDefinition definition = *rule;
    definition.name = path;
    definition.is_pattern = false;
    definition.is_prefix = false;
    definition.type = inferred->type;
    definition.is_array = inferred->is_array;
    definition.optional = true;
    definition.is_open = is_open;
    const bool is_text = inferred->type == FieldType::kString;
    definition.sort = definition.index && !inferred->is_array && (is_text ? rule->sort : true);
    return &discovered_.emplace(path, std::move(definition)).first->second;
  }

  Result<bool> CheckObject(const FieldDefinition& definition, const Json& value) {
    const bool fits = definition.is_array ? value.is_array() : value.is_object();
    return fits ? Result<bool>(true) : Refuse(definition, value);
  }

  Result<bool> VisitField(const FieldDefinition& definition, Json& value, bool inside_array) {
    const bool is_list = IsList(definition, value);
    if (is_list && !definition.is_array) {
      return Refuse(definition, value);
    }
    if (is_list) {
      return VisitElements(definition, value);
    }
    // An element of an object array gives its array field one value.
    if (definition.is_array && !inside_array) {
      if (!may_coerce_) {
        return Refuse(definition, value);
      }
      value = Json::array({std::move(value)});
      return VisitElements(definition, value);
    }
    return VisitScalar(definition, value);
  }

  static bool IsList(const FieldDefinition& definition, const Json& value) {
    return value.is_array() && !IsListOfNumbers(definition.type, value);
  }

  Result<bool> VisitElements(const FieldDefinition& definition, Json& values) {
    if (values.size() > kFieldValuesMax) {
      if (is_lenient_) {
        return false;
      }
      return Error(ErrorCode::kUnprocessable, "Field `" + definition.name + "` has more than " +
                                                  std::to_string(kFieldValuesMax) + " values.");
    }
    for (auto element = values.begin(); element != values.end();) {
      auto kept = element->is_null() ? Result<bool>(true) : VisitScalar(definition, *element);
      if (!kept) {
        return kept;
      }
      element = *kept ? std::next(element) : values.erase(element);
    }
    return true;
  }

  Result<bool> VisitScalar(const FieldDefinition& definition, Json& value) {
    if (FitScalar(definition.type, may_coerce_, value) == Fit::kMisfit) {
      FieldDefinition wider = definition;
      if (!Widen(wider, value)) {
        return Refuse(definition, value);
      }
      has_widened_ = true;
      discovered_.insert_or_assign(definition.name, std::move(wider));
    }
    if (definition.type == FieldType::kString) {
      if (auto checked = CheckText(*schema_, definition, value.get_ref<const std::string&>());
          !checked) {
        return is_lenient_ ? Result<bool>(false) : std::move(checked).error();
      }
    }
    return true;
  }

  Result<bool> Refuse(const FieldDefinition& definition, const Json& value) const {
    if (may_drop_ && (definition.optional || is_lenient_)) {
      return false;
    }
    if (definition.type == FieldType::kGeopolygon) {
      return Error(ErrorCode::kInvalidArgument,
                   "Field `" + definition.name +
                       "` must be a geopolygon: " + WhyNoArea(value).value_or("one ring") + ".");
    }
    std::string shown = DumpJson(value);
    constexpr std::size_t kShownBytesMax = 60;
    if (shown.size() > kShownBytesMax) {
      shown = std::string(value.type_name());
    }
    return Error(ErrorCode::kInvalidArgument,
                 "Field `" + definition.name + "` must be " + Article(definition) + " " +
                     TypeName(definition.type, definition.is_array) + ", not " + shown + ".");
  }

  static std::string Article(const FieldDefinition& definition) {
    const char first = TypeName(definition.type, definition.is_array).front();
    return first == 'i' || first == 'o' || first == 'a' ? "an" : "a";
  }

  static bool HasValue(const Json& value, std::string_view path) {
    if (value.is_array()) {
      for (const Json& element : value) {
        if (HasValue(element, path)) {
          return true;
        }
      }
      return false;
    }
    if (!value.is_object()) {
      return false;
    }
    if (const auto member = value.find(std::string(path)); member != value.end()) {
      return !member->is_null();
    }
    for (auto dot = path.find('.'); dot != std::string_view::npos; dot = path.find('.', dot + 1)) {
      const auto member = value.find(std::string(path.substr(0, dot)));
      if (member != value.end() && HasValue(*member, path.substr(dot + 1))) {
        return true;
      }
    }
    return false;
  }

  const Schema* schema_;
  bool may_coerce_;
  bool may_drop_;
  bool is_lenient_;
  std::size_t first_checked_;
  bool has_widened_ = false;
  std::map<std::string, FieldDefinition> discovered_;
};

}  // namespace

namespace {

// Bytes that are split into words at once: a token takes fifty times as many bytes as a short word.
constexpr std::size_t kSliceBytesMax = std::size_t{64} << 10;
// Words that a text may seem to have more or fewer because it is cut into slices.
constexpr std::size_t kSliceErrorMax = 2'000;

// Returns how many bytes of `text`, which is longer, come first: up to a blank, if there is one,
// and never half a character.
std::size_t SliceOf(std::string_view text) {
  const std::size_t blank = text.find_last_of(" \n\t", kSliceBytesMax - 1);
  if (blank != std::string_view::npos && blank >= kSliceBytesMax / 2) {
    return blank + 1;
  }
  std::size_t end = kSliceBytesMax;
  while (end > kSliceBytesMax / 2 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) {
    --end;
  }
  return end;
}

bool HasTooManyWords(std::string_view text, const TextRules& rules) {
  std::vector<Token> tokens;
  std::size_t words = 0;
  for (std::string_view rest = text; !rest.empty() && words <= kFieldWordsMax + kSliceErrorMax;) {
    const std::size_t size = rest.size() <= kSliceBytesMax ? rest.size() : SliceOf(rest);
    Tokenizer::OfThread().Tokenize(rest.substr(0, size), tokens, rules);
    words += tokens.size();
    rest.remove_prefix(size);
  }
  const bool is_near =
      words > kFieldWordsMax - kSliceErrorMax && words <= kFieldWordsMax + kSliceErrorMax;
  if (is_near) {
    Tokenizer::OfThread().Tokenize(text, tokens, rules);
    words = tokens.size();
  }
  return words > kFieldWordsMax;
}

}  // namespace

bool Widen(FieldDefinition& definition, const Json& value) {
  if (!definition.is_open || definition.type != FieldType::kInt64 || !IsNumber(value) ||
      WholeNumber(value) || !IsHeldByDouble(value)) {
    return false;
  }
  definition.type = FieldType::kFloat;
  return true;
}

Result<void> CheckText(const Schema& schema, const FieldDefinition& definition,
                       const std::string& text) {
  if (definition.facet && text.size() > kFacetValueBytesMax) {
    return Error(ErrorCode::kUnprocessable,
                 "Field `" + definition.name + "`: a facet value can have at most " +
                     std::to_string(kFacetValueBytesMax) + " bytes, this one has " +
                     std::to_string(text.size()) + ".");
  }
  // A word takes at least a byte.
  if (text.size() >= kFieldWordsMax) {
    const auto rules = TextRules::Read(definition.extra, schema.extra);
    if (HasTooManyWords(text, rules && *rules ? **rules : TextRules::Default())) {
      return Error(ErrorCode::kUnprocessable,
                   "Field `" + definition.name + "` has more than " +
                       std::to_string(kFieldWordsMax) +
                       " words; shorten it or declare it with `index: false`.");
    }
  }
  return {};
}

Error TooManyFields() {
  return {ErrorCode::kUnprocessable,
          "The collection would have more than " + std::to_string(kFieldsMax) + " fields."};
}

DirtyValues DefaultDirtyValues(const Schema& schema) {
  return schema.patterns.empty() ? DirtyValues::kReject : DirtyValues::kCoerceOrReject;
}

Result<std::vector<FieldDefinition>> PrepareDocument(const Schema& schema,
                                                     const PreparationOptions& options,
                                                     Json& document) {
  Preparation preparation(schema, options);
  // Once more when a field became wider: what was seen before must fit it as well.
  const auto visit = [&] {
    std::string path;
    return preparation.VisitMembers(path, document, /*inside_array=*/false);
  };
  auto visited = visit();
  if (visited && preparation.has_widened()) {
    visited = visit();
  }
  if (!visited) {
    return std::move(visited).error();
  }
  if (!options.is_lenient) {
    if (auto checked = preparation.CheckRequired(document); !checked) {
      return std::move(checked).error();
    }
  }
  return preparation.TakeDiscovered();
}

}  // namespace cacheindex::index
