#include "index/sort/sort_computed.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "cache/document_hash.h"
#include "index/columns/filter_ranges.h"
#include "index/encoding/column_value.h"

namespace cacheindex::index {
namespace {

// Ids that are looked up between two looks at the clock.
constexpr std::size_t kIdsPerDeadlineCheck = 16'384;

cache::ColumnValues ValuesOf(const cache::ColumnPages& pages, DocumentNumber number) {
  const cache::ColumnPage* page = pages.Find(number / cache::kWidePageDocuments);
  return page == nullptr ? cache::ColumnValues() : page->Find(number % cache::kWidePageDocuments);
}

std::optional<double> Nearest(const cache::ColumnValues& places, const GeoPoint& origin) {
  std::optional<double> nearest;
  for (std::uint32_t i = 0; i < places.size(); ++i) {
    const double meters = DistanceMeters(origin, DecodeGeopoint(places[i]));
    nearest = std::min(nearest.value_or(meters), meters);
  }
  return nearest;
}

// The distance as it is compared: in whole meters, or in steps.
std::int64_t Compared(const SortDistance& distance, double meters) {
  if (meters <= distance.exclude_radius_meters) {
    return 0;
  }
  return distance.precision_meters > 0
             ? static_cast<std::int64_t>(std::floor(meters / distance.precision_meters))
             : std::llround(meters);
}

SortFunction ByDistance(const SortDistance& distance, const cache::ColumnPages& pages) {
  return [&distance, &pages](DocumentNumber number) -> std::optional<std::int64_t> {
    const auto meters = Nearest(ValuesOf(pages, number), distance.origin);
    return meters ? std::optional(Compared(distance, *meters)) : std::nullopt;
  };
}

SortFunction ByDecay(const SortDecay& decay, const cache::ColumnPages& pages) {
  return [&decay, &pages](DocumentNumber number) -> std::optional<std::int64_t> {
    const auto values = ValuesOf(pages, number);
    return values.size() == 0 ? std::nullopt
                              : std::optional(EncodeFloat(Decayed(decay, values[0])));
  };
}

// Mixes seed and hash until nothing of their order is left (splitmix64, public domain,
// https://prng.di.unimi.it/splitmix64.c).
std::int64_t Mix(std::uint64_t seed, std::uint64_t hash) {
  std::uint64_t mixed = seed * 0x9E37'79B9'7F4A'7C15U + hash + 0x9E37'79B9'7F4A'7C15U;
  mixed = (mixed ^ mixed >> 30) * 0xBF58'476D'1CE4'E5B9U;
  mixed = (mixed ^ mixed >> 27) * 0x94D0'49BB'1331'11EBU;
  return static_cast<std::int64_t>(mixed ^ mixed >> 31);
}

// By ids, because the same document has another number on another node.
Result<SortFunction> ByChance(SearchContext& context, std::uint64_t seed,
                              const DocumentSet& found) {
  std::vector<DocumentNumber> numbers;
  numbers.reserve(found.Count());
  found.ForEach([&](DocumentNumber number) { numbers.push_back(number); });
  std::vector<std::pair<DocumentNumber, std::int64_t>> drawn;
  drawn.reserve(numbers.size());
  for (std::size_t begin = 0; begin < numbers.size(); begin += kIdsPerDeadlineCheck) {
    if (context.IsExpired()) {
      return DeadlinePassed();
    }
    const std::size_t count = std::min(kIdsPerDeadlineCheck, numbers.size() - begin);
    auto looked_up = context.view().FindIds(
        context.collection().number, std::span(numbers).subspan(begin, count),
        [&](DocumentNumber number, std::string_view id) {
          drawn.emplace_back(number, Mix(seed, cache::HashOf(id)));
        });
    if (!looked_up) {
      return std::move(looked_up).error();
    }
  }
  return SortFunction(
      [drawn = std::move(drawn)](DocumentNumber number) -> std::optional<std::int64_t> {
        const auto place = std::ranges::lower_bound(
            drawn, number, {}, &std::pair<DocumentNumber, std::int64_t>::first);
        return place == drawn.end() || place->first != number ? std::nullopt
                                                              : std::optional(place->second);
      });
}

Result<SortFunction> ByCases(SearchContext& context, const std::vector<SortCase>& cases,
                             const DocumentSet& found) {
  std::vector<std::pair<DocumentSet, std::int64_t>> weighted;
  DocumentSet left = found;
  for (const SortCase& one : cases) {
    auto matches = one.filter.Evaluate(context, left);
    if (!matches) {
      return std::move(matches).error();
    }
    left.Subtract(*matches);
    weighted.emplace_back(*std::move(matches), one.weight);
  }
  return SortFunction(
      [weighted = std::move(weighted)](DocumentNumber number) -> std::optional<std::int64_t> {
        for (const auto& [documents, weight] : weighted) {
          if (documents.Contains(number)) {
            return weight;
          }
        }
        return 0;
      });
}

}  // namespace

bool IsComputed(const SortKey& key) {
  switch (key.kind) {
    case SortKey::Kind::kNumber:
    case SortKey::Kind::kString:
    case SortKey::Kind::kTextMatch:
      return false;
    case SortKey::Kind::kInsertion:
      return key.column == cache::ColumnNumber{};
    case SortKey::Kind::kCases:
    case SortKey::Kind::kRandom:
    case SortKey::Kind::kDistance:
    case SortKey::Kind::kDecay:
    case SortKey::Kind::kGroupSize:
      return true;
  }
  return false;
}

Result<SortFunction> ComputeSortValues(SearchContext& context, const SortKey& key,
                                       const DocumentSet& found, const SortSources& sources) {
  if (key.kind == SortKey::Kind::kCases) {
    return ByCases(context, key.cases, found);
  }
  if (key.kind == SortKey::Kind::kDistance || key.kind == SortKey::Kind::kDecay) {
    const auto pages = context.Pages(key.column);
    if (!pages) {
      return pages.error();
    }
    return key.kind == SortKey::Kind::kDistance ? ByDistance(key.distance, **pages)
                                                : ByDecay(key.decay, **pages);
  }
  if (key.kind == SortKey::Kind::kRandom) {
    return ByChance(context, key.seed, found);
  }
  if (key.kind == SortKey::Kind::kGroupSize) {
    return SortFunction([groups = sources.groups](DocumentNumber number) -> std::int64_t {
      return groups == nullptr ? 1 : groups->Size(groups->Of(number));
    });
  }
  return SortFunction([](DocumentNumber number) -> std::int64_t { return number; });
}

Result<std::optional<std::uint64_t>> NearestMeters(SearchContext& context, const SortKey& key,
                                                   DocumentNumber number) {
  const auto pages = context.Pages(key.column);
  if (!pages) {
    return pages.error();
  }
  const auto meters = Nearest(ValuesOf(**pages, number), key.distance.origin);
  return meters ? std::optional(static_cast<std::uint64_t>(std::llround(*meters))) : std::nullopt;
}

double Decayed(const SortDecay& decay, std::int64_t column_value) {
  const double value =
      decay.is_float ? DecodeFloat(column_value) : static_cast<double>(column_value);
  const double difference = std::fabs(value - decay.origin);
  if (decay.function == SortDecay::Function::kDifference) {
    return difference;
  }
  const double distance = std::max(0.0, difference - decay.offset) / decay.scale;
  if (distance == 0) {
    return 1;  // Also where nothing is left of it further away.
  }
  switch (decay.function) {
    case SortDecay::Function::kGauss:
      return std::exp(std::log(decay.decay) * distance * distance);
    case SortDecay::Function::kExponential:
      return std::exp(std::log(decay.decay) * distance);
    case SortDecay::Function::kLinear:
      return std::max(0.0, 1 - distance * (1 - decay.decay));
    case SortDecay::Function::kDifference:
      break;
  }
  return difference;
}

}  // namespace cacheindex::index
