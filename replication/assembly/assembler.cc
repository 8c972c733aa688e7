#include "replication/assembly/assembler.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "node/core/document.h"
#include "node/core/utf8.h"
#include "replication/assembly/document_ids.h"
#include "replication/rows/repaired_values.h"
#include "replication/rows/row_key.h"

namespace cacheindex::replication {
namespace {

// Puts `value` under the last name of `path`; where something else stands in the way it stays.
void PutAt(Json& document, const std::vector<std::string>& path, Json value) {
  Json* at = &document;
  for (std::size_t i = 0; i + 1 < path.size(); ++i) {
    at = &(*at)[path[i]];
    if (at->is_null()) {
      *at = Json::object();
    }
    if (!at->is_object()) {
      return;
    }
  }
  (*at)[path.back()] = std::move(value);
}

bool IsTaken(const Json& document, const std::vector<std::string>& path) {
  const Json* at = &document;
  for (const std::string& name : path) {
    const auto found = at->is_object() ? at->find(name) : at->end();
    if (!at->is_object() || found == at->end()) {
      return false;
    }
    at = &*found;
  }
  return true;
}

// Puts each member of `object` under the path with the member's name at its end, where no field of
// that name was declared.
void Spread(Json& document, std::vector<std::string> path, Json object) {
  const std::string stem = path.back();
  for (auto& [name, value] : object.items()) {
    path.back() = stem + name;
    if (!IsTaken(document, path)) {
      PutAt(document, path, std::move(value));
    }
  }
}

}  // namespace

void Assembler::AddFields(const CollectionPlan& plan, const LoadedRow& root, FieldSet fields,
                          Json& document) {
  for (std::size_t i = 0; i < plan.fields.size(); ++i) {
    if (!fields.Contains(i)) {
      continue;
    }
    const CollectionPlan::Field& field = plan.fields[i];
    Json value = evaluator_.Value(field.value, root, field.wanted, field.is_array);
    if (value.is_null()) {
      value = field.default_value;
    }
    if (value.is_null()) {
      continue;
    }
    if (!field.has_star) {
      PutAt(document, field.path, std::move(value));
    } else if (value.is_object()) {
      Spread(document, field.path, std::move(value));
    }
  }
}

Result<Assembler::Assembled> Assembler::Assemble(const CollectionPlan& plan, std::string_view key) {
  evaluator_.BeginDocument(plan.places, clock_);
  const auto root = rows_.Find(plan.root, key);
  if (!root) {
    return root.error();
  }
  Assembled assembled;
  if (*root == nullptr) {
    return assembled;
  }
  assembled.id = DocumentIdOf(plan, (*root)->row);
  const bool is_member = !plan.filter || evaluator_.One(*plan.filter, **root).is_true();
  if (is_member) {
    Json document = Json::object();
    AddFields(plan, **root, FieldSet::All(), document);
    document["id"] = assembled.id;
    assembled.document = std::move(document);
  }
  assembled.due = evaluator_.due();
  if (const std::optional<Error>& failure = evaluator_.failure()) {
    if (failure->code() != ErrorCode::kUnprocessable) {
      return *failure;
    }
    assembled.refusal = failure->message();
  } else if (assembled.document && assembled.id.size() > kDocumentIdBytesMax) {
    assembled.refusal = "its id has " + std::to_string(assembled.id.size()) +
                        " bytes, and at most " + std::to_string(kDocumentIdBytesMax) +
                        " are possible";
  }
  if (assembled.document && assembled.id.empty()) {
    const std::string what = plan.id ? "its id" : "its key";
    assembled.refusal = NeedsRepair((*root)->row)
                            ? what + " has bytes that are no UTF-8"
                            : what + (plan.id ? " is null or an empty text" : " is an empty text") +
                                  ", and an id has at least one character";
  }
  if (!assembled.refusal.empty()) {
    assembled.document.reset();
  }
  assembled.key_text = plan.id ? KeyTextOf((*root)->row) : assembled.id;
  return assembled;
}

Result<std::optional<Assembler::Members>> Assembler::AssembleMembers(const CollectionPlan& plan,
                                                                     std::string_view key,
                                                                     FieldSet fields) {
  evaluator_.BeginDocument(plan.places, clock_);
  const auto root = rows_.Find(plan.root, key);
  if (!root) {
    return root.error();
  }
  if (*root == nullptr) {
    return std::nullopt;
  }
  Members assembled{
      .id = DocumentIdOf(plan, (*root)->row), .names = {}, .members = Json::object(), .due = {}};
  if (assembled.id.empty()) {
    return std::nullopt;
  }
  for (std::size_t i = 0; i < plan.fields.size(); ++i) {
    if (fields.Contains(i)) {
      assembled.names.push_back(plan.fields[i].path.front());
    }
  }
  std::sort(assembled.names.begin(), assembled.names.end());
  assembled.names.erase(std::unique(assembled.names.begin(), assembled.names.end()),
                        assembled.names.end());
  AddFields(plan, **root, fields, assembled.members);
  assembled.due = evaluator_.due();
  if (const std::optional<Error>& failure = evaluator_.failure()) {
    if (failure->code() != ErrorCode::kUnprocessable) {
      return *failure;
    }
    return std::nullopt;
  }
  return std::optional<Members>(std::move(assembled));
}

}  // namespace cacheindex::replication
