#include "index/text/text_index.h"

#include <xapian.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "index/text/text_reader_pool.h"
#include "index/text/xapian_guard.h"
#include "node/core/files/durable_file.h"

namespace cacheindex::index {
namespace {

constexpr std::string_view kPositionKey = "position";
constexpr char kFormatVersion = 2;

std::string EncodePosition(Position position) {
  std::string bytes(1, kFormatVersion);
  for (int shift = 56; shift >= 0; shift -= 8) {
    bytes.push_back(static_cast<char>(static_cast<std::uint64_t>(position) >> shift & 0xFFU));
  }
  return bytes;
}

std::optional<Position> DecodePosition(std::string_view bytes) {
  if (bytes.size() != 9 || bytes.front() != kFormatVersion) {
    return std::nullopt;
  }
  std::uint64_t position = 0;
  for (const char byte : bytes.substr(1)) {
    position = position << 8 | static_cast<unsigned char>(byte);
  }
  return Position{position};
}

Result<std::unique_ptr<Xapian::WritableDatabase>> OpenWritable(
    const std::filesystem::path& directory, int action) {
  auto database = CatchXapian([&] {
    return std::make_unique<Xapian::WritableDatabase>(directory.string(),
                                                      action | Xapian::DB_BACKEND_GLASS);
  });
  if (!database) {
    return std::move(database).error().WithContext("open text index");
  }
  return database;
}

// Inside a transaction Xapian never commits by itself, and the destructor commits nothing.
Result<void> Begin(Xapian::WritableDatabase& database) {
  return CatchXapian([&] { database.begin_transaction(true); });
}

}  // namespace

std::string TextTerm(std::uint32_t field_number, std::string_view word) {
  std::string term;
  term.reserve(word.size() + 5);
  for (; field_number >= 0x80; field_number >>= 7) {
    term.push_back(static_cast<char>(field_number | 0x80U));
  }
  term.push_back(static_cast<char>(field_number));
  term += word;
  return term;
}

TextDocument::TextDocument(std::span<const WeighedTerm> terms) {
  if (terms.empty()) {
    return;
  }
  document_ = std::make_unique<Xapian::Document>();
  for (const WeighedTerm& weighed : terms) {
    document_->add_term(weighed.term, weighed.impact);
    term_bytes_ += weighed.term.size();
  }
}

TextDocument::~TextDocument() = default;
TextDocument::TextDocument(TextDocument&&) noexcept = default;
TextDocument& TextDocument::operator=(TextDocument&&) noexcept = default;

TextWriter::TextWriter(std::filesystem::path directory,
                       std::unique_ptr<Xapian::WritableDatabase> database, Position position)
    : directory_(std::move(directory)), database_(std::move(database)), position_(position) {}

TextWriter::~TextWriter() = default;

Result<std::unique_ptr<TextWriter>> TextWriter::Create(const std::filesystem::path& directory) {
  auto database = OpenWritable(directory, Xapian::DB_CREATE);
  if (!database) {
    return std::move(database).error();
  }
  if (auto begun = Begin(**database); !begun) {
    return std::move(begun).error();
  }
  return std::unique_ptr<TextWriter>(new TextWriter(directory, std::move(*database), Position{0}));
}

Result<std::unique_ptr<TextWriter>> TextWriter::Open(const std::filesystem::path& directory) {
  auto database = OpenWritable(directory, Xapian::DB_OPEN);
  if (!database) {
    return std::move(database).error();
  }
  auto metadata = CatchXapian([&] { return (*database)->get_metadata(std::string(kPositionKey)); });
  if (!metadata) {
    return std::move(metadata).error();
  }
  const auto position = DecodePosition(*metadata);
  if (!position) {
    return Error(ErrorCode::kCorruption, "text index without a position");
  }
  if (auto begun = Begin(**database); !begun) {
    return std::move(begun).error();
  }
  return std::unique_ptr<TextWriter>(new TextWriter(directory, std::move(*database), *position));
}

Result<void> TextWriter::Replace(DocumentNumber number, const TextDocument& document) {
  if (document.is_empty()) {
    return Delete(number);
  }
  return CatchXapian([&] { database_->replace_document(number, *document.document_); });
}

Result<void> TextWriter::Delete(DocumentNumber number) {
  auto deleted = CatchXapian([&] { database_->delete_document(number); });
  // It had no words, or a replay deletes it again.
  if (!deleted && deleted.error().code() == ErrorCode::kNotFound) {
    return {};
  }
  return deleted;
}

Result<void> TextWriter::Commit(Position position) {
  auto committed = CatchXapian([&] {
    database_->set_metadata(std::string(kPositionKey), EncodePosition(position));
    database_->commit_transaction();
  });
  if (!committed) {
    return std::move(committed).error().WithContext("commit text index");
  }
  // Xapian renames its version file but does not make that durable, and would reuse blocks of the
  // revision before at once (index/README.md 3: 219 of 500 simulated power cuts corrupted the
  // database). A file whose sync failed is not used as it is: the version file names the revision
  // before, and whoever opens that writes all blocks anew. Here it names this one already, and
  // whether it will after a power cut no second sync can tell.
  if (auto synced = Synchronize(directory_); !synced) {
    return Error(ErrorCode::kCorruption, synced.error().message());
  }
  position_ = position;
  return Begin(*database_);
}

TextReader::TextReader() = default;
TextReader::~TextReader() { Release(); }

TextReader::TextReader(std::shared_ptr<TextReaderPool> pool,
                       std::unique_ptr<Xapian::Database> database, std::uint64_t revision)
    : pool_(std::move(pool)), database_(std::move(database)), revision_(revision) {}

TextReader::TextReader(TextReader&&) noexcept = default;

TextReader& TextReader::operator=(TextReader&& other) noexcept {
  if (this != &other) {
    Release();
    pool_ = std::move(other.pool_);
    database_ = std::move(other.database_);
    revision_ = other.revision_;
  }
  return *this;
}

void TextReader::Release() {
  if (pool_ != nullptr && database_ != nullptr) {
    pool_->Return({std::move(database_), revision_});
  }
  pool_.reset();
}

template <class Operation>
auto TextReader::Read(Operation&& operation) const {
  auto result = CatchXapian(std::forward<Operation>(operation));
  if (!result && result.error().code() == ErrorCode::kCorruption) {
    pool_->ReportDamage();
  }
  return result;
}

Result<std::uint32_t> TextReader::DocumentCount() const {
  if (database_ == nullptr) {
    return 0U;
  }
  return Read([&] { return static_cast<std::uint32_t>(database_->get_doccount()); });
}

Result<std::uint32_t> TextReader::Frequency(const std::string& term) const {
  if (database_ == nullptr) {
    return 0U;
  }
  return Read([&] { return static_cast<std::uint32_t>(database_->get_termfreq(term)); });
}

Result<void> TextReader::Postings(const std::string& term, const DocumentSet& among,
                                  std::vector<Posting>& postings) const {
  if (database_ == nullptr) {
    return {};
  }
  return Read([&] {
    const auto end = database_->postlist_end(term);
    for (auto posting = database_->postlist_begin(term); posting != end; ++posting) {
      if (among.Contains(*posting)) {
        postings.push_back({*posting, posting.get_wdf()});
      }
    }
  });
}

Result<void> TextReader::Postings(const std::string& term, std::span<const DocumentNumber> among,
                                  std::vector<Posting>& postings) const {
  if (database_ == nullptr || among.empty()) {
    return {};
  }
  return Read([&] {
    const auto end = database_->postlist_end(term);
    auto posting = database_->postlist_begin(term);
    for (const DocumentNumber number : among) {
      posting.skip_to(number);
      if (posting == end) {
        return;
      }
      if (*posting == number) {
        postings.push_back({number, posting.get_wdf()});
      }
    }
  });
}

Result<std::vector<TextReader::Expansion>> TextReader::Expand(const std::string& prefix,
                                                              std::size_t terms_max) const {
  std::vector<Expansion> expansions;
  if (database_ == nullptr) {
    return expansions;
  }
  auto expanded = Read([&] {
    const auto end = database_->allterms_end(prefix);
    for (auto term = database_->allterms_begin(prefix); term != end; ++term) {
      expansions.push_back({*term, static_cast<std::uint32_t>(term.get_termfreq())});
    }
  });
  if (!expanded) {
    return std::move(expanded).error();
  }
  if (expansions.size() > terms_max) {
    const auto kept = expansions.begin() + static_cast<std::ptrdiff_t>(terms_max);
    std::nth_element(expansions.begin(), kept, expansions.end(),
                     [](const Expansion& left, const Expansion& right) {
                       return left.frequency != right.frequency ? left.frequency > right.frequency
                                                                : left.term < right.term;
                     });
    expansions.resize(terms_max);
    std::sort(expansions.begin(), expansions.end(),
              [](const Expansion& left, const Expansion& right) { return left.term < right.term; });
  }
  return expansions;
}

}  // namespace cacheindex::index
