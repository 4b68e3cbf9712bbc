// What the simulated provider reads of a request.
#include <simdjson.h>

#include "base/buffer.h"
#include "simulated/answer.h"
#include "simulated/schema.h"
#include "wire/openai/form_reader.h"

namespace gateway {
namespace {

namespace dom = simdjson::dom;

constexpr std::size_t kMaxInputs = 16'384;

std::int64_t tokens_in(std::size_t bytes) noexcept { return static_cast<std::int64_t>((bytes + 3) / 4); }

// The text of a message's content: a string, or the text parts of a list.
void append_text(std::string& out, dom::element content) {
  if (std::string_view text; content.get(text) == simdjson::SUCCESS) {
    out += text;
    return;
  }
  dom::array parts;
  if (content.get(parts) != simdjson::SUCCESS) return;
  for (const dom::element part : parts) {
    if (std::string_view text; part["text"].get(text) == simdjson::SUCCESS) out += text;
  }
}

// True: the last message is a tool's result.
bool read_messages(dom::element root, SimulatedRequest& request) {
  dom::array messages;
  if (root["messages"].get(messages) != simdjson::SUCCESS) return false;
  std::size_t bytes = 0;
  std::string_view role;
  for (const dom::element message : messages) {
    if (message["role"].get(role) != simdjson::SUCCESS) role = {};
    dom::element content;
    if (message["content"].get(content) != simdjson::SUCCESS) continue;
    std::string text;
    append_text(text, content);
    bytes += text.size();
    if (role == "user" || role == "tool") request.last_text = std::move(text);
  }
  request.call_id = "call_simulated_" + std::to_string(messages.size());
  request.prompt_tokens = tokens_in(bytes);
  return role == "tool";
}

bool add_input(SimulatedRequest& request, std::string text, std::int64_t tokens) {
  if (request.inputs.size() == kMaxInputs) return false;
  request.inputs.push_back(std::move(text));
  request.prompt_tokens += tokens;
  return true;
}

// Token arrays and objects count as their JSON text.
bool add_input(SimulatedRequest& request, dom::element each) {
  if (std::string_view text; each.get(text) == simdjson::SUCCESS) {
    return add_input(request, std::string(text), tokens_in(text.size()));
  }
  std::string json = simdjson::minify(each);
  dom::array tokens;
  const bool is_tokens = each.get(tokens) == simdjson::SUCCESS;
  const std::int64_t count = is_tokens ? static_cast<std::int64_t>(tokens.size()) : tokens_in(json.size());
  return add_input(request, std::move(json), count);
}

bool read_inputs(dom::element root, SimulatedRequest& request) {
  dom::element input;
  if (root["input"].get(input) != simdjson::SUCCESS) {
    read_messages(root, request);
    return add_input(request, request.last_text, 0);
  }
  dom::array list;
  if (input.get(list) != simdjson::SUCCESS || (list.size() > 0 && list.at(0).is_int64())) {
    return add_input(request, input);
  }
  for (const dom::element each : list) {
    if (!add_input(request, each)) return false;
  }
  return true;
}

std::string_view name_of(dom::element tool) {
  std::string_view name;
  return tool["function"]["name"].get(name) == simdjson::SUCCESS ? name : std::string_view{};
}

// The first tool, or the one that tool_choice names. After a tool's result the answer is text, unless a call is
// demanded.
void read_tools(dom::element root, bool after_result, SimulatedRequest& request) {
  dom::array tools;
  if (root["tools"].get(tools) != simdjson::SUCCESS || tools.size() == 0) return;
  dom::element choice;
  std::string_view word, wanted;
  if (root["tool_choice"].get(choice) == simdjson::SUCCESS && choice.get(word) != simdjson::SUCCESS) {
    word = {};
    wanted = name_of(choice);
  }
  if (word == "none" || (after_result && word != "required" && wanted.empty())) return;
  for (const dom::element tool : tools) {
    const std::string_view name = name_of(tool);
    if (name.empty() || (!wanted.empty() && name != wanted)) continue;
    request.tool = name;
    dom::element schema;
    if (tool["function"]["parameters"].get(schema) == simdjson::SUCCESS && schema.is_object()) {
      append_schema_instance(request.given, schema);
    } else {
      request.given = "{}";
    }
    return;
  }
}

void read_response_format(dom::element root, SimulatedRequest& request) {
  std::string_view type;
  if (!request.tool.empty() || root["response_format"]["type"].get(type) != simdjson::SUCCESS) return;
  dom::element schema;
  if (type == "json_object") {
    request.given = R"({"answer":"lorem ipsum"})";
  } else if (type == "json_schema" &&
             root["response_format"]["json_schema"]["schema"].get(schema) == simdjson::SUCCESS) {
    append_schema_instance(request.given, schema);
  }
}

bool read_embeddings(dom::element root, SimulatedRequest& request, BadRequest& why) {
  if (!read_inputs(root, request)) {
    why = {"the simulated provider takes at most 16384 inputs", "input"};
    return false;
  }
  std::string_view format;
  request.base64 = root["encoding_format"].get(format) == simdjson::SUCCESS && format == "base64";
  std::int64_t dimensions = 0;
  if (root["dimensions"].get(dimensions) != simdjson::SUCCESS) return true;
  if (dimensions < 1 || dimensions > 8192) {
    why = {"dimensions must be 1 to 8192", "dimensions"};
    return false;
  }
  request.dimensions = static_cast<int>(dimensions);
  return true;
}

void read_list(dom::element list, SimulatedRequest& request) {
  dom::array elements;
  if (list.get(elements) != simdjson::SUCCESS) return;
  for (const dom::element each : elements) add_input(request, each);
}

void read_text(dom::element root, std::string_view name, SimulatedRequest& request) {
  std::string_view text;
  if (root[name].get(text) != simdjson::SUCCESS) return;
  request.last_text = text;
  request.prompt_tokens += tokens_in(text.size());
}

// True: the operation is one of those that are read here.
bool read_other(Operation operation, dom::element root, SimulatedRequest& request) {
  dom::element list;
  switch (operation) {
    case Operation::images:
      return read_text(root, "prompt", request), true;
    case Operation::speech:
      return read_text(root, "input", request), true;
    case Operation::completions:
      if (dom::element prompt; root["prompt"].get(prompt) == simdjson::SUCCESS) {
        dom::array prompts;
        const bool is_one =
            prompt.get(prompts) != simdjson::SUCCESS || (prompts.size() > 0 && prompts.at(0).is_int64());
        is_one ? void(add_input(request, prompt)) : read_list(prompt, request);
      }
      return true;
    case Operation::rerank: {
      std::int64_t top = 0;
      bool with_documents = false;
      read_text(root, "query", request);
      if (root["documents"].get(list) == simdjson::SUCCESS) read_list(list, request);
      if (root["top_n"].get(top) == simdjson::SUCCESS && top > 0) request.top_n = static_cast<std::size_t>(top);
      if (root["return_documents"].get(with_documents) == simdjson::SUCCESS) request.with_documents = with_documents;
      return true;
    }
    default:
      return false;
  }
}

}  // namespace

bool read_simulated_form(Operation operation, std::string_view content_type, std::string_view body,
                         SimulatedRequest& request, BadRequest& why) {
  PaddedBuffer buffer;
  buffer.append(body);
  RequestFacts facts;
  Form form;
  if (!read_form_request(operation, content_type, buffer, {}, facts, why)) return false;
  if (!read_form(content_type, body, form, why)) return false;
  request.model = facts.model;
  request.stream = facts.stream;
  request.choices = facts.n;
  request.audio_ms = facts.units_estimate.audio_ms;
  for (const FormField& field : form.fields) {
    const std::string_view value = body.substr(field.value.begin, field.value.end - field.value.begin);
    if (field.name == "prompt") request.last_text = value;
    if (field.name == "response_format") request.format = value;
  }
  return true;
}

bool read_simulated_request(Operation operation, std::string_view body, SimulatedRequest& request, BadRequest& why) {
  PaddedBuffer buffer;
  buffer.append(body);
  RequestReader reader;
  RequestFacts facts;
  if (!reader.read(operation, buffer, facts, why)) return false;
  request.model = facts.model;
  request.stream = facts.stream;
  request.include_usage = facts.include_usage;
  request.choices = facts.n;
  request.max_tokens = facts.max_completion_tokens ? facts.max_completion_tokens : facts.max_tokens;

  dom::parser parser;
  dom::element root;
  // What the DOM refuses of what the reader passed: numbers that fit no machine word.
  if (parser.parse(body.data(), body.size()).get(root) != simdjson::SUCCESS) return true;
  if (operation == Operation::embeddings || operation == Operation::moderations) {
    return read_embeddings(root, request, why);
  }
  if (read_other(operation, root, request)) return true;
  const bool after_result = read_messages(root, request);
  read_tools(root, after_result, request);
  read_response_format(root, request);
  return true;
}

}  // namespace gateway
