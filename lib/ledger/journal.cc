#include "gateway/journal.h"

#include <algorithm>
#include <cstdlib>

#include "base/checksum.h"
#include "ledger/journal_format.h"
#include "ledger/journal_header.h"
#include "ledger/journal_record.h"

namespace gateway {
namespace {

constexpr std::size_t kFewestSlots = 4;

std::uint32_t salt_of(std::uint64_t process) noexcept { return crc32c(std::as_bytes(std::span(&process, 1))); }

template <class Byte>
auto slot_at(std::span<Byte> memory, std::uint64_t index) noexcept {
  return memory.subspan(kJournalPage + static_cast<std::size_t>(index) * kSlotSize).template first<kSlotSize>();
}

void take(Journal::Records& out, ConstSlot slot, std::uint32_t salt) {
  if (!is_record(slot, salt)) {
    ++out.damaged;
  } else if (is_row(slot)) {
    unpack_row(slot, out.rows.emplace_back());
  } else {
    out.refusals.push_back(refusal_in(slot));
  }
}

// A complete record. Records are counted from 0; in their slots they are numbered from 1, for 0 is an empty slot.
struct Found {
  std::uint64_t count;
  std::uint64_t index;
};

// A ring that has been used before has old records in it: they must not pass for new ones. Fresh memory is left alone,
// so that a ring takes up no more of it than it has been used.
void clear_slots(std::span<std::byte> memory, std::size_t capacity) noexcept {
  const auto page = memory.first<kJournalPage>();
  if (std::all_of(page.begin(), page.end(), [](std::byte b) { return b == std::byte{0}; })) return;
  for (std::size_t i = 0; i < capacity; ++i) {
    const auto header = slot_at(memory, i).first<kSlotHeader>();
    std::fill(header.begin(), header.end(), std::byte{0});
  }
}

// A journal of version 3 as one of this version; what its memory lacks is lacking here.
std::vector<std::byte> upgraded(std::span<const std::byte> memory, const JournalHeader& header, std::uint32_t salt) {
  const std::uint64_t present =
      std::min<std::uint64_t>(header.capacity, (memory.size() - kJournalPage) / kVersion3Slot);
  std::vector<std::byte> out(kJournalPage + static_cast<std::size_t>(present) * kSlotSize);
  for (std::size_t i = 0; i < present; ++i) {
    const auto old = memory.subspan(kJournalPage + i * kVersion3Slot).first<kVersion3Slot>();
    upgrade_slot(old, salt, slot_at(std::span(out), i));
  }
  return out;
}

}  // namespace

struct Journal::State {
  std::span<std::byte> memory;
  std::uint64_t capacity = 0;
  std::uint32_t salt = 0;
  std::unique_ptr<std::byte, decltype(&std::free)> owned{nullptr, &std::free};

  // The producer's.
  alignas(64) std::atomic<std::uint64_t> head{0};
  std::uint64_t reserved = 0;   // slots promised
  std::uint64_t seen_tail = 0;  // at most the tail

  // The consumer's.
  alignas(64) std::atomic<std::uint64_t> tail{0};

  std::uint64_t free_slots(std::uint64_t wanted) noexcept {
    const std::uint64_t now = head.load(std::memory_order_relaxed);
    if (capacity - (now - seen_tail) < reserved + wanted) seen_tail = tail.load(std::memory_order_acquire);
    return capacity - (now - seen_tail) - reserved;
  }

  template <class Record>
  void append(const Record& record) noexcept {
    const std::uint64_t now = head.load(std::memory_order_relaxed);
    write_slot(slot_at(memory, now % capacity), now + 1, salt, record);
    head.store(now + 1, std::memory_order_release);
    fetch_to_write(slot_at(memory, (now + 1) % capacity));
  }

  void use_reservation(const char* rule) noexcept {
    if (reserved == 0) detail::die(rule);
    --reserved;
  }
};

std::size_t Journal::bytes_for(std::size_t capacity) noexcept {
  return (kJournalPage + capacity * kSlotSize + kJournalPage - 1) / kJournalPage * kJournalPage;
}

Result<std::unique_ptr<Journal>> Journal::format(std::span<std::byte> memory, std::uint64_t process) {
  if (reinterpret_cast<std::uintptr_t>(memory.data()) % kJournalPage != 0) {
    return Error{ErrorCode::invalid, "a journal's memory must begin on a page"};
  }
  if (memory.size() < kJournalPage + kFewestSlots * kSlotSize) {
    return Error{ErrorCode::invalid, "a journal's memory is too small for any records"};
  }
  const std::size_t capacity = (memory.size() - kJournalPage) / kSlotSize;
  clear_slots(memory, capacity);
  write_journal_header(memory.first<kJournalPage>(), capacity, process);

  auto state = std::make_unique<State>();
  state->memory = memory;
  state->capacity = capacity;
  state->salt = salt_of(process);
  return std::unique_ptr<Journal>(new Journal(std::move(state)));
}

std::unique_ptr<Journal> Journal::in_memory(std::size_t capacity, std::uint64_t process) {
  const std::size_t size = bytes_for(std::max(capacity, kFewestSlots));
  // Zeroed by the system if it is large, and then no memory is allocated before it is used.
  std::unique_ptr<std::byte, decltype(&std::free)> owned(static_cast<std::byte*>(std::calloc(1, size + kJournalPage)),
                                                         &std::free);
  if (!owned) detail::die("out of memory");
  const std::size_t past_page = reinterpret_cast<std::uintptr_t>(owned.get()) % kJournalPage;
  auto journal = format({owned.get() + (kJournalPage - past_page), size}, process).value();
  journal->state_->owned = std::move(owned);
  return journal;
}

Journal::Journal(std::unique_ptr<State> state) : state_(std::move(state)) {}
Journal::~Journal() = default;

bool Journal::reserve() noexcept {
  if (state_->free_slots(2) < 2) return false;
  state_->reserved += 2;
  return true;
}

void Journal::open(const Row& row) noexcept {
  state_->use_reservation("Journal::open without reserve");
  state_->append(row);
}

void Journal::settle(const Row& row) noexcept {
  state_->use_reservation("Journal::settle without open");
  state_->append(row);
}

bool Journal::refused(const RefusalCount& count) noexcept {
  const std::uint64_t spare = state_->capacity / 4;
  if (state_->free_slots(spare + 1) <= spare) return false;
  state_->append(count);
  return true;
}

void Journal::read(Records& out, std::size_t limit) const {
  const std::uint64_t begin = state_->tail.load(std::memory_order_relaxed);
  const std::uint64_t queued = state_->head.load(std::memory_order_acquire) - begin;
  out.end = begin + std::min<std::uint64_t>(queued, limit);
  for (std::uint64_t n = begin; n < out.end; ++n) {
    const ConstSlot slot = slot_at(state_->memory, n % state_->capacity);
    if (slot_sequence(slot) == n + 1) {
      take(out, slot, state_->salt);
    } else {
      ++out.damaged;
    }
  }
}

std::span<const std::byte> Journal::slot(std::uint64_t n) const noexcept {
  return slot_at(std::span<const std::byte>(state_->memory), n % state_->capacity);
}

std::uint32_t Journal::salt() const noexcept { return state_->salt; }

void Journal::confirm(std::uint64_t end) noexcept {
  if (end <= confirmed()) return;
  if (end > appended()) detail::die("Journal::confirm of records that are not there");
  // The page first: a slot must not be written again while the page still counts its old record as waiting.
  write_journal_tail(state_->memory.first<kJournalPage>(), end);
  state_->tail.store(end, std::memory_order_release);
}

std::size_t Journal::queued() const noexcept {
  const std::uint64_t tail = confirmed();
  return static_cast<std::size_t>(appended() - tail);
}

std::uint64_t Journal::appended() const noexcept { return state_->head.load(std::memory_order_acquire); }
std::uint64_t Journal::confirmed() const noexcept { return state_->tail.load(std::memory_order_acquire); }
std::size_t Journal::capacity() const noexcept { return static_cast<std::size_t>(state_->capacity); }

Result<Journal::Records> Journal::recover(std::span<const std::byte> memory) {
  const auto header = read_journal_header(memory);
  if (!header) return Error{ErrorCode::corrupt, "not a journal, or its header is damaged"};
  const std::uint64_t capacity = header->capacity;
  const std::uint32_t salt = salt_of(header->process);
  std::vector<std::byte> copy;
  if (header->version != kJournalVersion) memory = copy = upgraded(memory, *header, salt);
  const std::uint64_t present = std::min<std::uint64_t>(capacity, (memory.size() - kJournalPage) / kSlotSize);

  std::vector<Found> found;
  std::vector<std::uint64_t> bad;  // slots that are neither empty nor complete
  for (std::uint64_t i = 0; i < present; ++i) {
    const ConstSlot slot = slot_at(memory, i);
    const std::uint64_t sequence = slot_sequence(slot);
    if (sequence == 0) continue;
    const std::uint64_t count = sequence - 1;
    const bool in_place = count % capacity == i && (!header->tail || count < *header->tail + capacity);
    if (in_place && is_record(slot, salt)) {
      found.push_back({count, i});
    } else {
      bad.push_back(i);
    }
  }
  std::sort(found.begin(), found.end(), [](const Found& a, const Found& b) { return a.count < b.count; });

  // Without a tail to go by all is taken that the ring can still hold: what is in the store already changes nothing
  // there.
  Records out;
  const std::uint64_t newest_end = found.empty() ? 0 : found.back().count + 1;
  const std::uint64_t begin = header->tail.value_or(newest_end - std::min(newest_end, capacity));
  out.end = std::max(begin, newest_end);
  std::erase_if(found, [&](const Found& record) { return record.count < begin; });
  for (const Found& record : found) take(out, slot_at(memory, record.index), salt);

  // Gaps in the row of records, bad slots that are none of these gaps, and what the entire journal has lost.
  out.damaged = (out.end - begin) - found.size();
  for (const std::uint64_t i : bad) {
    const std::uint64_t first_at_or_after_begin = begin + (i + capacity - begin % capacity) % capacity;
    if (first_at_or_after_begin >= out.end) ++out.damaged;
  }
  if (present < capacity) ++out.damaged;
  if (!header->tail) ++out.damaged;
  return out;
}

Result<std::uint64_t> Journal::process_of(std::span<const std::byte> memory) {
  const auto header = read_journal_header(memory);
  if (!header) return Error{ErrorCode::corrupt, "not a journal, or its header is damaged"};
  return header->process;
}

}  // namespace gateway
