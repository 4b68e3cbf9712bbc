#include <algorithm>
#include <map>
#include <span>
#include <utility>
#include <vector>

#include "providers/gemini_parts.h"
#include "providers/split_turns.h"
#include "wire/gemini/response_reader.h"
#include "wire/json/members.h"
#include "wire/json/repair.h"

namespace gateway::gemini {
namespace {

using chat::Block;
using json::append_comma;
using json::append_json;
using json::append_text;

// What Google has in place of a signature, for calls that another model made or whose client has lost it.
constexpr std::string_view kNoSignature = "skip_thought_signature_validator";

template <class Kind>
const Kind* as(const Block& block) noexcept {
  return std::get_if<Kind>(&block.value);
}

// What an image or file is, by how its URL ends: this API wants to be told.
std::string_view type_by_name(std::string_view url) noexcept {
  static constexpr std::pair<std::string_view, std::string_view> kTypes[] = {
      {".png", "image/png"}, {".jpg", "image/jpeg"},  {".jpeg", "image/jpeg"},     {".webp", "image/webp"},
      {".gif", "image/gif"}, {".heic", "image/heic"}, {".pdf", "application/pdf"},
  };
  const std::string_view path = url.substr(0, url.find_first_of("?#"));
  for (const auto& [ending, type] : kTypes) {
    if (path.ends_with(ending)) return type;
  }
  return {};
}

// Addresses that the Gemini API itself reads from.
bool is_known_address(std::string_view url) noexcept {
  static constexpr std::string_view kAddresses[] = {"https://generativelanguage.googleapis.com/", "gs://",
                                                    "https://www.youtube.com/", "https://youtu.be/"};
  return std::any_of(std::begin(kAddresses), std::end(kAddresses),
                     [&](std::string_view each) { return url.starts_with(each); });
}

class ContentWriting {
 public:
  ContentWriting(std::string& out, const ChatRequest& chat, const GeminiBodyOptions& options, Dropped& dropped)
      : out_(out), chat_(chat), options_(options), dropped_(dropped) {}

  Result<void> write() {
    chat::Turn only{};
    const auto [instructions, turns] = split_turns(chat_, false, only);
    system(instructions);
    append_json(out_, "contents", "[");
    for (auto at = turns.begin(); at != turns.end() && refused_.empty();) {
      const auto other_role = [&](const chat::Turn* turn) { return turn->role != (*at)->role; };
      const auto end = std::find_if(at, turns.end(), other_role);
      content({at, end});
      at = end;
    }
    out_ += ']';
    if (!refused_.empty()) return Error{ErrorCode::unsupported, "messages: " + refused_ + " has no place in them"};
    return {};
  }

 private:
  void system(const std::vector<const Block*>& instructions) {
    const std::size_t before = out_.size();
    append_json(out_, "systemInstruction", R"({"parts":[)");
    const std::size_t opened = out_.size();
    for (const Block* block : instructions) write_block(*block);
    if (out_.size() == opened) return out_.resize(before);
    out_ += "]}";
  }

  // Turns of one role. Results come first, in the order of their calls.
  void content(std::span<const chat::Turn* const> turns) {
    const std::size_t before = out_.size();
    const bool is_model = turns[0]->role == chat::Role::assistant;
    append_comma(out_);
    out_ += '{';
    append_text(out_, "role", is_model ? "model" : "user");
    append_json(out_, "parts", "[");
    const std::size_t opened = out_.size();
    if (is_model) {
      calls_.clear();
      by_id_.clear();
      by_name_.clear();
      lacks_signature_ = options_.abilities.wants_signatures;
      pending_ = {};
    } else {
      results(turns);
    }
    for (const chat::Turn* turn : turns) {
      if (!turn->name.empty()) dropped_.add("messages[].name");
      for (const Block& block : turn->blocks) {
        if (as<chat::ToolResult>(block) == nullptr) write_block(block);
      }
    }
    end_pending();
    if (out_.size() == opened) return out_.resize(before);
    out_ += "]}";
  }

  // --- calls and their results ---

  struct Call {
    std::string_view id, name;
    bool answered = false;
  };
  struct Alike {
    std::vector<std::size_t> places;  // among the calls
    std::size_t next = 0;             // all before have been answered
  };

  void results(std::span<const chat::Turn* const> turns) {
    std::vector<std::pair<std::size_t, const chat::ToolResult*>> found;
    for (const chat::Turn* turn : turns) {
      for (const Block& block : turn->blocks) {
        if (const auto* result = as<chat::ToolResult>(block)) found.emplace_back(place_of(*result), result);
      }
    }
    std::stable_sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    for (const auto& [place, result] : found) {
      write_result(*result, place < calls_.size() ? calls_[place].name : result->name);
    }
    for (const auto& [place, result] : found) {
      for (const Block& part : result->blocks) {
        if (as<chat::Text>(part) == nullptr) write_block(part);
      }
    }
  }

  // Of the call that it is the result of, among those of the turn before; their number if it is none of them.
  std::size_t place_of(const chat::ToolResult& result) noexcept {
    auto& index = result.call_id.empty() ? by_name_ : by_id_;
    const auto found = index.find(result.call_id.empty() ? result.name : result.call_id);
    if (found == index.end()) return calls_.size();
    auto& [places, next] = found->second;
    while (next < places.size() && calls_[places[next]].answered) ++next;
    if (next == places.size()) return calls_.size();
    calls_[places[next]].answered = true;
    return places[next];
  }

  void write_result(const chat::ToolResult& result, std::string_view name) {
    if (name.empty()) refused_ = "the result of a tool that was not called";
    std::string text;
    for (const Block& part : result.blocks) {
      if (const auto* said = as<chat::Text>(part)) text += said->text;
    }
    append_comma(out_);
    out_ += R"({"functionResponse":{)";
    append_text(out_, "name", name);
    // Google takes "$ref" for the name of a part, and refuses one that it does not know.
    const bool refers = text.find(R"("$ref")") != text.npos;
    const bool is_object = !result.is_error && !refers && json::fault_in(text).empty();
    if (is_object) {
      append_json(out_, "response", text);
    } else {
      append_json(out_, "response", "{");
      append_text(out_, result.is_error ? "error" : "output", text);
      out_ += '}';
    }
    out_ += "}}";
  }

  // --- parts ---

  void write_block(const Block& block) {
    if (as<chat::ToolCall>(block) == nullptr) end_pending();
    if (!block.cache.empty()) dropped_.add("cache_control");
    std::visit([this](const auto& each) { this->block(each); }, block.value);
  }

  void begin() {
    append_comma(out_);
    out_ += '{';
  }

  void block(const chat::Text& text) {
    if (text.text.empty()) return;
    begin();
    append_text(out_, "text", text.text);
    out_ += '}';
  }

  void block(const chat::Image& image) {
    if (!image.detail.empty() && image.detail != "auto") dropped_.add("image_url.detail");
    media(image.url, image.media_type, image.bytes, "an image by its URL");
  }

  void block(const chat::Document& document) {
    if (!document.text.empty()) return block(chat::Text{document.text, {}});
    const std::string_view type = document.media_type.empty() ? "application/pdf" : document.media_type;
    media(document.url, type, document.bytes, "a file by its URL");
  }

  void block(const chat::Audio& audio) {
    std::string type = "audio/";
    type += audio.format.empty() ? std::string_view("wav") : audio.format;
    media({}, type, audio.bytes, {});
  }

  void media(std::string_view url, std::string_view type, std::string_view bytes, std::string_view what) {
    if (!url.empty() && !options_.fetches_urls && !is_known_address(url)) {
      refused_ = what;
      return;
    }
    begin();
    append_json(out_, url.empty() ? "inlineData" : "fileData", "{");
    if (url.empty()) {
      append_text(out_, "mimeType", type);
      append_text(out_, "data", bytes);
    } else {
      const std::string_view by_name = type_by_name(url);
      if (!by_name.empty()) append_text(out_, "mimeType", by_name);
      append_text(out_, "fileUri", url);
    }
    out_ += "}}";
  }

  void block(const chat::ToolCall& call) {
    if (call.custom) {
      refused_ = "a call of a custom tool";
      return;
    }
    const bool has_arguments = call.arguments.find_first_not_of(" \t\r\n") != call.arguments.npos;
    const std::string args = json::object_of(call.arguments);
    if (has_arguments && args != call.arguments) dropped_.add("tool_calls[].function.arguments");
    by_id_[call.id].places.push_back(calls_.size());
    by_name_[call.name].places.push_back(calls_.size());
    calls_.push_back({call.id, call.name});
    begin();
    append_json(out_, "functionCall", "{");
    append_text(out_, "name", call.name);
    append_json(out_, "args", args);
    out_ += '}';
    std::string_view signature = call.signature.empty() ? pending_ : call.signature;
    // The first of a turn's calls has one, if any has.
    if (signature.empty() && lacks_signature_) signature = kNoSignature;
    if (!signature.empty()) append_text(out_, "thoughtSignature", signature);
    out_ += '}';
    lacks_signature_ = false;
    pending_ = {};
  }

  void block(const chat::ToolResult&) {}  // see results()

  // Signatures go back to who made them; what another model thought is nothing that this one may be told it did.
  void block(const chat::Reasoning& thought) {
    const std::string_view signature = thought.signature.empty() ? thought.redacted : thought.signature;
    if (signature.empty()) return dropped_.add("messages[].reasoning");
    if (thought.origin == kCallSignatureOrigin) {
      pending_ = signature;  // of the call that follows
      return;
    }
    if (thought.origin != kSignatureOrigin) return dropped_.add("messages[].reasoning");
    begin();
    append_text(out_, "text", thought.text);
    if (!thought.text.empty()) append_json(out_, "thought", "true");
    append_text(out_, "thoughtSignature", signature);
    out_ += '}';
  }

  void block(const chat::Opaque& opaque) { refused_ = "a block of " + std::string(opaque.origin) + "'s own"; }

  void end_pending() noexcept { pending_ = {}; }

  std::string& out_;
  const ChatRequest& chat_;
  const GeminiBodyOptions& options_;
  Dropped& dropped_;
  std::string refused_;      // what has no place
  std::vector<Call> calls_;  // of the model's last turn
  std::map<std::string_view, Alike> by_id_, by_name_;
  std::string_view pending_;      // the signature of the next call
  bool lacks_signature_ = false;  // of the model's turn that is written
};

}  // namespace

Result<void> append_contents(std::string& out, const ChatRequest& chat, const GeminiBodyOptions& options,
                             Dropped& dropped) {
  return ContentWriting(out, chat, options, dropped).write();
}

}  // namespace gateway::gemini
