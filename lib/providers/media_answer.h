// An answer that is relayed as it comes and is no conversation: sound, a transcript as text, or the events of images,
// transcripts and speech. What comes as one JSON document is read as any other is.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "providers/dialect.h"
#include "providers/openai_answer.h"
#include "wire/sse/scanner.h"

namespace gateway {

// Whether answers of the operation may be such.
bool has_media_answer(Operation operation, const RequestFacts& request) noexcept;

class MediaAnswer final : public AnswerStream {
 public:
  explicit MediaAnswer(const AnswerContext& context)
      : context_(context), document_(context), scanner_(context.max_event) {}

  void on_head(const UpstreamHead& head) override;
  Step push(std::string_view bytes, AnswerSink& sink) override;
  Step finish(const Result<void>& how, AnswerSink& sink) override;
  void abandon() override;

  bool has_begun() const noexcept override { return is_document() ? document_.has_begun() : has_begun_; }
  bool is_complete() const noexcept override { return is_document() ? document_.is_complete() : completed_ > 0; }
  const AnswerReport& report() const noexcept override { return is_document() ? document_.report() : report_; }
  const AnswerFault& fault() const noexcept override { return is_document() ? document_.fault() : fault_; }
  std::size_t kept() const noexcept override;
  bool gathers() const noexcept override { return is_document() && document_.gathers(); }
  PaddedBuffer* document() noexcept override { return is_document() ? document_.document() : nullptr; }
  // Neither sound nor text has a place for a report of a break: it ends as a document does.
  bool relays_document() const noexcept override {
    return is_document() ? document_.relays_document() : mode_ == Mode::bytes;
  }
  std::string_view document_end() const noexcept override {
    return is_document() ? document_.document_end() : std::string_view();
  }
  std::string_view content_type() const noexcept override { return content_type_; }

 private:
  enum class Mode : std::uint8_t { document, bytes, events };

  bool is_document() const noexcept { return mode_ == Mode::document; }
  Step take_event(const SseEvent& event, AnswerSink& sink);
  void note(const AnswerFacts& facts);
  Step fail(AnswerFault fault);

  const AnswerContext context_;
  OpenAiAnswer document_;
  AnswerReport report_;
  AnswerFault fault_;
  Mode mode_ = Mode::document;
  bool has_begun_ = false;
  std::string content_type_;  // of bytes
  SseScanner scanner_;
  std::int64_t completed_ = 0;  // events that end an image, a transcript or a speech
};

}  // namespace gateway
