#include "replication/postgres/pgoutput.h"

#include <type_traits>
#include <utility>

#include "node/core/utf8.h"

namespace cacheindex::replication {
namespace {

// 2000-01-01, which PostgreSQL counts from, in microseconds since 1970-01-01.
constexpr std::int64_t kEpochUs = 946'684'800LL * 1'000'000;

// Reads big-endian numbers and strings; after the first failure everything is zero or empty, so
// that callers check once.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : bytes_(bytes) {}

  template <class Integer>
  Integer Read() {
    const std::string_view raw = ReadBytes(sizeof(Integer));
    std::make_unsigned_t<Integer> value = 0;
    for (const char byte : raw) {
      value = static_cast<std::make_unsigned_t<Integer>>((std::uint64_t{value} << 8U) |
                                                         static_cast<unsigned char>(byte));
    }
    return static_cast<Integer>(value);
  }
  LogPosition ReadPosition() { return static_cast<LogPosition>(Read<std::uint64_t>()); }
  // Times of a broken stream may be anything: no signed overflow.
  std::int64_t ReadTime() {
    return static_cast<std::int64_t>(Read<std::uint64_t>() + static_cast<std::uint64_t>(kEpochUs));
  }

  std::string_view ReadBytes(std::size_t size) {
    if (size > bytes_.size()) {
      Fail("ends early");
      return {};
    }
    const std::string_view read = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
    return read;
  }
  std::string_view ReadString() {
    const std::size_t size = bytes_.find('\0');
    if (size == std::string_view::npos) {
      Fail("has an endless string");
      return {};
    }
    const std::string_view read = bytes_.substr(0, size);
    bytes_.remove_prefix(size + 1);
    return read;
  }

  std::size_t left() const { return bytes_.size(); }
  void Fail(std::string_view why) {
    if (failure_.empty()) {
      failure_ = why;
    }
    bytes_ = {};
  }

  // The failure, or that something is left over.
  std::optional<Error> Finish(char type) {
    if (!bytes_.empty()) {
      Fail("is longer than it should be");
    }
    if (failure_.empty()) {
      return std::nullopt;
    }
    return Error(ErrorCode::kCorruption,
                 "replication message '" + std::string(1, type) + "' " + failure_);
  }

 private:
  std::string_view bytes_;
  std::string failure_;
};

Row ReadRow(Reader& reader) {
  const std::size_t count = reader.Read<std::uint16_t>();
  if (count > kColumnsMax || count > reader.left()) {
    reader.Fail("has too many columns");
    return {};
  }
  Row row(count);
  for (Value& value : row) {
    switch (reader.Read<char>()) {
      case 'n':
        break;
      case 'u':
        value.state = Value::State::kUnchanged;
        break;
      case 't':
        value.state = Value::State::kText;
        value.text = reader.ReadBytes(reader.Read<std::uint32_t>());
        break;
      default:
        reader.Fail("has a value of an unknown kind");
        return {};
    }
  }
  return row;
}

BeginMessage ReadBegin(Reader& reader) {
  BeginMessage begin;
  begin.commit = reader.ReadPosition();
  begin.committed_at_us = reader.ReadTime();
  begin.transaction_id = reader.Read<std::uint32_t>();
  return begin;
}

CommitMessage ReadCommit(Reader& reader) {
  reader.Read<std::uint8_t>();
  CommitMessage commit;
  commit.commit = reader.ReadPosition();
  commit.end = reader.ReadPosition();
  commit.committed_at_us = reader.ReadTime();
  if (commit.end <= commit.commit) {
    reader.Fail("ends before it begins");
  }
  return commit;
}

RelationMessage ReadRelation(Reader& reader) {
  RelationMessage relation;
  relation.oid = reader.Read<std::uint32_t>();
  relation.schema = ReplaceInvalidUtf8(reader.ReadString());
  if (relation.schema.empty()) {
    relation.schema = "pg_catalog";
  }
  relation.name = ReplaceInvalidUtf8(reader.ReadString());
  const char identity = reader.Read<char>();
  switch (identity) {
    case 'd':
    case 'i':
    case 'f':
    case 'n':
      relation.identity = static_cast<ReplicaIdentity>(identity);
      break;
    default:
      reader.Fail("has an unknown replica identity");
      return relation;
  }
  const std::size_t count = reader.Read<std::uint16_t>();
  if (count > kColumnsMax || count > reader.left()) {
    reader.Fail("has too many columns");
    return relation;
  }
  relation.columns.resize(count);
  for (RelationMessage::Column& column : relation.columns) {
    column.is_key = (reader.Read<std::uint8_t>() & 1U) != 0;
    column.name = ReplaceInvalidUtf8(reader.ReadString());
    column.type = reader.Read<std::uint32_t>();
    column.type_modifier = reader.Read<std::int32_t>();
  }
  return relation;
}

// The letter before a row says which one it is.
RowMessage ReadInsert(Reader& reader) {
  RowMessage message;
  message.oid = reader.Read<std::uint32_t>();
  if (reader.Read<char>() != 'N') {
    reader.Fail("has no new row");
  }
  message.row = ReadRow(reader);
  return message;
}

void ReadOldRow(Reader& reader, char letter, RowMessage& message) {
  message.is_old_key_only = letter == 'K';
  message.old_row = ReadRow(reader);
}

RowMessage ReadUpdate(Reader& reader) {
  RowMessage message;
  message.kind = Change::Kind::kUpdate;
  message.oid = reader.Read<std::uint32_t>();
  char letter = reader.Read<char>();
  if (letter == 'K' || letter == 'O') {
    ReadOldRow(reader, letter, message);
    letter = reader.Read<char>();
  }
  if (letter != 'N') {
    reader.Fail("has no new row");
  }
  message.row = ReadRow(reader);
  if (message.old_row && message.old_row->size() != message.row.size()) {
    reader.Fail("has an old and a new row of different widths");
  }
  return message;
}

RowMessage ReadDelete(Reader& reader) {
  RowMessage message;
  message.kind = Change::Kind::kDelete;
  message.oid = reader.Read<std::uint32_t>();
  const char letter = reader.Read<char>();
  if (letter != 'K' && letter != 'O') {
    reader.Fail("has no old row");
    return message;
  }
  ReadOldRow(reader, letter, message);
  return message;
}

TruncateMessage ReadTruncate(Reader& reader) {
  TruncateMessage message;
  const std::size_t count = reader.Read<std::uint32_t>();
  reader.Read<std::uint8_t>();
  if (count > reader.left() / sizeof(std::uint32_t)) {
    reader.Fail("ends early");
    return message;
  }
  message.oids.resize(count);
  for (std::uint32_t& oid : message.oids) {
    oid = reader.Read<std::uint32_t>();
  }
  return message;
}

OtherMessage ReadType(Reader& reader) {
  reader.Read<std::uint32_t>();
  reader.ReadString();
  reader.ReadString();
  return {};
}

OtherMessage ReadOrigin(Reader& reader) {
  reader.ReadPosition();
  reader.ReadString();
  return {};
}

OtherMessage ReadApplicationMessage(Reader& reader) {
  reader.Read<std::uint8_t>();
  reader.ReadPosition();
  reader.ReadString();
  reader.ReadBytes(reader.Read<std::uint32_t>());
  return {};
}

PluginMessage ReadPluginMessage(Reader& reader, char type) {
  switch (type) {
    case 'B':
      return ReadBegin(reader);
    case 'C':
      return ReadCommit(reader);
    case 'R':
      return ReadRelation(reader);
    case 'I':
      return ReadInsert(reader);
    case 'U':
      return ReadUpdate(reader);
    case 'D':
      return ReadDelete(reader);
    case 'T':
      return ReadTruncate(reader);
    case 'Y':
      return ReadType(reader);
    case 'O':
      return ReadOrigin(reader);
    case 'M':
      return ReadApplicationMessage(reader);
    default:
      reader.Fail("is unknown");
      return OtherMessage{};
  }
}

void AppendNumber(std::string& bytes, std::uint64_t number) {
  for (unsigned shift = 64; shift > 0; shift -= 8) {
    bytes += static_cast<char>(static_cast<unsigned char>(number >> (shift - 8)));
  }
}

}  // namespace

Result<PluginMessage> ParsePluginMessage(std::string_view bytes) {
  Reader reader(bytes);
  const char type = reader.Read<char>();
  PluginMessage message = ReadPluginMessage(reader, type);
  if (std::optional<Error> failure = reader.Finish(type)) {
    return *std::move(failure);
  }
  return message;
}

Result<StreamMessage> ParseStreamMessage(std::string_view bytes) {
  Reader reader(bytes);
  const char type = reader.Read<char>();
  if (type == 'w') {
    // Start, end and time; all of them mean little (Relation messages have zeros), and nothing may
    // be counted by them.
    reader.ReadBytes(3 * sizeof(std::uint64_t));
    const DataMessage message{reader.ReadBytes(reader.left())};
    if (std::optional<Error> failure = reader.Finish(type)) {
      return *std::move(failure);
    }
    return StreamMessage(message);
  }
  KeepaliveMessage keepalive;
  if (type == 'k') {
    keepalive.end = reader.ReadPosition();
    reader.ReadTime();
    keepalive.wants_answer = reader.Read<std::uint8_t>() != 0;
  } else {
    reader.Fail("is unknown");
  }
  if (std::optional<Error> failure = reader.Finish(type)) {
    return *std::move(failure);
  }
  return StreamMessage(keepalive);
}

std::string FormatStatusMessage(const StatusMessage& status) {
  std::string bytes = "r";
  AppendNumber(bytes, static_cast<std::uint64_t>(status.written));
  AppendNumber(bytes, static_cast<std::uint64_t>(status.flushed));
  AppendNumber(bytes, static_cast<std::uint64_t>(status.applied));
  AppendNumber(bytes, static_cast<std::uint64_t>(status.now_us - kEpochUs));
  bytes += status.wants_answer ? '\1' : '\0';
  return bytes;
}

}  // namespace cacheindex::replication
