// An answer of the Responses API: a stream of events, or one document. It is relayed byte by byte to clients of the
// same shape, and read as events for others.
#pragma once

#include <string_view>

#include "providers/shaped_answer.h"
#include "wire/responses/response_reader.h"

namespace gateway {

class ResponsesAnswer final : public ShapedAnswer {
 public:
  explicit ResponsesAnswer(const AnswerContext& context);

  bool is_complete() const noexcept override { return is_complete_; }

 private:
  using Piece = responses::ResponseReader::Piece;

  Step take_event(const SseEvent& event, AnswerSink& sink) override;
  Step end_of_stream(const Result<void>& how, AnswerSink& sink) override;
  Step end_of_document(AnswerSink& sink) override;
  bool is_whole_document() override;
  void note(bool is_whole) override;
  bool note_unfinished() override;
  void open_events(AnswerSink& sink) override { reader_.open(sink); }
  Step fail_by_error(std::string_view json);

  bool has_output_ = false;  // something of the output has come
  bool is_complete_ = false;
  responses::ResponseReader reader_;
};

}  // namespace gateway
