#include "index/highlight/highlighter.h"

#include <algorithm>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "index/highlight/highlight_builder.h"
#include "index/highlight/text_marker.h"
#include "index/schema/field_values.h"

namespace cacheindex::index {
namespace {

constexpr std::string_view kNone = "none";

// Whether `asked` means the field of that name: itself, or the object that it is in.
bool Covers(std::string_view asked, std::string_view field) {
  return field.starts_with(asked) && (field.size() == asked.size() || field[asked.size()] == '.');
}

// Names to show, in the order of the request.
std::vector<std::string> NamesToShow(const SearchRequest& request) {
  std::vector<std::string> names =
      request.highlight_fields.empty() ? request.query_by : request.highlight_fields;
  for (const std::string& name : request.highlight_full_fields) {
    if (std::find(names.begin(), names.end(), name) == names.end()) {
      names.push_back(name);
    }
  }
  std::erase(names, kNone);
  return names;
}

// The members of the document in which fields of these names may lie.
std::vector<std::string_view> MembersToLookAt(const Json& document,
                                              const std::vector<std::string>& names) {
  std::vector<std::string_view> members;
  for (const auto& [member, value] : document.items()) {
    const bool is_asked = std::ranges::any_of(names, [&](const std::string& name) {
      return Covers(name, member) || Covers(member, name);
    });
    if (is_asked) {
      members.push_back(member);
    }
  }
  return members;
}

bool IsFull(const SearchRequest& request, std::string_view field) {
  return std::any_of(request.highlight_full_fields.begin(), request.highlight_full_fields.end(),
                     [field](const std::string& name) { return Covers(name, field); });
}

bool IsPrefix(const std::vector<TextField>& fields, const Field& field) {
  const auto found = std::find_if(fields.begin(), fields.end(), [&](const TextField& queried) {
    return queried.field->definition.name == field.definition.name;
  });
  return found == fields.end() || found->is_prefix;
}

bool HasMatch(const HighlightTree& tree) {
  return !tree.text.matched_tokens.empty() ||
         std::ranges::any_of(tree.parts, HasMatch, &HighlightTree::Part::tree);
}

// Whether it is a text, or the elements of an array of texts.
bool IsOfTexts(const HighlightTree& tree) {
  return tree.kind == HighlightTree::Kind::kText ||
         (tree.kind == HighlightTree::Kind::kArray && !tree.parts.empty() &&
          tree.parts.front().tree.kind == HighlightTree::Kind::kText);
}

}  // namespace

bool IsHighlighted(const SearchRequest& request) {
  return request.highlight_fields.size() != 1 || request.highlight_fields.front() != kNone;
}

Highlights Highlight(const Json& document, const Schema& schema, const TextQuery& query,
                     const std::vector<TextField>& fields, const SearchRequest& request) {
  if (!IsHighlighted(request) || query.units.empty()) {
    return {};
  }
  const std::vector<std::string> names = NamesToShow(request);
  TextMarker marker(query, request);
  MarkedDocument marked{
      .has_nested_fields = schema.enable_nested_fields, .fields = {}, .texts = {}};
  // By the place of the name in the request, then by the field's.
  std::set<std::pair<std::size_t, std::string_view>> places;
  const auto mark = [&](const Field& field, std::span<const Json* const> values) {
    const std::string& name = field.definition.name;
    const auto asked = std::find_if(names.begin(), names.end(), [&](const std::string& candidate) {
      return Covers(candidate, name);
    });
    if (asked == names.end() || field.storage.words == cache::ColumnNumber{}) {
      return;
    }
    const TextMarker::Options options{.is_prefix = IsPrefix(fields, field),
                                      .is_full = IsFull(request, name),
                                      .rules = &RulesOf(field.storage)};
    for (const Json* value : values) {
      auto fragment = value->is_string()
                          ? marker.Mark(value->get_ref<const std::string&>(), options)
                          : std::nullopt;
      if (fragment) {
        marked.texts.emplace(value, *std::move(fragment));
        marked.fields.insert({name, {.is_full = options.is_full}});
        places.emplace(static_cast<std::size_t>(asked - names.begin()), name);
      }
    }
  };
  ForEachFieldOf(schema, document, MembersToLookAt(document, names), mark);
  if (places.empty()) {
    return {};
  }
  Highlights highlights{.tree = BuildHighlights(document, marked), .members = {}};
  for (const auto& [place, name] : places) {
    const auto part = std::ranges::find(highlights.tree.parts, name, &HighlightTree::Part::name);
    if (part != highlights.tree.parts.end() && IsOfTexts(part->tree) && HasMatch(part->tree)) {
      highlights.members.emplace_back(name);
    }
  }
  return highlights;
}

}  // namespace cacheindex::index
