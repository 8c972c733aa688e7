#include "replication/rows/reference_key.h"

#include <algorithm>
#include <bit>
#include <unordered_set>
#include <utility>

#include "replication/rows/postgres_types.h"
#include "replication/rows/row_key.h"
#include "replication/rows/value_reading.h"

namespace cacheindex::replication {
namespace {

constexpr unsigned kLevelMax = 64;

const KeyForm& FormOf(const KeyForms& forms, std::size_t position) {
  static const KeyForm kAsInTheKey;
  return forms.empty() ? kAsInTheKey : forms[position];
}

// The text of a slot, nullopt where it is null, unknown, or no column of this version.
std::optional<std::string_view> TextOfSlot(const TableVersion& version, std::uint32_t slot,
                                           std::span<const Cell> cells) {
  const bool is_known = slot < version.columns.size() && version.columns[slot];
  return is_known && cells[slot].state == Cell::State::kText ? std::optional(cells[slot].text)
                                                             : std::nullopt;
}

const TableColumn& ColumnOfSlot(const TableVersion& version, std::uint32_t slot) {
  return version.table->columns[*version.columns[slot]];
}

// The elements of PostgreSQL's array that are not null: {1,NULL,"a \"b\"",{2}}, with [0:1]= before
// it where bounds are unusual. Those of inner arrays are elements too.
std::vector<std::string> ElementsOf(std::string_view text) {
  std::vector<std::string> elements;
  if (text.starts_with('[')) {
    text.remove_prefix(std::min(text.find('=') + 1, text.size()));
  }
  for (std::size_t i = 0; i < text.size();) {
    if (text[i] == '{' || text[i] == '}' || text[i] == ',') {
      ++i;
      continue;
    }
    std::string element;
    const bool is_quoted = text[i] == '"';
    i += is_quoted ? 1 : 0;
    for (; i < text.size(); ++i) {
      if (text[i] == '\\' && i + 1 < text.size()) {
        element += text[++i];
      } else if (is_quoted ? text[i] == '"' : text[i] == ',' || text[i] == '}') {
        break;
      } else {
        element += text[i];
      }
    }
    i += is_quoted ? 1 : 0;
    if (is_quoted || element != "NULL") {
      elements.push_back(std::move(element));
    }
  }
  return elements;
}

std::vector<std::string> PiecesOf(std::string_view text, std::string_view separator) {
  std::vector<std::string> pieces;
  while (true) {
    const std::size_t end = text.find(separator);
    if (const std::string_view piece = text.substr(0, end); !piece.empty()) {
      pieces.emplace_back(piece);
    }
    if (end == std::string_view::npos) {
      return pieces;
    }
    text.remove_prefix(end + separator.size());
  }
}

// A path that ends with a separator has beginnings that do, and others have none that do.
std::vector<std::string> BeginningsOf(std::string_view text, std::string_view separator) {
  std::vector<std::string> beginnings;
  const bool is_closed = text.ends_with(separator);
  for (std::size_t at = text.find(separator); at != std::string_view::npos;
       at = text.find(separator, at + separator.size())) {
    const std::string_view beginning = text.substr(0, at + (is_closed ? separator.size() : 0));
    if (!beginning.empty()) {
      beginnings.emplace_back(beginning);
    }
  }
  if (!is_closed && !text.empty()) {
    beginnings.emplace_back(text);
  }
  return beginnings;
}

std::vector<std::string> StepsOf(std::string_view text, std::uint32_t step) {
  std::vector<std::string> beginnings;
  std::uint32_t characters = 0;
  for (std::size_t i = 1; i <= text.size(); ++i) {
    const bool is_end = i == text.size() || (static_cast<unsigned char>(text[i]) & 0xC0U) != 0x80U;
    characters += is_end ? 1 : 0;
    if (is_end && characters % step == 0) {
      beginnings.emplace_back(text.substr(0, i));
    }
  }
  return beginnings;
}

std::vector<std::string> PartsOf(const KeyForm& form, std::string_view text) {
  switch (form.spread) {
    case KeyForm::Spread::kElements:
      return ElementsOf(text);
    case KeyForm::Spread::kPieces:
      return PiecesOf(text, form.separator);
    case KeyForm::Spread::kBeginnings:
      return form.step == 0 ? BeginningsOf(text, form.separator) : StepsOf(text, form.step);
    case KeyForm::Spread::kOne:
    case KeyForm::Spread::kSpan:
    case KeyForm::Spread::kSpanEnd:
      break;
  }
  return {std::string(text)};
}

std::uint32_t TypeOfParts(const KeyForm& form, const TableColumn& column) {
  if (form.spread != KeyForm::Spread::kElements) {
    return column.base_type;
  }
  return column.element_type != 0 ? column.element_type : ElementType(column.base_type).value_or(0);
}

// What `slots[position]` adds to a key: each is one possibility.
std::vector<std::string> ValuesAt(const TableVersion& version, std::span<const std::uint32_t> slots,
                                  const KeyForms& forms, std::size_t position,
                                  std::span<const Cell> cells) {
  std::vector<std::string> values;
  const auto text = TextOfSlot(version, slots[position], cells);
  if (!text) {
    return values;
  }
  const KeyForm& form = FormOf(forms, position);
  const TableColumn& column = ColumnOfSlot(version, slots[position]);
  if (form.spread == KeyForm::Spread::kSpan) {
    const auto end = TextOfSlot(version, slots[position + 1], cells);
    std::string first;
    std::string last;
    if (end && AppendValueAs(first, form, column.base_type, *text) &&
        AppendValueAs(last, form, ColumnOfSlot(version, slots[position + 1]).base_type, *end)) {
      return BlockKeys(NumberOfKey(first), NumberOfKey(last));
    }
    return values;
  }
  std::unordered_set<std::string> seen;
  const std::uint32_t type = TypeOfParts(form, column);
  for (const std::string& part : PartsOf(form, *text)) {
    std::string value;
    if (AppendValueAs(value, form, type, part) && seen.insert(value).second) {
      values.push_back(std::move(value));
    }
  }
  return values;
}

}  // namespace

std::optional<std::string> ReferenceKey(const TableVersion& version,
                                        std::span<const std::uint32_t> slots, const KeyForms& forms,
                                        std::span<const Cell> cells_by_slot) {
  std::string key;
  for (std::size_t i = 0; i < slots.size(); ++i) {
    const auto text = TextOfSlot(version, slots[i], cells_by_slot);
    if (!text ||
        !AppendValueAs(key, FormOf(forms, i), ColumnOfSlot(version, slots[i]).base_type, *text)) {
      return std::nullopt;
    }
  }
  return BoundedKey(std::move(key));
}

std::vector<std::string> ReferenceKeys(const TableVersion& version,
                                       std::span<const std::uint32_t> slots, const KeyForms& forms,
                                       std::span<const Cell> cells_by_slot) {
  std::vector<std::string> keys;
  if (!IsSpread(forms)) {
    if (auto key = ReferenceKey(version, slots, forms, cells_by_slot)) {
      keys.push_back(*std::move(key));
    }
    return keys;
  }
  keys.emplace_back();
  for (std::size_t i = 0; i < slots.size(); ++i) {
    if (forms[i].spread == KeyForm::Spread::kSpanEnd) {
      continue;
    }
    const auto values = ValuesAt(version, slots, forms, i, cells_by_slot);
    std::vector<std::string> longer;
    longer.reserve(keys.size() * values.size());
    for (const std::string& key : keys) {
      for (const std::string& value : values) {
        longer.push_back(key + value);
      }
    }
    keys = std::move(longer);
  }
  for (std::string& key : keys) {
    key = BoundedKey(std::move(key));
  }
  return keys;
}

std::vector<std::string> IndexKeys(const TableVersion& version, const ReferenceIndex& index,
                                   std::span<const Cell> cells_by_slot) {
  auto keys = ReferenceKeys(version, index.slots, index.forms, cells_by_slot);
  if (keys.size() > kReferenceValuesMax) {
    keys.assign(1, std::string(kCrowdedMark));
  }
  return keys;
}

std::uint64_t NumberOfKey(std::string_view bytes) {
  std::uint64_t number = 0;
  for (std::size_t i = 1; i < kNumberBytes && i < bytes.size(); ++i) {
    number = number << 8U | static_cast<unsigned char>(bytes[i]);
  }
  return number;
}

std::string KeyOfNumber(std::uint64_t number) {
  std::string key("i");
  for (int shift = 56; shift >= 0; shift -= 8) {
    key += static_cast<char>(number >> static_cast<unsigned>(shift));
  }
  return key;
}

std::string BlockKey(unsigned level, std::uint64_t number) {
  const std::uint64_t first = level >= kLevelMax ? 0 : number & ~((std::uint64_t{1} << level) - 1);
  std::string key("b");
  key += static_cast<char>(level);
  key += KeyOfNumber(first).substr(1);
  return key;
}

std::vector<std::string> BlockKeys(std::uint64_t first, std::uint64_t last) {
  std::vector<std::string> blocks;
  while (first <= last) {
    const std::uint64_t rest = last - first;
    // The greatest block that begins here and ends in time; one of 2^64 numbers is everything.
    const auto aligned = static_cast<unsigned>(std::countr_zero(first));
    const unsigned fitting =
        rest == ~std::uint64_t{0} ? kLevelMax : static_cast<unsigned>(std::bit_width(rest + 1)) - 1;
    const unsigned level = std::min(aligned, fitting);
    blocks.push_back(BlockKey(level, first));
    if (level >= kLevelMax || rest < (std::uint64_t{1} << level)) {
      break;
    }
    first += std::uint64_t{1} << level;
  }
  return blocks;
}

}  // namespace cacheindex::replication
