#include "adapters/sqlite/append.h"

#include "adapters/sqlite/accounts.h"
#include "adapters/sqlite/rollup.h"
#include "adapters/sqlite/row_place.h"
#include "adapters/sqlite/schema.h"

namespace gateway::sqlite {
namespace {

constexpr std::size_t kMaxRemembered = 64 * 1024;
constexpr char kCopyBatch[] = "INSERT INTO main.entries SELECT * FROM batch.entries";

// The columns of `entries` behind its id.
template <class Columns>
void put_columns(Columns& out, const Row& row, std::int64_t kind) {
  const auto time = [&](WallTime at) {
    if (at == WallTime{}) return out.null();
    out.integer(micros_of(at) - micros_of(row.accepted));
  };
  const auto text = [&](std::string_view value) {
    if (value.empty()) return out.null();
    out.text(value);
  };
  out.blob(blob_of(row.request));
  out.integer(row.attempt);
  out.integer(row.entry);
  out.integer(static_cast<std::int64_t>(row.state));
  out.integer(kind);
  out.integer(row.usage.input);
  out.integer(row.usage.cached_input);
  out.integer(row.usage.cache_write);
  out.integer(row.usage.output);
  out.integer(row.usage.reasoning);
  out.integer(row.hold.units());
  out.integer(row.cost.units());
  out.integer(micros_of(row.accepted));
  time(row.dispatched);
  time(row.first_byte);
  time(row.ended);
  text(row.client_request_id);
  text(row.generation_id);
  out.integer(row.upstream_cost.units());
}

struct BoundColumns {
  Query& query;
  void null() { query.bind_null(); }
  void integer(std::int64_t value) { query.bind(value); }
  void text(std::string_view text) { query.bind(text); }
  void blob(std::span<const std::uint8_t> blob) { query.bind(blob); }
};

void count_refusal(Database& db, Names& names, const RefusalCount& refusal) {
  Query(db, "INSERT INTO refusals VALUES(?,?,?,?,?) ON CONFLICT DO UPDATE SET count = count + excluded.count",
        refusal.minute, names.number(refusal.project), names.number(refusal.model), names.number(refusal.code),
        refusal.count)
      .run();
}

}  // namespace

// What rows add that were not there yet.
struct Appender::Sums {
  RollupChanges rollup;
  AccountChanges accounts;

  void add(const Row& row, const Kind& kind) {
    if (row.state == RowState::open) return;
    rollup.add(row, kind);
    accounts.add(row, kind.texts.project);
  }
};

Appender::Appender(Database& db, Names& names) : db_(db), names_(names), kinds_(db, names) {
  if (!db.read_only()) batch_.emplace(db, "batch", create_entries("batch"));
}

// Closed rows all at once. False: one is there already, or its place is taken; then no closed row has gone in.
bool Appender::insert_as_pages(RowSequence rows, Sums& sums) {
  batch_->clear();
  closing_.clear();
  for (const Row& whole : rows) {
    const Row& row = clamped(whole);
    const Kind& kind = kinds_.of(row);
    if (!db_.ok()) return true;
    if (row.state == RowState::open) {  // has an index to go into also
      put(row, kind);
      continue;
    }
    const std::int64_t home = home_of(row.request, row.attempt, row.entry);
    if (open_.erase(home) > 0) closing_.push_back(home);
    record_.clear();
    record_.null();
    put_columns(record_, row, kind.number);
    batch_->add(home, record_);
    sums.add(row, kind);
  }
  return batch_->publish() && copy_batch();
}

// Open rows that the batch closes give way to it, or stay: a place must not be free while rows lie behind it.
bool Appender::copy_batch() {
  if (closing_.empty()) return Query(db_, kCopyBatch).run_or_conflict();
  Query(db_, "SAVEPOINT closing").run();
  for (const std::int64_t place : closing_) {
    Query(db_,
          "DELETE FROM main.entries WHERE id = ? AND state = 0 AND (request, attempt, entry) ="
          " (SELECT request, attempt, entry FROM batch.entries AS closed WHERE closed.id = main.entries.id)",
          place)
        .run();
  }
  const bool copied = Query(db_, kCopyBatch).run_or_conflict();
  if (!copied) Query(db_, "ROLLBACK TO closing").run();
  Query(db_, "RELEASE closing").run();
  return copied;
}

// One by one, to see which are there already.
void Appender::insert_one_by_one(RowSequence rows, Sums& sums) {
  for (const Row& whole : rows) {
    const Row& row = clamped(whole);
    const Kind& kind = kinds_.of(row);
    if (db_.ok() && put(row, kind)) sums.add(row, kind);
  }
}

// At its home or, where others are, in the first place behind it that is free. False: it is there already, and is not
// open or would be no less so.
bool Appender::put(const Row& row, const Kind& kind) {
  const RowPlaces places = places_of(row.request);
  const std::int64_t home = home_of(row.request, row.attempt, row.entry);
  std::int64_t place = home;
  for (;;) {
    Query at(db_, "SELECT request = ? AND attempt = ? AND entry = ?, state FROM main.entries WHERE id = ?",
             blob_of(row.request), row.attempt, row.entry, place);
    if (!at.next()) break;
    if (at.integer(0) != 0) {
      if (at.integer(1) != 0 || row.state == RowState::open) return false;
      break;
    }
    place = next_place(places, place);
    if (place == home) db_.fail({ErrorCode::invalid, "there is no place for more rows of one millisecond"});
  }
  Query query(db_, "INSERT OR REPLACE INTO main.entries VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)");
  query.bind(place);
  BoundColumns columns{query};
  put_columns(columns, row, kind.number);
  query.run();
  if (row.state == RowState::open) {
    if (open_.size() >= kMaxRemembered) open_.clear();
    open_.insert(place);
  } else {
    open_.erase(place);
  }
  return db_.ok();
}

const Row& Appender::clamped(const Row& row) {
  return within_limits(row.usage) ? row : clamped_ = clamped_to_limits(row);
}

void Appender::append(const Batch& batch) {
  Sums sums;
  if (!batch.rows.empty() && !insert_as_pages(batch.rows, sums)) {
    sums = {};
    insert_one_by_one(batch.rows, sums);
  }
  if (!db_.ok()) return;
  sums.rollup.write(db_);
  sums.accounts.write(db_);
  for (const RefusalCount& refusal : batch.refusals) count_refusal(db_, names_, refusal);
}

void Appender::forget() {
  names_.forget();
  kinds_.forget();
  open_.clear();
}

}  // namespace gateway::sqlite
