#include "index/words/text_rules.h"

#include <unicode/uchar.h>

#include <utility>

namespace cacheindex::index {
namespace {

constexpr const char* kSymbols = "symbols_to_index";
constexpr const char* kSeparators = "token_separators";

// Returns the list of that name, null when there is none or it is empty.
const Json* FindList(const Json& field, const Json& collection, const char* name) {
  for (const Json* owner : {&field, &collection}) {
    const auto found = owner->find(name);
    if (found != owner->end() && !found->is_null() && !found->empty()) {
      return &*found;
    }
  }
  return nullptr;
}

bool SeparatesWords(char32_t character) {
  const auto code_point = static_cast<CodePoint>(character);
  return !u_isalnum(code_point) && !u_isspace(code_point);
}

// Returns the character that `text` is, 0 when it is none or several.
char32_t OneCharacter(const std::string& text) {
  std::size_t end = 0;
  const CodePoint code_point = text.empty() ? kIllFormed : NextOfUtf8(text, end);
  return code_point == kIllFormed || end != text.size() ? 0 : static_cast<char32_t>(code_point);
}

Result<std::u32string> ReadCharacters(const Json& list, const char* name) {
  const auto invalid = [name](const std::string& why) {
    return Error(ErrorCode::kInvalidArgument, "`" + std::string(name) + "` " + why);
  };
  if (!list.is_array() || list.size() > TextRules::kCharactersMax) {
    return invalid("should be an array of at most " + std::to_string(TextRules::kCharactersMax) +
                   " characters.");
  }
  std::u32string characters;
  for (const Json& element : list) {
    const char32_t character =
        element.is_string() ? OneCharacter(element.get_ref<const std::string&>()) : 0;
    if (character == 0) {
      return invalid("should have elements of one character each, not " + DumpJson(element) + ".");
    }
    if (!SeparatesWords(character)) {
      return invalid("cannot have a letter, digit or space: " + DumpJson(element) + ".");
    }
    characters.push_back(character);
  }
  return characters;
}

}  // namespace

TextRules::TextRules() {
  for (std::size_t character = 0; character < kinds_.size(); ++character) {
    if ((character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z')) {
      kinds_[character] = CharacterKind::kLetter;
    } else if (character >= '0' && character <= '9') {
      kinds_[character] = CharacterKind::kDigit;
    }
  }
  for (const char joiner : {'-', '\'', '.', ','}) {
    joins_[static_cast<unsigned char>(joiner)] = true;
  }
}

void TextRules::AddSymbol(char32_t character) {
  if (character < 0x80) {
    joins_[character] = false;
    kinds_[character] = CharacterKind::kSymbol;
  } else {
    symbols_.push_back(character);
  }
}

TextRules TextRules::With(std::span<const std::string> symbols) const {
  TextRules rules = *this;
  for (const std::string& symbol : symbols) {
    const char32_t character = OneCharacter(symbol);
    if (character != 0 && SeparatesWords(character)) {
      rules.AddSymbol(character);
    }
  }
  return rules;
}

const TextRules& TextRules::Default() {
  static const TextRules kRules;
  return kRules;
}

Result<std::shared_ptr<const TextRules>> TextRules::Read(const Json& field,
                                                         const Json& collection) {
  const Json* symbols = FindList(field, collection, kSymbols);
  const Json* separators = FindList(field, collection, kSeparators);
  if (symbols == nullptr && separators == nullptr) {
    return std::shared_ptr<const TextRules>();
  }
  auto rules = std::make_shared<TextRules>();
  for (const auto& [list, name] :
       {std::pair(symbols, kSymbols), std::pair(separators, kSeparators)}) {
    if (list == nullptr) {
      continue;
    }
    auto characters = ReadCharacters(*list, name);
    if (!characters) {
      return std::move(characters).error();
    }
    for (const char32_t character : *characters) {
      if (list == symbols) {
        rules->AddSymbol(character);
      } else if (character < 0x80) {
        rules->joins_[character] = false;
      }
    }
  }
  return std::shared_ptr<const TextRules>(std::move(rules));
}

}  // namespace cacheindex::index
