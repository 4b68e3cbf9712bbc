// An answer of Gemini's generateContent: a stream of chunks, or one document. No client has this shape: it is read as
// events for all.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/buffer.h"
#include "providers/dialect.h"
#include "wire/gemini/response_reader.h"
#include "wire/sse/scanner.h"

namespace gateway {

class GeminiAnswer final : public AnswerStream {
 public:
  explicit GeminiAnswer(const AnswerContext& context);

  void on_head(const UpstreamHead& head) override;
  Step push(std::string_view bytes, AnswerSink& sink) override;
  Step finish(const Result<void>& how, AnswerSink& sink) override;
  void abandon() override;

  bool has_begun() const noexcept override { return has_begun_; }
  bool is_complete() const noexcept override;
  const AnswerReport& report() const noexcept override { return report_; }
  const AnswerFault& fault() const noexcept override { return fault_; }
  std::size_t kept() const noexcept override;
  bool gathers() const noexcept override { return document_.has_value(); }
  PaddedBuffer* document() noexcept override { return nullptr; }
  bool relays_document() const noexcept override { return false; }
  std::string_view document_end() const noexcept override { return {}; }

 private:
  using Piece = gemini::ResponseReader::Piece;

  bool take_kind(std::string_view& bytes);
  Step take_document(std::string_view bytes);
  Step end_of_document(AnswerSink& sink);
  Step take_events(AnswerSink& sink);
  Step take_event(const SseEvent& event, AnswerSink& sink);
  Step end_of_stream(const Result<void>& how, AnswerSink& sink);

  void note(bool is_whole);
  bool note_unfinished();
  Step fail(AnswerFault fault);
  Step fail_by_error(std::string_view json);

  const AnswerContext context_;
  const bool streams_;  // the client asked for a stream
  AnswerReport report_;
  AnswerFault fault_;

  int status_ = 0;
  bool says_events_ = false;  // the content type does
  bool has_begun_ = false;
  bool is_stream_ = false;  // the body is one
  std::string beginning_;   // of a body whose kind is not known yet
  SseScanner scanner_;
  std::optional<PooledBuffer> document_;
  gemini::ResponseReader reader_;
};

}  // namespace gateway
