#include "benchmarks/shop/shop.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string_view>

namespace cacheindex::shop {
namespace {

constexpr std::int64_t kDaySeconds = 86'400;
constexpr std::int64_t kFirstRelease = 1'420'070'400;  // 2015-01-01
constexpr std::uint32_t kReleaseDays = 3'650;
constexpr std::int64_t kFirstOrder = 1'735'689'600;  // 2025-01-01
constexpr std::int64_t kSecondsBetweenOrders = 20;
constexpr std::int32_t kPopularityMax = 1'000'000;
constexpr std::uint32_t kValuesMax = 64;
// An order takes the most popular of so many random products.
constexpr int kOrderCandidates = 8;

std::uint32_t SizeOf(const auto& list) { return static_cast<std::uint32_t>(list.size()); }

char Upper(char letter) {
  return letter >= 'a' && letter <= 'z' ? static_cast<char>(letter - 'a' + 'A') : letter;
}

// Appends a blank and the words with their first letters in upper case.
void AppendTitleWords(std::string& title, std::string_view words) {
  bool is_first = true;
  if (!title.empty()) {
    title += ' ';
  }
  for (const char letter : words) {
    title += is_first ? Upper(letter) : letter;
    is_first = letter == ' ';
  }
}

std::string MakeModel(Random& random) {
  std::string model;
  for (std::uint32_t letters = random.Between(1, 2); letters > 0; --letters) {
    model += static_cast<char>('A' + random.Below(26));
  }
  return model + '-' + std::to_string(random.Between(100, 9999));
}

// Shop prices end in 99, 95, 50 or 00 cents.
std::int64_t RoundPrice(double cents, Random& random) {
  constexpr std::int64_t kEndings[] = {99, 99, 95, 50, 0};
  const auto whole = std::max<std::int64_t>(1, static_cast<std::int64_t>(cents / 100));
  return whole * 100 + kEndings[random.Below(5)];
}

// Roughly normal around 0, between -1.5 and 1.5.
double Spread(Random& random) { return random.Unit() + random.Unit() + random.Unit() - 1.5; }

// A heavy tail: 1 is frequent, `most` is rare.
std::int32_t HeavyTail(double unit, double most) {
  return static_cast<std::int32_t>(std::pow(most, unit));
}

}  // namespace

Shop::Shop(std::uint64_t seed)
    : seed_(seed),
      catalogue_(MakeCatalogue(seed)),
      by_brand_({.size = SizeOf(catalogue_.brands), .exponent = 0.9}),
      by_kind_({.size = SizeOf(catalogue_.kinds), .exponent = 0.5}),
      by_tag_({.size = SizeOf(catalogue_.tags), .exponent = 1.0}),
      by_value_({.size = kValuesMax, .exponent = 0.9}) {}

std::int32_t Shop::PopularityAt(std::int64_t number) const {
  Random random(seed_, Stream::kPopularity, static_cast<std::uint64_t>(number));
  return std::min(kPopularityMax, HeavyTail(random.Unit(), kPopularityMax));
}

Product Shop::ProductAt(std::int64_t number) const {
  Random random(seed_, Stream::kProduct, static_cast<std::uint64_t>(number));
  Product product;
  product.number = number;
  product.brand = by_brand_.Draw(random);
  product.kind = by_kind_.Draw(random);
  product.model = MakeModel(random);
  product.popularity = PopularityAt(number);
  product.review_count = random.Chance(10) ? 0 : HeavyTail(random.Unit(), 5'000);
  if (product.review_count > 0) {
    const double tenths = 41 + 8 * Spread(random);
    product.rating_tenths = std::clamp(static_cast<std::int32_t>(tenths), 10, 50);
  }
  product.release_date =
      kFirstRelease + kDaySeconds * static_cast<std::int64_t>(random.Below(kReleaseDays));
  AddAttributes(product, random);
  AddTags(product, random);
  AddTexts(product, random);
  product.skus = SkusOf(product);
  product.price_cents = product.skus.front().price_cents;
  for (const Sku& sku : product.skus) {
    product.price_cents = std::min(product.price_cents, sku.price_cents);
    for (const Stock& stock : sku.stock) {
      product.stock += stock.quantity;
    }
  }
  return product;
}

std::vector<Sku> Shop::SkusOf(const Product& product) const {
  Random random(seed_, Stream::kSku, static_cast<std::uint64_t>(product.number));
  const double price = catalogue_.kinds[product.kind].price_cents * std::exp(Spread(random));
  const std::uint32_t warehouses = SizeOf(catalogue_.warehouses);
  const std::uint32_t first_warehouse = random.Below(warehouses);
  const std::uint32_t warehouses_used = random.Between(1, 3);
  const bool is_sold_out = random.Chance(12);
  // Half of all products come in one variant.
  const std::int64_t variants =
      random.Chance(50) ? 1 : random.Between(2, static_cast<std::uint32_t>(kSkusPerProductMax));
  std::vector<Sku> skus(static_cast<std::size_t>(variants));
  for (std::int64_t variant = 1; variant <= variants; ++variant) {
    Sku& sku = skus[static_cast<std::size_t>(variant - 1)];
    sku.id = product.number * 10 + variant;
    sku.code = product.model + '-' + std::to_string(variant);
    sku.price_cents = RoundPrice(price * (1 + 0.1 * static_cast<double>(variant - 1)), random);
    for (std::uint32_t i = 0; i < warehouses_used; ++i) {
      // Steps of 7 through 24 warehouses meet no warehouse twice.
      const std::uint32_t warehouse = (first_warehouse + 7 * i) % warehouses;
      const std::int32_t quantity = is_sold_out ? 0 : HeavyTail(random.Unit(), 500) - 1;
      sku.stock.push_back({catalogue_.warehouses[warehouse].id, quantity});
    }
  }
  return skus;
}

void Shop::AddAttributes(Product& product, Random& random) const {
  for (const std::uint32_t index : catalogue_.kinds[product.kind].attributes) {
    // Real catalogues have gaps.
    if (random.Chance(8)) {
      continue;
    }
    const Attribute& attribute = catalogue_.attributes[index];
    std::int32_t value = 0;
    if (attribute.is_number) {
      const double ratio = static_cast<double>(attribute.last) / attribute.first;
      value = static_cast<std::int32_t>(attribute.first * std::pow(ratio, random.Unit()));
    } else {
      value = static_cast<std::int32_t>(by_value_.Draw(random) % SizeOf(attribute.values));
    }
    product.attributes.push_back({index, value});
  }
}

void Shop::AddTags(Product& product, Random& random) const {
  for (std::uint32_t draws = random.Below(5); draws > 0; --draws) {
    const std::uint32_t tag = by_tag_.Draw(random);
    if (std::find(product.tags.begin(), product.tags.end(), tag) == product.tags.end()) {
      product.tags.push_back(tag);
    }
  }
}

void Shop::AddTexts(Product& product, Random& random) const {
  const Bilingual& noun = catalogue_.categories[catalogue_.kinds[product.kind].path[2]].name;
  const Bilingual& adjective = catalogue_.adjectives[random.Below(SizeOf(catalogue_.adjectives))];
  const std::string& brand = catalogue_.brands[product.brand].name;

  std::string& title = product.title.english;
  title = brand;
  if (!noun.english.starts_with(adjective.english)) {
    AppendTitleWords(title, adjective.english);
  }
  product.title.chinese = brand + adjective.chinese;
  for (const AttributeValue& given : product.attributes) {
    const Attribute& attribute = catalogue_.attributes[given.attribute];
    if (attribute.name == "color" || attribute.name == "material") {
      const Bilingual& value = attribute.values[static_cast<std::size_t>(given.value)];
      AppendTitleWords(title, value.english);
      product.title.chinese += value.chinese;
    }
  }
  AppendTitleWords(title, noun.english);
  title.append(1, ' ').append(product.model);
  product.title.chinese.append(noun.chinese).append(1, ' ').append(product.model);

  std::string& english = product.description.english;
  english.append("This ").append(adjective.english).append(" ").append(noun.english);
  english.append(" by ").append(brand).append(" is made for ");
  english.append(vocabulary_.DrawEnglish(random)).append(" and ");
  english.append(vocabulary_.DrawEnglish(random)).append(".");
  for (std::uint32_t sentences = random.Between(1, 3); sentences > 0; --sentences) {
    const std::size_t start = english.size() + 1;
    for (std::uint32_t words = random.Between(6, 13); words > 0; --words) {
      english.append(1, ' ').append(vocabulary_.DrawEnglish(random));
    }
    english[start] = Upper(english[start]);
    english += '.';
  }

  std::string& chinese = product.description.chinese;
  chinese.append(adjective.chinese).append("的").append(noun.chinese).append("，");
  for (std::uint32_t phrases = random.Between(2, 4); phrases > 0; --phrases) {
    for (std::uint32_t words = random.Between(2, 5); words > 0; --words) {
      chinese += vocabulary_.DrawChinese(random);
    }
    chinese += phrases > 1 ? "，" : "。";
  }
}

std::int64_t Shop::DrawPopular(Random& random, std::int64_t products) const {
  std::int64_t best = 0;
  std::int32_t best_popularity = -1;
  for (int i = 0; i < kOrderCandidates; ++i) {
    const std::int64_t candidate = 1 + random.Below(static_cast<std::uint32_t>(products));
    const std::int32_t popularity = PopularityAt(candidate);
    if (popularity > best_popularity) {
      best = candidate;
      best_popularity = popularity;
    }
  }
  return best;
}

Order Shop::OrderAt(std::int64_t number, std::int64_t products) const {
  Random random(seed_, Stream::kOrder, static_cast<std::uint64_t>(number));
  Order order;
  order.number = number;
  order.placed_at = kFirstOrder + kSecondsBetweenOrders * number;
  for (std::int32_t lines = HeavyTail(random.Unit(), 8); lines > 0; --lines) {
    const Product product = ProductAt(DrawPopular(random, products));
    const Sku& sku = product.skus[random.Below(SizeOf(product.skus))];
    const bool is_known = std::any_of(order.lines.begin(), order.lines.end(),
                                      [&](const OrderLine& line) { return line.sku_id == sku.id; });
    if (!is_known) {
      const auto quantity = static_cast<std::int32_t>(random.Chance(80) ? 1 : random.Between(2, 5));
      order.lines.push_back({sku.id, quantity, sku.price_cents});
    }
  }
  return order;
}

std::string Shop::QueryAt(std::int64_t number, std::int64_t products) const {
  Random random(seed_, Stream::kQuery, static_cast<std::uint64_t>(number));
  const Product product = ProductAt(DrawPopular(random, products));
  auto words = SplitWords(product.title.english);
  words.pop_back();  // The model number.
  const std::uint32_t noun = SizeOf(words) - 1;
  std::string query = std::string(words[random.Below(noun)]).append(1, ' ').append(words[noun]);
  std::transform(query.begin(), query.end(), query.begin(), [](char letter) {
    return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
  });
  return query;
}

}  // namespace cacheindex::shop
