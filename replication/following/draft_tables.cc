#include "replication/following/draft_tables.h"

#include <algorithm>
#include <utility>

#include "node/core/nearest_name.h"
#include "replication/following/declaration_draft.h"
#include "replication/following/draft_names.h"
#include "replication/following/preflight.h"
#include "replication/rows/postgres_types.h"

namespace cacheindex::replication {
namespace {

Error Invalid(std::string message) {
  return Error(ErrorCode::kInvalidArgument, std::move(message));
}

// What names the rows of `table`, behind a path to them: without the blanks of char(n).
std::string ShownLabel(const ServerTable& table) {
  const std::string label = LabelOf(table);
  const auto column = label.empty() ? std::nullopt : table.table->FindColumn(label);
  const bool is_padded =
      column && KindOfType(table.table->columns[*column].base_type) == TypeKind::kPaddedText;
  return label.empty() ? label : is_padded ? "(trim(" + Spelled(label) + "))" : Spelled(label);
}

}  // namespace

DraftTables::DraftTables(const Catalog& catalog, const std::vector<ServerTable>& server_tables) {
  std::vector<std::shared_ptr<const Table>> tables;
  for (const ServerTable& table : server_tables) {
    const CatalogTable* const published = catalog.Find(table.table->oid);
    const bool has_key = std::any_of(table.table->columns.begin(), table.table->columns.end(),
                                     [](const TableColumn& column) { return column.is_key; });
    const bool is_sent = (table.kind == ServerTable::Kind::kTable ||
                          table.kind == ServerTable::Kind::kPartitioned) &&
                         table.partitioned_oid == 0;
    if (is_sent && has_key && (published == nullptr || !TableProblem(*published, {}))) {
      tables_.push_back(&table);
      // Of what is published the columns that are sent; of others those that would be.
      auto sent = std::make_shared<Table>(published != nullptr ? *published->table : *table.table);
      std::erase_if(sent->columns, [&](const TableColumn& column) {
        return table.generated.contains(column.name);
      });
      // Those of the catalog are among published tables only.
      sent->foreign_keys = table.table->foreign_keys;
      columns_[table.table->oid] = sent;
      tables.push_back(std::move(sent));
    }
  }
  catalogue_ = TableCatalogue::Of(tables);
  for (const ServerTable* const table : tables_) {
    for (const Table::ForeignKey& key : table->table->foreign_keys) {
      const ServerTable* const to = Find(key.referenced_oid);
      if (key.columns.size() == 1 && to != nullptr) {
        references_.push_back({table, key.columns.front(), to});
      }
    }
  }
}

const ServerTable* DraftTables::Find(std::uint32_t oid) const {
  const auto found = std::find_if(tables_.begin(), tables_.end(), [oid](const ServerTable* table) {
    return table->table->oid == oid;
  });
  return found == tables_.end() ? nullptr : *found;
}

Result<const ServerTable*> DraftTables::FindRoot(const std::string& name) const {
  std::vector<std::string> names;
  for (const ServerTable* const table : tables_) {
    if (table->table->name == name || table->table->QualifiedName() == name) {
      return table;
    }
    names.push_back(table->table->name);
  }
  return Invalid("there is no table \"" + name + "\" that has a key and can be followed" +
                 DidYouMean(name, names));
}

Result<const ServerTable*> DraftTables::ChooseRoot(std::string& notes) const {
  std::vector<std::pair<int, const ServerTable*>> scored;
  std::map<const ServerTable*, std::string> reasons;
  for (const ServerTable* const table : tables_) {
    const auto referring =
        std::count_if(references_.begin(), references_.end(),
                      [&](const DraftReference& key) { return key.to == table; });
    const std::string label = Label(*table);
    const bool is_product = IsProductName(table->table->name);
    const int score = static_cast<int>(std::min<std::ptrdiff_t>(referring, 10)) * 2 +
                      (label.empty() ? 0 : 5) + (is_product ? 10 : 0) -
                      (IsPrivateName(table->table->name) ? 15 : 0) -
                      static_cast<int>(table->table->foreign_keys.size() > 1 && label.empty()) * 10;
    scored.emplace_back(-score, table);
    reasons[table] = std::to_string(referring) + " foreign keys lead to it" +
                     (label.empty() ? "" : ", it has " + label) +
                     (is_product ? ", and its name says so" : "");
  }
  if (scored.empty()) {
    return Invalid("no table of the database has a key and can be followed");
  }
  std::stable_sort(scored.begin(), scored.end(),
                   [](const auto& one, const auto& other) { return one.first < other.first; });
  notes += "tables that could be the root (--root TABLE):\n";
  for (std::size_t i = 0; i < std::min(scored.size(), kDraftRootsMax); ++i) {
    notes += (i == 0 ? "* " : "  ") + scored[i].second->table->QualifiedName() + ": " +
             reasons[scored[i].second] + '\n';
  }
  return scored.front().second;
}

std::string DraftTables::LocaleOf(const ServerTable& table) const {
  for (const TableColumn& column : ColumnsOf(table)) {
    if (IsLocaleName(column.name)) {
      return column.name;
    }
  }
  return {};
}

std::string DraftTables::Step(const DraftReference& key, const std::string& condition) const {
  const auto ways = std::count_if(references_.begin(), references_.end(), [&](const auto& other) {
    return (other.from == key.from && other.to == key.to) ||
           (other.from == key.to && other.to == key.from);
  });
  std::string where = condition;
  for (const TableColumn& column : ColumnsOf(*key.from)) {
    if (const std::string more = ConditionOf(column); !more.empty()) {
      where += (where.empty() ? "" : " and ") + more;
    }
  }
  std::string inside = ways > 1 ? "via " + Spelled(key.column) : std::string();
  inside += where.empty() ? "" : (inside.empty() ? "where " : " where ") + where;
  return Spelled(key.from->table->name) + (inside.empty() ? "" : "[" + inside + "]");
}

std::string DraftTables::StepTo(const DraftReference& key) const {
  const auto ways = std::count_if(references_.begin(), references_.end(), [&](const auto& other) {
    return (other.from == key.from && other.to == key.to) ||
           (other.from == key.to && other.to == key.from);
  });
  const std::string name = Spelled(key.to->table->name);
  const bool is_column = key.from->table->FindColumn(key.to->table->name).has_value();
  return ways > 1 || is_column ? name + "[via " + Spelled(key.column) + "]" : name;
}

std::string DraftTables::Label(const ServerTable& table) const {
  if (std::string own = ShownLabel(table); !own.empty()) {
    return own;
  }
  for (const DraftReference& key : references_) {
    if (key.to == &table && !LocaleOf(*key.from).empty() && !LabelOf(*key.from).empty()) {
      return Step(key, Spelled(LocaleOf(*key.from)) + " = 'en'") + "." + ShownLabel(*key.from);
    }
  }
  return {};
}

const DraftReference* DraftTables::TreeOf(const ServerTable& table) const {
  const auto found = std::find_if(
      references_.begin(), references_.end(),
      [&](const DraftReference& key) { return key.from == &table && key.to == &table; });
  return found == references_.end() ? nullptr : &*found;
}

const DraftReference* DraftTables::KeyOf(const ServerTable& table,
                                         const std::string& column) const {
  const auto found = std::find_if(
      references_.begin(), references_.end(),
      [&](const DraftReference& key) { return key.from == &table && key.column == column; });
  return found == references_.end() ? nullptr : &*found;
}

}  // namespace cacheindex::replication
