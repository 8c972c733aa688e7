#include <gmock/gmock.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/node_process.h"
#include "tests/support/temp_directory.h"

// `check` refuses whatever `serve` would, with the setting's name and what to do.

namespace cacheindex::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kStrong = "CACHEINDEX_API_KEY=9f3c1a77e2b84d05c6a1";

class CheckTest : public testing::Test {
 protected:
  using Strings = std::vector<std::string>;

  /// Returns the exit code and everything that was printed.
  static std::pair<int, std::string> Run(Strings arguments, Strings variables = {kStrong}) {
    NodeProcess process(CACHEINDEX_BINARY, std::move(arguments), std::move(variables));
    const int code = process.Wait();
    return {code, process.output()};
  }

  std::pair<int, std::string> Check(const Strings& more, Strings variables = {kStrong}) const {
    Strings arguments = {"check", "--data-dir", data()};
    if (std::ranges::find(more, "--listen") == more.end()) {
      arguments.insert(arguments.end(), {"--listen", "127.0.0.1:0"});
    }
    arguments.insert(arguments.end(), more.begin(), more.end());
    return Run(std::move(arguments), std::move(variables));
  }

  /// Both say the same of these lines of a configuration.
  void ExpectRefused(const std::string& lines, const std::string& reason,
                     const Strings& variables = {kStrong}) {
    const std::string file = directory_.path() / "node.toml";
    std::ofstream(file) << "[node]\ndata_directory = \"" + data() + "\"\n" + lines;
    for (const char* command : {"check", "serve"}) {
      const auto [code, printed] = Run({command, "--config", file}, variables);
      EXPECT_EQ(code, 1) << command << ": " << printed;
      EXPECT_THAT(printed, HasSubstr(reason)) << command;
    }
  }

  std::string data() const { return directory_.path() / "data"; }

  TempDirectory directory_;
};

TEST_F(CheckTest, ANodeThatWouldStartIsRightAndNothingIsMade) {
  const auto [code, printed] = Check({});
  EXPECT_EQ(code, 0) << printed;
  EXPECT_NE(::access(data().c_str(), F_OK), 0) << "made by a check";
}

TEST_F(CheckTest, RefusesKeysThatProtectNothing) {
  ExpectRefused("", "an API key is required: set the environment variable CACHEINDEX_API_KEY", {});
  ExpectRefused("", "`http.api_key` has a character that no request can send",
                {"CACHEINDEX_API_KEY=9f3c1a77e2b84d05c6a1\n"});
  for (const char* weak :
       {"CACHEINDEX_API_KEY=short-key", "CACHEINDEX_API_KEY=xyzxyzxyzxyzxyzxyz"}) {
    ExpectRefused("[http]\nlisten = \"0.0.0.0:0\"\ntls_ends_at_proxy = true\n",
                  "`http.api_key` can be guessed", {weak});
    EXPECT_EQ(Check({}, {weak}).first, 0) << "no other machine reaches it";
    EXPECT_EQ(Check({"--tls-ends-at-proxy"}, {weak}).first, 1) << "a proxy does";
  }
  const auto [code, printed] = Check({}, {"CACHEINDEX_APIKEY=9f3c1a77e2b84d05c6a1"});
  EXPECT_EQ(code, 1);
  EXPECT_THAT(printed, AllOf(HasSubstr("did you mean `CACHEINDEX_API_KEY`?"),
                             Not(HasSubstr("9f3c1a77e2b84d05c6a1"))));
  // As a container of the name is announced to others.
  EXPECT_EQ(Check({}, {kStrong, "CACHEINDEX_PORT=tcp://10.0.0.1:8108"}).first, 0);
}

TEST_F(CheckTest, RefusesAddresses) {
  for (const char* listen : {"localhost:8108", ":8108", "127.0.0.1:70000"}) {
    ExpectRefused("[http]\nlisten = \"" + std::string(listen) + "\"\n",
                  "`http.listen` must be a numeric address and a port");
  }
  for (const char* listen : {"0.0.0.0:0", "[::]:0", "[::ffff:192.0.2.1]:0"}) {
    ExpectRefused("[http]\nlisten = \"" + std::string(listen) + "\"\n",
                  "is reached by other machines, and keys and documents would cross the network "
                  "unencrypted");
  }
  const auto [code, printed] = Check({"--listen", "192.0.2.1:8108", "--tls-ends-at-proxy"});
  EXPECT_EQ(code, 1);
  EXPECT_THAT(printed, HasSubstr("`http.listen` = 192.0.2.1:8108: Cannot assign requested address; "
                                 "choose an address of this machine"));
  EXPECT_EQ(Check({"--listen", "0.0.0.0:0", "--tls-ends-at-proxy"}).first, 0);
  EXPECT_EQ(Check({"--listen", "127.1.2.3:0"}).first, 0);
}

TEST_F(CheckTest, AnotherProgramOnThePortIsInTheWayAndARunningNodeIsNot) {
  NodeProcess node(CACHEINDEX_BINARY, {"serve", "--data-dir", data(), "--listen", "127.0.0.1:0"},
                   {kStrong});
  const auto port = node.WaitForPort(std::chrono::seconds(60));
  ASSERT_TRUE(port) << node.output();
  const std::string listen = "127.0.0.1:" + std::to_string(*port);
  const auto own = Run({"check", "--data-dir", data(), "--listen", listen});
  EXPECT_EQ(own.first, 0) << own.second;
  EXPECT_THAT(own.second, HasSubstr("note: `http.listen` = " + listen));
  const auto other = Run({"check", "--data-dir", directory_.path() / "other", "--listen", listen});
  EXPECT_EQ(other.first, 1);
  EXPECT_THAT(other.second, HasSubstr("stop the program that listens there"));
}

TEST_F(CheckTest, RefusesCertificatesThatCannotBeUsed) {
  ExpectRefused("[http]\ncertificate_file = \"/nowhere/c.pem\"\n",
                "`http.certificate_key_file` is missing");
  ExpectRefused(
      "[http]\ncertificate_file = \"/nowhere/c.pem\"\ncertificate_key_file = \"/nowhere/k.pem\"\n",
      "`http.certificate_file`, `http.certificate_key_file`: read TLS certificate /nowhere/c.pem: "
      "No such file or directory");
}

TEST_F(CheckTest, RefusesDirectoriesThatCannotBeWritten) {
  EXPECT_THAT(Run({"check", "--listen", "127.0.0.1:0"}).second,
              HasSubstr("a data directory is required"));
  const std::string file = directory_.path() / "file";
  std::ofstream(file) << "no directory";
  for (const std::string& directory : {file, file + "/data"}) {
    const auto [code, printed] = Run({"check", "--data-dir", directory, "--listen", "127.0.0.1:0"});
    EXPECT_EQ(code, 1) << directory;
    EXPECT_THAT(printed, HasSubstr("`node.data_directory` = " + directory + " cannot be written"));
  }
}

TEST_F(CheckTest, RefusesSizesThatDoNotFitTogether) {
  ExpectRefused("[store]\nmap_size_bytes = 4194304\nmap_size_max_bytes = 2097152\n",
                "`store.map_size_bytes` = 4194304 must not be above `store.map_size_max_bytes`");
  ExpectRefused("[http]\nbuffered_bytes_max = 2097152\n",
                "`http.body_bytes_max` = 33554432 must not be above `http.buffered_bytes_max`");
  ExpectRefused("[store]\nmap_size_max_bytes = 9000000000000000000\n",
                "`store.map_size_max_bytes` must be a whole number from");
  ExpectRefused("[http]\nhead_timeout_ms = 0\n", "`http.head_timeout_ms` must be a whole number");
}

TEST_F(CheckTest, NamesAllMistakesOfAllSourcesAtOnce) {
  const std::string file = directory_.path() / "node.toml";
  std::ofstream(file) << R"(
[source.shop]
kind = "postgres"
conection = "host=/nowhere"
publication = "p"
backoff_min_ms = -1

[[source.shop.collection]]
name = "products"
root = "product"
filters = "published = true"
fields = [{ name = "title", from = "(title" }, { name = "price", facets = true },
          { name = "brand", from = "brand[.name" }]

[[source.shop.collection]]
name = "brands"
root = "brand"
fields = [{ name = "name", facets = true }]
sorting = "name"

[source.other]
kind = "mysql"
)";
  const auto [code, printed] = Run({"check", "--config", file});
  EXPECT_EQ(code, 1);
  for (const char* mistake :
       {"no key `source.shop.conection`; did you mean `connection`?", "`source.shop.connection` is",
        "`source.shop.backoff_min_ms` must be", "collection \"products\": field \"title\" = ",
        "collection \"products\": field \"brand\" = ",
        "collection \"products\": there is no key `filters`; did you mean `filter`?",
        "collection \"products\": field \"price\": there is no key `facets`",
        "collection \"brands\": there is no key `sorting`",
        "collection \"brands\": field \"name\": there is no key `facets`; did you mean `facet`?",
        "`source.other.kind` must be \"postgres\"", "`source.other.connection` is required"}) {
    EXPECT_THAT(printed, HasSubstr(mistake));
  }
}

TEST_F(CheckTest, ACollectionThatIsNoTableIsAMistakeLikeOthers) {
  for (const char* const collections : {"[\"products\"]", "[1]", "\"products\"", "[]"}) {
    ExpectRefused(std::string("[source.shop]\nkind = \"postgres\"\nconnection = \"host=/nowhere\"\n"
                              "publication = \"p\"\ncollection = ") +
                      collections + "\n",
                  "`source.shop.collection`");
  }
}

TEST_F(CheckTest, NamesOfSectionsKeysOptionsAndCommandsAreRefusedWithTheNearest) {
  ExpectRefused("[htpp]\n", "there is no section `htpp`; did you mean `http`?");
  ExpectRefused("[sources.shop]\n", "there is no section `sources`; did you mean `source`?");
  ExpectRefused("[http]\nlisten_adress = \"127.0.0.1:1\"\n",
                "there is no key `http.listen_adress`");
  for (const auto& [arguments, meant] : std::vector<std::pair<Strings, std::string>>{
           {{"serve", "--data-dri", data()}, "`--data-dri`: did you mean `--data-dir`?"},
           {{"check", "--lisen=127.0.0.1:0"}, "`--lisen`: did you mean `--listen`?"},
           {{"chek"}, "`chek`: did you mean `check`?"}}) {
    const auto [code, printed] = Run(arguments);
    EXPECT_EQ(code, 2) << printed;
    EXPECT_THAT(printed, HasSubstr(meant));
  }
  EXPECT_EQ(Run({"--help"}).first, 0);
}

}  // namespace
}  // namespace cacheindex::test
