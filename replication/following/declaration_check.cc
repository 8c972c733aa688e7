#include "replication/following/declaration_check.h"

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "replication/declaration/collection_plan.h"
#include "replication/declaration/field_fit.h"
#include "replication/declaration/plan_links.h"
#include "replication/following/missing_tables.h"
#include "replication/following/used_tables.h"
#include "replication/rows/table_catalogue.h"

namespace cacheindex::replication {
namespace {

using Severity = PreflightFinding::Severity;
using Tables = std::vector<std::shared_ptr<const Table>>;

// A declaration of one thing only: a root, and what may be wrong with it.
CollectionDeclaration Bare(const CollectionDeclaration& declaration) {
  CollectionDeclaration bare;
  bare.name = declaration.name;
  bare.root = declaration.root;
  bare.schema = declaration.schema.is_object() ? declaration.schema : Json::object();
  // It may be another field.
  bare.schema.erase("default_sorting_field");
  return bare;
}

// Plans declarations with the published tables, and with more.
class Checker {
 public:
  Checker(const Source::Options& options, const Catalog& catalog,
          const std::vector<ServerTable>& server_tables, const SchemaCheck& check_schema)
      : check_schema_(check_schema),
        missing_(options.publication, catalog, server_tables),
        published_(TableCatalogue::Of(WithKeys(PublishedTables(catalog)))),
        whole_(TableCatalogue::Of(WithKeys(WholeTables(catalog, server_tables)))),
        all_(TableCatalogue::Of(WithKeys(AllTables(catalog, server_tables)))) {}

  void Check(const CollectionDeclaration& declaration) {
    const CollectionDeclaration bare = Bare(declaration);
    good_.clear();
    published_references_.clear();
    if (!CheckPart(bare, "its root")) {
      return;
    }
    const std::size_t before = findings_.size();
    for (const ReferenceDeclaration& reference : declaration.references) {
      CheckReference(bare, reference);
    }
    if (!declaration.filter.empty()) {
      CollectionDeclaration part = bare;
      part.filter = declaration.filter;
      CheckPart(std::move(part), "its filter");
    }
    CollectionDeclaration good = bare;
    std::set<std::string> bad_fields;
    for (const FieldDeclaration& field : declaration.fields) {
      CollectionDeclaration part = bare;
      part.fields = {field};
      if (CheckPart(std::move(part), "field \"" + field.name + "\"")) {
        good.fields.push_back(field);
      } else {
        bad_fields.insert(field.name);
      }
    }
    const Json sorting = declaration.schema.is_object()
                             ? declaration.schema.value("default_sorting_field", Json())
                             : Json();
    if (sorting.is_string() && !bad_fields.contains(sorting.get<std::string>())) {
      good.schema["default_sorting_field"] = sorting;
    }
    if (findings_.size() == before) {
      // What only all of it shows.
      good = declaration;
    }
    CheckWhole(std::move(good));
  }

  DeclarationCheck Finish() && {
    std::vector<PreflightFinding> lacking = std::move(missing_).Findings();
    std::move(lacking.begin(), lacking.end(), std::back_inserter(findings_));
    return {.findings = std::move(findings_), .used_tables = std::move(used_)};
  }

 private:
  // A table without a key is wrong in its own way, which others say.
  static Tables WithKeys(Tables tables) {
    for (auto& table : tables) {
      table = WithAnyKey(*table);
    }
    return tables;
  }

  static Tables PublishedTables(const Catalog& catalog) {
    Tables tables;
    for (const CatalogTable& table : catalog.tables) {
      tables.push_back(table.table);
    }
    return tables;
  }

  // The published ones with all columns that they have.
  static Tables WholeTables(const Catalog& catalog, const std::vector<ServerTable>& server_tables) {
    Tables tables;
    for (const ServerTable& table : server_tables) {
      if (catalog.Find(table.table->oid) != nullptr) {
        tables.push_back(table.table);
      }
    }
    return tables;
  }

  // With those that are not published, unless a published one has their name.
  static Tables AllTables(const Catalog& catalog, const std::vector<ServerTable>& server_tables) {
    std::set<std::string> names;
    for (const CatalogTable& table : catalog.tables) {
      names.insert(table.table->name);
    }
    Tables tables;
    for (const ServerTable& table : server_tables) {
      if (catalog.Find(table.table->oid) != nullptr || !names.contains(table.table->name)) {
        tables.push_back(table.table);
      }
    }
    return tables;
  }

  void Add(const Error& error) { findings_.push_back({Severity::kError, error.message(), {}}); }

  // Returns whether the part can be planned at all; what is only not published is noted.
  bool CheckPart(CollectionDeclaration part, const std::string& name) {
    part.references = published_references_;
    if (const auto plan = MakePlan(part, published_)) {
      for (const Place& place : plan->places) {
        used_.insert(place.table);
      }
      return CheckPlan(*plan, published_);
    }
    part.references = good_;
    const std::string wanted_by = "collection \"" + part.name + "\", " + name;
    for (const TableCatalogue* const tables : {&whole_, &all_}) {
      if (const auto plan = MakePlan(part, *tables)) {
        missing_.Add(UsesOf(*plan, *tables), wanted_by);
        return CheckPlan(*plan, *tables);
      }
    }
    Add(MakePlan(part, all_).error());
    return false;
  }

  void CheckReference(const CollectionDeclaration& bare, const ReferenceDeclaration& reference) {
    CollectionDeclaration part = bare;
    part.references = {reference};
    // The root may not be published, and is not what is asked for here.
    if (const auto links = FindLinks(published_, {reference})) {
      good_.push_back(reference);
      published_references_.push_back(reference);
      const TableUses uses = UsesOfLink(*links, published_);
      for (const auto& [oid, columns] : uses) {
        used_.insert(oid);
      }
      return;
    }
    for (const TableCatalogue* const tables : {&whole_, &all_}) {
      if (const auto links = FindLinks(*tables, {reference})) {
        good_.push_back(reference);
        missing_.Add(UsesOfLink(*links, *tables),
                     "collection \"" + bare.name + "\", its references");
        return;
      }
    }
    Add(Error(FindLinks(all_, {reference}).error())
            .WithContext("collection \"" + bare.name + "\""));
  }

  // Returns what the declared link of `links` joins: FindLinks puts it behind the catalog's own,
  // unless it is one of them.
  static TableUses UsesOfLink(const std::vector<Link>& links, const TableCatalogue& tables) {
    TableUses uses;
    if (const auto own = FindLinks(tables, {}); own && own->size() < links.size()) {
      const Link& link = links.back();
      AddUses(tables, link.from_table, link.from_slots, uses);
      AddUses(tables, link.to_table, link.to_slots, uses);
    }
    return uses;
  }

  bool CheckPlan(const CollectionPlan& plan, const TableCatalogue& tables) {
    bool is_good = true;
    for (std::size_t i = 0; i < plan.fields.size(); ++i) {
      const std::string type = plan.schema["fields"][i].value("type", "");
      if (const std::string reason = WhyNeverFits(plan, plan.fields[i], type, tables);
          !reason.empty()) {
        const std::string name = plan.schema["fields"][i].value("name", "");
        Add(Error(ErrorCode::kInvalidArgument,
                  "collection \"" + plan.name + "\": field \"" + name + "\": " + reason));
        is_good = false;
      }
    }
    return CheckSchema(plan) && is_good;
  }

  bool CheckSchema(const CollectionPlan& plan) {
    if (!check_schema_ || plan.fields.empty()) {
      return true;
    }
    const auto checked = check_schema_(plan.schema);
    if (!checked) {
      Add(Error(checked.error()).WithContext("collection \"" + plan.name + "\""));
    }
    return checked.has_value();
  }

  void CheckWhole(CollectionDeclaration declaration) {
    declaration.references = good_;
    auto plan = MakePlan(declaration, published_);
    if (!plan) {
      plan = MakePlan(declaration, all_);
    }
    if (!plan) {
      Add(plan.error());
      return;
    }
    CheckSchema(*plan);
  }

  const SchemaCheck& check_schema_;
  MissingTables missing_;
  const TableCatalogue published_;
  const TableCatalogue whole_;
  const TableCatalogue all_;
  std::vector<PreflightFinding> findings_;
  std::set<std::uint32_t> used_;
  /// Of the collection at hand: references that can be followed, and those along published tables.
  std::vector<ReferenceDeclaration> good_;
  std::vector<ReferenceDeclaration> published_references_;
};

}  // namespace

DeclarationCheck CheckDeclarations(const Source::Options& options, const Catalog& catalog,
                                   const std::vector<ServerTable>& server_tables,
                                   const SchemaCheck& check_schema) {
  Checker checker(options, catalog, server_tables, check_schema);
  for (const CollectionDeclaration& declaration : options.collections) {
    checker.Check(declaration);
  }
  return std::move(checker).Finish();
}

std::vector<PreflightFinding> CheckSchemas(const std::vector<CollectionDeclaration>& declarations,
                                           const SchemaCheck& check_schema) {
  std::vector<PreflightFinding> findings;
  if (!check_schema) {
    return findings;
  }
  for (const CollectionDeclaration& declaration : declarations) {
    for (const FieldDeclaration& field : declaration.fields) {
      Json schema = Bare(declaration).schema;
      schema["name"] = declaration.name;
      schema["enable_nested_fields"] = true;
      Json schema_field = field.schema.is_object() ? field.schema : Json::object();
      schema_field.emplace("type", "auto");
      schema_field["name"] = field.name.substr(0, field.name.find('*'));
      schema["fields"] = Json::array({std::move(schema_field)});
      if (const auto checked = check_schema(schema); !checked) {
        findings.push_back({Severity::kError,
                            "collection \"" + declaration.name + "\": " + checked.error().message(),
                            {}});
      }
    }
  }
  return findings;
}

}  // namespace cacheindex::replication
