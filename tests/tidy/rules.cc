#include "tests/tidy/rules.h"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <iterator>
#include <map>
#include <regex>
#include <sstream>
#include <utility>

#include "tests/support/lines.h"
#include "tests/tidy/rooms.h"

namespace cacheindex::tidy {
namespace {

namespace fs = std::filesystem;
using test::LinesOf;

// Whoever waits waits on something; where nothing announces itself, this one looks again.
const std::set<std::string> kMaySleep = {"tests/support/eventually.h"};

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

// The anchor that a heading has on a page.
std::string AnchorOf(std::string_view heading) {
  std::string anchor = "#";
  for (const char character : heading) {
    const auto byte = static_cast<unsigned char>(character);
    if (std::isalnum(byte) != 0 || byte == '-' || byte == '_' || byte >= 0x80) {
      anchor += static_cast<char>(std::tolower(byte));
    } else if (byte == ' ') {
      anchor += '-';
    }
  }
  return anchor;
}

// The text of a file in one line, without the signs of comments, so that what is broken over two
// lines is found, and where each line begins in it.
struct JoinedText {
  std::string text;
  std::vector<std::size_t> begins;

  std::string LineOf(std::size_t place) const {
    const auto next = std::upper_bound(begins.begin(), begins.end(), place);
    return std::to_string(next - begins.begin());
  }
};

JoinedText Join(const std::string& text) {
  JoinedText joined;
  for (const std::string& line : LinesOf(text)) {
    joined.begins.push_back(joined.text.size());
    const std::size_t begin = std::min(line.find_first_not_of(" \t/#"), line.size());
    joined.text += line.substr(begin) + ' ';
  }
  return joined;
}

bool IsPathCharacter(char character) {
  return std::isalnum(static_cast<unsigned char>(character)) != 0 ||
         std::string_view("./_-").find(character) != std::string_view::npos;
}

// What a comment, or a test's name, points to.
struct Citation {
  std::size_t place = 0;
  std::string document;
  /// Empty: all of it.
  std::string section;
};

// Calls visit(match) for what fits the pattern, if one of its signs is in the text at all.
template <class Visitor>
void ForEachMatch(const std::string& text, const std::vector<std::string_view>& signs,
                  const std::regex& pattern, const Visitor& visit) {
  const auto is_there = [&](std::string_view sign) { return text.find(sign) != std::string::npos; };
  if (std::any_of(signs.begin(), signs.end(), is_there)) {
    std::for_each(std::sregex_iterator(text.begin(), text.end(), pattern), {}, visit);
  }
}

// What stands right behind a document: ` 2.7`, ` 1, 2.6`, ` B26`, `, "Measured"`, `, section 2`.
std::vector<std::string> CitedSections(const std::string& text) {
  static const std::regex kTitle("^, \"([^\"]+)\"");
  static const std::regex kLabels(
      "^(?: |,? sections? |,? requirements? )([A-E]?\\d+(\\.\\d+)*(, [A-E]?\\d+(\\.\\d+)*)*)\\b");
  static const std::regex kLabel("[A-E]?\\d+(\\.\\d+)*");
  std::smatch match;
  if (std::regex_search(text, match, kTitle)) {
    return {match[1]};
  }
  std::vector<std::string> sections;
  if (std::regex_search(text, match, kLabels)) {
    ForEachMatch(match[1], {""}, kLabel,
                 [&](const std::smatch& label) { sections.push_back(label.str()); });
  }
  return sections;
}

void AddDocuments(const std::string& text, std::vector<Citation>& citations) {
  constexpr std::string_view kEnd = ".md";
  constexpr std::size_t kSectionsBytesMax = 200;
  for (std::size_t end = text.find(kEnd); end != std::string::npos; end = text.find(kEnd, end)) {
    std::size_t begin = end;
    while (begin > 0 && IsPathCharacter(text[begin - 1])) {
      --begin;
    }
    const bool is_suffix = begin == end;
    begin += text[begin] == '/' ? 1U : 0U;
    end += kEnd.size();
    if (is_suffix || std::isalnum(static_cast<unsigned char>(text[end])) != 0) {
      continue;  // `*.md` names no document, `data.mdb` is none.
    }
    const std::string document = text.substr(begin, end - begin);
    citations.push_back({begin, document, {}});
    for (std::string& section : CitedSections(text.substr(end, kSectionsBytesMax))) {
      citations.push_back({begin, document, std::move(section)});
    }
  }
}

std::vector<Citation> CitationsOf(const std::string& text) {
  static const std::regex kInvariant("\\b[Ii]nvariants? (\\d+)");
  static const std::regex kRequirements("Requirement(([A-E]\\d+)+)_");
  static const std::regex kRequirement("[A-E]\\d+");
  // Documents that were never in the project, spelled so that this is no citation.
  static const std::regex kForeign(
      "\\b(DESIG[N]|PERFORMANC[E]|RELIABILIT[Y])\\b|"
      "\\b(AP[I]|REPLICATIO[N]),? (section|requirement|\\d)");
  std::vector<Citation> citations;
  const auto add = [&](const std::smatch& match, std::string document, std::string section) {
    citations.push_back(
        {static_cast<std::size_t>(match.position()), std::move(document), std::move(section)});
  };
  AddDocuments(text, citations);
  ForEachMatch(text, {"nvariant"}, kInvariant, [&](const std::smatch& match) {
    add(match, "README.md", "invariant " + match[1].str());
  });
  ForEachMatch(text, {"Requirement"}, kRequirements, [&](const std::smatch& match) {
    ForEachMatch(match[1], {""}, kRequirement, [&](const std::smatch& requirement) {
      add(match, "replication/README.md", requirement.str());
    });
  });
  ForEachMatch(text, {"IGN", "MANCE", "BILITY", "PI", "CATION"}, kForeign,
               [&](const std::smatch& match) { add(match, match.str(), {}); });
  return citations;
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

Documents DocumentsOf(const std::vector<SourceFile>& files) {
  static const std::regex kHeading("^#+ ((\\d+(\\.\\d+)*)\\.? )?(.*)$");
  static const std::regex kRequirement("^- \\*\\*([A-E]\\d+)\\.\\*\\*.*$");
  static const std::regex kNumbered("^(\\d+)\\. .*$");
  Documents documents;
  for (const SourceFile& file : files) {
    if (!file.path.ends_with(".md")) {
      continue;
    }
    std::set<std::string>& sections = documents[file.path];
    bool is_code = false;
    bool are_invariants = false;
    for (const std::string& line : LinesOf(file.text)) {
      is_code ^= line.starts_with("```");
      std::smatch match;
      if (is_code) {
        continue;
      }
      if (std::regex_match(line, match, kHeading)) {
        sections.insert({match[2].str(), match[4].str()});
        sections.insert(AnchorOf(line.substr(line.find(' ') + 1)));
        are_invariants = match[4] == "Invariants";
      } else if (std::regex_match(line, match, kRequirement)) {
        sections.insert(match[1].str());
      } else if (are_invariants && std::regex_match(line, match, kNumbered)) {
        sections.insert("invariant " + match[1].str());
      }
    }
  }
  return documents;
}

Findings CheckCitations(const SourceFile& file, const Documents& documents) {
  Findings findings;
  const JoinedText joined = Join(file.text);
  for (const Citation& citation : CitationsOf(joined.text)) {
    const auto document = documents.find(citation.document);
    const bool is_missing = document == documents.end();
    if (citation.section.empty() ? is_missing
                                 : !is_missing && !document->second.contains(citation.section)) {
      findings.push_back(file.path + ':' + joined.LineOf(citation.place) + " cites " +
                         citation.document + (citation.section.empty() ? "" : ", ") +
                         citation.section + ", which does not exist");
    }
  }
  return findings;
}

Findings CheckLinks(const SourceFile& file, const std::vector<SourceFile>& files) {
  static const std::regex kLink("\\]\\(([^)\\s#]*)(#[^)\\s]*)?\\)");
  const Documents documents = DocumentsOf(files);
  std::set<fs::path> paths;
  for (const SourceFile& other : files) {
    for (fs::path path = other.path; !path.empty(); path = path.parent_path()) {
      paths.insert(path);
    }
  }
  Findings findings;
  const JoinedText joined = Join(file.text);
  ForEachMatch(joined.text, {"]("}, kLink, [&](const std::smatch& match) {
    const std::string target = match[1];
    const std::string anchor = match[2];
    if (target.find("://") != std::string::npos) {
      return;
    }
    const fs::path folder = fs::path(file.path).parent_path();
    fs::path path = target.empty() ? fs::path(file.path) : (folder / target).lexically_normal();
    path = path.has_filename() ? path : path.parent_path();
    const auto document = documents.find(path.string());
    const bool has_anchor =
        anchor.empty() || (document != documents.end() && document->second.contains(anchor));
    if (!paths.contains(path) || !has_anchor) {
      findings.push_back(file.path + ':' +
                         joined.LineOf(static_cast<std::size_t>(match.position())) + " links to " +
                         target + anchor + ", which does not exist");
    }
  });
  return findings;
}

}  // namespace cacheindex::tidy
