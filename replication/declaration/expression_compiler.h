#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "node/core/result.h"
#include "replication/declaration/collection_plan.h"
#include "replication/declaration/expression_syntax.h"
#include "replication/declaration/plan_links.h"

namespace cacheindex::replication {

// Private to the making of plans.

/// Gives the names of one collection's expressions their meaning, and notes the places that they
/// read.
class ExpressionCompiler {
 public:
  /// Keeps all three.
  ExpressionCompiler(const TableCatalogue& tables, const std::vector<Link>& links,
                     std::vector<Place>& places)
      : tables_(tables), links_(links), places_(places) {}

  /// What is compiled from now on is part of these fields; of all until then.
  void BeginFields(FieldSet fields) { fields_ = fields; }

  /// Compiles an expression about a row of `place`.
  /// Errors: kInvalidArgument.
  Result<Expression> Compile(const Syntax& syntax, std::uint32_t place);
  /// As Compile, for what must be true or false.
  Result<Expression> CompileCondition(const Syntax& syntax, std::uint32_t place);

  /// Whether what was compiled depends on the clock.
  bool has_clock() const { return has_clock_; }

 private:
  /// As Compile, also for moments and durations, which are no values.
  Result<Expression> CompileAny(const Syntax& syntax, std::uint32_t place);
  const StoredTable& TableOf(std::uint32_t place) const {
    return *tables_.Find(places_[place].table);
  }
  /// What a path ends in.
  enum class PathEnd { kValue, kRowsOrValue, kRows };
  Result<Expression> CompilePath(const Syntax& syntax, std::uint32_t place, PathEnd end);
  Result<PathStep> CompileStep(const Syntax::Step& step, std::uint32_t place);
  Result<Expression> CompileObject(const Syntax& syntax, std::uint32_t place);
  Result<Expression> CompileCall(const Syntax& syntax, std::uint32_t place);
  Result<Expression> CompileCount(const Syntax& syntax, std::uint32_t place);
  Result<Expression> CompilePivot(const Syntax& syntax, std::uint32_t place);
  Result<Expression> CompileTree(const Syntax& syntax, std::uint32_t place);
  Result<Expression> CompileRows(const Syntax& call, std::uint32_t place);
  Result<Expression> CompileMember(std::uint32_t slot, std::uint32_t place,
                                   std::span<const Syntax::Step> steps);
  Expression Column(std::uint32_t slot, std::uint32_t place);
  std::optional<std::uint32_t> FindColumn(const Syntax::Step& step, std::uint32_t place) const;
  /// The type as which the column's text is read.
  std::uint32_t TypeOfSlot(std::uint32_t slot, std::uint32_t place) const;
  const TableColumn& ColumnOf(std::uint32_t slot, std::uint32_t place) const;
  std::uint32_t FindOrAddPlace(const Direction& direction, std::uint32_t parent);
  std::uint32_t AddTree(std::uint32_t place, const Link& link);

  const TableCatalogue& tables_;
  const std::vector<Link>& links_;
  std::vector<Place>& places_;
  FieldSet fields_ = FieldSet::All();
  bool has_clock_ = false;
};

}  // namespace cacheindex::replication
