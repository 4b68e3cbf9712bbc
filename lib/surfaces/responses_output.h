// The items of an answer in the shape of the Responses API, as JSON. For .cc files of this folder.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gateway::responses {

// Of a message.
struct Part {
  bool refusal = false;
  std::string text;
  std::string annotations;  // elements
  int annotation_count = 0;
};

struct Item {
  enum class Kind : std::uint8_t { reasoning, message, call };
  Kind kind = Kind::message;
  std::string id;
  std::vector<Part> parts;                      // of a message
  std::string text;                             // of reasoning; of a call its arguments
  std::string sealed;                           // of reasoning: encrypted_content
  std::string call_id, name, space, signature;  // `space`: the namespace of the tool that is called
  int call = -1;                                // its number within the choice
  bool custom = false;
  bool open = true;
  bool cut = false;  // with the answer: it was the last one
};

// `logprobs`: elements.
void append_part(std::string& out, const Part& part, std::string_view logprobs);
void append_summary(std::string& out, std::string_view text);
void append_item(std::string& out, const Item& item, std::string_view logprobs);
// An annotation of a chat completion: what OpenAI has in an object under its type stands beside the type here.
std::string flattened(std::string_view annotation);

}  // namespace gateway::responses
