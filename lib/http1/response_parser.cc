#include "http1/response_parser.h"

#include <llhttp.h>

#include <utility>

#include "http1/field_block.h"

namespace gateway::http1 {

struct ResponseParser::State {
  llhttp_t parser{};
  ResponseLimits limits;
  ResponseSink* sink = nullptr;
  FieldBlock fields;
  std::size_t head_bytes = 0;  // of spans seen, or of entire feeds while the head (or the trailer section) goes on
  int interim = 0;
  bool to_head = false;
  bool head_seen = false;
  bool skip_interim = false;  // a 1xx head has ended: parse on with a fresh parser
  bool keep_alive = false;
  bool want_pause = false;
  bool too_large = false;
  ParseState state = ParseState::need_more;
  std::string error;

  explicit State(ResponseLimits l) : limits(l) {}

  static State& of(llhttp_t* p) { return *static_cast<State*>(p->data); }
  static const llhttp_settings_t& settings();

  void begin_message() {
    llhttp_init(&parser, HTTP_RESPONSE, &settings());
    parser.data = this;
    fields.clear();
    head_bytes = 0;
    skip_interim = false;
  }

  ParseState fail(std::string text) {
    error = std::move(text);
    return state = ParseState::error;
  }

  int refuse(const char* reason) {
    llhttp_set_error_reason(&parser, reason);
    return HPE_USER;
  }

  int refuse_size(const char* reason) {
    too_large = true;
    return refuse(reason);
  }

  int count_head(std::size_t n) {
    head_bytes += n;
    return head_bytes > limits.max_head ? refuse_size("the head is too large") : HPE_OK;
  }

  int on_field(const char* at, std::size_t n) {
    if (!head_seen) fields.name(at, n);
    return count_head(n);
  }
  int on_value(const char* at, std::size_t n) {
    if (!head_seen) fields.value(at, n);
    return count_head(n);
  }
  int on_field_end() {
    fields.end();
    return fields.size() > limits.max_fields ? refuse_size("too many fields") : count_head(4);
  }

  int on_headers() {
    const int status = parser.status_code;
    if (status < 100) return refuse("a status below 100");
    if (status < 200) {
      if (status == 101) return refuse("an upgrade that was not asked for");
      if (++interim > limits.max_interim) return refuse("too many interim answers");
      skip_interim = true;
      return HPE_OK;
    }
    head_seen = true;
    head_bytes = 0;
    // RFC 9112, 6.3: these end with their head, whatever their fields say.
    if (to_head || status == 204 || status == 304) parser.flags |= F_SKIPBODY;
    keep_alive = llhttp_should_keep_alive(&parser) != 0;
    if (sink->on_head(status, fields.fields()) == Flow::pause) {
      want_pause = true;
      return HPE_PAUSED;
    }
    return HPE_OK;
  }

  int on_body(const char* at, std::size_t n) {
    if (n == 0) return HPE_OK;
    if (sink->on_body({at, n}) == Flow::more) return HPE_OK;
    want_pause = true;
    return HPE_PAUSED;
  }

  int on_message() {
    if (!skip_interim) {
      state = ParseState::complete;
      sink->on_complete(keep_alive);
    }
    return HPE_PAUSED;
  }
};

const llhttp_settings_t& ResponseParser::State::settings() {
  static const llhttp_settings_t kSettings = [] {
    llhttp_settings_t s;
    llhttp_settings_init(&s);
    s.on_status = [](llhttp_t* p, const char*, std::size_t n) { return of(p).count_head(n); };
    s.on_header_field = [](llhttp_t* p, const char* at, std::size_t n) { return of(p).on_field(at, n); };
    s.on_header_value = [](llhttp_t* p, const char* at, std::size_t n) { return of(p).on_value(at, n); };
    s.on_header_value_complete = [](llhttp_t* p) { return of(p).head_seen ? 0 : of(p).on_field_end(); };
    s.on_headers_complete = [](llhttp_t* p) { return of(p).on_headers(); };
    s.on_body = [](llhttp_t* p, const char* at, std::size_t n) { return of(p).on_body(at, n); };
    s.on_message_complete = [](llhttp_t* p) { return of(p).on_message(); };
    return s;
  }();
  return kSettings;
}

ResponseParser::ResponseParser(ResponseLimits limits) : state_(std::make_unique<State>(limits)) {}
ResponseParser::~ResponseParser() = default;

void ResponseParser::reset(ResponseSink& sink, bool to_head) {
  State& s = *state_;
  s.sink = &sink;
  s.to_head = to_head;
  s.head_seen = false;
  s.keep_alive = false;
  s.want_pause = false;
  s.too_large = false;
  s.interim = 0;
  s.state = ParseState::need_more;
  s.error.clear();
  s.begin_message();
}

ResponseParser::Fed ResponseParser::feed(std::string_view bytes) {
  State& s = *state_;
  if (s.state == ParseState::complete || s.state == ParseState::error) return {0, s.state};
  s.state = ParseState::need_more;
  std::size_t consumed = 0;
  for (;;) {
    const char* begin = bytes.data() + consumed;
    const std::size_t size = bytes.size() - consumed;
    if (std::exchange(s.want_pause, false)) llhttp_resume(&s.parser);
    const llhttp_errno_t code = llhttp_execute(&s.parser, begin, size);
    if (code == HPE_OK) {
      if (!s.head_seen) s.head_bytes += size;
      if (s.head_bytes > 2 * s.limits.max_head) {
        s.too_large = true;
        return {consumed, s.fail("the head is too large")};
      }
      return {bytes.size(), s.state};
    }
    consumed += static_cast<std::size_t>(llhttp_get_error_pos(&s.parser) - begin);
    if (code != HPE_PAUSED && code != HPE_PAUSED_UPGRADE) {
      const char* reason = llhttp_get_error_reason(&s.parser);
      return {consumed, s.fail(reason != nullptr && *reason != 0 ? reason : llhttp_errno_name(code))};
    }
    if (s.state == ParseState::complete) return {consumed, s.state};
    if (s.want_pause) return {consumed, s.state = ParseState::paused};
    s.begin_message();  // a 1xx has been skipped
  }
}

ParseState ResponseParser::eof() {
  State& s = *state_;
  if (s.state == ParseState::complete || s.state == ParseState::error) return s.state;
  if (std::exchange(s.want_pause, false)) llhttp_resume(&s.parser);
  if (s.head_seen) static_cast<void>(llhttp_finish(&s.parser));
  if (s.state == ParseState::complete) return s.state;
  return s.fail(s.head_seen ? "the connection closed within the answer" : "the connection closed before the answer");
}

ParseState ResponseParser::state() const noexcept { return state_->state; }
const std::string& ResponseParser::error() const noexcept { return state_->error; }
bool ResponseParser::too_large() const noexcept { return state_->too_large; }
bool ResponseParser::head_seen() const noexcept { return state_->head_seen; }

}  // namespace gateway::http1
