#include "http1/request_parser.h"

#include <algorithm>
#include <charconv>

#include "http1/request_head.h"

namespace gateway::http1 {
namespace {

constexpr std::size_t kUsualFields = 32;
constexpr std::string_view kForm = "multipart/form-data";

// With its memory, which assigning an empty one keeps.
template <class Container>
void give_back(Container& container) noexcept {
  Container().swap(container);
}

// RFC 9110, 8.6: digits and nothing else.
bool parse_length(std::string_view text, std::uint64_t& out) noexcept {
  if (text.empty() || text.find_first_not_of("0123456789") != text.npos) return false;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), out);
  return code == std::errc{} && end == text.data() + text.size();
}

void split_target(std::string_view target, TargetForm form, RequestHead& out) noexcept {
  if (form == TargetForm::absolute) {
    target.remove_prefix(target.find("://") + 3);
    target.remove_prefix(std::min(target.find_first_of("/?"), target.size()));
  }
  const std::size_t query = target.find('?');
  out.path = target.substr(0, query);
  out.query = query == target.npos ? std::string_view{} : target.substr(query + 1);
  if (out.path.empty()) out.path = "/";
}

}  // namespace

RequestParser::RequestParser(const RequestLimits& limits) : limits_(limits) {}
RequestParser::~RequestParser() = default;

RequestEvent RequestParser::next(std::string_view& input) {
  switch (phase_) {
    case Phase::head:
      return read_head(input);
    case Phase::sized:
      return read_sized(input);
    case Phase::chunked:
      return read_chunked(input);
    case Phase::done:
      return complete();
    case Phase::refused:
      break;
  }
  return RequestEvent::refused;
}

RequestEvent RequestParser::refuse(const Refusal& refusal) {
  refusal_ = refusal;
  phase_ = Phase::refused;
  return RequestEvent::refused;
}

void RequestParser::stop() {
  phase_ = Phase::refused;
  give_back(gathered_);
  give_back(fields_);
  chunks_.reset();
}

// An answer may take minutes from here on: unusual memory is not kept for so long.
RequestEvent RequestParser::complete() {
  gathered_.clear();
  if (gathered_.capacity() > kUsualHead) give_back(gathered_);
  if (fields_.capacity() > kUsualFields) give_back(fields_);
  chunks_.reset();
  phase_ = Phase::head;
  return RequestEvent::complete;
}

RequestEvent RequestParser::read_head(std::string_view& input) {
  std::string_view block = input;
  const std::size_t before = gathered_.size();
  if (before > 0) {
    gathered_.append(input.substr(0, limits_.max_head + 1));
    block = gathered_;
  }
  // RFC 9112, 2.2: an empty line before the request line is to be forgiven, once.
  if (!blank_line_skipped_ && block.starts_with("\r\n")) {
    blank_line_skipped_ = true;
    input.remove_prefix(2 - before);
    gathered_.clear();
    scan_.reset();
    return read_head(input);
  }
  Refusal refusal;
  // A lone CR may yet become that empty line: the scan does not mind it.
  const std::size_t end = scan_.advance(block, limits_, refusal);
  if (refusal) return refuse(refusal);
  if (end == 0) {
    if (before == 0) gathered_.assign(block);
    input.remove_prefix(input.size());
    return RequestEvent::need_more;
  }
  input.remove_prefix(end - before);
  refusal = interpret(block.substr(0, end));
  // The head's views may point into the gathered bytes: those stay until the next head begins.
  scan_.reset();
  blank_line_skipped_ = false;
  if (refusal) return refuse(refusal);
  return RequestEvent::head;
}

Refusal RequestParser::interpret(std::string_view block) {
  HeadParts parts;
  if (Refusal refusal = split_head(block, parts, fields_)) return refusal;
  head_ = {};
  head_.request.method = parts.method;
  head_.request.headers = fields_;
  head_.http_1_0 = parts.http_1_0;
  head_.keep_alive = parts.keep_alive;
  split_target(parts.target, scan_.form(), head_.request);
  return check_fields();
}

Refusal RequestParser::check_fields() {
  bool chunked = false, is_form = false;
  int hosts = 0, authorizations = 0, api_keys = 0, x_api_keys = 0;
  std::uint64_t length = 0;
  RequestHead& request = head_.request;
  for (const HeaderField& field : fields_) {
    const auto is = [&](std::string_view name) { return equal_ignoring_case(field.name, name); };
    switch (field.name.size()) {
      case 4:
        if (!is("host")) break;
        if (++hosts > 1) return malformed("host is repeated");
        if (!valid_authority(field.value)) return malformed("host names no host");
        break;
      case 6:
        if (!is("expect")) break;
        head_.expectation = head_.expectation == Expectation::none && equal_ignoring_case(field.value, "100-continue")
                                ? Expectation::go_on
                                : Expectation::unknown;
        break;
      case 12:
        if (is("content-type")) is_form = equal_ignoring_case(field.value.substr(0, kForm.size()), kForm);
        break;
      // Of two keys, which one counts? A proxy in front of us may have judged by the other.
      case 13:
        if (is("authorization") && ++authorizations > 1) return malformed("authorization is repeated");
        break;
      case 7:
        if (is("api-key") && ++api_keys > 1) return malformed("api-key is repeated");
        break;
      case 9:
        if (is("x-api-key") && ++x_api_keys > 1) return malformed("x-api-key is repeated");
        break;
      case 14:
        if (!is("content-length")) break;
        if (request.content_length) return malformed("content-length is repeated");
        if (!parse_length(field.value, length)) return malformed("content-length is not a number");
        request.content_length = length;
        break;
      case 17:
        if (!is("transfer-encoding")) break;
        if (chunked || !equal_ignoring_case(field.value, "chunked"))
          return malformed("transfer-encoding is not chunked");
        chunked = true;
        break;
      default:
        break;
    }
  }
  if (hosts == 0 && !head_.http_1_0) return malformed("host is missing");
  if (chunked && request.content_length) return malformed("both transfer-encoding and content-length");
  if (chunked && head_.http_1_0) return malformed("transfer-encoding in HTTP/1.0");
  if (head_.http_1_0) head_.expectation = Expectation::none;
  const std::uint64_t most = is_form ? std::max(limits_.max_body, limits_.max_form) : limits_.max_body;
  if (length > most) return too_large(413, "The request body is larger than this server allows: max_body.");
  request.has_body = chunked || length > 0;
  left_ = length;
  phase_ = chunked ? Phase::chunked : length > 0 ? Phase::sized : Phase::done;
  if (chunked) {
    if (!chunks_) chunks_ = std::make_unique<ChunkReader>();
    chunks_->reset(most);
  }
  return {};
}

RequestEvent RequestParser::read_sized(std::string_view& input) {
  gathered_.clear();
  if (input.empty()) return RequestEvent::need_more;
  const auto n = static_cast<std::size_t>(std::min<std::uint64_t>(left_, input.size()));
  body_ = input.substr(0, n);
  input.remove_prefix(n);
  left_ -= n;
  if (left_ == 0) phase_ = Phase::done;
  return RequestEvent::body;
}

RequestEvent RequestParser::read_chunked(std::string_view& input) {
  gathered_.clear();
  switch (chunks_->next(input, body_)) {
    case ChunkEvent::need_more:
      return RequestEvent::need_more;
    case ChunkEvent::bytes:
      return RequestEvent::body;
    case ChunkEvent::refused:
      return refuse(chunks_->refusal());
    case ChunkEvent::end:
      break;
  }
  phase_ = Phase::head;
  return RequestEvent::complete;
}

}  // namespace gateway::http1
