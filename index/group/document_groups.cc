#include "index/group/document_groups.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <optional>
#include <unordered_map>
#include <utility>

#include "index/columns/filter_ranges.h"
#include "index/columns/value_dictionary.h"
#include "index/encoding/column_value.h"
#include "index/expressions/filter_text.h"
#include "node/core/json.h"

namespace cacheindex::index {
namespace {

constexpr std::uint32_t kPageDocuments = cache::kWidePageDocuments;

// Gives numbers to the pairs of a group so far and a value, in the order of their arrival.
class Refinement {
 public:
  std::uint32_t Number(std::uint32_t group, std::int64_t value) {
    return next_of_.try_emplace(Pair{group, value}, static_cast<std::uint32_t>(next_of_.size()))
        .first->second;
  }

 private:
  struct Pair {
    std::uint32_t group = 0;
    std::int64_t value = 0;
    // NOLINTNEXTLINE(modernize-use-nullptr): misfires on a defaulted comparison.
    bool operator==(const Pair&) const = default;
  };
  struct Hash {
    std::size_t operator()(const Pair& pair) const noexcept {
      // Multiplication spreads neighbouring values and groups over all bits (Fibonacci hashing).
      constexpr std::uint64_t kGolden = 0x9E37'79B9'7F4A'7C15U;
      const std::uint64_t mixed =
          (static_cast<std::uint64_t>(pair.value) + pair.group * kGolden) * kGolden;
      return mixed ^ mixed >> 32;
    }
  };
  std::unordered_map<Pair, std::uint32_t, Hash> next_of_;
};

// Gives one number to each list of values: several values of a document are one key.
class ValueLists {
 public:
  std::int64_t Number(const cache::ColumnValues& values) {
    list_.clear();
    for (std::uint32_t i = 0; i < values.size(); ++i) {
      list_.push_back(values[i]);
    }
    return number_of_.try_emplace(list_, static_cast<std::int64_t>(number_of_.size()))
        .first->second;
  }

 private:
  std::vector<std::int64_t> list_;
  std::map<std::vector<std::int64_t>, std::int64_t> number_of_;
};

// Splits groups by the values of one field after the other.
class Splitter {
 public:
  Splitter(SearchContext& context, const DocumentSet& found, std::vector<std::uint32_t>& group_of)
      : context_(&context), found_(&found), group_of_(&group_of), has_value_(context.EmptySet()) {}

  Result<void> Split(const GroupField& field) {
    const cache::ColumnPages* pages = nullptr;
    if (field.column != cache::ColumnNumber{}) {
      const auto gathered = context_->Pages(field.column);
      if (!gathered) {
        return gathered.error();
      }
      pages = *gathered;
    }
    Refinement refinement;
    ValueLists lists;
    for (std::uint32_t number = 0; number < found_->PageCount(cache::PageShape::kWide); ++number) {
      if (number % kPagesPerDeadlineCheck == 0 && context_->IsExpired()) {
        return DeadlinePassed();
      }
      const cache::ColumnPage* page = pages == nullptr ? nullptr : pages->Find(number);
      SplitPage(field, number, page, refinement, lists);
    }
    return {};
  }

  // Gives each document without any value a group of its own, from `next` on.
  void Separate(std::uint32_t next) {
    found_->ForEach([&](DocumentNumber number) {
      if (!has_value_.Contains(number)) {
        (*group_of_)[number] = next++;
      }
    });
  }

 private:
  void SplitPage(const GroupField& field, std::uint32_t page_number, const cache::ColumnPage* page,
                 Refinement& refinement, ValueLists& lists) {
    const std::uint64_t* selected = found_->WordsOfPage(cache::PageShape::kWide, page_number);
    const DocumentNumber base = page_number * kPageDocuments;
    std::uint64_t* with_value = has_value_.WordsOfPage(cache::PageShape::kWide, page_number);
    std::vector<std::uint64_t> missing(selected, selected + kPageDocuments / 64);
    if (page != nullptr) {
      page->ForEachDocument(selected, [&](std::uint32_t offset, const cache::ColumnValues& values) {
        const std::uint64_t bit = std::uint64_t{1} << (offset % 64);
        missing[offset / 64] &= ~bit;
        with_value[offset / 64] |= bit;
        std::uint32_t& group = (*group_of_)[base + offset];
        // Twice the number and one: apart from what stands for no value.
        const std::int64_t key = field.is_array ? lists.Number(values) : values[0];
        group = refinement.Number(group * 2 + 1, key);
      });
    }
    for (std::uint32_t word = 0; word < missing.size(); ++word) {
      for (std::uint64_t bits = missing[word]; bits != 0; bits &= bits - 1) {
        const auto offset = word * 64 + static_cast<std::uint32_t>(std::countr_zero(bits));
        std::uint32_t& group = (*group_of_)[base + offset];
        group = refinement.Number(group * 2, 0);
      }
    }
  }

  SearchContext* context_;
  const DocumentSet* found_;
  std::vector<std::uint32_t>* group_of_;
  DocumentSet has_value_;
};

Result<Json> ToJson(SearchContext& context, const GroupField& field, std::int64_t value) {
  switch (field.type) {
    case FieldType::kInt32:
    case FieldType::kInt64:
      return Json(value);
    case FieldType::kFloat:
      return Json(DecodeFloat(value));
    case FieldType::kBool:
      return Json(value != 0);
    case FieldType::kString:
    case FieldType::kStringAuto:
    case FieldType::kGeopoint:
    case FieldType::kGeopolygon:
    case FieldType::kObject:
    case FieldType::kAuto:
      break;
  }
  auto text =
      ValueDictionary(context.view(), field.column).Value(static_cast<std::uint32_t>(value));
  if (!text) {
    return std::move(text).error();
  }
  return Json(*std::move(text));
}

}  // namespace

Result<std::vector<GroupField>> ParseGroupFields(const std::vector<std::string>& names,
                                                 const VisibleFields& visible,
                                                 bool validate_field_names) {
  if (names.size() > kGroupFieldsMax) {
    return Error(ErrorCode::kUnprocessable, "Parameter `group_by` names more than " +
                                                std::to_string(kGroupFieldsMax) + " fields.");
  }
  std::vector<GroupField> fields;
  for (const std::string& name : names) {
    const Field* field = visible.Find(name);
    if (field == nullptr && !validate_field_names) {
      continue;
    }
    if (field == nullptr) {
      return Error(ErrorCode::kNotFound,
                   "Could not find a group by field named " + Excerpt(name) + " in the schema.");
    }
    const FieldDefinition& definition = field->definition;
    const bool is_undecided =
        definition.type == FieldType::kAuto || definition.type == FieldType::kStringAuto;
    const bool is_string = definition.type == FieldType::kString;
    const bool is_countable =
        field->storage.values != cache::ColumnNumber{} && definition.type != FieldType::kGeopoint &&
        definition.type != FieldType::kGeopolygon && (!is_string || definition.facet);
    if (!is_countable && !(is_undecided && definition.facet)) {
      return Error(ErrorCode::kInvalidArgument,
                   "Group by field " + Excerpt(name) + " should be a facet field.");
    }
    fields.push_back({.name = name,
                      .type = definition.type,
                      .is_array = definition.is_array,
                      .column = field->storage.values});
  }
  return fields;
}

Result<DocumentGroups> DocumentGroups::Create(SearchContext& context, const DocumentSet& found,
                                              const Options& options) {
  DocumentGroups groups;
  groups.group_of_.resize(found.capacity());
  Splitter splitter(context, found, groups.group_of_);
  for (const GroupField& field : options.fields) {
    if (auto split = splitter.Split(field); !split) {
      return std::move(split).error();
    }
  }
  std::uint32_t count = 0;
  found.ForEach(
      [&](DocumentNumber number) { count = std::max(count, groups.group_of_[number] + 1); });
  if (!options.are_missing_together) {
    splitter.Separate(count);
  }
  // Numbers that nobody has any more, of documents that were separated, are closed up.
  constexpr std::uint32_t kUnused = ~std::uint32_t{0};
  std::vector<std::uint32_t> final_of(found.capacity() + count, kUnused);
  found.ForEach([&](DocumentNumber number) {
    std::uint32_t& group = groups.group_of_[number];
    if (final_of[group] == kUnused) {
      final_of[group] = groups.count();
      groups.sizes_.push_back(0);
    }
    group = final_of[group];
    ++groups.sizes_[group];
  });
  return groups;
}

std::uint64_t DocumentGroups::CountIn(const DocumentSet& documents) const {
  std::vector<bool> is_there(sizes_.size());
  std::uint64_t count = 0;
  documents.ForEach([&](DocumentNumber number) {
    const std::uint32_t group = group_of_[number];
    count += is_there[group] ? 0U : 1U;
    is_there[group] = true;
  });
  return count;
}

Result<std::string> GroupKey(SearchContext& context, std::span<const GroupField> fields,
                             DocumentNumber number) {
  Json key = Json::array();
  for (const GroupField& field : fields) {
    if (field.column == cache::ColumnNumber{}) {
      continue;
    }
    const auto pages = context.Pages(field.column);
    if (!pages) {
      return pages.error();
    }
    const cache::ColumnPage* page = (*pages)->Find(number / kPageDocuments);
    const auto values =
        page == nullptr ? cache::ColumnValues() : page->Find(number % kPageDocuments);
    Json list = Json::array();
    for (std::uint32_t i = 0; i < values.size(); ++i) {
      auto value = ToJson(context, field, values[i]);
      if (!value) {
        return std::move(value).error();
      }
      list.push_back(*std::move(value));
    }
    if (!list.empty()) {
      key.push_back(field.is_array ? std::move(list) : std::move(list.front()));
    }
  }
  return DumpJson(key);
}

}  // namespace cacheindex::index
