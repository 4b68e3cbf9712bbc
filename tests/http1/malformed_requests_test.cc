#include <algorithm>

#include "http1/malformed_table.h"
#include "http1/request_parser.h"
#include "support/catch.h"

using namespace gateway::http1;

namespace {

// The last event of a request fed in pieces of one size.
RequestEvent last_event(RequestParser& parser, std::string_view wire, std::size_t piece) {
  for (std::size_t at = 0; at < wire.size(); at += piece) {
    std::string_view input = wire.substr(at, piece);
    for (;;) {
      const RequestEvent event = parser.next(input);
      if (event == RequestEvent::refused || event == RequestEvent::complete) return event;
      if (event == RequestEvent::need_more) break;
    }
  }
  return RequestEvent::need_more;
}

}  // namespace

TEST_CASE("every malformed request of the table is refused with its status, complete and in pieces",
          "[http1][malformed]") {
  const auto table = malformed_requests();
  REQUIRE(table.size() >= 80);
  for (const MalformedRequest& request : table) {
    for (std::size_t piece : {request.wire.size(), std::size_t{1}, std::size_t{7}}) {
      INFO(request.name << ", in pieces of " << piece);
      RequestParser parser;
      CHECK(last_event(parser, request.wire, piece) == RequestEvent::refused);
      CHECK(parser.refusal().status == request.status);
      CHECK_FALSE(parser.refusal().message.empty());
      std::string_view more = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
      CHECK(parser.next(more) == RequestEvent::refused);
    }
  }
}

TEST_CASE("the table names each of its requests once", "[http1][malformed]") {
  std::vector<std::string> names;
  for (const MalformedRequest& request : malformed_requests()) names.push_back(request.name);
  std::sort(names.begin(), names.end());
  CHECK(std::adjacent_find(names.begin(), names.end()) == names.end());
}
