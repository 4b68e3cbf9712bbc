// An answer in OpenAI's shape: a stream of chunks, or one document. It is relayed byte by byte to clients of the same
// shape, and read as events for others.
#pragma once

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/buffer.h"
#include "providers/dialect.h"
#include "providers/judgement.h"
#include "wire/openai/document_scan.h"
#include "wire/openai/event_reader.h"
#include "wire/sse/scanner.h"

namespace gateway {

class OpenAiAnswer final : public AnswerStream {
 public:
  explicit OpenAiAnswer(const AnswerContext& context);

  void on_head(const UpstreamHead& head) override;
  Step push(std::string_view bytes, AnswerSink& sink) override;
  Step finish(const Result<void>& how, AnswerSink& sink) override;
  void abandon() override;

  bool has_begun() const noexcept override { return has_begun_; }
  bool is_complete() const noexcept override { return mode_ == Mode::stream && every_choice_has_finished(false); }
  const AnswerReport& report() const noexcept override { return report_; }
  const AnswerFault& fault() const noexcept override { return fault_; }
  std::size_t kept() const noexcept override;
  bool gathers() const noexcept override { return document_.has_value(); }
  PaddedBuffer* document() noexcept override { return document_ && !streams_ ? &**document_ : nullptr; }
  bool relays_document() const noexcept override { return mode_ == Mode::relayed; }
  std::string_view document_end() const noexcept override { return document_end_; }

 private:
  enum class Mode : std::uint8_t {
    unjudged,  // a body comes, and might be either
    document,  // is gathered
    relayed,   // a large document, relayed as it comes
    stream,
  };
  static constexpr std::size_t kRelayFrom = 1024 * 1024;

  bool take_kind(std::string_view& bytes);
  Step take_event(const SseEvent& event, std::string_view piece, AnswerSink& sink);
  void pass_comment_on(const SseEvent& event, AnswerSink& sink);
  void pass_on(const SseEvent& event, std::string_view piece, AnswerSink& sink);
  void flush(AnswerSink& sink);
  Step end_of_stream(const Result<void>& how, AnswerSink& sink);
  bool every_choice_has_finished(bool ended_cleanly) const noexcept;

  Step take_document(std::string_view bytes, AnswerSink& sink);
  bool begin_relay(AnswerSink& sink);
  void relay_document(std::string_view bytes, AnswerSink& sink);
  Step end_of_relayed(const Result<void>& how);
  Step end_of_document(AnswerSink& sink);
  void relay_as_events(AnswerSink& sink);
  Step fail_unreadable();
  std::string describe_unusable() const;
  void note_unfinished();

  void note(const AnswerFacts& facts);
  Step fail(AnswerFault fault);
  Step fail_by(const Judgement& judgement);  // of context_.tools.facts

  const AnswerContext context_;
  const bool streams_;  // the client asked for a stream of choices
  AnswerReport report_;
  AnswerFault fault_;

  Mode mode_ = Mode::unjudged;
  int status_ = 0;
  bool says_events_ = false;  // the content type does
  bool has_begun_ = false;
  bool done_ = false;  // [DONE] was seen
  bool first_chunk_ = true;
  // There was no chunk in an earlier piece, and those of this one are a role at most.
  bool says_nothing_ = true;
  std::string beginning_;              // of a body whose kind is not known yet
  std::bitset<128> begun_, finished_;  // choices
  SseScanner scanner_;
  std::string_view pending_;  // neighbouring events that go out as one
  std::optional<PooledBuffer> document_;
  std::unique_ptr<DocumentScan> scan_;  // while it is relayed
  std::string document_end_;
  std::size_t judge_at_ = kRelayFrom;        // the size from which on a document may be relayed
  std::unique_ptr<ChatEventReader> events_;  // if the client has another shape
};

}  // namespace gateway
