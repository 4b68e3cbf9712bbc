// Cuts a multipart body (RFC 2046, 5.1; RFC 7578) into its parts, whatever the cuts between the pieces that come.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "wire/multipart/part_head.h"

namespace gateway {

class MultipartSink {
 public:
  // Offsets are of the body. A delimiter begins with its dashes.
  virtual void on_delimiter(std::size_t offset) = 0;
  virtual void on_part(const PartHead& head, std::size_t data_begins) = 0;
  virtual void on_data(std::string_view bytes) = 0;  // of the part that began last
  virtual void on_part_end(std::size_t offset) = 0;

 protected:
  ~MultipartSink() = default;
};

// Looks at what comes where it is, and keeps only what a cut has left unread: at most the longest head or delimiter.
class MultipartReader {
 public:
  static constexpr std::size_t kMaxHead = 8 * 1024, kMaxParts = 256;

  MultipartReader(std::string_view boundary, MultipartSink& sink);

  // False: fault() reports why, and nothing more is read.
  bool push(std::string_view bytes);
  // The body has ended. False: not where its last delimiter is.
  bool finish();
  // Bytes that may be of a part or of its end, and are reported once more has come.
  std::size_t held() const noexcept { return held_.size(); }
  // In words that follow "The form is broken: ". Null: it is not.
  const char* fault() const noexcept { return fault_; }

 private:
  enum class State : std::uint8_t { preamble, head, data, epilogue };
  enum class Line : std::uint8_t { unfinished, next, last, none };  // what a delimiter's line turns out to be

  void read_input();
  bool step();  // false: more bytes are needed, or there is a fault
  bool take_until_delimiter();
  bool take_head();
  Line line_after(std::size_t at, std::size_t& end) const noexcept;
  void pass(std::size_t count);
  bool fail(const char* why) noexcept { return fault_ = why, false; }
  std::size_t offset(std::size_t at) const noexcept { return taken_ + at - kLineEnd.size(); }

  static constexpr std::string_view kLineEnd = "\r\n";
  const std::string delimiter_;  // with the line end before it
  MultipartSink& sink_;
  State state_ = State::preamble;
  std::string_view input_;      // that is not read yet, during a call
  std::string held_{kLineEnd};  // what waits for more; a body begins as after a line
  std::size_t taken_ = 0;       // what is read, with the line end that no body has
  std::size_t parts_ = 0;
  const char* fault_ = nullptr;
};

}  // namespace gateway
