// An answer of Gemini's generateContent: a stream of chunks, or one document. No client has this shape: it is read as
// events for all.
#pragma once

#include <cstddef>
#include <string_view>

#include "providers/shaped_answer.h"
#include "wire/gemini/response_reader.h"

namespace gateway {

class GeminiAnswer final : public ShapedAnswer {
 public:
  explicit GeminiAnswer(const AnswerContext& context) : ShapedAnswer(context, Shape::gemini) {}

  bool is_complete() const noexcept override;

 private:
  using Piece = gemini::ResponseReader::Piece;

  Step take_event(const SseEvent& event, AnswerSink& sink) override;
  Step end_of_stream(const Result<void>& how, AnswerSink& sink) override;
  Step end_of_document(AnswerSink& sink) override;
  bool is_whole_document() override;
  void note(bool is_whole) override;
  bool note_unfinished() override;
  void open_events(AnswerSink& sink) override { reader_.open(sink); }
  std::size_t kept_by_reader() const noexcept override { return reader_.kept(); }
  Step fail_by_error(std::string_view json);
  bool has_only_a_broken_call() const noexcept;
  Step fail_by_broken_call();

  gemini::ResponseReader reader_;
};

}  // namespace gateway
