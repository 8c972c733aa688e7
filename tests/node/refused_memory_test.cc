#include <gmock/gmock.h>

#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "tests/node/running_node.h"

// What a document takes that is refused in the end.

namespace cacheindex::test {
namespace {

using testing::HasSubstr;

// Of this process, from /proc/self/status.
std::size_t KibibytesOf(std::string_view name) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(name)) {
      return std::stoul(line.substr(line.find_first_of("0123456789")));
    }
  }
  return 0;
}

std::string Repeated(std::string_view piece, std::size_t bytes) {
  std::string text;
  while (text.size() < bytes) {
    text += piece;
  }
  return text;
}

TEST(RefusedMemoryTest, ADocumentTakesNoMoreThanItsTree) {
  constexpr std::size_t kBytes = std::size_t{4} << 20;
  std::string members;
  for (int i = 0; members.size() < kBytes; ++i) {
    members += ",\"k" + std::to_string(i) + "\":1";
  }
  struct Refused {
    std::string document;
    std::string reason;
    /// For each byte of the document.
    std::size_t bytes_max;
  };
  const std::vector<Refused> all = {
      {R"({"id":"1","text":")" + Repeated("a ", kBytes) + "\"}", "more than 100000 words", 25},
      {R"({"id":"1","text":")" + Repeated("跑步鞋", kBytes) + "\"}", "more than 100000 words", 25},
      {R"({"id":"1")" + members + "}", "more than 20000 fields", 40},
  };
  RunningNode node;
  node.Get("POST", "/collections", R"({"name":"c","fields":[{"name":".*","type":"auto"}]})");
  for (const Refused& refused : all) {
    std::ofstream("/proc/self/clear_refs") << "5";  // The most it ever took begins anew.
    const std::size_t before = KibibytesOf("VmRSS:");
    const HttpReply reply = node.Ask("POST", "/collections/c/documents", refused.document);
    EXPECT_EQ(reply.status, 422);
    EXPECT_THAT(reply.body, HasSubstr(refused.reason));
    EXPECT_LT((KibibytesOf("VmHWM:") - before) << 10U, refused.bytes_max * kBytes)
        << refused.reason;
  }
}

// Where the limit lies does not depend on how the text is looked at.
TEST(RefusedMemoryTest, AFieldHasAsManyWordsAsItMay) {
  RunningNode node;
  node.Get("POST", "/collections", R"({"name":"c","fields":[{"name":"text","type":"string"}]})");
  const auto status = [&](std::string_view word, std::size_t count) {
    std::string text = Repeated(word, word.size() * count);
    return node
        .Ask("POST", "/collections/c/documents?action=upsert",
             R"({"id":"1","text":")" + text + "\"}")
        .status;
  };
  for (const std::string_view word : {"ab ", "longer-word ", "größer "}) {
    const std::size_t words = word.starts_with("longer") ? 50'000 : 100'000;
    EXPECT_EQ(status(word, words), 201) << word;
    EXPECT_EQ(status(word, words + 1), 422) << word;
  }
}

}  // namespace
}  // namespace cacheindex::test
