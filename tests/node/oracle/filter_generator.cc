#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "tests/node/oracle/filter_tree.h"
#include "tests/node/oracle/vocabulary.h"

namespace cacheindex::test {
namespace {

class FilterMaker {
 public:
  FilterMaker(Random& random, const Model& model, bool allows_unknown)
      : random_(&random), model_(&model), allows_unknown_(allows_unknown) {
    for (const ModelField& field : model.fields()) {
      for (auto dot = field.name.find('.'); dot != std::string::npos;
           dot = field.name.find('.', dot + 1)) {
        objects_.push_back(field.name.substr(0, dot));
      }
    }
  }

  FilterTree Make(std::size_t depth) {
    const std::size_t choice = random_->Below(100);
    if (depth > 0 && choice < 45) {
      FilterTree tree;
      tree.kind = choice < 28 ? FilterTree::Kind::kAnd : FilterTree::Kind::kOr;
      const std::size_t children = 2 + random_->Below(2);
      for (std::size_t i = 0; i < children; ++i) {
        tree.children.push_back(Make(depth - 1));
      }
      return tree;
    }
    if (choice > 88 && element_path_.empty() && !objects_.empty()) {
      FilterTree tree;
      tree.kind = FilterTree::Kind::kSameElement;
      tree.path = random_->Pick(objects_);
      element_path_ = tree.path;
      tree.children.push_back(Make(2));
      element_path_.clear();
      return tree;
    }
    if (choice > 82 && element_path_.empty()) {
      FilterTree tree;
      tree.kind = FilterTree::Kind::kPlace;
      tree.place = RandomPlaceFilter(*random_);
      return tree;
    }
    return choice < 50 && element_path_.empty() ? Identifiers() : Clause();
  }

 private:
  FilterTree Identifiers() {
    static const std::vector<Comparison> kComparisons = {
        Comparison::kMatches, Comparison::kEquals, Comparison::kNotMatches, Comparison::kNotEquals};
    FilterTree clause;
    clause.path = "id";
    clause.is_id = true;
    clause.comparison = random_->Pick(kComparisons);
    clause.is_list = random_->Chance(70);
    const std::size_t count = clause.is_list ? 1 + random_->Below(20) : 1;
    for (std::size_t i = 0; i < count; ++i) {
      clause.values.push_back({.kind = FilterValue::Kind::kText, .text = SomeId()});
    }
    return clause;
  }

  std::string SomeId() {
    if (model_->documents().empty() || random_->Chance(15)) {
      return "no such id";
    }
    return SomeDocument().first;
  }

  const std::pair<const std::string, ModelDocument>& SomeDocument() {
    const auto& documents = model_->documents();
    return *std::next(documents.begin(),
                      static_cast<std::ptrdiff_t>(random_->Below(documents.size())));
  }

  FilterTree Clause() {
    std::vector<const ModelField*> fields;
    const std::string begin = element_path_.empty() ? "" : element_path_ + ".";
    for (const ModelField& field : model_->fields()) {
      if (field.name.starts_with(begin)) {
        fields.push_back(&field);
      }
    }
    FilterTree clause;
    clause.field = *random_->Pick(fields);
    clause.path = clause.field.name.substr(begin.size());
    if (allows_unknown_ && random_->Chance(20)) {
      clause.is_unknown = true;
      clause.path = "unknown";
      clause.field = {.name = clause.path};
    }
    clause.is_list = random_->Chance(35);
    const bool is_number = IsNumber(clause.field.kind);
    const std::size_t comparisons = is_number && !clause.is_list ? 8 : 4;
    clause.comparison = static_cast<Comparison>(random_->Below(comparisons));
    if (comparisons == 4 && random_->Chance(40)) {
      clause.comparison = Comparison::kEquals;
    }
    const std::size_t count = clause.is_list ? 1 + random_->Below(4) : 1;
    for (std::size_t i = 0; i < count; ++i) {
      clause.values.push_back(is_number                               ? Number(clause)
                              : clause.field.kind == ValueKind::kBool ? Boolean()
                                                                      : Text(clause.field));
    }
    return clause;
  }

  FilterValue Boolean() {
    if (random_->Chance(5)) {
      return {.kind = FilterValue::Kind::kAnything};
    }
    return {.kind = FilterValue::Kind::kCompared, .low = random_->Chance(50)};
  }

  FilterValue Number(const FilterTree& clause) {
    const bool has_sign = clause.comparison >= Comparison::kLess;
    FilterValue value{.kind = FilterValue::Kind::kCompared,
                      .low = RandomNumber(*random_, clause.field.kind)};
    if (has_sign) {
      value.comparison = clause.comparison;
      return value;
    }
    const std::size_t choice = random_->Below(100);
    if (choice < 4) {
      return {.kind = FilterValue::Kind::kAnything};
    }
    if (choice < 40) {
      value.kind = FilterValue::Kind::kRange;
      value.high = RandomNumber(*random_, clause.field.kind);
      if (value.high < value.low && random_->Chance(90)) {
        std::swap(value.low, value.high);
      }
    } else if (clause.is_list && choice < 60) {
      value.comparison = static_cast<Comparison>(4 + random_->Below(4));
    }
    return value;
  }

  FilterValue Text(const ModelField& field) {
    const std::size_t choice = random_->Below(100);
    if (choice < 3) {
      return {.kind = FilterValue::Kind::kAnything};
    }
    if (choice < 25) {
      return {.kind = FilterValue::Kind::kPrefix, .text = Beginning(field)};
    }
    if (choice < 70) {
      if (auto text = StoredText(field)) {
        return {.kind = FilterValue::Kind::kText, .text = *std::move(text)};
      }
    }
    return {.kind = FilterValue::Kind::kText, .text = RandomText(*random_, 2)};
  }

  std::optional<std::string> StoredText(const ModelField& field) {
    if (model_->documents().empty()) {
      return std::nullopt;
    }
    const auto values = ValuesAt(SomeDocument().second.fields, field.name);
    return values.empty() ? std::nullopt : std::optional(random_->Pick(values).get<std::string>());
  }

  std::string Beginning(const ModelField& field) {
    static const std::vector<std::string> kBeginnings = {
        "r", "re", "sho", "SHOE",  "caf",    "25", "1",  "手", "运", "run",
        "a", "A+", "1-",  "under", "red sh", "x",  "京", "-",  "★"};
    const auto stored = random_->Chance(60) ? StoredText(field) : std::nullopt;
    if (!stored || stored->empty()) {
      return random_->Pick(kBeginnings);
    }
    if (random_->Chance(50)) {
      return stored->substr(0, CharacterEnd(*stored, random_->Below(stored->size())));
    }
    const auto& words = WordsOf(*stored);
    std::string text;
    const std::size_t count = words.empty() ? 0 : 1 + random_->Below(words.size());
    for (std::size_t i = 0; i < count; ++i) {
      text += (i == 0 ? "" : " ") + words[i];
    }
    return text.empty() ? random_->Pick(kBeginnings) : text;
  }

  // Returns the end of the character with the byte `i`.
  static std::size_t CharacterEnd(const std::string& text, std::size_t i) {
    for (++i; i < text.size() && (static_cast<unsigned char>(text[i]) & 0xC0U) == 0x80U; ++i) {
    }
    return i;
  }

  Random* random_;
  const Model* model_;
  bool allows_unknown_;
  std::vector<std::string> objects_;
  std::string element_path_;
};

}  // namespace

FilterTree RandomFilter(Random& random, const Model& model, bool allows_unknown) {
  return FilterMaker(random, model, allows_unknown).Make(random.Below(4));
}

}  // namespace cacheindex::test
