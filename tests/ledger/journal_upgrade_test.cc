// A journal that the build before this one left: fixtures/journal_version3.bin, written by that build.
#include <cstring>
#include <fstream>
#include <iterator>
#include <vector>

#include "gateway/journal.h"
#include "ledger/journal_header.h"
#include "ledger/journal_record.h"
#include "support/catch.h"
#include "support/source_dir.h"

namespace gateway {
namespace {

std::vector<std::byte> version3_journal() {
  std::ifstream file(source_dir() + "/tests/ledger/fixtures/journal_version3.bin", std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  REQUIRE(text.size() == kJournalPage + 6 * kVersion3Slot);
  std::vector<std::byte> bytes(text.size());
  std::memcpy(bytes.data(), text.data(), text.size());
  return bytes;
}

TEST_CASE("a journal of version 3 is read after an upgrade", "[ledger][journal]") {
  const auto bytes = version3_journal();
  CHECK(Journal::process_of(bytes).value() == 7);
  const auto found = Journal::recover(bytes);
  REQUIRE(found);
  CHECK(found->damaged == 0);
  CHECK(found->end == 4);
  REQUIRE(found->rows.size() == 3);
  REQUIRE(found->refusals.size() == 1);
  CHECK(found->refusals[0].project.view() == "red");
  CHECK(found->refusals[0].count == 3);

  const Row& open = found->rows[1];
  CHECK(open.state == RowState::open);
  CHECK(open.operation == Operation::embeddings);
  CHECK(open.hold == Money::units(2'000'000'000));
  CHECK(open.usage == Usage{});
  CHECK(open.client_request_id.view() == "client-12");

  const Row& closed = found->rows[2];
  CHECK(closed.state == RowState::settled);
  CHECK(closed.operation == Operation::chat);
  CHECK(closed.surface == SurfaceKind::openai);
  CHECK(closed.cost_source == CostSource::provider);
  CHECK(closed.streamed);
  CHECK(closed.status == 200);
  CHECK(closed.flags == row_flag::clamped);
  CHECK(closed.process == 7);
  CHECK(closed.usage == Usage{111, 20, 3, 40, 5});
  CHECK(closed.cost == Money::units(1'234'567'891));
  CHECK(closed.upstream_cost == Money::units(1'034'567'890));
  CHECK(closed.dispatched - closed.accepted == std::chrono::microseconds(90));
  CHECK(closed.first_byte - closed.accepted == std::chrono::milliseconds(300));
  CHECK(closed.ended - closed.accepted == std::chrono::seconds(2));
  CHECK(closed.client_request_id.view() == "client-11");
  CHECK(closed.served_model.view() == "gpt-4o-mini-2024-07-18");
  CHECK(closed.generation_id.view() == "gen-11");
  CHECK(closed.price_version.view() == "builtin-2026-11");
}

TEST_CASE("damage to a journal of version 3 is counted as that of this one", "[ledger][journal]") {
  auto bytes = version3_journal();
  bytes[kJournalPage + 2 * kVersion3Slot + kSlotHeader + 90] ^= std::byte{1};
  const auto found = Journal::recover(bytes);
  REQUIRE(found);
  CHECK(found->damaged == 1);
  CHECK(found->rows.size() == 2);
  CHECK(found->refusals.size() == 1);

  const auto whole = version3_journal();
  for (std::size_t size = 0; size < whole.size(); size += 7) {
    const auto cut = Journal::recover(std::span(whole).first(size));
    if (cut) CHECK(cut->rows.size() <= 3);
    CHECK(cut.has_value() == (size >= kJournalPage));
  }
}

TEST_CASE("a journal of a version between or beyond those known is refused", "[ledger][journal]") {
  for (const std::uint32_t version : {0U, 1U, 2U, 5U}) {
    auto bytes = version3_journal();
    std::memcpy(&bytes[8], &version, sizeof version);
    CHECK(Journal::recover(bytes).error().code == ErrorCode::corrupt);
  }
}

}  // namespace
}  // namespace gateway
