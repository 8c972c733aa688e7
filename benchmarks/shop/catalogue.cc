#include "benchmarks/shop/catalogue.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstddef>
#include <cstdlib>
#include <set>
#include <string_view>
#include <utility>

#include "benchmarks/shop/word_lists.h"

namespace cacheindex::shop {
namespace {

constexpr std::size_t kBrands = 2000;
constexpr double kPriceCentsMin = 400;
constexpr double kPriceRatio = 250;

std::vector<Bilingual> ParseBilinguals(std::string_view text) {
  std::vector<Bilingual> all;
  for (const std::string_view part : SplitList(text, ',')) {
    all.push_back(ParseBilingual(part));
  }
  return all;
}

std::int32_t NextId(std::size_t size) { return static_cast<std::int32_t>(size) + 1; }

std::vector<Brand> MakeBrands(std::uint64_t seed) {
  const auto stems = SplitWords(kStems);
  const auto endings = SplitWords(kBrandEndings);
  const auto countries = ParseBilinguals(kCountries);
  const ZipfSampler by_country({.size = static_cast<std::uint32_t>(countries.size())});
  Random random(seed, Stream::kCatalogue, 1);
  std::set<std::string> names;
  std::vector<Brand> brands;
  while (brands.size() < kBrands) {
    std::string name(stems[random.Below(static_cast<std::uint32_t>(stems.size()))]);
    name += endings[random.Below(static_cast<std::uint32_t>(endings.size()))];
    name.front() = static_cast<char>(name.front() - 'a' + 'A');
    if (names.insert(name).second) {
      brands.push_back({NextId(brands.size()), name, countries[by_country.Draw(random)].english});
    }
  }
  return brands;
}

std::vector<Attribute> MakeAttributes() {
  std::vector<Attribute> attributes;
  for (const std::string& line : LogicalLines(kAttributes)) {
    const auto end = line.find_first_of(":#");
    Attribute attribute;
    attribute.id = NextId(attributes.size());
    attribute.name = line.substr(0, end);
    const std::string_view rest = std::string_view(line).substr(end + 1);
    attribute.is_number = line[end] == '#';
    if (attribute.is_number) {
      const auto words = SplitWords(rest);
      attribute.first = std::atoi(std::string(words.at(0)).c_str());
      attribute.last = std::atoi(std::string(words.at(1)).c_str());
      attribute.unit = words.at(2);
    } else {
      attribute.values = ParseBilinguals(rest);
    }
    attributes.push_back(std::move(attribute));
  }
  return attributes;
}

std::int32_t ParseE4(std::string_view degrees) {
  return static_cast<std::int32_t>(std::lround(std::atof(std::string(degrees).c_str()) * 1e4));
}

std::vector<Warehouse> MakeWarehouses() {
  std::vector<Warehouse> warehouses;
  for (const std::string& line : LogicalLines(kWarehouses)) {
    const auto words = SplitWords(line);
    warehouses.push_back({NextId(warehouses.size()),
                          {std::string(words.at(0)), std::string(words.at(1))},
                          std::string(words.at(2)),
                          ParseE4(words.at(3)),
                          ParseE4(words.at(4))});
  }
  return warehouses;
}

std::vector<std::uint32_t> FindAttributes(const Catalogue& catalogue, std::string_view names) {
  std::vector<std::uint32_t> found;
  for (const std::string_view name : SplitWords(names)) {
    const auto attribute =
        std::find_if(catalogue.attributes.begin(), catalogue.attributes.end(),
                     [&](const Attribute& candidate) { return candidate.name == name; });
    assert(attribute != catalogue.attributes.end());
    found.push_back(static_cast<std::uint32_t>(attribute - catalogue.attributes.begin()));
  }
  // The order of names is the order of keys in a document.
  std::sort(found.begin(), found.end(), [&](std::uint32_t a, std::uint32_t b) {
    return catalogue.attributes[a].name < catalogue.attributes[b].name;
  });
  return found;
}

// Adds a category below `parent` and returns its index; -1 is above level 1.
std::uint32_t AddCategory(Catalogue& catalogue, std::int64_t parent, std::string_view name) {
  const Category* above =
      parent < 0 ? nullptr : &catalogue.categories[static_cast<std::size_t>(parent)];
  catalogue.categories.push_back({NextId(catalogue.categories.size()),
                                  above == nullptr ? 0 : above->id,
                                  above == nullptr ? 1 : above->level + 1, ParseBilingual(name)});
  return static_cast<std::uint32_t>(catalogue.categories.size() - 1);
}

void AddCategories(Catalogue& catalogue, std::uint64_t seed) {
  Random random(seed, Stream::kCatalogue, 2);
  std::uint32_t department = 0;
  std::vector<std::uint32_t> attributes;
  for (const std::string& line : LogicalLines(kCategoryTree)) {
    const std::string_view text = line;
    if (text.starts_with('#')) {
      const auto colon = text.find(':');
      department = AddCategory(catalogue, -1, text.substr(1, colon - 1));
      attributes = FindAttributes(catalogue, text.substr(colon + 1));
      continue;
    }
    const auto equals = text.find('=');
    const std::uint32_t aisle = AddCategory(catalogue, department, text.substr(0, equals));
    for (const std::string_view product : SplitList(text.substr(equals + 1), ',')) {
      const std::uint32_t leaf = AddCategory(catalogue, aisle, product);
      const double price_cents = kPriceCentsMin * std::pow(kPriceRatio, random.Unit());
      catalogue.kinds.push_back(
          {{department, aisle, leaf}, attributes, static_cast<std::int32_t>(price_cents)});
    }
  }
}

}  // namespace

Catalogue MakeCatalogue(std::uint64_t seed) {
  Catalogue catalogue;
  catalogue.brands = MakeBrands(seed);
  catalogue.attributes = MakeAttributes();
  catalogue.warehouses = MakeWarehouses();
  catalogue.adjectives = ParseBilinguals(kAdjectives);
  catalogue.tags = ParseBilinguals(kTags);
  AddCategories(catalogue, seed);
  return catalogue;
}

}  // namespace cacheindex::shop
