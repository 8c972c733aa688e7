#include "index/text/text_index.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "index/text/text_checksums.h"
#include "index/text/text_reader_pool.h"
#include "tests/support/result_matchers.h"
#include "tests/support/temp_directory.h"

namespace cacheindex::index {
namespace {

using cacheindex::test::FailsWith;
using cacheindex::test::Succeeds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;

class TextIndexTest : public testing::Test {
 protected:
  std::filesystem::path path() const { return directory_.path() / "text"; }

  // Creates the index with these documents at position 1.
  void Create(const std::map<DocumentNumber, std::vector<std::string>>& documents) {
    auto writer = TextWriter::Create(path());
    ASSERT_THAT(writer, Succeeds());
    for (const auto& [number, terms] : documents) {
      ASSERT_THAT((*writer)->Replace(number, Weighed(terms)), Succeeds());
    }
    ASSERT_THAT((*writer)->Commit(Position{1}), Succeeds());
  }

  // The impact of a term is its length.
  static TextDocument Weighed(const std::vector<std::string>& terms) {
    std::vector<WeighedTerm> weighed;
    for (const std::string& term : terms) {
      weighed.push_back({term, static_cast<std::uint32_t>(term.size())});
    }
    return TextDocument(weighed);
  }

  static std::vector<DocumentNumber> NumbersOf(const std::vector<Posting>& postings,
                                               const std::string& term) {
    std::vector<DocumentNumber> numbers;
    for (const Posting& posting : postings) {
      numbers.push_back(posting.number);
      EXPECT_EQ(posting.impact, term.size());
    }
    return numbers;
  }

  static std::vector<DocumentNumber> Postings(const TextReader& reader, const std::string& term) {
    DocumentSet all(2'000);
    for (DocumentNumber number = 0; number <= 2'000; ++number) {
      all.Add(number);
    }
    std::vector<Posting> postings;
    EXPECT_THAT(reader.Postings(term, all, postings), Succeeds());
    return NumbersOf(postings, term);
  }

  cacheindex::test::TempDirectory directory_;
};

TEST_F(TextIndexTest, TermsOfDifferentFieldsAreDifferent) {
  EXPECT_NE(TextTerm(1, "red"), TextTerm(2, "red"));
  EXPECT_EQ(TextTerm(300, "a").size(), 3U);
  // No field number is the start of another.
  EXPECT_FALSE(TextTerm(300, "").starts_with(TextTerm(44, "")));
}

TEST_F(TextIndexTest, CommittedDocumentsAreFoundAfterReopening) {
  Create({{1, {"red", "shoe"}}, {7, {"red"}}});
  auto writer = TextWriter::Open(path());
  ASSERT_THAT(writer, Succeeds());
  EXPECT_EQ((*writer)->position(), Position{1});
  const auto pool = std::make_shared<TextReaderPool>(path());
  const auto reader = pool->Open();
  ASSERT_THAT(reader, Succeeds());
  EXPECT_THAT(Postings(*reader, "red"), ElementsAre(1U, 7U));
  EXPECT_EQ(*reader->Frequency("red"), 2U);
  EXPECT_EQ(*reader->Frequency("blue"), 0U);
  EXPECT_EQ(*reader->DocumentCount(), 2U);
}

TEST_F(TextIndexTest, WhatIsNotCommittedIsGivenUp) {
  Create({{1, {"red"}}});
  {
    auto writer = TextWriter::Open(path());
    ASSERT_THAT((*writer)->Replace(2, Weighed({"blue"})), Succeeds());
    ASSERT_THAT((*writer)->Delete(1), Succeeds());
  }
  auto writer = TextWriter::Open(path());
  EXPECT_EQ((*writer)->position(), Position{1});
  const auto reader = std::make_shared<TextReaderPool>(path())->Open();
  EXPECT_THAT(Postings(*reader, "red"), ElementsAre(1U));
  EXPECT_THAT(Postings(*reader, "blue"), IsEmpty());
}

TEST_F(TextIndexTest, DeletingWhatIsNotThereChangesNothing) {
  Create({{1, {"red"}}});
  auto writer = TextWriter::Open(path());
  ASSERT_THAT((*writer)->Replace(2, Weighed({"red"})), Succeeds());
  ASSERT_THAT((*writer)->Delete(5), Succeeds());
  ASSERT_THAT((*writer)->Delete(5), Succeeds());
  ASSERT_THAT((*writer)->Commit(Position{2}), Succeeds());
  const auto reader = std::make_shared<TextReaderPool>(path())->Open();
  EXPECT_THAT(Postings(*reader, "red"), ElementsAre(1U, 2U));
}

TEST_F(TextIndexTest, OnlyOneWriterAtATime) {
  Create({});
  const auto writer = TextWriter::Open(path());
  ASSERT_THAT(writer, Succeeds());
  EXPECT_THAT(TextWriter::Open(path()), FailsWith(ErrorCode::kUnavailable));
}

TEST_F(TextIndexTest, NothingIsNotFoundAndDamageIsCorruption) {
  EXPECT_THAT(TextWriter::Open(path()), FailsWith(ErrorCode::kNotFound));
  Create({{1, {"red"}}});
  for (const char* file : {"iamglass", "postlist.glass", "termlist.glass"}) {
    SCOPED_TRACE(file);
    const auto target = directory_.path() / file;
    std::filesystem::copy(path(), target, std::filesystem::copy_options::recursive);
    std::filesystem::resize_file(target / file, 10);
    auto writer = TextWriter::Open(target);
    if (writer) {
      // Not noticed yet; then it is when the damaged part is read.
      auto used = (*writer)->Replace(1, Weighed({"blue"}));
      if (used) {
        used = (*writer)->Commit(Position{2});
      }
      EXPECT_THAT(used, FailsWith(ErrorCode::kCorruption));
    } else {
      EXPECT_THAT(writer, FailsWith(ErrorCode::kCorruption));
    }
    std::filesystem::copy(path(), target / "missing", std::filesystem::copy_options::recursive);
    std::filesystem::remove(target / "missing" / file);
    EXPECT_THAT(TextWriter::Open(target / "missing"), FailsWith(ErrorCode::kNotFound));
  }
}

TEST_F(TextIndexTest, ReaderKeepsItsRevisionUntilItFallsBehind) {
  std::map<DocumentNumber, std::vector<std::string>> documents;
  for (DocumentNumber number = 1; number <= 1'000; ++number) {
    documents[number] = {"word" + std::to_string(number), "all"};
  }
  Create(documents);
  const auto pool = std::make_shared<TextReaderPool>(path());
  auto reader = pool->Open();
  ASSERT_THAT(reader, Succeeds());
  auto writer = TextWriter::Open(path());
  const auto rewrite = [&](Position position) {
    for (DocumentNumber number = 1; number <= 1'000; ++number) {
      ASSERT_THAT((*writer)->Replace(number, Weighed({"new"})), Succeeds());
    }
    ASSERT_THAT((*writer)->Commit(position), Succeeds());
    pool->Publish();
  };
  rewrite(Position{2});
  EXPECT_EQ(*reader->Frequency("new"), 0U);
  EXPECT_THAT(pool->Open()->Frequency("new"), Succeeds());
  for (std::uint64_t position = 3; position < 8; ++position) {
    ASSERT_NO_FATAL_FAILURE(rewrite(Position{position}));
    for (DocumentNumber number = 1; number <= 1'000; ++number) {
      ASSERT_THAT((*writer)->Replace(number, Weighed({"all"})), Succeeds());
    }
    ASSERT_THAT((*writer)->Commit(Position{position}), Succeeds());
  }
  EXPECT_THAT(reader->Frequency("word500"), FailsWith(ErrorCode::kUnavailable));
  EXPECT_EQ(*pool->Open()->Frequency("all"), 1'000U);
  EXPECT_FALSE(pool->is_damaged());
}

TEST_F(TextIndexTest, PooledReadersSeeWhatWasPublished) {
  Create({{1, {"red"}}});
  const auto pool = std::make_shared<TextReaderPool>(path());
  { const auto reader = pool->Open(); }
  auto writer = TextWriter::Open(path());
  ASSERT_THAT((*writer)->Replace(2, Weighed({"red"})), Succeeds());
  ASSERT_THAT((*writer)->Commit(Position{2}), Succeeds());
  pool->Publish();
  EXPECT_THAT(Postings(*pool->Open(), "red"), ElementsAre(1U, 2U));
}

TEST_F(TextIndexTest, ExpansionPrefersFrequentTermsWhenThereAreTooMany) {
  Create({{1, {"car", "card", "care", "dog"}}, {2, {"card"}}, {3, {"care", "cat"}}});
  const auto reader = std::make_shared<TextReaderPool>(path())->Open();
  const auto names = [&](std::size_t terms_max) {
    std::vector<std::string> terms;
    const auto expansions = reader->Expand("car", terms_max);
    for (const auto& expansion : *expansions) {
      terms.push_back(expansion.term + std::to_string(expansion.frequency));
    }
    return terms;
  };
  EXPECT_THAT(names(10), ElementsAre("car1", "card2", "care2"));
  EXPECT_THAT(names(2), ElementsAre("card2", "care2"));
  EXPECT_THAT(*TextReader().Expand("c", 10), IsEmpty());
}

TEST_F(TextIndexTest, AgreesWithAModelThroughRandomChangesAndReopening) {
  const auto seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 engine(seed);
  const auto random = [&engine] { return static_cast<std::uint32_t>(engine()); };
  std::map<DocumentNumber, std::set<std::string>> model;
  auto writer = std::move(*TextWriter::Create(path()));
  ASSERT_THAT(writer->Commit(Position{0}), Succeeds());
  const auto pool = std::make_shared<TextReaderPool>(path());
  for (std::uint64_t position = 1; position <= 30; ++position) {
    for (int change = 0; change < 40; ++change) {
      const DocumentNumber number = 1 + random() % 200;
      if (random() % 4 == 0) {
        model.erase(number);
        ASSERT_THAT(writer->Delete(number), Succeeds());
        continue;
      }
      std::set<std::string> terms;
      for (std::size_t i = random() % 6; i <= 6; ++i) {
        terms.insert(TextTerm(random() % 3, std::string(1, static_cast<char>('a' + random() % 8))));
      }
      model[number] = terms;
      ASSERT_THAT(writer->Replace(number, Weighed({terms.begin(), terms.end()})), Succeeds());
    }
    ASSERT_THAT(writer->Commit(Position{position}), Succeeds());
    pool->Publish();
    // Pages of what is not committed may be written already.
    const DocumentNumber next = 1 + random() % 200;
    ASSERT_THAT(writer->Replace(next, Weighed({TextTerm(1, "c")})), Succeeds());
    if (random() % 3 != 0) {
      const auto pages = random() % 2 == 0 ? TextPages::kAll : TextPages::kInMemory;
      ASSERT_THAT(UpdateTextChecksums(path(), pages), Succeeds());
    }
    ASSERT_TRUE(*IsTextAsWritten(path()));
    const bool is_reopened = random() % 4 == 0;
    if (is_reopened) {
      writer.reset();
      writer = std::move(*TextWriter::Open(path()));
      ASSERT_EQ(writer->position(), Position{position});
    }
    std::map<std::string, std::vector<DocumentNumber>> expected;
    for (const auto& [number, terms] : model) {
      for (const std::string& term : terms) {
        expected[term].push_back(number);
      }
    }
    const auto reader = pool->Open();
    ASSERT_EQ(*reader->DocumentCount(), model.size());
    ASSERT_EQ(reader->Expand("", 1'000)->size(), expected.size());
    for (const auto& [term, numbers] : expected) {
      ASSERT_EQ(Postings(*reader, term), numbers);
      std::vector<DocumentNumber> among;
      std::vector<DocumentNumber> expected_among;
      for (DocumentNumber number = 1; number <= 200; number += 1 + random() % 9) {
        among.push_back(number);
        if (model.contains(number) && model[number].contains(term)) {
          expected_among.push_back(number);
        }
      }
      std::vector<Posting> found;
      ASSERT_THAT(reader->Postings(term, among, found), Succeeds());
      ASSERT_EQ(NumbersOf(found, term), expected_among);
    }
    if (!is_reopened) {
      model[next] = {TextTerm(1, "c")};
    }
  }
}

// A writer that gives up what it has written some of.
void Abandon(const std::filesystem::path& path) {
  auto writer = TextWriter::Open(path);
  ASSERT_THAT(writer, Succeeds());
  std::vector<WeighedTerm> terms;
  for (int i = 0; i < 20'000; ++i) {
    terms.push_back({TextTerm(2, std::to_string(i)), 1});
  }
  for (DocumentNumber number = 1; number < 20; ++number) {
    ASSERT_THAT((*writer)->Replace(number, TextDocument(terms)), Succeeds());
  }
}

TEST_F(TextIndexTest, PagesThatAreNotWhatWasCommittedAreNoticed) {
  Create({{1, {"lamp", "blue"}}, {2, {"lamp"}}});
  EXPECT_TRUE(*IsTextAsWritten(path())) << "nothing is known of it";
  for (const bool has_more : {false, true}) {
    if (has_more) {
      auto writer = TextWriter::Open(path());
      ASSERT_THAT(writer, Succeeds());
      for (DocumentNumber number = 3; number < 900; ++number) {
        ASSERT_THAT((*writer)->Replace(number, Weighed({"lamp", std::to_string(number)})),
                    Succeeds());
      }
      ASSERT_THAT((*writer)->Commit(Position{2}), Succeeds());
      writer->reset();
      EXPECT_TRUE(*IsTextAsWritten(path())) << "what changed is later than the checksums";
    }
    ASSERT_THAT(UpdateTextChecksums(path(), TextPages::kInMemory), Succeeds());
    ASSERT_TRUE(*IsTextAsWritten(path()));
    // Each byte of the first pages, of every file.
    std::set<std::string> kinds;
    for (const auto& entry : std::filesystem::directory_iterator(path())) {
      if (entry.file_size() == 0 || entry.path().extension() == ".checksums") {
        continue;
      }
      kinds.insert(entry.path().filename());
      std::fstream file(entry.path(), std::ios::in | std::ios::out | std::ios::binary);
      const auto size = static_cast<std::streamoff>(entry.file_size());
      for (std::streamoff place = 0; place < std::min<std::streamoff>(size, 16'384); place += 97) {
        file.seekg(place);
        const int byte = file.get();
        for (const int written : {byte ^ 0x84, byte}) {
          file.seekp(place);
          file.put(static_cast<char>(written));
          file.flush();
          ASSERT_EQ(*IsTextAsWritten(path()), written == byte) << entry.path() << " at " << place;
        }
      }
    }
    EXPECT_THAT(kinds, IsSupersetOf({"iamglass", "postlist.glass", "termlist.glass"}));
  }
  Abandon(path());
  EXPECT_TRUE(*IsTextAsWritten(path()));
  ASSERT_THAT(UpdateTextChecksums(path(), TextPages::kAll), Succeeds());
  EXPECT_TRUE(*IsTextAsWritten(path()));
  const auto postings = path() / "postlist.glass";
  const auto size = std::filesystem::file_size(postings);
  std::filesystem::resize_file(postings, size - 8'192);
  EXPECT_FALSE(*IsTextAsWritten(path())) << "a page is lost";
  EXPECT_FALSE(*IsForeignTextAsWritten(path(), {}));
  std::filesystem::remove(postings);
  EXPECT_FALSE(*IsTextAsWritten(path())) << "a file is lost";
  std::filesystem::remove_all(path());
  EXPECT_TRUE(*IsForeignTextAsWritten(path(), {})) << "its owner removed it";
}

TEST_F(TextIndexTest, WhatIsKnownToBeDamagedStaysSo) {
  Create({{1, {"lamp", "blue"}}});
  ASSERT_THAT(MarkTextDamaged(path()), Succeeds());
  EXPECT_FALSE(*IsTextAsWritten(path())) << "whatever the files are";
  ASSERT_THAT(UpdateTextChecksums(path(), TextPages::kAll), Succeeds());
  EXPECT_FALSE(*IsTextAsWritten(path()));
}

}  // namespace
}  // namespace cacheindex::index
