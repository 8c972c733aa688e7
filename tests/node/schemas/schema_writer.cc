#include "tests/node/schemas/schema_writer.h"

#include <algorithm>
#include <numeric>
#include <stdexcept>

namespace cacheindex::test {
namespace {

// Stored outside of the row, so that updates of other columns do not send it.
constexpr std::size_t kLongLetters = 6'000;
constexpr std::size_t kShortLetters = 5;

}  // namespace

std::string SchemaWriter::Letters(std::size_t count) {
  std::string letters(count, ' ');
  std::generate(letters.begin(), letters.end(),
                [&] { return static_cast<char>('a' + static_cast<int>(Below(26))); });
  return letters;
}

std::string SchemaWriter::Choose(std::string_view choice) {
  if (choice == "text") {
    return "'" + Letters(kShortLetters) + "'";
  }
  if (choice == "long") {
    return "'" + Letters(kLongLetters) + "'";
  }
  if (choice.find_first_not_of("0123456789") == std::string_view::npos) {
    return std::to_string(1 + Below(std::stoull(std::string(choice))));
  }
  auto chosen =
      Below(1 + static_cast<std::uint64_t>(std::count(choice.begin(), choice.end(), '|')));
  for (; chosen > 0; --chosen) {
    choice.remove_prefix(choice.find('|') + 1);
  }
  return std::string(choice.substr(0, choice.find('|')));
}

std::string SchemaWriter::Fill(std::string_view text) {
  std::string filled;
  while (true) {
    const std::size_t open = text.find('{');
    filled += text.substr(0, open);
    if (open == std::string_view::npos) {
      return filled;
    }
    const std::size_t close = text.find('}', open);
    filled += Choose(text.substr(open + 1, close - open - 1));
    text.remove_prefix(close + 1);
  }
}

std::string SchemaWriter::Statement() {
  const int sum = std::accumulate(
      statements_.begin(), statements_.end(), 0,
      [](int weights, const RandomStatement& statement) { return weights + statement.weight; });
  auto left = static_cast<int>(Below(static_cast<std::uint64_t>(sum)));
  const auto chosen =
      std::find_if(statements_.begin(), statements_.end(), [&](const RandomStatement& statement) {
        left -= statement.weight;
        return left < 0;
      });
  return Fill(chosen->text);
}

bool SchemaWriter::Write() {
  try {
    if (session_ == nullptr) {
      session_ = std::make_unique<PostgresSession>(connection_);
      session_->Execute("SET lock_timeout = '500ms'");
    }
    session_->Execute("BEGIN");
    for (std::uint64_t left = 1 + Below(5); left > 0; --left) {
      const std::uint64_t ending = Below(10);
      // A refused statement must not take the others with it.
      session_->Execute("SAVEPOINT here");
      try {
        session_->Execute(Statement());
        session_->Execute(ending == 0 ? "ROLLBACK TO here" : "RELEASE here");
      } catch (const std::runtime_error&) {
        session_->Execute("ROLLBACK TO here");
      }
    }
    const bool is_kept = Below(12) != 0;
    session_->Execute(is_kept ? "COMMIT" : "ROLLBACK");
    return is_kept;
  } catch (const std::runtime_error&) {
    // A deadlock, or a server that was stopped: the next transaction starts anew.
    session_.reset();
    return false;
  }
}

std::string SchemaWriter::Try() {
  PostgresSession session(connection_);
  std::string wrong;
  for (const RandomStatement& statement : statements_) {
    session.Execute("BEGIN");
    try {
      session.Execute(Fill(statement.text));
    } catch (const std::runtime_error& error) {
      const std::string words = error.what();
      // Keys that are taken, or missing where they are referred to: as chance will have it.
      if (words.find("violates") == std::string::npos) {
        wrong += words + "\n";
      }
    }
    session.Execute("ROLLBACK");
  }
  return wrong;
}

}  // namespace cacheindex::test
