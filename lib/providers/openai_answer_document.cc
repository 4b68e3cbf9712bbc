// The part of an answer's reader that gathers a document, and distinguishes it from a stream.
#include <algorithm>
#include <string>

#include "providers/openai_answer.h"
#include "wire/openai/chunk_writer.h"

namespace gateway {
namespace {

using Ending = Observed::Ending;
using Kind = AttemptFailure::Kind;
using JudgedAs = Judgement::Verdict;

constexpr std::size_t kMaxErrorDocument = 64 * 1024;
constexpr std::size_t kLoggedOfDocument = 512;
constexpr std::size_t kMostKeptText = 1024 * 1024;  // of the memory that is used again

}  // namespace

// Whether it is known what the body is. `bytes` then begins where the body does.
bool OpenAiAnswer::take_kind(std::string_view& bytes) {
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
      document_.emplace(context_.tools.buffers);
      return true;
  }
  return false;
}

AnswerStream::Step OpenAiAnswer::take_document(std::string_view bytes, AnswerSink& sink) {
  PaddedBuffer& document = **document_;
  if (status_ != 200) {
    // The status says enough: what is too much of the reason is left out.
    document.append(bytes.substr(0, kMaxErrorDocument - std::min(kMaxErrorDocument, document.size())));
    return Step::more;
  }
  const bool may_relay = !streams_ && !events_;
  if (may_relay && document.size() >= judge_at_ && begin_relay(sink)) return relay_document(bytes, sink), Step::more;
  if (document.size() + bytes.size() > context_.max_answer) {
    return fail({.ending = Ending::cut_off,
                 .final = true,
                 .why = "the answer is larger than " + std::to_string(context_.max_answer) + " bytes"});
  }
  document.append(bytes);
  return Step::more;
}

AnswerStream::Step OpenAiAnswer::end_of_document(AnswerSink& sink) {
  const PaddedBuffer& body = **document_;
  AnswerFacts& facts = context_.tools.facts;
  context_.tools.reader.read(body, facts);
  if (status_ != 200 && !facts.is_object) facts.error = plain_error(body.view());
  if (facts.is_object) note(facts);
  const Judgement judgement = judge({.status = status_, .operation = context_.operation, .facts = &facts});
  if (judgement.verdict == JudgedAs::error) return fail_by(judgement);
  if (judgement.verdict == JudgedAs::broken) return fail_unreadable();
  if (judgement.verdict != JudgedAs::answer) {
    return fail({.final = !judgement.may_follow, .why = describe_unusable()});
  }
  report_.weight = facts.weight;
  if (events_) {
    events_->read_document(body, sink);
    events_->finish(sink);
    document_.reset();
  } else if (streams_) {
    relay_as_events(sink);
  }
  return Step::ended;
}

// Of a page of some proxy its beginning; of all else only the size, since it may hold an answer's text.
std::string OpenAiAnswer::describe_unusable() const {
  const std::string_view body = (*document_)->view();
  const std::size_t first = body.find_first_not_of(" \t\r\n");
  const bool is_markup = first != body.npos && body[first] == '<';
  const std::string what =
      is_markup ? std::string(body.substr(first, kLoggedOfDocument)) : std::to_string(body.size()) + " bytes";
  return "status 200 without a usable answer: " + what;
}

// A body of status 200 that is no JSON. Part of it may be an answer, which is billed then and not asked for again; a
// page of some proxy is not.
AnswerStream::Step OpenAiAnswer::fail_unreadable() {
  note_unfinished();
  const bool is_billed = report_.figures.usage || report_.figures.cost || report_.weight.any();
  return fail(
      {.ending = is_billed ? Ending::cut_off : Ending::refused, .final = is_billed, .why = describe_unusable()});
}

// What an answer in one piece said of itself before it broke off, or was left.
void OpenAiAnswer::note_unfinished() {
  if (status_ != 200) return;
  AnswerFacts& facts = context_.tools.facts;
  if (!scan_ && document_ && body_kind((*document_)->view(), says_events_) == BodyKind::events) {
    SseScanner scanner;
    scanner.push((*document_)->view());
    SseEvent event;
    while (scanner.next(event)) {
      context_.tools.reader.read(event.data, facts);
      if (facts.is_object) note(facts);
      report_.weight += facts.weight;
    }
    return;
  }
  if (!scan_ && document_) {
    scan_ = std::make_unique<DocumentScan>();
    scan_->push((*document_)->view());
  }
  if (!scan_) return;
  context_.tools.reader.read(scan_->outline(), facts);
  facts.data_count = scan_->data_count();
  if (facts.is_object) note(facts);
  report_.weight = scan_->weight();
}

// A large answer need not be gathered once its beginning is known to be one: what metering asks of it the scan keeps.
bool OpenAiAnswer::begin_relay(AnswerSink& sink) {
  const std::string_view beginning = (*document_)->view();
  scan_ = std::make_unique<DocumentScan>();
  scan_->push(beginning);
  if (!scan_->is_answer()) {
    scan_.reset();
    judge_at_ = 2 * beginning.size();
    return false;
  }
  mode_ = Mode::relayed;
  first_chunk_ = false;
  sink.relay(beginning);
  document_.reset();
  return true;
}

// The end is kept back until the row is settled. What comes after it is white space, of which a little is enough.
void OpenAiAnswer::relay_document(std::string_view bytes, AnswerSink& sink) {
  constexpr std::size_t kMostBehind = 1024;
  const std::size_t taken = scan_->push(bytes);
  std::string_view now = bytes;
  if (scan_->complete()) {
    now = document_end_.empty() ? bytes.substr(0, taken - 1) : std::string_view();
    const std::string_view end = bytes.substr(now.size());
    document_end_.append(end.substr(0, kMostBehind - std::min(kMostBehind, document_end_.size())));
  }
  if (!now.empty()) sink.relay(now);
}

AnswerStream::Step OpenAiAnswer::end_of_relayed(const Result<void>& how) {
  note_unfinished();
  if (!scan_->complete()) {
    const std::string why = how ? "the answer ended within its document" : how.error().detail;
    return fail({.kind = Kind::lost, .ending = Ending::cut_off, .why = why});
  }
  AnswerFacts& facts = context_.tools.facts;
  facts.has_content |= scan_->has_content();
  const Judgement judgement = judge({.operation = context_.operation, .facts = &facts});
  return judgement.verdict == JudgedAs::error ? fail_by(judgement) : Step::ended;
}

// The client waits for a stream.
void OpenAiAnswer::relay_as_events(AnswerSink& sink) {
  std::string& text = context_.tools.text;
  text.clear();
  if (context_.operation == Operation::chat) {
    append_chunks(text, **document_, context_.request.include_usage);
  } else {
    append_sse_data(text, (*document_)->view());  // a completion's chunks have the document's form
  }
  document_.reset();
  sink.relay(text);
  if (text.capacity() > kMostKeptText) std::string().swap(text);
}

}  // namespace gateway
