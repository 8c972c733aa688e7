#include "replication/declaration/collection_plan.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "replication/declaration/expression_compiler.h"
#include "replication/declaration/expression_syntax.h"
#include "replication/declaration/plan_links.h"
#include "replication/declaration/plan_messages.h"
#include "replication/rows/postgres_types.h"

namespace cacheindex::replication {
namespace {

Error Invalid(std::string message) {
  return Error(ErrorCode::kInvalidArgument, std::move(message));
}

std::string_view SchemaType(ValueType type) {
  switch (type) {
    case ValueType::kBoolean:
      return "bool";
    case ValueType::kInteger32:
      return "int32";
    case ValueType::kInteger64:
      return "int64";
    case ValueType::kReal:
      return "float";
    case ValueType::kText:
      return "string";
    case ValueType::kObject:
      return "object";
    case ValueType::kUnknown:
    case ValueType::kMoment:
    case ValueType::kMovingMoment:
    case ValueType::kDuration:
      break;
  }
  return "auto";
}

WantedType WantedOf(std::string_view type) {
  if (type.starts_with("string")) {
    return WantedType::kText;
  }
  if (type.starts_with("int")) {
    return WantedType::kInteger;
  }
  if (type.starts_with("float")) {
    return WantedType::kReal;
  }
  return type.starts_with("bool") ? WantedType::kBoolean : WantedType::kAsItIs;
}

// The members of an object that a star spreads: of a pivot its values' type.
std::string DerivedType(const Expression& value, bool has_star) {
  if (has_star && value.kind == Expression::Kind::kPivot) {
    return std::string(SchemaType(value.arguments[1].type));
  }
  if (has_star && value.kind == Expression::Kind::kLevels) {
    return value.has_many_rows ? "string[]" : "string";
  }
  if (has_star || (value.type == ValueType::kUnknown && !value.is_many)) {
    return "auto";
  }
  return std::string(SchemaType(value.type)) +
         (value.is_many && value.type != ValueType::kUnknown ? "[]" : "");
}

std::vector<std::string> SplitName(std::string_view name) {
  std::vector<std::string> path(1);
  for (const char character : name) {
    if (character == '.') {
      path.emplace_back();
    } else {
      path.back() += character;
    }
  }
  return path;
}

Result<CollectionPlan::Field> MakeField(const FieldDeclaration& declaration,
                                        ExpressionCompiler& compiler, Json& schema_field) {
  CollectionPlan::Field field;
  const auto syntax = ParseExpression(declaration.from);
  if (!syntax) {
    return syntax.error();
  }
  auto value = compiler.Compile(*syntax, 0);
  if (!value) {
    return std::move(value).error();
  }
  field.value = *std::move(value);
  field.has_star = declaration.name.ends_with('*');
  field.path = SplitName(
      std::string_view(declaration.name).substr(0, declaration.name.size() - field.has_star));
  field.default_value = declaration.default_value;
  if (field.has_star && field.value.type != ValueType::kObject &&
      field.value.type != ValueType::kUnknown) {
    return Invalid("a name with a star needs an object: pivot, levels or braces");
  }
  schema_field = declaration.schema.is_object() ? declaration.schema : Json::object();
  if (!schema_field.contains("type")) {
    schema_field["type"] = DerivedType(field.value, field.has_star);
  }
  if (!schema_field["type"].is_string()) {
    return Invalid("type must be a string");
  }
  const std::string type = schema_field["type"].get<std::string>();
  field.wanted = WantedOf(type);
  field.is_array = type.ends_with("[]");
  const bool is_free = type == "auto" || type == "string*" || type.starts_with("geo");
  if (field.value.is_many && !field.is_array && !is_free) {
    return Invalid("gives many values, and type " + type + " holds one: take " + type +
                   "[], or first, min, max, sum, mean or count of them");
  }
  schema_field["name"] = declaration.name;
  if (field.has_star) {
    schema_field["match"] = "prefix";
  }
  return field;
}

std::string_view MemberOf(std::string_view name) { return name.substr(0, name.find('.')); }

// Returns the fields that must be made together with the one at `position`, because they stand in
// the same member of the document. A star that spreads members over the document itself gives way
// to declared names and fills their places, so nothing is made without it.
FieldSet FieldsOfMember(const std::vector<FieldDeclaration>& fields, std::size_t position) {
  const std::string_view member = MemberOf(fields[position].name);
  const auto is_spread = [](std::string_view name) { return name.ends_with('*'); };
  if (is_spread(member) || member == "id") {
    return FieldSet::All();
  }
  FieldSet together;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const std::string_view other = MemberOf(fields[i].name);
    if (is_spread(other) && member.starts_with(other.substr(0, other.size() - 1))) {
      return FieldSet::All();
    }
    if (other == member) {
      together |= FieldSet::Of(i);
    }
  }
  // A set that knows some fields only together with others.
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (together.Contains(i) && MemberOf(fields[i].name) != member) {
      return FieldSet::All();
    }
  }
  return together;
}

Result<void> AddFields(const CollectionDeclaration& declaration, ExpressionCompiler& compiler,
                       CollectionPlan& plan) {
  Json fields = Json::array();
  bool is_nested = false;
  const std::string sorting = plan.schema.value("default_sorting_field", Json()).is_string()
                                  ? plan.schema["default_sorting_field"].get<std::string>()
                                  : std::string();
  for (std::size_t i = 0; i < declaration.fields.size(); ++i) {
    const FieldDeclaration& field = declaration.fields[i];
    compiler.BeginFields(FieldsOfMember(declaration.fields, i));
    Json schema_field;
    auto made = MakeField(field, compiler, schema_field);
    if (!made) {
      return std::move(made).error().WithContext("field \"" + field.name + "\" = " + field.from);
    }
    is_nested = is_nested || made->path.size() > 1 ||
                schema_field["type"].get<std::string>().starts_with("object");
    // A foreign key may dangle and a column may be null, so documents may lack any field.
    if (!schema_field.contains("optional") && field.name != sorting) {
      schema_field["optional"] = true;
    }
    fields.push_back(std::move(schema_field));
    plan.fields.push_back(*std::move(made));
  }
  plan.schema["fields"] = std::move(fields);
  if (is_nested && !plan.schema.contains("enable_nested_fields")) {
    plan.schema["enable_nested_fields"] = true;
  }
  return {};
}

// How rows of the root are found by an id that is a column of theirs.
Result<Access> IdAccess(const StoredTable& root, const std::string& column) {
  const auto at = root.latest().table->FindColumn(column);
  if (!at) {
    return NoColumn(root, column);
  }
  const std::uint32_t type = root.latest().table->columns[*at].base_type;
  const TypeKind kind = KindOfType(type);
  if (kind == TypeKind::kJson || kind == TypeKind::kHstore || kind == TypeKind::kReal ||
      kind == TypeKind::kBoolean || ElementType(type)) {
    return Invalid("column \"" + column + "\" of " + Describe(root) + " is " +
                   DescribeType(root, column) + ", which names no row");
  }
  Access access;
  access.table = root.oid;
  access.slots = {*root.FindSlot(column)};
  access.from_slots = access.slots;
  access.kind = access.slots == root.KeySlots() ? Access::Kind::kKey : Access::Kind::kIndex;
  return access;
}

}  // namespace

Result<CollectionPlan> MakePlan(const CollectionDeclaration& declaration,
                                const TableCatalogue& tables) {
  const auto in_collection = [&](Error error) {
    return std::move(error).WithContext("collection \"" + declaration.name + "\"");
  };
  CollectionPlan plan;
  plan.name = declaration.name;
  plan.schema = declaration.schema.is_object() ? declaration.schema : Json::object();
  plan.schema["name"] = declaration.name;
  const auto root = FindTable(tables, declaration.root);
  if (!root) {
    return in_collection(Error(root.error()).WithContext("root"));
  }
  if ((*root)->latest().key_columns.empty()) {
    return in_collection(Invalid("root: " + Describe(**root) + " has no key"));
  }
  plan.root = (*root)->oid;
  plan.root_name = (*root)->latest().table->QualifiedName();
  Place& root_place = plan.places.emplace_back();
  root_place.table = plan.root;
  root_place.used.resize((*root)->slot_names.size());
  for (const std::uint32_t slot : (*root)->KeySlots()) {
    root_place.used[slot] = FieldSet::All();
  }
  if (!declaration.id.empty()) {
    auto id = IdAccess(**root, declaration.id);
    if (!id) {
      return in_collection(std::move(id).error().WithContext("id"));
    }
    root_place.used[id->slots.front()] = FieldSet::All();
    plan.id = *std::move(id);
  }
  const auto links = FindLinks(tables, declaration.references);
  if (!links) {
    return in_collection(links.error());
  }
  ExpressionCompiler compiler(tables, *links, plan.places);
  if (!declaration.filter.empty()) {
    const auto syntax = ParseExpression(declaration.filter);
    auto filter = syntax ? compiler.CompileCondition(*syntax, 0) : syntax.error();
    if (!filter) {
      return in_collection(
          std::move(filter).error().WithContext("filter \"" + declaration.filter + "\""));
    }
    plan.filter = *std::move(filter);
  }
  if (auto added = AddFields(declaration, compiler, plan); !added) {
    return in_collection(std::move(added).error());
  }
  plan.has_clock = compiler.has_clock();
  return plan;
}

std::vector<NeededIndex> NeededIndexes(const CollectionPlan& plan) {
  std::vector<NeededIndex> indexes;
  if (plan.id && plan.id->needs_index()) {
    indexes.push_back({plan.id->table, plan.id->slots, plan.id->forms});
  }
  for (std::size_t i = 1; i < plan.places.size(); ++i) {
    for (const Access* const access : {&plan.places[i].down, &plan.places[i].up}) {
      if (access->needs_index()) {
        indexes.push_back({access->table, access->slots, access->forms});
      }
    }
  }
  return indexes;
}

namespace {

bool BindIndex(Access& access, const TableCatalogue& tables) {
  if (!access.needs_index()) {
    return true;
  }
  const auto& indexes = tables.Find(access.table)->indexes;
  const auto found = std::find_if(indexes.begin(), indexes.end(), [&](const ReferenceIndex& index) {
    return index.slots == access.slots && index.forms == access.forms;
  });
  access.index = static_cast<std::size_t>(found - indexes.begin());
  return found != indexes.end();
}

}  // namespace

bool BindIndexes(CollectionPlan& plan, const TableCatalogue& tables) {
  if (plan.id && !BindIndex(*plan.id, tables)) {
    return false;
  }
  for (std::size_t i = 1; i < plan.places.size(); ++i) {
    if (!BindIndex(plan.places[i].down, tables) || !BindIndex(plan.places[i].up, tables)) {
      return false;
    }
  }
  return true;
}

}  // namespace cacheindex::replication
