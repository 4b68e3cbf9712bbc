// An answer in Anthropic's shape: a stream of events, or one document. It is relayed byte by byte to clients of the
// same shape, and read as events for others.
#pragma once

#include <cstddef>
#include <string_view>

#include "providers/shaped_answer.h"
#include "wire/anthropic/message_reader.h"

namespace gateway {

class AnthropicAnswer final : public ShapedAnswer {
 public:
  explicit AnthropicAnswer(const AnswerContext& context) : ShapedAnswer(context, Shape::anthropic) {}

  void on_head(const UpstreamHead& head) override;
  bool is_complete() const noexcept override { return is_complete_; }

 private:
  using Piece = anthropic::MessageReader::Piece;

  Step take_event(const SseEvent& event, AnswerSink& sink) override;
  Step end_of_stream(const Result<void>& how, AnswerSink& sink) override;
  Step end_of_document(AnswerSink& sink) override;
  bool is_whole_document() override;
  void note(bool is_whole) override;
  bool note_unfinished() override;
  void open_events(AnswerSink& sink) override { reader_.open(sink); }
  std::size_t kept_by_reader() const noexcept override { return reader_.kept(); }
  Step fail_by_error(std::string_view json);

  bool can_wait_ = false;     // there is a retry-after
  bool has_message_ = false;  // message_start has come
  bool has_part_ = false;     // and something of the message itself
  bool is_complete_ = false;
  anthropic::MessageReader reader_;
};

}  // namespace gateway
