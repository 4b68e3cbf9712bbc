#include "ledger/journal_record.h"

#include <cstddef>
#include <cstring>
#include <string>
#include <vector>

#include "base/checksum.h"
#include "support/catch.h"

using namespace gateway;

TEST_CASE("a row with every text at its longest comes back complete", "[ledger][journal]") {
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

TEST_CASE("a row's record is, byte for byte, what the format's version says", "[ledger][journal]") {
  Row row;
  for (std::size_t i = 0; i < row.request.bytes.size(); ++i) row.request.bytes[i] = static_cast<std::uint8_t>(i + 1);
  row.attempt = 0x1112;
  row.entry = 0x1314;
  row.state = RowState::failed;
  row.operation = Operation::embeddings;
  row.cost_source = CostSource::estimated;
  row.streamed = true;
  row.status = 0x21;
  row.flags = 0x22;
  row.process = 0x23;
  row.usage = {.input = 0x31,
               .cached_input = 0x32,
               .cache_write = 0x33,
               .output = 0x34,
               .reasoning = 0x35,
               .images = 0x36,
               .audio_ms = 0x37,
               .characters = 0x38,
               .searches = 0x39};
  row.hold = Money::units(0x41);
  row.cost = Money::units(0x42);
  row.upstream_cost = Money::units(0x43);
  row.accepted = WallTime(std::chrono::microseconds(0x51));
  row.dispatched = WallTime(std::chrono::microseconds(0x52));
  row.first_byte = WallTime(std::chrono::microseconds(0x53));
  row.ended = WallTime(std::chrono::microseconds(0x54));
  row.surface = SurfaceKind::responses;
  row.client_request_id = "a";
  row.project = "bb";
  row.key = "ccc";
  row.asked_model = "dddd";
  row.target_model = "eeeee";
  row.served_model = "ffffff";
  row.provider = "ggggggg";
  row.generation_id = "hhhhhhhh";
  row.error_code = "iiiiiiiii";
  row.finish_reason = "jjjjjjjjjj";
  row.price_version = "kkkkkkkkkkk";

  std::string expected;
  const auto number = [&expected](std::uint64_t value, std::size_t size) {
    expected.append(reinterpret_cast<const char*>(&value), size);  // of this machine's byte order, as all of it is
  };
  for (std::uint64_t i = 1; i <= 16; ++i) number(i, 1);
  for (const std::uint64_t value : {0x1112U, 0x1314U}) number(value, 2);
  for (const std::uint64_t value : {2U, 1U, 3U, 1U}) number(value, 1);
  for (const std::uint64_t value : {0x21U, 0x22U}) number(value, 4);
  for (const std::uint64_t value : {0x23U, 0x31U, 0x32U, 0x33U, 0x34U, 0x35U, 0x36U, 0x37U, 0x38U, 0x39U, 0x41U, 0x42U,
                                    0x43U, 0x51U, 0x52U, 0x53U, 0x54U})
    number(value, 8);
  for (const std::uint64_t value : {2U, 0U}) number(value, 1);
  for (std::uint64_t size = 1; size <= 11; ++size) number(size, 1);
  expected += "abbcccddddeeeeeffffffggggggghhhhhhhhiiiiiiiiijjjjjjjjjjkkkkkkkkkkk";

  std::vector<std::byte> bytes(kSlotSize);
  const Slot slot = std::span(bytes).first<kSlotSize>();
  write_slot(slot, 1, 5, row);
  const std::string_view written(reinterpret_cast<const char*>(bytes.data()) + kSlotHeader, expected.size());
  CHECK((written == expected));
  std::uint16_t size = 0;
  std::memcpy(&size, &bytes[14], sizeof size);
  CHECK(size == expected.size());
}
