#include "replication/declaration/plan_links.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "replication/declaration/plan_messages.h"
#include "replication/declaration/reference_declaration.h"
#include "replication/declaration/reference_types.h"
#include "replication/rows/row_key.h"

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

const TableColumn& ColumnOfSlot(const StoredTable& table, std::uint32_t slot) {
  const TableVersion& version = table.latest();
  return version.table->columns[*version.columns[slot]];
}

bool IsSpan(const KeyForms& forms) {
  return std::any_of(forms.begin(), forms.end(),
                     [](const KeyForm& form) { return form.spread == KeyForm::Spread::kSpan; });
}

// Forms that are all as in the key are none.
KeyForms Simplified(KeyForms forms) {
  return std::all_of(forms.begin(), forms.end(),
                     [](const KeyForm& form) { return form == KeyForm(); })
             ? KeyForms()
             : std::move(forms);
}

// Sets how the columns of `link` are compared, `columns` saying which values the referring ones
// have.
Result<void> SetForms(const StoredTable& from, const StoredTable& to,
                      const std::vector<ReferenceColumn>& columns, Link& link) {
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const auto forms = FormsOf(ColumnOfSlot(from, link.from_slots[i]), columns[i],
                               ColumnOfSlot(to, link.to_slots[i]));
    if (!forms) {
      return forms.error();
    }
    link.from_forms.push_back(forms->from);
    link.to_forms.push_back(forms->to);
    link.keeps_apart = link.keeps_apart && forms->keeps_apart;
  }
  link.from_forms = Simplified(std::move(link.from_forms));
  link.to_forms = Simplified(std::move(link.to_forms));
  return {};
}

/// Columns in front of the bounds of nested sets, at most: a key holds them whole.
constexpr std::size_t kTreeColumnsMax = 2;

// As SetForms, where the last column referred to is a span: its upper bound is the last slot.
Result<void> SetSpanForms(const StoredTable& from, const StoredTable& to, Link& link) {
  const std::size_t front = link.from_slots.size() - 1;
  if (front > kTreeColumnsMax) {
    return Invalid("has more than " + std::to_string(kTreeColumnsMax) +
                   " columns in front of the bounds");
  }
  for (std::size_t i = 0; i < front; ++i) {
    const TableColumn& column = ColumnOfSlot(to, link.to_slots[i]);
    const auto forms = FormsOf(ColumnOfSlot(from, link.from_slots[i]), {}, column);
    if (!forms) {
      return forms.error();
    }
    if (!IsShort(column) || !(forms->from == KeyForm())) {
      return Invalid("column \"" + column.name +
                     "\" in front of the bounds must be a whole number or a uuid on both sides");
    }
  }
  const auto form =
      SpanFormOf(ColumnOfSlot(from, link.from_slots[front]), ColumnOfSlot(to, link.to_slots[front]),
                 ColumnOfSlot(to, link.to_slots[front + 1]));
  if (!form) {
    return form.error();
  }
  link.to_forms.resize(link.to_slots.size());
  link.to_forms[front] = *form;
  link.to_forms[front + 1].spread = KeyForm::Spread::kSpanEnd;
  return {};
}

// The slots of the columns' names, those of upper bounds behind their lower ones.
Result<std::vector<std::uint32_t>> DeclaredSlots(const StoredTable& table,
                                                 const std::vector<ReferenceColumn>& columns) {
  std::vector<std::uint32_t> slots;
  for (const ReferenceColumn& column : columns) {
    for (const std::string& name : {column.name, column.upper}) {
      if (name.empty()) {
        continue;
      }
      const auto slot = SlotsOf(table, {name});
      if (!slot) {
        return NoColumn(table, name);
      }
      slots.push_back(slot->front());
    }
  }
  return slots;
}

Result<Link> LinkOf(const TableCatalogue& tables, const ReferenceDeclaration& reference) {
  const auto from = FindTable(tables, reference.from_table);
  if (!from) {
    return from.error();
  }
  const auto to = FindTable(tables, reference.to_table);
  if (!to) {
    return to.error();
  }
  const auto from_columns = ParseReferenceColumns(reference.from_column);
  const auto to_columns = ParseReferenceColumns(reference.to_column);
  if (!from_columns || !to_columns) {
    return from_columns ? to_columns.error() : from_columns.error();
  }
  auto from_slots = DeclaredSlots(**from, *from_columns);
  if (!from_slots) {
    return std::move(from_slots).error();
  }
  auto to_slots = DeclaredSlots(**to, *to_columns);
  if (!to_slots) {
    return std::move(to_slots).error();
  }
  Link link;
  link.from_table = (*from)->oid;
  link.from_slots = *std::move(from_slots);
  link.to_table = (*to)->oid;
  link.to_slots = *std::move(to_slots);
  const bool is_span = to_columns->back().spread == KeyForm::Spread::kSpan;
  auto set =
      is_span ? SetSpanForms(**from, **to, link) : SetForms(**from, **to, *from_columns, link);
  return set ? Result<Link>(std::move(link)) : std::move(set).error();
}

Result<Link> DeclaredLink(const TableCatalogue& tables, const ReferenceDeclaration& reference) {
  auto link = LinkOf(tables, reference);
  return link ? std::move(link)
              : Error(link.error())
                    .WithContext("reference " + reference.from_table + "." + reference.from_column +
                                 " -> " + reference.to_table + "." + reference.to_column);
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
         std::all_of(slots.begin(), slots.end(),
                     [&](std::uint32_t slot) { return IsShort(ColumnOfSlot(table, slot)); });
}

// One side of a link.
struct Side {
  const StoredTable& table;
  const std::vector<std::uint32_t>& slots;
  const KeyForms& forms;
};

// Returns whether `slots` are the columns of the table's key in any order.
bool AreKey(const StoredTable& table, const std::vector<std::uint32_t>& slots) {
  const std::vector<std::uint32_t> key = table.KeySlots();
  return key.size() == slots.size() && std::is_permutation(key.begin(), key.end(), slots.begin());
}

// Returns how rows of `to` are found whose columns have the values of those of `from`.
Access MakeAccess(const Side& to, const Side& from) {
  Access access;
  access.table = to.table.oid;
  access.slots = to.slots;
  access.forms = to.forms;
  access.from_slots = from.slots;
  access.from_forms = from.forms;
  access.kind = Access::Kind::kIndex;
  if (IsSpan(to.forms)) {
    access.kind = Access::Kind::kSpans;
    return access;
  }
  if (IsSpan(from.forms)) {
    // The number is looked for between the bounds as they are.
    access.kind = Access::Kind::kRange;
    access.from_forms.clear();
    return access;
  }
  std::vector<std::uint32_t> key = to.table.KeySlots();
  if (access.slots.size() > key.size() || !to.forms.empty()) {
    return access;
  }
  key.resize(access.slots.size());
  const bool is_front =
      std::is_permutation(key.begin(), key.end(), access.slots.begin(), access.slots.end());
  const bool is_whole_key = AreKey(to.table, access.slots);
  if (!is_front || (!is_whole_key && !IsShortKey(to.table, key))) {
    return access;
  }
  std::vector<std::uint32_t> from_slots;
  KeyForms from_forms;
  for (const std::uint32_t slot : key) {
    const auto at = static_cast<std::size_t>(
        std::find(access.slots.begin(), access.slots.end(), slot) - access.slots.begin());
    from_slots.push_back(from.slots[at]);
    if (!from.forms.empty()) {
      from_forms.push_back(from.forms[at]);
    }
  }
  access.slots = std::move(key);
  access.from_slots = std::move(from_slots);
  access.from_forms = std::move(from_forms);
  access.kind = is_whole_key ? Access::Kind::kKey : Access::Kind::kPrefix;
  return access;
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
        Link link;
        link.from_table = oid;
        link.from_slots = *from_slots;
        link.to_table = key.referenced_oid;
        link.to_slots = *to_slots;
        const std::vector<ReferenceColumn> columns(from_slots->size());
        if (const auto set = SetForms(*table, *to, columns, link); !set) {
          link.problem = set.error().message();
        }
        links.push_back(std::move(link));
      }
    }
  }
  for (const ReferenceDeclaration& reference : references) {
    auto link = DeclaredLink(tables, reference);
    if (!link) {
      return std::move(link).error();
    }
    if (std::find(links.begin(), links.end(), *link) == links.end()) {
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
  if (directions.empty() && table.FindSlot(step.name)) {
    // One column of several that refer together.
    for (const Link& link : links) {
      if (link.from_table == table.oid && Contains(link.from_slots, table.FindSlot(step.name))) {
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
  const Link& link = directions.front().link;
  if (!link.problem.empty()) {
    return Invalid("the foreign key from " + Describe(*tables.Find(link.from_table)) + " to " +
                   Describe(*tables.Find(link.to_table)) + ": " + link.problem);
  }
  return directions.front();
}

Place MakePlace(const TableCatalogue& tables, const Direction& direction) {
  const Link& link = direction.link;
  const Side from{*tables.Find(link.from_table), link.from_slots, link.from_forms};
  const Side to{*tables.Find(link.to_table), link.to_slots, link.to_forms};
  const Side& near = direction.is_backwards ? to : from;
  const Side& far = direction.is_backwards ? from : to;
  Place place;
  place.table = far.table.oid;
  place.down = MakeAccess(far, near);
  place.up = MakeAccess(near, far);
  place.down.is_shared = !direction.is_backwards;
  // A row refers to one other where it has one value; others refer to it one by one only where that
  // is their key.
  const bool is_one_to_one =
      !link.may_be_many() && link.keeps_apart && AreKey(far.table, far.slots);
  place.is_many = direction.is_backwards ? !is_one_to_one : link.may_be_many();
  place.used.resize(far.table.slot_names.size());
  for (const std::uint32_t slot : place.down.slots) {
    place.used[slot] = FieldSet::All();
  }
  return place;
}

}  // namespace cacheindex::replication
