// The part of an attempt that gathers an answer in one piece, and tells it from a stream.
#include <algorithm>
#include <string>

#include "proxy/attempt.h"
#include "wire/chunk_writer.h"

namespace gateway {
namespace {

using Ending = Observed::Ending;
using FailureKind = AttemptFailure::Kind;
using JudgedAs = Judgement::Verdict;

constexpr std::size_t kMaxAnswer = 64 * 1024 * 1024;
constexpr std::size_t kMaxErrorDocument = 64 * 1024;
constexpr std::size_t kLoggedOfDocument = 512;

}  // namespace

// Whether it is known what the body is. `bytes` then begins where the body does.
bool Attempt::take_kind(std::string_view& bytes) {
  if (!beginning_.empty()) {
    beginning_.append(bytes);
    bytes = beginning_;
  }
  switch (body_kind(bytes, says_events_)) {
    case BodyKind::unknown:
      if (beginning_.empty()) beginning_ = bytes;
      return false;
    case BodyKind::events:
      mode_ = Mode::stream;
      return true;
    case BodyKind::document:
      mode_ = Mode::document;
      document_.emplace(worker_.buffers);
      return true;
  }
  return false;
}

Flow Attempt::take_document(std::string_view bytes) {
  PaddedBuffer& document = **document_;
  if (status_ != 200) {
    // The status says enough: what is too much of the reason is left out.
    document.append(bytes.substr(0, kMaxErrorDocument - std::min(kMaxErrorDocument, document.size())));
    return Flow::more;
  }
  if (document.size() + bytes.size() > kMaxAnswer) {
    worker_.core.log(
        LogLevel::warning,
        plan_.provider->config.name + ": the answer is larger than " + std::to_string(kMaxAnswer) + " bytes",
        row_.request.text());
    fail(FailureKind::server_error, Ending::cut_off, api_error::provider_error(), true);
    return Flow::more;
  }
  document.append(bytes);
  events_.on_gathered(document.size());
  return Flow::more;
}

void Attempt::end_of_document() {
  const PaddedBuffer& body = **document_;
  AnswerFacts& facts = worker_.facts;
  worker_.answers.read(body, facts);
  if (status_ != 200 && !facts.is_object) facts.error = plain_error(body.view());
  if (facts.is_object) note(facts);
  const Judgement judgement = judge({.status = status_, .endpoint = row_.endpoint, .facts = &facts});
  if (judgement.verdict == JudgedAs::error) return fail_by(judgement);
  if (judgement.verdict != JudgedAs::answer) {
    const std::string start(body.view().substr(0, kLoggedOfDocument));
    worker_.core.log(LogLevel::warning, plan_.provider->config.name + ": status 200 without a usable answer: " + start,
                     row_.request.text());
    return fail(FailureKind::server_error, Ending::refused, api_error::provider_error(), !judgement.may_follow);
  }
  weight_ = facts.weight;
  if (facts_.stream) return relay_as_events();
  plan_.health->on_success();
  settle(RowState::settled, Ending::whole, {});
  return events_.on_answer(body);
}

// The client waits for a stream.
void Attempt::relay_as_events() {
  worker_.text.clear();
  append_chunks(worker_.text, **document_, facts_.include_usage);
  committed_ = true;
  pending_ = worker_.text;
  flush();
  return succeed_stream();
}

}  // namespace gateway
