#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "cache/numbers.h"
#include "index/columns/document_set.h"
#include "index/columns/search_context.h"
#include "index/documents/visible_fields.h"
#include "node/core/document.h"
#include "node/core/result.h"

namespace cacheindex::index {

/// Fields of one `group_by`, at most.
inline constexpr std::size_t kGroupFieldsMax = 10;

/// One field to group by.
struct GroupField {
  std::string name;
  FieldType type = FieldType::kString;
  bool is_array = false;
  cache::ColumnNumber column{};
};

/// Returns the fields that `names` say, without unknown ones when `validate_field_names` is false.
/// Errors: kNotFound for an unknown field, kInvalidArgument for one whose values are not at hand (a
/// string that is no facet), kUnprocessable for too many.
Result<std::vector<GroupField>> ParseGroupFields(const std::vector<std::string>& names,
                                                 const VisibleFields& visible,
                                                 bool validate_field_names = true);

/// Which of the found documents belong together: those with the same values, in the same order, in
/// all fields.
///
/// Memory: four bytes for each document of the collection, and four for each group.
/// Threads: immutable.
class DocumentGroups {
 public:
  struct Options {
    std::span<const GroupField> fields;
    /// Documents without any value form one group; else each of them forms its own.
    bool are_missing_together = true;
  };
  /// Cost: about 10 ns for each found document and field.
  /// Errors: kTimeout, and those of the view.
  static Result<DocumentGroups> Create(SearchContext& context, const DocumentSet& found,
                                       const Options& options);

  /// Returns the number of the group, from 0. Requires that `number` was found.
  std::uint32_t Of(DocumentNumber number) const noexcept { return group_of_[number]; }
  /// The same by document number; of those that were not found it says nothing.
  std::span<const std::uint32_t> numbers() const noexcept { return group_of_; }
  /// Groups there are.
  std::uint32_t count() const noexcept { return static_cast<std::uint32_t>(sizes_.size()); }
  /// Found documents in a group.
  std::uint32_t Size(std::uint32_t group) const noexcept { return sizes_[group]; }

  /// Returns how many groups have a document in `documents`, all of which must have been found.
  std::uint64_t CountIn(const DocumentSet& documents) const;

 private:
  // By document number; of found documents only.
  std::vector<std::uint32_t> group_of_;
  std::vector<std::uint32_t> sizes_;
};

/// Returns the values that a document has in `fields` as a JSON array: a plain value or an array
/// for each field that it has a value of.
Result<std::string> GroupKey(SearchContext& context, std::span<const GroupField> fields,
                             DocumentNumber number);

}  // namespace cacheindex::index
