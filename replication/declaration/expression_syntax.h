#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "node/core/json.h"
#include "node/core/result.h"

namespace cacheindex::replication {

/// Bytes of one expression, and parts inside each other, at most.
inline constexpr std::size_t kExpressionBytesMax = 4'096;
inline constexpr int kExpressionDepthMax = 32;

/// An expression as it is written (collection_declaration.h describes the language), before the
/// tables say what its names mean.
struct Syntax {
  enum class Kind : std::uint8_t {
    kConstant,  ///< `constant`
    kPath,      ///< `steps`, then `members` if it ends in braces, or `each` if in parentheses
    kObject,    ///< `members` of the row at hand
    kCall,      ///< `name`(`arguments`): functions, and operators by their sign
  };

  struct Step;

  Kind kind = Kind::kConstant;
  Json constant;
  std::string name;
  std::vector<Syntax> arguments;
  std::vector<Step> steps;
  bool has_members = false;
  struct Member;
  std::vector<Member> members;
  /// Of a path: none, or the expression about each row that it finds.
  std::vector<Syntax> each;
};

struct Syntax::Member {
  std::string name;
  Syntax value;
};

/// One name of a path, with what its brackets say.
struct Syntax::Step {
  std::string name;
  /// Written as a number: the place of an element, never the name of a column or a table.
  bool is_number = false;
  /// The column of the foreign key that is meant; empty for the only one.
  std::string via;
  /// None or one.
  std::vector<Syntax> where;
  struct Order {
    std::vector<Syntax> key;
    bool is_descending = false;
    bool are_nulls_first = false;
  };
  std::vector<Order> order;
  std::optional<std::uint32_t> limit;
};

/// Errors: kInvalidArgument saying what was expected, and at which byte.
Result<Syntax> ParseExpression(std::string_view text);

}  // namespace cacheindex::replication
