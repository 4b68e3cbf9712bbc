// Reads a chat or embeddings request: what routing, limits and holds need, and where it stands in the bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/buffer.h"
#include "base/request_options.h"
#include "gateway/row.h"

namespace gateway {

// Bytes [begin, end) of the body.
struct ByteRange {
  std::size_t begin = 0;
  std::size_t end = 0;
  bool empty() const noexcept { return begin == end; }
};

struct RequestFacts {
  std::string model;           // unescaped; capacity is reused from request to request
  ByteRange model_value;       // the string with its quotes; empty: absent, which only a model by path allows
  bool model_by_path = false;  // the URL named the model; what the body says of it does not count
  bool stream = false;
  bool include_usage = false;      // stream_options.include_usage is true
  ByteRange stream_options_value;  // the whole value; empty: absent (null counts as a value)
  ByteRange include_usage_value;   // of the member in it; empty: absent
  bool stream_options_is_object = false;
  bool stream_options_object_empty = false;
  std::optional<std::int64_t> max_tokens, max_completion_tokens;
  ByteRange max_tokens_value, max_completion_tokens_value;  // empty: absent; null is a value without a number
  std::int64_t n = 1;
  std::size_t object_begin = 0;  // just behind the root's '{': where new members may be spliced in
  bool object_empty = false;

  // The most input tokens this body can be: each token is at least one byte of text after JSON unescaping. Counts every
  // string (keys too), number and literal of the body, but not media that are given inline or by URL; token arrays
  // count one each. On top come 16 for each message, which chat templates put around it, and 512 where there are tools.
  std::int64_t input_bound = 0;
  // What it probably is: a quarter of the text's bytes, rounded up; token arrays count one each.
  std::int64_t input_estimate = 0;
  RequestOptions options;
  std::int64_t images = 0;  // image_url parts
  std::int64_t audios = 0;  // input_audio parts
  std::int64_t files = 0;   // file parts and any other part type that carries data of unknown size
};

// Why a body is refused with 400.
struct BadRequest {
  std::string message;
  std::string param;  // empty: null
};

// Keeps its parser from request to request; one per thread.
// Checks as the contract's invariant 8 says: the whole body valid JSON (RFC 8259) in valid UTF-8, at most 64 levels
// deep; of the fields read (top-level model, stream, stream_options, max_tokens, max_completion_tokens, n, messages,
// input, and those that change a price: see option_reader.h) no duplicates however spelled, values in range and of the
// right type; no lone surrogates in `model` (texts may have them: the provider judges). Everything else passes.
class RequestReader {
 public:
  RequestReader();
  ~RequestReader();
  // True: `facts` is filled in. False: `why` is. `body` is not changed. `model_by_path`: the model that the URL names;
  // it replaces the body's, which may then be absent. Empty: the URL names none.
  bool read(Endpoint endpoint, const PaddedBuffer& body, RequestFacts& facts, BadRequest& why,
            std::string_view model_by_path = {});

 private:
  struct Parser;
  std::unique_ptr<Parser> parser_;
};

}  // namespace gateway
