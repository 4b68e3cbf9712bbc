#include "ledger/journal_record.h"

#include <cstddef>
#include <cstring>
#include <string>
#include <vector>

#include "base/checksum.h"
#include "support/catch.h"

using namespace gateway;

TEST_CASE("a row with every text at its longest comes back whole", "[ledger][journal]") {
  std::vector<std::byte> bytes(kSlotSize);
  const Slot slot = std::span(bytes).first<kSlotSize>();
  Row row;
  const std::string full(128, 'x');
  row.client_request_id = row.asked_model = row.target_model = row.served_model = full;
  row.project = row.provider = full;
  row.key = row.generation_id = row.error_code = row.finish_reason = row.price_version = full;
  write_slot(slot, 1, 5, row);
  REQUIRE(is_record(slot, 5));
  Row unpacked;
  unpacked.project = "one before it";
  unpack_row(slot, unpacked);
  CHECK(std::memcmp(&unpacked, &row, sizeof row) == 0);
  CHECK(row_cost(slot).project == row.project.view());
  CHECK_FALSE(is_record(slot, 6));
}

TEST_CASE("a text larger than its place is damage although the checksum holds", "[ledger][journal]") {
  std::vector<std::byte> bytes(kSlotSize);
  const Slot slot = std::span(bytes).first<kSlotSize>();
  Row row;
  row.project = "12";
  write_slot(slot, 1, 5, row);
  REQUIRE(is_record(slot, 5));
  // The sizes of the texts follow the members before them; the project's is the second.
  std::byte& size = bytes[kSlotHeader + offsetof(Row, client_request_id) + 1];
  for (const std::uint8_t wrong : {std::uint8_t{1}, std::uint8_t{3}, std::uint8_t{65}, std::uint8_t{255}}) {
    size = std::byte{wrong};
    std::uint16_t packed;
    std::memcpy(&packed, &bytes[14], sizeof packed);
    const std::uint64_t sequence = 1;
    const std::uint32_t checksum =
        crc32c(slot.subspan(12, std::size_t{4} + packed), crc32c(std::as_bytes(std::span(&sequence, 1)), 5));
    std::memcpy(&bytes[8], &checksum, sizeof checksum);
    CHECK_FALSE(is_record(slot, 5));
  }
}
