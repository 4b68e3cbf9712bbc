#include "adapters/sqlite/row_query.h"

#include <algorithm>
#include <string>
#include <tuple>
#include <vector>

#include "adapters/sqlite/conditions.h"
#include "adapters/sqlite/row_columns.h"
#include "adapters/sqlite/row_place.h"

namespace gateway::sqlite {
namespace {

// What rows are wanted: conditions on what is a row's own, and on what its kind has.
struct Wanted {
  Conditions entry, kind;
  bool only_open = false;  // the index of open entries has all of them
};

// Rows are found in `entries` alone, by the numbers of the kinds that match: a row that does not match costs no look
// at its kind, and is not put together. Appends up to `limit` of them in all, one stretch after another.
void read_rows(Database& db, Names& names, const Wanted& wanted, const std::vector<Stretch>& stretches,
               const std::string& order, std::int64_t limit, std::vector<Row>& out) {
  if (stretches.empty()) return;
  Conditions where = wanted.entry;
  if (!wanted.kind.empty()) where.add_subquery("kind IN (SELECT id FROM kinds", wanted.kind);
  // Open rows have an index of their own, which a range of ids must not keep from being used.
  const std::string id = wanted.only_open ? "+id" : "id";
  const std::string range = (where.empty() ? " WHERE " : " AND ") + id + " >= ? AND " + id + " <= ?";
  Query query(db, "SELECT * FROM ledger WHERE id IN (SELECT id FROM entries" + where.sql() + range + " ORDER BY " +
                      (wanted.only_open ? "+" : "") + order + " LIMIT ?) ORDER BY " + order);
  for (const Stretch& each : stretches) {
    if (static_cast<std::int64_t>(out.size()) >= limit) return;
    query.restart();
    where.bind(query);
    query.bind(each.first);
    query.bind(each.last);
    query.bind(limit - static_cast<std::int64_t>(out.size()));
    while (query.next()) {
      out.push_back(read_row(db, names, query));
      if (!db.ok()) return out.clear();
    }
  }
}

bool is_any_kind(Database& db, const Conditions& kind) {
  if (kind.sql().empty()) return true;
  Query query(db, "SELECT id FROM kinds" + kind.sql() + " LIMIT 1");
  kind.bind(query);
  return query.next();
}

void sort(std::vector<Row>& rows, bool descending) {
  std::sort(rows.begin(), rows.end(), [descending](const Row& a, const Row& b) {
    const auto key = [](const Row& row) { return std::tie(row.request, row.attempt, row.entry); };
    return descending ? key(b) < key(a) : key(a) < key(b);
  });
}

// By what is a row's own and by its kind; beyond `last`, if there is one.
Wanted wanted_by(Names& names, const RowQuery& asked, const Row* last, bool descending) {
  Wanted wanted;
  Conditions& where = wanted.entry;
  const auto named = [&](const char* column, const AnyText& texts) {
    std::vector<std::int64_t> any;
    for (const std::string& text : texts.values()) any.push_back(names.find(text).value_or(-1));
    wanted.kind.add_any(column, any);
  };
  const auto numbered = [](Conditions& conditions, const char* column, const auto& numbers) {
    std::vector<std::int64_t> any;
    for (const auto number : numbers.values()) any.push_back(static_cast<std::int64_t>(number));
    conditions.add_any(column, any);
  };
  if (asked.request) where.add("request = ?", *asked.request);
  if (asked.after) where.add("request > ?", *asked.after);
  if (asked.before) {
    where.add("(request, attempt, entry) < (?", asked.before->request);
    where.continue_with(", ?", asked.before->attempt);
    where.continue_with(", ?)", asked.before->entry);
  }
  named("project", asked.project);
  named("api_key", asked.key);
  named("asked_model", asked.model);
  named("served_model", asked.served_model);
  named("provider", asked.provider);
  named("error_code", asked.code);
  numbered(wanted.kind, "operation", asked.operation);
  wanted.kind.add_status(asked.status);
  if (asked.flags_any != 0) wanted.kind.add("flags & ? <> 0", asked.flags_any);
  if (asked.streamed) wanted.kind.add("streamed = ?", *asked.streamed ? 1 : 0);
  wanted.only_open = asked.state.values() == std::vector<RowState>{RowState::open};
  if (wanted.only_open) {
    where.add("state = 0");
  } else {
    numbered(where, "state", asked.state);
  }
  if (asked.min_cost) where.add("cost >= ?", asked.min_cost->units());
  if (asked.min_duration) where.add("ended_after >= ?", asked.min_duration->count());
  if (asked.since) where.add("accepted >= ?", micros_of(*asked.since));
  if (asked.until) where.add("accepted < ?", micros_of(*asked.until));
  if (last != nullptr) {
    where.add(descending ? "(request, attempt, entry) < (?" : "(request, attempt, entry) > (?", last->request);
    where.continue_with(", ?", last->attempt);
    where.continue_with(", ?)", last->entry);
  }
  return wanted;
}

// Where they may lie, by their ids.
Stretch stretch_of(const RowQuery& asked, const Row* last, bool descending) {
  Stretch all;
  const auto from = [&all](const RequestId& request) { all.first = std::max(all.first, places_of(request).first); };
  const auto to = [&all](const RequestId& request) { all.last = std::min(all.last, places_of(request).last); };
  if (asked.request) from(*asked.request), to(*asked.request);
  if (asked.after) from(*asked.after);
  if (asked.before) to(asked.before->request);
  if (last != nullptr) descending ? to(last->request) : from(last->request);
  return all;
}

}  // namespace

std::vector<Row> some_rows(Database& db, Names& names, const RowQuery& asked, const Row* last, std::int64_t limit,
                           RowSearch& search) {
  const bool descending = asked.newest_first && !asked.after;
  const Wanted wanted = wanted_by(names, asked, last, descending);
  if (!is_any_kind(db, wanted.kind)) return {};
  const Stretch all = stretch_of(asked, last, descending);
  const std::string order = descending ? "id DESC" : "id";
  std::vector<Row> out;
  const bool is_search = !asked.request && !wanted.only_open &&
                         (!wanted.kind.empty() || !asked.state.empty() || asked.min_cost || asked.min_duration ||
                          asked.since || asked.until);
  if (is_search) {
    // One part after another, until there are enough; of those that earlier steps went through, what is left.
    const auto read = [&](std::vector<Stretch> stretches) {
      for (Stretch& each : stretches) each = common_part(each, all);
      std::erase_if(stretches, [](const Stretch& each) { return each.empty(); });
      read_rows(db, names, wanted, stretches, order, limit, out);
    };
    read({search.near_begin(db, all, descending)});
    std::size_t done = 0;
    do {
      const std::vector<Stretch>& found = search.found();
      read({found.begin() + static_cast<std::ptrdiff_t>(done), found.end()});
      done = found.size();
    } while (static_cast<std::int64_t>(out.size()) < limit && db.ok() &&
             search.go_on(db, asked, wanted.kind, descending));
  } else {
    read_rows(db, names, wanted, {all}, order, limit, out);
  }
  if (!db.ok()) return {};
  if (static_cast<std::int64_t>(out.size()) < limit) {
    sort(out, descending);
    return out;
  }
  // Ids are in the order of milliseconds; of the last one, the first rows by their own order may be others.
  const RowPlaces places = places_of(out.back().request);
  while (!out.empty() && places_of(out.back().request).first == places.first) out.pop_back();
  const char* const order_within = descending ? "request DESC, attempt DESC, entry DESC" : "request, attempt, entry";
  std::vector<Row> of_last;
  read_rows(db, names, wanted, {common_part(all, {places.first, places.last})}, order_within, limit, of_last);
  out.insert(out.end(), of_last.begin(), of_last.end());
  sort(out, descending);
  out.resize(std::min(out.size(), static_cast<std::size_t>(limit)));
  return out;
}

std::vector<Row> open_rows(Database& db, Names& names, std::uint64_t process) {
  std::vector<Row> out;
  Query query(db, process == 0 ? std::string("SELECT * FROM ledger WHERE state = 0")
                               : "SELECT * FROM ledger WHERE state = 0 AND process = ?");
  if (process != 0) query.bind(signed_of(process));
  while (query.next()) {
    Row row = read_row(db, names, query);
    if (!db.ok()) return {};
    out.push_back(row);
  }
  return out;
}

}  // namespace gateway::sqlite
