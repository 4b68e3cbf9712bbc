// Reads a request of any operation whose body is JSON: what routing, limits and holds need, and where it is located in
// the bytes.
#pragma once

#include <memory>
#include <string_view>

#include "base/buffer.h"
#include "chat/request_facts.h"
#include "gateway/row.h"

namespace gateway {

// Keeps its parser from request to request; one per thread.
// Checks by the contract's invariant 8: the entire body valid JSON (RFC 8259) in valid UTF-8, at most 64 levels
// deep; of the fields read (top-level model, stream, stream_options, max_tokens, max_completion_tokens, n, messages,
// input, those that change a price (see option_reader.h), and those of other operations than chat (see unit_fields.h))
// no duplicates however spelled, values in range and of the right type; no lone surrogates in `model` (texts may have
// them: the provider judges). Everything else passes.
class RequestReader {
 public:
  RequestReader();
  ~RequestReader();
  // True: `facts` is filled in. False: `why` is. `body` is not changed. `model_by_path`: the model that the URL names;
  // it replaces the body's, which may then be absent. Empty: the URL names none.
  bool read(Operation operation, const PaddedBuffer& body, RequestFacts& facts, BadRequest& why,
            std::string_view model_by_path = {});
  // The same for a body of the Responses API: `input` is a text or the conversation's items, and `max_output_tokens`
  // is the limit, as `max_completion_tokens` of `facts`.
  bool read_response(const PaddedBuffer& body, RequestFacts& facts, BadRequest& why,
                     std::string_view model_by_path = {});

 private:
  enum class Form : bool;
  bool read(Operation operation, Form form, const PaddedBuffer& body, RequestFacts& facts, BadRequest& why,
            std::string_view model_by_path);

  struct Parser;
  std::unique_ptr<Parser> parser_;
};

}  // namespace gateway
