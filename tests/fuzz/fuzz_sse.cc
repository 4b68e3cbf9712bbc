#include <string>

#include "fuzz/fuzz_target.h"
#include "wire/sse/reference.h"
#include "wire/sse/scanner.h"

namespace gateway::fuzz {

// The scanner returns what the specification says, however the stream is cut, and loses no byte of an uncut one.
void sse(std::string_view input) {
  SseScanner scanner(1 << 20);
  const auto expected = test::reference_events(input);
  const test::Scanned whole = test::scan(scanner, {input});
  require(whole.events == expected, "a whole stream gives the events of the specification");
  const bool bom = input.substr(0, 3) == "\xef\xbb\xbf";
  require(whole.raw == input.substr(bom ? 3 : 0), "the events' bytes are the stream's");
  const test::Scanned cut = test::scan(scanner, pieces_of(input));
  require(cut.events == expected, "a cut stream gives the same events");

  SseScanner tight(64);
  const test::Scanned bounded = test::scan(tight, pieces_of(input));
  require(bounded.events.size() <= expected.size(), "a limit adds no events");
  for (const test::PlainEvent& event : whole.events) {
    if (event.kind != SseEvent::Kind::data) continue;
    std::string anew;
    append_sse_data(anew, event.data);
    const auto again = test::scan(scanner, {anew}).events;
    require(again.size() == 1 && again[0] == event, "data written anew read the same");
  }
}

}  // namespace gateway::fuzz
