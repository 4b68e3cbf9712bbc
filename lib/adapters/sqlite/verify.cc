#include "adapters/sqlite/verify.h"

#include <algorithm>
#include <array>
#include <limits>

#include "adapters/sqlite/row_columns.h"
#include "adapters/sqlite/row_place.h"
#include "adapters/sqlite/schema.h"

namespace gateway::sqlite {
namespace {

struct RowRule {
  const char* broken_when;
  const char* finding;
};

static_assert(kPlaceBits == 21 && kPlacesMask == 2097151);  // as SQL has them below
constexpr RowRule kEntryRules[] = {
    {"length(request) <> 16", "its request id is not 16 bytes"},
    {"attempt NOT BETWEEN 1 AND 65535 OR entry NOT BETWEEN 0 AND 65535", "its attempt or entry is out of range"},
    {"state NOT BETWEEN 0 AND 4", "its state is none"},
    {"kind NOT IN (SELECT id FROM kinds)", "its kind is not there"},
    {"(state = 4) <> (entry > 0)", "an adjustment and only an adjustment is a later entry of its attempt"},
    {"hold < 0", "its hold is negative"},
    {"cost < 0 AND state <> 4", "its cost is negative"},
    {"upstream_cost NOT BETWEEN 0 AND cost AND state <> 4",
     "what its provider's provider is paid is more than its cost, or negative"},
    {"state = 0 AND cost <> 0", "it is open and has a cost"},
    {"state <> 4 AND min(input, cached_input, cache_write, output, reasoning) < 0", "a token count is negative"},
    {"state <> 4 AND min(images, audio_ms, characters, searches) < 0", "a count of units is negative"},
    {"state = 3 AND cost <> hold AND kind IN (SELECT id FROM kinds WHERE cost_source = 4)",
     "it was interrupted and does not cost its hold"},
    {"entry > 0 AND accepted >= ?1 AND NOT EXISTS (SELECT 1 FROM entries AS of WHERE of.id BETWEEN"
     " entries.id >> 21 << 21 AND entries.id | 2097151 AND of.request = entries.request AND"
     " of.attempt = entries.attempt AND of.entry = 0)",
     "it adjusts an attempt that is not there"},
};

constexpr RowRule kKindRules[] = {
    {"operation NOT BETWEEN 0 AND 9", "its operation is none"},
    {"surface NOT BETWEEN 0 AND 3", "its surface is none"},
    {"cost_source NOT BETWEEN 0 AND 4", "its cost source is none"},
    {"streamed NOT BETWEEN 0 AND 1", "streamed is neither 0 nor 1"},
};

std::string row_name(const Query& query) {
  RequestId id;
  const auto blob = query.blob(0);
  std::copy_n(blob.begin(), std::min(blob.size(), id.bytes.size()), id.bytes.begin());
  std::string name = "row " + id.text().str() + " attempt " + std::to_string(query.integer(1));
  if (query.integer(2) != 0) name += " entry " + std::to_string(query.integer(2));
  return name;
}

void verify_rule(Database& db, Findings& findings, const RowRule& rule, std::int64_t first_instant) {
  findings.begin_kind();
  Query query(db, "SELECT request, attempt, entry FROM entries WHERE " + std::string(rule.broken_when) + " LIMIT 101");
  if (std::string_view(rule.broken_when).find("?1") != std::string_view::npos) query.bind(first_instant);
  while (query.next()) findings.add(row_name(query) + ": " + rule.finding);
}

// What holds for kinds, reported for the rows that are of them.
void verify_kinds(Database& db, Findings& findings, const std::string& broken_when, const std::string& finding) {
  findings.begin_kind();
  Query query(db, "SELECT request, attempt, entry FROM entries WHERE kind IN (SELECT id FROM kinds WHERE " +
                      broken_when + ") LIMIT 101");
  while (query.next()) findings.add(row_name(query) + ": " + finding);
}

void verify_texts(Database& db, Findings& findings) {
  constexpr std::array kColumns = {"project",  "api_key",    "asked_model",   "target_model", "served_model",
                                   "provider", "error_code", "finish_reason", "price_version"};
  for (const std::string name : kColumns) {
    verify_kinds(db, findings, name + " NOT IN (SELECT id FROM names)", "its " + name + " is a text that is not there");
  }
}

// Whoever looks for a row from its home on, past no free place, finds it and no other of its request, attempt and
// entry.
void verify_places(Database& db, Findings& findings) {
  findings.begin_kind();
  Query all(db, "SELECT request, attempt, entry, id FROM entries ORDER BY id");
  while (all.next()) {
    RequestId request;
    const auto blob = all.blob(0);
    if (blob.size() != request.bytes.size()) continue;  // reported already
    std::copy(blob.begin(), blob.end(), request.bytes.begin());
    const auto attempt = static_cast<std::uint16_t>(all.integer(1)), entry = static_cast<std::uint16_t>(all.integer(2));
    const std::int64_t place = all.integer(3);
    const RowPlaces places = places_of(request);
    std::int64_t at = home_of(request, attempt, entry);
    for (bool found = true; at != place && found; at = next_place(places, at)) {
      Query other(db, "SELECT request = ? AND attempt = ? AND entry = ? FROM entries WHERE id = ?", blob, attempt,
                  entry, at);
      found = other.next() && other.integer(0) == 0;
      if (!found) findings.add(row_name(all) + ": it is there twice, or where nobody looks for it");
    }
  }
}

void verify_refusals(Database& db, Findings& findings) {
  findings.begin_kind();
  Query query(db, "SELECT minute, count FROM refusals WHERE count <= 0 LIMIT 101");
  while (query.next()) {
    findings.add("refusals of minute " + std::to_string(query.integer(0)) + ": their count is " +
                 std::to_string(query.integer(1)));
  }
}

std::int64_t read_pruned_bucket(Database& db) {
  Query query(db, "SELECT value FROM meta WHERE name = 'pruned_before_bucket'");
  return query.next() ? query.integer(0) : std::numeric_limits<std::int64_t>::min() + 1;
}

constexpr std::int64_t kNeverPruned = std::numeric_limits<std::int64_t>::min() / kBucketMicros;

}  // namespace

void Findings::add(std::string line) {
  if (++of_kind_ < kMostOfAKind) lines_.push_back(std::move(line));
  if (of_kind_ == kMostOfAKind) lines_.push_back("... and more of this kind");
}

void verify_file(Database& db, Findings& findings) {
  findings.begin_kind();
  Query query(db, "PRAGMA integrity_check(100)");
  while (query.next()) {
    if (query.text(0) != "ok") findings.add("file: " + std::string(query.text(0)));
  }
}

std::int64_t verify_rows(Database& db, Findings& findings, std::int64_t first_bucket) {
  const std::int64_t first_instant =
      first_bucket <= kNeverPruned ? std::numeric_limits<std::int64_t>::min() : first_bucket * kBucketMicros;
  for (const RowRule& rule : kEntryRules) verify_rule(db, findings, rule, first_instant);
  for (const RowRule& rule : kKindRules) verify_kinds(db, findings, rule.broken_when, rule.finding);
  verify_places(db, findings);
  verify_texts(db, findings);
  verify_refusals(db, findings);
  Query query(db, "SELECT count(*) FROM entries");
  return query.next() ? query.integer(0) : 0;
}

Result<LedgerProof> verify(const std::string& path) {
  constexpr int kBusyTimeoutMs = 10'000;
  auto opened = open_ledger(path, Access::read, kBusyTimeoutMs);
  if (!opened) return std::move(opened).error();
  Database& db = **opened;
  Names names(db);
  LedgerProof proof;
  Findings findings(proof.findings);
  Transaction transaction(db, Transaction::Kind::read);
  const std::int64_t first_bucket = read_pruned_bucket(db);
  if (first_bucket > kNeverPruned) {
    proof.pruned_before = time_of(first_bucket * kBucketMicros);
  }
  verify_file(db, findings);
  proof.rows = verify_rows(db, findings, first_bucket);
  verify_rollup(db, findings, first_bucket);
  verify_days(db, findings);
  verify_quarters(db, findings);
  proof.accounts = verify_accounts(db, names, findings);
  // A file too damaged to be read through is a finding, after those that were made.
  if (auto done = transaction.commit(); !done) {
    if (done.error().code != ErrorCode::corrupt) return std::move(done).error();
    proof.findings.push_back(done.error().detail);
  }
  return proof;
}

}  // namespace gateway::sqlite
