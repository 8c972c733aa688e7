#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "node/core/json.h"

namespace cacheindex::replication {

/// A row as the source prints it; "NULL" is null.
using Texts = std::vector<std::string>;
/// Rows of one table by key.
using Rows = std::map<Texts, Texts>;

enum TableNumber : std::uint32_t {
  kCategory = 1,
  kBrand,
  kProduct,
  kSku,
  kStock,
  kTag,
  kProductTag,
  kAttribute,
  kProductAttribute,
  kTableEnd
};

/// The tables of a small shop, and how plain loops make its documents from them: the oracle of the
/// model test.
struct Shop {
  std::map<std::uint32_t, Rows> tables;

  const Texts* Find(std::uint32_t table, const Texts& key) const {
    const auto found = tables.find(table);
    if (found == tables.end()) {
      return nullptr;
    }
    const auto row = found->second.find(key);
    return row == found->second.end() ? nullptr : &row->second;
  }
  const Rows& Of(std::uint32_t table) const {
    static const Rows kNone;
    const auto found = tables.find(table);
    return found == tables.end() ? kNone : found->second;
  }
};

/// Keys of integers come in the order of their values.
std::vector<const Texts*> InKeyOrder(const Rows& rows, std::size_t key_columns);

/// The documents of applier_model_test.cc's declaration by id, without any of the code under test.
std::map<std::string, Json> MakeDocuments(const Shop& shop);

}  // namespace cacheindex::replication
