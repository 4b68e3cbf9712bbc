// HTTP/1.1 answers as bytes come: RFC 9112, the client's side. Does no I/O.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "gateway/headers.h"
#include "gateway/upstream.h"

namespace gateway::http1 {

struct ResponseLimits {
  std::size_t max_head = 64 * 1024;  // bytes of status line and fields, and again of trailers
  std::size_t max_fields = 200;
  int max_interim = 8;  // 1xx heads before the real one; they are skipped
};

// Hears one answer. Must not destroy or reset the parser that calls it: return Flow::pause, and do it afterwards.
class ResponseSink {
 public:
  // The fields are valid during the call. Never of a 1xx.
  virtual Flow on_head(int status, HeaderSpan fields) = 0;
  // Content as it is framed, still content-encoded. The bytes lie within those passed to feed().
  virtual Flow on_body(std::string_view bytes) = 0;
  // The answer is complete. `keep_alive`: the connection may carry another request, if nothing follows what was
  // consumed.
  virtual void on_complete(bool keep_alive) = 0;

 protected:
  ~ResponseSink() = default;
};

enum class ParseState : std::uint8_t {
  need_more,  // everything was consumed
  paused,     // the sink requested it; feed the rest later to go on
  complete,   // on_complete was called; what was not consumed is not of this answer
  error,      // see ResponseParser::error(); stays so until reset()
};

class ResponseParser {
 public:
  explicit ResponseParser(ResponseLimits limits = {});
  ~ResponseParser();
  ResponseParser(const ResponseParser&) = delete;
  ResponseParser& operator=(const ResponseParser&) = delete;

  // Starts on a new answer; keeps its memory, so that reuse allocates nothing. `to_head`: the request was a HEAD, the
  // answer has no body whatever its fields say. The sink outlives the feeding. To be called before the first feed().
  void reset(ResponseSink& sink, bool to_head = false);

  struct Fed {
    std::size_t consumed = 0;
    ParseState state = ParseState::need_more;
  };
  Fed feed(std::string_view bytes);

  // The peer closed. Completes an answer that ends with the connection; any other that has not ended is an error.
  ParseState eof();

  ParseState state() const noexcept;
  // What was wrong, in one line; empty without an error.
  const std::string& error() const noexcept;
  // Whether it was a limit.
  bool too_large() const noexcept;
  bool head_seen() const noexcept;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace gateway::http1
