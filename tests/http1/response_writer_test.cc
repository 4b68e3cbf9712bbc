#include "http1/response_writer.h"

#include <string>

#include "http1/response_parser.h"
#include "support/catch.h"

using namespace gateway;
using namespace gateway::http1;

namespace {

constexpr std::string_view kDate = "Sun, 06 Nov 1994 08:49:37 GMT";

std::string head_text(AnswerHead head) {
  PaddedBuffer out;
  head.date = kDate;
  write_head(out, head);
  return std::string(out.view());
}

}  // namespace

TEST_CASE("the date is RFC 9110's, and made anew when its second is over", "[http1][writer]") {
  using namespace std::chrono;
  const WallTime time = sys_days{1994y / November / 6} + 8h + 49min + 37s + 999ms;
  DateText date;
  CHECK(date.at(time) == kDate);
  CHECK(date.at(time - 999ms) == kDate);
  CHECK(date.at(time + 1ms) == "Sun, 06 Nov 1994 08:49:38 GMT");
  CHECK(date.at(time - 1h) == "Sun, 06 Nov 1994 07:49:37 GMT");
  CHECK(date.at(sys_days{2028y / February / 29} + 23h) == "Tue, 29 Feb 2028 23:00:00 GMT");
}

TEST_CASE("a head states how its body ends and whether the connection stays", "[http1][writer]") {
  const HeaderField fields[] = {{"content-type", "a/b"}, {"x-empty", ""}};
  const HeaderField more[] = {{"vary", "origin"}};
  CHECK(head_text({.status = 200, .fields = fields, .more_fields = more, .length = 12}) ==
        "HTTP/1.1 200 OK\r\ndate: Sun, 06 Nov 1994 08:49:37 GMT\r\ncontent-type: a/b\r\nx-empty: \r\nvary: origin\r\n"
        "content-length: 12\r\n\r\n");
  CHECK(head_text({.status = 429, .framing = Framing::chunked, .keep_alive = false}) ==
        "HTTP/1.1 429 Too Many Requests\r\ndate: Sun, 06 Nov 1994 08:49:37 GMT\r\ntransfer-encoding: chunked\r\n"
        "connection: close\r\n\r\n");
  CHECK(head_text({.status = 299, .framing = Framing::none, .http_1_0 = true}) ==
        "HTTP/1.1 299 Unknown\r\ndate: Sun, 06 Nov 1994 08:49:37 GMT\r\nconnection: keep-alive\r\n\r\n");
  CHECK(head_text({.framing = Framing::until_close, .http_1_0 = true, .keep_alive = false}) ==
        "HTTP/1.1 200 OK\r\ndate: Sun, 06 Nov 1994 08:49:37 GMT\r\nconnection: close\r\n\r\n");
  CHECK(head_text({.status = 426, .length = 0}) ==
        "HTTP/1.1 426 Upgrade Required\r\ndate: Sun, 06 Nov 1994 08:49:37 GMT\r\ncontent-length: 0\r\n"
        "connection: upgrade\r\n\r\n");
}

TEST_CASE("what is written in chunks is read back, and an empty piece does not end it", "[http1][writer]") {
  struct Reader final : ResponseSink {
    std::string body;
    bool whole = false;
    Flow on_head(int, HeaderSpan) override { return Flow::more; }
    Flow on_body(std::string_view bytes) override { return body += bytes, Flow::more; }
    void on_complete(bool) override { whole = true; }
  } reader;
  PaddedBuffer out;
  write_head(out, {.framing = Framing::chunked, .date = kDate});
  std::string expected;
  for (std::size_t n : {1U, 0U, 15U, 16U, 17U, 4096U, 0U, 70'000U}) {
    const std::string piece(n, static_cast<char>('a' + n % 26));
    write_chunk(out, piece);
    expected += piece;
  }
  ResponseParser parser;
  parser.reset(reader);
  CHECK(parser.feed(out.view()).state == ParseState::need_more);
  CHECK(reader.body == expected);
  const std::size_t before = out.size();
  write_last_chunk(out);
  CHECK(parser.feed(out.view().substr(before)).state == ParseState::complete);
  CHECK(reader.whole);
}
