#include "tests/tidy/rules.h"

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <map>
#include <regex>
#include <sstream>
#include <utility>

#include "tests/support/lines.h"

namespace cacheindex::tidy {
namespace {

namespace fs = std::filesystem;
using test::LinesOf;

constexpr std::string_view kInclude = "#include ";

// What each folder may include besides itself. The order is the architecture: whatever stands in
// no row (tests, benchmarks) may include everything.
const std::map<std::string, std::set<std::string>> kMayInclude = {
    {"node/core", {}},
    {"cache", {"node/core"}},
    {"index", {"cache", "node/core"}},
    {"replication", {"cache", "node/core"}},
    {"api", {"node/core"}},
    {"node", {"node/core", "cache", "index", "replication", "api"}},
};

// One folder, one foreign library. The longest prefix that fits an included name counts.
const std::map<std::string, std::string> kOwnerOf = {
    {"lmdb.h", "cache"},     {"zstd.h", "cache"},      {"zdict.h", "cache"},
    {"xxhash.h", "cache"},   {"xapian.h", "index"},    {"xapian/", "index"},
    {"unicode/", "index"},   {"httplib.h", "api"},     {"openssl/", "api"},
    {"zlib.h", "api"},       {"libpq", "replication"}, {"nlohmann/", "node/core"},
    {"spdlog/", "node"},     {"toml++/", "node"},      {"CLI/", "node"},
    {"prometheus/", "node"}, {"libxml/", "replication"},
};

// Answers are compressed where they are sent, with the same library that compresses what is stored;
// characters have the same cases wherever texts are compared.
const std::set<std::pair<std::string, std::string>> kForeignExceptions = {
    {"api/content_encoding.cc", "zstd.h"},
    {"replication/text_functions.cc", "unicode/uchar.h"},
    {"replication/text_functions.cc", "unicode/utf8.h"},
    {"replication/value_reading.cc", "unicode/locid.h"},
    {"replication/value_reading.cc", "unicode/uchar.h"},
    {"replication/value_reading.cc", "unicode/unistr.h"}};

// Whoever waits waits on something; where nothing announces itself, this one looks again.
const std::set<std::string> kMaySleep = {"tests/support/eventually.h"};

std::string FolderOf(std::string_view path) {
  if (path.starts_with("node/core/")) {
    return "node/core";
  }
  return std::string(path.substr(0, path.find('/')));
}

bool IsProduction(std::string_view path) { return kMayInclude.contains(FolderOf(path)); }

bool IsBuildFile(const fs::path& path) {
  return path.filename() == "CMakeLists.txt" || path.extension() == ".cmake";
}

// Characters, not bytes: UTF-8 continuation bytes start no column.
std::size_t ColumnsOf(std::string_view line) {
  return static_cast<std::size_t>(
      std::count_if(line.begin(), line.end(), [](char byte) { return (byte & 0xc0) != 0x80; }));
}

// The words of a build file without its comments, so that a commented-out source is not listed.
std::vector<std::string> BuildWords(const std::string& text) {
  std::vector<std::string> words;
  for (const std::string& line : LinesOf(text)) {
    std::string code = line.substr(0, line.find('#'));
    std::replace_if(
        code.begin(), code.end(), [](char c) { return c == '(' || c == ')'; }, ' ');
    std::istringstream stream(code);
    words.insert(words.end(), std::istream_iterator<std::string>(stream), {});
  }
  return words;
}

// Words that files may not contain.
struct WordRule {
  std::string_view finding;
  // One of these is in whatever fits the pattern. Looking for them is so much cheaper that it
  // decides how long this test takes.
  std::vector<std::string_view> signs;
  std::regex pattern;
  bool (*applies_to)(const SourceFile& file);
};

bool IsAny(const SourceFile&) { return true; }
bool MaySleep(const SourceFile& file) { return kMaySleep.contains(file.path); }
bool MayPrint(const SourceFile& file) {
  return !IsCode(file.path) || !IsProduction(file.path) || FolderOf(file.path) == "node";
}

// Spelled in halves, here and in the samples of the test: these files are checked as well.
const std::vector<WordRule>& WordRules() {
  static const std::vector<WordRule> kRules = {
      {"leaves something to be done",
       {"TO"
        "DO",
        "FIX"
        "ME",
        "XX"
        "X"},
       std::regex("\\b(TO"
                  "DO|FIX"
                  "ME|XX"
                  "X)\\b"),
       IsAny},
      {"contains a path of one machine",
       {"/ho"
        "me/",
        "/ro"
        "ot/",
        "/wo"
        "rk/",
        "/Us"
        "ers/"},
       std::regex("(^|[^A-Za-z0-9_.$}])/(ho"
                  "me|ro"
                  "ot|wo"
                  "rk|Us"
                  "ers)/"),
       IsAny},
      {"disables a test",
       {"DISA"
        "BLED_",
        "GTEST_"
        "SKIP"},
       std::regex("\\bDISA"
                  "BLED_|\\bGTEST_"
                  "SKIP"),
       IsAny},
      {"sleeps instead of waiting for something",
       {"sleep"},
       std::regex("\\b(sleep_for|sleep_until|u?sleep|nanosleep)\\(|"
                  "(^|[;&|(]|\\bdo|\\bthen)\\s*sleep\\s+[0-9$]"),
       [](const SourceFile& file) { return !MaySleep(file); }},
      {"logs or prints; only node/ does",
       {"spdlog", "std::c", "printf"},
       std::regex("\\bspdlog\\b|std::(cerr|cout|clog)\\b|\\b(f|v|vf)?printf\\("),
       [](const SourceFile& file) { return !MayPrint(file); }},
  };
  return kRules;
}

bool HasSign(const WordRule& rule, const std::string& line) {
  return std::any_of(rule.signs.begin(), rule.signs.end(),
                     [&](std::string_view sign) { return line.find(sign) != std::string::npos; });
}

std::string OwnerOf(std::string_view header) {
  std::size_t longest = 0;
  std::string owner;
  for (const auto& [prefix, folder] : kOwnerOf) {
    if (header.starts_with(prefix) && prefix.size() > longest) {
      longest = prefix.size();
      owner = folder;
    }
  }
  return owner;
}

}  // namespace

bool IsCode(std::string_view path) { return path.ends_with(".h") || path.ends_with(".cc"); }

Findings CheckShape(const SourceFile& file) {
  Findings findings;
  const std::vector<std::string> lines = LinesOf(file.text);
  if (lines.size() > kFileLinesMax) {
    findings.push_back(file.path + " is too long; split it");
  }
  if (file.path.ends_with(".h") && (lines.empty() || lines.front() != "#pragma once")) {
    findings.push_back(file.path + " does not start with #pragma once");
  }
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (ColumnsOf(lines[i]) > kLineLengthMax) {
      findings.push_back(file.path + ':' + std::to_string(i + 1) + " is longer than 100 columns");
    }
  }
  return findings;
}

Findings CheckWords(const SourceFile& file) {
  Findings findings;
  const std::vector<std::string> lines = LinesOf(file.text);
  for (const WordRule& rule : WordRules()) {
    if (!rule.applies_to(file)) {
      continue;
    }
    for (std::size_t i = 0; i < lines.size(); ++i) {
      if (HasSign(rule, lines[i]) && std::regex_search(lines[i], rule.pattern)) {
        findings.push_back(file.path + ':' + std::to_string(i + 1) + ' ' +
                           std::string(rule.finding));
      }
    }
  }
  return findings;
}

Findings CheckIncludes(const SourceFile& file, const std::set<std::string>& public_headers) {
  Findings findings;
  const std::string folder = FolderOf(file.path);
  if (!IsProduction(file.path)) {
    return findings;
  }
  const std::set<std::string>& allowed = kMayInclude.at(folder);
  for (const std::string& line : LinesOf(file.text)) {
    if (!line.starts_with(kInclude) || line.size() <= kInclude.size() + 1) {
      continue;
    }
    const std::string rest = line.substr(kInclude.size());
    const std::string name = rest.substr(1, rest.find_first_of(">\"", 1) - 1);
    const std::string owner = OwnerOf(name);
    if (!owner.empty() && owner != folder && !kForeignExceptions.contains({file.path, name})) {
      findings.push_back(file.path + " includes " + name + ", which belongs to " + owner);
    }
    const std::string target = FolderOf(name);
    if (rest.front() != '"' || target == folder) {
      continue;
    }
    if (!allowed.contains(target)) {
      findings.push_back(file.path + " may not include " + name);
    } else if (!public_headers.contains(name)) {
      findings.push_back(file.path + " includes " + name + ", which is not in a FILE_SET");
    }
  }
  return findings;
}

std::set<std::string> PublicHeaders(const std::vector<SourceFile>& files) {
  std::set<std::string> headers;
  for (const SourceFile& file : files) {
    if (!IsBuildFile(file.path)) {
      continue;
    }
    const std::vector<std::string> words = BuildWords(file.text);
    auto word = std::find(words.begin(), words.end(), "FILE_SET");
    for (word = std::find(word, words.end(), "FILES"); word != words.end(); ++word) {
      if (word->ends_with(".h")) {
        headers.insert(fs::path(file.path).parent_path() / *word);
      }
    }
  }
  return headers;
}

Findings CheckOrphans(const std::vector<SourceFile>& files) {
  std::map<std::string, std::vector<std::string>> words_of;
  for (const SourceFile& file : files) {
    if (IsBuildFile(file.path)) {
      auto& words = words_of[fs::path(file.path).parent_path()];
      const auto more = BuildWords(file.text);
      words.insert(words.end(), more.begin(), more.end());
    }
  }
  Findings findings;
  for (const SourceFile& file : files) {
    const fs::path path = file.path;
    const bool is_folder = path.filename() == "CMakeLists.txt";
    if ((path.extension() != ".cc" && !IsBuildFile(path)) || path == "CMakeLists.txt") {
      continue;
    }
    // A folder's build file is named by the folder.
    const fs::path named = is_folder ? path.parent_path() : path;
    bool is_named = false;
    for (fs::path folder = named.parent_path(); !is_named; folder = folder.parent_path()) {
      const auto words = words_of.find(folder);
      is_named = words != words_of.end() &&
                 std::find(words->second.begin(), words->second.end(),
                           named.lexically_relative(folder.empty() ? fs::path(".") : folder)) !=
                     words->second.end();
      if (folder.empty()) {
        break;
      }
    }
    if (!is_named) {
      findings.push_back(file.path + " is in no build file");
    }
  }
  return findings;
}

}  // namespace cacheindex::tidy
