#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "replication/postgres/server_tables.h"

namespace cacheindex::replication {

// Private to drafts: what names of tables and columns commonly mean.

/// "brand" of "brand_id" and "brandId".
std::string WithoutId(const std::string& column);
/// A name as expressions spell it, quoted unless it is a plain word.
std::string Spelled(const std::string& name);
/// Passwords and their kind: nothing to be served.
bool IsSecretName(std::string_view column);
/// Says that a row is of no use any more, or not yet: a condition about the row that leaves it out.
std::string ConditionOf(const TableColumn& column);
bool IsLocaleName(std::string_view column);
/// Tables of what visitors do, and of the program itself.
bool IsPrivateName(std::string_view table);
bool IsProductName(std::string_view table);
/// Tables of what describes products: colors, sizes, their names.
bool IsAttributeName(std::string_view table);
/// Tables of the shops, channels and languages for which the same is said in different ways.
bool IsScopeName(std::string_view table);
/// Best first: the column by which people call a row; empty for none.
std::string LabelOf(const ServerTable& table);
/// Holds a price, an amount, a count: worth a minimum or a sum.
bool IsMoneyName(std::string_view column);
bool IsStockName(std::string_view column);
/// The value of an attribute.
bool IsValueName(std::string_view column);
/// The place of a row among others, times of changes: no information of its own.
bool IsBookkeepingName(std::string_view column);

}  // namespace cacheindex::replication
