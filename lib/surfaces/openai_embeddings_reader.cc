#include <string>
#include <string_view>

#include "surfaces/body_walk.h"
#include "surfaces/openai.h"

namespace gateway {
namespace {

bool read_input(BodyWalk& walk, json::Value value, chat::Embedding& out) {
  if (walk.kind(value) == json::Kind::string) return walk.text(value, out.texts.emplace_back());
  if (walk.kind(value) != json::Kind::array) return walk.refuse("input", "it is neither text nor a list");
  return walk.array(value, [&](json::Value each) {
    if (walk.kind(each) == json::Kind::string) return walk.text(each, out.texts.emplace_back());
    return walk.refuse("input", "token arrays are of their provider's model alone");
  });
}

}  // namespace

// How the numbers are written is the answer's affair; whose they are, nobody's.
Result<void> read_openai_embeddings(const PaddedBuffer& body, ChatRequest& out) {
  simdjson::ondemand::parser parser;
  BodyWalk walk(parser, kMaxBodyDepth, out.texts);
  const auto member = [&](std::string_view name, json::Value value) {
    if (walk.kind(value) == json::Kind::null || name == "encoding_format" || name == "user") return walk.skip(value);
    if (name == "model") return walk.text(value, out.model);
    if (name == "input") return read_input(walk, value, out.embedding);
    if (name == "dimensions") return walk.number(value, out.embedding.dimensions);
    return walk.refuse(std::string(name));
  };
  if (walk.root(body, member)) return {};
  return walk.error();
}

}  // namespace gateway
