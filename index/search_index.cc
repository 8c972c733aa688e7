#include "index/search_index.h"

#include <algorithm>
#include <utility>

#include "index/document_columns.h"
#include "index/highlighter.h"
#include "index/index_verifier.h"
#include "index/projection.h"
#include "index/schema_cache.h"
#include "index/schema_change.h"
#include "index/schema_definition.h"
#include "index/schema_storage.h"
#include "index/search_plan.h"
#include "index/text_indexer.h"
#include "index/text_matcher.h"
#include "index/writer_schemas.h"

namespace cacheindex::index {

struct SearchIndex::Parts {
  WriterSchemas writer_schemas;
  DocumentColumns columns{writer_schemas};
  SchemaCache schemas;
  TextIndexer text;
};

namespace {

// What the search has found, before it is shown.
struct Found {
  DocumentSet documents;
  TextMatches matches;
};

Result<SearchHit> MakeHit(SearchContext& context, const TextReader& text,
                          const SearchRequest& request, const SearchPlan& plan,
                          DocumentNumber number, const TextMatches& matches) {
  const cache::CollectionNumber collection = context.collection().number;
  auto id = context.view().FindId(collection, number);
  if (!id) {
    return std::move(id).error();
  }
  auto document = *id ? context.view().Find(collection, **id)
                      : Result<std::optional<cache::StoredDocument>>(std::nullopt);
  if (!document) {
    return std::move(document).error();
  }
  if (!*document) {
    // Columns and documents are written together, so this is damage, never an omission.
    return Error(ErrorCode::kCorruption,
                 "document number " + std::to_string(number) + " was found but does not exist");
  }
  const std::string& json = (*document)->json;
  SearchHit hit;
  if (!plan.query.is_match_all) {
    auto explained = ExplainMatch(context, text, plan.query, plan.text_fields, matches, number);
    if (!explained) {
      return std::move(explained).error();
    }
    hit.text_match = *explained;
    auto fields = ParseJson(json);
    if (!fields) {
      return std::move(fields).error().WithContext("stored document " + **id);
    }
    hit.highlights = Highlight(*fields, context.schema(), plan.query, plan.text_fields, request);
  }
  auto projected = Project(json, request.include_fields, request.exclude_fields);
  if (!projected) {
    return std::move(projected).error();
  }
  hit.document = std::move(*projected);
  return hit;
}

Result<Found> FindDocuments(SearchContext& context, const TextReader& text,
                            const SearchPlan& plan) {
  auto documents = context.AllDocuments();
  if (documents && !plan.filter.IsEmpty()) {
    documents = plan.filter.Evaluate(context, *documents);
  }
  if (!documents) {
    return std::move(documents).error();
  }
  if (plan.query.is_match_all) {
    return Found{.documents = std::move(*documents), .matches = {}};
  }
  auto matches =
      MatchText(context, text, plan.query, plan.text_fields, *documents, plan.text_options);
  if (!matches) {
    return std::move(matches).error();
  }
  Found found{.documents = context.EmptySet(), .matches = std::move(*matches)};
  for (const DocumentNumber number : found.matches.scores.documents) {
    found.documents.Add(number);
  }
  return found;
}

Result<void> FillPage(SearchContext& context, const TextReader& text, const SearchRequest& request,
                      const SearchPlan& plan, SearchPage& page) {
  auto found = FindDocuments(context, text, plan);
  if (!found) {
    return std::move(found).error();
  }
  page.found = found->documents.Count();
  if (plan.take > 0 && plan.skip < page.found) {
    auto best =
        plan.order.Top(context, found->documents, &found->matches.scores, plan.skip + plan.take);
    if (!best) {
      return std::move(best).error();
    }
    for (std::size_t i = plan.skip; i < best->size(); ++i) {
      auto hit = MakeHit(context, text, request, plan, (*best)[i], found->matches);
      if (!hit) {
        return std::move(hit).error();
      }
      page.hits.push_back(std::move(*hit));
    }
  }
  auto counts = plan.facets.Count(context, found->documents);
  if (!counts) {
    return std::move(counts).error();
  }
  page.facet_counts = std::move(*counts);
  return {};
}

std::string ToText(Position position) {
  return std::to_string(static_cast<std::uint64_t>(position));
}

}  // namespace

SearchIndex::SearchIndex() : parts_(std::make_unique<Parts>()) {}
SearchIndex::~SearchIndex() { Stop(); }

cache::DocumentListener& SearchIndex::listener() { return parts_->columns; }

Result<void> SearchIndex::Start(cache::Store& store, const std::filesystem::path& directory) {
  return parts_->text.Start(store, parts_->schemas, directory);
}

void SearchIndex::Stop() { parts_->text.Stop(); }

Result<cache::CollectionNumber> SearchIndex::CreateCollection(cache::WriteTransaction& transaction,
                                                              const Json& body,
                                                              std::int64_t created_at) {
  auto schema = ParseSchema(body);
  if (!schema) {
    return std::move(schema).error();
  }
  schema->created_at = created_at;
  auto existing = transaction.FindCollection(schema->name);
  if (!existing) {
    return std::move(existing).error();
  }
  if (*existing) {
    return Error(ErrorCode::kConflict,
                 "A collection with name `" + schema->name + "` already exists.");
  }
  if (auto created = index::CreateCollection(transaction, *schema); !created) {
    return std::move(created).error();
  }
  return schema->collection;
}

Result<Json> SearchIndex::ChangeCollection(cache::WriteTransaction& transaction,
                                           cache::CollectionNumber collection, const Json& body) {
  return ChangeSchema(transaction, parts_->writer_schemas, collection, body);
}

Result<void> SearchIndex::DropCollection(cache::WriteTransaction& transaction,
                                         cache::CollectionNumber collection) {
  auto schema = parts_->writer_schemas.Load(transaction, collection);
  if (!schema) {
    return std::move(schema).error();
  }
  auto dropped = index::DropCollection(transaction, **schema);
  parts_->writer_schemas.Forget(collection);
  parts_->schemas.Forget(collection);
  return dropped;
}

Result<DocumentWritten> SearchIndex::Write(cache::WriteTransaction& transaction,
                                           cache::CollectionNumber collection, DocumentWrite& write,
                                           const DocumentWriteOptions& options) {
  return WriteDocument(transaction, parts_->writer_schemas, collection, write, options);
}

Result<Json> SearchIndex::DescribeCollection(const cache::View& view,
                                             const cache::Collection& collection) {
  auto schema = LoadSchema(view, collection);
  if (!schema) {
    return std::move(schema).error();
  }
  return index::DescribeCollection(*schema, collection);
}

Result<DocumentSet> SearchIndex::Filter(const cache::View& view,
                                        const cache::Collection& collection,
                                        std::string_view filter_by) {
  auto schema = parts_->schemas.Load(view, collection);
  if (!schema) {
    return std::move(schema).error();
  }
  auto filter = index::Filter::Parse(filter_by, **schema, {});
  if (!filter) {
    return std::move(filter).error();
  }
  SearchContext context(view, collection, **schema);
  auto documents = context.AllDocuments();
  if (!documents || filter->IsEmpty()) {
    return documents;
  }
  return filter->Evaluate(context, *documents);
}

Result<SearchPage> SearchIndex::Search(const cache::View& view, const cache::Collection& collection,
                                       const SearchRequest& request) {
  const auto begin = std::chrono::steady_clock::now();
  auto schema = parts_->schemas.Load(view, collection);
  if (!schema) {
    return std::move(schema).error();
  }
  auto plan = PlanSearch(request, **schema);
  if (!plan) {
    return std::move(plan).error();
  }
  SearchContext context(view, collection, **schema);
  context.deadline = begin + std::chrono::milliseconds(request.search_cutoff_ms);
  // A commit between two reads of one search makes its reader start over (DESIGN.md section 6).
  constexpr int kReaderTries = 4;
  for (int attempt = 1;; ++attempt) {
    SearchPage page;
    auto text = parts_->text.OpenReader(collection.number);
    if (!text) {
      return std::move(text).error();
    }
    auto filled = FillPage(context, *text, request, *plan, page);
    if (!filled && filled.error().code() == ErrorCode::kUnavailable && attempt < kReaderTries) {
      continue;
    }
    if (!filled && filled.error().code() == ErrorCode::kTimeout) {
      page = {};
      page.search_cutoff = true;
    } else if (!filled) {
      return std::move(filled).error();
    }
    page.positions = {.documents = ToText(view.position()), .search = ToText(position())};
    page.collection_name = collection.name;
    page.out_of = collection.documents;
    page.search_time_ms =
        static_cast<std::uint32_t>(std::chrono::duration_cast<std::chrono::milliseconds>(
                                       std::chrono::steady_clock::now() - begin)
                                       .count());
    return page;
  }
}

Position SearchIndex::position() const { return parts_->text.position(); }

Result<void> SearchIndex::WaitSearchable(Position position,
                                         std::chrono::steady_clock::time_point deadline) {
  return parts_->text.WaitSearchable(position, deadline);
}

SearchIndex::Statistics SearchIndex::statistics() const {
  const auto text = parts_->text.statistics();
  return {.documents_indexed = text.documents_indexed,
          .commits = text.commits,
          .documents_waiting = text.documents_waiting,
          .last_commit = text.last_commit,
          .building = text.building,
          .damaged_documents = text.damaged_documents,
          .failure = text.failure};
}

Result<std::vector<std::string>> SearchIndex::Verify(const cache::View& view) {
  auto collections = view.Collections();
  if (!collections) {
    return std::move(collections).error();
  }
  std::vector<std::string> findings;
  for (const cache::Collection& collection : *collections) {
    auto schema = LoadSchema(view, collection);
    if (!schema) {
      return std::move(schema).error();
    }
    auto text = parts_->text.OpenReader(collection.number);
    if (!text) {
      return std::move(text).error();
    }
    if (auto verified =
            VerifyCollection(view, collection, *schema, *text, kDifferencesMax, findings);
        !verified) {
      return std::move(verified).error();
    }
  }
  return findings;
}

Result<void> SearchIndex::CopyTo(const std::filesystem::path& target,
                                 const std::function<Result<void>()>& copy_store) {
  return parts_->text.CopyTo(target, copy_store);
}

}  // namespace cacheindex::index
