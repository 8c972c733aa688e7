// Checks properties of the source text itself. Runs with the other tests, so a rule is either
// enforced here or it is not a rule.
//
// The tests at the end hand each rule a sample that breaks it, so that none of them is green
// because it looks at nothing.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/tidy/rooms.h"
#include "tests/tidy/rules.h"

namespace cacheindex::tidy {
namespace {

namespace fs = std::filesystem;

// Every file there is, whatever it is called, but for what git keeps and builds make.
std::vector<SourceFile> ReadProject() {
  const fs::path root = CACHEINDEX_SOURCE_DIR;
  std::vector<SourceFile> files;
  for (auto entry = fs::recursive_directory_iterator(root);
       entry != fs::recursive_directory_iterator(); ++entry) {
    const std::string path = fs::relative(entry->path(), root);
    if (entry->is_directory()) {
      if (path == ".git" || path == "build" || path.starts_with("build-")) {
        entry.disable_recursion_pending();
      }
    } else if (path != ".git" && entry->path().filename() != "LICENSE") {
      std::ifstream stream(entry->path());
      files.push_back({path, std::string(std::istreambuf_iterator<char>(stream), {})});
    }
  }
  return files;
}

TEST(Tidy, TheProjectFollowsTheRules) {
  const std::vector<SourceFile> files = ReadProject();
  ASSERT_GT(std::count_if(files.begin(), files.end(),
                          [](const SourceFile& file) { return IsCode(file.path); }),
            10)
      << "looked in the wrong directory?";
  const std::set<std::string> public_headers = PublicHeaders(files);
  ASSERT_TRUE(public_headers.contains("node/core/result.h")) << "FILE_SETs are not understood";

  const Documents documents = DocumentsOf(files);
  ASSERT_TRUE(documents.contains("api/README.md")) << "documents are not understood";

  Findings findings = CheckOrphans(files);
  const auto add = [&findings](Findings more) {
    findings.insert(findings.end(), more.begin(), more.end());
  };
  for (const SourceFile& file : files) {
    add(CheckWords(file));
    if (IsCode(file.path) || file.path.ends_with(".py") || file.path == "dev") {
      add(CheckShape(file));
    }
    if (IsCode(file.path)) {
      add(CheckIncludes(file, public_headers));
    }
    if (file.path.ends_with(".md")) {
      add(CheckLinks(file, files));
    } else if (!file.path.ends_with(".json")) {
      add(CheckCitations(file, documents));
    }
  }
  for (const std::string& finding : findings) {
    ADD_FAILURE() << finding;
  }
}

// Printed for whoever wants to see it; CheckIncludes finds what leads up.
TEST(Tidy, TheRoomsStandOnEachOther) {
  const std::vector<std::string> arrows = IncludeGraph(ReadProject());
  for (const std::string& arrow : arrows) {
    std::cout << arrow << '\n';
  }
  EXPECT_GT(arrows.size(), 50U);
}

// ---- The rules find what they look for ----

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(TidyRules, ShapeFindsLongFilesLongLinesAndMissingPragma) {
  EXPECT_THAT(CheckShape({"cache/a.h", "#pragma once\nint a;\n"}), IsEmpty());
  EXPECT_THAT(CheckShape({"cache/a.h", "// hello\n#pragma once\n"}), SizeIs(1));
  EXPECT_THAT(CheckShape({"cache/a.cc", std::string(kLineLengthMax + 1, 'a')}), SizeIs(1));
  EXPECT_THAT(CheckShape({"cache/a.cc", std::string(kFileLinesMax + 1, '\n')}), SizeIs(1));
}

TEST(TidyRules, WordsFindLeftOversPathsAndDisabledTests) {
  EXPECT_THAT(CheckWords({"README.md",
                          "a/ho"
                          "me/b and $x/wo"
                          "rk/y are fine\n"}),
              IsEmpty());
  EXPECT_THAT(CheckWords({"README.md",
                          "// TO"
                          "DO: more\n"}),
              SizeIs(1));
  EXPECT_THAT(CheckWords({"dev",
                          "cd /ho"
                          "me/me/project\n"}),
              SizeIs(1));
  EXPECT_THAT(CheckWords({"dev",
                          "/wo"
                          "rk/x\n"}),
              SizeIs(1));
  EXPECT_THAT(CheckWords({"tests/a_test.cc",
                          "TEST(A, DISA"
                          "BLED_B) {\n"}),
              SizeIs(1));
}

TEST(TidyRules, WordsFindPathsOfOneMachineInEveryKindOfFile) {
  for (const char* path :
       {"a.mjs", "a.sql", "a.py", ".clang-tidy", "CMakeLists.txt", "a_test.cc"}) {
    for (const char* folder : {"ho"
                               "me",
                               "ro"
                               "ot",
                               "wo"
                               "rk",
                               "Us"
                               "ers"}) {
      for (const char* before : {"", " ", "\"", "file:/", "=", "("}) {
        const std::string line = std::string(before) + '/' + folder + "/project";
        EXPECT_THAT(CheckWords({path, line}), SizeIs(1)) << path << ": " << line;
      }
    }
  }
}

TEST(TidyRules, NobodySleeps) {
  for (const char* line : {"std::this_thread::sleep_"
                           "for(pause);",
                           "  sle"
                           "ep 0.1",
                           "while :; do sle"
                           "ep $pause; done",
                           "time.sle"
                           "ep(1)",
                           "usle"
                           "ep(10);"}) {
    EXPECT_THAT(CheckWords({"tests/a_test.cc", line}), SizeIs(1)) << line;
    EXPECT_THAT(CheckWords({"cache/a.cc", line}), SizeIs(1)) << line;
    EXPECT_THAT(CheckWords({"tests/support/eventually.h", line}), IsEmpty()) << line;
  }
  EXPECT_THAT(CheckWords({"README.md", "a thread that sleeps, a sleeping bag, asleep(1)"}),
              IsEmpty());
}

TEST(TidyRules, OnlyTheNodePrints) {
  for (const char* line :
       {"std::cerr << 1;", "printf(\"\");", "std::fprintf(stderr);", "spdlog::x"}) {
    EXPECT_THAT(CheckWords({"cache/a.cc", line}), SizeIs(1)) << line;
    EXPECT_THAT(CheckWords({"node/core/a.cc", line}), SizeIs(1)) << line;
    EXPECT_THAT(CheckWords({"node/a.cc", line}), IsEmpty()) << line;
  }
  EXPECT_THAT(CheckWords({"cache/a.cc", "std::snprintf(buffer, 1);"}), IsEmpty());
}

TEST(TidyRules, IncludesPointDownAndToPublicHeaders) {
  const std::set<std::string> public_headers = {"cache/store.h", "node/core/result.h",
                                                "api/server.h"};
  const auto check = [&](const char* path, const char* name) {
    return CheckIncludes({path, std::string("#include \"") + name + "\"\n"}, public_headers);
  };
  EXPECT_THAT(check("index/a.cc", "cache/store.h"), IsEmpty());
  EXPECT_THAT(check("index/a.cc", "index/private.h"), IsEmpty());
  EXPECT_THAT(check("node/a.cc", "api/server.h"), IsEmpty());
  EXPECT_THAT(check("tests/cache/a.cc", "cache/private.h"), IsEmpty());
  EXPECT_THAT(check("index/a.cc", "cache/private.h"), SizeIs(1));
  EXPECT_THAT(check("cache/a.cc", "index/a.h"), SizeIs(1));
  EXPECT_THAT(check("api/a.cc", "cache/store.h"), SizeIs(1));
  EXPECT_THAT(check("api/a.cc", "node/config/config.h"), SizeIs(1));
  EXPECT_THAT(check("node/core/a.h", "cache/store.h"), SizeIs(1));
}

TEST(TidyRules, IncludesOfRoomsPointDown) {
  const auto check = [](const char* path, const char* name) {
    return CheckIncludes({path, std::string("#include \"") + name + "\"\n"}, {});
  };
  EXPECT_THAT(check("index/match/a.cc", "index/text/b.h"), IsEmpty());
  EXPECT_THAT(check("index/match/a.cc", "index/match/b.h"), IsEmpty());
  EXPECT_THAT(check("index/a.cc", "index/search/b.h"), IsEmpty());
  EXPECT_THAT(check("node/commands/a.cc", "node/node.h"), IsEmpty());
  EXPECT_THAT(check("index/text/a.cc", "index/match/b.h"), ElementsAre(HasSubstr("above")));
  EXPECT_THAT(check("index/search/a.cc", "index/search_index.h"), SizeIs(1));
  EXPECT_THAT(check("node/node.cc", "node/commands/b.h"), SizeIs(1));
  EXPECT_EQ(RoomOf("node/core/a.h"), "node/core");
  EXPECT_EQ(RoomOf("node/a.h"), "node");
  EXPECT_EQ(RoomOf("tests/index/a.h"), "");
  EXPECT_THAT(IncludeGraph({{"index/text/a.cc", "#include \"cache/a.h\"\n#include <vector>\n"},
                            {"index/text/b.cc", "#include \"cache/b.h\"\n"}}),
              ElementsAre("index/text -> cache 2"));
}

TEST(TidyRules, AForeignLibraryHasOneFolder) {
  const auto check = [](const char* path, const char* name) {
    return CheckIncludes({path, std::string("#include <") + name + ">\n"}, {});
  };
  EXPECT_THAT(check("cache/a.cc", "lmdb.h"), IsEmpty());
  EXPECT_THAT(check("api/content_encoding.cc", "zstd.h"), IsEmpty());
  EXPECT_THAT(check("node/a.cc", "spdlog/spdlog.h"), IsEmpty());
  EXPECT_THAT(check("index/a.cc", "unicode/brkiter.h"), IsEmpty());
  EXPECT_THAT(check("replication/rows/value_reading.cc", "unicode/uchar.h"), IsEmpty());
  EXPECT_THAT(check("replication/a.cc", "unicode/uchar.h"), SizeIs(1));
  EXPECT_THAT(check("index/a.cc", "lmdb.h"), SizeIs(1));
  EXPECT_THAT(check("api/a.cc", "zstd.h"), SizeIs(1));
  EXPECT_THAT(check("node/core/a.cc", "spdlog/spdlog.h"), SizeIs(1));
  EXPECT_THAT(check("cache/a.cc", "nlohmann/json.hpp"), SizeIs(1));
  EXPECT_THAT(check("node/a.cc", "httplib.h"), SizeIs(1));
}

TEST(TidyRules, OrphansAreFound) {
  const std::vector<SourceFile> files = {
      {"CMakeLists.txt", "add_subdirectory(cache)\n"},
      {"cache/CMakeLists.txt", "add_library(c STATIC store.cc\n  # forgotten.cc\n  deep/a.cc)\n"},
      {"cache/store.cc", ""},
      {"cache/deep/a.cc", ""},
      {"cache/forgotten.cc", ""},
      {"index/CMakeLists.txt", ""},
  };
  EXPECT_THAT(CheckOrphans(files),
              ElementsAre(HasSubstr("cache/forgotten.cc"), HasSubstr("index/CMakeLists.txt")));
}

TEST(TidyRules, PublicHeadersComeFromTheBuildFiles) {
  EXPECT_THAT(PublicHeaders({{"cache/CMakeLists.txt",
                              "add_library(c STATIC private.h)\n"
                              "target_sources(c PUBLIC FILE_SET HEADERS BASE_DIRS x\n"
                              "  FILES store.h view.h)\ntarget_link_libraries(c PUBLIC core)\n"}}),
              ElementsAre("cache/store.h", "cache/view.h"));
}

TEST(TidyRules, CitationsPointToWhatExists) {
  const Documents documents =
      DocumentsOf({{"api/README.md", "# api\n\n## 2. Clients\n\n### 2.7 Keys\n"},
                   {"replication/README.md", "### 3. Requirements\n\n- **B26.** One bad table.\n"},
                   {"README.md", "### Invariants\n\n1. Durable.\n\n## Measured\n\n2. No.\n"}});
  const auto check = [&](const std::string& text) {
    return CheckCitations({"cache/a.h", text}, documents);
  };
  for (const char* text :
       {"/// (api/README.md 2.7).\n", "/// api/README.md 2,\n/// 2.7 and more\n",
        "/// as api/README.md\n  /// 2.7 says\n", "# replication/README.md B26: a\n",
        "// README.md, \"Measured\": fast\n", "/// durable (invariant 1), invariants 1\n",
        "TEST(A, Requirement"
        "B26_X)\n",
        "\"${PROJECT_SOURCE_DIR}/api/README.md\"\n", "a.mdb, \"README.md\", 7\n",
        "ALTER ROLE a REPLI"
        "CATION;\n"}) {
    EXPECT_THAT(check(text), IsEmpty()) << text;
  }
  for (const char* text : {"/// (A"
                           "PI.m"
                           "d 2.7)\n",
                           "/// (DES"
                           "IGN section 9)\n",
                           "/// REPLI"
                           "CATION, requirement 38\n",
                           "// PERFOR"
                           "MANCE: 219 of 500\n",
                           "/// api/README.m"
                           "d\n  /// 2.8 says\n",
                           "/// (api/README.m"
                           "d 2, 2.9)\n",
                           "// README.m"
                           "d, \"Measures\"\n",
                           "/// api/README.m"
                           "d, section 3.\n",
                           "/// replication/README.m"
                           "d B2\n",
                           "/// (invariant "
                           "2)\n",
                           "TEST(A, Requirement"
                           "B26B27_X)\n"}) {
    EXPECT_THAT(check(text), SizeIs(1)) << text;
  }
  EXPECT_THAT(check("\n/// one\n/// cache/README.m"
                    "d\n"),
              ElementsAre(HasSubstr("cache/a.h:3 ")));
}

TEST(TidyRules, LinksLeadSomewhere) {
  const std::vector<SourceFile> files = {{"README.md", "## On disk\n"},
                                         {"api/README.md", "### 2.7 Keys, `a` and b\n"},
                                         {"api/server.h", ""}};
  const auto check = [&](const char* text) { return CheckLinks({"api/README.md", text}, files); };
  for (const char* text : {"[a](server.h)",
                           "[a](../README.m"
                           "d#on-disk)",
                           "[a](../api/)", "[a](#27-keys-a-and-b)", "[a](https://example.org/b)"}) {
    EXPECT_THAT(check(text), IsEmpty()) << text;
  }
  for (const char* text : {"[a](servers.h)",
                           "[a](../README.m"
                           "d#disk)",
                           "[a](server.h#disk)", "[a](../cache/)", "[a](#27-keys)"}) {
    EXPECT_THAT(check(text), SizeIs(1)) << text;
  }
}

}  // namespace
}  // namespace cacheindex::tidy
