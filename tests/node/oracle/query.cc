#include "tests/node/oracle/query.h"

#include <algorithm>
#include <utility>

#include "tests/node/oracle/vocabulary.h"

namespace cacheindex::test {
namespace {

// No collection has it. Where names are not validated it is left out.
constexpr const char* kUnknownField = "gone";

class QueryMaker {
 public:
  QueryMaker(Random& random, const Model& model) : random_(&random), model_(&model) {}

  Query Make() {
    query_.request.validate_field_names = random_->Chance(95);
    Text();
    if (random_->Chance(60)) {
      query_.filter = RandomFilter(*random_, *model_, !query_.request.validate_field_names);
      query_.request.filter_by = Print(*query_.filter, *random_);
    }
    if (random_->Chance(70)) {
      Sort();
    }
    if (random_->Chance(50)) {
      Facets();
    }
    if (random_->Chance(25)) {
      Groups();
    }
    Page();
    return std::move(query_);
  }

 private:
  std::vector<ModelField> Fields(bool (*wanted)(const ModelField&)) const {
    std::vector<ModelField> fields;
    std::copy_if(model_->fields().begin(), model_->fields().end(), std::back_inserter(fields),
                 wanted);
    return fields;
  }

  void Text() {
    SearchRequest& request = query_.request;
    const auto fields =
        Fields([](const ModelField& field) { return field.kind == ValueKind::kString; });
    if (random_->Chance(35) || fields.empty()) {
      request.query = random_->Chance(80) ? "*" : "";
    } else {
      request.query = Words();
    }
    for (const ModelField& field : random_->Sample(fields, 1 + random_->Below(4))) {
      request.query_by.push_back(field.name);
    }
    if (random_->Chance(10)) {
      AddObject(fields);
    }
    if (NamesUnknownField()) {
      request.query_by.insert(request.query_by.begin() + static_cast<std::ptrdiff_t>(random_->Below(
                                                             request.query_by.size() + 1)),
                              kUnknownField);
    }
    const std::size_t count = request.query_by.size();
    if (random_->Chance(30)) {
      for (std::size_t i = 0; i < count; ++i) {
        request.query_by_weights.push_back(static_cast<std::uint32_t>(random_->Below(4)));
      }
    }
    if (random_->Chance(40)) {
      const std::size_t choices = random_->Chance(50) ? 1 : count;
      for (std::size_t i = 0; i < choices; ++i) {
        request.prefix.push_back(random_->Chance(50));
      }
    }
    if (random_->Chance(40)) {
      static const std::vector<std::uint32_t> kThresholds = {0, 0, 2, 5, 1000};
      request.drop_tokens_threshold = random_->Pick(kThresholds);
    }
    static const std::vector<SearchRequest::DropTokens> kModes = {
        SearchRequest::DropTokens::kByRarity, SearchRequest::DropTokens::kRightToLeft,
        SearchRequest::DropTokens::kLeftToRight, SearchRequest::DropTokens::kBothSides};
    request.drop_tokens_mode = random_->Pick(kModes);
    request.exhaustive_search = random_->Chance(5);
    request.search_cutoff_ms = 300'000;
    Tolerance(request);
  }

  bool NamesUnknownField() { return !query_.request.validate_field_names && random_->Chance(50); }

  void Tolerance(SearchRequest& request) {
    if (random_->Chance(30)) {
      const std::size_t choices = random_->Chance(50) ? 1 : request.query_by.size();
      for (std::size_t i = 0; i < choices; ++i) {
        request.num_typos.push_back(static_cast<std::uint32_t>(random_->Below(3)));
      }
    }
    if (random_->Chance(40)) {
      static const std::vector<std::uint32_t> kThresholds = {0, 2, 5, 1000};
      request.typo_tokens_threshold = random_->Pick(kThresholds);
    }
    request.min_len_1typo = static_cast<std::uint32_t>(2 + random_->Below(4));
    request.min_len_2typo = static_cast<std::uint32_t>(3 + random_->Below(6));
    request.split_join_tokens =
        static_cast<SearchRequest::SplitJoin>(random_->Chance(70) ? 1 : random_->Below(3));
    if (random_->Chance(30)) {
      for (std::size_t i = 0; i <= random_->Below(3); ++i) {
        request.synonyms.push_back({.root = random_->Chance(50) ? Phrase() : "",
                                    .synonyms = {Word(), Phrase(), Word()},
                                    .symbols = {}});
      }
      request.demote_synonym_match = random_->Chance(20);
    }
    request.prioritize_exact_match = random_->Chance(80);
    request.prioritize_token_position = random_->Chance(20);
    request.prioritize_num_matching_fields = random_->Chance(80);
  }

  // An object stands for all its strings.
  void AddObject(const std::vector<ModelField>& fields) {
    for (const ModelField& field : fields) {
      if (const auto dot = field.name.find('.'); dot != std::string::npos) {
        query_.request.query_by.push_back(field.name.substr(0, dot));
        return;
      }
    }
  }

  std::string Words() {
    std::string text;
    const std::size_t words = 1 + random_->Below(4);
    for (std::size_t i = 0; i < words; ++i) {
      text += i == 0 ? "" : " ";
      const std::size_t choice = random_->Below(100);
      if (choice < 8) {
        text += "-" + random_->Pick(test::Words());
      } else if (choice < 18) {
        text += (random_->Chance(25) ? "-\"" : "\"") + Phrase() + "\"";
      } else {
        text += Word();
      }
    }
    return text;
  }

  std::string Word() {
    std::string word = random_->Pick(test::Words());
    if (random_->Chance(25)) {
      // The beginning of a word, at a character's boundary.
      std::size_t end = 1 + random_->Below(word.size());
      while (end < word.size() && (static_cast<unsigned char>(word[end]) & 0xC0U) == 0x80U) {
        ++end;
      }
      word.resize(end);
    }
    return word;
  }

  std::string Phrase() {
    if (!model_->documents().empty() && random_->Chance(70)) {
      const auto& documents = model_->documents();
      const auto place = std::next(documents.begin(),
                                   static_cast<std::ptrdiff_t>(random_->Below(documents.size())));
      const auto titles = ValuesAt(place->second.fields, "title");
      if (!titles.empty()) {
        const auto& words = WordsOf(titles.front().get_ref<const std::string&>());
        const std::size_t begin = words.empty() ? 0 : random_->Below(words.size());
        std::string text;
        for (std::size_t i = begin; i < std::min(begin + 3, words.size()); ++i) {
          text += (text.empty() ? "" : " ") + words[i];
        }
        return text;
      }
    }
    return random_->Pick(test::Words()) + " " + random_->Pick(test::Words());
  }

  void Sort() {
    const auto fields = Fields([](const ModelField& field) { return field.sort; });
    const std::size_t count = 1 + random_->Below(3);
    for (const ModelField& field : random_->Sample(fields, count)) {
      SortItem item{.field = field.name, .is_descending = random_->Chance(50)};
      if (random_->Chance(30)) {
        item.missing = random_->Chance(50) ? SortItem::Missing::kFirst : SortItem::Missing::kLast;
      }
      query_.sort.push_back(item);
    }
    if (query_.sort.size() < 3 && random_->Chance(30)) {
      SortItem item{.is_descending = random_->Chance(75)};
      const std::size_t choice = random_->Below(10);
      item.buckets = choice < 2 ? static_cast<std::uint32_t>(1 + random_->Below(5)) : 0;
      item.bucket_size = choice > 7 ? static_cast<std::uint32_t>(1 + random_->Below(20)) : 0;
      query_.sort.insert(
          query_.sort.begin() + static_cast<std::ptrdiff_t>(random_->Below(query_.sort.size() + 1)),
          item);
    }
    if (query_.sort.size() < 3 && random_->Chance(15)) {
      SortItem item{.field = "_eval", .is_descending = random_->Chance(75)};
      for (std::size_t i = 1 + random_->Below(3); i > 0; --i) {
        item.cases.emplace_back(
            RandomFilter(*random_, *model_, !query_.request.validate_field_names),
            random_->Between(-3, 5));
      }
      AddSort(std::move(item));
    }
    if (query_.sort.size() < 3 && random_->Chance(15)) {
      AddSort({.field = random_->Chance(60) ? kPlaceField : kPlacesField,
               .is_descending = random_->Chance(30),
               .origin = RandomPlace(*random_)});
    }
    if (query_.sort.size() < 3 && random_->Chance(10)) {
      AddSort({.field = kInsertionOrder, .is_descending = random_->Chance(50)});
    }
    if (query_.sort.size() < 3 && NamesUnknownField()) {
      query_.request.sort_by = std::string(kUnknownField) + ":asc";
    }
    for (const SortItem& item : query_.sort) {
      query_.request.sort_by += (query_.request.sort_by.empty() ? "" : ",") + PrintItem(item);
    }
  }

  void AddSort(SortItem item) {
    query_.sort.insert(
        query_.sort.begin() + static_cast<std::ptrdiff_t>(random_->Below(query_.sort.size() + 1)),
        std::move(item));
  }

  std::string PrintItem(const SortItem& item) const {
    std::string text = item.field.empty() ? "_text_match" : item.field;
    if (item.origin) {
      text += "(" + DumpJson(item.origin->latitude) + ", " + DumpJson(item.origin->longitude) + ")";
    }
    if (!item.cases.empty()) {
      text += "([";
      for (const auto& one : item.cases) {
        text += (&one == &item.cases.front() ? "(" : ", (") + Print(one.first, *random_) +
                "):" + std::to_string(one.second);
      }
      text += "])";
    }
    if (item.missing != SortItem::Missing::kAsUsual) {
      text += item.missing == SortItem::Missing::kFirst ? "(missing_values: first)"
                                                        : "(missing_values:last)";
    }
    if (item.buckets > 0) {
      text += "(buckets: " + std::to_string(item.buckets) + ")";
    }
    if (item.bucket_size > 0) {
      text += "(bucket_size:" + std::to_string(item.bucket_size) + ")";
    }
    return text + (item.is_descending ? ":desc" : random_->Chance(50) ? ":asc" : ": ASC");
  }

  void Facets() {
    const auto fields = Fields([](const ModelField& field) { return field.facet; });
    for (const ModelField& field : random_->Sample(fields, 1 + random_->Below(4))) {
      AddFacet(field);
    }
    if (!fields.empty() && random_->Chance(8)) {
      const std::string name = random_->Chance(50) ? "" : random_->Pick(fields).name.substr(0, 4);
      query_.facets.push_back({.name = name, .is_wildcard = true});
      query_.request.facet_by += (query_.request.facet_by.empty() ? "" : ",") + name + "*";
    }
    if (NamesUnknownField()) {
      query_.request.facet_by +=
          (query_.request.facet_by.empty() ? "" : ",") + std::string(kUnknownField);
    }
    static const std::vector<std::uint32_t> kSizes = {10, 10, 1, 2, 3, 5, 100, 0};
    query_.request.max_facet_values = random_->Pick(kSizes);
    // A query says nothing about ranges.
    if (!query_.facets.empty() && query_.facets.front().ranges.empty() &&
        !query_.facets.front().is_wildcard && random_->Chance(25)) {
      query_.request.facet_query_num_typos = 0;
      query_.facet_query_field = query_.facets.front().name;
      static const std::vector<std::string> kWordless = {"+", "++", "-", "★", "👍", "?", "&"};
      query_.facet_query_text = random_->Chance(15)   ? random_->Pick(kWordless)
                                : random_->Chance(20) ? Word() + " " + Word()
                                                      : Word();
      query_.request.facet_query = query_.facet_query_field + ":" +
                                   (random_->Chance(50) ? " " : "") + query_.facet_query_text;
    }
  }

  void AddFacet(const ModelField& field) {
    FacetItem item{.name = field.name};
    std::vector<std::string> options;
    if (IsNumber(field.kind) && random_->Chance(35)) {
      AddRanges(field, item, options);
    }
    const auto numbers = Fields([](const ModelField& other) {
      return IsNumber(other.kind) || other.kind == ValueKind::kBool;
    });
    const std::size_t choice = random_->Below(100);
    item.is_descending = choice >= 40 || random_->Chance(50);
    const std::string direction = item.is_descending ? "desc" : "asc";
    if (choice < 20) {
      item.order = FacetItem::Order::kAlphabet;
      options.push_back("sort_by:_alpha:" + direction);
    } else if (choice < 40 && item.ranges.empty() && !numbers.empty()) {
      item.order = FacetItem::Order::kOtherField;
      item.other_field = random_->Pick(numbers).name;
      options.push_back("sort_by: " + item.other_field + ":" + direction);
    }
    std::string text = item.name;
    for (std::size_t i = 0; i < options.size(); ++i) {
      text += (i == 0 ? "(" : ", ") + options[i];
    }
    text += options.empty() ? "" : ")";
    query_.request.facet_by += (query_.request.facet_by.empty() ? "" : ",") + text;
    query_.facets.push_back(std::move(item));
  }

  void AddRanges(const ModelField& field, FacetItem& item, std::vector<std::string>& options) {
    const std::size_t count = 1 + random_->Below(4);
    for (std::size_t i = 0; i < count; ++i) {
      FacetItem::Range range{
          .label = std::string(1 + random_->Below(3), static_cast<char>('a' + i)),
          .start = RandomNumber(*random_, field.kind),
          .end = RandomNumber(*random_, field.kind)};
      if (*range.end < *range.start) {
        std::swap(range.start, range.end);
      }
      if (*range.end == *range.start || random_->Chance(15)) {
        range.start.reset();
      }
      if (random_->Chance(15)) {
        range.end.reset();
      }
      // Before the lowest number there is nothing to ask for.
      if (range.end && field.kind != ValueKind::kFloat && range.end->get<std::int64_t>() < -1000) {
        range.end.reset();
      }
      options.push_back(range.label + ":[" + (range.start ? DumpJson(*range.start) : "") + "," +
                        (range.end ? " " + DumpJson(*range.end) : "") + "]");
      item.ranges.push_back(std::move(range));
    }
  }

  void Groups() {
    const auto fields = Fields(
        [](const ModelField& field) { return field.facet || field.kind != ValueKind::kString; });
    query_.group_fields = random_->Sample(fields, 1 + random_->Below(2));
    for (const ModelField& field : query_.group_fields) {
      query_.request.group_by.push_back(field.name);
    }
    if (NamesUnknownField()) {
      query_.request.group_by.emplace_back(kUnknownField);
    }
    query_.request.group_limit = static_cast<std::uint32_t>(1 + random_->Below(4));
    query_.request.group_missing_values = random_->Chance(60);
  }

  void Page() {
    static const std::vector<std::uint32_t> kSizes = {0, 1, 3, 10, 10, 25, 250};
    query_.request.per_page = random_->Pick(kSizes);
    if (random_->Chance(25)) {
      query_.request.offset = static_cast<std::uint32_t>(random_->Below(40));
    } else {
      query_.request.page = random_->Chance(70) ? 1 : static_cast<std::uint32_t>(random_->Below(6));
    }
  }

  Random* random_;
  const Model* model_;
  Query query_;
};

}  // namespace

Query RandomQuery(Random& random, const Model& model) { return QueryMaker(random, model).Make(); }

Query RandomVariant(Random& random, const Model& model, const Query& query) {
  Query variant = RandomQuery(random, model);
  SearchRequest request = query.request;
  request.validate_field_names =
      request.validate_field_names && variant.request.validate_field_names;
  request.sort_by = variant.request.sort_by;
  request.facet_by = variant.request.facet_by;
  request.facet_query = variant.request.facet_query;
  request.facet_query_num_typos = variant.request.facet_query_num_typos;
  request.max_facet_values = variant.request.max_facet_values;
  request.group_by = variant.request.group_by;
  request.group_limit = variant.request.group_limit;
  request.group_missing_values = variant.request.group_missing_values;
  request.page = variant.request.page;
  request.per_page = variant.request.per_page;
  request.offset = variant.request.offset;
  variant.request = std::move(request);
  variant.filter = query.filter;
  return variant;
}

std::string Show(const SearchRequest& request) {
  static constexpr const char* kModes[] = {"by rarity", "right_to_left", "left_to_right",
                                           "both_sides"};
  Json shown = {{"q", request.query},
                {"query_by", request.query_by},
                {"query_by_weights", request.query_by_weights},
                {"prefix", request.prefix},
                {"drop_tokens_threshold", request.drop_tokens_threshold},
                {"drop_tokens_mode", kModes[static_cast<std::size_t>(request.drop_tokens_mode)]},
                {"exhaustive_search", request.exhaustive_search},
                {"num_typos", request.num_typos},
                {"typo_tokens_threshold", request.typo_tokens_threshold},
                {"min_len_1typo", request.min_len_1typo},
                {"min_len_2typo", request.min_len_2typo},
                {"split_join_tokens", static_cast<int>(request.split_join_tokens)},
                {"demote_synonym_match", request.demote_synonym_match},
                {"prioritize_exact_match", request.prioritize_exact_match},
                {"prioritize_token_position", request.prioritize_token_position},
                {"prioritize_num_matching_fields", request.prioritize_num_matching_fields},
                {"filter_by", request.filter_by},
                {"validate_field_names", request.validate_field_names},
                {"sort_by", request.sort_by},
                {"facet_by", request.facet_by},
                {"facet_query", request.facet_query},
                {"group_by", request.group_by},
                {"group_limit", request.group_limit},
                {"group_missing_values", request.group_missing_values},
                {"max_facet_values", request.max_facet_values},
                {"page", request.page},
                {"per_page", request.per_page}};
  if (request.offset) {
    shown["offset"] = *request.offset;
  }
  for (const SynonymRule& rule : request.synonyms) {
    shown["synonyms"].push_back({{"root", rule.root}, {"synonyms", rule.synonyms}});
  }
  return DumpJson(shown);
}

}  // namespace cacheindex::test
