#include "index/documents/visible_fields.h"

#include "index/documents/projection.h"

namespace cacheindex::index {

const Field* VisibleFields::Find(std::string_view name) const {
  return IsVisible(name) ? schema_->Find(name) : nullptr;
}

std::vector<const Field*> VisibleFields::StartingWith(std::string_view prefix) const {
  std::vector<const Field*> fields;
  for (auto named = schema_->by_name.lower_bound(prefix);
       named != schema_->by_name.end() && named->first.starts_with(prefix); ++named) {
    if (IsVisible(named->first)) {
      fields.push_back(&schema_->fields[named->second]);
    }
  }
  return fields;
}

bool VisibleFields::IsVisible(std::string_view name) const {
  return scope_ == nullptr || Shows(*scope_, name);
}

}  // namespace cacheindex::index
