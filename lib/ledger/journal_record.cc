#include "ledger/journal_record.h"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstring>

#include "base/checksum.h"

namespace gateway {
namespace {

enum RecordKind : std::uint16_t { kRow = 1, kRefusal = 2 };

constexpr std::size_t kSequenceAt = 0;
constexpr std::size_t kRecordChecksumAt = 8;
constexpr std::size_t kKindAt = 12;
constexpr std::size_t kSizeAt = 14;

static_assert(std::is_standard_layout_v<Row> && std::is_trivially_copyable_v<Row>);
static_assert(std::is_trivially_copyable_v<RefusalCount> && sizeof(RefusalCount) <= sizeof(Row));

// All of a row's texts, which are its last members.
template <class AnyRow, class Visitor>
constexpr void for_each_text(AnyRow&& row, Visitor&& visit) {
  visit(row.client_request_id);
  visit(row.project);
  visit(row.key);
  visit(row.asked_model);
  visit(row.target_model);
  visit(row.served_model);
  visit(row.provider);
  visit(row.generation_id);
  visit(row.error_code);
  visit(row.finish_reason);
  visit(row.price_version);
}

// A packed row: the members before the texts as they are, the sizes of the texts, a byte each, and the texts.
constexpr std::size_t kFixed = offsetof(Row, client_request_id);
constexpr auto kCapacities = [] {
  std::array<std::size_t, 11> capacities{};
  std::size_t n = 0;
  for_each_text(Row(), [&](const auto& text) { capacities[n++] = text.capacity(); });
  return capacities;
}();
constexpr std::size_t kTexts = kCapacities.size();

template <class T>
T load(std::span<const std::byte> bytes, std::size_t at) noexcept {
  T value;
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

std::size_t pack(const Row& row, std::byte* out) noexcept {
  std::memcpy(out, &row, kFixed);
  std::byte* size = out + kFixed;
  std::byte* at = size + kTexts;
  // Collected first: a loop is a tenth of the code that eleven copies in a row are.
  std::array<std::string_view, kTexts> texts;
  auto next = texts.begin();
  for_each_text(row, [&](const auto& text) {
    static_assert(std::remove_cvref_t<decltype(text)>::capacity() <= 255);
    *next++ = text;
  });
  for (const std::string_view text : texts) {
    *size++ = static_cast<std::byte>(text.size());
    if (!text.empty()) std::memcpy(at, text.data(), text.size());
    at += text.size();
  }
  return static_cast<std::size_t>(at - out);
}

std::size_t pack(const RefusalCount& count, std::byte* out) noexcept {
  std::memcpy(out, &count, sizeof count);
  return sizeof count;
}

// What would be undefined to read as a Row is found before there is one.
bool is_packed_row(std::span<const std::byte> packed) noexcept {
  if (packed.size() < kFixed + kTexts) return false;
  const auto at_most = [&](std::size_t at, auto last) {
    return load<std::uint8_t>(packed, at) <= static_cast<std::uint8_t>(last);
  };
  bool good = at_most(offsetof(Row, state), RowState::adjustment) &&
              at_most(offsetof(Row, operation), Operation::rerank) &&
              at_most(offsetof(Row, surface), SurfaceKind::insforge) &&
              at_most(offsetof(Row, cost_source), CostSource::held) && at_most(offsetof(Row, streamed), 1);
  std::size_t end = kFixed + kTexts;
  std::size_t at = kFixed;
  for (const std::size_t capacity : kCapacities) {
    const auto size = load<std::uint8_t>(packed, at++);
    good = good && size <= capacity;
    end += size;
  }
  return good && end == packed.size();
}

void unpack(std::span<const std::byte> packed, Row& row) noexcept {
  std::memcpy(static_cast<void*>(&row), packed.data(), kFixed);
  std::size_t size_at = kFixed;
  const char* at = reinterpret_cast<const char*>(packed.data()) + kFixed + kTexts;
  for_each_text(row, [&](auto& text) {
    const auto size = load<std::uint8_t>(packed, size_at++);
    text = std::string_view(at, size);
    at += size;
  });
}

bool is_refusal(std::span<const std::byte> bytes) noexcept {
  const auto fits = [&](std::size_t at, std::size_t capacity) { return load<std::uint16_t>(bytes, at) <= capacity; };
  return bytes.size() == sizeof(RefusalCount) &&
         fits(offsetof(RefusalCount, project), decltype(RefusalCount::project)::capacity()) &&
         fits(offsetof(RefusalCount, model), decltype(RefusalCount::model)::capacity()) &&
         fits(offsetof(RefusalCount, code), decltype(RefusalCount::code)::capacity());
}

// Over everything but itself.
std::uint32_t checksum_of(std::span<const std::byte> slot, std::uint64_t sequence, std::size_t size,
                          std::uint32_t salt) noexcept {
  return crc32c(slot.subspan(kKindAt, kSlotHeader - kKindAt + size),
                crc32c(std::as_bytes(std::span(&sequence, 1)), salt));
}

template <class Record>
void write(Slot slot, std::uint64_t sequence, std::uint32_t salt, RecordKind kind, const Record& record) noexcept {
  // Empty first: what dies half-written is then known to have never been there, not taken for damage. The fences keep
  // the compiler from changing the order; a killed process's stores all arrive, in whatever order the processor likes.
  const std::atomic_ref published(*reinterpret_cast<std::uint64_t*>(slot.data() + kSequenceAt));
  published.store(0, std::memory_order_relaxed);
  std::atomic_signal_fence(std::memory_order_seq_cst);
  const auto size = static_cast<std::uint16_t>(pack(record, slot.data() + kSlotHeader));
  std::memcpy(slot.data() + kKindAt, &kind, sizeof kind);
  std::memcpy(slot.data() + kSizeAt, &size, sizeof size);
  const std::uint32_t checksum = checksum_of(slot, sequence, size, salt);
  std::memcpy(slot.data() + kRecordChecksumAt, &checksum, sizeof checksum);
  std::atomic_signal_fence(std::memory_order_seq_cst);
  published.store(sequence, std::memory_order_release);
}

// The record's bytes; none if the slot is not complete.
std::span<const std::byte> payload_of(std::span<const std::byte> slot, std::uint32_t salt) noexcept {
  const auto size = load<std::uint16_t>(slot, kSizeAt);
  const auto sequence = load<std::uint64_t>(slot, kSequenceAt);
  if (size > slot.size() - kSlotHeader) return {};
  if (load<std::uint32_t>(slot, kRecordChecksumAt) != checksum_of(slot, sequence, size, salt)) return {};
  return slot.subspan(kSlotHeader, size);
}

// A row as version 3 packed it: it had five counts, and no surface before the texts.
constexpr std::size_t kVersion3Usage = 80, kVersion3Fixed = 136;
static_assert(offsetof(Row, usage) + kTokenCounts * sizeof(std::int64_t) == kVersion3Usage);
static_assert(offsetof(Row, surface) - offsetof(Row, hold) == kVersion3Fixed - kVersion3Usage);
static_assert(kVersion3Slot < kSlotSize);

struct Bytes {
  std::span<const std::byte> bytes;
};
std::size_t pack(const Bytes& record, std::byte* out) noexcept {
  std::memcpy(out, record.bytes.data(), record.bytes.size());
  return record.bytes.size();
}
struct Version3Row {
  std::span<const std::byte> packed;
};
std::size_t pack(const Version3Row& row, std::byte* out) noexcept {
  const auto times = row.packed.subspan(kVersion3Usage, kVersion3Fixed - kVersion3Usage);
  const auto texts = row.packed.subspan(kVersion3Fixed);
  std::memset(out, 0, kFixed);
  std::memcpy(out, row.packed.data(), kVersion3Usage);
  std::memcpy(out + offsetof(Row, hold), times.data(), times.size());
  std::memcpy(out + kFixed, texts.data(), texts.size());
  return kFixed + texts.size();
}

}  // namespace

void write_slot(Slot slot, std::uint64_t sequence, std::uint32_t salt, const Row& row) noexcept {
  write(slot, sequence, salt, kRow, row);
}

void write_slot(Slot slot, std::uint64_t sequence, std::uint32_t salt, const RefusalCount& count) noexcept {
  write(slot, sequence, salt, kRefusal, count);
}

void upgrade_slot(std::span<const std::byte, kVersion3Slot> old, std::uint32_t salt, Slot slot) noexcept {
  const auto sequence = load<std::uint64_t>(old, kSequenceAt);
  const auto payload = payload_of(old, salt);
  const auto kind = load<std::uint16_t>(old, kKindAt);
  std::memset(slot.data(), 0, slot.size());
  if (kind == kRow && payload.size() >= kVersion3Fixed) {
    write(slot, sequence, salt, kRow, Version3Row{payload});
  } else if (kind == kRefusal && !payload.empty()) {
    write(slot, sequence, salt, kRefusal, Bytes{payload});
  } else {
    std::memcpy(slot.data() + kSequenceAt, &sequence, sizeof sequence);  // damaged, as it was
  }
}

std::uint64_t slot_sequence(ConstSlot slot) noexcept { return load<std::uint64_t>(slot, kSequenceAt); }

bool is_record(ConstSlot slot, std::uint32_t salt) noexcept {
  const auto payload = payload_of(slot, salt);
  const auto kind = load<std::uint16_t>(slot, kKindAt);
  return (kind == kRow && is_packed_row(payload)) || (kind == kRefusal && is_refusal(payload));
}

bool is_row(ConstSlot slot) noexcept { return load<std::uint16_t>(slot, kKindAt) == kRow; }

bool is_open_row(ConstSlot slot) noexcept {
  return is_row(slot) && load<RowState>(slot, kSlotHeader + offsetof(Row, state)) == RowState::open;
}

RowId row_id(ConstSlot slot) noexcept {
  return {load<RequestId>(slot, kSlotHeader + offsetof(Row, request)),
          load<std::uint16_t>(slot, kSlotHeader + offsetof(Row, attempt)),
          load<std::uint16_t>(slot, kSlotHeader + offsetof(Row, entry))};
}

WallTime dispatched_at(ConstSlot slot) noexcept {
  return load<WallTime>(slot, kSlotHeader + offsetof(Row, dispatched));
}

void unpack_row(ConstSlot slot, Row& row) noexcept { unpack(slot.subspan(kSlotHeader), row); }

RefusalCount refusal_in(ConstSlot slot) noexcept { return load<RefusalCount>(slot, kSlotHeader); }

RowCost row_cost(ConstSlot slot) noexcept {
  const auto packed = slot.subspan(kSlotHeader);
  const auto before = load<std::uint8_t>(packed, kFixed);  // the client's request id
  const auto size = load<std::uint8_t>(packed, kFixed + 1);
  const char* texts = reinterpret_cast<const char*>(packed.data()) + kFixed + kTexts;
  return {{texts + before, size},
          load<WallTime>(packed, offsetof(Row, accepted)),
          load<Money>(packed, offsetof(Row, cost))};
}

}  // namespace gateway
