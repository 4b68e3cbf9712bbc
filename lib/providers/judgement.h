// What an answer is: one judgement, from everything that was seen of it.
#pragma once

#include <cstdint>
#include <string_view>

#include "gateway/row.h"
#include "policy/pricing/settlement.h"
#include "policy/routing/retry.h"
#include "wire/openai/answer_reader.h"

namespace gateway {

// A whole document, or one event of a stream.
struct SeenAnswer {
  int status = 200;
  bool in_stream = false;
  std::string_view event_name = {};  // of an event of a stream
  Operation operation = Operation::chat;
  const AnswerFacts* facts = nullptr;
};

struct Judgement {
  enum class Verdict : std::uint8_t {
    answer,  // choices, or data, that are to be relayed
    empty,   // well-formed, and neither an answer nor an error: in a stream the chunk with the usage is one
    error,
    broken,  // nothing that could be read
  };
  Verdict verdict = Verdict::broken;
  bool billed = false;  // tokens or a cost are reported: it is not asked again
  // Of what is no answer: the status that it means, how it counts, and whether another dispatch may follow it where the
  // configuration allows that.
  int status = 200;
  AttemptFailure::Kind kind = AttemptFailure::Kind::server_error;
  bool may_follow = true;
};

Judgement judge(const SeenAnswer& seen) noexcept;

// Whether a provider whose answer failed so may have done, and billed, something.
Observed::Ending ending_of(AttemptFailure::Kind kind) noexcept;

// What a body that came with status 200 is, told by how it begins: its content type may say anything.
enum class BodyKind : std::uint8_t {
  unknown,  // nothing but white space, or too little of it
  events,
  document,
};
// `says_events`: the content type, which decides only where the bytes do not.
BodyKind body_kind(std::string_view beginning, bool says_events) noexcept;

}  // namespace gateway
