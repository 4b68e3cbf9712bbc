// What routing, limits and holds need of a request, whatever shape it has, and where it is located in the bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "base/request_options.h"

namespace gateway {

// Bytes [begin, end) of the body.
struct ByteRange {
  std::size_t begin = 0;
  std::size_t end = 0;
  bool empty() const noexcept { return begin == end; }
};

// What operations are billed by beside tokens.
struct RequestUnits {
  std::int64_t images = 0;      // that are to be made
  std::int64_t audio_ms = 0;    // that are to be heard
  std::int64_t characters = 0;  // that are to be spoken
  std::int64_t searches = 0;    // of a rerank
};

struct RequestFacts {
  std::string model;  // unescaped; capacity is reused from request to request
  // The string with its quotes, of a form the text alone; empty: absent, which only a model by path allows.
  ByteRange model_value;
  bool model_by_path = false;  // the URL or a default named the model; what the body says of it does not count
  bool stream = false;
  bool include_usage = false;      // stream_options.include_usage is true
  ByteRange stream_options_value;  // the whole value; empty: absent (null counts as a value)
  ByteRange include_usage_value;   // of the member in it; empty: absent
  bool stream_options_is_object = false;
  bool stream_options_object_empty = false;
  std::optional<std::int64_t> max_tokens, max_completion_tokens;
  ByteRange max_tokens_value, max_completion_tokens_value;  // empty: absent; null is a value without a number
  std::int64_t n = 1;                                       // answers: of completions for all prompts together
  std::size_t object_begin = 0;  // just behind the root's '{', or before a form's first part: where more may be added
  bool object_empty = false;

  // The most input tokens this body can be: each token is at least one byte of text after JSON unescaping. Counts every
  // string (keys too), number and literal of the body, but not media that are given inline or by URL; token arrays
  // count one each. On top come 16 for each message, which chat templates put around it, and 512 where there are tools.
  std::int64_t input_bound = 0;
  // What it probably is: a quarter of the text's bytes, rounded up; token arrays count one each.
  std::int64_t input_estimate = 0;
  RequestUnits units_bound;     // the most of each that this request can come to
  RequestUnits units_estimate;  // what it probably comes to
  ByteRange models_member;      // of options.models, with a comma: what is left without it is an object; empty: absent
  // Texts are neighbours: few lines of the cache then have all that is to be freed.
  std::string boundary;     // of a body that is a form; empty: it is JSON
  std::string repeated;     // members that the answer repeats, as JSON, each behind a comma
  std::string needs_state;  // the member that refers to what its provider alone keeps; empty: none does
  RequestOptions options;
  bool wants_base64 = false;  // embeddings as base64, not as lists of numbers
  bool is_mixed = false;      // has parts that another provider signed, so that it goes to none as it is
  std::int64_t images = 0;    // image_url parts
  std::int64_t audios = 0;    // input_audio parts
  std::int64_t files = 0;     // file parts and any other part type that carries data of unknown size
};

// Why a body is refused with 400.
struct BadRequest {
  std::string message;
  std::string param;  // empty: null
};

}  // namespace gateway
