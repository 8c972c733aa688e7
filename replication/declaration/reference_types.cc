#include "replication/declaration/reference_types.h"

#include <optional>
#include <string>
#include <utility>

#include "replication/rows/postgres_types.h"

namespace cacheindex::replication {
namespace {

using Reading = KeyForm::Reading;

constexpr std::uint32_t kTypeFloat4 = 700;
constexpr std::uint32_t kTypeInterval = 1186;
constexpr std::uint32_t kTypeNumericRange = 3906;
constexpr std::uint32_t kTypeNumericMultirange = 4532;

Error Invalid(std::string message) {
  return Error(ErrorCode::kInvalidArgument, std::move(message));
}

std::string Quoted(const TableColumn& column) { return "\"" + column.name + "\""; }

// A column, or one element of it.
struct Values {
  std::uint32_t type = 0;
  TypeKind kind = TypeKind::kOther;
  bool is_array = false;
};

bool IsArray(const TableColumn& column) {
  return column.element_type != 0 || ElementType(column.base_type).has_value();
}

Values ValuesOf(const TableColumn& column, KeyForm::Spread spread) {
  Values values{.type = column.base_type, .is_array = IsArray(column)};
  if (spread == KeyForm::Spread::kElements) {
    values.type =
        column.element_type != 0 ? column.element_type : ElementType(column.base_type).value_or(0);
    values.is_array = false;
  }
  values.kind = KindOfType(values.type);
  return values;
}

std::string_view NameOf(const Values& values) {
  switch (values.kind) {
    case TypeKind::kBoolean:
      return "boolean";
    case TypeKind::kInteger:
      return "a whole number";
    case TypeKind::kNumeric:
      return "numeric";
    case TypeKind::kReal:
      return "a floating point number";
    case TypeKind::kText:
    case TypeKind::kPaddedText:
      return "text";
    case TypeKind::kUuid:
      return "uuid";
    case TypeKind::kJson:
    case TypeKind::kHstore:
      return "json";
    case TypeKind::kTimestamp:
      return "a date or time";
    case TypeKind::kOther:
      break;
  }
  return values.is_array ? "an array" : "of another type";
}

// Text, and what is printed as text and read from it.
bool IsTextLike(const Values& values) {
  return values.kind == TypeKind::kText || values.kind == TypeKind::kPaddedText ||
         (values.kind == TypeKind::kOther && !values.is_array);
}

// Equal values that print differently: 1 day and 24:00:00, {1.0} and {1.00}.
bool HasManySpellings(const TableColumn& column) {
  if (!IsArray(column)) {
    return column.base_type == kTypeInterval || column.base_type == kTypeNumericRange ||
           column.base_type == kTypeNumericMultirange;
  }
  const TypeKind kind = ValuesOf(column, KeyForm::Spread::kElements).kind;
  return kind == TypeKind::kNumeric || kind == TypeKind::kReal || kind == TypeKind::kPaddedText ||
         kind == TypeKind::kJson || column.folding != CaseFolding::kNone;
}

// What the referring values are read as where the referred ones stay as they are; nullopt where
// they cannot be compared.
std::optional<Reading> ReadingFor(const Values& from, const Values& to) {
  const bool is_text = IsTextLike(from);
  const bool is_number = from.kind == TypeKind::kInteger || from.kind == TypeKind::kNumeric;
  const auto when = [](bool may, Reading reading) {
    return may ? std::optional(reading) : std::nullopt;
  };
  if (from.kind == to.kind && to.kind != TypeKind::kOther && to.kind != TypeKind::kTimestamp) {
    return when(to.kind != TypeKind::kJson && to.kind != TypeKind::kHstore, Reading::kOwn);
  }
  switch (to.kind) {
    case TypeKind::kInteger:
      return when(is_text || is_number || from.kind == TypeKind::kReal, Reading::kInteger);
    case TypeKind::kNumeric:
      return when(is_text || is_number, Reading::kNumeric);
    case TypeKind::kReal:
      return when(is_text || is_number, Reading::kDouble);
    case TypeKind::kUuid:
      return when(is_text, Reading::kUuid);
    case TypeKind::kText:
      return when(is_text || is_number || from.kind == TypeKind::kUuid,
                  is_text ? Reading::kOwn : Reading::kText);
    case TypeKind::kPaddedText:
      return when(is_text || is_number || from.kind == TypeKind::kUuid, Reading::kPaddedText);
    case TypeKind::kTimestamp:
      return when(from.type == to.type, Reading::kOwn);
    case TypeKind::kOther:
      return when(
          from.type == to.type || (!to.is_array && is_text && from.kind != TypeKind::kOther),
          Reading::kOwn);
    case TypeKind::kBoolean:
    case TypeKind::kJson:
    case TypeKind::kHstore:
      break;
  }
  return std::nullopt;
}

Result<void> CheckCollation(const TableColumn& column) {
  if (!column.loose_collation.empty()) {
    return Invalid("column " + Quoted(column) + " has the collation \"" + column.loose_collation +
                   "\", which is not deterministic: different texts are equal by it, and only the "
                   "server knows which; refer by another column, or give it a deterministic one");
  }
  return {};
}

}  // namespace

Result<ReferenceForms> FormsOf(const TableColumn& from, const ReferenceColumn& column,
                               const TableColumn& to) {
  for (const TableColumn* const side : {&from, &to}) {
    if (auto checked = CheckCollation(*side); !checked) {
      return std::move(checked).error();
    }
  }
  if (to.folding == CaseFolding::kUnknown) {
    return Invalid("column " + Quoted(to) +
                   " is citext in a database whose language has a lower case of its own: refer by "
                   "another column, or make it text");
  }
  const Values from_values = ValuesOf(from, column.spread);
  const Values to_values = ValuesOf(to, KeyForm::Spread::kOne);
  if (column.spread == KeyForm::Spread::kElements && from_values.type == 0) {
    return Invalid("column " + Quoted(from) + " is no array, and [] asks for its elements");
  }
  if ((column.spread == KeyForm::Spread::kPieces ||
       column.spread == KeyForm::Spread::kBeginnings) &&
      !IsTextLike(from_values)) {
    return Invalid("column " + Quoted(from) + " is " + std::string(NameOf(from_values)) +
                   ", and only text has pieces and beginnings");
  }
  ReferenceForms forms;
  forms.from.spread = column.spread;
  forms.from.separator = column.separator;
  forms.from.step = column.step;
  const auto reading = ReadingFor(from_values, to_values);
  const bool is_same_type = from_values.type == to_values.type;
  if (!reading || HasManySpellings(to) ||
      (column.spread == KeyForm::Spread::kOne && HasManySpellings(from))) {
    const bool is_alike = reading && is_same_type;
    return Invalid("column " + Quoted(from) + " is " + std::string(NameOf(from_values)) + " and " +
                   Quoted(to) + " is " + std::string(NameOf(to_values)) +
                   (is_alike ? ": equal values of this type are printed in several ways"
                             : ": they cannot be compared"));
  }
  forms.from.reading = *reading;
  forms.keeps_apart = is_same_type || *reading == Reading::kOwn ||
                      from_values.kind == TypeKind::kNumeric ||
                      from_values.kind == TypeKind::kInteger;
  if (to.folding != CaseFolding::kNone) {
    forms.from.reading = forms.to.reading = Reading::kFolded;
    forms.from.folding = forms.to.folding = to.folding;
    forms.keeps_apart = from.folding == to.folding;
  } else if (to_values.kind == TypeKind::kReal) {
    // Zeros are equal, and other types are read as this one.
    forms.to.reading = to.base_type == kTypeFloat4 ? Reading::kFloat : Reading::kDouble;
    forms.from.reading = forms.to.reading;
    forms.keeps_apart = is_same_type;
  }
  return forms;
}

Result<KeyForm> SpanFormOf(const TableColumn& from, const TableColumn& lower,
                           const TableColumn& upper) {
  for (const TableColumn* const column : {&from, &lower, &upper}) {
    if (KindOfType(column->base_type) != TypeKind::kInteger) {
      return Invalid("column " + Quoted(*column) + " is " +
                     std::string(NameOf(ValuesOf(*column, KeyForm::Spread::kOne))) +
                     ", and between needs whole numbers");
    }
  }
  KeyForm form;
  form.spread = KeyForm::Spread::kSpan;
  return form;
}

bool IsShort(const TableColumn& column) {
  const TypeKind kind = KindOfType(column.base_type);
  return kind == TypeKind::kInteger || kind == TypeKind::kUuid;
}

}  // namespace cacheindex::replication
