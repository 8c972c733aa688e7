#include "replication/plan_links.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "replication/plan_messages.h"
#include "replication/postgres_types.h"
#include "replication/row_key.h"

namespace cacheindex::replication {
namespace {

Error Invalid(std::string message) {
  return Error(ErrorCode::kInvalidArgument, std::move(message));
}

std::optional<std::vector<std::uint32_t>> SlotsOf(const StoredTable& table,
                                                  const std::vector<std::string>& columns) {
  std::vector<std::uint32_t> slots;
  for (const std::string& column : columns) {
    if (!table.latest().table->FindColumn(column)) {
      return std::nullopt;
    }
    slots.push_back(*table.FindSlot(column));
  }
  return slots;
}

bool Contains(const std::vector<std::uint32_t>& slots, std::optional<std::uint32_t> slot) {
  return slot && std::find(slots.begin(), slots.end(), *slot) != slots.end();
}

TypeKind KindOfSlot(const StoredTable& table, std::uint32_t slot) {
  const TableVersion& version = table.latest();
  return KindOfType(version.table->columns[*version.columns[slot]].base_type);
}

// Text types compare with each other, others with themselves only.
TypeKind ComparableKind(TypeKind kind) {
  return kind == TypeKind::kPaddedText || kind == TypeKind::kOther ? TypeKind::kText : kind;
}

Result<Link> DeclaredLink(const TableCatalogue& tables, const ReferenceDeclaration& reference) {
  const auto in_reference = [&](Error error) {
    return std::move(error).WithContext("reference " + reference.from_table + "." +
                                        reference.from_column + " -> " + reference.to_table + "." +
                                        reference.to_column);
  };
  const auto from = FindTable(tables, reference.from_table);
  if (!from) {
    return in_reference(from.error());
  }
  const auto to = FindTable(tables, reference.to_table);
  if (!to) {
    return in_reference(to.error());
  }
  const auto from_slots = SlotsOf(**from, {reference.from_column});
  if (!from_slots) {
    return in_reference(NoColumn(**from, reference.from_column));
  }
  const auto to_slots = SlotsOf(**to, {reference.to_column});
  if (!to_slots) {
    return in_reference(NoColumn(**to, reference.to_column));
  }
  if (ComparableKind(KindOfSlot(**from, from_slots->front())) !=
      ComparableKind(KindOfSlot(**to, to_slots->front()))) {
    return in_reference(Invalid(
        "the columns are of different types: " + DescribeType(**from, reference.from_column) +
        " and " + DescribeType(**to, reference.to_column)));
  }
  return Link{.from_table = (*from)->oid,
              .from_slots = *from_slots,
              .to_table = (*to)->oid,
              .to_slots = *to_slots};
}

std::string NamesOf(const StoredTable& table, const std::vector<std::uint32_t>& slots) {
  std::string names;
  for (const std::uint32_t slot : slots) {
    names += (names.empty() ? "" : ", ") + table.slot_names[slot];
  }
  return names;
}

Error Ambiguous(const TableCatalogue& tables, const StoredTable& table, const std::string& name,
                const std::vector<Direction>& directions) {
  std::string ways;
  for (const Direction& direction : directions) {
    const StoredTable& from = *tables.Find(direction.link.from_table);
    ways += (ways.empty() ? "" : " or ") + from.latest().table->name + "." +
            NamesOf(from, direction.link.from_slots);
  }
  return Invalid("from " + Describe(table) + " to \"" + name + "\" there are several ways: " +
                 ways + "; say " + name + "[via column], or begin with the column");
}

// The digest at the end of a long key would hide the values in front of it.
bool IsShortKey(const StoredTable& table, const std::vector<std::uint32_t>& slots) {
  constexpr std::size_t kValueBytesMax = 17;
  return slots.size() * kValueBytesMax < kRowKeyBytesMax / 2 &&
         std::all_of(slots.begin(), slots.end(), [&](std::uint32_t slot) {
           const TypeKind kind = KindOfSlot(table, slot);
           return kind == TypeKind::kInteger || kind == TypeKind::kUuid;
         });
}

}  // namespace

std::string Describe(const StoredTable& table) {
  return "table " + table.latest().table->QualifiedName();
}

Result<const StoredTable*> FindTable(const TableCatalogue& tables, const std::string& name) {
  const StoredTable* found = nullptr;
  for (const auto& [oid, table] : tables.tables()) {
    const Table& description = *table->latest().table;
    if (description.QualifiedName() == name) {
      return table.get();
    }
    if (description.name == name) {
      if (found != nullptr) {
        return Invalid("there are tables " + found->latest().table->QualifiedName() + " and " +
                       description.QualifiedName() + ": name the schema");
      }
      found = table.get();
    }
  }
  if (found == nullptr) {
    return NoTable(tables, name);
  }
  return found;
}

Result<std::vector<Link>> FindLinks(const TableCatalogue& tables,
                                    const std::vector<ReferenceDeclaration>& references) {
  std::vector<Link> links;
  for (const auto& [oid, table] : tables.tables()) {
    for (const Table::ForeignKey& key : table->latest().table->foreign_keys) {
      const StoredTable* const to = tables.Find(key.referenced_oid);
      const auto from_slots = SlotsOf(*table, key.columns);
      const auto to_slots = to == nullptr ? std::nullopt : SlotsOf(*to, key.referenced_columns);
      // Where the publication leaves one of them out there is nothing to follow.
      if (from_slots && to_slots) {
        links.push_back({.from_table = oid,
                         .from_slots = *from_slots,
                         .to_table = key.referenced_oid,
                         .to_slots = *to_slots});
      }
    }
  }
  for (const ReferenceDeclaration& reference : references) {
    auto link = DeclaredLink(tables, reference);
    if (!link) {
      return std::move(link).error();
    }
    const bool is_known = std::any_of(links.begin(), links.end(), [&](const Link& known) {
      return known.from_table == link->from_table && known.from_slots == link->from_slots &&
             known.to_table == link->to_table && known.to_slots == link->to_slots;
    });
    if (!is_known) {
      links.push_back(*std::move(link));
    }
  }
  return links;
}

Result<Direction> FindDirection(const TableCatalogue& tables, const std::vector<Link>& links,
                                const StoredTable& table, const Syntax::Step& step) {
  std::vector<Direction> directions;
  if (const auto slot = table.FindSlot(step.name)) {
    for (const Link& link : links) {
      if (link.from_table == table.oid && link.from_slots == std::vector{*slot}) {
        directions.push_back({link, false});
      }
    }
  }
  if (directions.empty()) {
    for (const Link& link : links) {
      const StoredTable& from = *tables.Find(link.from_table);
      if (!step.via.empty() && !Contains(link.from_slots, from.FindSlot(step.via))) {
        continue;
      }
      const auto is_named = [&](std::uint32_t oid) {
        const Table& description = *tables.Find(oid)->latest().table;
        return description.name == step.name || description.QualifiedName() == step.name;
      };
      if (link.to_table == table.oid && is_named(link.from_table)) {
        directions.push_back({link, true});
      } else if (link.from_table == table.oid && is_named(link.to_table)) {
        directions.push_back({link, false});
      }
    }
  }
  if (directions.empty()) {
    return NoDirection(tables, links, table, step);
  }
  if (directions.size() > 1) {
    return Ambiguous(tables, table, step.name, directions);
  }
  return directions.front();
}

Access MakeAccess(const StoredTable& to, std::vector<std::uint32_t> to_slots,
                  std::vector<std::uint32_t> from_slots) {
  Access access{.table = to.oid, .slots = std::move(to_slots), .from_slots = std::move(from_slots)};
  std::vector<std::uint32_t> key = to.KeySlots();
  access.kind = Access::Kind::kIndex;
  if (access.slots.size() > key.size()) {
    return access;
  }
  const bool is_whole_key = access.slots.size() == key.size();
  key.resize(access.slots.size());
  const bool is_front =
      std::is_permutation(key.begin(), key.end(), access.slots.begin(), access.slots.end());
  if (!is_front || (!is_whole_key && !IsShortKey(to, key))) {
    return access;
  }
  std::vector<std::uint32_t> ordered;
  for (const std::uint32_t slot : key) {
    const auto at = std::find(access.slots.begin(), access.slots.end(), slot);
    ordered.push_back(access.from_slots[static_cast<std::size_t>(at - access.slots.begin())]);
  }
  access.slots = std::move(key);
  access.from_slots = std::move(ordered);
  access.kind = is_whole_key ? Access::Kind::kKey : Access::Kind::kPrefix;
  return access;
}

Place MakePlace(const TableCatalogue& tables, const Direction& direction) {
  const Link& link = direction.link;
  const auto& [near_table, near_slots, far_table, far_slots] =
      direction.is_backwards
          ? std::tie(link.to_table, link.to_slots, link.from_table, link.from_slots)
          : std::tie(link.from_table, link.from_slots, link.to_table, link.to_slots);
  Place place;
  place.table = far_table;
  place.down = MakeAccess(*tables.Find(far_table), far_slots, near_slots);
  place.up = MakeAccess(*tables.Find(near_table), near_slots, far_slots);
  // A row refers to one other; others refer to it one by one only where that is their key.
  place.is_many = direction.is_backwards && place.down.kind != Access::Kind::kKey;
  place.used.resize(tables.Find(far_table)->slot_names.size());
  for (const std::uint32_t slot : place.down.slots) {
    place.used[slot] = FieldSet::All();
  }
  return place;
}

}  // namespace cacheindex::replication
