#pragma once

#include <optional>
#include <string>
#include <vector>

#include "node/core/search.h"
#include "tests/node/oracle/model.h"

namespace cacheindex::test {

/// A document on its way through a naive search.
struct Candidate {
  const std::string* id = nullptr;
  const ModelDocument* document = nullptr;
  std::optional<TextMatch> match{};
};

/// Returns those of `candidates` that the query of `request` finds, with their scores; all of them,
/// without scores, when there is no query.
std::vector<Candidate> MatchNaively(const SearchRequest& request, const Model& model,
                                    std::vector<Candidate> candidates);

/// Whether there is something to match at all.
bool HasTextQuery(const SearchRequest& request);

}  // namespace cacheindex::test
