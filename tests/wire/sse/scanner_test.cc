#include "wire/sse/scanner.h"

#include <string>

#include "support/catch.h"
#include "wire/sse/reference.h"

namespace gateway {
namespace {

using Kind = SseEvent::Kind;
using test::scan;

TEST_CASE("neighbouring events lie in the pushed piece, side by side", "[wire][sse]") {
  SseScanner scanner;
  const std::string piece = "data: a\n\n: c\n\ndata: b\r\n\r\nda";
  scanner.push(piece);
  SseEvent event;
  REQUIRE(scanner.next(event));
  CHECK(event.raw.data() == piece.data());
  CHECK(event.data == "a");
  const char* end = event.raw.data() + event.raw.size();
  REQUIRE(scanner.next(event));
  CHECK(event.kind == Kind::comment);
  CHECK(event.raw.data() == end);
  end = event.raw.data() + event.raw.size();
  REQUIRE(scanner.next(event));
  CHECK(event.raw.data() == end);
  CHECK(event.canonical);
  CHECK_FALSE(scanner.next(event));
  CHECK(scanner.carried() == 2);
}

TEST_CASE("an event is returned as soon as its last byte is there", "[wire][sse]") {
  for (const std::string& text : {std::string("data: x\n\n"), std::string("data: x\r\n\r\n"),
                                  std::string("data: x\r\r"), std::string("event: e\rdata: x\r\r")}) {
    INFO(text);
    SseScanner scanner;
    SseEvent event;
    for (std::size_t i = 0; i + 1 < text.size(); ++i) {
      scanner.push(std::string_view(text).substr(i, 1));
      CHECK_FALSE(scanner.next(event));
    }
    scanner.push(std::string_view(text).substr(text.size() - 1));
    REQUIRE(scanner.next(event));
    CHECK(event.data == "x");
    CHECK(event.raw == text);
    CHECK(scanner.carried() == 0);
    CHECK_FALSE(scanner.next(event));
  }
}

TEST_CASE("lines that end in CR alone are not canonical", "[wire][sse]") {
  SseScanner scanner;
  CHECK(scan(scanner, {"data: x\n\n"}).all_canonical);
  CHECK(scan(scanner, {"data: x\r\n\r\n"}).all_canonical);
  CHECK_FALSE(scan(scanner, {"data: x\r\r"}).all_canonical);
  CHECK_FALSE(scan(scanner, {"data: x\r\n\r"}).all_canonical);
  CHECK_FALSE(scan(scanner, {"data: x\n"}).all_canonical);
  CHECK_FALSE(scan(scanner, {"data: x"}).all_canonical);
}

TEST_CASE("what the stream's end leaves without a blank line is returned once", "[wire][sse]") {
  SseScanner scanner;
  SseEvent event;
  scanner.push("data: x\r\n");
  CHECK_FALSE(scanner.next(event));
  REQUIRE(scanner.finish(event));
  CHECK(event.data == "x");
  CHECK(event.kind == Kind::data);
  CHECK_FALSE(scanner.finish(event));
}

TEST_CASE("an event over the limit ends the stream, one at the limit does not, whatever the cuts", "[wire][sse]") {
  const std::string fits = "data: " + std::string(92, 'x') + "\n\n";
  const std::string over = "data: " + std::string(93, 'x') + "\n\n";
  REQUIRE(fits.size() == 100);
  for (std::size_t cut = 0; cut <= over.size(); ++cut) {
    INFO(cut);
    SseScanner scanner(100);
    const std::string good = fits + fits;
    const auto two = scan(scanner, {std::string_view(good).substr(0, cut), std::string_view(good).substr(cut)});
    CHECK(two.events.size() == 2);
    CHECK_FALSE(two.too_large);
    const std::string bad = fits + over + fits;
    const std::size_t at = fits.size() + cut;
    const auto one = scan(scanner, {std::string_view(bad).substr(0, at), std::string_view(bad).substr(at)});
    CHECK(one.events.size() == 1);
    CHECK(one.too_large);
  }
}

TEST_CASE("an endless event is not kept", "[wire][sse]") {
  SseScanner scanner(4 * 1024 * 1024);
  SseEvent event;
  const std::string piece(64 * 1024, 'x');
  for (int i = 0; i < 80; ++i) {
    scanner.push(piece);
    CHECK_FALSE(scanner.next(event));
    CHECK(scanner.carried() <= 4 * 1024 * 1024);
  }
  CHECK(scanner.too_large());
  CHECK(scanner.carried() == 0);
  CHECK_FALSE(scanner.finish(event));
  scanner.reset();
  CHECK_FALSE(scanner.too_large());
  scanner.push("data: a\n\n");
  CHECK(scanner.next(event));
}

TEST_CASE("a byte order mark is dropped at the very start only", "[wire][sse]") {
  SseScanner scanner;
  CHECK(scan(scanner, {"\xef", "\xbb", "\xbf", "data: x\n\n"}).events.size() == 1);
  CHECK(scan(scanner, {"\xef\xbb", "data: x\n\ndata: y\n\n"}).events.size() == 1);
  CHECK(scan(scanner, {"data: x\n\n\xef\xbb\xbf", "data: y\n\n"}).events.size() == 1);
}

TEST_CASE("the end mark is known", "[wire][sse]") {
  for (const char* yes : {"[DONE]", "[DONE] ", " [DONE]", "\t[DONE] \t"}) CHECK(is_sse_done(yes));
  for (const char* no : {"", " ", "[DONE", "DONE", "[done]", "[DONE]x", "[DONE] [DONE]"}) CHECK_FALSE(is_sse_done(no));
}

TEST_CASE("data written anew read the same", "[wire][sse]") {
  SseScanner scanner;
  for (const std::string& data : {std::string("a"), std::string("a\nb"), std::string("a\n\nb"), std::string(" x"),
                                  std::string("\nx"), std::string("x\n"), std::string("data: x")}) {
    std::string out;
    append_sse_data(out, data);
    const auto events = scan(scanner, {out}).events;
    REQUIRE(events.size() == 1);
    CHECK(events[0].data == data);
  }
}

}  // namespace
}  // namespace gateway
