// Recorded streams whose events are missing, come twice, out of order, or with values that nobody sends: whatever
// comes, the events that a reader reports keep their order, and what the answer used is what its last report says.
#include <iostream>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "support/catch.h"
#include "support/chat_log.h"
#include "support/recorded.h"
#include "wire/anthropic/message_reader.h"
#include "wire/gemini/response_reader.h"
#include "wire/openai/event_reader.h"
#include "wire/responses/response_reader.h"

using namespace gateway;
using gateway::testing::ChatLog;
using gateway::testing::RecordedFile;

namespace {

enum class Spoken { chat, messages, responses, gemini };
using Events = std::vector<std::string_view>;

ChatLog read(Spoken shape, const Events& events) {
  ChatEventReader chat;
  anthropic::MessageReader messages;
  responses::ResponseReader responses(responses::kRawOrigin);
  gemini::ResponseReader gemini;
  ChatLog log;
  for (const std::string_view data : events) {
    if (shape == Spoken::chat) chat.read_chunk(data, log);
    if (shape == Spoken::messages) messages.read_event(data, &log);
    if (shape == Spoken::responses) responses.read_event(data, &log);
    if (shape == Spoken::gemini) gemini.read_chunk(data, &log);
  }
  if (shape == Spoken::chat) chat.finish(log);
  if (shape == Spoken::messages) messages.finish(log);
  if (shape == Spoken::responses) responses.finish(log);
  if (shape == Spoken::gemini) gemini.finish(log);
  return log;
}

std::vector<RecordedFile> recorded(Spoken shape) {
  if (shape == Spoken::chat) return testing::recorded_chats(".sse");
  if (shape == Spoken::messages) return testing::anthropic_recorded(".sse");
  if (shape == Spoken::gemini) return testing::gemini_recorded(".sse");
  return testing::recorded_with("openai-responses", ".sse");
}

std::string usage_of(const ChatLog& log) {
  if (log.usage.empty()) return "none";
  const Usage& u = log.usage.back().usage;
  std::string out;
  for (const auto figure : {u.input, u.cached_input, u.cache_write, u.output, u.reasoning}) {
    out += std::to_string(figure) + " ";
  }
  return out + (log.usage.back().cost ? log.usage.back().cost->to_string() : "");
}

bool has_usage(std::string_view event) {
  return event.find("usage") != event.npos || event.find("Usage") != event.npos;
}

void require_order(const ChatLog& log) {
  CHECK(log.fault == "");
  CHECK(log.ended);
}

// The end of the JSON value that begins there.
std::size_t end_of_value(std::string_view json, std::size_t at) {
  int depth = 0;
  for (bool quoted = false; at < json.size(); ++at) {
    const char c = json[at];
    if (quoted) {
      if (c == '\\') ++at;
      if (c == '"') quoted = false;
    } else if (c == '"') {
      quoted = true;
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if (c == '}' || c == ']') {
      if (depth == 0) return at;
      --depth;
    } else if (c == ',' && depth == 0) {
      return at;
    }
    if (depth == 0 && !quoted && (c == '}' || c == ']' || c == '"')) return at + 1;
  }
  return at;
}

// Where the values of members and of lists begin.
std::vector<std::size_t> values_of(std::string_view json) {
  std::vector<std::size_t> out;
  bool quoted = false;
  for (std::size_t at = 0; at < json.size(); ++at) {
    const char c = json[at];
    if (quoted && c == '\\') {
      ++at;
    } else if (c == '"') {
      quoted = !quoted;
    } else if (!quoted && (c == ':' || c == '[')) {
      std::size_t begin = at + 1;
      while (begin < json.size() && json[begin] == ' ') ++begin;
      if (begin < json.size() && json[begin] != ']') out.push_back(begin);
    }
  }
  return out;
}

// What is the same for all events of one form: its members and its types.
std::string form_of(std::string_view json) {
  std::string out;
  for (std::size_t at = 0; at < json.size(); ++at) {
    if (json[at] == '"') {
      const std::size_t end = end_of_value(json, at);
      const bool is_name = end < json.size() && json[end] == ':';
      const bool is_type = json.substr(0, at).ends_with("\"type\":");
      out += is_name || is_type ? json.substr(at, end - at) : "\"\"";
      at = end - 1;
    } else if (json[at] < '0' || json[at] > '9') {
      out += json[at];
    }
  }
  return out;
}

// The event with what it follows and what follows it, between the beginning of its stream and the end.
Events around(const Events& all, std::size_t place, std::size_t& there) {
  constexpr std::size_t kNear = 4;
  Events out;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const bool is_near = i + kNear >= place && i <= place + kNear;
    if (!is_near && i >= kNear && i + kNear < all.size()) continue;
    if (i == place) there = out.size();
    out.push_back(all[i]);
  }
  return out;
}

}  // namespace

TEST_CASE("streams whose events are missing, repeated or out of order keep to the order of events",
          "[wire][disturbed]") {
  std::size_t streams = 0;
  for (const Spoken shape : {Spoken::chat, Spoken::messages, Spoken::responses, Spoken::gemini}) {
    for (const RecordedFile& file : recorded(shape)) {
      CAPTURE(file.name);
      const Events events = testing::event_data(file.text);
      const ChatLog whole = read(shape, events);
      require_order(whole);
      const std::string usage = usage_of(whole);
      const std::size_t step = 1 + events.size() / 48;  // of a long one not all: they are alike
      for (std::size_t i = 0; i < events.size(); ++i) {
        if (i % step != 0 && i > 8 && i + 8 < events.size()) continue;
        CAPTURE(i, events[i]);
        Events some = events;
        some.erase(some.begin() + static_cast<std::ptrdiff_t>(i));
        ChatLog log = read(shape, some);
        require_order(log);
        if (!has_usage(events[i])) CHECK(usage_of(log) == usage);

        some = events;
        some.insert(some.begin() + static_cast<std::ptrdiff_t>(i), events[i]);
        log = read(shape, some);
        require_order(log);
        CHECK(usage_of(log) == usage);

        some = events;
        some.insert(some.end(), events[i]);  // again, much too late
        require_order(read(shape, some));

        if (i + 1 == events.size()) continue;
        some = events;
        std::swap(some[i], some[i + 1]);
        log = read(shape, some);
        require_order(log);
        if (!has_usage(events[i]) && !has_usage(events[i + 1])) CHECK(usage_of(log) == usage);
      }
      const Events backwards(events.rbegin(), events.rend());
      require_order(read(shape, backwards));
      ++streams;
    }
  }
  std::cout << "recorded streams disturbed: " << streams << "\n";
}

TEST_CASE("events with values that nobody sends do no harm", "[wire][disturbed]") {
  static constexpr std::string_view kOdd[] = {"null", "-1",     "4611686018427387904", "\"\"",
                                              "{}",   "[null]", R"({"type":null})"};
  std::size_t forms = 0;
  for (const Spoken shape : {Spoken::chat, Spoken::messages, Spoken::responses, Spoken::gemini}) {
    std::set<std::string> seen;
    for (const RecordedFile& file : recorded(shape)) {
      CAPTURE(file.name);
      const Events all = testing::event_data(file.text);
      for (std::size_t i = 0; i < all.size(); ++i) {
        const std::string_view event = all[i];
        if (event.size() > 8192 || !seen.insert(form_of(event)).second) continue;
        ++forms;
        std::size_t there = 0;
        Events events = around(all, i, there);
        for (const std::size_t at : values_of(event)) {
          const std::size_t end = end_of_value(event, at);
          for (const std::string_view odd : kOdd) {
            const std::string changed = std::string(event.substr(0, at)).append(odd).append(event.substr(end));
            CAPTURE(changed);
            events[there] = changed;
            const ChatLog log = read(shape, events);
            if (!log.fault.empty() || !log.ended) require_order(log);
          }
        }
      }
    }
  }
  std::cout << "forms of events with odd values: " << forms << "\n";
}
