#include "index/documents/projection.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "node/core/json.h"

namespace cacheindex::index {
namespace {

using Names = std::vector<std::string>;

bool IsWildcard(std::string_view name) { return name.ends_with('*'); }

// Whether `names` mean all that is at `path`: itself, or an object that it is in.
bool Covers(const Names& names, std::string_view path) {
  return std::any_of(names.begin(), names.end(), [path](std::string_view name) {
    if (IsWildcard(name)) {
      return path.starts_with(name.substr(0, name.size() - 1));
    }
    return path.starts_with(name) && (path.size() == name.size() || path[name.size()] == '.');
  });
}

// Whether `names` may mean something below `path`.
bool ReachesBelow(const Names& names, const std::string& path) {
  const std::string inside = path + '.';
  return std::any_of(names.begin(), names.end(),
                     [&inside](std::string_view name) { return name.starts_with(inside); });
}

// Keeps of every member what `keep(path, member)` leaves. Elements of arrays have the path of their
// array.
template <class Keep>
Json FilterObject(const Json& object, std::string& path, const Keep& keep) {
  Json kept = Json::object();
  const std::size_t length = path.size();
  for (const auto& [key, child] : object.items()) {
    if (length > 0) {
      path += '.';
    }
    path += key;
    auto left = keep(path, child);
    if (left) {
      kept.emplace(key, std::move(*left));
    }
    path.resize(length);
  }
  return kept;
}

class Included {
 public:
  explicit Included(const Names& names) : names_(&names) {}

  // Returns what is left of `value`, if anything.
  std::optional<Json> operator()(std::string& path, const Json& value) const {
    if (Covers(*names_, path)) {
      return value;
    }
    return ReachesBelow(*names_, path) ? Inside(path, value) : std::nullopt;
  }

 private:
  std::optional<Json> Inside(std::string& path, const Json& value) const {
    if (value.is_object()) {
      Json kept = FilterObject(value, path, *this);
      return kept.empty() ? std::nullopt : std::optional(std::move(kept));
    }
    if (value.is_array()) {
      Json kept = Json::array();
      for (const Json& element : value) {
        if (auto left = Inside(path, element)) {
          kept.push_back(std::move(*left));
        }
      }
      return kept.empty() ? std::nullopt : std::optional(std::move(kept));
    }
    return std::nullopt;
  }

  const Names* names_;
};

class NotExcluded {
 public:
  explicit NotExcluded(const Names& names) : names_(&names) {}

  std::optional<Json> operator()(std::string& path, const Json& value) const {
    if (Covers(*names_, path)) {
      return std::nullopt;
    }
    return ReachesBelow(*names_, path) ? std::optional(Inside(path, value)) : std::optional(value);
  }

 private:
  Json Inside(std::string& path, const Json& value) const {
    if (value.is_object()) {
      return FilterObject(value, path, *this);
    }
    if (value.is_array()) {
      Json kept = Json::array();
      for (const Json& element : value) {
        kept.push_back(Inside(path, element));
      }
      return kept;
    }
    return value;
  }

  const Names* names_;
};

}  // namespace

Result<std::string> Project(std::string_view json, const Names& include_fields,
                            const Names& exclude_fields) {
  if (include_fields.empty() && exclude_fields.empty()) {
    return std::string(json);
  }
  auto document = ParseJson(json);
  if (!document || !document->is_object()) {
    return Error(ErrorCode::kCorruption, "a stored document is not a JSON object");
  }
  std::string path;
  if (!include_fields.empty()) {
    *document = FilterObject(*document, path, Included(include_fields));
  }
  if (!exclude_fields.empty()) {
    *document = FilterObject(*document, path, NotExcluded(exclude_fields));
  }
  return DumpJson(*document);
}

bool Shows(const KeyScope& scope, std::string_view name) {
  return (scope.include_fields.empty() || Covers(scope.include_fields, name)) &&
         !Covers(scope.exclude_fields, name);
}

Result<std::string> ShowDocument(std::string json, const Names& hidden, const KeyScope& scope) {
  if (hidden.empty() && !scope.HidesAny()) {
    return json;
  }
  Names excluded = hidden;
  excluded.insert(excluded.end(), scope.exclude_fields.begin(), scope.exclude_fields.end());
  return Project(json, scope.include_fields, excluded);
}

}  // namespace cacheindex::index
