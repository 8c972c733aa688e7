#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cache/write_transaction.h"
#include "node/core/document.h"
#include "node/core/json.h"
#include "node/core/result.h"
#include "replication/apply/document_sink.h"

namespace cacheindex::replication {

/// Documents as they come, in the store alone.
class PlainSink : public DocumentSink {
 public:
  Result<cache::CollectionNumber> EnsureCollection(cache::WriteTransaction& transaction,
                                                   const Json& schema) override {
    const std::string name = schema.at("name").get<std::string>();
    auto found = transaction.FindCollection(name);
    if (!found) {
      return std::move(found).error();
    }
    return *found ? Result<cache::CollectionNumber>((*found)->number)
                  : transaction.CreateCollection(name, schema.dump());
  }
  Result<void> Put(cache::WriteTransaction& transaction, cache::CollectionNumber collection,
                   std::string_view id, Json document) override {
    auto put = transaction.Put(
        collection,
        Document{.id = std::string(id), .fields = document, .json = DumpJson(document)});
    return put ? Result<void>() : std::move(put).error();
  }
  Result<bool> ReplaceMembers(cache::WriteTransaction& transaction,
                              cache::CollectionNumber collection, std::string_view id,
                              const std::vector<std::string>& names, Json members) override {
    return transaction.Edit(
        collection, id, [&](std::string_view before) -> Result<std::optional<Document>> {
          Json document = Json::parse(before);
          for (const std::string& name : names) {
            document.erase(name);
          }
          document.update(members);
          std::string json = DumpJson(document);
          return Document{
              .id = std::string(id), .fields = std::move(document), .json = std::move(json)};
        });
  }
  Result<void> Delete(cache::WriteTransaction& transaction, cache::CollectionNumber collection,
                      std::string_view id) override {
    auto deleted = transaction.Delete(collection, id);
    return deleted ? Result<void>() : std::move(deleted).error();
  }
};

}  // namespace cacheindex::replication
