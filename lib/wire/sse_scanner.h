// Cuts a stream of server-sent events (WHATWG HTML, 9.2) into events, whatever the cuts between the pieces that come.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace gateway {

struct SseEvent {
  enum class Kind : unsigned char {
    data,     // has at least one non-empty data line
    comment,  // only comments
    empty,    // anything else: blank lines, event: or id: alone, empty data
  };
  Kind kind = Kind::empty;
  std::string_view raw;   // the bytes as they came, with the blank line that ends it; without a leading BOM
  std::string_view data;  // the data lines joined by LF, as the specification says
  bool canonical = false; // lines end in LF or CRLF: any client reads `raw` the same way; otherwise write data anew
};

// Push a piece, then pull events until there are none:
//   scanner.push(bytes); while (scanner.next(event)) ...
// Views of an event are valid until the next call of anything here; `raw` points into the pushed piece where the event
// lies wholly inside it, so that neighbouring events can go out as one span. Nothing is allocated while events lie wholly
// inside pieces; what is cut is carried over in one buffer.
class SseScanner {
 public:
  explicit SseScanner(std::size_t max_event = 4 * 1024 * 1024) : max_event_(max_event) {}

  void push(std::string_view bytes);
  bool next(SseEvent& event);
  // The stream has ended: an event that lacks its blank line is given once, then false.
  bool finish(SseEvent& event);
  // An event grew larger than the limit; nothing more is given.
  bool too_large() const noexcept { return too_large_; }
  // Bytes waiting for the rest of their event.
  std::size_t carried() const noexcept { return carry_.size(); }
  void reset();

 private:
  std::size_t max_event_;
  bool too_large_ = false;
  bool at_start_ = true;  // a BOM may still come
  std::string carry_;     // the beginning of an event, from earlier pieces
  std::string_view rest_; // of the pushed piece
  std::string joined_;    // data of several lines
  bool carry_given_ = false;
  bool skip_lf_ = false;  // the last piece ended in CR: a leading LF belongs to it
};

// Appends `data` as one event: each line behind "data: ", and a blank line.
void append_sse_data(std::string& out, std::string_view data);

}  // namespace gateway
