#include "providers/gemini_embeddings.h"

#include <simdjson.h>

#include <bit>
#include <cstdint>
#include <utility>

#include "providers/gemini_error.h"
#include "providers/judgement.h"
#include "wire/json/members.h"

namespace gateway {
namespace {

using json::append_comma;
using json::append_json;
using json::append_number;
using json::append_text;
using simdjson::dom::array;
using simdjson::dom::element;
using simdjson::dom::object;

std::string base64_of(const std::string& bytes) {
  static constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    std::uint32_t group = 0;
    for (std::size_t i = 0; i < 3; ++i) {
      group = group << 8 | (at + i < bytes.size() ? static_cast<unsigned char>(bytes[at + i]) : 0u);
    }
    for (std::size_t i = 0; i < 4; ++i) out += at + i > bytes.size() ? '=' : kDigits[group >> (18 - 6 * i) & 63];
  }
  return out;
}

// Floats of 32 bits, the lowest byte first.
std::string floats_of(const array& values) {
  std::string bytes;
  bytes.reserve(values.size() * 4);
  for (const element each : values) {
    double number = 0;
    if (each.get(number) != simdjson::SUCCESS) number = 0;
    const auto bits = std::bit_cast<std::uint32_t>(static_cast<float>(number));
    for (int shift = 0; shift < 32; shift += 8) bytes += static_cast<char>(bits >> shift & 255);
  }
  return bytes;
}

void append_embedding(std::string& out, std::int64_t index, const array& values, bool base64) {
  append_comma(out);
  out += '{';
  append_text(out, "object", "embedding");
  append_number(out, "index", index);
  if (base64) {
    append_text(out, "embedding", base64_of(floats_of(values)));
  } else {
    append_json(out, "embedding", simdjson::minify(values));
  }
  out += '}';
}

}  // namespace

void append_gemini_embeddings_body(std::string& out, const chat::Embedding& wanted, std::string_view model,
                                   GeminiEmbeddings form) {
  const bool is_batch = form == GeminiEmbeddings::batch;
  out += '{';
  append_json(out, is_batch ? "requests" : "instances", "[");
  for (const std::string_view text : wanted.texts) {
    append_comma(out);
    out += '{';
    if (is_batch) {
      append_text(out, "model", model);
      append_json(out, "content", R"({"parts":[{)");
      append_text(out, "text", text);
      out += "}]}";
      if (!wanted.dimensions.empty()) append_json(out, "outputDimensionality", wanted.dimensions);
    } else {
      append_text(out, "content", text);
    }
    out += '}';
  }
  out += ']';
  if (!is_batch && !wanted.dimensions.empty()) {
    append_json(out, "parameters", "{");
    append_json(out, "outputDimensionality", wanted.dimensions);
    out += '}';
  }
  out += '}';
}

EmbeddingsRead write_openai_embeddings(std::string_view json, std::string_view model, bool base64,
                                       std::int64_t estimate, std::string& out) {
  EmbeddingsRead read;
  simdjson::dom::parser parser;
  object root;
  array list;
  if (parser.parse(json.data(), json.size()).get(root) != simdjson::SUCCESS) return read;
  const bool is_batch = root["embeddings"].get(list) == simdjson::SUCCESS;
  if (!is_batch && root["predictions"].get(list) != simdjson::SUCCESS) return read;
  read.is_one = true;
  out += '{';
  append_text(out, "object", "list");
  append_json(out, "data", "[");
  std::int64_t index = 0, tokens = 0;
  for (const element each : list) {
    element embedding = each;
    array values;
    if (!is_batch && each["embeddings"].get(embedding) != simdjson::SUCCESS) continue;
    if (embedding["values"].get(values) != simdjson::SUCCESS) continue;
    append_embedding(out, index++, values, base64);
    double count = 0;
    if (embedding["statistics"]["token_count"].get(count) == simdjson::SUCCESS && count > 0 && count < 1e9) {
      tokens += static_cast<std::int64_t>(count);
    }
  }
  std::int64_t prompt = 0;
  if (root["usageMetadata"]["promptTokenCount"].get(prompt) == simdjson::SUCCESS && prompt > 0) tokens = prompt;
  if (tokens > 0) read.counted = tokens;
  out += ']';
  append_text(out, "model", model);
  append_json(out, "usage", "{");
  append_number(out, "prompt_tokens", read.counted.value_or(estimate));
  append_number(out, "total_tokens", read.counted.value_or(estimate));
  out += "}}";
  return read;
}

AnswerStream::Step GeminiEmbeddingsAnswer::push(std::string_view bytes, AnswerSink&) {
  if (document_->size() + bytes.size() > context_.max_answer) {
    return fail({.ending = Observed::Ending::cut_off, .final = true, .why = "the answer is larger than may be"});
  }
  document_->append(bytes);
  return Step::more;
}

AnswerStream::Step GeminiEmbeddingsAnswer::finish(const Result<void>& how, AnswerSink&) {
  if (!how) {
    const AttemptFailure::Kind kind = failure_kind(how.error().code);
    return fail({.kind = kind, .ending = ending_of(kind), .why = how.error().detail});
  }
  if (status_ != 200) return fail(gemini_fault(context_.tools, context_.operation, status_, document_->view(), false));
  std::string written;
  const RequestFacts& request = context_.request;
  const EmbeddingsRead read =
      write_openai_embeddings(document_->view(), request.model, request.wants_base64, request.input_estimate, written);
  if (!read.is_one) return fail({.why = "status 200 without embeddings"});
  if (read.counted) {
    Usage usage;
    usage.input = *read.counted;
    report_.figures.usage = usage;
  }
  document_->clear();
  document_->append(written);
  return Step::ended;
}

AnswerStream::Step GeminiEmbeddingsAnswer::fail(AnswerFault fault) {
  fault_ = std::move(fault);
  return Step::failed;
}

}  // namespace gateway
