// Prints or writes a generated shop. See document.h and tables.h for what is in it.

#include <CLI/CLI.hpp>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>

#include "benchmarks/shop/document.h"
#include "benchmarks/shop/shop.h"
#include "benchmarks/shop/tables.h"

namespace {

using cacheindex::shop::Shop;

struct Options {
  std::uint64_t seed = 1;
  std::int64_t products = 10'000;
  std::int64_t first = 1;
  std::int64_t count = 1'000;
  cacheindex::shop::TableOptions tables;
};

bool PrintLine(std::string line) {
  line += '\n';
  return std::fwrite(line.data(), 1, line.size(), stdout) == line.size();
}

bool PrintDocuments(const Shop& shop, const Options& options) {
  for (std::int64_t i = 0; i < options.products; ++i) {
    const auto product = shop.ProductAt(options.first + i);
    if (!PrintLine(DocumentJson(shop.catalogue(), product))) {
      return false;
    }
  }
  return true;
}

bool PrintQueries(const Shop& shop, const Options& options) {
  for (std::int64_t i = 1; i <= options.count; ++i) {
    if (!PrintLine(shop.QueryAt(i, options.products))) {
      return false;
    }
  }
  return true;
}

bool WriteTables(const Shop& shop, const Options& options) {
  auto tables = options.tables;
  tables.products = options.products;
  const auto written = cacheindex::shop::WriteTables(shop, tables);
  if (!written) {
    std::fprintf(stderr, "cacheindex-shop: %s\n", written.error().message().c_str());
  }
  return written.has_value();
}

int Run(int argc, char** argv) {
  Options options;
  CLI::App app("Generates a shop: the same seed gives the same shop.");
  app.require_subcommand(1);
  const auto add = [&](const char* name, const char* description) {
    CLI::App* command = app.add_subcommand(name, description);
    command->add_option("--seed", options.seed)->capture_default_str();
    return command;
  };
  const auto add_products = [&](CLI::App* command) {
    command->add_option("--products", options.products)
        ->check(CLI::Range(std::int64_t{1}, cacheindex::shop::kProductsMax))
        ->capture_default_str();
  };
  const CLI::App* schema = add("schema", "the collection, as the body of POST /collections");
  CLI::App* documents = add("documents", "products as JSON lines");
  add_products(documents);
  documents->add_option("--first", options.first, "number of the first product")
      ->check(CLI::Range(std::int64_t{1}, cacheindex::shop::kProductsMax))
      ->capture_default_str();
  CLI::App* tables = add("tables", "products and orders as CSV files of a relational database");
  add_products(tables);
  tables->add_option("--directory", options.tables.directory)->required();
  tables->add_option("--orders", options.tables.orders)->capture_default_str();
  CLI::App* queries = add("queries", "what people search for, one query per line");
  add_products(queries);
  queries->add_option("--count", options.count)->capture_default_str();
  CLI11_PARSE(app, argc, argv);

  const Shop shop(options.seed);
  bool is_done = false;
  if (schema->parsed()) {
    is_done = PrintLine(cacheindex::DumpJson(CollectionSchema(shop.catalogue())));
  } else if (documents->parsed()) {
    is_done = PrintDocuments(shop, options);
  } else if (tables->parsed()) {
    is_done = WriteTables(shop, options);
  } else {
    is_done = PrintQueries(shop, options);
  }
  return is_done && std::fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return Run(argc, argv);
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "cacheindex-shop: %s\n", failure.what());
    return EXIT_FAILURE;
  }
}
