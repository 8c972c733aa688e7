#include "tests/index/columns/random_shop.h"

#include <algorithm>
#include <cctype>
#include <utility>

namespace cacheindex::index::test {
namespace {

using Predicate = std::function<bool(const Json&)>;

bool AnyValue(const Json& object, const std::string& field, const Predicate& holds) {
  const auto values = ValuesOf(object, field);
  return std::any_of(values.begin(), values.end(), holds);
}

// As whole values are compared: as far as ASCII goes.
std::string FormOf(const std::string& text) {
  std::string form;
  for (const char byte : text) {
    if (byte != ' ') {
      form += static_cast<char>(std::tolower(static_cast<unsigned char>(byte)));
    } else if (!form.empty() && form.back() != ' ') {
      form += byte;
    }
  }
  if (form.ends_with(' ')) {
    form.pop_back();
  }
  return form;
}

bool TextMatches(const std::string& value, const std::string& wanted, bool is_prefix,
                 bool is_whole) {
  const auto words = WordsOf(value);
  const auto wanted_words = WordsOf(wanted);
  const std::string form = FormOf(value);
  const std::string wanted_form = FormOf(wanted);
  if (is_whole || (is_prefix && wanted_form.empty())) {
    return is_prefix ? form.starts_with(wanted_form) : form == wanted_form;
  }
  if (wanted_words.empty()) {
    return form.find(wanted_form) != std::string::npos;
  }
  const auto fits = [&](const std::string& word, std::size_t i) {
    return is_prefix && i + 1 == wanted_words.size() ? word.starts_with(wanted_words[i])
                                                     : word == wanted_words[i];
  };
  for (std::size_t i = 0; i < wanted_words.size(); ++i) {
    if (std::none_of(words.begin(), words.end(),
                     [&](const std::string& word) { return fits(word, i); })) {
      return false;
    }
  }
  return true;
}

RandomFilter Negate(RandomFilter filter, bool is_negated) {
  if (is_negated) {
    filter.holds = [holds = std::move(filter.holds)](const Json& object) { return !holds(object); };
  }
  return filter;
}

}  // namespace

std::vector<std::string> WordsOf(std::string_view text) {
  std::vector<std::string> words;
  bool in_word = false;
  for (const char byte : text) {
    const bool is_letter = std::isalnum(static_cast<unsigned char>(byte)) != 0;
    if (is_letter) {
      if (!in_word) {
        words.emplace_back();
      }
      words.back() += static_cast<char>(std::tolower(static_cast<unsigned char>(byte)));
    }
    in_word = is_letter;
  }
  return words;
}

std::vector<Json> ValuesOf(const Json& document, const std::string& field) {
  const auto found = document.find(field);
  if (found == document.end()) {
    return {};
  }
  return found->is_array() ? found->get<std::vector<Json>>() : std::vector<Json>{*found};
}

Json RandomShop::Schema() {
  return Json::parse(R"({"name": "random", "enable_nested_fields": true, "fields": [
    {"name": "text", "type": "string", "sort": true, "optional": true},
    {"name": "texts", "type": "string[]", "optional": true},
    {"name": "facet", "type": "string", "facet": true, "sort": true, "optional": true},
    {"name": "facets", "type": "string[]", "facet": true, "optional": true},
    {"name": "number", "type": "int32", "facet": true, "optional": true},
    {"name": "numbers", "type": "int64[]", "facet": true, "optional": true},
    {"name": "wide", "type": "int64", "facet": true, "optional": true},
    {"name": "float", "type": "float", "facet": true, "optional": true},
    {"name": "floats", "type": "float[]", "optional": true},
    {"name": "flag", "type": "bool", "facet": true, "optional": true},
    {"name": "parts", "type": "object[]", "optional": true},
    {"name": "parts.color", "type": "string[]", "optional": true},
    {"name": "parts.size", "type": "int64[]", "optional": true}]})");
}

std::string RandomShop::Word() {
  static constexpr std::string_view kWords[] = {
      "red", "reddish", "blue", "black", "shoe", "shoes", "shop", "size42", "x", "electronic"};
  std::string word(kWords[Below(std::size(kWords))]);
  if (Chance(4)) {
    word[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(word[0])));
  }
  return word;
}

std::string RandomShop::Text() {
  if (Chance(20)) {
    return Chance(2) ? "-" : "++";
  }
  std::string text = Word();
  while (Chance(2)) {
    text += (Chance(4) ? " - " : Chance(4) ? "  " : " ") + Word();
  }
  return Chance(6) ? text + (Chance(2) ? "+" : "++") : text;
}

std::int64_t RandomShop::Number() { return static_cast<std::int64_t>(Below(21)) - 10; }

Json RandomShop::Document(const std::string& id) {
  Json document{{"id", id}};
  const auto set = [&](const char* field, auto make) {
    if (!Chance(4)) {
      document[field] = make();
    }
  };
  const auto list = [&](auto make) {
    Json values = Json::array();
    for (std::size_t count = Below(4); count > 0; --count) {
      values.push_back(make());
    }
    return values;
  };
  const auto decimal = [&] { return static_cast<double>(Number()) / 4; };
  set("text", [&] { return Text(); });
  set("texts", [&] { return list([&] { return Text(); }); });
  set("facet", [&] { return Text(); });
  set("facets", [&] { return list([&] { return Text(); }); });
  set("number", [&] { return Number(); });
  set("numbers", [&] { return list([&] { return Number(); }); });
  set("wide", [&] { return Number() * 1'000'000'007; });
  set("float", decimal);
  set("floats", [&] { return list(decimal); });
  set("flag", [&] { return Chance(2); });
  set("parts", [&] { return list([&] { return Json{{"color", Word()}, {"size", Number()}}; }); });
  return document;
}

RandomFilter RandomShop::Filter(int depth) {
  if (depth == 0 || Chance(3)) {
    return Clause();
  }
  RandomFilter left = Filter(depth - 1);
  RandomFilter right = Filter(depth - 1);
  const bool is_and = Chance(2);
  return {"(" + left.text + (is_and ? " && " : "||") + right.text + ")", [=](const Json& document) {
            return is_and ? left.holds(document) && right.holds(document)
                          : left.holds(document) || right.holds(document);
          }};
}

RandomFilter RandomShop::Clause() {
  static constexpr std::string_view kNumbers[] = {"number", "numbers", "float", "floats"};
  static constexpr std::string_view kTexts[] = {"text", "texts", "facet", "facets"};
  switch (Below(8)) {
    case 0: {
      const bool wanted = Chance(2);
      RandomFilter filter{"", [=](const Json& object) {
                            return AnyValue(object, "flag", [=](const Json& value) {
                              return value.get<bool>() == wanted;
                            });
                          }};
      const bool is_negated = Chance(2);
      filter = Negate(filter, is_negated);
      filter.text = std::string(is_negated ? "flag:!=" : "flag:") + (wanted ? "true" : "false");
      return filter;
    }
    case 1: {
      const std::string id = std::to_string(Below(200));
      return {"id:[" + id + ",nobody]", [=](const Json& object) { return object["id"] == id; }};
    }
    case 2:
      return PartsClause();
    case 3:
    case 4:
      return NumberClause(std::string(kNumbers[Below(std::size(kNumbers))]));
    default: {
      const std::string field(kTexts[Below(std::size(kTexts))]);
      return TextClause(field);
    }
  }
}

RandomFilter RandomShop::NumberClause(const std::string& field) {
  const std::int64_t first = Number();
  const std::int64_t second = Number();
  const std::string a = std::to_string(first);
  const std::string b = std::to_string(second);
  const auto low = static_cast<double>(first);
  const auto high = static_cast<double>(second);
  const std::vector<std::pair<std::string, std::function<bool(double)>>> forms = {
      {":" + a, [=](double v) { return v == low; }},
      {":=" + a, [=](double v) { return v == low; }},
      {":<" + a, [=](double v) { return v < low; }},
      {":<= " + a, [=](double v) { return v <= low; }},
      {": >" + a, [=](double v) { return v > low; }},
      {":>=" + a, [=](double v) { return v >= low; }},
      {":" + a + ".." + b, [=](double v) { return v >= low && v <= high; }},
      {":[" + a + "," + b + "]", [=](double v) { return v == low || v == high; }},
      {":=[<" + a + ", >" + b + "]", [=](double v) { return v < low || v > high; }},
      {":=[-1..1," + a + ",-9,9,6,-5]",
       [=](double v) {
         return (v >= -1 && v <= 1) || v == low || v == -9 || v == 9 || v == 6 || v == -5;
       }},
      {":*", [](double) { return true; }},
      {":!=" + a, [=](double v) { return v == low; }},
      {":!=[" + a + "," + b + "]", [=](double v) { return v == low || v == high; }}};
  const std::size_t form = Below(forms.size());
  const auto compare = forms[form].second;
  return Negate({field + forms[form].first,
                 [=](const Json& object) {
                   return AnyValue(object, field,
                                   [=](const Json& value) { return compare(value.get<double>()); });
                 }},
                form >= forms.size() - 2);
}

RandomFilter RandomShop::TextClause(const std::string& field) {
  struct Wanted {
    std::string text;
    bool is_prefix;
  };
  std::vector<Wanted> wanted;
  std::string list;
  const bool is_list = Chance(3);
  do {
    Wanted value{Text(), false};
    const bool is_quoted = Chance(2);
    if (!is_quoted && Chance(3)) {
      value.is_prefix = true;
      value.text.resize(1 + Below(value.text.size()));
      while (value.text.ends_with(' ')) {
        value.text.pop_back();
      }
    }
    list += (list.empty() ? "" : ",") + (is_quoted ? "`" + value.text + "`" : value.text) +
            (value.is_prefix ? "*" : "");
    wanted.push_back(std::move(value));
  } while (is_list && Chance(2));
  const bool is_whole = Chance(2);
  const bool is_negated = Chance(4);
  const std::string sign = is_negated ? (is_whole ? ":!=" : ":!") : (is_whole ? ":=" : ":");
  return Negate({field + sign + (is_list ? "[" + list + "]" : list),
                 [=](const Json& object) {
                   return AnyValue(object, field, [&](const Json& value) {
                     return std::any_of(wanted.begin(), wanted.end(), [&](const Wanted& each) {
                       return TextMatches(value.get<std::string>(), each.text, each.is_prefix,
                                          is_whole);
                     });
                   });
                 }},
                is_negated);
}

RandomFilter RandomShop::PartsClause() {
  const RandomFilter color = TextClause("color");
  const RandomFilter size = NumberClause("size");
  const bool is_and = !Chance(4);
  return {"parts.{" + color.text + (is_and ? " && " : " || ") + size.text + "}",
          [=](const Json& object) {
            return AnyValue(object, "parts", [&](const Json& part) {
              return is_and ? color.holds(part) && size.holds(part)
                            : color.holds(part) || size.holds(part);
            });
          }};
}

}  // namespace cacheindex::index::test
