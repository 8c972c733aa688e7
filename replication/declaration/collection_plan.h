#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cache/numbers.h"
#include "node/core/json.h"
#include "node/core/result.h"
#include "replication/declaration/collection_declaration.h"
#include "replication/declaration/field_set.h"
#include "replication/rows/table_catalogue.h"
#include "replication/values/term.h"

namespace cacheindex::replication {

/// How rows of a table are found by the values of some of its columns.
struct Access {
  enum class Kind : std::uint8_t {
    kKey,     ///< The values are the key.
    kPrefix,  ///< The values are the beginning of the key: the rows stand side by side.
    kIndex,   ///< Through a ReferenceIndex.
    kSpans,   ///< Through one of spans: those that hold the last value, a number.
    kRange,   ///< Through one that ends in a number: those from the last value but one to the last.
  };
  std::uint32_t table = 0;
  /// Of `table`, in the order in which the values make the key.
  std::vector<std::uint32_t> slots;
  /// How they are read; only through an index in another way than in the key.
  KeyForms forms;
  /// Where the row at hand has these values, and how those are read.
  std::vector<std::uint32_t> from_slots;
  KeyForms from_forms;
  Kind kind = Kind::kKey;
  /// Many rows find the same ones.
  bool is_shared = false;
  /// Place of the index in StoredTable::indexes; they are only ever added.
  std::size_t index = 0;

  bool needs_index() const noexcept { return kind != Kind::kKey && kind != Kind::kPrefix; }
  /// Returns whether both always find the same rows.
  bool IsSameAs(const Access& other) const {
    return table == other.table && kind == other.kind && slots == other.slots &&
           forms == other.forms && from_slots == other.from_slots && from_forms == other.from_forms;
  }
};

/// A place that expressions read: the root row, or rows reached from the parent's rows by joining
/// columns of both. The places of a collection are a tree, and a changed row is followed back up to
/// the root rows whose documents show it.
struct Place {
  std::uint32_t table = 0;
  /// Of the place itself for the root.
  std::uint32_t parent = 0;
  bool is_many = false;
  /// The parent's rows go up their tree: each row's parent is at this place too.
  bool is_tree = false;
  /// Finds this place's rows from the parent's row.
  Access down;
  /// Finds the parent's rows from this place's row.
  Access up;
  /// By slot: the fields that depend on the column. All, where it decides which rows belong to a
  /// document, or whether there is one.
  std::vector<FieldSet> used;
};

enum class Function : std::uint8_t {
  kAnd,
  kOr,
  kNot,
  kIsNull,
  kIn,
  kEqual,
  kNotEqual,
  kLess,
  kLessOrEqual,
  kGreater,
  kGreaterOrEqual,
  kAdd,
  kSubtract,
  kMultiply,
  kDivide,
  kModulo,
  kAbsolute,
  kRound,
  kFloor,
  kCeiling,
  kNumber,
  kUnix,
  kNow,
  kDays,
  kHours,
  kMinutes,
  kSeconds,
  kCoalesce,
  kGreatest,
  kLeast,
  kIf,
  kJson,
  // Of texts:
  kText,
  kLower,
  kUpper,
  kTrim,
  kLength,
  kReplace,
  kSubstring,
  kHtmlText,
  kLike,
  kLikeInAnyCase,
  kConcat,
  kConcatenate,
  // Give many values:
  kList,
  kDistinct,
  kSplit,
  kElements,
  // Of many values:
  kCount,
  kSum,
  kMinimum,
  kMaximum,
  kMean,
  kFirst,
  kAny,
  kJoin,
};

/// What is known of a value before there is one.
enum class ValueType : std::uint8_t {
  kUnknown,
  kBoolean,
  kInteger32,
  kInteger64,
  kReal,  ///< Decimals too.
  kText,
  kObject,
  kMoment,        ///< A timestamp and some time more or less.
  kMovingMoment,  ///< now(), and some time more or less.
  kDuration,
};

/// How the source compares texts.
struct TextComparison {
  enum class Kind : std::uint8_t {
    kBytes,
    kTime,  ///< Dates and timestamps: by what they mean.
    kUuid,
    kPadded,     ///< char(n): blanks at the end mean nothing.
    kFolded,     ///< citext: in lower case.
    kUnordered,  ///< Equal where they are printed alike; their order is not known here.
    kUnknown,    ///< Which are equal is not known here.
  };
  Kind kind = Kind::kBytes;
  /// Of kFolded.
  CaseFolding folding = CaseFolding::kNone;

  bool operator==(const TextComparison&) const = default;
};

struct Expression;

/// One step of a path: the rows of a place that belong to the row at hand.
struct PathStep {
  std::uint32_t place = 0;
  /// None or one.
  std::vector<Expression> where;
  struct Order {
    std::vector<Expression> key;
    bool is_descending = false;
    bool are_nulls_first = false;
  };
  std::vector<Order> order;
  std::optional<std::uint32_t> limit;
};

/// An expression that the tables have been asked about: evaluating it cannot fail for its form.
struct Expression {
  enum class Kind : std::uint8_t {
    kConstant,
    kColumn,     ///< `slot` of the row at hand; each element of an array where many are taken.
    kMember,     ///< What lies at `path` in the JSON of arguments[0].
    kEach,       ///< `arguments[0]` for each row that `steps` find.
    kRows,       ///< How many rows `steps` find.
    kObject,     ///< `members` of the row at hand.
    kPivot,      ///< For each row of `steps`: arguments[0] names, arguments[1] is the value.
    kLevels,     ///< From each row of `steps` up its tree: the names, joined by `separator`.
    kAncestors,  ///< From each row of `steps` up its tree: the values, the root's first.
    kCall,
  };
  Kind kind = Kind::kConstant;
  Function function = Function::kAnd;
  ValueType type = ValueType::kUnknown;
  /// How what it gives is compared.
  TextComparison comparison;
  /// Of a call: how it compares its arguments.
  TextComparison compared;
  bool is_many = false;
  /// Whether `steps` may find several rows.
  bool has_many_rows = false;
  /// Of kPivot: no value stands twice in a member.
  bool is_distinct = false;
  std::uint32_t slot = 0;
  /// Of kLevels and kAncestors: the place whose rows are the parents. arguments[0] is about the
  /// rows that `steps` find, arguments[1] the same about their parents.
  std::uint32_t tree = 0;
  /// Of a constant.
  Json constant;
  std::string separator;
  std::vector<std::string> path;
  std::vector<Expression> arguments;
  std::vector<PathStep> steps;
  struct Member;
  std::vector<Member> members;
};

struct Expression::Member {
  std::string name;
  Expression value;
};

/// A declaration that the tables have been asked about.
struct CollectionPlan {
  struct Field {
    /// The dotted name split; without the star. The first part names the document's member.
    std::vector<std::string> path;
    bool has_star = false;
    Expression value;
    WantedType wanted = WantedType::kAsItIs;
    /// The declared type has several values.
    bool is_array = false;
    Json default_value;
  };

  cache::CollectionNumber collection{};
  std::string name;
  std::uint32_t root = 0;
  /// As messages name it.
  std::string root_name;
  /// Finds the rows of the root that have an id, where that is another column than the key.
  std::optional<Access> id;
  std::optional<Expression> filter;
  std::vector<Field> fields;
  /// The first is the root.
  std::vector<Place> places;
  /// Documents depend on the clock.
  bool has_clock = false;
  /// The contract's object.
  Json schema;
};

/// An index that a plan's accesses need.
struct NeededIndex {
  std::uint32_t table = 0;
  std::vector<std::uint32_t> slots;
  KeyForms forms;
};

/// Checks `declaration` against the tables; `index` of each access is set by BindIndexes.
/// Errors: kInvalidArgument naming collection, field, table and column.
Result<CollectionPlan> MakePlan(const CollectionDeclaration& declaration,
                                const TableCatalogue& tables);

/// Returns the indexes that `plan` needs.
std::vector<NeededIndex> NeededIndexes(const CollectionPlan& plan);

/// Looks up in `tables` where the plan's indexes are. Returns false where one does not exist.
bool BindIndexes(CollectionPlan& plan, const TableCatalogue& tables);

}  // namespace cacheindex::replication
