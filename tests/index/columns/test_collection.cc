#include "tests/index/columns/test_collection.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "index/documents/document_writer.h"
#include "index/facet/facets.h"
#include "index/filter/filter.h"
#include "index/schema/schema_definition.h"
#include "index/schema/schema_storage.h"
#include "index/sort/sort_order.h"

namespace cacheindex::index::test {
namespace {

// Tests cannot go on without their data.
[[noreturn]] void Abort(const Error& error) {
  std::fprintf(stderr, "%s\n", error.message().c_str());
  std::abort();
}

template <class T>
T Require(Result<T> result) {
  if (!result) {
    Abort(result.error());
  }
  return *std::move(result);
}

}  // namespace

TestCollection::TestCollection(const Json& schema, TieOrder ties) {
  store_ = Require(cache::Store::Open(
      {.directory = directory_.path(), .map_size_bytes = std::uint64_t{1} << 30}, &columns_));
  const auto parsed = Require(ParseSchema(schema));
  Require(store_->Write([&](cache::WriteTransaction& transaction) -> Result<void> {
    Schema created = parsed;
    auto result = CreateCollection(transaction, created, ties);
    number_ = created.collection;
    return result;
  }));
}

void TestCollection::Write(const std::vector<Json>& documents) {
  Require(store_->Write([&](cache::WriteTransaction& transaction) -> Result<void> {
    for (const Json& document : documents) {
      const std::string text = DumpJson(document);
      DocumentWrite write{.text = text, .id = std::nullopt, .parsed = std::nullopt};
      auto written = WriteDocument(transaction, schemas_, number_, write,
                                   {.action = WriteAction::kUpsert, .dirty_values = std::nullopt});
      if (!written) {
        return std::move(written).error();
      }
      if (written->error) {
        return *written->error;
      }
    }
    return {};
  }));
}

Result<void> TestCollection::Replace(const std::vector<Replacement>& replacements) {
  auto committed = store_->Write([&](cache::WriteTransaction& transaction) -> Result<void> {
    for (const auto& [id, names, members] : replacements) {
      auto replaced =
          ReplaceMembers(transaction, schemas_, number_, id, names, members,
                         {.action = WriteAction::kUpsert, .dirty_values = std::nullopt});
      if (!replaced) {
        return std::move(replaced).error();
      }
      if (!*replaced) {
        return Error(ErrorCode::kNotFound, "no document " + id);
      }
      if ((*replaced)->error) {
        return *(*replaced)->error;
      }
    }
    return {};
  });
  return committed ? Result<void>() : std::move(committed).error();
}

void TestCollection::Delete(const std::string& id) {
  Require(store_->Write([&](cache::WriteTransaction& transaction) -> Result<void> {
    auto deleted = transaction.Delete(number_, id);
    return deleted ? Result<void>() : Result<void>(std::move(deleted).error());
  }));
}

TestCollection::Reader TestCollection::Read() const {
  Reader reader;
  reader.snapshot = std::make_unique<cache::Snapshot>(Require(store_->OpenSnapshot()));
  reader.collection =
      std::make_unique<cache::Collection>(*Require(reader.snapshot->FindCollection(number_)));
  reader.schema =
      std::make_unique<Schema>(Require(LoadSchema(*reader.snapshot, *reader.collection)));
  reader.context =
      std::make_unique<SearchContext>(*reader.snapshot, *reader.collection, *reader.schema);
  return reader;
}

void AddAlias(Schema& schema, const std::string& name, const std::string& alias) {
  Field field = *schema.Find(name);
  field.definition.name = alias;
  schema.by_name[alias] = schema.fields.size();
  schema.fields.push_back(std::move(field));
}

std::vector<std::string> IdsOf(const TestCollection::Reader& reader,
                               const std::vector<DocumentNumber>& numbers) {
  std::vector<std::string> ids;
  for (const DocumentNumber number : numbers) {
    ids.push_back(Require(reader.snapshot->FindId(reader.collection->number, number))
                      .value_or("number " + std::to_string(number)));
  }
  return ids;
}

std::vector<std::string> IdsOf(const TestCollection::Reader& reader, const DocumentSet& set) {
  std::vector<DocumentNumber> numbers;
  set.ForEach([&](DocumentNumber number) { numbers.push_back(number); });
  auto ids = IdsOf(reader, numbers);
  std::sort(ids.begin(), ids.end());
  return ids;
}

std::vector<std::string> Filtered(const TestCollection& collection, std::string_view filter) {
  const auto reader = collection.Read();
  const auto parsed = Filter::Parse(filter, *reader.schema, {});
  if (!parsed) {
    return {parsed.error().message()};
  }
  const auto all = Require(reader.context->AllDocuments());
  const auto found = parsed->Evaluate(*reader.context, all);
  return found ? IdsOf(reader, *found) : std::vector<std::string>{found.error().message()};
}

std::vector<std::string> Sorted(const TestCollection& collection, std::string_view sort_by,
                                std::size_t count) {
  const auto reader = collection.Read();
  const auto order = SortOrder::Parse(sort_by, *reader.schema, false);
  if (!order) {
    return {order.error().message()};
  }
  const auto all = Require(reader.context->AllDocuments());
  const auto top = order->Top(*reader.context, all, nullptr, count);
  return top ? IdsOf(reader, *top) : std::vector<std::string>{top.error().message()};
}

Result<std::vector<FacetCounts>> Counted(const TestCollection& collection,
                                         const SearchRequest& request) {
  const auto reader = collection.Read();
  const auto plan = FacetPlan::Parse(request, *reader.schema);
  if (!plan) {
    return plan.error();
  }
  return plan->Count(*reader.context, Require(reader.context->AllDocuments()));
}

std::string Show(const FacetCounts& counts) {
  std::string shown;
  for (const FacetValue& value : counts.counts) {
    shown += (shown.empty() ? "" : " ") + value.value + ":" + std::to_string(value.count);
  }
  return shown;
}

}  // namespace cacheindex::index::test
