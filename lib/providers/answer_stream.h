// What comes back from a provider, read as it comes: bytes in; out go spans to relay, or events, and in the end what
// the answer said of itself.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/buffer.h"
#include "chat/event.h"
#include "chat/provider_error.h"
#include "chat/request_facts.h"
#include "chat/weight.h"
#include "gateway/row.h"
#include "gateway/upstream.h"
#include "policy/pricing/settlement.h"
#include "policy/routing/retry.h"

namespace gateway {

// What an answer said of itself, as far as it came.
struct AnswerReport {
  Reported figures;  // usage and costs
  Weight weight;     // of what came
  FixedText<96> generation_id;
  FixedText<128> served_model;
  FixedText<24> finish_reason;
};

// Why an answer is none, or breaks off.
struct AnswerFault {
  AttemptFailure::Kind kind = AttemptFailure::Kind::server_error;
  Observed::Ending ending = Observed::Ending::refused;
  bool final = false;              // it was billed, or is not to be had otherwise: no other dispatch follows
  int status = 502;                // the HTTP status that it means
  ProviderError* error = nullptr;  // what the provider said; null: nothing. Valid until another answer is read
  std::string why{};               // for the log; empty: nothing to report
  // When it may be tried again, if the body says so where the head does not.
  std::optional<std::chrono::milliseconds> retry_after{};
};

// Hears an answer: relay() if the client has its provider's shape, event() otherwise. It does not destroy the
// AnswerStream from within these calls.
class AnswerSink : public ChatEventSink {
 public:
  // Bytes in the client's own shape, to be sent as they are: complete frames of a stream, or a piece of a document.
  virtual void relay(std::string_view bytes) = 0;
  // Whether anything of this answer has gone to the client, by relay() or as a keep-alive.
  virtual bool has_sent() const noexcept = 0;

 protected:
  ~AnswerSink() = default;
};

// One answer. It is on the thread of the exchange that asked.
class AnswerStream {
 public:
  enum class Step : std::uint8_t {
    more,    // it goes on
    ended,   // it is complete: what follows of the body is nobody's business
    failed,  // see fault()
  };
  virtual ~AnswerStream() = default;

  virtual void on_head(const UpstreamHead& head) = 0;
  virtual Step push(std::string_view bytes, AnswerSink& sink) = 0;
  // The call has ended: its body is complete, or it broke off.
  virtual Step finish(const Result<void>& how, AnswerSink& sink) = 0;
  // Nothing more of it is wanted: the report is completed by what is held of it. Once, and not after an end.
  virtual void abandon() = 0;

  // Whether its first event or byte has come: a comment is none.
  virtual bool has_begun() const noexcept = 0;
  // Whether it lacks nothing but its formal end, so that breaking off loses nothing.
  virtual bool is_complete() const noexcept = 0;
  virtual const AnswerReport& report() const noexcept = 0;
  virtual const AnswerFault& fault() const noexcept = 0;

  // Bytes that are kept until there are more.
  virtual std::size_t kept() const noexcept = 0;
  // Whether it is read only once it is complete, so that nothing is known of one that breaks off.
  virtual bool gathers() const noexcept = 0;
  // A document that is gathered to be sent in one piece, in the client's own shape; null: there is none.
  virtual PaddedBuffer* document() noexcept = 0;
  // A document that is relayed as it comes, and its end, which is not relayed.
  virtual bool relays_document() const noexcept = 0;
  virtual std::string_view document_end() const noexcept = 0;
  // Of what is relayed. Empty: JSON or events.
  virtual std::string_view content_type() const noexcept { return {}; }
};

// Memory of AnswerStreams that have ended, for the next ones: what was in use last is in the processor's cache. One
// thread.
class AnswerRoom {
 public:
  static constexpr std::size_t kSize = 1024;

  AnswerRoom() { kept_.reserve(kMostKept); }
  void* take();
  void give(void* memory) noexcept;

 private:
  static constexpr std::size_t kMostKept = 256;
  struct alignas(std::max_align_t) Block {
    unsigned char bytes[kSize];
  };
  std::vector<std::unique_ptr<Block>> kept_;
};

// Holds one AnswerStream, so that opening one allocates nothing if it fits. The room outlives it.
class AnswerSlot {
 public:
  explicit AnswerSlot(AnswerRoom& room) noexcept : room_(room) {}
  ~AnswerSlot() { reset(); }
  AnswerSlot(const AnswerSlot&) = delete;
  AnswerSlot& operator=(const AnswerSlot&) = delete;

  template <class T, class... Arguments>
  T& emplace(Arguments&&... arguments) {
    reset();
    T* made = nullptr;
    if constexpr (sizeof(T) <= AnswerRoom::kSize && alignof(T) <= alignof(std::max_align_t)) {
      void* const memory = room_.take();
      made = ::new (memory) T(std::forward<Arguments>(arguments)...);
      memory_ = memory;
    } else {
      made = new T(std::forward<Arguments>(arguments)...);
    }
    answer_ = made;
    return *made;
  }
  AnswerStream* get() const noexcept { return answer_; }
  AnswerStream* operator->() const noexcept { return answer_; }

 private:
  void reset() noexcept;

  AnswerRoom& room_;
  AnswerStream* answer_ = nullptr;
  void* memory_ = nullptr;  // the room's, in which it lies; null: it was allocated for itself
};

}  // namespace gateway
