#include "adapters/curl/request_head.h"

#include <string>

#include "support/catch.h"

using namespace gateway;

namespace {

struct Head {
  Result<void> written = {};
  std::string text;
};

Head head_of(UpstreamRequest request) {
  static const Origin kOrigin = [] {
    Origin origin;
    origin.authority = "api.example";
    return origin;
  }();
  request.origin = &kOrigin;
  Head head{.text = "what was there before"};
  head.written = curl::write_head(request, head.text);
  return head;
}

Head with_field(std::string_view name, std::string_view value) {
  const HeaderField field{name, value};
  return head_of({.method = "GET", .path = "/", .headers = {&field, 1}, .body = {}});
}
Head plain(std::string_view method, std::string_view path) {
  return head_of({.method = method, .path = path, .headers = {}, .body = {}});
}

}  // namespace

TEST_CASE("a request's head as bytes", "[curl]") {
  const HeaderField fields[] = {{"accept", "a"}, {"Host", "elsewhere"}, {"x-empty", ""}};
  const std::string_view body[] = {"ab", "c"};
  CHECK(head_of({.method = "POST", .path = "/v1?a=b", .headers = fields, .body = body}).text ==
        "POST /v1?a=b HTTP/1.1\r\nhost: api.example\r\naccept-encoding: identity\r\naccept: a\r\nx-empty: \r\n"
        "content-length: 3\r\n\r\n");
  CHECK(plain("GET", "/").text == "GET / HTTP/1.1\r\nhost: api.example\r\naccept-encoding: identity\r\n\r\n");
  CHECK(head_of({.method = "POST", .path = "/", .headers = {}, .body = body, .body_goes_on = true}).text ==
        "POST / HTTP/1.1\r\nhost: api.example\r\naccept-encoding: identity\r\ntransfer-encoding: chunked\r\n\r\n3\r\n");
}

// Texts of every length, with every byte at every place: what is looked at eight bytes at once misses none.
TEST_CASE("nothing leaves its line", "[curl]") {
  for (std::size_t size = 1; size <= 20; ++size) {
    for (std::size_t place = 0; place < size; ++place) {
      for (int byte = 0; byte < 256; ++byte) {
        const auto odd = static_cast<unsigned char>(byte);
        std::string text(size, 'x');
        text[place] = static_cast<char>(odd);
        const bool ends_line = odd == '\r' || odd == '\n' || odd == 0;
        const bool is_word = odd > ' ' && odd < 0x7f && odd != ':';
        const bool is_path = odd > ' ' && odd != 0x7f;
        if (with_field("a", text).written.has_value() == ends_line ||
            with_field(text, "a").written.has_value() != is_word || plain(text, "/").written.has_value() != is_word ||
            plain("GET", "/" + text).written.has_value() != is_path) {
          FAIL("byte " << byte << " at " << place << " of " << size);
        }
      }
    }
  }
  CHECK_FALSE(with_field("", "a").written);
  CHECK_FALSE(plain("GET", "v1").written);
}
