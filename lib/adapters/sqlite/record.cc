#include "adapters/sqlite/record.h"

#include <bit>
#include <cstring>

namespace gateway::sqlite {
namespace {

struct IntegerType {
  std::uint8_t number, size;  // its serial type, and the bytes of its values
};

// By the bits of a value without its sign.
constexpr std::array<IntegerType, 64> kIntegerTypes = [] {
  std::array<IntegerType, 64> types{};
  for (std::size_t bits = 0; bits < types.size(); ++bits) {
    types[bits] = bits < 8    ? IntegerType{1, 1}
                  : bits < 16 ? IntegerType{2, 2}
                  : bits < 24 ? IntegerType{3, 3}
                  : bits < 32 ? IntegerType{4, 4}
                  : bits < 48 ? IntegerType{5, 6}
                              : IntegerType{6, 8};
  }
  return types;
}();
constexpr std::uint8_t kZero = 8, kOne = 9;  // types that are a value themselves

}  // namespace

std::uint8_t* put_varint(std::uint8_t* out, std::uint64_t value) noexcept {
  int size = 1;
  if (value >> 56 != 0) {  // the ninth byte has eight bits of it
    out[8] = static_cast<std::uint8_t>(value);
    value >>= 8;
    for (int i = 7; i >= 0; --i, value >>= 7) out[i] = static_cast<std::uint8_t>(value | 0x80);
    return out + 9;
  }
  while (value >> (7 * size) != 0) ++size;
  for (int i = size - 1; i >= 0; --i, value >>= 7) {
    out[i] = static_cast<std::uint8_t>(i == size - 1 ? value & 0x7f : value | 0x80);
  }
  return out + size;
}

void Record::integer(std::int64_t value) {
  make_room(sizeof(value));
  if (value == 0 || value == 1) {
    types_[types_size_++] = value == 0 ? kZero : kOne;
    return;
  }
  const auto bits = static_cast<std::uint64_t>(value);
  const IntegerType type = kIntegerTypes[static_cast<std::size_t>(std::bit_width(value < 0 ? ~bits : bits))];
  types_[types_size_++] = type.number;
  put_big_endian<8>(&values_[values_size_], bits << (64 - 8 * type.size));  // bytes after its own are overwritten
  values_size_ += type.size;
}

void Record::put(std::uint64_t type, const void* value, std::size_t size) {
  make_room(size);
  types_size_ = static_cast<std::size_t>(put_varint(&types_[types_size_], type) - types_.data());
  if (size > 0) std::memcpy(&values_[values_size_], value, size);
  values_size_ += size;
}

void Record::append_to(std::vector<std::uint8_t>& out) const {
  const std::size_t begin = out.size();
  out.resize(begin + 1 + types_size_ + values_size_);
  out[begin] = static_cast<std::uint8_t>(1 + types_size_);
  std::memcpy(&out[begin] + 1, types_.data(), types_size_);
  std::memcpy(&out[begin] + 1 + types_size_, values_.data(), values_size_);
}

}  // namespace gateway::sqlite
