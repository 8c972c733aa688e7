// Bits that change, and pages that are lost, while a node is stopped: whatever it answers
// afterwards is what it answered before, or an error. CACHEINDEX_ROT_ROUNDS says how many,
// TEST_SEED repeats a run.

#include <gmock/gmock.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "node/core/json.h"
#include "tests/node/text_files.h"
#include "tests/support/eventually.h"
#include "tests/support/http_client.h"
#include "tests/support/node_process.h"
#include "tests/support/temp_directory.h"
#include "tests/support/test_seed.h"

namespace cacheindex::test {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;

constexpr std::streamoff kPageBytes = 4096;
constexpr int kDocuments = 1500;
constexpr const char* kKey = "rot-key";

std::uint64_t Rounds() {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): no thread changes the environment.
  const char* text = std::getenv("CACHEINDEX_ROT_ROUNDS");
  return text == nullptr ? 20 : std::stoull(text);
}

// What a client sees of an answer, without how long it took.
std::string Seen(const HttpReply& reply) {
  if (auto body = ParseJson(reply.body); body && body->is_object()) {
    body->erase("search_time_ms");
    return std::to_string(reply.status) + " " + DumpJson(*body);
  }
  return std::to_string(reply.status) + " " + reply.body;
}

std::vector<std::string> Questions() {
  std::vector<std::string> questions;
  for (int i = 0; i < kDocuments + 40; i += 40) {
    questions.push_back("/collections/things/documents/" + std::to_string(i));
  }
  const std::string search = "/collections/things/documents/search?query_by=title&per_page=40&q=";
  for (const char* const tail :
       {"*&facet_by=color,size,tags&max_facet_values=60",
        "*&filter_by=price:%3C500&sort_by=price:asc",
        "*&filter_by=color:=c7&sort_by=size:desc,price:asc",
        "*&filter_by=tags:=[t3,t11]&facet_by=price",
        "*&group_by=color&group_limit=2&sort_by=price:desc", "thing&facet_by=tags", "thing%20many",
        "blue%20lamp&sort_by=price:asc", "lmap", "gree", "*&sort_by=when:desc&page=3",
        "*&filter_by=place:(10,20,900%20km)&sort_by=place(10,20):asc",
        "*&filter_by=id:[3,500,1499]", "red&filter_by=size:%5B3..9%5D&facet_by=color",
        "chair&highlight_fields=title",
        "*&filter_by=title:=blue%20lamp%20number%2012&facet_by=size"}) {
    questions.push_back(search + tail);
  }
  for (const char* const path :
       {"/collections/things/documents/export", "/collections", "/aliases", "/presets",
        "/collections/things/synonyms", "/collections/others/documents/search?q=*&facet_by=kind",
        "/collections/others/documents/search?q=word7&query_by=text",
        "/collections/others/documents/3", "/keys"}) {
    questions.push_back(path);
  }
  return questions;
}

class BitRotTest : public testing::Test {
 protected:
  std::vector<std::string> Arguments() const {
    return {"serve", "--data-dir", data_, "--listen", "127.0.0.1:0", "--api-key", kKey};
  }

  void Fill(HttpClient& client) const {
    const auto demand = [&](const char* method, const char* path, const std::string& body) {
      const int status = client.Ask(method, path, body).status;
      ASSERT_TRUE(status == 200 || status == 201) << path << ": " << status;
    };
    demand("POST", "/collections",
           R"json({"name":"things","default_sorting_field":"price","fields":[
        {"name":"title","type":"string"},{"name":"color","type":"string","facet":true},
        {"name":"size","type":"int32","facet":true},{"name":"price","type":"float","facet":true},
        {"name":"tags","type":"string[]","facet":true},{"name":"when","type":"int64"},
        {"name":"place","type":"geopoint"}]})json");
    demand("POST", "/collections", R"json({"name":"others","fields":[
        {"name":"text","type":"string"},{"name":"kind","type":"string","facet":true}]})json");
    Import(client);
    std::string lines;
    for (int i = 0; i < 200; ++i) {
      lines += DumpJson(Json{{"id", std::to_string(i)},
                             {"text", "word" + std::to_string(i % 20) + " of others"},
                             {"kind", "k" + std::to_string(i % 5)}}) +
               "\n";
    }
    demand("POST", "/collections/others/documents/import", lines);
    demand("PUT", "/aliases/all", R"({"collection_name":"things"})");
    demand("PUT", "/presets/list", R"({"value":{"q":"*","per_page":5}})");
    demand("PUT", "/collections/things/synonyms/s", R"({"synonyms":["lamp","light"]})");
    demand("POST", "/keys",
           R"({"description":"shop","actions":["documents:search"],"collections":["things"]})");
  }

  static void Import(HttpClient& client) {
    std::string lines;
    const char* const names[] = {"blue lamp", "red chair", "green table", "thing of many"};
    for (int i = 0; i < kDocuments; ++i) {
      lines += DumpJson(Json{{"id", std::to_string(i)},
                             {"title", std::string(names[i % 4]) + " number " + std::to_string(i)},
                             {"color", "c" + std::to_string(i % 40)},
                             {"size", i * 7 % 23},
                             {"price", i * 37 % 1000 + 0.5},
                             {"tags", {"t" + std::to_string(i % 13), "t" + std::to_string(i % 17)}},
                             {"when", 1'700'000'000 + i * 3600},
                             {"place", {i % 80, i % 170}}}) +
               "\n";
    }
    const HttpReply imported =
        client.Ask("POST", "/collections/things/documents/import?action=upsert", lines);
    ASSERT_EQ(imported.status, 200) << imported.body;
  }

  void SetUp() override {
    NodeProcess node(CACHEINDEX_BINARY, Arguments());
    const auto port = node.WaitForPort(std::chrono::seconds(20));
    ASSERT_TRUE(port) << node.output();
    HttpClient client(*port, kKey);
    Fill(client);
    node.Signal(SIGTERM);
    ASSERT_EQ(node.Wait(), 0) << node.output();
    // As a later process sees it, which indexes some of it again and has no time to close it.
    NodeProcess again(CACHEINDEX_BINARY, Arguments());
    const auto port_again = again.WaitForPort(std::chrono::seconds(20));
    ASSERT_TRUE(port_again) << again.output();
    HttpClient reader(*port_again, kKey);
    for (int i = 0; i < kDocuments; i += 3) {
      const std::string path = "/collections/things/documents/" + std::to_string(i);
      ASSERT_EQ(reader.Ask("PATCH", path, R"({"title":"old"})").status, 200);
    }
    Import(reader);
    for (const std::string& question : Questions()) {
      answers_[question] = Seen(reader.Ask("GET", question));
      ASSERT_TRUE(answers_[question].starts_with("200") || answers_[question].starts_with("404"))
          << question << ": " << answers_[question].substr(0, 300);
    }
    ASSERT_TRUE(Eventually([&] { return HaveAllChecksums(data_); }));
    again.Signal(SIGKILL);
    again.Wait();
    fs::rename(data_, good_);
  }

  // The files of one kind, drawn first so that small ones are hit too.
  fs::path DrawFile(std::mt19937_64& random) const {
    std::map<std::string, std::vector<fs::path>> kinds;
    for (const auto& entry : fs::recursive_directory_iterator(data_)) {
      const std::string path = entry.path().string();
      if (!entry.is_regular_file() || entry.file_size() == 0 || path.ends_with("lock.mdb") ||
          path.ends_with("LOCK")) {
        continue;
      }
      const bool is_store = path.find("/stores/") != std::string::npos;
      const std::string kind = path.ends_with("data.mdb") ? (is_store ? "store" : "settings")
                               : path.find("/text-") != std::string::npos ? "text"
                                                                          : "names";
      kinds[kind].push_back(entry.path());
    }
    // The store has most of the kinds of pages.
    const std::vector<std::string> drawn = {"store", "store",    "store", "text",
                                            "text",  "settings", "names"};
    const auto& files = kinds.at(drawn[random() % drawn.size()]);
    return files[random() % files.size()];
  }

  static std::string Damage(const fs::path& file, std::mt19937_64& random) {
    const auto size = static_cast<std::streamoff>(fs::file_size(file));
    std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
    auto place = static_cast<std::streamoff>(random() % static_cast<std::uint64_t>(size));
    if (random() % 3 == 0) {
      place -= place % kPageBytes;
      stream.seekp(place);
      const std::string zeros(static_cast<std::size_t>(std::min(kPageBytes, size - place)), '\0');
      stream.write(zeros.data(), static_cast<std::streamsize>(zeros.size()));
      return file.string() + ", page at " + std::to_string(place) + " zeroed";
    }
    stream.seekg(place);
    const char byte = static_cast<char>(stream.get());
    const auto bit = static_cast<unsigned>(random() % 8);
    stream.seekp(place);
    stream.put(static_cast<char>(static_cast<unsigned char>(byte) ^ 1U << bit));
    return file.string() + ", byte " + std::to_string(place) + ", bit " + std::to_string(bit);
  }

  static void Overwrite(const fs::path& file, std::streamoff place, const std::string& bytes) {
    std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
    stream.seekp(place);
    stream.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    ASSERT_TRUE(stream.flush());
  }

  struct Outcome {
    int wrong = 0;
    int errors = 0;
    bool has_died = false;
    bool has_refused = false;
  };

  // Asks everything of a node that was started on what is there.
  Outcome AskAll(const std::string& what) {
    Outcome outcome;
    NodeProcess node(CACHEINDEX_BINARY, Arguments());
    const auto port = node.WaitForPort(std::chrono::seconds(60));
    if (!port) {
      const int code = node.Wait();
      // Sanitizers end a process with a status of their own.
      outcome.has_refused =
          code == 1 && node.output().find("event=not_started") != std::string::npos;
      outcome.has_died = !outcome.has_refused;
      ShowDeath(what + " (start)", outcome.has_died, code, node.output());
      return outcome;
    }
    HttpClient client(*port, kKey);
    for (const auto& [question, expected] : answers_) {
      const HttpReply reply = client.Ask("GET", question);
      if (reply.status == 0) {
        outcome.has_died = true;
        last_question_ = question;
        break;
      }
      if (const std::string seen = Seen(reply); seen != expected) {
        const bool is_error = reply.status >= 500 || !reply.is_complete;
        ++(is_error ? outcome.errors : outcome.wrong);
        if (!is_error) {
          std::cout << what << ": " << question << " was " << expected.substr(0, 200)
                    << "\n  and is " << seen.substr(0, 200) << '\n';
        }
      }
    }
    node.Signal(SIGTERM);
    const int code = node.Wait();
    outcome.has_died = outcome.has_died || code != 0;
    ShowDeath(what, outcome.has_died, code, node.output());
    return outcome;
  }

  static void ShowDeath(const std::string& what, bool has_died, int code,
                        const std::string& output) {
    constexpr std::size_t kShown = 1'500;
    if (has_died) {
      std::cout << what << ": ended with " << code << '\n'
                << output.substr(output.size() - std::min(output.size(), kShown)) << '\n';
    }
  }

  TempDirectory directory_;
  const fs::path good_ = directory_.path() / "good";
  const fs::path data_ = directory_.path() / "data";
  std::map<std::string, std::string> answers_;
  std::string last_question_;
};

TEST_F(BitRotTest, ATextIndexWhoseFilesChangedIsBuiltAgain) {
  fs::copy(good_, data_, fs::copy_options::recursive);
  int damaged = 0;
  for (const auto& entry : fs::recursive_directory_iterator(data_)) {
    if (entry.path().extension() == ".glass" && entry.file_size() > 0) {
      std::fstream file(entry.path(), std::ios::in | std::ios::out | std::ios::binary);
      const auto place = static_cast<std::streamoff>(entry.file_size() * 2 / 3);
      file.seekg(place);
      const int byte = file.get();
      file.seekp(place);
      file.put(static_cast<char>(byte ^ 4));
      ++damaged;
    }
  }
  ASSERT_GE(damaged, 4);
  NodeProcess node(CACHEINDEX_BINARY, Arguments());
  const auto port = node.WaitForPort(std::chrono::seconds(60));
  ASSERT_TRUE(port) << node.output();
  EXPECT_THAT(node.output(), AllOf(HasSubstr("event=text_index_rebuild"), HasSubstr("indexes=2")));
  HttpClient client(*port, kKey);
  EXPECT_TRUE(Eventually([&] { return client.Ask("GET", "/readyz").status == 200; }));
  for (const auto& [question, expected] : answers_) {
    EXPECT_EQ(Seen(client.Ask("GET", question)), expected) << question;
  }
}

// Pages are lost one after another until one ends the process.
TEST_F(BitRotTest, WhatEndsTheProcessIsFencedOffAndTheOthersAreServed) {
  const fs::path store = data_ / "stores" / "native" / "generation-1" / "data.mdb";
  const auto pages = static_cast<std::streamoff>(
      fs::file_size(good_ / "stores" / "native" / "generation-1" / "data.mdb") / kPageBytes);
  std::string log;
  std::streamoff page = 20;
  for (; page < pages && log.find("collection=things") == std::string::npos; ++page) {
    fs::remove_all(data_);
    fs::copy(good_, data_, fs::copy_options::recursive);
    Overwrite(store, page * kPageBytes, std::string(kPageBytes, '\0'));
    if (AskAll("page " + std::to_string(page)).has_died) {
      ASSERT_TRUE(fs::exists(data_ / "CRASH"));
      NodeProcess node(CACHEINDEX_BINARY, Arguments());
      node.WaitForPort(std::chrono::seconds(60));
      node.Signal(SIGTERM);
      node.Wait();
      log = node.output();
    }
  }
  ASSERT_THAT(log, AllOf(HasSubstr("event=crashed by=\"signal 06\""), HasSubstr("event=fenced"),
                         HasSubstr("restore a backup")));
  EXPECT_FALSE(fs::exists(data_ / "CRASH"));
  {
    NodeProcess node(CACHEINDEX_BINARY, Arguments());
    const auto port = node.WaitForPort(std::chrono::seconds(60));
    ASSERT_TRUE(port) << node.output();
    HttpClient client(*port, kKey);
    const HttpReply others = client.Ask("GET", "/collections/others/documents/3");
    EXPECT_EQ(others.status, 200) << others.body;
    for (const char* const path : {"/collections/things/documents/3", "/collections/things",
                                   "/collections/things/documents/search?q=*", "/collections"}) {
      const HttpReply things = client.Ask("GET", path);
      EXPECT_EQ(things.status, 500) << path << things.body;
      EXPECT_THAT(things.body, AllOf(HasSubstr("things"), HasSubstr("damaged and fenced off")));
    }
    const HttpReply copied = client.Ask("POST", "/operations/snapshot");
    EXPECT_EQ(copied.status, 500) << copied.body;
    EXPECT_THAT(copied.body, HasSubstr("no copy is made"));
    const HttpReply written = client.Ask("POST", "/collections/others/documents?action=upsert",
                                         R"({"id":"3","text":"a","kind":"b"})");
    EXPECT_EQ(written.status, 201) << written.body;
    node.Signal(SIGTERM);
    EXPECT_EQ(node.Wait(), 0);
  }
  // What was put right is served again.
  fs::copy(good_, data_, fs::copy_options::recursive | fs::copy_options::overwrite_existing);
  const Outcome outcome = AskAll("put right");
  EXPECT_EQ(outcome.wrong + outcome.errors, 0);
  EXPECT_FALSE(fs::exists(store.parent_path() / "FENCED"));
}

TEST_F(BitRotTest, NoAnswerIsWrongAndNoDeathRepeats) {
  const auto seed = TestSeed();
  std::cout << "TEST_SEED=" << seed << '\n';
  std::mt19937_64 random(seed);
  std::map<std::string, int> counts;
  for (std::uint64_t round = 0; round < Rounds(); ++round) {
    fs::remove_all(data_);
    fs::copy(good_, data_, fs::copy_options::recursive);
    const std::string what = Damage(DrawFile(random), random);
    const Outcome first = AskAll(what);
    EXPECT_EQ(first.wrong, 0) << what;
    counts["wrong"] += first.wrong > 0 ? 1 : 0;
    counts["refused"] += first.has_refused ? 1 : 0;
    counts["errors"] += first.errors > 0 ? 1 : 0;
    counts["died"] += first.has_died ? 1 : 0;
    if (first.has_died) {
      const Outcome second = AskAll(what);
      EXPECT_FALSE(second.has_died) << what << " at " << last_question_;
      EXPECT_EQ(second.wrong, 0) << what;
      counts["died again"] += second.has_died ? 1 : 0;
    }
  }
  for (const auto& [name, count] : counts) {
    std::cout << name << ": " << count << '\n';
  }
}

}  // namespace
}  // namespace cacheindex::test
