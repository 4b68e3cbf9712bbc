#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "surfaces/body_walk.h"
#include "surfaces/insforge.h"
#include "wire/json/members.h"
#include "wire/json/text.h"

namespace gateway {
namespace {

using JsonKind = json::Kind;
using Value = json::Value;

constexpr std::size_t kMaxPictures = 1000;  // of a body

// InsForge's name for a member that OpenAI has too.
constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kNames{{
    {"topP", "top_p"},
    {"maxTokens", "max_tokens"},
    {"toolChoice", "tool_choice"},
    {"parallelToolCalls", "parallel_tool_calls"},
    {"responseFormat", "response_format"},
}};

std::string_view openai_name(std::string_view name) noexcept {
  for (const auto& [theirs, ours] : kNames) {
    if (name == theirs) return ours;
  }
  return name;
}

void put(std::string& out, std::string_view name, std::string_view json) {
  json::append_comma(out);
  append_json_string(out, name);
  out.append(":").append(json);
}

// An element of a list; `list` is what stands between its brackets.
void add(std::string& list, std::string_view element) {
  if (!list.empty()) list += ',';
  list += element;
}

// What stands between the brackets of a list.
std::string_view trimmed_elements(std::string_view list) {
  list = list.substr(1, list.size() - 2);
  const std::size_t first = list.find_first_not_of(" \t\r\n");
  return first == list.npos ? std::string_view() : list.substr(first);
}

// What all of these bodies have: a walk over the root, and a body that is written anew.
class Rewriting {
 public:
  Rewriting() : walk_(parser_, kMaxBodyDepth, texts_) {}

  template <class Member>
  bool read(const PaddedBuffer& body, Member&& member, BadRequest& why) {
    if (walk_.root(body, member)) return true;
    why = {walk_.error().detail, {}};
    return false;
  }

 protected:
  bool pass_on(std::string_view name, Value value) {
    std::string_view json;
    if (!walk_.raw(value, json)) return false;
    put(out_, openai_name(name), json);
    return true;
  }

  // The elements of `[{url}]`, each as a part of a message.
  bool pictures(Value value, std::string& parts) {
    if (walk_.kind(value) != JsonKind::array) return walk_.skip(value);
    return walk_.array(value, [&](Value each) {
      if (walk_.kind(each) != JsonKind::object) return walk_.skip(each);
      std::string_view url;
      const bool whole = walk_.object(each, [&](std::string_view name, Value part) {
        if (name != "url") return walk_.skip(part);
        if (walk_.kind(part) != JsonKind::string) return walk_.refuse("images[].url", "expected a string");
        return walk_.raw(part, url);
      });
      if (!whole || url.empty()) return whole;
      if (++pictures_ > kMaxPictures) return walk_.refuse("images", "expected at most " + std::to_string(kMaxPictures));
      add(parts, R"({"type":"image_url","image_url":{"url":)");
      parts.append(url).append("}}");
      return true;
    });
  }

  static std::string text_part(std::string_view json) { return R"({"type":"text","text":)" + std::string(json) + "}"; }

  simdjson::ondemand::parser parser_;
  chat::Texts texts_;
  BodyWalk walk_;
  std::string out_ = "{";
  std::size_t pictures_ = 0;
};

class ChatRewriting final : public Rewriting {
 public:
  bool member(std::string_view name, Value value) {
    if (walk_.kind(value) == JsonKind::null) return walk_.skip(value);
    if (name == "messages" && walk_.kind(value) == JsonKind::array) {
      has_messages_ = true;
      return walk_.array(value, [&](Value each) { return message(each); });
    }
    if (name == "systemPrompt") return walk_.raw(value, system_prompt_);
    if (name == "webSearch") return web_search(value);
    if (name == "fileParser") return file_parser(value);
    if (name == "thinking") return thinking(value);
    if (name == "n") return one_choice(value);
    return pass_on(name, value);
  }

  std::string finish() {
    if (has_messages_) {
      if (!system_prompt_.empty()) {
        std::string all = R"({"role":"system","content":)" + std::string(system_prompt_) + "}";
        if (!messages_.empty()) add(all, messages_);
        messages_ = std::move(all);
      }
      put(out_, "messages", "[" + messages_ + "]");
    }
    if (!plugins_.empty()) put(out_, "plugins", "[" + plugins_ + "]");
    out_ += '}';
    return std::move(out_);
  }

 private:
  // Goes on as it is, but for pictures beside its content (an older form) and results of tools that are no text.
  bool message(Value value) {
    std::string_view json, content;
    if (walk_.kind(value) != JsonKind::object) {
      if (!walk_.raw(value, json)) return false;
      return add(messages_, json), true;
    }
    std::string rest = "{", parts;
    std::string_view role;
    JsonKind content_kind = JsonKind::null;
    const bool whole = walk_.object(value, json, [&](std::string_view name, Value part) {
      if (name == "images") return pictures(part, parts);
      if (name == "content") return content_kind = walk_.kind(part), walk_.raw(part, content);
      std::string_view member;
      if (!walk_.raw(part, member)) return false;
      if (name == "role") role = member;
      return put(rest, name, member), true;
    });
    if (!whole) return false;
    const bool is_result = role == "\"tool\"" && content_kind != JsonKind::string && content_kind != JsonKind::null;
    if (parts.empty() && !is_result) return add(messages_, json), true;
    if (is_result) {
      std::string text;
      append_json_string(text, content);
      put(rest, "content", text);
    } else {
      std::string list;
      if (content_kind == JsonKind::string) list = text_part(content);
      if (content_kind == JsonKind::array) list = trimmed_elements(content);
      add(list, parts);
      put(rest, "content", "[" + list + "]");
    }
    return add(messages_, rest + "}"), true;
  }

  // `enabled` decides; the plugin has the other members under OpenRouter's names.
  bool web_search(Value value) {
    std::string plugin = R"({"id":"web")";
    return plugin_of(value, plugin, [&](std::string_view name, std::string_view json) {
      if (name == "engine") put(plugin, "engine", json);
      if (name == "maxResults") put(plugin, "max_results", json);
      if (name == "searchPrompt") put(plugin, "search_prompt", json);
    });
  }
  bool file_parser(Value value) {
    std::string plugin = R"({"id":"file-parser")";
    return plugin_of(value, plugin, [&](std::string_view name, std::string_view json) {
      if (name == "pdf") put(plugin, "pdf", json);
    });
  }

  template <class Note>
  bool plugin_of(Value value, std::string& plugin, Note&& note) {
    if (walk_.kind(value) != JsonKind::object) return walk_.skip(value);
    bool enabled = false;
    const bool whole = walk_.object(value, [&](std::string_view name, Value part) {
      std::string_view json;
      if (!walk_.raw(part, json)) return false;
      if (name == "enabled") enabled = json == "true";
      if (json != "null") note(name, json);
      return true;
    });
    if (whole && enabled) add(plugins_, plugin + "}");
    return whole;
  }

  // InsForge's answers have one.
  bool one_choice(Value value) {
    std::string_view json;
    if (!walk_.raw(value, json)) return false;
    return json == "1" || walk_.refuse("n", "expected 1");
  }

  bool thinking(Value value) {
    std::optional<bool> wanted;
    if (!walk_.boolean(value, wanted)) return false;
    if (wanted.value_or(false)) put(out_, "reasoning_effort", R"("medium")");
    return true;
  }

  std::string_view system_prompt_;
  std::string messages_, plugins_;  // elements
  bool has_messages_ = false;
};

class ImagesRewriting final : public Rewriting {
 public:
  bool member(std::string_view name, Value value) {
    if (walk_.kind(value) == JsonKind::null || name == "stream" || name == "modalities") return walk_.skip(value);
    if (name == "prompt") return is_text_ = walk_.kind(value) == JsonKind::string, walk_.raw(value, prompt_);
    if (name == "images") return pictures(value, parts_);
    return pass_on(name, value);
  }
  bool finish(BadRequest& why) {
    if (!is_text_) {
      why = {"prompt: a text is required", "prompt"};
      return false;
    }
    std::string content(prompt_);
    if (!parts_.empty()) {
      content = "[" + text_part(prompt_);
      content.append(",").append(parts_).append("]");
    }
    put(out_, "messages", R"([{"role":"user","content":)" + content + "}]");
    put(out_, "modalities", R"(["text","image"])");
    out_ += '}';
    return true;
  }
  std::string body() { return std::move(out_); }

 private:
  std::string_view prompt_;
  std::string parts_;
  bool is_text_ = false;
};

void replace(PaddedBuffer& body, std::string_view text) {
  body.clear();
  body.append(text);
}

}  // namespace

bool rewrite_insforge_chat(PaddedBuffer& body, BadRequest& why) {
  ChatRewriting rewriting;
  const auto member = [&](std::string_view name, Value value) { return rewriting.member(name, value); };
  if (!rewriting.read(body, member, why)) return false;
  replace(body, rewriting.finish());
  return true;
}

bool rewrite_insforge_images(PaddedBuffer& body, BadRequest& why) {
  ImagesRewriting rewriting;
  const auto member = [&](std::string_view name, Value value) { return rewriting.member(name, value); };
  if (!rewriting.read(body, member, why) || !rewriting.finish(why)) return false;
  replace(body, rewriting.body());
  return true;
}

}  // namespace gateway
