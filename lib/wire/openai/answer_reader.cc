#include "wire/openai/answer_reader.h"

#include <cstring>
#include <type_traits>
#include <utility>

#include "wire/json/walk.h"
#include "wire/openai/error_reader.h"
#include "wire/openai/usage_reader.h"
#include "wire/openai/weigh.h"

namespace gateway {
namespace {

using json::Kind;
using json::Text;
using json::Value;

constexpr int kMaxDepth = 256;
constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
constexpr std::size_t kKeptAnswerParser = 1024 * 1024;

void clear(AnswerFacts& facts) {
  static_assert(std::is_trivially_copyable_v<AnswerFigures>);
  static_cast<AnswerFigures&>(facts) = {};
  for (std::string* text : {&facts.id, &facts.model, &facts.finish_reason, &facts.service_tier, &facts.type})
    text->clear();
  static const ProviderError none;
  if (facts.error != none) facts.error = none;
}

bool is_list(std::string_view json) noexcept {
  const std::size_t first = json.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && json[first] == '[';
}

// One document being read. Each function takes a complete value; false: the document is broken.
class AnswerReading {
 public:
  AnswerReading(json::Walk& walk, std::string& scratch, AnswerFacts& facts)
      : walk_(walk), scratch_(scratch), facts_(facts) {}

  bool member(const Text& key, Value value) {
    const std::string_view name = json::unescaped(key, scratch_);
    if (name == "choices") return choices(value);
    if (name == "usage") return usage(value);
    if (name == "x_groq") return groq(value);
    if (name == "service_tier") return walk_.text_into(value, facts_.service_tier);
    if (name == "id") return walk_.text_into(value, facts_.id);
    if (name == "model") return walk_.text_into(value, facts_.model);
    if (name == "data") return data(value);
    if (name == "error") return read_error(walk_, value, scratch_, facts_.has_error, facts_.error);
    if (name == "object") return object_name(value);
    if (name == "results") return results(value);
    if (name == "text") return facts_.has_text |= walk_.kind(value) == Kind::string, walk_.skip(value);
    if (name == "duration") return read_audio_seconds(walk_, value, facts_.audio_ms);
    if (name == "meta") return read_cohere_meta(walk_, value, scratch_, cohere_);
    return loose_error(name, value);
  }

  // Of what is in a list only an error counts.
  bool error_member(const Text& key, Value value) {
    if (json::unescaped(key, scratch_) != "error") return walk_.skip(value);
    return read_error(walk_, value, scratch_, facts_.has_error, facts_.error);
  }

  // Some services write an error's members into the root.
  void settle() {
    settle_cohere_meta(cohere_, facts_);
    facts_.has_loose_error = names_error_ || says_error_;
    loose_.type = facts_.type;
    if (!facts_.has_error) {
      facts_.error = std::move(loose_);
    } else if (facts_.error.code.empty()) {
      facts_.error.code = std::move(loose_.code);
    }
    judge_error(facts_.error);
  }

  // Of the choices, by the rule that a chunk's weight has.
  const Weight& weight() const noexcept { return has_delta_ ? deltas_ : messages_; }

 private:
  bool usage(Value value) {
    if (std::exchange(usage_is_inner_, false)) facts_.has_usage = facts_.usage_odd = false;
    return read_usage(walk_, value, scratch_, facts_);
  }

  // One that is not at the root: that one counts before it.
  bool inner_usage(Value value) {
    if (facts_.has_usage) return walk_.skip(value);
    if (!read_usage(walk_, value, scratch_, facts_)) return false;
    usage_is_inner_ = facts_.has_usage;
    return true;
  }

  // Groq's streams report what they used in a place of their own, whether it is requested or not.
  bool groq(Value value) {
    if (walk_.kind(value) != Kind::object) return walk_.skip(value);
    return walk_.object(value, [this](const Text& key, Value part) {
      return json::unescaped(key, scratch_) == "usage" ? inner_usage(part) : walk_.skip(part);
    });
  }

  bool object_name(Value value) {
    if (walk_.kind(value) != Kind::string) return walk_.skip(value);
    Text text;
    if (!walk_.string(value, text)) return false;
    names_error_ = json::unescaped(text, scratch_) == "error";
    return true;
  }

  bool loose_error(std::string_view name, Value value) {
    if (name == "error_code") return loose_mark(value, [&] { return read_error_code(walk_, value, loose_); });
    if (name == "error_type") return loose_mark(value, [&] { return walk_.text_into(value, loose_.type); });
    if (name == "message" || name == "detail" || name == "errors" || name.substr(0, 6) == "error_") {
      return loose_mark(value, [&] { return read_reason(walk_, value, scratch_, loose_); });
    }
    if (name == "type") return walk_.text_into(value, facts_.type);
    if (name == "param") return walk_.text_into(value, loose_.param);
    if (name == "code") return read_error_code(walk_, value, loose_);
    return walk_.skip(value);
  }

  template <class Read>
  bool loose_mark(Value value, Read&& read) {
    says_error_ |= walk_.kind(value) != Kind::null;
    return read();
  }

  bool data(Value value) {
    if (walk_.kind(value) != Kind::array) return walk_.skip(value);
    return walk_.array(value, [this](Value element) {
      facts_.has_content = true;
      ++facts_.data_count;
      return walk_.skip(element);
    });
  }

  bool results(Value value) {
    if (walk_.kind(value) != Kind::array) return walk_.skip(value);
    return walk_.array(value, [this](Value element) { return facts_.has_results = true, walk_.skip(element); });
  }

  bool choices(Value value) {
    if (walk_.kind(value) != Kind::array) return walk_.skip(value);
    std::size_t place = 0;
    const bool whole = walk_.array(value, [&](Value choice) { return one_choice(choice, place++); });
    facts_.has_choices = place > 0;
    facts_.choices_empty = place == 0;
    return whole;
  }

  bool one_choice(Value choice, std::size_t place) {
    if (walk_.kind(choice) != Kind::object) return walk_.skip(choice);
    std::int64_t index = static_cast<std::int64_t>(place);
    std::string reason;
    const bool whole = walk_.object(choice, [&](const Text& key, Value part) {
      const std::string_view name = json::unescaped(key, scratch_);
      if (name == "finish_reason") return walk_.text_into(part, reason);
      if (name == "index") return walk_.integer_into(part, index);
      if (name == "usage") return inner_usage(part);  // Moonshot's last chunk
      if (name == "error") return read_error(walk_, part, scratch_, facts_.has_error, facts_.error);  // OpenRouter's
      if (name == "message") return weighed(part, messages_);
      if (name == "text") return weighed_text(part);  // of a completion without messages
      if (name == "delta") return has_delta_ |= walk_.kind(part) == Kind::object, weighed(part, deltas_);
      return walk_.skip(part);
    });
    if (index >= 0 && index < static_cast<std::int64_t>(facts_.begun.size())) {
      facts_.begun.set(static_cast<std::size_t>(index));
      if (!reason.empty()) facts_.finished.set(static_cast<std::size_t>(index));
    }
    if (!reason.empty()) facts_.finish_reason = reason;
    return whole;
  }

  // As weigh_message() does, in the walk's own pass.
  bool weighed(Value value, Weight& weight) {
    if (walk_.kind(value) != Kind::object) return walk_.skip(value);
    Weight mine;
    if (!weigh(value, {Within::message, nullptr}, mine, 0)) return false;
    if (mine.any()) mine.pieces = 1;
    weight += mine;
    return true;
  }

  bool weigh(Value value, WeighedMember as, Weight& weight, int depth) {
    const bool whole = as.within == Within::opaque || depth > kMostWeighed;
    switch (walk_.kind(value)) {
      case Kind::string: {
        Text text;
        if (!walk_.string(value, text)) return false;
        if (as.tally != nullptr) *as.tally += text.size;
        return true;
      }
      case Kind::object:
        if (whole) return weigh_whole(value, as);
        return walk_.object(value, [&](const Text& key, Value member) {
          return weigh(member, weighed_member(as.within, key.raw, weight), weight, depth + 1);
        });
      case Kind::array:
        if (whole) return weigh_whole(value, as);
        return walk_.array(value, [&](Value element) { return weigh(element, as, weight, depth + 1); });
      default:
        return walk_.skip(value);
    }
  }

  bool weigh_whole(Value value, WeighedMember as) {
    const char* const begin = walk_.begin(value);
    if (!walk_.skip(value)) return false;
    if (as.tally != nullptr && as.within == Within::opaque) *as.tally += walk_.end_of_container() - begin;
    return true;
  }

  bool weighed_text(Value value) {
    const std::int64_t before = walk_.text_bytes;
    const bool is_text = walk_.kind(value) == Kind::string;
    if (!walk_.skip(value)) return false;
    if (is_text && walk_.text_bytes > before) messages_ += {.text = walk_.text_bytes - before, .pieces = 1};
    return true;
  }

  json::Walk& walk_;
  std::string& scratch_;
  AnswerFacts& facts_;
  Weight messages_, deltas_;
  bool has_delta_ = false;
  ProviderError loose_;
  bool names_error_ = false;
  bool says_error_ = false;
  bool usage_is_inner_ = false;
  CohereMeta cohere_;
};

}  // namespace

struct AnswerReader::Parser {
  simdjson::ondemand::parser json;
  std::string scratch;
  PaddedBuffer copy;
};

AnswerReader::AnswerReader() : parser_(std::make_unique<Parser>()) {}
AnswerReader::~AnswerReader() = default;

void AnswerReader::read(const PaddedBuffer& json, AnswerFacts& facts) {
  json.view().starts_with(kByteOrderMark) ? read(json.view(), facts) : read_unmarked(json, facts);
}

void AnswerReader::read(std::string_view json, AnswerFacts& facts) {
  if (json.starts_with(kByteOrderMark)) json.remove_prefix(kByteOrderMark.size());
  parser_->copy.clear();
  parser_->copy.append(json);
  read_unmarked(parser_->copy, facts);
  if (parser_->copy.capacity() > kKeptAnswerParser) parser_->copy = PaddedBuffer();
}

void AnswerReader::read_unmarked(const PaddedBuffer& json, AnswerFacts& facts) {
  clear(facts);
  json::Walk walk(parser_->json, kMaxDepth);
  AnswerReading reading(walk, parser_->scratch, facts);
  facts.is_object = walk.root(json, [&](const Text& key, Value value) { return reading.member(key, value); });
  if (!facts.is_object && is_list(json.view())) {
    clear(facts);
    json::Walk list(parser_->json, kMaxDepth);
    AnswerReading first(list, parser_->scratch, facts);
    facts.is_object =
        list.list_root(json, [&](const Text& key, Value value) { return first.error_member(key, value); });
    facts.is_object &= facts.has_error;
    if (facts.is_object) first.settle();
  } else if (facts.is_object) {
    reading.settle();
    // Some services write what they generated elsewhere.
    facts.weight = reading.weight().any() ? reading.weight() : scan_chunk(json.view()).weight;
    facts.has_content |= facts.has_choices && facts.weight.any();
  }
  if (!facts.is_object) clear(facts);
  // A large answer's index is some times its size: not kept.
  if (parser_->json.capacity() > kKeptAnswerParser) parser_->json = simdjson::ondemand::parser();
}

}  // namespace gateway
