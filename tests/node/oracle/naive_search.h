#pragma once

#include <string>
#include <vector>

#include "tests/node/oracle/model.h"
#include "tests/node/oracle/naive_text.h"
#include "tests/node/oracle/query.h"

namespace cacheindex::test {

/// Found documents with the same values in the fields of `group_by`, by their places in the found.
struct NaiveGroup {
  Json key;
  std::vector<std::size_t> members;
};

/// What a search must answer.
struct NaivePage {
  /// All that was found, in order: pages are cut out of it by whoever compares.
  std::vector<Candidate> found;
  /// Cut out of `found` by page, per_page and offset.
  std::vector<Candidate> hits;
  std::vector<FacetCounts> facet_counts;
  /// All of them, when there is a `group_by`.
  std::vector<NaiveGroup> groups;
};

/// Looks at every document for everything, straight from the contract's words. Slow and simple.
NaivePage SearchNaively(const Query& query, const Model& model);

/// Puts `found` into the order that the query asks for.
void SortNaively(const Query& query, const Model& model, std::vector<Candidate>& found);

/// Returns the groups of `found` in the order of their first members; without a `group_by`, every
/// document is one.
std::vector<NaiveGroup> GroupNaively(const Query& query, const std::vector<Candidate>& found);

/// Counts what the query asks for among `found`.
std::vector<FacetCounts> CountNaively(const Query& query, const Model& model,
                                      const std::vector<Candidate>& found);

}  // namespace cacheindex::test
