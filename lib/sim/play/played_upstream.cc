#include "sim/play/played_upstream.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

namespace gateway::sim {
namespace {

constexpr std::string_view kMark = "x-simulated-provider";
constexpr std::string_view kNumber = " #";
constexpr Duration kPiece = std::chrono::seconds(1);  // of a slow stream: events come no rarer

std::string_view value_of(HeaderSpan headers, std::string_view name) { return header_value(headers, name); }

std::string_view credential_of(HeaderSpan headers) {
  constexpr std::string_view kBearer = "Bearer ";
  std::string_view value = value_of(headers, "authorization");
  if (value.starts_with(kBearer)) return value.substr(kBearer.size());
  return value_of(headers, "x-api-key");
}

// The number that the prompt ends with; the prompt is the last of the body that is long.
std::size_t number_in(std::span<const std::string_view> body) {
  for (std::size_t i = body.size(); i-- > 0;) {
    const std::size_t at = body[i].rfind(kNumber);
    if (at == std::string_view::npos) continue;
    std::size_t number = 0;
    const char* const begin = body[i].data() + at + kNumber.size();
    if (std::from_chars(begin, body[i].data() + body[i].size(), number).ptr != begin) return number;
  }
  detail::die("a request that no play has sent");
}

// The body's first "model", which may be cut into pieces.
std::string model_in(std::span<const std::string_view> body) {
  constexpr std::string_view kModel = "\"model\":";
  constexpr std::size_t kLook = 512;
  std::string head;
  for (const std::string_view piece : body) {
    head += piece.substr(0, kLook);
    const std::size_t at = head.find(kModel);
    if (at == head.npos) continue;
    const std::size_t open = head.find('"', at + kModel.size());
    const std::size_t close = open == head.npos ? open : head.find('"', open + 1);
    if (close != head.npos) return head.substr(open + 1, close - open - 1);
  }
  return {};
}

}  // namespace

void mark_providers(Config& config) {
  for (ProviderConfig& provider : config.providers) {
    provider.catalogue_every = std::chrono::seconds(0);
    std::erase_if(provider.headers, [](const auto& field) { return equal_ignoring_case(field.first, kMark); });
    provider.headers.emplace_back(kMark, provider.name);
  }
}

std::string prompt_end(std::size_t number) { return std::string(kNumber) + std::to_string(number); }

// Says one thing to the reply at a time: each may destroy the call, or pause it.
class PlayedUpstream::Call final : public gateway::Call, public Alarm {
 public:
  // `number`: of the request; absent: it is of none.
  Call(PlayedUpstream& upstream, UpstreamReply& reply, std::optional<std::size_t> number, ProviderAnswer answer,
       AnswerText text, std::string model, bool stream)
      : upstream_(upstream),
        reply_(reply),
        number_(number),
        answer_(answer),
        text_(text),
        model_(std::move(model)),
        stream_(stream) {
    text_.model = model_;
    if (number_) upstream_.count(*number_, 1);
    if (answer_.outage == Outage::hanging) return;
    const bool waits = answer_.outage == Outage::none && answer_.status < 400 && !stream_;
    arm_in(answer_.begins + (waits ? answer_.breaks ? answer_.lasts / 2 : answer_.lasts : Duration::zero()));
  }
  ~Call() override {
    *gone_ = true;
    if (number_) upstream_.count(*number_, -1);
  }

  void resume() override {
    if (std::exchange(paused_, false)) arm_in(Duration::zero());
  }
  bool sent() const noexcept override { return answer_.outage != Outage::refused; }
  bool holds_body() const noexcept override { return false; }

  void on_alarm() override {
    const std::shared_ptr<bool> gone = gone_;
    while (!*gone && !paused_ && say_next()) continue;
  }

 private:
  enum class Next : std::uint8_t { head, document, first, more, last, end };

  void arm_in(Duration wait) { upstream_.clock_.arm(*this, upstream_.clock_.now() + wait); }

  // Whether there is something to be said at this very instant.
  bool say_next() {
    std::string& text = upstream_.text_;
    text.clear();
    switch (next_) {
      case Next::head:
        if (answer_.outage == Outage::refused) return fail(ErrorCode::unreachable, "the provider is down");
        if (answer_.outage == Outage::lost) return fail(ErrorCode::lost, "the connection broke");
        next_ = stream_ && answer_.status < 400 ? Next::first : Next::document;
        say_head();
        return true;
      case Next::document:
        if (answer_.status >= 400) {
          text_.error(text, answer_.status);
        } else {
          text_.document(text);
          if (answer_.breaks || answer_.outage == Outage::stalled) text.resize(text.size() / 2);
        }
        next_ = Next::end;
        if (answer_.outage == Outage::stalled) return say(text), false;
        say(text);
        return true;
      case Next::first:
        text_.begin(text, answer_.breaks ? text_.output / 2 : 1);
        pieces_ = answer_.lasts / kPiece;
        next_ = answer_.breaks && pieces_ == 0 ? Next::end : pieces_ > 0 ? Next::more : Next::last;
        if (answer_.breaks) pieces_ = (pieces_ + 1) / 2;
        return say_and_wait(text);
      case Next::more:
        text_.go_on(text);
        if (--pieces_ == 0) next_ = answer_.breaks ? Next::end : Next::last;
        return say_and_wait(text);
      case Next::last:
        text_.end(text);
        next_ = Next::end;
        say(text);
        return true;
      case Next::end:
        break;
    }
    if (answer_.breaks && answer_.status < 400) return fail(ErrorCode::protocol, "the answer broke off");
    reply_.on_end({});
    return false;
  }

  void say_head() {
    const bool error = answer_.status >= 400;
    HeaderField fields[2] = {{"content-type", stream_ && !error ? "text/event-stream" : "application/json"}, {}};
    std::size_t size = 1;
    std::string seconds;
    if (answer_.retry_after && (answer_.status == 429 || answer_.status == 503)) {
      seconds = std::to_string(answer_.retry_after->count());
      fields[size++] = {"retry-after", seconds};
    }
    reply_.on_head({answer_.status, HeaderSpan(fields, size)});
  }

  // The Call may be gone afterwards, which the caller sees by its own mark.
  void say(const std::string& text) {
    const std::shared_ptr<bool> gone = gone_;
    const Flow flow = reply_.on_body(text);
    if (!*gone && flow == Flow::pause) paused_ = true;
  }

  // What comes next takes its share of the time that the output lasts.
  bool say_and_wait(const std::string& text) {
    if (answer_.outage == Outage::stalled) return say(text), false;
    const Duration piece = pieces_ > 0 ? kPiece : answer_.lasts % kPiece;
    if (piece == Duration::zero()) return say(text), true;
    arm_in(piece);
    return say(text), false;
  }

  bool fail(ErrorCode code, const char* why) {
    reply_.on_end(Error{code, why});
    return false;
  }

  PlayedUpstream& upstream_;
  UpstreamReply& reply_;
  const std::optional<std::size_t> number_;
  ProviderAnswer answer_;
  AnswerText text_;
  std::string model_;
  bool stream_;
  Next next_ = Next::head;
  std::int64_t pieces_ = 0;  // yet to come
  bool paused_ = false;
  const std::shared_ptr<bool> gone_ = std::make_shared<bool>(false);  // whether it is destroyed
};

PlayedUpstream::PlayedUpstream(VirtualClock& clock, Decide decide,
                               std::function<const PlayedRequest&(std::size_t)> find)
    : clock_(clock), decide_(std::move(decide)), find_(std::move(find)) {}

std::unique_ptr<gateway::Call> PlayedUpstream::start(const UpstreamRequest& request, UpstreamReply& reply) {
  if (request.method != "POST") {  // what a call cost, or which models there are: nobody knows
    return std::make_unique<Call>(*this, reply, std::nullopt, ProviderAnswer{.status = 404}, AnswerText{},
                                  std::string(), false);
  }
  ++started_;
  const std::size_t number = number_in(request.body);
  const PlayedRequest& played = find_(number);
  std::string model = model_in(request.body);
  const ProviderCall call{value_of(request.headers, kMark), model, credential_of(request.headers), played,
                          clock_.elapsed()};
  ProviderAnswer answer = decide_(call);
  if (answer.outage == Outage::refused) answer.begins = std::min<Duration>(answer.begins, request.connect_timeout);
  const AnswerText text{
      request.path.ends_with("/messages"), played.traffic->operation, played.input, played.output, played.cached, {}};
  return std::make_unique<Call>(*this, reply, number, answer, text, std::move(model), played.traffic->stream);
}

void PlayedUpstream::count(std::size_t number, int change) {
  if (calls_.size() <= number) calls_.resize(number + 1);
  const int before = std::exchange(calls_[number], calls_[number] + change);
  asked_ += (before + change > 0 ? 1 : 0) - (before > 0 ? 1 : 0);
}

}  // namespace gateway::sim
