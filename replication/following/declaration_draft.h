#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "node/core/result.h"
#include "replication/following/source.h"

namespace cacheindex::replication {

/// Fields of a draft, members of one object in it, and roots that are proposed, at most.
inline constexpr std::size_t kDraftFieldsMax = 60;
inline constexpr std::size_t kDraftMembersMax = 12;
inline constexpr std::size_t kDraftRootsMax = 5;

/// A declaration that somebody can begin with.
struct DeclarationDraft {
  /// "[[source.NAME.collection]]" and what belongs to it, as TOML, with a comment for each choice.
  std::string toml;
  /// What its reader is to know or to do besides: one thing a line.
  std::string notes;
};

/// Drafts a collection of which each row of `root` is a document from what the catalog of the
/// server says, and nothing else; an empty `root` takes the table that looks most like one of
/// products. Everything in it was planned as a source would do it.
/// Errors: kInvalidArgument when there is no such table, or none that could be a root; those of a
/// connection.
Result<DeclarationDraft> DraftDeclaration(const Source::Options& options, const std::string& root);

}  // namespace cacheindex::replication
