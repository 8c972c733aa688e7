#include "tests/index/text/text_shop.h"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <utility>

#include "index/documents/document_writer.h"
#include "index/match/text_query.h"
#include "index/schema/schema_definition.h"
#include "index/schema/schema_storage.h"
#include "index/text/text_terms.h"

namespace cacheindex::index::test {

void Abort(const Error& error) {
  std::fprintf(stderr, "%s\n", error.message().c_str());
  std::abort();
}

TextShop::TextShop(const std::filesystem::path& directory) : directory_(directory) {
  store_ = Require(cache::Store::Open(
      {.directory = directory_, .map_size_bytes = std::uint64_t{1} << 30}, &columns_));
}

TextShop::~TextShop() { text_.Stop(); }

cache::CollectionNumber TextShop::Create(const Json& schema) {
  const auto parsed = Require(ParseSchema(schema));
  cache::CollectionNumber number{};
  Require(store_->Write([&](cache::WriteTransaction& transaction) -> Result<void> {
    Schema created = parsed;
    auto result = CreateCollection(transaction, created, TieOrder::kByCreation);
    number = created.collection;
    return result;
  }));
  return number;
}

void TextShop::Drop(cache::CollectionNumber collection) {
  Require(store_->Write([&](cache::WriteTransaction& transaction) -> Result<void> {
    auto schema = writer_schemas_.Load(transaction, collection);
    if (!schema) {
      return std::move(schema).error();
    }
    return DropCollection(transaction, **schema);
  }));
}

cache::Committed TextShop::Write(cache::CollectionNumber collection,
                                 const std::vector<Json>& documents) {
  return Require(store_->Write([&](cache::WriteTransaction& transaction) -> Result<void> {
    for (const Json& document : documents) {
      const std::string text = DumpJson(document);
      DocumentWrite write{.text = text, .id = std::nullopt, .parsed = std::nullopt};
      auto written = WriteDocument(transaction, writer_schemas_, collection, write,
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

cache::Committed TextShop::Delete(cache::CollectionNumber collection, const std::string& id) {
  return Require(store_->Write([&](cache::WriteTransaction& transaction) -> Result<void> {
    auto deleted = transaction.Delete(collection, id);
    return deleted ? Result<void>() : Result<void>(std::move(deleted).error());
  }));
}

Result<void> TextShop::StartText() {
  return text_.Start(*store_, schemas_, fresh_words_, directory_);
}

void TextShop::Settle() {
  Require(text_.WaitSearchable(store_->position(),
                               std::chrono::steady_clock::now() + std::chrono::seconds(30)));
}

std::unique_ptr<TextShop::Search> TextShop::Open(cache::CollectionNumber collection) {
  auto search = std::make_unique<Search>(Require(store_->OpenSnapshot()));
  search->collection = *Require(search->snapshot.FindCollection(collection));
  search->schema = Require(schemas_.Load(search->snapshot, search->collection));
  search->context =
      std::make_unique<SearchContext>(search->snapshot, search->collection, *search->schema);
  search->reader = Require(text_.OpenReader(collection));
  return search;
}

std::vector<TextField> TextShop::Search::Fields(const std::vector<std::string>& names) const {
  std::vector<TextField> fields;
  for (const std::string& name : names) {
    fields.push_back({.field = schema->Find(name),
                      .weight = static_cast<std::uint32_t>(names.size() - fields.size())});
  }
  return fields;
}

std::string TextShop::Search::IdOf(DocumentNumber number) const {
  return Require(snapshot.FindId(collection.number, number))
      .value_or("number " + std::to_string(number));
}

std::vector<std::string> TextShop::Find(cache::CollectionNumber collection, std::string_view query,
                                        const std::vector<std::string>& fields,
                                        const TextMatchOptions& options) {
  const auto search = Open(collection);
  const auto matches =
      Require(MatchText(*search->context, search->reader, words_, Require(ParseTextQuery(query)),
                        search->Fields(fields), Require(search->context->AllDocuments()), options));
  std::vector<std::pair<std::int64_t, std::string>> ranked;
  for (std::size_t i = 0; i < matches.scores.documents.size(); ++i) {
    ranked.emplace_back(-matches.scores.scores[i], search->IdOf(matches.scores.documents[i]));
  }
  std::sort(ranked.begin(), ranked.end());
  std::vector<std::string> ids;
  for (auto& [score, id] : ranked) {
    ids.push_back(std::move(id));
  }
  return ids;
}

std::vector<std::string> TextShop::Contradictions(cache::CollectionNumber collection) {
  const auto search = Open(collection);
  std::vector<std::string> contradictions;
  std::map<std::string, std::vector<Posting>> expected;
  std::uint32_t documents = 0;
  DocumentSplitter splitter;
  DocumentWords words;
  TextTerms terms;
  DocumentSet everything = search->context->EmptySet();
  for (DocumentNumber number = 1; number <= search->collection.number_max; ++number) {
    everything.Add(number);
    const auto id = Require(search->snapshot.FindId(collection, number));
    if (!id) {
      continue;
    }
    const auto document = Require(search->snapshot.Find(collection, *id));
    splitter.Split(*search->schema, Require(ParseJson(document->json)), words);
    const auto& weighed_terms = terms.Of(words);
    documents += weighed_terms.empty() ? 0U : 1U;
    for (const WeighedTerm& weighed : weighed_terms) {
      expected[weighed.term].push_back({number, weighed.impact});
    }
  }
  if (Require(search->reader.DocumentCount()) != documents) {
    contradictions.push_back("it has " + std::to_string(Require(search->reader.DocumentCount())) +
                             " documents instead of " + std::to_string(documents));
  }
  const auto indexed = Require(search->reader.Expand("", 1'000'000));
  if (indexed.size() != expected.size()) {
    contradictions.push_back("it has " + std::to_string(indexed.size()) + " terms instead of " +
                             std::to_string(expected.size()));
  }
  for (const auto& [term, postings] : expected) {
    std::vector<Posting> found;
    Require(search->reader.Postings(term, everything, found));
    if (found != postings) {
      contradictions.push_back("other documents have " + term);
    }
  }
  return contradictions;
}

}  // namespace cacheindex::index::test
