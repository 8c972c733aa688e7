#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

// What the source text itself must be like. Every rule is a function from text to findings, so that
// a sample that breaks it can be handed to each.

namespace cacheindex::tidy {

inline constexpr std::size_t kLineLengthMax = 100;
inline constexpr std::size_t kFileLinesMax = 500;

struct SourceFile {
  /// Relative to the project's root.
  std::string path;
  std::string text;
};

/// One sentence for each place that breaks a rule.
using Findings = std::vector<std::string>;

bool IsCode(std::string_view path);

// ---- Rules about one file ----

/// Lengths of lines and files, and that a header is read once.
Findings CheckShape(const SourceFile& file);
/// Words that a file may not contain.
Findings CheckWords(const SourceFile& file);
/// Whom a file may include. `public_headers` is what PublicHeaders says.
Findings CheckIncludes(const SourceFile& file, const std::set<std::string>& public_headers);

// ---- Rules about how files hang together ----

/// What the folders show to each other: the FILES of each FILE_SET.
std::set<std::string> PublicHeaders(const std::vector<SourceFile>& files);
/// Finds sources that no build file names: they are not compiled, and a test that is not compiled
/// checks nothing. The same goes for a build file that its parent does not name.
Findings CheckOrphans(const std::vector<SourceFile>& files);

// ---- Rules about documents ----

/// By path, what can be cited of a document: the numbers and titles of its sections, requirements
/// (B26) and invariants (invariant 4), and the anchors of its headings (#27-keys).
using Documents = std::map<std::string, std::set<std::string>, std::less<>>;

/// Of all Markdown files.
Documents DocumentsOf(const std::vector<SourceFile>& files);
/// Finds comments that point to what is not there: `api/README.md 2.7`, `README.md, "Measured"`,
/// `replication/README.md B26`, `invariant 4`; and tests that are named by requirements which
/// replication/README.md does not have.
Findings CheckCitations(const SourceFile& file, const Documents& documents);
/// Finds links of a Markdown file that lead to no file or heading of the project.
Findings CheckLinks(const SourceFile& file, const std::vector<SourceFile>& files);

}  // namespace cacheindex::tidy
