#include "tests/replication/naive_shop.h"

#include <algorithm>
#include <set>
#include <utility>

namespace cacheindex::replication {
namespace {

Json SkuDocument(const Shop& shop, const Texts& sku) {
  Json object = {{"code", sku[2]}, {"cents", std::stoi(sku[3])}, {"stock", 0}};
  for (const auto& [key, stock] : shop.Of(kStock)) {
    if (stock[0] == sku[0]) {
      object["stock"] = object["stock"].get<int>() + std::stoi(stock[2]);
    }
  }
  return object;
}

void AddLevels(const Shop& shop, const Texts& product, Json& document) {
  std::vector<std::string> names;
  std::set<std::string> seen;
  std::string id = product[1];
  while (const Texts* const category = shop.Find(kCategory, {id})) {
    if (!seen.insert(id).second) {
      break;
    }
    names.push_back((*category)[2]);
    id = (*category)[1];
  }
  std::string path;
  for (std::size_t i = 0; i < names.size(); ++i) {
    path += (i == 0 ? "" : " > ") + names[names.size() - 1 - i];
    document["category"]["lvl" + std::to_string(i)] = path;
  }
}

void AddSkus(const Shop& shop, const Texts& product, Json& document) {
  document["skus"] = Json::array();
  document["in_stock"] = false;
  int cheapest = 0;
  for (const Texts* const sku : InKeyOrder(shop.Of(kSku), 1)) {
    if ((*sku)[1] != product[0]) {
      continue;
    }
    document["skus"].push_back(SkuDocument(shop, *sku));
    if (document["skus"].back()["stock"] > 0) {
      document["in_stock"] = true;
    }
    const int cents = std::stoi((*sku)[3]);
    cheapest = document.contains("price") ? std::min(cheapest, cents) : cents;
    document["price"] = cheapest / 100.0;
  }
}

// What the declaration below says, without any of the code under test.
Json MakeDocument(const Shop& shop, const Texts& product) {
  Json document = {{"id", product[0]}, {"title", product[3]}};
  if (product[4] != "NULL") {
    document["description"] = product[4];
  }
  if (const Texts* const brand = shop.Find(kBrand, {product[2]})) {
    document["brand"] = (*brand)[1];
  }
  AddLevels(shop, product, document);
  AddSkus(shop, product, document);
  document["tags"] = Json::array();
  for (const Texts* const link : InKeyOrder(shop.Of(kProductTag), 2)) {
    const Texts* const tag = shop.Find(kTag, {(*link)[1]});
    if ((*link)[0] == product[0] && tag != nullptr) {
      document["tags"].push_back((*tag)[1]);
    }
  }
  // The first of several of one name stays.
  for (const Texts* const value : InKeyOrder(shop.Of(kProductAttribute), 2)) {
    const Texts* const attribute = shop.Find(kAttribute, {(*value)[1]});
    if ((*value)[0] == product[0] && attribute != nullptr && (*value)[2] != "NULL") {
      document.emplace("attr_" + (*attribute)[1], (*value)[2]);
    }
  }
  return document;
}

}  // namespace

std::vector<const Texts*> InKeyOrder(const Rows& rows, std::size_t key_columns) {
  std::vector<const Texts*> ordered;
  for (const auto& [key, row] : rows) {
    ordered.push_back(&row);
  }
  std::sort(ordered.begin(), ordered.end(), [&](const Texts* left, const Texts* right) {
    for (std::size_t i = 0; i < key_columns; ++i) {
      if ((*left)[i] != (*right)[i]) {
        return std::stoll((*left)[i]) < std::stoll((*right)[i]);
      }
    }
    return false;
  });
  return ordered;
}

std::map<std::string, Json> MakeDocuments(const Shop& shop) {
  std::map<std::string, Json> documents;
  for (const auto& [key, product] : shop.Of(kProduct)) {
    const Texts* const brand = shop.Find(kBrand, {product[2]});
    if (product[5] == "t" && (brand == nullptr || (*brand)[2] == "f")) {
      documents[product[0]] = MakeDocument(shop, product);
    }
  }
  return documents;
}

}  // namespace cacheindex::replication
