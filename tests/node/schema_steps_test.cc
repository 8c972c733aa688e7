// A node whose schema changes while it serves: after every step its snapshot can be restored, and
// `verify` has nothing to say.

#include <gmock/gmock.h>

#include <csignal>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "node/core/json.h"
#include "tests/support/http_client.h"
#include "tests/support/lines.h"
#include "tests/support/node_process.h"
#include "tests/support/temp_directory.h"

namespace cacheindex::test {
namespace {

constexpr const char* kKey = "steps-key";

class SchemaStepsTest : public testing::Test {
 protected:
  void SetUp() override { Start(); }

  void Start() {
    node_.emplace(CACHEINDEX_BINARY,
                  std::vector<std::string>{"serve", "--data-dir", Data(), "--listen", "127.0.0.1:0",
                                           "--api-key", kKey});
    const auto port = node_->WaitForPort(std::chrono::seconds(60));
    ASSERT_TRUE(port) << node_->output();
    client_.emplace(*port, kKey);
  }
  void Kill() {
    node_->Signal(SIGKILL);
    node_->Wait();
  }

  std::string Data() const { return directory_.path() / "data"; }

  HttpReply Ask(std::string_view method, const std::string& target, std::string_view body = {}) {
    return client_->Ask(method, target, body);
  }
  // What must succeed, and leave a node that can be backed up.
  void Step(std::string_view method, const std::string& target, std::string_view body) {
    SCOPED_TRACE(std::string(method) + ' ' + target + ' ' + std::string(body));
    const HttpReply reply = Ask(method, target, body);
    ASSERT_EQ(reply.status / 100, 2) << reply.body;
    for (const std::string& line : LinesOf(reply.body)) {
      ASSERT_THAT(line, testing::Not(testing::HasSubstr(R"("success":false)")));
    }
    CheckBackup();
  }
  void Import(std::string_view lines) {
    Step("POST", "/collections/things/documents/import?action=upsert", lines);
  }
  void Change(std::string_view fields) {
    Step("PATCH", "/collections/things", R"({"fields":)" + std::string(fields) + "}");
  }

  void CheckBackup() {
    const std::string name = std::to_string(++backups_);
    const std::filesystem::path copy = directory_.path() / ("copy" + name);
    ASSERT_EQ(
        Ask("POST", "/operations/snapshot?snapshot_path=" + PercentEncoded(copy.string())).status,
        201);
    const std::filesystem::path restored = directory_.path() / ("restored" + name);
    Run({"restore", "--from", copy, "--data-dir", restored});
    Run({"verify", "--data-dir", restored});
    std::filesystem::remove_all(copy);
    std::filesystem::remove_all(restored);
  }
  static void Run(const std::vector<std::string>& arguments) {
    NodeProcess process(CACHEINDEX_BINARY, arguments);
    const int code = process.Wait();
    EXPECT_EQ(code, 0) << process.output();
  }

  std::vector<std::string> Found(const std::string& filter_by) {
    const HttpReply reply = Ask("GET",
                                "/collections/things/documents/search?q=*&sort_by=rank:asc"
                                "&filter_by=" +
                                    PercentEncoded(filter_by));
    const auto page = ParseJson(reply.body);
    std::vector<std::string> ids;
    if (!page || !page->contains("hits")) {
      return {reply.body};
    }
    for (const Json& hit : page->at("hits")) {
      ids.push_back(hit.at("document").at("id").get<std::string>());
    }
    return ids;
  }

  TempDirectory directory_;
  std::optional<NodeProcess> node_;
  std::optional<HttpClient> client_;
  int backups_ = 0;
};

TEST_F(SchemaStepsTest, EveryStepLeavesColumnsThatAgreeWithTheDocuments) {
  using testing::ElementsAre;
  Step("POST", "/collections", R"({"name":"things","enable_nested_fields":true,"fields":[
      {"name":"rank","type":"int32"},{"name":"attr_.*","type":"string","facet":true},
      {"name":"pri.*","type":"auto"},{"name":"o","type":"object","optional":true}]})");
  Import(R"({"id":"1","rank":1,"attr_color":"red","price":10,"o":{"a":"x"}})");
  Change(R"([{"name":"attr_color","drop":true}])");
  Import(R"({"id":"2","rank":2,"attr_color":"red","price":12.99,"o":{"a":"x"}})");
  EXPECT_THAT(Found("attr_color:=red"), ElementsAre("1", "2"));
  EXPECT_THAT(Found("attr_color:!=red"), ElementsAre());
  EXPECT_THAT(Found("price:>=10"), ElementsAre("1", "2"));
  Change(R"([{"name":"o.a","drop":true},{"name":"price","drop":true}])");
  Import(
      "{\"id\":\"3\",\"rank\":3,\"price\":11}\n"
      R"({"id":"4","rank":4,"o":{"a":"y"}})");
  EXPECT_THAT(Found("price:<12"), ElementsAre("1", "3"));
  EXPECT_THAT(Found("o.a:!=y"), ElementsAre("1", "2", "3"));
  Change(R"([{"name":"o","drop":true},{"name":"o","type":"object","optional":true},
             {"name":"attr_.*","drop":true},{"name":".*","type":"auto"}])");
  EXPECT_THAT(Found("o.a:=x"), ElementsAre("1", "2"));
  // All that was answered for is there after a kill.
  Change(R"([{"name":"price","drop":true}])");
  Import(R"({"id":"5","rank":5,"price":0.5})");
  Kill();
  Run({"verify", "--data-dir", Data()});
  Start();
  EXPECT_THAT(Found("price:<=11"), ElementsAre("1", "3", "5"));
}

}  // namespace
}  // namespace cacheindex::test
