// The event stream format as WHATWG HTML 9.2.6 defines it, in the plainest way, as a measure for the scanner.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "wire/sse/scanner.h"

namespace gateway::test {

struct PlainEvent {
  SseEvent::Kind kind = SseEvent::Kind::empty;
  std::string data;
  friend bool operator==(const PlainEvent&, const PlainEvent&) = default;
};

// Without events of kind empty. What has no blank line at the stream's end counts as an event, which is our own rule.
inline std::vector<PlainEvent> reference_events(std::string_view stream) {
  if (stream.substr(0, 3) == "\xef\xbb\xbf") stream.remove_prefix(3);
  std::vector<std::string> lines(1);
  for (std::size_t i = 0; i < stream.size(); ++i) {
    if (stream[i] != '\r' && stream[i] != '\n') {
      lines.back() += stream[i];
      continue;
    }
    if (stream[i] == '\r' && i + 1 < stream.size() && stream[i + 1] == '\n') ++i;
    lines.emplace_back();
  }
  lines.emplace_back();

  std::vector<PlainEvent> events;
  std::vector<std::string> data;
  bool comment = false, field = false;
  for (const std::string& line : lines) {
    if (line.empty()) {
      PlainEvent event;
      bool any = false;
      for (const std::string& value : data) any |= !value.empty();
      if (any) {
        event.kind = SseEvent::Kind::data;
        for (std::size_t i = 0; i < data.size(); ++i) event.data += (i == 0 ? "" : "\n") + data[i];
      } else if (comment && !field) {
        event.kind = SseEvent::Kind::comment;
      }
      if (event.kind != SseEvent::Kind::empty) events.push_back(event);
      data.clear();
      comment = field = false;
      continue;
    }
    if (line.front() == ':') {
      comment = true;
      continue;
    }
    field = true;
    const std::size_t colon = line.find(':');
    std::string value = colon == std::string::npos ? "" : line.substr(colon + 1);
    if (!value.empty() && value.front() == ' ') value.erase(0, 1);
    if (line.substr(0, colon) == "data") data.push_back(value);
  }
  return events;
}

// What the scanner makes of the pieces, with the bytes that were passed on as raw.
struct Scanned {
  std::vector<PlainEvent> events;
  std::string raw;
  bool all_canonical = true;
  bool too_large = false;
};

inline Scanned scan(SseScanner& scanner, const std::vector<std::string_view>& pieces) {
  Scanned out;
  SseEvent event;
  const auto take = [&] {
    out.raw += event.raw;
    out.all_canonical &= event.canonical;
    if (event.kind != SseEvent::Kind::empty) out.events.push_back({event.kind, std::string(event.data)});
  };
  for (const std::string_view piece : pieces) {
    scanner.push(piece);
    while (scanner.next(event)) take();
  }
  if (scanner.finish(event)) take();
  out.too_large = scanner.too_large();
  scanner.reset();
  return out;
}

}  // namespace gateway::test
