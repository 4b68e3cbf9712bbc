#include "providers/media_answer.h"

#include <algorithm>
#include <utility>

#include "base/row_model.h"
#include "base/text.h"
#include "chat/endpoint.h"
#include "providers/counted_usage.h"
#include "providers/judgement.h"

namespace gateway {
namespace {

using Ending = Observed::Ending;
using Kind = AttemptFailure::Kind;
using Usable = EndpointInfo::Usable;

constexpr std::size_t kMostOfType = 128;
constexpr std::size_t kSmallMediaPart = 64 * 1024;

std::string_view bare_type(std::string_view content_type) noexcept {
  return trimmed(content_type.substr(0, content_type.find(';')));
}

bool starts_as(std::string_view type, std::string_view kind) noexcept {
  return type.size() >= kind.size() && equal_ignoring_case(type.substr(0, kind.size()), kind);
}

// Pages of some proxy are neither sound nor a transcript.
bool is_page(std::string_view type) noexcept {
  return equal_ignoring_case(type, "text/html") || equal_ignoring_case(type, "application/xhtml+xml");
}

bool is_json(std::string_view type) noexcept {
  return equal_ignoring_case(type, "application/json") || equal_ignoring_case(type, "application/problem+json");
}

// Whether a body of this type is what the operation answers in itself.
bool is_medium(Usable usable, std::string_view type) noexcept {
  if (is_page(type) || is_json(type)) return false;
  if (usable == Usable::text) return starts_as(type, "text/") || starts_as(type, "application/x-subrip");
  return usable == Usable::bytes;
}

bool ends_one(std::string_view event_type) noexcept {
  return event_type.ends_with(".completed") || event_type.ends_with(".done");
}

}  // namespace

bool has_media_answer(Operation operation, const RequestFacts& request) noexcept {
  const Usable usable = info_of(operation).usable;
  return usable == Usable::text || usable == Usable::bytes || (usable != Usable::choices && request.stream);
}

void MediaAnswer::on_head(const UpstreamHead& head) {
  const std::string_view content_type = header_value(head.headers, "content-type");
  const std::string_view type = bare_type(content_type);
  if (head.status != 200) return document_.on_head(head);
  if (context_.request.stream && equal_ignoring_case(type, "text/event-stream")) {
    mode_ = Mode::events;
  } else if (is_medium(info_of(context_.operation).usable, type)) {
    mode_ = Mode::bytes;
    content_type_ = content_type.empty() ? "application/octet-stream" : content_type.substr(0, kMostOfType);
  } else {
    return document_.on_head(head);
  }
  if (const auto id = header_value(head.headers, "x-generation-id"); !id.empty()) report_.generation_id = id;
}

AnswerStream::Step MediaAnswer::push(std::string_view bytes, AnswerSink& sink) {
  if (is_document()) return document_.push(bytes, sink);
  if (mode_ == Mode::bytes) {
    has_begun_ = true;
    sink.relay(bytes);
    return Step::more;
  }
  scanner_.push(bytes);
  SseEvent event;
  while (scanner_.next(event)) {
    if (take_event(event, sink) == Step::failed) return Step::failed;
  }
  if (scanner_.too_large()) return fail({.ending = Ending::cut_off, .final = true});
  return Step::more;
}

AnswerStream::Step MediaAnswer::take_event(const SseEvent& event, AnswerSink& sink) {
  if (event.kind == SseEvent::Kind::comment && sink.has_sent() && event.canonical) sink.relay(event.raw);
  if (event.kind != SseEvent::Kind::data || is_sse_done(event.data)) return Step::more;
  AnswerFacts& facts = context_.tools.facts;
  context_.tools.reader.read(event.data, facts);
  const Judgement judgement =
      judge({.in_stream = true, .event_name = event.name, .operation = context_.operation, .facts = &facts});
  if (judgement.verdict == Judgement::Verdict::broken) return fail({.ending = Ending::cut_off});
  if (judgement.verdict == Judgement::Verdict::error) {
    return fail({.kind = judgement.kind,
                 .ending = has_begun_ ? Ending::cut_off : Ending::refused,
                 .final = !judgement.may_follow,
                 .status = judgement.status,
                 .error = &facts.error});
  }
  has_begun_ = true;
  if (ends_one(facts.type)) ++completed_;
  note(facts);
  if (event.canonical) {
    sink.relay(event.raw);
  } else {
    std::string& text = context_.tools.text;
    text.clear();
    if (!event.name.empty()) text.append("event: ").append(event.name).append("\n");
    append_sse_data(text, event.data);
    sink.relay(text);
  }
  return Step::more;
}

void MediaAnswer::note(const AnswerFacts& facts) {
  Reported& figures = report_.figures;
  if (!facts.model.empty()) report_.served_model = row_model(facts.model);
  if (facts.usage_odd) figures.usage_odd = true;
  if (facts.cost) figures.cost = facts.cost;
  if (const auto usage = counted_usage(facts, context_.operation, context_.request)) {
    figures.usage = usage;
    figures.audio_input = facts.audio_input;
    figures.image_input = facts.image_input;
    figures.audio_output = facts.audio_output;
    figures.image_output = facts.image_output;
  }
}

AnswerStream::Step MediaAnswer::finish(const Result<void>& how, AnswerSink& sink) {
  if (is_document()) return document_.finish(how, sink);
  if (mode_ == Mode::events) {
    if (SseEvent event; how && scanner_.finish(event) && take_event(event, sink) == Step::failed) return Step::failed;
    const bool counts_images = info_of(context_.operation).meter == EndpointInfo::Meter::images;
    if (counts_images && completed_ > 0) {
      if (!report_.figures.usage) report_.figures.usage.emplace();
      report_.figures.usage->images = completed_;
    }
  }
  if (!how) {
    if (mode_ == Mode::events && completed_ >= context_.request.n) return Step::ended;
    const Kind kind = failure_kind(how.error().code);
    return fail({.kind = kind, .ending = Ending::cut_off, .why = how.error().detail});
  }
  if (!has_begun_) return fail({.why = "status 200 without a usable answer: 0 bytes"});
  if (mode_ == Mode::events && completed_ == 0) {
    return fail({.kind = Kind::lost, .ending = Ending::cut_off, .why = "the stream ended before what it makes"});
  }
  const std::int64_t spoken = context_.request.units_estimate.characters;
  if (!report_.figures.usage && spoken > 0) report_.figures.usage.emplace().characters = spoken;
  return Step::ended;
}

void MediaAnswer::abandon() {
  if (is_document()) document_.abandon();
}

std::size_t MediaAnswer::kept() const noexcept {
  if (is_document()) return document_.kept();
  return scanner_.carried() > kSmallMediaPart ? scanner_.carried() : 0;
}

AnswerStream::Step MediaAnswer::fail(AnswerFault fault) {
  fault_ = std::move(fault);
  return Step::failed;
}

}  // namespace gateway
