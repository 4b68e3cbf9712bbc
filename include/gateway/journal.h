// The queue between a worker and the ledger's writer, which is also the journal: a ring of fixed-size records in a span
// of memory. Memory that outlives the process (a mapped file) makes what was appended survive its death.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "gateway/result.h"
#include "gateway/row.h"

namespace gateway {

/// Single producer (the worker), single consumer (the caller of Core::pump). Wait-free on both sides.
///
/// Layout, native byte order: a header page (magic, version, slot size, capacity, process, tail), then `capacity`
/// slots, each {sequence, checksum, kind, size, record}; a row's record leaves out the unused bytes of its texts. A
/// slot is valid when its checksum holds and its sequence number fits its place; records with sequence >= tail have not
/// been confirmed. A torn or damaged slot is skipped and counted.
class Journal {
 public:
  static std::size_t bytes_for(std::size_t capacity) noexcept;

  /// Starts an empty ring in `memory` (page-aligned, zeroed or not, bytes_for(capacity) long). `memory` outlives it.
  static Result<std::unique_ptr<Journal>> format(std::span<std::byte> memory, std::uint64_t process);
  /// A ring of its own on the heap.
  static std::unique_ptr<Journal> in_memory(std::size_t capacity, std::uint64_t process);

  ~Journal();

  /// --- the worker's side
  /// Takes room for the open record of a new attempt and for its settlement: false when there is none, and then the
  /// attempt must not be dispatched. The settlement can then never fail for want of room.
  bool reserve() noexcept;
  void open(const Row& row) noexcept;    ///< after reserve()
  void settle(const Row& row) noexcept;  ///< after open(); ends the reservation
  /// May be dropped when the ring is tight: returns false then.
  bool refused(const RefusalCount& count) noexcept;

  /// --- the writer's side
  struct Records {
    std::vector<Row> rows;  ///< in order of appending; an open row and its settlement are both there
    std::vector<RefusalCount> refusals;
    std::uint64_t damaged = 0;
    std::uint64_t end = 0;  ///< for confirm()
  };
  /// To look at what waits: adds up to `limit` records after the confirmed ones to `out`, each as it was appended.
  void read(Records& out, std::size_t limit) const;
  /// Everything before `end` is in the store: its room is free again.
  void confirm(std::uint64_t end) noexcept;
  std::size_t queued() const noexcept;
  /// Counted since the ring was made, from any thread: what had been appended when appended() returned n is in the
  /// store once confirmed() >= n.
  std::uint64_t appended() const noexcept;
  std::uint64_t confirmed() const noexcept;
  std::size_t capacity() const noexcept;

  /// --- after a crash: all valid records from the confirmed tail on, from memory that no process writes any more.
  /// corrupt: the header is not one of ours.
  static Result<Records> recover(std::span<const std::byte> memory);
  static Result<std::uint64_t> process_of(std::span<const std::byte> memory);

 private:
  friend class JournalReader;
  struct State;
  explicit Journal(std::unique_ptr<State> state);
  /// The slot of the n-th record, from 0.
  std::span<const std::byte> slot(std::uint64_t n) const noexcept;
  std::uint32_t salt() const noexcept;
  std::unique_ptr<State> state_;
};

}  // namespace gateway
