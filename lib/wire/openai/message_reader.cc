#include "wire/openai/message_reader.h"

#include <array>
#include <optional>
#include <string_view>
#include <utility>

namespace gateway {
namespace {

using json::Kind;
using json::Text;
using json::Value;

enum class Part : std::uint8_t { text, image, audio, file, unknown };

// A member of an embedding's input object, by what it carries.
Part input_member_of(std::string_view name) noexcept {
  static constexpr std::array<std::pair<std::string_view, Part>, 12> kMembers{{
      {"text", Part::text},
      {"type", Part::text},
      {"title", Part::text},
      {"task", Part::text},
      {"task_type", Part::text},
      {"input_type", Part::text},
      {"instruction", Part::text},
      {"image", Part::image},
      {"image_url", Part::image},
      {"image_base64", Part::image},
      {"audio", Part::audio},
      {"input_audio", Part::audio},
  }};
  for (const auto& [known, part] : kMembers) {
    if (known == name) return part;
  }
  return Part::file;
}

// A member of a message beside its content: images are sent as parts of it are (OpenRouter, Ollama).
Part message_member_of(std::string_view name) noexcept {
  static constexpr std::array<std::pair<std::string_view, Part>, 13> kMembers{{
      {"content", Part::unknown},
      {"output", Part::unknown},  // of a call, where the conversation is a list of items
      {"images", Part::image},
      {"image", Part::image},
      {"image_url", Part::image},
      {"audio", Part::audio},
      {"input_audio", Part::audio},
      {"video", Part::file},
      {"videos", Part::file},
      {"video_url", Part::file},
      {"file", Part::file},
      {"files", Part::file},
      {"attachments", Part::file},
  }};
  for (const auto& [known, part] : kMembers) {
    if (known == name) return part;
  }
  return Part::text;
}

Part part_of(std::string_view type) noexcept {
  static constexpr std::array<std::pair<std::string_view, Part>, 17> kParts{{
      {"text", Part::text},
      {"image_url", Part::image},
      {"input_audio", Part::audio},
      {"file", Part::file},
      {"refusal", Part::text},
      {"thinking", Part::text},
      {"redacted_thinking", Part::text},
      {"reasoning", Part::text},
      {"input_text", Part::text},
      {"output_text", Part::text},
      {"input_image", Part::image},
      {"input_file", Part::file},
      {"image", Part::image},  // and what follows: Anthropic's blocks
      {"document", Part::file},
      {"tool_use", Part::text},
      {"tool_result", Part::text},
      {"server_tool_use", Part::text},
  }};
  for (const auto& [name, part] : kParts) {
    if (name == type) return part;
  }
  return Part::unknown;
}

class Messages {
 public:
  Messages(json::Walk& walk, std::string& scratch, MessageCounts& counts, BadRequest& why)
      : walk_(walk), scratch_(scratch), counts_(counts), why_(why) {}

  bool message(Value value) {
    ++counts_.messages;
    if (walk_.kind(value) != Kind::object) return walk_.skip(value);
    bool seen = false;
    return walk_.object(value, [&](const Text& key, Value member) {
      switch (message_member_of(json::unescaped(key, scratch_))) {
        case Part::unknown:
          return std::exchange(seen, true) ? twice("content") : content(member);
        case Part::text:
          return walk_.skip(member);
        case Part::image:
          return images(member);
        case Part::audio:
        case Part::file:
          counts_.refers |= carries_something(member);
          return walk_.skip(member);
      }
      return walk_.skip(member);
    });
  }

  bool input_object(Value value) {
    return walk_.object(value, [&](const Text& key, Value member) {
      const std::string_view name = json::unescaped(key, scratch_);
      if (name == "content") return content(member);
      const Part kind = input_member_of(name);
      if (kind == Part::text) return walk_.skip(member);
      if (kind == Part::file) return ++counts_.files, walk_.skip(member);
      ++(kind == Part::image ? counts_.images : counts_.audios);
      std::int64_t bytes = 0;
      const bool whole = media(member, kind == Part::image ? "url" : "data", bytes);
      walk_.text_bytes -= bytes;
      return whole;
    });
  }

 private:
  bool twice(const char* name) {
    why_ = {std::string("The field '") + name + "' of a message is given more than once.", "messages"};
    return false;
  }

  bool carries_something(Value value) {
    const Kind kind = walk_.kind(value);
    return kind != Kind::null && kind != Kind::boolean;
  }

  bool images(Value value) {
    if (walk_.kind(value) == Kind::array) return walk_.array(value, [this](Value each) { return image(each); });
    return image(value);
  }

  bool image(Value value) {
    if (!carries_something(value)) return walk_.skip(value);
    ++counts_.images;
    std::int64_t bytes = 0;
    const bool whole = image_data(value, bytes);
    walk_.text_bytes -= bytes;
    return whole;
  }

  // {"type": "image_url", "image_url": {"url": ...}}, {"url": ...}, or the data itself.
  bool image_data(Value value, std::int64_t& bytes) {
    if (walk_.kind(value) != Kind::object) return media(value, "url", bytes);
    return walk_.object(value, [&](const Text& key, Value member) {
      const std::string_view name = json::unescaped(key, scratch_);
      if (name == "image_url") return media(member, "url", bytes);
      return name == "url" && walk_.kind(member) == Kind::string ? data(member, bytes) : walk_.skip(member);
    });
  }

  bool content(Value value) {
    if (walk_.kind(value) == Kind::object) return part(value);
    if (walk_.kind(value) != Kind::array) return walk_.skip(value);
    return walk_.array(value, [this](Value element) {
      return walk_.kind(element) == Kind::object ? part(element) : walk_.skip(element);
    });
  }

  // What a part is may be written after its data: the data's size is set aside until the part ends.
  bool part(Value value) {
    std::optional<Part> type;
    std::int64_t image_bytes = 0, audio_bytes = 0, file_bytes = 0, source_bytes = 0;
    const bool whole = walk_.object(value, [&](const Text& key, Value member) {
      const std::string_view name = json::unescaped(key, scratch_);
      if (name == "image_url") return media(member, "url", image_bytes);
      if (name == "input_audio") return media(member, "data", audio_bytes);
      if (name == "file" || name == "file_data") return media(member, "file_data", file_bytes);
      if (name == "source") return media(member, "data", source_bytes);
      if (name == "content") return content(member);  // of a tool's result
      if (name != "type") return walk_.skip(member);
      if (type) return twice("type");
      type = Part::unknown;
      return walk_.kind(member) == Kind::string ? part_type(member, *type) : walk_.skip(member);
    });
    if (!whole) return false;
    switch (type.value_or(Part::unknown)) {
      case Part::text:
        break;
      case Part::image:
        ++counts_.images, walk_.text_bytes -= image_bytes + source_bytes;
        break;
      case Part::audio:
        ++counts_.audios, walk_.text_bytes -= audio_bytes;
        break;
      case Part::file:
        ++counts_.files, walk_.text_bytes -= file_bytes + source_bytes;
        break;
      case Part::unknown:
        ++counts_.files;
        break;
    }
    return true;
  }

  bool part_type(Value value, Part& type) {
    Text text;
    if (!walk_.string(value, text)) return false;
    type = part_of(json::unescaped(text, scratch_));
    return true;
  }

  bool media(Value value, std::string_view data_key, std::int64_t& bytes) {
    if (walk_.kind(value) == Kind::string) return data(value, bytes);
    if (walk_.kind(value) != Kind::object) return walk_.skip(value);
    return walk_.object(value, [&](const Text& key, Value member) {
      const bool is_data = json::unescaped(key, scratch_) == data_key && walk_.kind(member) == Kind::string;
      return is_data ? data(member, bytes) : walk_.skip(member);
    });
  }

  bool data(Value value, std::int64_t& bytes) {
    Text text;
    if (!walk_.string(value, text)) return false;
    bytes += text.size;
    return true;
  }

  json::Walk& walk_;
  std::string& scratch_;
  MessageCounts& counts_;
  BadRequest& why_;
};

}  // namespace

bool read_messages(json::Walk& walk, Value value, std::string& scratch, MessageCounts& counts, BadRequest& why) {
  Messages messages(walk, scratch, counts, why);
  return walk.array(value, [&](Value message) { return messages.message(message); });
}

bool read_media_input(json::Walk& walk, Value value, std::string& scratch, MessageCounts& counts, BadRequest& why) {
  return Messages(walk, scratch, counts, why).input_object(value);
}

}  // namespace gateway
