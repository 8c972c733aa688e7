#pragma once

#include <string_view>
#include <vector>

#include "index/schema/schema.h"
#include "node/core/search.h"

namespace cacheindex::index {

/// The fields of a schema that whoever asks may know of: what a key hides does not exist for who
/// has it, so that a request can neither name it nor tell from an answer that it is there.
///
/// Threads: immutable. Lifetime: within that of the schema and the scope.
class VisibleFields {
 public:
  /// All of them: where nothing is hidden, a schema is what is visible of it.
  // NOLINTNEXTLINE(google-explicit-constructor)
  VisibleFields(const Schema& schema) : schema_(&schema) {}
  VisibleFields(const Schema& schema, const KeyScope& scope) : schema_(&schema), scope_(&scope) {}

  /// The whole schema, for what is no field and for what a request does not say itself.
  const Schema& schema() const noexcept { return *schema_; }

  /// Returns the concrete field of that name, nullptr when there is none to be seen.
  const Field* Find(std::string_view name) const;
  /// Returns the concrete fields whose names start with `prefix`, by name.
  std::vector<const Field*> StartingWith(std::string_view prefix) const;
  /// Whether documents are shown with their ids.
  bool HaveId() const { return IsVisible("id"); }

 private:
  bool IsVisible(std::string_view name) const;

  const Schema* schema_;
  /// nullptr: hides nothing.
  const KeyScope* scope_ = nullptr;
};

}  // namespace cacheindex::index
