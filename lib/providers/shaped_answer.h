// What answers have in common whose shape has a reader of its own: the body is a stream of events or one document, told
// by how it begins; streams are cut into events, documents gathered.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/buffer.h"
#include "providers/dialect.h"
#include "providers/held_back.h"
#include "providers/judgement.h"
#include "wire/openai/document_scan.h"
#include "wire/sse/scanner.h"

namespace gateway {

class ShapedAnswer : public AnswerStream {
 public:
  void on_head(const UpstreamHead& head) override;
  Step push(std::string_view bytes, AnswerSink& sink) final;
  Step finish(const Result<void>& how, AnswerSink& sink) final;
  void abandon() final { note_unfinished(); }

  bool has_begun() const noexcept final { return has_begun_; }
  const AnswerReport& report() const noexcept final { return report_; }
  const AnswerFault& fault() const noexcept final { return fault_; }
  std::size_t kept() const noexcept final;
  bool gathers() const noexcept final { return document_.has_value(); }
  PaddedBuffer* document() noexcept final { return document_ && same_ && !streams_ ? &**document_ : nullptr; }
  bool relays_document() const noexcept final { return false; }
  std::string_view document_end() const noexcept final { return {}; }

 protected:
  ShapedAnswer(const AnswerContext& context, Shape own);

  // One event with data, which is not OpenAI's mark of the end.
  virtual Step take_event(const SseEvent& event, AnswerSink& sink) = 0;
  // The stream has ended, and no event has said so.
  virtual Step end_of_stream(const Result<void>& how, AnswerSink& sink) = 0;
  // `document_` is complete.
  virtual Step end_of_document(AnswerSink& sink) = 0;
  // Whether a document that broke off lacks nothing. The reader is then as new.
  virtual bool is_whole_document() = 0;
  virtual void note(bool is_whole) = 0;
  // Of an answer that broke off, was left, or cannot be read. Returns whether its provider may have billed it.
  virtual bool note_unfinished() = 0;
  virtual std::size_t kept_by_reader() const noexcept { return 0; }
  // What was told to the reader has come for good: chat::Begin, if there was nothing behind it yet.
  virtual void open_events(AnswerSink& sink) = 0;

  // Who hears the events; null: the client has this shape, and its bytes are relayed.
  ChatEventSink* hearer(AnswerSink& sink) const noexcept {
    return same_ && !(streams_ && document_) ? nullptr : static_cast<ChatEventSink*>(&sink);
  }
  // An event for a client of this shape.
  void pass_on(const SseEvent& event, AnswerSink& sink);
  // The same of one that says nothing yet. It goes out in this turn too; but an error that came with it comes first,
  // and still has a status.
  void hold_back(const SseEvent& event);
  Step fail(AnswerFault fault);
  // Of a stream that ended without `mark`, its end.
  Step fail_unended(const Result<void>& how, bool has_begun, std::string_view mark);
  // Of a document with status 200 that is not `what` it should be, and that its provider may have billed.
  Step fail_unreadable(bool is_billed, std::string_view what);
  // By `context_.tools.facts.error`, which was read from `json`.
  Step fail_as_judged(std::string_view json, bool is_billed);
  // Of an answer that broke off. Of a document it is what it said of itself, as read_outline(object) reads it, if
  // `member` is there, else what all of it weighs: its provider may have made and billed the answer. Returns whether
  // there is some.
  template <class ReadOutline>
  bool note_outline(std::string_view member, ReadOutline read_outline) {
    const std::string_view body = document_ && status_ == 200 ? (*document_)->view() : std::string_view();
    const bool has_some = body.find(member) != body.npos;
    if (has_some) {
      DocumentScan scan;
      scan.push(body);
      read_outline(scan.outline());
    }
    note(false);
    if (has_some && !report_.figures.usage)
      report_.weight = {.text = static_cast<std::int64_t>(body.size()), .pieces = 1};
    return has_some || report_.figures.usage || report_.weight.any();
  }

  const AnswerContext context_;
  const bool streams_;  // the client asked for a stream
  const bool same_;     // its shape is this one
  AnswerReport report_;
  AnswerFault fault_;
  int status_ = 0;
  bool has_begun_ = false;
  bool is_stream_ = false;  // the body is one
  std::optional<PooledBuffer> document_;

 private:
  bool take_kind(std::string_view& bytes);
  Step take_document(std::string_view bytes);
  Step take_events(AnswerSink& sink);
  Step take(const SseEvent& event, AnswerSink& sink);
  std::string_view frame_of(const SseEvent& event) const;

  bool says_events_ = false;  // the content type does
  std::string beginning_;     // of a body whose kind is not known yet
  SseScanner scanner_;
  HeldBack held_;
};

}  // namespace gateway
