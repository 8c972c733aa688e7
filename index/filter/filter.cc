#include "index/filter/filter.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "index/columns/filter_ranges.h"
#include "index/filter/filter_elements.h"
#include "index/filter/filter_geo.h"
#include "index/filter/filter_parser.h"
#include "index/filter/filter_strings.h"

namespace cacheindex::index {
namespace {

using Kind = FilterExpression::Kind;

// Evaluates a tree. Every step is given the documents that still matter and returns a subset of
// them, so a conjunction gets cheaper with every term.
class Evaluation {
 public:
  explicit Evaluation(SearchContext& context) : context_(&context) {}

  Result<DocumentSet> Evaluate(const FilterExpression& expression, const DocumentSet& within) {
    switch (expression.kind) {
      case Kind::kEverything:
        return within;
      case Kind::kClause:
        return EvaluateClause(expression.clause, within);
      case Kind::kAnd:
        return EvaluateAll(expression, within);
      case Kind::kOr:
        return EvaluateAny(expression, within);
      case Kind::kSameElement:
        return EvaluateSameElement(expression, within);
    }
    return within;
  }

 private:
  // What to do first: numbers and whole values, then ids, places, words, then what reads documents.
  int Cost(const FilterExpression& expression) const {
    constexpr int kValues = 1;
    constexpr int kIdentifiers = 2;
    constexpr int kPlaces = 3;
    constexpr int kWords = 4;
    constexpr int kDocuments = 5;
    if (expression.kind == Kind::kSameElement) {
      return kDocuments;
    }
    if (expression.kind == Kind::kClause) {
      const FilterClause& clause = expression.clause;
      if (clause.kind == FilterClause::Kind::kIdentifier) {
        return kIdentifiers;
      }
      if (clause.kind == FilterClause::Kind::kPlaces || clause.kind == FilterClause::Kind::kAreas) {
        return kPlaces;
      }
      return clause.kind != FilterClause::Kind::kText || UsesWholeValues(clause) ? kValues
             : ReadsDocuments(clause)                                            ? kDocuments
                                                                                 : kWords;
    }
    int highest = 0;
    for (const FilterExpression& child : expression.children) {
      highest = std::max(highest, Cost(child));
    }
    return highest;
  }

  Result<DocumentSet> EvaluateAll(const FilterExpression& expression, const DocumentSet& within) {
    std::vector<const FilterExpression*> ordered;
    for (const FilterExpression& child : expression.children) {
      ordered.push_back(&child);
    }
    std::stable_sort(
        ordered.begin(), ordered.end(),
        [&](const FilterExpression* a, const FilterExpression* b) { return Cost(*a) < Cost(*b); });
    DocumentSet left = within;
    for (const FilterExpression* child : ordered) {
      auto matches = Evaluate(*child, left);
      if (!matches || matches->IsEmpty()) {
        return matches;
      }
      left = *std::move(matches);
    }
    return left;
  }

  Result<DocumentSet> EvaluateAny(const FilterExpression& expression, const DocumentSet& within) {
    DocumentSet all = context_->EmptySet();
    DocumentSet left = within;
    for (const FilterExpression& child : expression.children) {
      auto matches = Evaluate(child, left);
      if (!matches) {
        return matches;
      }
      all.UniteWith(*matches);
      left.Subtract(*matches);
    }
    return all;
  }

  Result<DocumentSet> EvaluateSameElement(const FilterExpression& expression,
                                          const DocumentSet& within) {
    // An element for which everything holds is a document for which everything holds of some
    // element, as long as negations, which other elements may contradict, are left out.
    const bool outer = std::exchange(ignores_negations_, true);
    auto candidates = Evaluate(expression.children.front(), within);
    ignores_negations_ = outer;
    if (!candidates) {
      return candidates;
    }
    return KeepSameElement(*context_, expression, *candidates);
  }

  Result<DocumentSet> EvaluateClause(const FilterClause& clause, const DocumentSet& within) {
    if (clause.kind == FilterClause::Kind::kNothing) {
      return context_->EmptySet();
    }
    if (clause.is_negated && ignores_negations_) {
      return within;
    }
    auto matches = EvaluatePositive(clause, within);
    if (!matches || !clause.is_negated) {
      return matches;
    }
    DocumentSet others = within;
    others.Subtract(*matches);
    return others;
  }

  Result<DocumentSet> EvaluatePositive(const FilterClause& clause, const DocumentSet& within) {
    switch (clause.kind) {
      case FilterClause::Kind::kNothing:
        break;
      case FilterClause::Kind::kIdentifier:
        return EvaluateIdentifiers(clause, within);
      case FilterClause::Kind::kNumbers:
        return SelectByValues(*context_, clause.storage.values, clause.ranges, within);
      case FilterClause::Kind::kPlaces:
        return SelectByPlaces(*context_, clause.storage.values, clause.regions, within);
      case FilterClause::Kind::kAreas:
        return SelectByAreas(*context_, clause.storage.values, clause.points, within);
      case FilterClause::Kind::kText:
        return SelectByText(*context_, clause, within);
    }
    return context_->EmptySet();
  }

  Result<DocumentSet> EvaluateIdentifiers(const FilterClause& clause, const DocumentSet& within) {
    DocumentSet matches = context_->EmptySet();
    for (const FilterText& text : clause.texts) {
      if (text.text.empty() || text.text.size() > kDocumentIdBytesMax) {
        continue;
      }
      if (context_->IsExpired()) {
        return DeadlinePassed();
      }
      auto header = context_->view().FindHeader(context_->collection().number, text.text);
      if (!header) {
        return std::move(header).error();
      }
      if (*header && within.Contains((*header)->number)) {
        matches.Add((*header)->number);
      }
    }
    return matches;
  }

  SearchContext* context_;
  // Inside `field.{...}`, where a superset is looked for.
  bool ignores_negations_ = false;
};

bool DemandsIdentifiers(const FilterExpression& expression) noexcept {
  if (expression.kind == Kind::kAnd) {
    return std::any_of(expression.children.begin(), expression.children.end(), DemandsIdentifiers);
  }
  return expression.kind == Kind::kClause &&
         expression.clause.kind == FilterClause::Kind::kIdentifier && !expression.clause.is_negated;
}

}  // namespace

Result<Filter> Filter::Parse(std::string_view text, const VisibleFields& fields,
                             const FilterOptions& options) {
  auto expression = ParseFilter(text, fields, options);
  if (!expression) {
    return std::move(expression).error();
  }
  Filter filter;
  filter.expression_ = *std::move(expression);
  return filter;
}

bool Filter::NamesDocuments() const noexcept { return DemandsIdentifiers(expression_); }

Result<DocumentSet> Filter::Evaluate(SearchContext& context, const DocumentSet& within) const {
  return Evaluation(context).Evaluate(expression_, within);
}

}  // namespace cacheindex::index
