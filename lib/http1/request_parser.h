// HTTP/1.1 requests as bytes come: RFC 9112, the server's side, strictly. Does no I/O, calls nobody back.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/exchange.h"
#include "http1/chunk_reader.h"
#include "http1/head_scan.h"
#include "http1/refusal.h"

namespace gateway::http1 {

enum class Expectation : std::uint8_t { none, go_on, unknown };  // RFC 9110, 10.1.1

struct ParsedHead {
  RequestHead request;
  bool http_1_0 = false;
  bool keep_alive = true;
  Expectation expectation = Expectation::none;
};

enum class RequestEvent : std::uint8_t {
  need_more,  // all input was consumed
  head,       // head() holds until the next call and while the input's bytes stay
  body,       // body() likewise
  complete,   // the message has ended; the next call begins on the next one
  refused,    // see refusal(); stays so: what follows cannot be distinguished from a body
};

class RequestParser {
 public:
  explicit RequestParser(const RequestLimits& limits = {});
  ~RequestParser();
  RequestParser(const RequestParser&) = delete;
  RequestParser& operator=(const RequestParser&) = delete;

  // Takes bytes off the front of `input` up to the next event, and not one further.
  RequestEvent next(std::string_view& input);

  const ParsedHead& head() const noexcept { return head_; }
  std::string_view body() const noexcept { return body_; }
  const Refusal& refusal() const noexcept { return refusal_; }

  // No byte of a message has come since the last one ended, but for an empty line.
  bool between_messages() const noexcept { return phase_ == Phase::head && gathered_.empty(); }
  // Nothing more is read: what is kept goes.
  void stop();
  // What it stores of a head that comes in pieces.
  std::size_t memory() const noexcept { return gathered_.capacity() > kUsualHead ? gathered_.capacity() : 0; }

 private:
  static constexpr std::size_t kUsualHead = 1024;  // bytes that every parser may hold
  enum class Phase : std::uint8_t { head, sized, chunked, done, refused };

  RequestEvent read_head(std::string_view& input);
  RequestEvent read_sized(std::string_view& input);
  RequestEvent read_chunked(std::string_view& input);
  Refusal interpret(std::string_view block);
  Refusal check_fields();
  RequestEvent refuse(const Refusal& refusal);
  RequestEvent complete();

  RequestLimits limits_;
  Phase phase_ = Phase::head;
  bool blank_line_skipped_ = false;
  HeadScan scan_;
  std::string gathered_;  // a head that came in pieces
  std::vector<HeaderField> fields_;
  ParsedHead head_;
  std::string_view body_;
  std::uint64_t left_ = 0;               // of a sized body
  std::unique_ptr<ChunkReader> chunks_;  // once a chunked body has come
  Refusal refusal_;
};

}  // namespace gateway::http1
