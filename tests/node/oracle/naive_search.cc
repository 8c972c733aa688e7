#include "tests/node/oracle/naive_search.h"

#include <algorithm>
#include <cmath>
#include <compare>
#include <cstdint>
#include <functional>
#include <map>
#include <regex>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace cacheindex::test {
namespace {

std::string Joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) {
    text += (text.empty() ? "" : " ") + word;
  }
  return text;
}

// One part of an id: whole numbers first, by value; then texts.
struct IdPart {
  bool is_text = false;
  bool is_positive = false;
  /// Of a number: its digits with so many zeros in front that texts of digits order as numbers do.
  std::string text;
};

IdPart PartOf(const std::string& part) {
  static const std::regex kNumber("-?[1-9][0-9]*|0");
  if (!std::regex_match(part, kNumber)) {
    return {.is_text = true, .text = part};
  }
  const bool is_negative = part.front() == '-';
  std::string digits = part.substr(is_negative ? 1 : 0);
  digits.insert(0, 200 - digits.size(), '0');
  for (char& digit : digits) {
    digit = is_negative ? static_cast<char>('0' + '9' - digit) : digit;
  }
  return {.is_positive = !is_negative, .text = digits};
}

bool IsIdBefore(const std::string& a, const std::string& b) {
  const auto parts = [](const std::string& id) {
    std::vector<std::tuple<bool, bool, std::string>> split;
    for (std::size_t begin = 0; begin <= id.size();) {
      const std::size_t end = std::min(id.find(':', begin), id.size());
      const IdPart part = PartOf(id.substr(begin, end - begin));
      split.emplace_back(part.is_text, part.is_positive, part.text);
      begin = end + 1;
    }
    return split;
  };
  return parts(a) < parts(b);
}

// Where one key puts a document: by tier first, then by value.
struct SortPlace {
  // -1 for missing ones that come first, 1 for those that come last.
  int tier = 0;
  std::int64_t integer = 0;
  double number = 0;
  std::string text;
};

class Sorter {
 public:
  Sorter(const Query& query, const Model& model, const std::vector<Candidate>& found)
      : model_(&model), has_text_(HasTextQuery(query.request)), items_(query.sort) {
    const bool is_default = items_.empty();
    const auto is_text = [](const SortItem& item) { return item.field.empty(); };
    if (is_default && !model.default_sorting_field().empty()) {
      items_.push_back({.field = model.default_sorting_field(), .is_descending = true});
    }
    if (!has_text_) {
      std::erase_if(items_, is_text);
    } else if (is_default) {
      items_.insert(items_.begin(), {.is_descending = true});
    } else if (items_.size() < 3 && std::none_of(items_.begin(), items_.end(), is_text)) {
      items_.push_back({.is_descending = true});
    }
    PlaceThemselves(found);
    for (const Candidate& candidate : found) {
      scores_.push_back(candidate.match ? candidate.match->score : 0);
    }
    std::sort(scores_.begin(), scores_.end(), std::greater<>());
  }

  void Sort(std::vector<Candidate>& found) const {
    std::vector<std::pair<std::vector<SortPlace>, Candidate>> placed;
    for (const Candidate& candidate : found) {
      std::vector<SortPlace> places;
      for (const SortItem& item : items_) {
        places.push_back(PlaceOf(item, candidate));
      }
      placed.emplace_back(std::move(places), candidate);
    }
    std::sort(placed.begin(), placed.end(), [&](const auto& a, const auto& b) {
      for (std::size_t i = 0; i < items_.size(); ++i) {
        if (const int order = Compare(a.first[i], b.first[i], items_[i].is_descending)) {
          return order < 0;
        }
      }
      return own_place_.at(a.second.id) > own_place_.at(b.second.id);
    });
    for (std::size_t i = 0; i < found.size(); ++i) {
      found[i] = placed[i].second;
    }
  }

 private:
  // Where documents stand by themselves, the first one at 0.
  void PlaceThemselves(const std::vector<Candidate>& found) {
    std::vector<const Candidate*> placed;
    for (const Candidate& candidate : found) {
      placed.push_back(&candidate);
    }
    std::sort(placed.begin(), placed.end(), [&](const Candidate* a, const Candidate* b) {
      return model_->orders_by_id() ? IsIdBefore(*a->id, *b->id)
                                    : a->document->number < b->document->number;
    });
    for (const Candidate* candidate : placed) {
      own_place_.emplace(candidate->id, static_cast<std::int64_t>(own_place_.size()));
    }
  }

  template <class T>
  static int Three(const T& a, const T& b) {
    return a < b ? -1 : (b < a ? 1 : 0);
  }

  static int Compare(const SortPlace& a, const SortPlace& b, bool is_descending) {
    if (a.tier != b.tier) {
      return Three(a.tier, b.tier);
    }
    int order = Three(a.integer, b.integer);
    order = order != 0 ? order : Three(a.number, b.number);
    order = order != 0 ? order : Three(a.text, b.text);
    return is_descending ? -order : order;
  }

  SortPlace PlaceOf(const SortItem& item, const Candidate& candidate) const {
    if (item.field.empty()) {
      return {.integer = ScoreOf(item, candidate.match->score), .text = {}};
    }
    if (item.field == kInsertionOrder) {
      return {.integer = own_place_.at(candidate.id), .text = {}};
    }
    if (!item.cases.empty()) {
      return {.integer = WeightOf(item, candidate), .text = {}};
    }
    if (item.origin) {
      return PlaceByDistance(item, candidate);
    }
    const ModelField& field = *model_->Find(item.field);
    const auto values = ValuesAt(candidate.document->fields, item.field);
    if (values.empty()) {
      // A missing string counts as the highest of all, a missing number comes last.
      bool is_first = field.kind == ValueKind::kString && item.is_descending;
      if (item.missing != SortItem::Missing::kAsUsual) {
        is_first = item.missing == SortItem::Missing::kFirst;
      }
      return {.tier = is_first ? -1 : 1, .text = {}};
    }
    switch (field.kind) {
      case ValueKind::kString:
        return {.text = Joined(WordsOf(values.front().get<std::string>()))};
      case ValueKind::kBool:
        return {.integer = values.front().get<bool>() ? 1 : 0, .text = {}};
      case ValueKind::kFloat:
        return {.number = values.front().get<double>(), .text = {}};
      case ValueKind::kInteger32:
      case ValueKind::kInteger64:
        break;
    }
    return {.integer = values.front().get<std::int64_t>(), .text = {}};
  }

  static std::int64_t WeightOf(const SortItem& item, const Candidate& candidate) {
    for (const auto& [filter, weight] : item.cases) {
      if (Holds(filter, candidate.document->fields)) {
        return weight;
      }
    }
    return 0;
  }

  static SortPlace PlaceByDistance(const SortItem& item, const Candidate& candidate) {
    std::optional<double> nearest;
    for (const auto& spot : PlacesAt(candidate.document->fields, item.field)) {
      const double meters = MetersBetween(spot, *item.origin);
      nearest = std::min(nearest.value_or(meters), meters);
    }
    return nearest ? SortPlace{.integer = std::llround(*nearest), .text = {}}
                   : SortPlace{.tier = 1, .text = {}};
  }

  // The score itself, or the place of its bucket: the found documents, best first, are cut into
  // `buckets` groups or into groups of `bucket_size`; equal scores go where the first of them goes.
  std::int64_t ScoreOf(const SortItem& item, std::int64_t score) const {
    std::size_t size = item.bucket_size;
    if (item.buckets > 0) {
      size = std::max<std::size_t>(1, (scores_.size() + item.buckets - 1) / item.buckets);
    }
    if (size == 0) {
      return score;
    }
    std::size_t better = 0;
    while (scores_[better] > score) {
      ++better;
    }
    return -static_cast<std::int64_t>(better / size);
  }

  const Model* model_;
  bool has_text_;
  std::vector<SortItem> items_;
  std::vector<std::int64_t> scores_;
  std::map<const std::string*, std::int64_t> own_place_;
};

}  // namespace

void SortNaively(const Query& query, const Model& model, std::vector<Candidate>& found) {
  Sorter(query, model, found).Sort(found);
}

NaivePage SearchNaively(const Query& query, const Model& model) {
  std::vector<Candidate> candidates;
  for (const auto& [id, document] : model.documents()) {
    if (!query.filter || Holds(*query.filter, document.fields)) {
      candidates.push_back({.id = &id, .document = &document});
    }
  }
  NaivePage page;
  page.found = MatchNaively(query.request, model, std::move(candidates));
  SortNaively(query, model, page.found);
  page.facet_counts = CountNaively(query, model, page.found);
  if (!query.group_fields.empty()) {
    page.groups = GroupNaively(query, page.found);
  }
  const SearchRequest& request = query.request;
  const std::size_t pages_before = request.page == 0 ? 0 : request.page - 1;
  const std::size_t begin = std::min<std::size_t>(
      request.offset.value_or(static_cast<std::uint32_t>(pages_before * request.per_page)),
      page.found.size());
  const std::size_t end = std::min(begin + request.per_page, page.found.size());
  page.hits.assign(page.found.begin() + static_cast<std::ptrdiff_t>(begin),
                   page.found.begin() + static_cast<std::ptrdiff_t>(end));
  return page;
}

}  // namespace cacheindex::test
