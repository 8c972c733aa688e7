#include <algorithm>

#include "replication/assembly/expression_calls.h"
#include "replication/assembly/expression_evaluator.h"

// Moments, durations, and when a comparison with the clock turns.

namespace cacheindex::replication {
namespace {

constexpr std::int64_t kMicroseconds = 1'000'000;

std::int64_t SecondsOf(Function unit) {
  switch (static_cast<int>(unit)) {
    case static_cast<int>(Function::kDays):
      return 86'400;
    case static_cast<int>(Function::kHours):
      return 3'600;
    case static_cast<int>(Function::kMinutes):
      return 60;
    default:
      return 1;
  }
}

bool IsInfinite(Int128 moment) { return moment == kInfinity || moment == kMinusInfinity; }

Term AsMoment(const Term& term) {
  if (term.kind == Term::Kind::kMoment) {
    return term;
  }
  const auto moment =
      term.kind == Term::Kind::kText ? ParseMoment(term.text) : std::optional<std::int64_t>();
  return moment ? Term::Moment(*moment) : Term();
}

// The moment so much later; what is beyond all moments is infinite.
Term Later(Term moment, Int128 microseconds) {
  if (!IsInfinite(moment.number)) {
    moment.number = std::clamp<Int128>(moment.number + microseconds, kMinusInfinity, kInfinity);
  }
  return moment;
}

std::int64_t FloorSecond(Int128 microseconds) {
  const Int128 rest = microseconds % kMicroseconds;
  return static_cast<std::int64_t>(microseconds / kMicroseconds) - (rest < 0 ? 1 : 0);
}

}  // namespace

// The clock goes in whole seconds. Where a moving moment meets a fixed one, the comparison may turn
// at the next whole second, and again at the one after it.
void ExpressionEvaluator::NoteCrossing(std::int64_t moving, std::int64_t fixed) {
  if (IsInfinite(moving) || IsInfinite(fixed)) {
    return;
  }
  const Int128 meeting = Int128{clock_} * kMicroseconds + fixed - moving;
  const std::int64_t before = FloorSecond(meeting);
  for (const std::int64_t second : {before, before + 1}) {
    if (second > clock_) {
      due_ = std::min(due_.value_or(second), second);
    }
  }
}

Term ExpressionEvaluator::CallTime(const Expression& call, const LoadedRow& row) {
  if (call.function == Function::kNow) {
    Term now = Term::Moment(clock_ * kMicroseconds);
    now.is_moving = true;
    return now;
  }
  const Term left = One(call.arguments[0], row);
  if (call.function >= Function::kDays && call.function <= Function::kSeconds) {
    const Term microseconds =
        Round(Calculate(Arithmetic::kMultiply, left,
                        Term::Integer(Int128{SecondsOf(call.function)} * kMicroseconds)),
              0, Rounding::kHalfAwayFromZero);
    return microseconds.kind == Term::Kind::kInteger ? microseconds : Term();
  }
  const Term first = AsMoment(left);
  if (call.function == Function::kUnix) {
    return first.is_null() || IsInfinite(first.number) ? Term()
                                                       : Term::Integer(FloorSecond(first.number));
  }
  const Term right = One(call.arguments[1], row);
  if (call.function == Function::kAdd || call.function == Function::kSubtract) {
    if (first.is_null() || right.kind != Term::Kind::kInteger) {
      return {};
    }
    return Later(first, call.function == Function::kAdd ? right.number : -right.number);
  }
  const Term second = AsMoment(right);
  if (first.is_null() || second.is_null()) {
    return {};
  }
  const auto left_moment = static_cast<std::int64_t>(first.number);
  const auto right_moment = static_cast<std::int64_t>(second.number);
  if (first.is_moving && !second.is_moving) {
    NoteCrossing(left_moment, right_moment);
  } else if (second.is_moving && !first.is_moving) {
    NoteCrossing(right_moment, left_moment);
  }
  return Term::Boolean(
      Holds(call.function, left_moment < right_moment ? -1 : (left_moment > right_moment ? 1 : 0)));
}

}  // namespace cacheindex::replication
