#include "replication/apply/known_labels.h"

#include <algorithm>
#include <utility>

#include "node/core/utf8.h"

namespace cacheindex::replication {
namespace {

using Form = CatalogType::Form;

// Arrays are at most 6 inside each other (MAXDIM of the server); types may be made of others.
constexpr int kDepthMax = 64;

// Reads what stands between the outer brackets of an array, a composite value or a range, part by
// part. Quotes are doubled, or follow a backslash, in all of them (array_out, record_out, range_out
// of the server).
class Parts {
 public:
  // `opening` and `closing`: brackets in which a part may stand that has commas and no quotes.
  Parts(std::string_view text, std::string_view opening, std::string_view closing)
      : text_(text), opening_(opening), closing_(closing) {}

  // Returns false at the end.
  bool Next(std::string& part, bool& is_quoted) {
    if (at_ > text_.size()) {
      return false;
    }
    part.clear();
    is_quoted = false;
    bool is_inside = false;
    int depth = 0;
    for (; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == '\\' && at_ + 1 < text_.size()) {
        Keep(part, depth, c);
        part += text_[++at_];
      } else if (c == '"') {
        const bool is_doubled = is_inside && at_ + 1 < text_.size() && text_[at_ + 1] == '"';
        if (is_doubled) {
          ++at_;
        } else {
          is_inside = !is_inside;
          is_quoted = is_quoted || depth == 0;
        }
        // What is nested is read again, quotes and all.
        Keep(part, depth, c);
        if (is_doubled) {
          part += c;
        }
      } else if (!is_inside && depth == 0 && c == ',') {
        break;
      } else {
        if (!is_inside) {
          depth += opening_.find(c) != opening_.npos ? 1 : 0;
          depth -= closing_.find(c) != closing_.npos ? 1 : 0;
        }
        part += c;
      }
    }
    ++at_;
    return true;
  }

 private:
  static void Keep(std::string& part, int depth, char c) {
    if (depth > 0) {
      part += c;
    }
  }

  const std::string_view text_;
  const std::string_view opening_;
  const std::string_view closing_;
  std::size_t at_ = 0;
};

std::string_view Inside(std::string_view text) { return text.substr(1, text.size() - 2); }

// Types of which labels are told have details, whatever else they have.
bool MayHaveLabels(const TableColumn& column) { return !column.type_details.empty(); }

}  // namespace

// Numbers begin anew when they end. One that seems to be yet to come is of a round before, and was
// the number of a transaction long ago.
bool KnownLabels::IsLater(std::uint32_t transaction, std::uint32_t than) const {
  constexpr std::uint32_t kHalf = std::uint32_t{1} << 31;
  const std::uint32_t since = next_transaction_ - than;
  // What is newer than the look is newer than all that it found.
  const bool is_seen = since != 0 && since < kHalf;
  return is_seen && transaction != than && transaction - than < since;
}

bool KnownLabels::IsKnown(std::uint32_t type, std::string_view label,
                          std::uint32_t transaction) const {
  const auto found = types_.find(type);
  if (found == types_.end()) {
    return true;
  }
  const auto& labels = found->second.labels;
  auto known = labels.find(label);
  if (known == labels.end()) {
    known = labels.find(ReplaceInvalidUtf8(label));
  }
  if (known == labels.end()) {
    return false;
  }
  // The row may still be of this label: its transaction may have got its number, then waited.
  return !IsLater(known->second, transaction) ||
         std::none_of(labels.begin(), labels.end(), [&](const auto& other) {
           return other.first != known->first && IsLater(other.second, transaction);
         });
}

std::optional<KnownLabels::Unknown> KnownLabels::FindUnknown(std::uint32_t type,
                                                             std::string_view text,
                                                             std::uint32_t transaction,
                                                             int depth) const {
  const auto found = types_.find(type);
  if (found == types_.end() || found->second.form == Form::kOther || depth > kDepthMax) {
    return std::nullopt;
  }
  const auto& [form, labels, parts] = found->second;
  if (form == Form::kEnum) {
    return IsKnown(type, text, transaction) ? std::nullopt
                                            : std::optional<Unknown>({.type = type,
                                                                      .label = std::string(text),
                                                                      .transaction = transaction,
                                                                      .text = {}});
  }
  if (parts.empty()) {
    return std::nullopt;
  }
  if (form == Form::kDomain) {
    return FindUnknown(parts.front(), text, transaction, depth + 1);
  }
  if (form == Form::kArray && text.starts_with('[')) {
    // Bounds that are not the usual ones: [0:1]={a,b}
    text.remove_prefix(std::min(text.find('=') + 1, text.size()));
  }
  if (text.size() < 2 || text == "{}" || (form == Form::kRange && text == "empty")) {
    return std::nullopt;
  }
  Parts values = form == Form::kArray        ? Parts(Inside(text), "{", "}")
                 : form == Form::kMultirange ? Parts(Inside(text), "[(", "])")
                                             : Parts(Inside(text), {}, {});
  std::string value;
  bool is_quoted = false;
  for (std::size_t i = 0; values.Next(value, is_quoted); ++i) {
    if (form == Form::kComposite && i >= parts.size()) {
      return std::nullopt;
    }
    const std::uint32_t part = form == Form::kComposite ? parts[i] : parts.front();
    const bool is_null = !is_quoted && (value.empty() || (form == Form::kArray && value == "NULL"));
    const bool is_nested = form == Form::kArray && !is_quoted && value.starts_with('{');
    if (is_null) {
      continue;
    }
    if (auto unknown = FindUnknown(is_nested ? type : part, value, transaction, depth + 1)) {
      return unknown;
    }
  }
  return std::nullopt;
}

Result<void> KnownLabels::Check(const Table& table, const Row& row, std::uint32_t transaction) {
  for (std::size_t i = 0; i < row.size() && i < table.columns.size(); ++i) {
    const TableColumn& column = table.columns[i];
    if (row[i].state != Value::State::kText || !MayHaveLabels(column)) {
      continue;
    }
    if (auto unknown = FindUnknown(column.type, row[i].text, transaction, 0)) {
      unknown_ = std::move(*unknown);
      unknown_->text = "the label '" + ReplaceInvalidUtf8(unknown_->label) + "' in column " +
                       column.name + " of " + table.QualifiedName();
      return Error(ErrorCode::kUnavailable, unknown_->text + " is not known yet");
    }
  }
  return {};
}

const KnownLabels::Unknown* KnownLabels::unknown() {
  if (unknown_ && IsKnown(unknown_->type, unknown_->label, unknown_->transaction)) {
    unknown_.reset();
  }
  return unknown_ ? &*unknown_ : nullptr;
}

}  // namespace cacheindex::replication
