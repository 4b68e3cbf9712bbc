// What a parser makes of bytes, as text that does not depend on how they were cut.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "http1/request_parser.h"
#include "http1/response_parser.h"

namespace gateway::fuzz {

inline std::string request_transcript(const std::vector<std::string_view>& pieces) {
  using http1::RequestEvent;
  http1::RequestParser parser;
  std::string out;
  for (std::string_view piece : pieces) {
    for (;;) {
      const RequestEvent event = parser.next(piece);
      if (event == RequestEvent::need_more) break;
      if (event == RequestEvent::refused) return out + "refused " + std::to_string(parser.refusal().status) + "\n";
      if (event == RequestEvent::body) out += parser.body();
      if (event == RequestEvent::complete) out += "\ncomplete\n";
      if (event != RequestEvent::head) continue;
      const auto& head = parser.head();
      out.append(head.request.method).append(" ").append(head.request.path).append("?").append(head.request.query);
      out += head.keep_alive ? " keep" : " close";
      out += std::to_string(static_cast<int>(head.expectation)) + (head.request.has_body ? " body" : "");
      if (head.request.content_length) out += std::to_string(*head.request.content_length);
      for (const HeaderField& field : head.request.headers) {
        out.append("\n").append(field.name).append(":").append(field.value);
      }
      out += "\n\n";
    }
  }
  return out;
}

class ResponseTranscript final : public http1::ResponseSink {
 public:
  std::string run(const std::vector<std::string_view>& pieces) {
    http1::ResponseParser parser;
    parser.reset(*this);
    for (const std::string_view piece : pieces) {
      const auto fed = parser.feed(piece);
      if (fed.state == http1::ParseState::error) return out_ + "error";
      if (fed.state == http1::ParseState::complete) return out_;
    }
    return parser.eof() == http1::ParseState::error ? out_ + "error" : out_;
  }

  Flow on_head(int status, HeaderSpan fields) override {
    out_ += std::to_string(status);
    for (const HeaderField& field : fields) out_.append("\n").append(field.name).append(":").append(field.value);
    out_ += "\n\n";
    return Flow::more;
  }
  Flow on_body(std::string_view bytes) override { return out_ += bytes, Flow::more; }
  void on_complete(bool keep_alive) override { out_ += keep_alive ? "\nkeep\n" : "\nclose\n"; }

 private:
  std::string out_;
};

}  // namespace gateway::fuzz
