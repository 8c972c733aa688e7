#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "node/core/json.h"
#include "node/core/search.h"
#include "tests/node/oracle/filter_tree.h"
#include "tests/node/oracle/model.h"
#include "tests/node/oracle/random.h"

namespace cacheindex::test {

/// Names the order in which documents stand by themselves.
inline constexpr const char* kInsertionOrder = "_seq_id";

struct SortItem {
  /// Empty for `_text_match`.
  std::string field{};
  bool is_descending = false;
  enum class Missing { kAsUsual, kFirst, kLast };
  Missing missing = Missing::kAsUsual;
  std::uint32_t buckets = 0;
  std::uint32_t bucket_size = 0;
  /// `_eval`, when not empty.
  std::vector<std::pair<FilterTree, std::int64_t>> cases{};
  /// Set for a distance.
  std::optional<Place> origin{};
};

struct FacetItem {
  /// A field; all fields that begin so when is_wildcard.
  std::string name{};
  bool is_wildcard = false;
  enum class Order { kCount, kAlphabet, kOtherField };
  Order order = Order::kCount;
  bool is_descending = true;
  std::string other_field{};
  struct Range {
    std::string label;
    std::optional<Json> start;
    std::optional<Json> end;
  };
  std::vector<Range> ranges{};
};

/// A request, and beside each of its small languages what was meant by it.
struct Query {
  SearchRequest request;
  std::optional<FilterTree> filter;
  std::vector<SortItem> sort;
  std::vector<FacetItem> facets;
  std::vector<ModelField> group_fields;
  std::string facet_query_field;
  std::string facet_query_text;
};

/// Returns a query that asks for the same documents, shown and counted in another way: what the
/// widgets of one page do.
Query RandomVariant(Random& random, const Model& model, const Query& query);

Query RandomQuery(Random& random, const Model& model);

/// Returns the request as the parameters that a client would send, for messages.
std::string Show(const SearchRequest& request);

}  // namespace cacheindex::test
