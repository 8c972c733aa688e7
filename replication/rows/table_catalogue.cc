#include "replication/rows/table_catalogue.h"

#include <algorithm>
#include <utility>

#include "node/core/json.h"

namespace cacheindex::replication {
namespace {

constexpr std::string_view kTablePrefix = "table/";
constexpr std::string_view kVersionPrefix = "version/";

std::string NumberedKey(std::string_view prefix, std::initializer_list<std::uint32_t> numbers) {
  std::string key(prefix);
  for (const std::uint32_t number : numbers) {
    for (int shift = 24; shift >= 0; shift -= 8) {
      key += static_cast<char>(number >> static_cast<unsigned>(shift));
    }
  }
  return key;
}

Json ToJson(const Table& table) {
  Json columns = Json::array();
  for (const TableColumn& column : table.columns) {
    Json& json = columns.emplace_back(Json{{"name", column.name},
                                           {"type", column.type},
                                           {"base_type", column.base_type},
                                           {"type_modifier", column.type_modifier},
                                           {"number", column.number},
                                           {"is_key", column.is_key},
                                           {"is_nullable", column.is_nullable},
                                           {"key_place", column.key_place}});
    // Descriptions of most columns are as they were before these existed.
    if (column.element_type != 0) {
      json["element_type"] = column.element_type;
    }
    if (column.folding != CaseFolding::kNone) {
      json["folding"] = column.folding;
    }
    if (!column.loose_collation.empty()) {
      json["loose_collation"] = column.loose_collation;
    }
    if (!column.type_details.empty()) {
      json["type_details"] = column.type_details;
    }
  }
  Json keys = Json::array();
  for (const Table::ForeignKey& key : table.foreign_keys) {
    keys.push_back({{"columns", key.columns},
                    {"referenced_oid", key.referenced_oid},
                    {"referenced_columns", key.referenced_columns}});
  }
  return {{"oid", table.oid},
          {"schema", table.schema},
          {"name", table.name},
          {"identity", std::string(1, static_cast<char>(table.identity))},
          {"columns", std::move(columns)},
          {"foreign_keys", std::move(keys)},
          {"file_node", table.file_node},
          {"row_filter", table.row_filter}};
}

using TypeDetails = std::map<std::string, std::string>;

// Throws Json::exception where `json` is not what ToJson returns.
Table TableOfJson(const Json& json) {
  Table table;
  table.oid = json.at("oid").get<std::uint32_t>();
  table.schema = json.at("schema").get<std::string>();
  table.name = json.at("name").get<std::string>();
  table.identity = static_cast<ReplicaIdentity>(json.at("identity").get<std::string>().at(0));
  for (const Json& column : json.at("columns")) {
    table.columns.push_back({.name = column.at("name").get<std::string>(),
                             .type = column.at("type").get<std::uint32_t>(),
                             .base_type = column.at("base_type").get<std::uint32_t>(),
                             .type_modifier = column.at("type_modifier").get<std::int32_t>(),
                             .number = column.at("number").get<std::int16_t>(),
                             .is_key = column.at("is_key").get<bool>(),
                             .is_nullable = column.at("is_nullable").get<bool>(),
                             .element_type = column.value("element_type", std::uint32_t{0}),
                             .folding = column.value("folding", CaseFolding::kNone),
                             .loose_collation = column.value("loose_collation", std::string()),
                             .key_place = column.value("key_place", std::int16_t{-1}),
                             .type_details = column.value("type_details", TypeDetails())});
  }
  for (const Json& key : json.at("foreign_keys")) {
    table.foreign_keys.push_back(
        {.columns = key.at("columns").get<std::vector<std::string>>(),
         .referenced_oid = key.at("referenced_oid").get<std::uint32_t>(),
         .referenced_columns = key.at("referenced_columns").get<std::vector<std::string>>()});
  }
  table.file_node = json.at("file_node").get<std::uint32_t>();
  table.row_filter = json.at("row_filter").get<std::string>();
  return table;
}

std::shared_ptr<TableVersion> MakeVersion(std::uint32_t number, std::shared_ptr<const Table> table,
                                          std::vector<std::string>& slot_names) {
  auto version = std::make_shared<TableVersion>();
  version->number = number;
  for (std::uint32_t i = 0; i < table->columns.size(); ++i) {
    const TableColumn& column = table->columns[i];
    auto name = std::find(slot_names.begin(), slot_names.end(), column.name);
    if (name == slot_names.end()) {
      name = slot_names.insert(slot_names.end(), column.name);
    }
    const auto slot = static_cast<std::uint32_t>(name - slot_names.begin());
    version->slots.push_back(slot);
    version->columns.resize(std::max<std::size_t>(version->columns.size(), slot + 1));
    version->columns[slot] = i;
    if (column.is_key) {
      version->key_columns.push_back(i);
    }
  }
  version->id_columns = version->key_columns;
  std::stable_sort(version->id_columns.begin(), version->id_columns.end(),
                   [&table](std::uint32_t left, std::uint32_t right) {
                     return table->columns[left].key_place < table->columns[right].key_place;
                   });
  version->table = std::move(table);
  return version;
}

Json ToJson(const KeyForms& forms) {
  Json json = Json::array();
  for (const KeyForm& form : forms) {
    json.push_back({{"reading", form.reading},
                    {"spread", form.spread},
                    {"folding", form.folding},
                    {"step", form.step},
                    {"separator", form.separator}});
  }
  return json;
}

// Throws Json::exception where `json` is not what ToJson returns.
KeyForms FormsOfJson(const Json& json) {
  KeyForms forms;
  for (const Json& form : json) {
    forms.push_back({.reading = form.at("reading").get<KeyForm::Reading>(),
                     .spread = form.at("spread").get<KeyForm::Spread>(),
                     .folding = form.at("folding").get<CaseFolding>(),
                     .step = form.at("step").get<std::uint32_t>(),
                     .separator = form.at("separator").get<std::string>()});
  }
  return forms;
}

StoredTable StoredTableOfJson(const Json& json, std::uint32_t oid) {
  StoredTable table;
  table.oid = oid;
  table.rows = cache::ColumnNumber{json.at("rows").get<std::uint32_t>()};
  table.slot_names = json.at("slots").get<std::vector<std::string>>();
  for (const Json& index : json.at("indexes")) {
    table.indexes.push_back(
        {.slots = index.at("slots").get<std::vector<std::uint32_t>>(),
         .forms = index.contains("forms") ? FormsOfJson(index["forms"]) : KeyForms(),
         .entries = cache::ColumnNumber{index.at("entries").get<std::uint32_t>()}});
  }
  return table;
}

// What the stream says of a table lacks what only the catalog knows.
std::shared_ptr<const Table> Complete(const std::shared_ptr<const Table>& told,
                                      const Table& known) {
  auto table = std::make_shared<Table>(*told);
  table->schema = known.schema;
  table->name = known.name;
  if (table->foreign_keys.empty()) {
    table->foreign_keys = known.foreign_keys;
  }
  if (table->file_node == 0) {
    table->file_node = known.file_node;
    table->row_filter = known.row_filter;
  }
  for (TableColumn& column : table->columns) {
    const auto position = known.FindColumn(column.name);
    if (column.number == 0 && position) {
      column.TakeFromCatalog(known.columns[*position]);
    }
  }
  return table;
}

bool HaveSameKey(const Table& left, const Table& right) {
  const auto key_of = [](const Table& table) {
    std::vector<std::pair<std::string, std::uint32_t>> key;
    for (const TableColumn& column : table.columns) {
      if (column.is_key) {
        key.emplace_back(column.name, column.type);
      }
    }
    return key;
  };
  return key_of(left) == key_of(right);
}

}  // namespace

std::optional<std::uint32_t> StoredTable::FindSlot(std::string_view name) const {
  const auto found = std::find(slot_names.begin(), slot_names.end(), name);
  if (found == slot_names.end()) {
    return std::nullopt;
  }
  return static_cast<std::uint32_t>(found - slot_names.begin());
}

std::vector<std::uint32_t> StoredTable::KeySlots() const {
  std::vector<std::uint32_t> slots;
  for (const std::uint32_t column : latest().key_columns) {
    slots.push_back(latest().slots[column]);
  }
  return slots;
}

Result<TableCatalogue> TableCatalogue::Load(const cache::View& view) {
  TableCatalogue catalogue;
  std::map<std::uint32_t, StoredTable> tables;
  std::optional<Error> failure;
  const auto read = [&](std::string_view prefix, auto use) {
    return view.ScanEntries(
        cache::kOwnersColumn, prefix, [&](std::string_view key, std::string_view value) {
          const auto json = ParseJson(value);
          try {
            use(key.substr(prefix.size()), json ? *json : Json());
          } catch (const Json::exception&) {
            failure = Error(ErrorCode::kCorruption, "damaged description of a table");
          }
          return !failure;
        });
  };
  const auto number_at = [](std::string_view key, std::size_t at) {
    std::uint32_t number = 0;
    for (std::size_t i = at; i < at + 4 && i < key.size(); ++i) {
      number = number << 8U | static_cast<unsigned char>(key[i]);
    }
    return number;
  };
  auto scanned = read(kTablePrefix, [&](std::string_view key, const Json& json) {
    const std::uint32_t oid = number_at(key, 0);
    tables.emplace(oid, StoredTableOfJson(json, oid));
  });
  if (!scanned) {
    return std::move(scanned).error();
  }
  scanned = read(kVersionPrefix, [&](std::string_view key, const Json& json) {
    StoredTable& table = tables[number_at(key, 0)];
    table.versions.push_back(MakeVersion(
        number_at(key, 4), std::make_shared<const Table>(TableOfJson(json)), table.slot_names));
  });
  if (!scanned) {
    return std::move(scanned).error();
  }
  if (failure) {
    return *std::move(failure);
  }
  for (auto& [oid, table] : tables) {
    if (table.versions.empty() || table.oid != oid) {
      return Error(ErrorCode::kCorruption, "a table has lost its description");
    }
    catalogue.tables_.emplace(oid, std::make_shared<const StoredTable>(std::move(table)));
  }
  return catalogue;
}

TableCatalogue TableCatalogue::Of(const std::vector<std::shared_ptr<const Table>>& tables) {
  TableCatalogue catalogue;
  for (const std::shared_ptr<const Table>& table : tables) {
    StoredTable stored;
    stored.oid = table->oid;
    stored.versions.push_back(MakeVersion(0, table, stored.slot_names));
    catalogue.tables_.emplace(table->oid, std::make_shared<const StoredTable>(std::move(stored)));
  }
  return catalogue;
}

const StoredTable* TableCatalogue::Find(std::uint32_t oid) const {
  const auto found = tables_.find(oid);
  return found == tables_.end() ? nullptr : found->second.get();
}

TableCatalogue TableCatalogue::Only(const std::vector<std::uint32_t>& oids) const {
  TableCatalogue part;
  for (const std::uint32_t oid : oids) {
    if (const auto found = tables_.find(oid); found != tables_.end()) {
      part.tables_.insert(*found);
    }
  }
  return part;
}

Result<const StoredTable*> TableCatalogue::Describe(cache::WriteTransaction& transaction,
                                                    const std::shared_ptr<const Table>& table) {
  const auto found = tables_.find(table->oid);
  if (const auto told = told_.find(table->oid); told != told_.end() && told->second == table) {
    return found->second.get();
  }
  told_[table->oid] = table;
  StoredTable stored;
  std::shared_ptr<const Table> description = table;
  if (found != tables_.end()) {
    const Table& known = *found->second->latest().table;
    description = Complete(table, known);
    if (ToJson(*description) == ToJson(known)) {
      return found->second.get();
    }
    if (!HaveSameKey(*description, known)) {
      return Error(ErrorCode::kConflict, "table " + table->QualifiedName() +
                                             ": the columns of its replica identity changed");
    }
    stored = *found->second;
  } else {
    const auto rows = transaction.AllocateColumn(cache::PageShape::kWide);
    if (!rows) {
      return rows.error();
    }
    stored.oid = table->oid;
    stored.rows = *rows;
  }
  const std::uint32_t number = stored.versions.empty() ? 0 : stored.latest().number + 1;
  if (auto put = transaction.PutEntry(cache::kOwnersColumn,
                                      NumberedKey(kVersionPrefix, {stored.oid, number}),
                                      DumpJson(ToJson(*description)));
      !put) {
    return std::move(put).error();
  }
  stored.versions.push_back(MakeVersion(number, std::move(description), stored.slot_names));
  if (auto done = Store(transaction, std::move(stored)); !done) {
    return std::move(done).error();
  }
  return Find(table->oid);
}

Result<cache::ColumnNumber> TableCatalogue::EnsureIndex(cache::WriteTransaction& transaction,
                                                        std::uint32_t oid,
                                                        const std::vector<std::uint32_t>& slots,
                                                        const KeyForms& forms) {
  StoredTable table = *tables_.at(oid);
  for (const ReferenceIndex& index : table.indexes) {
    if (index.slots == slots && index.forms == forms) {
      return index.entries;
    }
  }
  bool has_rows = false;
  if (auto scanned = transaction.ScanEntries(table.rows, {},
                                             [&](std::string_view, std::string_view) {
                                               has_rows = true;
                                               return false;
                                             });
      !scanned) {
    return std::move(scanned).error();
  }
  if (has_rows) {
    return Error(ErrorCode::kConflict, "table " + table.latest().table->QualifiedName() +
                                           " has rows, and none of them is found by column " +
                                           table.slot_names[slots.front()] + " yet");
  }
  const auto entries = transaction.AllocateColumn(cache::PageShape::kWide);
  if (!entries) {
    return entries.error();
  }
  table.indexes.push_back({.slots = slots, .forms = forms, .entries = *entries});
  if (auto done = Store(transaction, std::move(table)); !done) {
    return std::move(done).error();
  }
  return *entries;
}

Result<void> TableCatalogue::Empty(cache::WriteTransaction& transaction, std::uint32_t oid) {
  StoredTable table = *tables_.at(oid);
  const auto replace = [&](cache::ColumnNumber& column) -> Result<void> {
    if (auto dropped = transaction.DropColumn(column); !dropped) {
      return dropped;
    }
    const auto fresh = transaction.AllocateColumn(cache::PageShape::kWide);
    if (!fresh) {
      return fresh.error();
    }
    column = *fresh;
    return {};
  };
  if (auto replaced = replace(table.rows); !replaced) {
    return replaced;
  }
  for (ReferenceIndex& index : table.indexes) {
    if (auto replaced = replace(index.entries); !replaced) {
      return replaced;
    }
  }
  return Store(transaction, std::move(table));
}

Result<void> TableCatalogue::Store(cache::WriteTransaction& transaction, StoredTable table) {
  Json indexes = Json::array();
  for (const ReferenceIndex& index : table.indexes) {
    Json& json = indexes.emplace_back(
        Json{{"slots", index.slots}, {"entries", static_cast<std::uint32_t>(index.entries)}});
    if (!index.forms.empty()) {
      json["forms"] = ToJson(index.forms);
    }
  }
  const Json json = {{"rows", static_cast<std::uint32_t>(table.rows)},
                     {"slots", table.slot_names},
                     {"indexes", std::move(indexes)}};
  const std::uint32_t oid = table.oid;
  tables_.insert_or_assign(oid, std::make_shared<const StoredTable>(std::move(table)));
  return transaction.PutEntry(cache::kOwnersColumn, NumberedKey(kTablePrefix, {oid}),
                              DumpJson(json));
}

}  // namespace cacheindex::replication
