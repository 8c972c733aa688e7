#include "benchmarks/shop/document.h"

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace cacheindex::shop {
namespace {

constexpr std::size_t kDocumentBytesUsual = 1600;

// Appends JSON by hand: ten times as fast as building a tree, and the generator must not be what a
// benchmark of the node measures. No text of the shop contains a character that needs escaping.
class Writer {
 public:
  Writer() { text_.reserve(kDocumentBytesUsual); }

  /// `head` is everything up to the value: punctuation and key.
  Writer& Text(std::string_view head, std::string_view value) {
    text_.append(head).append(1, '"').append(value).append(1, '"');
    return *this;
  }
  Writer& Integer(std::string_view head, std::int64_t value) {
    char digits[24];
    const auto end = std::to_chars(digits, digits + sizeof(digits), value).ptr;
    text_.append(head).append(digits, end);
    return *this;
  }
  /// Writes value / 10^decimals in its shortest form: 19.99, 19.9, 20.0.
  Writer& Decimal(std::string_view head, std::int64_t value, int decimals) {
    std::int64_t scale = 1;
    for (int i = 0; i < decimals; ++i) {
      scale *= 10;
    }
    text_.append(head);
    if (value < 0) {
      text_ += '-';
      value = -value;
    }
    Integer("", value / scale);
    text_ += '.';
    std::int64_t rest = value % scale;
    do {
      scale /= 10;
      text_ += static_cast<char>('0' + rest / scale);
      rest %= scale;
    } while (rest > 0);
    return *this;
  }
  Writer& Raw(std::string_view text) {
    text_.append(text);
    return *this;
  }
  std::string Take() && { return std::move(text_); }

 private:
  std::string text_;
};

void WriteAttributes(Writer& writer, const Catalogue& catalogue, const Product& product) {
  writer.Raw("{\"attributes\":{");
  std::string_view separator;
  for (const AttributeValue& given : product.attributes) {
    const Attribute& attribute = catalogue.attributes[given.attribute];
    writer.Text(separator, attribute.name);
    if (attribute.is_number) {
      writer.Integer(":", given.value);
    } else {
      writer.Text(":", attribute.values[static_cast<std::size_t>(given.value)].english);
    }
    separator = ",";
  }
  writer.Raw("}");
}

void WriteSkus(Writer& writer, const Product& product) {
  std::string_view separator = ",\"skus\":[";
  for (const Sku& sku : product.skus) {
    std::int64_t stock = 0;
    for (const Stock& part : sku.stock) {
      stock += part.quantity;
    }
    writer.Raw(separator).Text("{\"code\":", sku.code).Integer(",\"id\":", sku.id);
    writer.Decimal(",\"price\":", sku.price_cents, 2).Integer(",\"stock\":", stock).Raw("}");
    separator = ",";
  }
  writer.Raw("]");
}

const Warehouse& WarehouseOf(const Catalogue& catalogue, const Stock& stock) {
  return catalogue.warehouses[static_cast<std::size_t>(stock.warehouse_id - 1)];
}

Json Field(std::string name, std::string_view type, Json options = Json::object()) {
  options["name"] = std::move(name);
  options["type"] = type;
  return options;
}

}  // namespace

std::string DocumentJson(const Catalogue& catalogue, const Product& product) {
  const Brand& brand = catalogue.brands[product.brand];
  const ProductKind& kind = catalogue.kinds[product.kind];
  const auto category = [&](std::size_t level) -> const Category& {
    return catalogue.categories[kind.path[level]];
  };
  Writer writer;
  WriteAttributes(writer, catalogue, product);
  writer.Text(",\"brand\":{\"country\":", brand.country)
      .Integer(",\"id\":", brand.id)
      .Text(",\"name\":", brand.name)
      .Integer("},\"category\":{\"id\":", category(2).id)
      .Text(",\"level1\":", category(0).name.english)
      .Text(",\"level2\":", category(1).name.english)
      .Text(",\"level3\":", category(2).name.english)
      .Text("},\"currency\":", "EUR")
      .Text(",\"description\":", product.description.english)
      .Text(",\"description_zh\":", product.description.chinese)
      .Text(",\"id\":", std::to_string(product.number))
      .Raw(product.stock > 0 ? ",\"in_stock\":true" : ",\"in_stock\":false");
  const Warehouse& sender = WarehouseOf(catalogue, product.skus.front().stock.front());
  writer.Decimal(",\"location\":[", sender.latitude_e4, 4)
      .Decimal(",", sender.longitude_e4, 4)
      .Text("],\"model\":", product.model)
      .Integer(",\"popularity\":", product.popularity)
      .Decimal(",\"price\":", product.price_cents, 2)
      .Integer(",\"price_cents\":", product.price_cents)
      .Decimal(",\"rating\":", product.rating_tenths, 1)
      .Integer(",\"release_date\":", product.release_date)
      .Integer(",\"review_count\":", product.review_count);
  WriteSkus(writer, product);
  writer.Integer(",\"stock\":", product.stock).Raw(",\"tags\":[");
  std::string_view separator;
  for (const std::uint32_t tag : product.tags) {
    writer.Text(separator, catalogue.tags[tag].english);
    separator = ",";
  }
  writer.Text("],\"title\":", product.title.english).Text(",\"title_zh\":", product.title.chinese);
  separator = ",\"warehouses\":[";
  for (const Stock& stock : product.skus.front().stock) {
    writer.Text(separator, WarehouseOf(catalogue, stock).name.english);
    separator = ",";
  }
  writer.Raw("]}");
  return std::move(writer).Take();
}

Json CollectionSchema(const Catalogue& catalogue) {
  const Json facet = {{"facet", true}};
  const Json optional_facet = {{"facet", true}, {"optional", true}};
  Json fields = {
      Field("title", "string"),
      Field("title_zh", "string", {{"locale", "zh"}}),
      Field("description", "string"),
      Field("description_zh", "string", {{"locale", "zh"}}),
      Field("model", "string"),
      Field("brand.name", "string", facet),
      Field("brand.country", "string", facet),
      Field("category.level1", "string", facet),
      Field("category.level2", "string", facet),
      Field("category.level3", "string", facet),
      Field("tags", "string[]", facet),
      Field("warehouses", "string[]", facet),
      Field("location", "geopoint"),
      Field("price", "float", facet),
      Field("price_cents", "int64"),
      Field("stock", "int32"),
      Field("in_stock", "bool", facet),
      Field("rating", "float", facet),
      Field("review_count", "int32"),
      Field("popularity", "int32"),
      Field("release_date", "int64"),
      Field("skus.code", "string[]"),
      Field("skus.price", "float[]"),
      Field("skus.stock", "int32[]"),
  };
  for (const Attribute& attribute : catalogue.attributes) {
    fields.push_back(Field("attributes." + attribute.name, attribute.is_number ? "int32" : "string",
                           optional_facet));
  }
  return {{"name", "products"},
          {"enable_nested_fields", true},
          {"default_sorting_field", "popularity"},
          {"fields", std::move(fields)}};
}

}  // namespace cacheindex::shop
