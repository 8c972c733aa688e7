#include "benchmarks/shop/tables.h"

#include <charconv>
#include <cstddef>
#include <fstream>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace cacheindex::shop {
namespace {

constexpr std::size_t kFlushBytes = std::size_t{1} << 16;

// One CSV file. No text of the shop contains a quote.
class Table {
 public:
  Table(const std::filesystem::path& directory, std::string_view name, std::string_view header)
      : path_(directory / (std::string(name) + ".csv")), stream_(path_, std::ios::binary) {
    buffer_.append(header).append(1, '\n');
  }

  Table& Text(std::string_view value) {
    Separate();
    buffer_.append(1, '"').append(value).append(1, '"');
    return *this;
  }
  Table& Integer(std::int64_t value) {
    Separate();
    char digits[24];
    buffer_.append(digits, std::to_chars(digits, digits + sizeof(digits), value).ptr);
    return *this;
  }
  /// Shortest decimal form of value / scale, which is exact for the shop's few digits.
  Table& Decimal(std::int64_t value, int scale) {
    Separate();
    char digits[32];
    const double number = static_cast<double>(value) / scale;
    buffer_.append(digits, std::to_chars(digits, digits + sizeof(digits), number).ptr);
    return *this;
  }
  Table& Null() {
    Separate();
    return *this;
  }
  void EndRow() {
    buffer_ += '\n';
    at_row_start_ = true;
    if (buffer_.size() >= kFlushBytes) {
      Flush();
    }
  }
  Result<void> Close() {
    Flush();
    stream_.close();
    if (!stream_) {
      return Error(ErrorCode::kIo, "cannot write " + path_.string());
    }
    return {};
  }

 private:
  void Separate() {
    if (!at_row_start_) {
      buffer_ += ',';
    }
    at_row_start_ = false;
  }
  void Flush() {
    stream_.write(buffer_.data(), static_cast<std::streamsize>(buffer_.size()));
    buffer_.clear();
  }

  std::filesystem::path path_;
  std::ofstream stream_;
  std::string buffer_;
  bool at_row_start_ = true;
};

Result<void> WriteCatalogue(const Catalogue& catalogue, const std::filesystem::path& directory) {
  Table brands(directory, "brand", "id,name,country");
  for (const Brand& brand : catalogue.brands) {
    brands.Integer(brand.id).Text(brand.name).Text(brand.country).EndRow();
  }
  Table categories(directory, "category", "id,parent_id,level,name,name_zh");
  for (const Category& category : catalogue.categories) {
    categories.Integer(category.id);
    category.parent_id == 0 ? categories.Null() : categories.Integer(category.parent_id);
    categories.Integer(category.level).Text(category.name.english).Text(category.name.chinese);
    categories.EndRow();
  }
  Table attributes(directory, "attribute", "id,name,unit,type");
  for (const Attribute& attribute : catalogue.attributes) {
    attributes.Integer(attribute.id).Text(attribute.name).Text(attribute.unit);
    attributes.Text(attribute.is_number ? "number" : "text").EndRow();
  }
  Table warehouses(directory, "warehouse", "id,name,name_zh,country,latitude,longitude");
  for (const Warehouse& warehouse : catalogue.warehouses) {
    warehouses.Integer(warehouse.id).Text(warehouse.name.english).Text(warehouse.name.chinese);
    warehouses.Text(warehouse.country).Decimal(warehouse.latitude_e4, 10'000);
    warehouses.Decimal(warehouse.longitude_e4, 10'000).EndRow();
  }
  for (Table* table : {&brands, &categories, &attributes, &warehouses}) {
    if (auto closed = table->Close(); !closed) {
      return closed;
    }
  }
  return {};
}

// The five tables that grow with the number of products.
class ProductTables {
 public:
  explicit ProductTables(const std::filesystem::path& directory)
      : products_(directory, "product",
                  "id,brand_id,category_id,title,title_zh,description,description_zh,model,"
                  "currency,popularity,rating,review_count,release_date"),
        attributes_(directory, "product_attribute", "product_id,attribute_id,value"),
        tags_(directory, "product_tag", "product_id,tag"),
        skus_(directory, "sku", "id,product_id,code,price_cents"),
        stock_(directory, "stock", "sku_id,warehouse_id,quantity") {}

  void Write(const Catalogue& catalogue, const Product& product) {
    const std::uint32_t leaf = catalogue.kinds[product.kind].path[2];
    products_.Integer(product.number).Integer(catalogue.brands[product.brand].id);
    products_.Integer(catalogue.categories[leaf].id);
    products_.Text(product.title.english).Text(product.title.chinese);
    products_.Text(product.description.english).Text(product.description.chinese);
    products_.Text(product.model).Text("EUR").Integer(product.popularity);
    products_.Decimal(product.rating_tenths, 10).Integer(product.review_count);
    products_.Integer(product.release_date).EndRow();
    for (const AttributeValue& given : product.attributes) {
      const Attribute& attribute = catalogue.attributes[given.attribute];
      attributes_.Integer(product.number).Integer(attribute.id);
      attributes_.Text(attribute.is_number
                           ? std::to_string(given.value)
                           : attribute.values[static_cast<std::size_t>(given.value)].english);
      attributes_.EndRow();
    }
    for (const std::uint32_t tag : product.tags) {
      tags_.Integer(product.number).Text(catalogue.tags[tag].english).EndRow();
    }
    for (const Sku& sku : product.skus) {
      skus_.Integer(sku.id).Integer(product.number).Text(sku.code).Integer(sku.price_cents);
      skus_.EndRow();
      for (const Stock& stock : sku.stock) {
        stock_.Integer(sku.id).Integer(stock.warehouse_id).Integer(stock.quantity).EndRow();
      }
    }
  }
  Result<void> Close() {
    for (Table* table : {&products_, &attributes_, &tags_, &skus_, &stock_}) {
      if (auto closed = table->Close(); !closed) {
        return closed;
      }
    }
    return {};
  }

 private:
  Table products_;
  Table attributes_;
  Table tags_;
  Table skus_;
  Table stock_;
};

Result<void> WriteOrders(const Shop& shop, const TableOptions& options) {
  Table orders(options.directory, "order", "id,placed_at");
  Table lines(options.directory, "order_line", "order_id,line,sku_id,quantity,price_cents");
  for (std::int64_t number = 1; number <= options.orders; ++number) {
    const Order order = shop.OrderAt(number, options.products);
    orders.Integer(number).Integer(order.placed_at).EndRow();
    std::int64_t line_number = 0;
    for (const OrderLine& line : order.lines) {
      lines.Integer(number).Integer(++line_number).Integer(line.sku_id).Integer(line.quantity);
      lines.Integer(line.price_cents).EndRow();
    }
  }
  if (auto closed = orders.Close(); !closed) {
    return closed;
  }
  return lines.Close();
}

}  // namespace

Result<void> WriteTables(const Shop& shop, const TableOptions& options) {
  std::error_code failure;
  std::filesystem::create_directories(options.directory, failure);
  if (failure) {
    return Error(ErrorCode::kIo,
                 "cannot create " + options.directory.string() + ": " + failure.message());
  }
  if (auto written = WriteCatalogue(shop.catalogue(), options.directory); !written) {
    return written;
  }
  ProductTables tables(options.directory);
  for (std::int64_t number = 1; number <= options.products; ++number) {
    tables.Write(shop.catalogue(), shop.ProductAt(number));
  }
  if (auto closed = tables.Close(); !closed) {
    return closed;
  }
  return WriteOrders(shop, options);
}

}  // namespace cacheindex::shop
