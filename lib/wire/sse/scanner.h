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
  std::string_view raw;    // the bytes as they came, with the blank line that ends it; without a leading BOM
  std::string_view data;   // the data lines joined by LF, by the specification
  std::string_view name;   // the value of its last `event` line
  bool canonical = false;  // lines end in LF or CRLF: any client reads `raw` the same way; otherwise write data anew
};

// Whether an event's data is the end mark of OpenAI's streams; spaces around it are forgiven.
bool is_sse_done(std::string_view data) noexcept;

// Push a piece, then pull events until there are none:
//   scanner.push(bytes); while (scanner.next(event)) ...
// Views of an event are valid until the next call of anything here; `raw` points into the pushed piece if the event
// lies wholly inside it, so that neighbouring events can go out as one span. Nothing is allocated while events lie
// wholly inside pieces; what is split is carried over in one buffer.
class SseScanner {
 public:
  explicit SseScanner(std::size_t max_event = 32 * 1024 * 1024) : max_event_(max_event) {}

  void push(std::string_view bytes);
  bool next(SseEvent& event);
  // The stream has ended: an event that lacks its blank line is returned once, then false.
  bool finish(SseEvent& event);
  // An event grew larger than the limit; nothing more is returned.
  bool too_large() const noexcept { return too_large_; }
  // Bytes waiting for the rest of their event.
  std::size_t carried() const noexcept { return carry_given_ ? 0 : carry_.size(); }
  void reset();

 private:
  void skip_bom();
  void forget_given() noexcept;
  bool find_end(std::size_t& end) noexcept;
  bool give(std::string_view raw, SseEvent& event);

  std::size_t max_event_;
  bool too_large_ = false;
  int bom_bytes_ = 0;  // of a BOM at the very start, seen so far; -1: past the start
  std::string carry_;  // the beginning of an event, from earlier pieces
  bool carry_given_ = false;
  std::string_view rest_;  // of the pushed piece
  std::string joined_;     // data of several lines
  // The state, where `rest_` begins, of the event that is not yet complete.
  bool line_empty_ = true;
  bool after_cr_ = false;     // an LF that comes now belongs to the CR before it
  bool ended_by_cr_ = false;  // the event has ended, but such an LF may still be its last byte
  bool crlf_seen_ = false;    // a line of this event ended in CRLF
};

// Appends `data` as one event: each line after "data: ", and a blank line.
void append_sse_data(std::string& out, std::string_view data);

}  // namespace gateway
