// An answer in Anthropic's shape: a stream of events, or one document. It is relayed byte by byte to clients of the
// same shape, and read as events for others.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/buffer.h"
#include "providers/dialect.h"
#include "providers/judgement.h"
#include "wire/anthropic/message_reader.h"
#include "wire/sse/scanner.h"

namespace gateway {

class AnthropicAnswer final : public AnswerStream {
 public:
  explicit AnthropicAnswer(const AnswerContext& context);

  void on_head(const UpstreamHead& head) override;
  Step push(std::string_view bytes, AnswerSink& sink) override;
  Step finish(const Result<void>& how, AnswerSink& sink) override;
  void abandon() override;

  bool has_begun() const noexcept override { return has_begun_; }
  bool is_complete() const noexcept override { return is_complete_; }
  const AnswerReport& report() const noexcept override { return report_; }
  const AnswerFault& fault() const noexcept override { return fault_; }
  std::size_t kept() const noexcept override;
  bool gathers() const noexcept override { return document_.has_value(); }
  PaddedBuffer* document() noexcept override { return document_ && same_ && !streams_ ? &**document_ : nullptr; }
  bool relays_document() const noexcept override { return false; }
  std::string_view document_end() const noexcept override { return {}; }

 private:
  using Piece = anthropic::MessageReader::Piece;

  bool take_kind(std::string_view& bytes);
  Step take_document(std::string_view bytes);
  Step end_of_document(AnswerSink& sink);
  Step take_events(AnswerSink& sink);
  Step take_event(const SseEvent& event, AnswerSink& sink);
  void pass_on(const SseEvent& event, AnswerSink& sink);
  Step end_of_stream(const Result<void>& how, AnswerSink& sink);

  void note(bool is_whole);
  bool note_unfinished();
  Step fail(AnswerFault fault);
  Step fail_by_error(std::string_view json);

  const AnswerContext context_;
  const bool streams_;  // the client asked for a stream
  const bool same_;     // its shape is this one
  AnswerReport report_;
  AnswerFault fault_;

  int status_ = 0;
  bool says_events_ = false;  // the content type does
  bool can_wait_ = false;     // there is a retry-after
  bool has_begun_ = false;
  bool has_message_ = false;  // message_start has come
  bool is_complete_ = false;
  bool is_stream_ = false;  // the body is one
  std::string beginning_;   // of a body whose kind is not known yet
  SseScanner scanner_;
  std::optional<PooledBuffer> document_;
  anthropic::MessageReader reader_;
};

}  // namespace gateway
