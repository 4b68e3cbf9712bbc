#include "ledger/journal_record.h"

#include <array>
#include <atomic>
#include <cstring>
#include <optional>

#include "base/checksum.h"

namespace gateway {
namespace {

enum Kind : std::uint32_t { kRow = 1, kRefusal = 2 };

constexpr std::size_t kSequenceAt = 0;
constexpr std::size_t kChecksumAt = 8;
constexpr std::size_t kKindAt = 12;

static_assert(std::is_standard_layout_v<Row> && std::is_standard_layout_v<RefusalCount>);
static_assert(std::is_trivially_copyable_v<RefusalCount> && sizeof(RefusalCount) <= sizeof(Row));

struct TextPlace {
  std::size_t at, capacity;
};
#define GATEWAY_TEXT_OF(type, member) \
  TextPlace { offsetof(type, member), decltype(type::member)::capacity() }
constexpr std::array kRowTexts{
    GATEWAY_TEXT_OF(Row, client_request_id), GATEWAY_TEXT_OF(Row, project),       GATEWAY_TEXT_OF(Row, key),
    GATEWAY_TEXT_OF(Row, asked_model),       GATEWAY_TEXT_OF(Row, target_model),  GATEWAY_TEXT_OF(Row, served_model),
    GATEWAY_TEXT_OF(Row, provider),          GATEWAY_TEXT_OF(Row, generation_id), GATEWAY_TEXT_OF(Row, error_code),
    GATEWAY_TEXT_OF(Row, finish_reason),     GATEWAY_TEXT_OF(Row, price_version)};
constexpr std::array kRefusalTexts{GATEWAY_TEXT_OF(RefusalCount, project), GATEWAY_TEXT_OF(RefusalCount, model),
                                   GATEWAY_TEXT_OF(RefusalCount, code)};
#undef GATEWAY_TEXT_OF

template <class T>
T load(std::span<const std::byte> bytes, std::size_t at) noexcept {
  T value;
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

template <class Places>
bool texts_fit(std::span<const std::byte> payload, const Places& places) noexcept {
  for (const TextPlace& text : places) {
    if (load<std::uint16_t>(payload, text.at) > text.capacity) return false;
  }
  return true;
}

// What would be undefined to read as a Row is found before there is one.
bool is_row(std::span<const std::byte> payload) noexcept {
  const auto at_most = [&](std::size_t at, auto last) {
    return load<std::uint8_t>(payload, at) <= static_cast<std::uint8_t>(last);
  };
  return at_most(offsetof(Row, state), RowState::adjustment) &&
         at_most(offsetof(Row, endpoint), Endpoint::embeddings) &&
         at_most(offsetof(Row, cost_source), CostSource::held) && at_most(offsetof(Row, streamed), 1) &&
         texts_fit(payload, kRowTexts);
}

std::uint32_t checksum_of(ConstSlot slot, std::size_t payload_size, std::uint32_t salt) noexcept {
  return crc32c(slot.subspan(kKindAt, sizeof(std::uint32_t) + payload_size),
                crc32c(slot.subspan(kSequenceAt, sizeof(std::uint64_t)), salt));
}

template <class Record>
void write(Slot slot, std::uint64_t sequence, std::uint32_t salt, Kind kind, const Record& record) noexcept {
  // Empty first: what dies half-written is then known to have never been there, not taken for damage. The fences keep
  // the compiler from changing the order; a killed process's stores all arrive, in whatever order the processor likes.
  const std::atomic_ref published(*reinterpret_cast<std::uint64_t*>(slot.data() + kSequenceAt));
  published.store(0, std::memory_order_relaxed);
  std::atomic_signal_fence(std::memory_order_seq_cst);
  std::memcpy(slot.data() + kKindAt, &kind, sizeof kind);
  std::memcpy(slot.data() + kSlotHeader, &record, sizeof record);
  const auto sequence_bytes = std::as_bytes(std::span(&sequence, 1));
  const std::uint32_t checksum =
      crc32c(slot.subspan(kKindAt, sizeof kind + sizeof record), crc32c(sequence_bytes, salt));
  std::memcpy(slot.data() + kChecksumAt, &checksum, sizeof checksum);
  std::atomic_signal_fence(std::memory_order_seq_cst);
  published.store(sequence, std::memory_order_release);
}

template <class Record>
Record record_of(ConstSlot slot) noexcept {
  return load<Record>(slot, kSlotHeader);
}

}  // namespace

void write_slot(Slot slot, std::uint64_t sequence, std::uint32_t salt, const Row& row) noexcept {
  write(slot, sequence, salt, kRow, row);
}

void write_slot(Slot slot, std::uint64_t sequence, std::uint32_t salt, const RefusalCount& count) noexcept {
  write(slot, sequence, salt, kRefusal, count);
}

std::uint64_t slot_sequence(ConstSlot slot) noexcept { return load<std::uint64_t>(slot, kSequenceAt); }

std::variant<std::monostate, Row, RefusalCount> read_slot(ConstSlot slot, std::uint32_t salt) noexcept {
  const auto checksum = load<std::uint32_t>(slot, kChecksumAt);
  const auto payload = slot.subspan<kSlotHeader>();
  switch (load<std::uint32_t>(slot, kKindAt)) {
    case kRow:
      if (checksum != checksum_of(slot, sizeof(Row), salt) || !is_row(payload)) break;
      return record_of<Row>(slot);
    case kRefusal:
      if (checksum != checksum_of(slot, sizeof(RefusalCount), salt) || !texts_fit(payload, kRefusalTexts)) break;
      return record_of<RefusalCount>(slot);
    default:
      break;
  }
  return {};
}

}  // namespace gateway
