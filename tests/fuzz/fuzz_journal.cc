#include <algorithm>
#include <cstddef>
#include <cstring>
#include <span>
#include <vector>

#include "fuzz/fuzz_target.h"
#include "gateway/journal.h"

namespace gateway::fuzz {
namespace {

constexpr std::size_t kPage = 4096;
constexpr std::size_t kRecords = 8;

// Page-aligned memory, as a mapped file has it.
class Pages {
 public:
  explicit Pages(std::size_t size)
      : bytes_(static_cast<std::byte*>(std::aligned_alloc(kPage, (size + kPage - 1) / kPage * kPage))), size_(size) {
    std::memset(bytes_, 0, (size + kPage - 1) / kPage * kPage);
  }
  ~Pages() { std::free(bytes_); }
  Pages(const Pages&) = delete;
  Pages& operator=(const Pages&) = delete;
  std::span<std::byte> span() const noexcept { return {bytes_, size_}; }

 private:
  std::byte* bytes_;
  std::size_t size_;
};

Row row(std::uint8_t number) {
  Row row;
  row.request.bytes[15] = number;
  row.project = "p";
  row.cost = Money::units(number);
  return row;
}

}  // namespace

// A ring of three settled requests and one open one, damaged where the input says (place, place, byte), returns only
// records that were written.
void journal(std::string_view input) {
  const Pages memory(Journal::bytes_for(kRecords));
  {
    auto ring = Journal::format(memory.span(), 7);
    require(ring.has_value(), "a ring is made");
    for (std::uint8_t i = 1; i <= 4; ++i) {
      require((*ring)->reserve(), "there is room");
      (*ring)->open(row(i));
      if (i < 4) (*ring)->settle(row(i));
    }
  }
  const std::span<std::byte> bytes = memory.span();
  for (std::size_t i = 0; i + 2 < input.size(); i += 3) {
    const auto at = [&](std::size_t k) { return static_cast<std::size_t>(static_cast<unsigned char>(input[i + k])); };
    bytes[(at(0) * 256 + at(1)) % bytes.size()] = static_cast<std::byte>(input[i + 2]);
  }
  if (const auto records = Journal::recover(bytes)) {
    require(records->rows.size() + records->refusals.size() <= kRecords, "no more records come back than fit");
    for (const Row& each : records->rows) {
      require(each.request.bytes[15] >= 1 && each.request.bytes[15] <= 4 && each.project.view() == "p",
              "every record that comes back was written");
    }
  }
  static_cast<void>(Journal::process_of(bytes));

  // And any bytes at all.
  const std::span<const std::byte> raw = std::as_bytes(std::span(input.data(), input.size()));
  static_cast<void>(Journal::recover(raw));
  static_cast<void>(Journal::process_of(raw));
}

}  // namespace gateway::fuzz
