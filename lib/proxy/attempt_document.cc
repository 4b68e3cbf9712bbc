// The part of an attempt that gathers an answer in one piece, and tells it from a stream.
#include <algorithm>
#include <string>

#include "proxy/attempt.h"
#include "wire/openai/chunk_writer.h"
#include "wire/sse/scanner.h"

namespace gateway {
namespace {

using Ending = Observed::Ending;
using FailureKind = AttemptFailure::Kind;
using JudgedAs = Judgement::Verdict;

constexpr std::size_t kMaxErrorDocument = 64 * 1024;
constexpr std::size_t kLoggedOfDocument = 512;
constexpr std::size_t kMostKeptText = 1024 * 1024;  // of the memory that is used again

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
  if (!facts_.stream && document.size() >= judge_at_ && begin_relay()) return relay_document(bytes);
  if (document.size() + bytes.size() > static_cast<std::size_t>(plan_.max_answer)) {
    worker_.core.log(
        LogLevel::warning,
        plan_.provider->config.name + ": the answer is larger than " + std::to_string(plan_.max_answer) + " bytes",
        row_.request.text());
    fail(FailureKind::server_error, Ending::cut_off, api_error::provider_error(), true);
    return Flow::more;
  }
  document.append(bytes);
  count_gathered(document.size());
  return flow();
}

void Attempt::end_of_document() {
  const PaddedBuffer& body = **document_;
  AnswerFacts& facts = worker_.facts;
  worker_.answers.read(body, facts);
  if (status_ != 200 && !facts.is_object) facts.error = plain_error(body.view());
  if (facts.is_object) note(facts);
  const Judgement judgement = judge({.status = status_, .endpoint = row_.endpoint, .facts = &facts});
  if (judgement.verdict == JudgedAs::error) return fail_by(judgement);
  if (judgement.verdict == JudgedAs::broken) return fail_unreadable();
  if (judgement.verdict != JudgedAs::answer) {
    log_unusable();
    return fail(FailureKind::server_error, Ending::refused, api_error::provider_error(), !judgement.may_follow);
  }
  weight_ = facts.weight;
  if (facts_.stream) return relay_as_events();
  plan_.health->on_success();
  settle(RowState::settled, Ending::whole, {});
  return events_.on_answer(body);
}

void Attempt::log_unusable() {
  const std::string start((*document_)->view().substr(0, kLoggedOfDocument));
  worker_.core.log(LogLevel::warning, plan_.provider->config.name + ": status 200 without a usable answer: " + start,
                   row_.request.text());
}

// A body of status 200 that is no JSON. Part of it may be an answer, which is billed then and not asked for again; a
// page of some proxy is not.
void Attempt::fail_unreadable() {
  log_unusable();
  AnswerFacts facts;
  note_unfinished(facts);
  const bool is_billed = observed_.usage || observed_.cost || weight_.any();
  return fail(FailureKind::server_error, is_billed ? Ending::cut_off : Ending::refused, api_error::provider_error(),
              is_billed);
}

// What an answer in one piece said of itself before it broke off, or was left.
void Attempt::note_unfinished(AnswerFacts& facts) {
  if (status_ != 200) return;
  if (!scan_ && document_ && body_kind((*document_)->view(), says_events_) == BodyKind::events) {
    SseScanner scanner;
    scanner.push((*document_)->view());
    SseEvent event;
    while (scanner.next(event)) {
      worker_.answers.read(event.data, facts);
      if (facts.is_object) note(facts);
      weight_ += facts.weight;
    }
    return;
  }
  if (!scan_ && document_) {
    scan_ = std::make_unique<DocumentScan>();
    scan_->push((*document_)->view());
  }
  if (!scan_) return;
  worker_.answers.read(scan_->outline(), facts);
  if (facts.is_object) note(facts);
  weight_ = scan_->weight();
}

// A large answer need not be gathered once its beginning is known to be one: what metering asks of it the scan keeps.
bool Attempt::begin_relay() {
  const std::string_view beginning = (*document_)->view();
  scan_ = std::make_unique<DocumentScan>();
  scan_->push(beginning);
  if (!scan_->is_answer()) {
    scan_.reset();
    judge_at_ = 2 * beginning.size();
    return false;
  }
  mode_ = Mode::relayed;
  committed_ = true;
  first_chunk_ = false;
  if (events_.on_stream(beginning) == Flow::pause) pause();
  document_.reset();
  static_cast<void>(events_.on_gathered(0));
  return true;
}

// The end is kept back until the row is settled. What comes after it is white space, of which a little is enough.
Flow Attempt::relay_document(std::string_view bytes) {
  constexpr std::size_t kMostBehind = 1024;
  const std::size_t taken = scan_->push(bytes);
  std::string_view now = bytes;
  if (scan_->complete()) {
    now = document_end_.empty() ? bytes.substr(0, taken - 1) : std::string_view();
    const std::string_view end = bytes.substr(now.size());
    document_end_.append(end.substr(0, kMostBehind - std::min(kMostBehind, document_end_.size())));
  }
  if (!now.empty() && events_.on_stream(now) == Flow::pause) pause();
  return paused_ ? Flow::pause : Flow::more;
}

void Attempt::end_of_relayed(const Result<void>& result) {
  note_unfinished(worker_.facts);
  if (!scan_->complete()) {
    const std::string why = result ? "the answer ended within its document" : result.error().detail;
    worker_.core.log(LogLevel::warning, plan_.provider->config.name + ": " + why, row_.request.text());
    return fail(FailureKind::lost, Ending::cut_off, api_error::provider_error());
  }
  AnswerFacts& facts = worker_.facts;
  facts.has_content |= scan_->has_content();
  const Judgement judgement = judge({.endpoint = row_.endpoint, .facts = &facts});
  if (judgement.verdict == JudgedAs::error) return fail_by(judgement);
  return succeed_stream();
}

// The client waits for a stream.
void Attempt::relay_as_events() {
  worker_.text.clear();
  append_chunks(worker_.text, **document_, facts_.include_usage);
  document_.reset();
  static_cast<void>(events_.on_gathered(0));
  committed_ = true;
  pending_ = worker_.text;
  flush();
  if (worker_.text.capacity() > kMostKeptText) std::string().swap(worker_.text);
  return succeed_stream();
}

}  // namespace gateway
