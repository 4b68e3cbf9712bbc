#include "http1/chunk_reader.h"

#include <llhttp.h>

#include <utility>

namespace gateway::http1 {
namespace {

// Whether each LF follows a CR, and each CR comes before an LF. llhttp forgives it in places, and everywhere if it was
// built to be lenient.
bool ends_lines_by_crlf(std::string_view framing, bool& after_cr) noexcept {
  for (const char c : framing) {
    if ((c == '\n') != after_cr) return false;
    after_cr = c == '\r';
  }
  return true;
}

// llhttp reads chunks only after a head; the real one has been judged already.
constexpr std::string_view kHead = "POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n";

// Size lines, extensions, leading zeros and trailers: so much in all, and so much more for each chunk.
constexpr std::uint64_t kFramingOfBody = 4096;
constexpr std::uint64_t kFramingOfChunk = 24;

}  // namespace

struct ChunkReader::State {
  llhttp_t parser{};
  std::uint64_t max_body = 0;
  std::uint64_t received = 0;
  std::uint64_t framing = 0;
  std::uint64_t chunks = 0;
  bool after_cr = false;  // the last byte of what frames the content
  std::string_view content;
  bool paused = false;
  bool ended = false;
  Refusal refusal;

  static State& of(llhttp_t* p) { return *static_cast<State*>(p->data); }
  static const llhttp_settings_t& settings();

  int pause() {
    paused = true;
    return HPE_PAUSED;
  }
};

const llhttp_settings_t& ChunkReader::State::settings() {
  static const llhttp_settings_t kSettings = [] {
    llhttp_settings_t s;
    llhttp_settings_init(&s);
    s.on_chunk_header = [](llhttp_t* p) {
      State& state = of(p);
      ++state.chunks;
      if (p->content_length <= state.max_body - state.received) return 0;
      state.refusal = too_large(413, "The request body is larger than this server allows: max_body.");
      return static_cast<int>(HPE_USER);
    };
    s.on_body = [](llhttp_t* p, const char* at, std::size_t n) {
      if (n == 0) return 0;
      of(p).content = {at, n};
      return of(p).pause();
    };
    s.on_message_complete = [](llhttp_t* p) {
      of(p).ended = true;
      return of(p).pause();
    };
    return s;
  }();
  return kSettings;
}

ChunkReader::ChunkReader() : state_(std::make_unique<State>()) {}
ChunkReader::~ChunkReader() = default;

void ChunkReader::reset(std::uint64_t max_body) {
  *state_ = {};
  state_->max_body = max_body;
  llhttp_init(&state_->parser, HTTP_REQUEST, &State::settings());
  state_->parser.data = state_.get();
  static_cast<void>(llhttp_execute(&state_->parser, kHead.data(), kHead.size()));
}

ChunkEvent ChunkReader::next(std::string_view& input, std::string_view& content) {
  State& s = *state_;
  if (s.refusal) return ChunkEvent::refused;
  if (std::exchange(s.paused, false)) llhttp_resume(&s.parser);
  s.content = {};
  const llhttp_errno_t code = llhttp_execute(&s.parser, input.data(), input.size());
  const std::size_t consumed =
      code == HPE_OK ? input.size() : static_cast<std::size_t>(llhttp_get_error_pos(&s.parser) - input.data());
  const std::size_t framing = s.content.empty() ? consumed : static_cast<std::size_t>(s.content.data() - input.data());
  const bool sound = ends_lines_by_crlf(input.substr(0, framing), s.after_cr);
  input.remove_prefix(consumed);
  s.received += s.content.size();
  s.framing += consumed - s.content.size();
  if (s.refusal) return ChunkEvent::refused;
  if (!sound || (code != HPE_OK && code != HPE_PAUSED)) {
    s.refusal = malformed("the chunks of the body are malformed");
  } else if (s.framing > kFramingOfBody + kFramingOfChunk * s.chunks) {
    s.refusal = malformed("the chunks of the body have too much around them");
  }
  if (s.refusal) return ChunkEvent::refused;
  if (s.ended) return ChunkEvent::end;
  if (s.content.empty()) return ChunkEvent::need_more;
  content = s.content;
  return ChunkEvent::bytes;
}

const Refusal& ChunkReader::refusal() const noexcept { return state_->refusal; }

}  // namespace gateway::http1
