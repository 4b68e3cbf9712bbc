#include "http1/request_head.h"

#include <llhttp.h>

#include "base/text.h"

namespace gateway::http1 {
namespace {

struct Splitting {
  HeadParts& parts;
  std::vector<HeaderField>& fields;
  static Splitting& of(llhttp_t* p) { return *static_cast<Splitting*>(p->data); }
};

const llhttp_settings_t& settings() {
  static const llhttp_settings_t kSettings = [] {
    llhttp_settings_t s;
    llhttp_settings_init(&s);
    // The head is one piece, so each part is one span.
    s.on_method = [](llhttp_t* p, const char* at, std::size_t n) { return Splitting::of(p).parts.method = {at, n}, 0; };
    s.on_url = [](llhttp_t* p, const char* at, std::size_t n) { return Splitting::of(p).parts.target = {at, n}, 0; };
    s.on_header_field = [](llhttp_t* p, const char* at, std::size_t n) {
      return Splitting::of(p).fields.push_back({{at, n}, {}}), 0;
    };
    s.on_header_value = [](llhttp_t* p, const char* at, std::size_t n) {
      return Splitting::of(p).fields.back().value = trimmed({at, n}), 0;
    };
    s.on_headers_complete = [](llhttp_t* p) {
      HeadParts& parts = Splitting::of(p).parts;
      parts.http_1_0 = p->http_minor == 0;
      parts.keep_alive = llhttp_should_keep_alive(p) != 0;
      return static_cast<int>(HPE_PAUSED);
    };
    return s;
  }();
  return kSettings;
}

}  // namespace

Refusal split_head(std::string_view block, HeadParts& parts, std::vector<HeaderField>& fields) {
  fields.clear();
  Splitting splitting{parts, fields};
  llhttp_t parser;
  llhttp_init(&parser, HTTP_REQUEST, &settings());
  parser.data = &splitting;
  const llhttp_errno_t code = llhttp_execute(&parser, block.data(), block.size());
  if (code == HPE_PAUSED) return {};
  switch (code) {
    case HPE_UNEXPECTED_CONTENT_LENGTH:
      return malformed("content-length is repeated, or there beside transfer-encoding");
    case HPE_INVALID_CONTENT_LENGTH:
      return malformed("content-length is not a number");
    case HPE_INVALID_TRANSFER_ENCODING:
      return malformed("transfer-encoding is not chunked");
    case HPE_INVALID_URL:
      return malformed("the request target is not a URL");
    case HPE_INVALID_METHOD:
      return malformed("the method is not known");
    default:
      return malformed("the head is not HTTP/1.1");
  }
}

}  // namespace gateway::http1
