#include "adapters/sqlite/append.h"

#include <algorithm>

#include "adapters/sqlite/accounts.h"
#include "adapters/sqlite/answers.h"
#include "adapters/sqlite/quarters.h"
#include "adapters/sqlite/rollup.h"
#include "adapters/sqlite/row_place.h"
#include "adapters/sqlite/schema.h"

namespace gateway::sqlite {
namespace {

constexpr std::size_t kMaxRemembered = 64 * 1024;
constexpr char kCopyBatch[] = "INSERT INTO main.entries SELECT * FROM batch.entries";

// The columns of `entries` after its id.
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
  out.integer(row.usage.images);
  out.integer(row.usage.audio_ms);
  out.integer(row.usage.characters);
  out.integer(row.usage.searches);
}

struct BoundColumns {
  Query& query;
  void null() { query.bind_null(); }
  void integer(std::int64_t value) { query.bind(value); }
  void text(std::string_view text) { query.bind(text); }
  void blob(std::span<const std::uint8_t> blob) { query.bind(blob); }
};

bool same_bytes(std::span<const std::uint8_t> blob, const RequestId& id) {
  return std::equal(blob.begin(), blob.end(), id.bytes.begin(), id.bytes.end());
}

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
  QuarterChanges quarters;
  AnswerOwners answers;

  void add(const Row& row, const Kind& kind) {
    quarters.add(row);
    if (row.state == RowState::open) return;
    answers.add(row, kind.texts);
    rollup.add(row, kind);
    accounts.add(row, kind.texts.project);
  }
};

Appender::Appender(Database& db, Names& names, bool page_images) : db_(db), names_(names), kinds_(db, names) {
  if (db.read_only() || !page_images) return;
  batch_.emplace(db, "batch", create_entries("batch"));
  if (!reads_images()) batch_.reset();
}

// Whether SQLite finds in an image of several pages what was written there, and nothing wrong with it.
bool Appender::reads_images() {
  Row row;
  const auto make = [&row](std::int64_t n) {
    row.request.bytes[15] = static_cast<std::uint8_t>(n);
    row.state = RowState::settled;
    row.usage = {.input = n, .cached_input = 1, .cache_write = -1, .output = n << 20, .reasoning = -(n << 40)};
    row.cost = Money::units(n * 1'000'000'007);
    row.accepted = time_of(1'700'000'000'000'000 + n);
    row.ended = time_of(1'700'000'000'000'000 + n * n);
    row.client_request_id =
        std::string_view("a client's own name for it, of some length").substr(0, static_cast<std::size_t>(n % 40));
    return home_of(row.request, row.attempt, row.entry);
  };
  constexpr std::int64_t kRows = 200;
  batch_->clear();
  for (std::int64_t n = 0; n < kRows; ++n) {
    const std::int64_t home = make(n);
    record_.clear();
    record_.null();
    put_columns(record_, row, n);
    batch_->add(home, record_);
  }
  bool good = batch_->publish();
  {
    Query whole(db_, "PRAGMA batch.integrity_check(1)");
    good = good && whole.next() && whole.text(0) == "ok";
  }
  Query query(db_,
              "SELECT id, request, kind, input, cache_write, output, reasoning, cost, ended_after, client_request_id,"
              " generation_id FROM batch.entries ORDER BY kind");
  for (std::int64_t n = 0; good && n < kRows; ++n) {
    const std::int64_t home = make(n);
    good = query.next() && query.integer(0) == home && same_bytes(query.blob(1), row.request) &&
           query.integer(2) == n && query.integer(3) == n && query.integer(4) == -1 &&
           query.integer(5) == row.usage.output && query.integer(6) == row.usage.reasoning &&
           query.integer(7) == row.cost.units() && query.integer(8) == n * n - n &&
           query.text(9) == row.client_request_id.view() && query.is_null(10);
  }
  good = good && !query.next();
  return db_.take_error().has_value() && good;
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
      sums.add(row, kind);
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
  if (!batch_->publish()) return false;
#ifndef NDEBUG
  {
    Query whole(db_, "PRAGMA batch.integrity_check(1)");
    if (whole.next() && whole.text(0) != "ok") detail::die("an image of pages is damaged");
  }
#endif
  return copy_batch();
}

// Open rows that the batch closes are replaced by it, or stay: a row id must not be free while rows are stored after
// it.
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
    if (!db_.ok()) return;
    if (row.state == RowState::open ? put(row, kind) : put_closed(row, kind)) sums.add(row, kind);
  }
}

// Most are new, and have their home to themselves. False: it is there already.
bool Appender::put_closed(const Row& row, const Kind& kind) {
  const std::int64_t home = home_of(row.request, row.attempt, row.entry);
  if (open_.contains(home)) return put(row, kind);
  {
    Query query(db_, "INSERT INTO main.entries VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)");
    query.bind(home);
    BoundColumns columns{query};
    put_columns(columns, row, kind.number);
    if (query.run_or_conflict()) return db_.ok();
  }
  return put(row, kind);
}

// At its home or, if that is taken, at the first free row id after it. False: it is there already, and is not
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
  Query query(db_, "INSERT OR REPLACE INTO main.entries VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)");
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
  if (!batch.rows.empty() && !(batch_ && insert_as_pages(batch.rows, sums))) {
    sums = {};
    insert_one_by_one(batch.rows, sums);
  }
  if (!db_.ok()) return;
  sums.rollup.write(db_);
  sums.accounts.write(db_);
  sums.quarters.write(db_);
  sums.answers.write(db_);
  for (const RefusalCount& refusal : batch.refusals) count_refusal(db_, names_, refusal);
}

void Appender::forget() {
  names_.forget();
  kinds_.forget();
  open_.clear();
}

}  // namespace gateway::sqlite
