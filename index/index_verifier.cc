#include "index/index_verifier.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <unordered_map>
#include <utility>

#include "index/columns/search_context.h"
#include "index/columns/value_dictionary.h"
#include "index/columns/word_dictionary.h"
#include "index/documents/field_words.h"
#include "index/encoding/column_value.h"
#include "index/encoding/id_order.h"
#include "index/schema/field_values.h"
#include "index/words/tokenizer.h"
#include "index/words/whole_form.h"

namespace cacheindex::index {
namespace {

using cache::ColumnNumber;
using Values = std::span<const Json* const>;

constexpr std::uint32_t kScanDocumentsMax = 500;

class CollectionVerifier {
 public:
  CollectionVerifier(const cache::View& view, const cache::Collection& collection,
                     const Schema& schema, std::size_t findings_max,
                     std::vector<std::string>& findings)
      : context_(view, collection, schema), findings_max_(findings_max), findings_(&findings) {}

  Result<void> VerifyDocuments() {
    std::optional<std::string> after;
    while (findings_->size() < findings_max_) {
      auto batch = context_.view().Scan(context_.collection().number, after, kScanDocumentsMax);
      if (!batch) {
        return std::move(batch).error();
      }
      if (batch->empty()) {
        break;
      }
      for (const auto& identified : *batch) {
        if (auto verified = VerifyDocument(identified); !verified) {
          return verified;
        }
      }
      after = std::move(batch->back().id);
    }
    return context_.CheckPages();
  }

  // Every document's values were found above; so where a column has more, they belong to nobody.
  Result<void> VerifyCounts() {
    if (auto verified =
            VerifyCount(context_.schema().documents_column, "document presence", documents_);
        !verified) {
      return verified;
    }
    if (const ColumnNumber column = context_.schema().id_order_column; column != ColumnNumber{}) {
      if (auto verified = VerifyCount(column, "order of ids", documents_); !verified) {
        return verified;
      }
    }
    for (const Field& field : context_.schema().fields) {
      for (const auto& [column, name] :
           {std::pair{field.storage.values, "values"}, std::pair{field.storage.words, "words"},
            std::pair{field.storage.sort_key, "sort keys"}}) {
        if (column == ColumnNumber{}) {
          continue;
        }
        if (auto verified =
                VerifyCount(column, Quoted(field) + " " + name, documents_with_[column]);
            !verified) {
          return verified;
        }
      }
    }
    return context_.CheckPages();
  }

  Result<void> VerifyText(const TextReader& text) {
    auto count = text.DocumentCount();
    if (!count) {
      return std::move(count).error();
    }
    if (*count != documents_with_text_) {
      Report("the text index holds " + std::to_string(*count) + " documents, " +
             std::to_string(documents_with_text_) + " have words");
    }
    for (const auto& [term, expected] : term_documents_) {
      auto frequency = text.Frequency(term);
      if (!frequency) {
        return std::move(frequency).error();
      }
      if (*frequency != expected) {
        Report("the text index has a word of field number " +
               std::to_string(static_cast<unsigned char>(term.front())) + " in " +
               std::to_string(*frequency) + " documents instead of " + std::to_string(expected));
      }
    }
    return {};
  }

 private:
  static std::string Quoted(const Field& field) { return "field `" + field.definition.name + "`:"; }

  void Report(const std::string& what) {
    if (findings_->size() < findings_max_) {
      findings_->push_back("collection `" + context_.collection().name + "`: " + what);
    }
  }

  Result<std::vector<std::int64_t>> ColumnValuesOf(ColumnNumber column, DocumentNumber number) {
    auto pages = context_.Pages(column);
    if (!pages) {
      return pages.error();
    }
    const std::uint32_t per_page = cache::DocumentsPerPage(cache::ShapeOf(column));
    std::vector<std::int64_t> values;
    if (const cache::ColumnPage* page = (*pages)->Find(number / per_page)) {
      const cache::ColumnValues stored = page->Find(number % per_page);
      for (std::uint32_t i = 0; i < stored.size(); ++i) {
        values.push_back(stored[i]);
      }
    }
    return values;
  }

  Result<void> VerifyDocument(const cache::View::IdentifiedDocument& identified) {
    ++documents_;
    const DocumentNumber number = identified.document.header.number;
    auto document = ParseJson(identified.document.json);
    if (!document) {
      return std::move(document).error().WithContext("document " + identified.id);
    }
    auto present = ColumnValuesOf(context_.schema().documents_column, number);
    if (!present) {
      return std::move(present).error();
    }
    if (present->size() != 1) {
      Report("document `" + identified.id + "` is not marked as present");
    }
    if (auto verified = VerifyPlace(identified.id, number); !verified) {
      return verified;
    }
    terms_.clear();
    std::optional<Error> failure;
    ForEachField(context_.schema(), *document, [&](const Field& field, Values values) {
      auto verified = field.storage.words != ColumnNumber{}
                          ? VerifyTextField(identified.id, number, field, values)
                          : VerifyNumbers(identified.id, number, field, values);
      if (!verified && !failure) {
        failure = std::move(verified).error();
      }
    });
    documents_with_text_ += terms_.empty() ? 0U : 1U;
    for (const std::string& term : terms_) {
      ++term_documents_[term];
    }
    return failure ? Result<void>(std::move(*failure)) : Result<void>();
  }

  Result<void> VerifyPlace(const std::string& id, DocumentNumber number) {
    const ColumnNumber column = context_.schema().id_order_column;
    if (column == ColumnNumber{}) {
      return {};
    }
    const auto place = ColumnValuesOf(column, number);
    if (!place) {
      return place.error();
    }
    if (*place != std::vector{EncodeIdOrder(id)}) {
      Report("document `" + id + "` is not at its place in the order of ids");
    }
    return {};
  }

  Result<void> Compare(const std::string& id, DocumentNumber number, const Field& field,
                       ColumnNumber column, const std::vector<std::int64_t>& expected) {
    documents_with_[column] += expected.empty() ? 0U : 1U;
    auto stored = ColumnValuesOf(column, number);
    if (!stored) {
      return std::move(stored).error();
    }
    if (*stored != expected) {
      Report(Quoted(field) + " a column contradicts document `" + id + "`");
    }
    return {};
  }

  Result<void> VerifyNumbers(const std::string& id, DocumentNumber number, const Field& field,
                             Values values) {
    std::vector<std::int64_t> expected;
    for (const Json* value : values) {
      AppendEncoded(field.definition.type, *value, expected);
    }
    return Compare(id, number, field, field.storage.values, expected);
  }

  Result<void> VerifyTextField(const std::string& id, DocumentNumber number, const Field& field,
                               Values values) {
    std::vector<std::int64_t> whole_values;
    for (const Json* value : values) {
      if (!value->is_string()) {
        continue;
      }
      const auto& text = value->get_ref<const std::string&>();
      if (!field.definition.facet) {
        whole_values.push_back(HashOfWholeForm(WholeForm(text)));
        continue;
      }
      auto ordinal = ValueDictionary(context_.view(), field.storage.values).Find(text);
      if (!ordinal) {
        return std::move(ordinal).error();
      }
      whole_values.push_back(*ordinal ? std::int64_t{**ordinal} : -1);
    }
    if (field.storage.sort_key != ColumnNumber{} && !values.empty() && values[0]->is_string()) {
      const std::string normal_form = NormalForm(values[0]->get_ref<const std::string&>());
      if (auto compared =
              Compare(id, number, field, field.storage.sort_key, {EncodeSortKey(normal_form)});
          !compared) {
        return compared;
      }
    }
    if (field.storage.values != ColumnNumber{}) {
      if (auto compared = Compare(id, number, field, field.storage.values, whole_values);
          !compared) {
        return compared;
      }
    }
    auto words = Words(field, values);
    if (!words) {
      return std::move(words).error();
    }
    return Compare(id, number, field, field.storage.words, *words);
  }

  // Returns the numbers of the field's words, -1 for an unknown one, and notes their terms.
  Result<std::vector<std::int64_t>> Words(const Field& field, Values values) {
    const WordDictionary dictionary(context_.view(), context_.schema().words_column);
    std::vector<std::int64_t> words;
    std::optional<Error> failure;
    field_words_.ForEach(field, values, [&](const std::string* text) {
      if (text == nullptr) {
        words.push_back(kWordSeparator);
        return true;
      }
      auto word = dictionary.Find(*text);
      if (!word) {
        failure = std::move(word).error();
        return false;
      }
      words.push_back(word->value_or(-1));
      terms_.insert(TextTerm(field.storage.number, *text));
      return true;
    });
    if (failure) {
      return std::move(*failure);
    }
    return words;
  }

  Result<void> VerifyCount(ColumnNumber column, const std::string& what, std::uint64_t expected) {
    auto pages = context_.Pages(column);
    if (!pages) {
      return pages.error();
    }
    std::uint64_t stored = 0;
    for (std::uint32_t i = 0; i < (*pages)->page_count(); ++i) {
      const cache::ColumnPage* page = (*pages)->Find(i);
      stored += page == nullptr ? 0 : page->documents();
    }
    if (stored != expected) {
      Report(what + " of " + std::to_string(stored) + " documents instead of " +
             std::to_string(expected));
    }
    return {};
  }

  SearchContext context_;
  std::size_t findings_max_;
  std::vector<std::string>* findings_;
  std::uint64_t documents_ = 0;
  std::uint64_t documents_with_text_ = 0;
  std::map<ColumnNumber, std::uint64_t> documents_with_;
  std::unordered_map<std::string, std::uint32_t> term_documents_;
  std::set<std::string> terms_;
  FieldWords field_words_;
};

}  // namespace

Result<void> VerifyCollection(const cache::View& view, const cache::Collection& collection,
                              const Schema& schema, const TextReader& text,
                              std::size_t findings_max, std::vector<std::string>& findings) {
  CollectionVerifier verifier(view, collection, schema, findings_max, findings);
  if (auto verified = verifier.VerifyDocuments(); !verified) {
    return verified;
  }
  if (findings.size() >= findings_max) {
    return {};
  }
  if (auto verified = verifier.VerifyCounts(); !verified) {
    return verified;
  }
  return verifier.VerifyText(text);
}

}  // namespace cacheindex::index
