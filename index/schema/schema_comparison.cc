#include "index/schema/schema_comparison.h"

#include <map>
#include <string>
#include <string_view>

#include "index/schema/schema_definition.h"

namespace cacheindex::index {
namespace {

bool LiesInDeclaredObject(const Schema& declared, std::string_view name) {
  for (auto dot = name.rfind('.'); dot != std::string_view::npos && dot > 0;
       dot = name.rfind('.', dot - 1)) {
    const Field* parent = declared.Find(name.substr(0, dot));
    if (parent != nullptr && parent->definition.type == FieldType::kObject) {
      return true;
    }
  }
  return false;
}

}  // namespace

bool IsDeclaredAs(const Schema& stored, const Schema& declared) {
  if (stored.default_sorting_field != declared.default_sorting_field ||
      stored.enable_nested_fields != declared.enable_nested_fields ||
      stored.extra != declared.extra) {
    return false;
  }
  std::map<std::string, Json, std::less<>> missing;
  for (const Field& field : declared.fields) {
    missing.emplace(field.definition.name, DescribeField(field.definition));
  }
  for (const Field& field : stored.fields) {
    const std::string& name = field.definition.name;
    const auto wanted = missing.find(name);
    if (wanted != missing.end()) {
      if (wanted->second != DescribeField(field.definition)) {
        return false;
      }
      missing.erase(wanted);
    } else if (!declared.FindPattern(name) && !LiesInDeclaredObject(declared, name)) {
      return false;
    }
  }
  return missing.empty();
}

}  // namespace cacheindex::index
