#include "replication/apply/progress.h"

#include <string_view>
#include <utility>

#include "node/core/json.h"
#include "replication/rows/repaired_values.h"

namespace cacheindex::replication {
namespace {

constexpr std::string_view kStateKey = "state";
constexpr std::string_view kDeclarationsKey = "declarations";
constexpr std::string_view kKeptKey = "kept";
constexpr std::string_view kHiddenKey = "hidden";
constexpr std::string_view kCopyPrefix = "copy/";

std::string CopyKey(std::uint32_t table) {
  std::string key(kCopyPrefix);
  for (int shift = 24; shift >= 0; shift -= 8) {
    key += static_cast<char>(table >> static_cast<unsigned>(shift));
  }
  return key;
}

// Keys are bytes, and JSON holds text.
std::string ToHexadecimal(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const char byte : bytes) {
    text += kDigits[static_cast<unsigned char>(byte) >> 4U];
    text += kDigits[static_cast<unsigned char>(byte) & 15U];
  }
  return text;
}

std::string FromHexadecimal(const std::string& text) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(text.substr(i, 2), nullptr, 16));
  }
  return bytes;
}

std::uint64_t Number(LogPosition position) { return static_cast<std::uint64_t>(position); }

Json ToJson(const Progress& progress) {
  const SourceState& source = progress.source;
  const SourceIdentity& identity = source.identity;
  Json json = {{"format", 1},
               {"phase", static_cast<int>(source.phase)},
               {"system_identifier", identity.system_identifier},
               {"timeline", identity.timeline},
               {"slot", identity.slot},
               {"slot_created_at", Number(identity.slot_created_at)},
               {"publication_fingerprint", identity.publication_fingerprint},
               {"applied", Number(source.applied)},
               {"snapshot_max", Number(source.snapshot_max)},
               {"uncertain_until", Number(progress.uncertain_until)},
               {"tables", progress.tables},
               {"is_copying_again", progress.is_copying_again},
               {"build_plan", progress.build_plan},
               {"build_after", ToHexadecimal(progress.build_after)},
               {"rows", progress.rows},
               {"holes", progress.holes},
               {"waiting", progress.waiting},
               {"refused", progress.refused},
               {"repaired", progress.repaired}};
  for (const SetAsideCollection& set_aside : progress.set_aside) {
    json["set_aside"].push_back({{"collection", set_aside.collection},
                                 {"table", set_aside.table},
                                 {"reason", set_aside.reason},
                                 {"kept_at", Number(set_aside.kept_at)},
                                 {"kept_as", static_cast<std::uint32_t>(set_aside.kept_as)}});
  }
  if (progress.large) {
    json["large"] = {{"commit", Number(progress.large->commit)},
                     {"changes", progress.large->changes},
                     {"transaction_id", progress.large->transaction_id},
                     {"committed_at_us", progress.large->committed_at_us}};
  }
  if (source.last) {
    json["last"] = {{"commit", Number(source.last->commit)},
                    {"end", Number(source.last->end)},
                    {"transaction_id", source.last->transaction_id},
                    {"committed_at_us", source.last->committed_at_us}};
  }
  return json;
}

Error Damaged() { return {ErrorCode::kCorruption, "damaged state of the source's progress"}; }

Result<Json> LoadKeptSchemas(const cache::View& view) {
  const auto bytes = view.FindEntry(cache::kOwnersColumn, kKeptKey);
  if (!bytes) {
    return bytes.error();
  }
  auto schemas = *bytes ? ParseJson(**bytes) : Result<Json>(Json::object());
  return schemas && schemas->is_object() ? std::move(schemas) : Damaged();
}

// Throws Json::exception where `json` is not what ToJson returns.
Progress ProgressOfJson(const Json& json) {
  Progress progress;
  SourceState& source = progress.source;
  SourceIdentity& identity = source.identity;
  source.phase = static_cast<Phase>(json.at("phase").get<int>());
  identity.system_identifier = json.at("system_identifier").get<std::uint64_t>();
  identity.timeline = json.at("timeline").get<std::uint32_t>();
  identity.slot = json.at("slot").get<std::string>();
  identity.slot_created_at = LogPosition{json.at("slot_created_at").get<std::uint64_t>()};
  identity.publication_fingerprint = json.at("publication_fingerprint").get<std::string>();
  source.applied = LogPosition{json.at("applied").get<std::uint64_t>()};
  source.snapshot_max = LogPosition{json.at("snapshot_max").get<std::uint64_t>()};
  progress.uncertain_until = LogPosition{json.value("uncertain_until", std::uint64_t{0})};
  progress.tables = json.at("tables").get<std::vector<std::uint32_t>>();
  progress.is_copying_again = json.at("is_copying_again").get<bool>();
  progress.build_plan = json.at("build_plan").get<std::uint32_t>();
  progress.build_after = FromHexadecimal(json.at("build_after").get<std::string>());
  progress.rows = json.at("rows").get<std::uint64_t>();
  progress.holes = json.at("holes").get<std::uint64_t>();
  progress.waiting = json.at("waiting").get<std::uint64_t>();
  progress.refused = json.value("refused", std::uint64_t{0});
  progress.repaired = json.value("repaired", std::uint64_t{0});
  for (const Json& set_aside : json.value("set_aside", Json::array())) {
    progress.set_aside.push_back(
        {.collection = set_aside.at("collection").get<std::string>(),
         .table = set_aside.at("table").get<std::string>(),
         .reason = set_aside.at("reason").get<std::string>(),
         .kept_at = LogPosition{set_aside.at("kept_at").get<std::uint64_t>()},
         .kept_as = cache::CollectionNumber{set_aside.at("kept_as").get<std::uint32_t>()}});
  }
  if (const auto large = json.find("large"); large != json.end()) {
    progress.large =
        Progress::Large{.commit = LogPosition{large->at("commit").get<std::uint64_t>()},
                        .changes = large->at("changes").get<std::uint64_t>(),
                        .transaction_id = large->value("transaction_id", std::uint32_t{0}),
                        .committed_at_us = large->value("committed_at_us", std::int64_t{0})};
  }
  if (const auto last = json.find("last"); last != json.end()) {
    source.last = CommitMark{.commit = LogPosition{last->at("commit").get<std::uint64_t>()},
                             .end = LogPosition{last->at("end").get<std::uint64_t>()},
                             .transaction_id = last->at("transaction_id").get<std::uint32_t>(),
                             .committed_at_us = last->at("committed_at_us").get<std::int64_t>()};
  }
  return progress;
}

// Throws Json::exception where `json` is not what SaveCopy writes.
CopyProgress CopyOfJson(const Json& json) {
  CopyProgress copy{.table_oid = json.at("table").get<std::uint32_t>(),
                    .is_complete = json.at("is_complete").get<bool>(),
                    .last_key = {},
                    .rows = json.at("rows").get<std::uint64_t>()};
  for (const Json& value : json.at("last_key")) {
    copy.last_key.push_back(BytesOfJson(value));
  }
  return copy;
}

}  // namespace

Result<Progress> LoadProgress(const cache::View& view) {
  const auto bytes = view.FindEntry(cache::kOwnersColumn, kStateKey);
  if (!bytes) {
    return bytes.error();
  }
  if (!*bytes) {
    return Progress();
  }
  const auto json = ParseJson(**bytes);
  if (!json) {
    return Damaged();
  }
  try {
    Progress progress = ProgressOfJson(*json);
    const auto declarations = view.FindEntry(cache::kOwnersColumn, kDeclarationsKey);
    if (!declarations) {
      return declarations.error();
    }
    progress.declarations = declarations->value_or("");
    bool is_sound = true;
    auto scanned = view.ScanEntries(cache::kOwnersColumn, kCopyPrefix,
                                    [&](std::string_view, std::string_view value) {
                                      const auto copy = ParseJson(value);
                                      is_sound = is_sound && copy.has_value();
                                      if (copy) {
                                        progress.source.copies.push_back(CopyOfJson(*copy));
                                      }
                                      return is_sound;
                                    });
    if (!scanned) {
      return std::move(scanned).error();
    }
    return is_sound ? Result<Progress>(std::move(progress)) : Damaged();
  } catch (const Json::exception&) {
    return Damaged();
  }
}

Result<void> SaveProgress(cache::WriteTransaction& transaction, const Progress& progress) {
  if (auto put = transaction.PutEntry(cache::kOwnersColumn, kStateKey, DumpJson(ToJson(progress)));
      !put) {
    return put;
  }
  // By itself, because every composed document asks for it.
  return progress.are_waiting_hidden() ? transaction.PutEntry(cache::kOwnersColumn, kHiddenKey, {})
                                       : transaction.DeleteEntry(cache::kOwnersColumn, kHiddenKey);
}

Result<void> SaveDeclarations(cache::WriteTransaction& transaction,
                              const std::string& declarations) {
  return transaction.PutEntry(cache::kOwnersColumn, kDeclarationsKey, declarations);
}

Result<void> SaveKeptSchema(cache::WriteTransaction& transaction, const std::string& collection,
                            const Json& schema) {
  auto schemas = LoadKeptSchemas(transaction);
  if (!schemas) {
    return std::move(schemas).error();
  }
  (*schemas)[collection] = schema;
  return transaction.PutEntry(cache::kOwnersColumn, kKeptKey, DumpJson(*schemas));
}

Result<std::optional<Json>> LoadKeptSchema(const cache::View& view, std::string_view collection) {
  auto schemas = LoadKeptSchemas(view);
  if (!schemas) {
    return std::move(schemas).error();
  }
  const auto schema = schemas->find(collection);
  return schema == schemas->end() ? std::optional<Json>() : std::optional<Json>(*schema);
}

Result<void> SaveCopy(cache::WriteTransaction& transaction, const CopyProgress& copy) {
  Json last_key = Json::array();
  for (const std::string& value : copy.last_key) {
    last_key.push_back(JsonOfBytes(value));
  }
  const Json json = {{"table", copy.table_oid},
                     {"is_complete", copy.is_complete},
                     {"last_key", std::move(last_key)},
                     {"rows", copy.rows}};
  return transaction.PutEntry(cache::kOwnersColumn, CopyKey(copy.table_oid), DumpJson(json));
}

Result<void> DeleteCopy(cache::WriteTransaction& transaction, std::uint32_t table) {
  return transaction.DeleteEntry(cache::kOwnersColumn, CopyKey(table));
}

Result<bool> AreWaitingHidden(const cache::View& view) {
  const auto hidden = view.FindEntry(cache::kOwnersColumn, kHiddenKey);
  return hidden ? Result<bool>(hidden->has_value()) : hidden.error();
}

}  // namespace cacheindex::replication
