// A node that looks for damage by itself, with a bad disk under it: bytes of its files change while
// it runs.

#include <gmock/gmock.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "node/core/json.h"
#include "tests/node/operating/operated_node.h"
#include "tests/node/stored_bytes.h"
#include "tests/node/text_files.h"

namespace cacheindex::test {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;

constexpr int kDocuments = 1500;
constexpr int kRareNumber = 700;
constexpr const char* kRareWord = "zyxwvutsrqp";

std::string Config(std::string_view interval_ms, std::string_view megabytes_per_second) {
  return "[node]\nstop_delay_ms = 0\nstop_timeout_ms = 500\n[scrub]\ninterval_ms = " +
         std::string(interval_ms) +
         "\nmegabytes_per_second = " + std::string(megabytes_per_second) + "\n";
}

const char* const kOften = "200";
const char* const kFast = "100000";

int SizeOf(int i) { return i * 7 % 251; }

// Sizes of documents of `things` that follow each other, as a column has them.
std::string SomeSizes() {
  std::string bytes;
  for (int i = 100; i < 130; ++i) {
    bytes.push_back(static_cast<char>(SizeOf(i)));
  }
  return bytes;
}

class ScrubTest : public testing::Test {
 protected:
  static void Fill(OperatedNode& node) {
    for (const char* const name : {"things", "others"}) {
      const HttpReply made = node.Ask("POST", "/collections",
                                      R"({"name":")" + std::string(name) +
                                          R"(","fields":[{"name":"title","type":"string"},
          {"name":"color","type":"string","facet":true},{"name":"size","type":"int32"},
          {"name":"tags","type":"string[]","facet":true,"optional":true},
          {"name":"price","type":"float","optional":true},
          {"name":"place","type":"geopoint","optional":true},
          {"name":"maker","type":"string","sort":true,"optional":true}]})");
      ASSERT_EQ(made.status, 201) << made.body;
      std::string lines;
      for (int i = 0; i < kDocuments; ++i) {
        const bool is_thing = std::string_view(name) == "things";
        const bool is_rare = i == kRareNumber && is_thing;
        lines +=
            DumpJson(Json{{"id", IdOf(i)},
                          {"title", is_rare ? kRareWord : "thing " + std::to_string(i % 90)},
                          {"color", "c" + std::to_string(i % 40)},
                          {"tags", {"t" + std::to_string(i % 13), "t" + std::to_string(i % 7)}},
                          {"price", i * 37 % 1000 + 0.5},
                          {"place", {i % 80, i % 170}},
                          {"maker", "maker " + std::to_string(i % 100)},
                          {"size", is_thing ? SizeOf(i) : 1}}) +
            "\n";
      }
      const HttpReply imported =
          node.Ask("POST", "/collections/" + std::string(name) + "/documents/import", lines);
      ASSERT_EQ(imported.status, 200);
    }
  }
  static std::string IdOf(int i) { return "document-" + std::to_string(i); }

  static fs::path Generation(const OperatedNode& node) {
    return node.data() / "stores" / "native" / "generation-1";
  }
  static StoredBytes Store(const OperatedNode& node) {
    return StoredBytes(Generation(node) / "data.mdb");
  }

  static bool IsScrubbed(const OperatedNode& node, std::string_view findings) {
    return node.HasLine({"event=scrubbed", " findings=" + std::string(findings)});
  }
  static Json Search(OperatedNode& node, const std::string& collection, const std::string& what) {
    const HttpReply reply =
        node.Ask("GET", "/collections/" + collection + "/documents/search?" + what);
    return reply.status == 200 ? Json::parse(reply.body) : Json(reply.status);
  }
  static int StatusOf(OperatedNode& node, const std::string& target) {
    return node.Ask("GET", target).status;
  }
};

// The last number of a field of a line, or of a metric.
double NumberAfter(const std::string& text, const std::string& name) {
  const auto at = text.rfind(name);
  return at == std::string::npos ? -1 : std::stod(text.substr(at + name.size()));
}

TEST_F(ScrubTest, WhatIsSoundIsReadAgainAndAgainAndSaidToBe) {
  OperatedNode node(Config(kOften, kFast));
  Fill(node);
  EXPECT_TRUE(Eventually([&] { return node.CountLines("event=scrubbed") >= 3; }));
  EXPECT_EQ(node.CountLines("event=damage"), 0) << node.output();
  const std::string metrics = node.Ask("GET", "/metrics").body;
  EXPECT_GE(NumberAfter(metrics, "\ncacheindex_scrub_rounds "), 3) << metrics;
  EXPECT_GT(NumberAfter(metrics, "\ncacheindex_scrub_read_bytes "), 10'000) << metrics;
  EXPECT_THAT(metrics, HasSubstr("cacheindex_scrub_age_seconds"));
  EXPECT_EQ(node.Stop(), 0);
}

TEST_F(ScrubTest, ADamagedDocumentIsNamedAndTheOthersAreServed) {
  OperatedNode node(Config(kOften, kFast));
  Fill(node);
  const std::string key = std::string("\0\0\0\1", 4) + IdOf(3) + '\1';
  // Behind the header.
  ASSERT_GT(Store(node).Flip(key, static_cast<std::ptrdiff_t>(key.size()) - 1 + 40), 0);
  ASSERT_TRUE(node.HasLine({"level=error event=damage", "store=native", "collection=things",
                            "place=documents", "document-3", "restore a backup"}))
      << node.output();
  EXPECT_TRUE(IsScrubbed(node, "1"));
  EXPECT_THAT(node.Ask("GET", "/metrics").body,
              HasSubstr(R"(cacheindex_scrub_findings{place="documents",store="native"} 1)"));
  EXPECT_THAT(node.Ask("GET", "/readyz").body, HasSubstr(R"("damage":{"native":1})"));
  EXPECT_EQ(StatusOf(node, "/readyz"), 200);
  EXPECT_EQ(StatusOf(node, "/collections/things/documents/document-3"), 500);
  EXPECT_EQ(StatusOf(node, "/collections/things/documents/document-4"), 200);
  EXPECT_EQ(StatusOf(node, "/collections/others/documents/document-3"), 200);
}

// What searches answer that read columns, dictionaries and the order of all of them.
const std::vector<std::string> kQuestions = {
    "q=*&filter_by=size:%3C100&sort_by=size:asc&per_page=50",
    "q=*&facet_by=color&max_facet_values=60&per_page=1",
    "q=*&filter_by=color:=c7&sort_by=size:desc&per_page=50",
    "q=thing&query_by=title&facet_by=color&per_page=20",
    "q=thign%2017&query_by=title&per_page=20",
    "q=thing%204&query_by=title&filter_by=size:%5B3..90%5D",
    "q=maker%207&query_by=maker,title&sort_by=maker:desc,price:asc&facet_by=tags",
    "q=*&filter_by=place:(10,20,900%20km)&sort_by=place(10,20):asc",
    "q=*&filter_by=tags:=%5Bt3,t11%5D&facet_by=color"};

class DerivedScrubTest : public ScrubTest {
 protected:
  static std::vector<Json> AskAll(OperatedNode& node) {
    std::vector<Json> answers;
    for (const std::string& question : kQuestions) {
      Json answer = Search(node, "things", question);
      if (answer.is_object()) {
        answer.erase("search_time_ms");
      }
      answers.push_back(std::move(answer));
    }
    return answers;
  }

  // After `damage`, everything is made again and nothing was answered wrongly meanwhile.
  template <class Damage>
  static void ExpectRebuilt(const Damage& damage) {
    OperatedNode node(Config("0", kFast));
    Fill(node);
    ASSERT_EQ(node.Stop(), 0);
    // The first round begins after the damage.
    node.Configure(Config("2000", kFast));
    node.Start();
    const std::vector<Json> before = AskAll(node);
    for (const Json& answer : before) {
      ASSERT_TRUE(answer.is_object()) << answer;
    }
    damage(Store(node));
    ASSERT_TRUE(node.HasLine(
        {"level=error event=damage", "store=native", "collection=things", "place=columns"}))
        << node.output();
    ASSERT_TRUE(node.HasLine({"event=rebuilding", "collection=things"})) << node.output();
    ASSERT_TRUE(node.HasLine({"event=rebuilt", "collection=things"})) << node.output();
    EXPECT_EQ(AskAll(node), before);
    EXPECT_TRUE(IsScrubbed(node, "0")) << node.output();
    EXPECT_TRUE(Eventually(
        [&] { return node.Ask("GET", "/readyz").body.find("damage") == std::string::npos; }));
    // What is written later finds its way into the new columns.
    EXPECT_EQ(node.Ask("POST", "/collections/things/documents",
                       R"({"id":"new","title":"quite new","color":"gold","size":7})")
                  .status,
              201);
    EXPECT_EQ(Search(node, "things", "q=new&query_by=title&filter_by=color:=gold")["found"], 1);
    EXPECT_EQ(node.Stop(), 0);
    NodeProcess verify(CACHEINDEX_BINARY, {"verify", "--data-dir", node.data().string()});
    EXPECT_EQ(verify.Wait(), 0) << verify.output();
  }
};

TEST_F(DerivedScrubTest, ADamagedColumnPageIsMadeAgain) {
  ExpectRebuilt([](StoredBytes store) { ASSERT_GT(store.Flip(SomeSizes(), 3), 0); });
}

TEST_F(DerivedScrubTest, ADamagedEntryOfADictionaryIsMadeAgain) {
  ExpectRebuilt([](StoredBytes store) {
    const std::string word = std::string("w") + kRareWord;
    // Behind the version: the checksum.
    ASSERT_GT(store.Flip(word, static_cast<std::ptrdiff_t>(word.size()) + 2), 0);
  });
}

// Page by page is compared when it is first met. Here it is damaged later.
TEST_F(DerivedScrubTest, WhatNobodyCanMakeAgainIsAnErrorThatNamesTheCollection) {
  OperatedNode node(Config("0", kFast));
  Fill(node);
  ASSERT_EQ(node.Stop(), 0);
  node.Configure(Config("2000", kFast));
  node.Start();
  ASSERT_TRUE(Search(node, "things", kQuestions[0]).is_object());
  // Nor are the documents sound, from which it could be made.
  const std::string key = std::string("\0\0\0\1", 4) + IdOf(3) + '\1';
  ASSERT_GT(Store(node).Flip(key, static_cast<std::ptrdiff_t>(key.size()) - 1 + 40), 0);
  ASSERT_GT(Store(node).Flip(SomeSizes(), 3), 0);
  // That document and both pages of the column.
  ASSERT_TRUE(IsScrubbed(node, "3")) << node.output();
  EXPECT_EQ(node.CountLines("event=rebuilding"), 0) << node.output();
  const HttpReply reply = node.Ask("GET", "/collections/things/documents/search?" + kQuestions[0]);
  EXPECT_EQ(reply.status, 500) << node.output();
  EXPECT_THAT(reply.body, AllOf(HasSubstr("things"), HasSubstr("checksum")));
  EXPECT_TRUE(Search(node, "others", kQuestions[0]).is_object());
}

TEST_F(ScrubTest, ADamagedTextIndexIsBuiltAgain) {
  OperatedNode node(Config(kOften, kFast));
  Fill(node);
  ASSERT_TRUE(Eventually([&] { return HaveAllChecksums(node.data()); }));
  const Json before = Search(node, "things", "q=thing&query_by=title&per_page=3");
  ASSERT_TRUE(before.is_object()) << before;
  const fs::path file = Generation(node) / "text-1-1" / "postlist.glass";
  std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
  stream.seekp(static_cast<std::streamoff>(fs::file_size(file) * 2 / 3));
  stream.put('\x55');
  stream.close();
  ASSERT_TRUE(node.HasLine({"event=damage", "collection=things", "place=text", "built again"}))
      << node.output();
  EXPECT_TRUE(node.HasLine({"event=text_index_rebuilt", "store=native"})) << node.output();
  Json after;
  EXPECT_TRUE(Eventually([&] {
    after = Search(node, "things", "q=thing&query_by=title&per_page=3");
    return after.is_object();
  }));
  EXPECT_EQ(after["hits"], before["hits"]);
  EXPECT_EQ(after["found"], before["found"]);
}

// The length of an entry leads out of the file: who reads it gets a signal.
TEST_F(ScrubTest, WhatEndsTheProcessIsFencedOffBeforeTheNodeReadsIt) {
  OperatedNode node(Config("0", kFast));
  Fill(node);
  ASSERT_EQ(node.Stop(), 0);
  node.Configure(Config("2000", kFast));
  node.Start();
  const std::string word = std::string("w") + kRareWord;
  // LMDB's head of an entry ends with the length of its key, which begins with the column.
  constexpr std::ptrdiff_t kColumnBytes = 4;
  constexpr std::ptrdiff_t kHighestByteOfLength = -kColumnBytes - 5;
  ASSERT_GT(Store(node).Replace(word, kHighestByteOfLength, '\x30'), 0);
  ASSERT_TRUE(node.HasLine(
      {"level=error event=fenced", "store=native", "collection=things", "restore a backup"}))
      << node.output();
  EXPECT_TRUE(IsScrubbed(node, "0")) << node.output();
  EXPECT_TRUE(fs::exists(Generation(node) / "FENCED"));
  const HttpReply things = node.Ask("GET", "/collections/things/documents/document-4");
  EXPECT_EQ(things.status, 500);
  EXPECT_THAT(things.body, AllOf(HasSubstr("things"), HasSubstr("fenced off")));
  EXPECT_EQ(StatusOf(node, "/collections/others/documents/document-4"), 200);
  EXPECT_EQ(Search(node, "others", "q=thing&query_by=title")["found"], kDocuments);
  const HttpReply written = node.Ask("POST", "/collections/others/documents",
                                     R"({"id":"new","title":"a","color":"b","size":1})");
  EXPECT_EQ(written.status, 201) << written.body;
  EXPECT_EQ(node.CountLines("event=fenced"), 1);
  EXPECT_EQ(node.Stop(), 0) << node.output();
  EXPECT_TRUE(fs::exists(Generation(node) / "text-1-1"));
  node.Configure(Config("0", kFast));
  node.Start();
  EXPECT_EQ(StatusOf(node, "/collections/things/documents/document-4"), 500);
  EXPECT_EQ(StatusOf(node, "/collections/others/documents/new"), 200);
  EXPECT_EQ(node.Stop(), 0);
}

// Documents that take as much in the store as they are long.
class SlowScrubTest : public ScrubTest {
 protected:
  static constexpr int kMegabytes = 3;

  static void FillWithNoise(OperatedNode& node) {
    ASSERT_EQ(node.Ask("POST", "/collections",
                       R"({"name":"noise","fields":[{"name":"size","type":"int32"}]})")
                  .status,
              201);
    std::mt19937_64 random(1);
    std::string lines;
    constexpr int kNoiseBytes = 20'000;
    for (int i = 0; i < kMegabytes * 1'000'000 / kNoiseBytes; ++i) {
      std::string noise(kNoiseBytes * 8 / 6, ' ');
      for (char& letter : noise) {
        letter = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"[random() % 64];
      }
      lines += DumpJson(Json{{"id", IdOf(i)}, {"size", i}, {"noise", noise}}) + "\n";
    }
    ASSERT_EQ(node.Ask("POST", "/collections/noise/documents/import", lines).status, 200);
  }

  struct Process {
    pid_t parent = 0;
    bool is_ended = false;
  };
  // As the system lists it, nullopt when there is none of that number.
  static std::optional<Process> Look(pid_t process) {
    std::ifstream file("/proc/" + std::to_string(process) + "/stat");
    std::string line;
    if (!std::getline(file, line)) {
      return std::nullopt;
    }
    const std::string rest = line.substr(line.rfind(')') + 2);
    return Process{.parent = std::stoi(rest.substr(2)), .is_ended = rest[0] == 'Z'};
  }
  // Whether it is the program that reads, and not yet the node that becomes it.
  static bool IsReader(pid_t process) {
    std::ifstream file("/proc/" + std::to_string(process) + "/cmdline");
    const std::string arguments((std::istreambuf_iterator<char>(file)), {});
    return arguments.find("--generation") != std::string::npos;
  }
  // Returns the processes that read for `parent`.
  static std::vector<pid_t> ReadersOf(pid_t parent) {
    std::vector<pid_t> readers;
    for (const auto& entry : fs::directory_iterator("/proc")) {
      const std::string name = entry.path().filename().string();
      if (name.find_first_not_of("0123456789") != std::string::npos) {
        continue;
      }
      const auto process = Look(std::stoi(name));
      const bool is_child = process && process->parent == parent && !process->is_ended;
      if (is_child && IsReader(std::stoi(name))) {
        readers.push_back(std::stoi(name));
      }
    }
    return readers;
  }
  static bool HasEnded(pid_t process) {
    const auto seen = Look(process);
    return !seen || seen->is_ended;
  }
};

TEST_F(SlowScrubTest, ItKeepsToItsRateAndHoldsNoViewForLong) {
  OperatedNode node(Config("1", "1"));
  FillWithNoise(node);
  std::string line;
  ASSERT_TRUE(Eventually([&] {
    for (const std::string& each : LinesOf(node.output())) {
      if (each.find("event=scrubbed") != std::string::npos &&
          NumberAfter(each, " megabytes=") > kMegabytes) {
        line = each;
      }
    }
    return !line.empty();
  })) << node.output();
  EXPECT_GE(NumberAfter(line, " seconds="), NumberAfter(line, " megabytes=") - 1.2) << line;
  // A slice of 10 ms, on a busy machine. The whole takes more than two seconds.
  EXPECT_LT(NumberAfter(line, " longest_view_ms="), 1'000) << line;
  EXPECT_EQ(node.Stop(), 0);
}

TEST_F(SlowScrubTest, TheProcessThatReadsEndsWithTheNodeHoweverThatEnds) {
  OperatedNode node(Config("1", "1"));
  FillWithNoise(node);
  for (const int signal : {SIGKILL, SIGTERM}) {
    std::vector<pid_t> readers;
    ASSERT_TRUE(Eventually([&] {
      readers = ReadersOf(node.process());
      return !readers.empty();
    }));
    EXPECT_EQ(readers.size(), 1U);
    node.Signal(signal);
    EXPECT_EQ(node.Wait(), signal == SIGKILL ? -SIGKILL : 0);
    EXPECT_TRUE(Eventually([&] { return HasEnded(readers.front()); }));
    if (signal == SIGKILL) {
      node.Start();
    }
  }
}

// As one that hangs on a bad disk: what it holds of the store is let go.
TEST_F(SlowScrubTest, AProcessThatHangsIsEnded) {
  OperatedNode node(Config("1", "1"));
  FillWithNoise(node);
  std::vector<pid_t> readers;
  ASSERT_TRUE(Eventually([&] {
    readers = ReadersOf(node.process());
    return !readers.empty();
  }));
  ::kill(readers.front(), SIGSTOP);
  EXPECT_TRUE(node.HasLine({"event=scrub_failed", "it says nothing"})) << node.output();
  EXPECT_TRUE(Eventually([&] { return HasEnded(readers.front()); }));
  EXPECT_EQ(node.CountLines("event=fenced"), 0);
  EXPECT_EQ(node.Stop(), 0);
}

}  // namespace
}  // namespace cacheindex::test
