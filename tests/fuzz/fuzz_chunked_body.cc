#include <string>

#include "fuzz/fuzz_target.h"
#include "fuzz/http_transcript.h"

namespace gateway::fuzz {
namespace {

std::vector<std::string_view> behind(std::string_view head, std::string_view body) {
  std::vector<std::string_view> pieces = pieces_of(body);
  pieces.insert(pieces.begin(), head);
  return pieces;
}

}  // namespace

// A chunked body is read alike however its bytes are cut, on both sides.
void chunked_body(std::string_view input) {
  constexpr std::string_view kRequest =
      "POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  constexpr std::string_view kAnswer = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  require(request_transcript({kRequest, input}) == request_transcript(behind(kRequest, input)),
          "a cut changes no request's body");
  require(ResponseTranscript().run({kAnswer, input}) == ResponseTranscript().run(behind(kAnswer, input)),
          "a cut changes no answer's body");
}

}  // namespace gateway::fuzz
