#include "replication/following/draft_names.h"

#include <algorithm>
#include <array>
#include <span>

#include "node/core/json.h"
#include "replication/rows/postgres_types.h"

namespace cacheindex::replication {
namespace {

std::string ToLower(std::string_view name) {
  std::string lower(name);
  for (char& letter : lower) {
    letter = letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
  }
  return lower;
}

bool IsOneOf(std::string_view name, std::span<const std::string_view> words) {
  return std::find(words.begin(), words.end(), ToLower(name)) != words.end();
}

bool HasOneOf(std::string_view name, std::span<const std::string_view> parts) {
  const std::string lower = ToLower(name);
  return std::any_of(parts.begin(), parts.end(),
                     [&](std::string_view part) { return lower.find(part) != std::string::npos; });
}

// As HasOneOf, for whole words between underscores, of one or of many: a catalog is no log.
bool HasWordOf(std::string_view name, std::span<const std::string_view> words) {
  const std::string padded = "_" + ToLower(name) + "_";
  return std::any_of(words.begin(), words.end(), [&](std::string_view word) {
    const std::string begin = "_" + std::string(word);
    return padded.find(begin + "_") != std::string::npos ||
           padded.find(begin + "s_") != std::string::npos ||
           padded.find(begin + "es_") != std::string::npos;
  });
}

constexpr std::array<std::string_view, 8> kSecrets = {
    "password", "passwd", "secret", "token", "hash", "api_key", "salt", "credential"};
constexpr std::array<std::string_view, 6> kLocales = {
    "locale", "language", "lang", "language_code", "languagecode", "locale_code"};
constexpr std::array<std::string_view, 15> kPrivate = {
    "order",    "cart",     "line_item", "customer", "user",      "session", "log",     "history",
    "wishlist", "checkout", "payment",   "audit",    "migration", "address", "shipment"};
constexpr std::array<std::string_view, 6> kAttributes = {"attribute", "option",        "property",
                                                         "feature",   "specification", "field"};
constexpr std::array<std::string_view, 7> kScopes = {"store",  "shop",     "channel", "site",
                                                     "locale", "language", "website"};
constexpr std::array<std::string_view, 6> kProducts = {"product", "item",    "goods",
                                                       "article", "listing", "film"};
constexpr std::array<std::string_view, 9> kLabels = {
    "name", "title", "label", "display_name", "value", "handle", "slug", "code", "sku"};
constexpr std::array<std::string_view, 7> kMoney = {
    "price", "amount", "cost", "price_cents", "price_amount", "sale_price", "unit_price"};
constexpr std::array<std::string_view, 6> kStock = {
    "stock", "quantity", "count_on_hand", "stock_on_hand", "on_hand", "inventory_quantity"};
constexpr std::array<std::string_view, 6> kValues = {"value",        "text_value", "value_text",
                                                     "number_value", "val",        "boolean_value"};
constexpr std::array<std::string_view, 18> kBookkeeping = {
    "position",   "sort",       "sort_order",  "created_at",  "updated_at",   "rank",
    "created_on", "updated_on", "deleted_at",  "createdat",   "updatedat",    "deletedat",
    "created",    "updated",    "modified_at", "last_update", "last_updated", "inserted_at"};
constexpr std::array<std::string_view, 9> kShown = {"published", "is_published", "active",
                                                    "is_active", "enabled",      "is_enabled",
                                                    "visible",   "is_visible",   "is_available"};
constexpr std::array<std::string_view, 3> kDeleted = {"deleted_at", "deletedat", "discarded_at"};
constexpr std::array<std::string_view, 8> kReserved = {"and",  "or",   "not", "is",
                                                       "null", "true", "in",  "false"};

}  // namespace

std::string WithoutId(const std::string& column) {
  for (const std::string_view end : {"_id", "Id", "_key"}) {
    if (column.size() > end.size() && column.ends_with(end)) {
      return column.substr(0, column.size() - end.size());
    }
  }
  return column;
}

std::string Spelled(const std::string& name) {
  const auto is_word = [](char letter) {
    return (letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9') || letter == '_';
  };
  const bool is_plain = std::all_of(name.begin(), name.end(), is_word) && !name.empty() &&
                        (name[0] < '0' || name[0] > '9') && !IsOneOf(name, kReserved);
  return is_plain ? name : "\"" + name + "\"";
}

bool IsSecretName(std::string_view column) { return HasOneOf(column, kSecrets); }

std::string ConditionOf(const TableColumn& column) {
  if (IsOneOf(column.name, kDeleted)) {
    return Spelled(column.name) + " is null";
  }
  if (IsOneOf(column.name, kShown) && KindOfType(column.base_type) == TypeKind::kBoolean) {
    return Spelled(column.name) + " = true";
  }
  return ToLower(column.name) == "published_at" ? Spelled(column.name) + " is not null"
                                                : std::string();
}

bool IsLocaleName(std::string_view column) { return IsOneOf(column, kLocales); }

bool IsPrivateName(std::string_view table) { return HasWordOf(table, kPrivate); }

bool IsAttributeName(std::string_view table) { return HasWordOf(table, kAttributes); }

bool IsScopeName(std::string_view table) { return HasWordOf(table, kScopes); }

bool IsProductName(std::string_view table) { return HasWordOf(table, kProducts); }

std::string LabelOf(const ServerTable& table) {
  for (const std::string_view label : kLabels) {
    for (const TableColumn& column : table.table->columns) {
      const TypeKind kind = KindOfType(column.base_type);
      if (ToLower(column.name) == label && !table.generated.contains(column.name) &&
          (kind == TypeKind::kText || kind == TypeKind::kPaddedText || kind == TypeKind::kOther)) {
        return column.name;
      }
    }
  }
  return {};
}

bool IsMoneyName(std::string_view column) { return IsOneOf(column, kMoney); }
bool IsStockName(std::string_view column) { return IsOneOf(column, kStock); }
bool IsValueName(std::string_view column) { return IsOneOf(column, kValues); }
bool IsBookkeepingName(std::string_view column) { return IsOneOf(column, kBookkeeping); }

}  // namespace cacheindex::replication
