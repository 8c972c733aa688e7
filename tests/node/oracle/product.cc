#include "tests/node/oracle/product.h"

#include <gtest/gtest.h>

#include <chrono>
#include <stdexcept>
#include <utility>

#include "cache/verify.h"

namespace cacheindex::test {
namespace {

constexpr std::chrono::seconds kSearchableWait{60};

// A test that cannot go on: the framework reports what is thrown.
template <class T>
T Must(Result<T> result) {
  if (!result) {
    throw std::runtime_error(result.error().message());
  }
  return *std::move(result);
}

void Must(const Result<void>& result) {
  if (!result) {
    throw std::runtime_error(result.error().message());
  }
}

}  // namespace

Product::Product(const Json& schema, bool orders_by_id) {
  Open();
  Must(store_->Write([&](cache::WriteTransaction& transaction) -> Result<void> {
    auto created = orders_by_id ? index_->EnsureCollection(transaction, schema, 0)
                                : index_->CreateCollection(transaction, schema, 0);
    if (!created) {
      return std::move(created).error();
    }
    collection_ = *created;
    return {};
  }));
}

Product::~Product() { Close(); }

void Product::Open() {
  index_ = std::make_unique<index::SearchIndex>();
  // Small, so that it grows while documents are written.
  store_ = Must(cache::Store::Open(
      {.directory = directory_.path() / "store", .map_size_bytes = std::uint64_t{1} << 20},
      &index_->listener()));
  Must(index_->Start(*store_, directory_.path() / "store"));
}

void Product::Close() {
  ReleaseSnapshot();
  index_->Stop();
  store_->Close();
  store_.reset();
  index_.reset();
}

void Product::Reopen() {
  Close();
  Open();
}

std::vector<std::optional<ErrorCode>> Product::Write(
    const std::vector<WriteOperation>& operations) {
  std::vector<std::optional<ErrorCode>> outcomes;
  const auto write_one = [&](cache::WriteTransaction& transaction,
                             const WriteOperation& operation) -> Result<std::optional<ErrorCode>> {
    if (operation.is_deletion) {
      auto deleted = transaction.Delete(collection_, operation.id);
      if (!deleted) {
        return std::move(deleted).error();
      }
      return *deleted ? std::nullopt : std::optional(ErrorCode::kNotFound);
    }
    const std::string text = DumpJson(operation.document);
    index::DocumentWrite write{.text = text, .id = {}, .parsed = {}};
    auto written = index_->Write(transaction, collection_, write,
                                 {.action = operation.action, .dirty_values = {}});
    if (!written) {
      return std::move(written).error();
    }
    return written->error ? std::optional(written->error->code()) : std::nullopt;
  };
  const auto committed =
      Must(store_->Write([&](cache::WriteTransaction& transaction) -> Result<void> {
        outcomes.clear();
        for (const WriteOperation& operation : operations) {
          auto outcome = write_one(transaction, operation);
          if (!outcome) {
            return std::move(outcome).error();
          }
          outcomes.push_back(*outcome);
        }
        return {};
      }));
  if (committed.changed_text) {
    Must(index_->WaitSearchable(committed.position,
                                std::chrono::steady_clock::now() + kSearchableWait));
  }
  return outcomes;
}

Result<Json> Product::ChangeSchema(const Json& body, const std::vector<Json>& documents) {
  Json answer;
  auto committed = store_->Write([&](cache::WriteTransaction& transaction) -> Result<void> {
    for (const Json& document : documents) {
      const std::string text = DumpJson(document);
      index::DocumentWrite write{.text = text, .id = {}, .parsed = {}};
      auto written = index_->Write(transaction, collection_, write,
                                   {.action = WriteAction::kUpsert, .dirty_values = {}});
      if (!written || written->error) {
        return written ? *written->error : std::move(written).error();
      }
    }
    auto changed = index_->ChangeCollection(transaction, collection_, body);
    if (!changed) {
      return std::move(changed).error();
    }
    answer = *std::move(changed);
    return {};
  });
  if (!committed) {
    return std::move(committed).error();
  }
  if (auto searchable = index_->WaitSearchable(committed->position,
                                               std::chrono::steady_clock::now() + kSearchableWait);
      !searchable) {
    return std::move(searchable).error();
  }
  return answer;
}

void Product::TakeSnapshot() {
  snapshot_ = Must(store_->OpenSnapshot());
  described_ = Must(snapshot_->FindCollection("things"));
  session_.emplace(index_->OpenSession(*snapshot_));
}

void Product::ReleaseSnapshot() {
  session_.reset();
  snapshot_.reset();
}

Json Product::Description() const {
  return Must(index_->DescribeCollection(*snapshot_, *described_));
}

std::map<std::string, Json> Product::Documents() const {
  constexpr std::uint32_t kScanDocumentsMax = 1'000;
  std::map<std::string, Json> documents;
  std::optional<std::string> after;
  while (true) {
    const auto batch = Must(snapshot_->Scan(collection_, after, kScanDocumentsMax));
    if (batch.empty()) {
      return documents;
    }
    for (const auto& [id, stored] : batch) {
      documents.emplace(id, Must(ParseJson(stored.json)));
    }
    after = batch.back().id;
  }
}

Result<SearchPage> Product::Search(const SearchRequest& request) {
  return session_->Search(*described_, request);
}

Result<std::vector<DocumentNumber>> Product::Filter(const std::string& filter_by) {
  const auto matching = index_->Filter(*snapshot_, *described_, filter_by);
  if (!matching) {
    return matching.error();
  }
  std::vector<DocumentNumber> numbers;
  matching->ForEach([&](DocumentNumber number) { numbers.push_back(number); });
  return numbers;
}

std::optional<DocumentNumber> Product::NumberOf(const std::string& id) const {
  const auto header = Must(snapshot_->FindHeader(collection_, id));
  return header ? std::optional(header->number) : std::nullopt;
}

std::vector<std::string> Product::Findings() {
  TakeSnapshot();
  std::vector<std::string> findings = cache::Verify(*snapshot_).findings;
  const auto differences = Must(index_->Verify(*snapshot_));
  findings.insert(findings.end(), differences.begin(), differences.end());
  ReleaseSnapshot();
  return findings;
}

}  // namespace cacheindex::test
