#include "cache/compression.h"

#include <gtest/gtest.h>

#include <memory>
#include <random>
#include <string>
#include <vector>

#include "tests/support/result_matchers.h"

namespace cacheindex::cache {
namespace {

using test::Succeeds;

// Something like documents: the same names, other values.
std::string Sample(std::mt19937& random) {
  return R"({"title":"product )" + std::to_string(random()) + R"(","brand":"brand )" +
         std::to_string(random() % 50) + R"(","description":"a fine thing for )" +
         std::to_string(random() % 1000) + R"( uses","price":)" +
         std::to_string(random() % 10'000) + "}";
}

std::string Incompressible(std::mt19937& random, std::size_t bytes) {
  std::string text;
  while (text.size() < bytes) {
    text += static_cast<char>(random());
  }
  return text;
}

class CompressionTest : public testing::Test {
 protected:
  CompressionTest() {
    std::vector<std::string> samples;
    samples.reserve(2'000);
    for (int i = 0; i < 2'000; ++i) {
      samples.push_back(Sample(random_));
    }
    dictionary_ = TrainDictionary(samples);
  }

  void ExpectRoundTrip(const std::string& bytes, Dictionary* dictionary) {
    const std::string frame(compressor_.Compress(bytes, dictionary));
    if (frame.empty()) {
      return;
    }
    std::string read;
    ASSERT_THAT(Decompressor().Decompress(frame, bytes.size(), dictionary, read), Succeeds());
    EXPECT_EQ(read, bytes);
  }

  std::mt19937 random_{1};
  std::unique_ptr<Dictionary> dictionary_;
  Compressor compressor_;
};

TEST_F(CompressionTest, ADictionaryMakesSmallDocumentsSmaller) {
  ASSERT_NE(dictionary_, nullptr);
  const std::string sample = Sample(random_);
  const std::size_t with = compressor_.Compress(sample, dictionary_.get()).size();
  const std::size_t without = compressor_.Compress(sample, nullptr).size();
  EXPECT_GT(with, 0U);
  EXPECT_LT(with, without == 0 ? sample.size() : without);
}

// zstd refuses another dictionary in the middle of a frame, and one that does not fit ends there.
TEST_F(CompressionTest, AFrameThatDidNotFitDoesNotChangeTheNextDictionary) {
  ASSERT_NE(dictionary_, nullptr);
  for (int i = 0; i < 200; ++i) {
    const std::string sample = Sample(random_);
    EXPECT_TRUE(
        compressor_.Compress(Incompressible(random_, 2 + random_() % 3'000), nullptr).empty());
    EXPECT_FALSE(compressor_.Compress(sample, dictionary_.get()).empty());
    EXPECT_TRUE(
        compressor_.Compress(Incompressible(random_, 2 + random_() % 3'000), dictionary_.get())
            .empty());
    ExpectRoundTrip(std::string(1'000, 'x') + sample, nullptr);
    EXPECT_TRUE(
        compressor_.Compress(Incompressible(random_, 2 + random_() % 3'000), nullptr).empty());
    ExpectRoundTrip(sample, dictionary_.get());
  }
}

}  // namespace
}  // namespace cacheindex::cache
