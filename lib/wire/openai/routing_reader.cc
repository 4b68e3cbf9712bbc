#include "wire/openai/routing_reader.h"

#include <algorithm>
#include <string_view>

#include "wire/json/walk.h"

namespace gateway {
namespace {

using json::Text;
using json::Value;

constexpr int kMostLevels = 64;
constexpr std::size_t kPrefix = 1024;

class RoutingReading {
 public:
  explicit RoutingReading(const PaddedBuffer& body) : body_(body), walk_(parser_, kMostLevels) {}

  RoutingMembers run() {
    walk_.root(body_, [this](const Text& key, Value value) {
      const std::string name(json::unescaped(key, scratch_));
      if (name == "user") return walk_.text_into(value, user_);
      if (name == "session_id") return walk_.text_into(value, session_);
      if (name == "prompt_cache_key") return walk_.text_into(value, cache_key_);
      if (name == "metadata") return metadata(value);
      if (name == "tools" || name == "functions")
        return out_.tools = walk_.kind(value) == json::Kind::array, walk_.skip(value);
      if (name == "response_format") return format(value);
      if (name == "output_format") return out_.json_schema = true, walk_.skip(value);
      if (name == "messages" || name == "input") return conversation(value);
      return walk_.skip(value);
    });
    out_.user = user_.empty() ? user_id_ : user_;
    out_.session = session_.empty() ? cache_key_ : session_;
    return std::move(out_);
  }

 private:
  bool metadata(Value value) {
    if (walk_.kind(value) != json::Kind::object) return walk_.skip(value);
    return walk_.object(value, [this](const Text& key, Value member) {
      std::string name(json::unescaped(key, scratch_)), text;
      const json::Kind kind = walk_.kind(member);
      if (name == "tags" && kind == json::Kind::array) return tags(member);
      if (kind == json::Kind::boolean) {
        bool is_true = false;
        if (!walk_.boolean(member, is_true)) return false;
        text = is_true ? "true" : "false";
      } else if (!walk_.decimal_into(member, text)) {
        return false;
      }
      if (name == "user_id") user_id_ = text;
      if (name == "tags") append_tags(text, out_.tags);
      if (!text.empty()) out_.metadata.emplace_back(std::move(name), std::move(text));
      return true;
    });
  }

  bool tags(Value value) {
    return walk_.array(value, [this](Value each) {
      std::string tag;
      if (!walk_.text_into(each, tag)) return false;
      if (!tag.empty()) out_.tags.push_back(std::move(tag));
      return true;
    });
  }

  bool format(Value value) {
    if (walk_.kind(value) != json::Kind::object) return walk_.skip(value);
    return walk_.object(value, [this](const Text& key, Value member) {
      if (json::unescaped(key, scratch_) != "type") return walk_.skip(member);
      std::string type;
      if (!walk_.text_into(member, type)) return false;
      out_.json_schema = type == "json_schema";
      return true;
    });
  }

  bool conversation(Value value) {
    const std::string_view body = body_.view();
    const auto begin = static_cast<std::size_t>(walk_.begin(value) - body.data());
    if (!walk_.skip(value)) return false;
    out_.prefix = body.substr(begin, kPrefix);
    return true;
  }

  const PaddedBuffer& body_;
  simdjson::ondemand::parser parser_;
  json::Walk walk_;
  std::string scratch_, user_, user_id_, session_, cache_key_;
  RoutingMembers out_;
};

}  // namespace

void append_tags(std::string_view text, std::vector<std::string>& tags) {
  while (!text.empty()) {
    std::string_view tag = text.substr(0, text.find(','));
    text.remove_prefix(std::min(text.size(), tag.size() + 1));
    while (tag.starts_with(' ')) tag.remove_prefix(1);
    while (tag.ends_with(' ')) tag.remove_suffix(1);
    if (!tag.empty()) tags.emplace_back(tag);
  }
}

RoutingMembers read_routing_members(const PaddedBuffer& body) { return RoutingReading(body).run(); }

}  // namespace gateway
