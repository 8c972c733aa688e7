#include "index/schema/schema.h"

#include <utility>

namespace cacheindex::index {

namespace {

Result<NameMatcher> MatcherOf(const FieldDefinition& definition) {
  const std::string& name = definition.name;
  if (definition.is_prefix) {
    return NameMatcher([prefix = name.substr(0, name.size() - 1)](std::string_view other) {
      return other.starts_with(prefix);
    });
  }
  return IsNamePattern(name)
             ? CompileNamePattern(name)
             : Result<NameMatcher>([name](std::string_view other) { return other == name; });
}

}  // namespace

const Field* Schema::Find(std::string_view field_name) const {
  const auto found = by_name.find(field_name);
  return found == by_name.end() ? nullptr : &fields[found->second];
}

std::optional<std::size_t> Schema::FindPattern(std::string_view field_name) const {
  for (const Pattern& pattern : patterns) {
    if (pattern.matches(field_name)) {
      return pattern.position;
    }
  }
  return std::nullopt;
}

bool Schema::MayBeStored(std::string_view field_name) const {
  return !dropped.empty() && (dropped.contains(field_name) || dropped.contains(""));
}

Result<void> Schema::Append(Field field) {
  const std::size_t position = fields.size();
  auto rules = TextRules::Read(field.definition.extra, extra);
  if (!rules) {
    return std::move(rules).error().WithContext("Field `" + field.definition.name + "`");
  }
  field.storage.text_rules = std::move(*rules);
  if (field.definition.is_pattern) {
    auto matcher = MatcherOf(field.definition);
    if (!matcher) {
      return std::move(matcher).error();
    }
    patterns.push_back({position, std::move(*matcher)});
  } else {
    by_name.emplace(field.definition.name, position);
    if (!field.definition.optional) {
      required.push_back(position);
    }
    if (!field.definition.store) {
      hidden.push_back(field.definition.name);
    }
  }
  fields.push_back(std::move(field));
  return {};
}

Result<void> Schema::Try(FieldDefinition definition) {
  const auto existing = by_name.find(definition.name);
  if (existing == by_name.end()) {
    return Append({.definition = std::move(definition), .storage = {}});
  }
  fields[existing->second].definition = std::move(definition);
  return {};
}

}  // namespace cacheindex::index
