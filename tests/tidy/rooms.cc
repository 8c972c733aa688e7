#include "tests/tidy/rooms.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "tests/support/lines.h"

namespace cacheindex::tidy {
namespace {

using test::LinesOf;

// What each folder may include besides itself. Whatever stands in no row (tests, benchmarks) may
// include everything.
const std::map<std::string, std::set<std::string>> kMayInclude = {
    {"node/core", {}},
    {"cache", {"node/core"}},
    {"index", {"cache", "node/core"}},
    {"replication", {"cache", "node/core"}},
    {"api", {"node/core"}},
    {"node", {"node/core", "cache", "index", "replication", "api"}},
};

// The rooms of the folders, from the bottom to the top: each may include those before it.
// clang-format off
constexpr std::array<std::string_view, 38> kRooms = {
    "node/core",
    "cache",

    // How a value lies in a column; what is a word; what the small languages share.
    "index/encoding",
    "index/words",
    "index/expressions",
    // Which fields, of which types, and in which columns; reading and writing them.
    "index/geo",
    "index/schema",
    "index/columns",
    "index/documents",
    // What a request asks for.
    "index/filter",
    "index/group",
    "index/text",
    "index/match",
    "index/sort",
    "index/facet",
    "index/highlight",
    "index/search",
    "index",

    // Rows of a source's tables, and what is made of them.
    "replication/rows",
    "replication/values",
    "replication/postgres",
    "replication/declaration",
    "replication/assembly",
    "replication/apply",
    "replication/following",

    "api",

    // What an operator says, where it lies, and what runs.
    "node/logging",
    "node/disk",
    "node/config",
    "node/keys",
    "node/merchandising",
    "node/watch",
    "node/stores",
    "node/backup",
    "node/scrub",
    "node/services",
    "node",
    "node/commands",
};
// clang-format on

// One folder, one foreign library. The longest prefix that fits an included name counts.
const std::map<std::string, std::string> kOwnerOf = {
    {"lmdb.h", "cache"},     {"zstd.h", "cache"},        {"zdict.h", "cache"},
    {"xxhash.h", "cache"},   {"xapian.h", "index"},      {"xapian/", "index"},
    {"unicode/", "index"},   {"httplib.h", "api"},       {"openssl/", "api"},
    {"zlib.h", "api"},       {"libpq", "replication"},   {"nlohmann/", "node/core"},
    {"spdlog/", "node"},     {"toml++/", "node"},        {"CLI/", "node"},
    {"prometheus/", "node"}, {"libxml/", "replication"},
};

// Answers are compressed where they are sent, with the same library that compresses what is stored;
// characters have the same cases wherever texts are compared.
const std::set<std::pair<std::string, std::string>> kForeignExceptions = {
    {"api/content_encoding.cc", "zstd.h"},
    {"replication/values/text_functions.cc", "unicode/uchar.h"},
    {"replication/values/text_functions.cc", "unicode/utf8.h"},
    {"replication/rows/value_reading.cc", "unicode/locid.h"},
    {"replication/rows/value_reading.cc", "unicode/uchar.h"},
    {"replication/rows/value_reading.cc", "unicode/unistr.h"}};

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

// Calls visit(rest, name) for what each include names: with its quotes or brackets, and without.
template <class Visitor>
void ForEachInclude(const SourceFile& file, const Visitor& visit) {
  constexpr std::string_view kInclude = "#include ";
  for (const std::string& line : LinesOf(file.text)) {
    if (line.starts_with(kInclude) && line.size() > kInclude.size() + 1) {
      const std::string rest = line.substr(kInclude.size());
      visit(rest, rest.substr(1, rest.find_first_of(">\"", 1) - 1));
    }
  }
}

// Returns the place of a room in the order, nullopt for none.
std::optional<std::size_t> PlaceOf(std::string_view path) {
  std::optional<std::size_t> found;
  for (std::size_t i = 0; i < kRooms.size(); ++i) {
    const std::string_view room = kRooms[i];
    const bool is_in =
        path.size() > room.size() && path.starts_with(room) && path[room.size()] == '/';
    if (is_in && (!found || room.size() > kRooms[*found].size())) {
      found = i;
    }
  }
  return found;
}

}  // namespace

std::string FolderOf(std::string_view path) {
  if (path.starts_with("node/core/")) {
    return "node/core";
  }
  return std::string(path.substr(0, path.find('/')));
}

bool IsProduction(std::string_view path) { return kMayInclude.contains(FolderOf(path)); }

std::string_view RoomOf(std::string_view path) {
  const auto place = PlaceOf(path);
  return place ? kRooms[*place] : std::string_view();
}

Findings CheckIncludes(const SourceFile& file, const std::set<std::string>& public_headers) {
  Findings findings;
  if (!IsProduction(file.path)) {
    return findings;
  }
  const std::string folder = FolderOf(file.path);
  const std::set<std::string>& allowed = kMayInclude.at(folder);
  const auto place = PlaceOf(file.path);
  ForEachInclude(file, [&](const std::string& rest, const std::string& name) {
    const std::string owner = OwnerOf(name);
    if (!owner.empty() && owner != folder && !kForeignExceptions.contains({file.path, name})) {
      findings.push_back(file.path + " includes " + name + ", which belongs to " + owner);
    }
    if (rest.front() != '"') {
      return;
    }
    const std::string target = FolderOf(name);
    if (target == folder) {
      if (PlaceOf(name) > place) {
        findings.push_back(file.path + " includes " + name + ", which stands above it");
      }
    } else if (!allowed.contains(target)) {
      findings.push_back(file.path + " may not include " + name);
    } else if (!public_headers.contains(name)) {
      findings.push_back(file.path + " includes " + name + ", which is not in a FILE_SET");
    }
  });
  return findings;
}

std::vector<std::string> IncludeGraph(const std::vector<SourceFile>& files) {
  std::map<std::pair<std::size_t, std::size_t>, int> arrows;
  for (const SourceFile& file : files) {
    const auto from = PlaceOf(file.path);
    if (!from || !IsCode(file.path)) {
      continue;
    }
    ForEachInclude(file, [&](const std::string& rest, const std::string& name) {
      const auto to = PlaceOf(name);
      if (rest.front() == '"' && to && to != from) {
        ++arrows[{*from, *to}];
      }
    });
  }
  std::vector<std::string> lines;
  for (const auto& [arrow, count] : arrows) {
    lines.push_back(std::string(kRooms[arrow.first]) + " -> " + std::string(kRooms[arrow.second]) +
                    ' ' + std::to_string(count));
  }
  return lines;
}

}  // namespace cacheindex::tidy
