#include "replication/following/declaration_draft.h"

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <utility>

#include "node/core/json.h"
#include "replication/declaration/collection_plan.h"
#include "replication/following/draft_names.h"
#include "replication/following/draft_tables.h"
#include "replication/following/missing_tables.h"
#include "replication/following/preflight.h"
#include "replication/postgres/catalog.h"
#include "replication/postgres/server_tables.h"
#include "replication/rows/postgres_types.h"

namespace cacheindex::replication {
namespace {

Error Invalid(std::string message) {
  return Error(ErrorCode::kInvalidArgument, std::move(message));
}

std::string Quoted(const std::string& text) { return DumpJson(Json(text)); }

bool IsNumber(const TableColumn& column) {
  const TypeKind kind = KindOfType(column.base_type);
  return kind == TypeKind::kInteger || kind == TypeKind::kNumeric || kind == TypeKind::kReal;
}

// What documents can hold as it is: no bytes, shapes and vectors.
bool IsPlain(const ServerTable& table, const TableColumn& column) {
  const std::string& type = table.types.at(column.name);
  static const std::set<std::string> kOdd = {"bytea", "tsvector", "xml",  "point", "box",
                                             "path",  "polygon",  "line", "lseg",  "circle"};
  return !kOdd.contains(type) && !type.starts_with("vector") && !type.starts_with("geo") &&
         KindOfType(column.base_type) != TypeKind::kJson && !ElementType(column.base_type);
}

class Drafter {
 public:
  Drafter(const Source::Options& options, const Catalog& catalog,
          const std::vector<ServerTable>& server_tables)
      : options_(options),
        catalog_(catalog),
        server_tables_(server_tables),
        tables_(catalog, server_tables) {}

  Result<DeclarationDraft> Draft(const std::string& root_name) {
    const auto root = root_name.empty() ? tables_.ChooseRoot(notes_) : tables_.FindRoot(root_name);
    if (!root) {
      return root.error();
    }
    root_ = *root;
    declaration_.name = root_->table->name;
    declaration_.root = root_->table->QualifiedName();
    AddFilter();
    AddColumns();
    AddReferred();
    AddReferring();
    if (declaration_.fields.empty()) {
      return Invalid("table " + declaration_.root + " has nothing that a document could show");
    }
    AddSorting();
    return Finish();
  }

 private:
  void Comment(const std::string& text) { lines_.push_back("  # " + text); }

  // Adds the field if a source could follow it; its name is made another one if it is taken.
  bool Add(std::string name, const std::string& from, Json schema, const std::string& comment) {
    if (declaration_.fields.size() >= kDraftFieldsMax) {
      if (!is_full_) {
        Comment("more than " + std::to_string(kDraftFieldsMax) + " fields: the rest is left out");
      }
      is_full_ = true;
      return false;
    }
    const auto stem = [](const std::string& text) {
      return text.substr(0, text.find_first_of(".*"));
    };
    while (name == "id" || names_.contains(stem(name))) {
      name = name.ends_with(".*") ? "more_" + name : name + "_value";
    }
    CollectionDeclaration part = declaration_;
    part.fields = {
        FieldDeclaration{.name = name, .from = from, .schema = schema, .default_value = {}}};
    const auto plan = MakePlan(part, tables_.catalogue());
    if (!plan) {
      Comment(name + " is left out: " + plan.error().message());
      return false;
    }
    names_.insert(stem(name));
    std::string line = "  { name = " + Quoted(name);
    if (from != name) {
      line += ", from = " + Quoted(from);
    }
    for (const auto& [key, value] : schema.items()) {
      line += ", " + key + " = " + DumpJson(value);
    }
    lines_.push_back(line + " }," + (comment.empty() ? "" : "  # " + comment));
    declaration_.fields.push_back(std::move(part.fields.front()));
    return true;
  }

  void AddFilter() {
    for (const TableColumn& column : tables_.ColumnsOf(*root_)) {
      if (const std::string condition = ConditionOf(column); !condition.empty()) {
        declaration_.filter += (declaration_.filter.empty() ? "" : " and ") + condition;
      }
    }
  }

  void AddColumns() {
    const auto is_key = [](const TableColumn& column) { return column.is_key; };
    const std::vector<TableColumn>& columns = tables_.ColumnsOf(*root_);
    const bool has_one_key = std::count_if(columns.begin(), columns.end(), is_key) == 1;
    for (const TableColumn& column : columns) {
      const TypeKind kind = KindOfType(column.base_type);
      const std::string& type = root_->types.at(column.name);
      const std::string name = Spelled(column.name);
      if (column.is_key && has_one_key) {
        Comment(column.name + " is the document's id");
      } else if (IsSecretName(column.name)) {
        Comment(column.name + " is left out: its name says that it is secret");
      } else if (tables_.KeyOf(*root_, column.name) != nullptr) {
        continue;
      } else if (!ConditionOf(column).empty()) {
        Comment(column.name + ": see filter");
      } else if (kind == TypeKind::kTimestamp) {
        Add(column.name, "unix(" + name + ")", {{"type", "int64"}}, type + ", as seconds");
      } else if (kind == TypeKind::kBoolean) {
        Add(column.name, name, {{"facet", true}}, type);
      } else if (kind == TypeKind::kOther && IsPlain(*root_, column)) {
        Add(column.name, name, {{"facet", true}}, type + ": few values, perhaps");
      } else if (kind == TypeKind::kPaddedText) {
        Add(column.name, "trim(" + name + ")", Json::object(), type + ", without its blanks");
      } else if (IsPlain(*root_, column)) {
        Add(column.name, name, Json::object(), type);
      } else if (ElementType(column.base_type) &&
                 KindOfType(*ElementType(column.base_type)) == TypeKind::kText) {
        Add(column.name, name, {{"type", "string[]"}, {"facet", true}}, type);
      } else {
        Comment(column.name + " is left out: " + type);
      }
    }
    for (const auto& [column, expression] : root_->generated) {
      Comment(column + " is left out: it is generated, and the server does not send it");
    }
  }

  // What the root refers to.
  void AddReferred() {
    for (const DraftReference& key : tables_.references()) {
      if (key.from != root_ || IsSecretName(key.column)) {
        continue;
      }
      const std::string target = key.to->table->QualifiedName();
      if (key.to == root_) {
        continue;
      }
      const std::string label = tables_.Label(*key.to);
      const std::string step = Spelled(key.column);
      if (label.empty()) {
        Add(key.column, step, Json::object(), "key of a row of " + target + ", which has no name");
      } else if (tables_.TreeOf(*key.to) != nullptr && !LabelOf(*key.to).empty()) {
        Add(WithoutId(key.column), "levels(" + tables_.StepTo(key) + ", " + label + ", ' > ')",
            {{"type", "object"}, {"facet", true}},
            "the row of the tree " + target + " and those above");
      } else {
        const bool is_translated = LabelOf(*key.to).empty();
        const std::string path = step + "." + label;
        Add(WithoutId(key.column), is_translated ? "first(" + path + ")" : path, {{"facet", true}},
            "the one row of " + target + (is_translated ? ", in one language" : ""));
      }
    }
  }

  void AddReferring() {
    std::set<std::pair<const ServerTable*, std::string>> done;
    for (const DraftReference& key : tables_.references()) {
      if (key.to != root_ || key.from == root_ || !done.emplace(key.from, key.column).second) {
        continue;
      }
      const ServerTable& table = *key.from;
      if (IsPrivateName(table.table->name)) {
        Comment(table.table->QualifiedName() +
                " is left out: it looks like nothing to be searched");
      } else if (!tables_.LocaleOf(table).empty()) {
        AddTranslations(key);
      } else if (!AddPivot(key) && !AddJoined(key)) {
        AddObjects(key);
      }
    }
  }

  void AddTranslations(const DraftReference& key) {
    const std::string step = tables_.Step(key, Spelled(tables_.LocaleOf(*key.from)) + " = 'en'");
    for (const TableColumn& column : tables_.ColumnsOf(*key.from)) {
      if (column.name != key.column && column.name != tables_.LocaleOf(*key.from) &&
          !column.is_key && KindOfType(column.base_type) == TypeKind::kText &&
          !IsSecretName(column.name)) {
        Add(column.name, "first(" + step + "." + Spelled(column.name) + ")", {{"locale", "en"}},
            "one language of " + key.from->table->QualifiedName() +
                ": a field for each that you show");
      }
    }
  }

  // Rows that name something and give it a value.
  bool AddPivot(const DraftReference& key) {
    const ServerTable& table = *key.from;
    // The key of what is described, not of the shop or the language that it is described for.
    const DraftReference* namer = nullptr;
    for (const DraftReference& other : tables_.references()) {
      if (other.from == &table && other.column != key.column && !LabelOf(*other.to).empty() &&
          other.to != root_ && !IsScopeName(other.to->table->name) &&
          (namer == nullptr || IsAttributeName(other.to->table->name))) {
        namer = &other;
      }
    }
    std::string name =
        namer == nullptr ? "" : Spelled(namer->column) + "." + Spelled(LabelOf(*namer->to));
    for (const TableColumn& column : tables_.ColumnsOf(table)) {
      if (name.empty() && (column.name == "name" || column.name == "key") &&
          KindOfType(column.base_type) == TypeKind::kText) {
        name = Spelled(column.name);
      }
    }
    bool is_added = false;
    for (const TableColumn& column : tables_.ColumnsOf(table)) {
      if (!name.empty() && IsValueName(column.name) && IsPlain(table, column)) {
        const std::string field =
            is_added ? table.table->name + "_" + column.name : table.table->name;
        is_added =
            Add(field + ".*",
                "pivot(" + tables_.Step(key) + ", " + name + ", " + Spelled(column.name) + ")",
                {{"facet", true}}, "a field for each name; value " + table.types.at(column.name)) ||
            is_added;
      }
    }
    return is_added;
  }

  // Rows that only join the root with others.
  bool AddJoined(const DraftReference& key) {
    const ServerTable& table = *key.from;
    const DraftReference* other = nullptr;
    for (const TableColumn& column : tables_.ColumnsOf(table)) {
      const DraftReference* const further = tables_.KeyOf(table, column.name);
      if (further != nullptr && further->to != root_) {
        if (other != nullptr) {
          return false;
        }
        other = further;
      } else if (further == nullptr && !column.is_key && !IsBookkeepingName(column.name) &&
                 ConditionOf(column).empty()) {
        return false;
      }
    }
    const std::string label = other == nullptr ? std::string() : tables_.Label(*other->to);
    if (label.empty()) {
      return false;
    }
    const std::string path = tables_.Step(key) + "." + Spelled(other->column);
    const std::string comment = "many to many through " + table.table->QualifiedName();
    if (tables_.TreeOf(*other->to) != nullptr && !LabelOf(*other->to).empty()) {
      return Add(
          other->to->table->name,
          "levels(" + tables_.Step(key) + "." + tables_.StepTo(*other) + ", " + label + ", ' > ')",
          {{"type", "object"}, {"facet", true}}, comment + ", with the rows above each");
    }
    return Add(other->to->table->name, path + "." + label, {{"facet", true}}, comment);
  }

  void AddObjects(const DraftReference& key) {
    const ServerTable& table = *key.from;
    const std::string step = tables_.Step(key);
    std::vector<std::string> members;
    for (const TableColumn& column : tables_.ColumnsOf(table)) {
      const DraftReference* const further = tables_.KeyOf(table, column.name);
      const bool is_shown = IsPlain(table, column) && !IsSecretName(column.name) &&
                            !IsBookkeepingName(column.name) && ConditionOf(column).empty();
      if (further == nullptr && is_shown && members.size() < kDraftMembersMax) {
        members.push_back(Spelled(column.name));
      }
    }
    AddAggregates(table, step);
    for (const DraftReference& further : tables_.references()) {
      if (further.to == &table && further.from != root_ && further.from != &table &&
          !IsPrivateName(further.from->table->name)) {
        AddAggregates(*further.from, step + "." + tables_.Step(further));
      }
    }
    if (members.empty()) {
      return Comment(table.table->QualifiedName() + " is left out: it has no columns to show");
    }
    std::string object = step + "{";
    for (std::size_t i = 0; i < members.size(); ++i) {
      object += (i == 0 ? "" : ", ") + members[i];
    }
    Add(table.table->name, object + "}", Json::object(), "the rows that refer to it");
  }

  // The lowest price and all of the stock.
  void AddAggregates(const ServerTable& table, const std::string& path) {
    for (const TableColumn& column : tables_.ColumnsOf(table)) {
      const std::string from = path + "." + Spelled(column.name);
      if (IsNumber(column) && IsMoneyName(column.name) && !names_.contains("price")) {
        Add("price", "min(" + from + ")", Json::object(),
            "the lowest; of which currency, if there are several?");
      } else if (IsNumber(column) && IsStockName(column.name) && !names_.contains("stock")) {
        Add("stock", "sum(" + from + ")", Json::object(), "all of it");
      }
    }
  }

  void AddSorting() {
    for (const char* const name : {"popularity", "sales", "sold", "rating", "score", "rank"}) {
      for (const TableColumn& column : tables_.ColumnsOf(*root_)) {
        if (column.name == name && IsNumber(column) && !column.is_nullable &&
            names_.contains(name)) {
          sorting_ = name;
          return;
        }
      }
    }
  }

  Result<DeclarationDraft> Finish() {
    const auto plan = MakePlan(declaration_, tables_.catalogue());
    if (!plan) {
      return plan.error();
    }
    MissingTables missing(options_.publication, catalog_, server_tables_);
    missing.Add(UsesOf(*plan, tables_.catalogue()), "the draft");
    std::string before;
    for (const PreflightFinding& finding : std::move(missing).Findings()) {
      before += "# " + finding.message + ":\n#   " + finding.remedy + "\n";
      notes_ += "run at the server: " + finding.remedy + "\n";
    }
    std::string toml = before + "[[source." + options_.name +
                       ".collection]]\nname = " + Quoted(declaration_.name) +
                       "\nroot = " + Quoted(declaration_.root) + "  # each row is a document\n";
    if (!declaration_.filter.empty()) {
      toml += "filter = " + Quoted(declaration_.filter) + "  # other rows are no documents\n";
    }
    if (!sorting_.empty()) {
      toml += "default_sorting_field = " + Quoted(sorting_) +
              "  # never null, and says what is liked\n";
    }
    toml += "fields = [\n";
    for (const std::string& line : lines_) {
      toml += line + '\n';
    }
    return DeclarationDraft{.toml = toml + "]\n", .notes = std::move(notes_)};
  }

  const Source::Options& options_;
  const Catalog& catalog_;
  const std::vector<ServerTable>& server_tables_;
  const DraftTables tables_;
  const ServerTable* root_ = nullptr;
  CollectionDeclaration declaration_;
  std::set<std::string> names_;
  std::vector<std::string> lines_;
  std::string sorting_;
  std::string notes_;
  bool is_full_ = false;
};

}  // namespace

Result<DeclarationDraft> DraftDeclaration(const Source::Options& options, const std::string& root) {
  const Interrupt interrupt;
  PostgresConnection::Options connection_options;
  connection_options.connection = options.connection;
  connection_options.application_name = ApplicationName(options);
  connection_options.lock_timeout = options.lock_timeout;
  auto connection = PostgresConnection::Open(connection_options, interrupt);
  if (!connection) {
    return std::move(connection).error();
  }
  const auto catalog = LoadCatalog(**connection, options.publication);
  if (!catalog) {
    return catalog.error();
  }
  const auto server_tables = LoadServerTables(**connection);
  if (!server_tables) {
    return server_tables.error();
  }
  return Drafter(options, *catalog, *server_tables).Draft(root);
}

}  // namespace cacheindex::replication
