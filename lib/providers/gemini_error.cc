#include "providers/gemini_error.h"

#include <simdjson.h>

#include <charconv>

#include "providers/judgement.h"

namespace gateway {
namespace {

using simdjson::dom::array;
using simdjson::dom::element;

constexpr double kMostSeconds = 24 * 60 * 60;

}  // namespace

AnswerFault gemini_fault(AnswerTools& tools, Operation operation, int status, std::string_view json, bool begun) {
  AnswerFacts& facts = tools.facts;
  tools.reader.read(json, facts);
  if (status != 200 && !facts.is_object) facts.error = plain_error(json);
  facts.has_error = true;
  const Judgement judgement = judge({.status = status, .operation = operation, .facts = &facts});
  return {.kind = judgement.kind,
          .ending = begun ? Observed::Ending::cut_off : Observed::Ending::refused,
          .final = !judgement.may_follow,
          .status = judgement.status,
          .error = &facts.error,
          .retry_after = gemini_retry_delay(json)};
}

std::optional<std::chrono::milliseconds> gemini_retry_delay(std::string_view json) {
  simdjson::dom::parser parser;
  element root;
  if (parser.parse(json.data(), json.size()).get(root) != simdjson::SUCCESS) return std::nullopt;
  if (array list; root.get(list) == simdjson::SUCCESS && list.at(0).get(root) != simdjson::SUCCESS) return std::nullopt;
  array details;
  if (root["error"]["details"].get(details) != simdjson::SUCCESS) return std::nullopt;
  for (const element detail : details) {
    std::string_view delay;
    if (detail["retryDelay"].get(delay) != simdjson::SUCCESS || !delay.ends_with('s')) continue;
    double seconds = 0;
    const auto [end, failed] = std::from_chars(delay.data(), delay.data() + delay.size() - 1, seconds);
    if (failed != std::errc{} || end != delay.data() + delay.size() - 1) continue;
    if (!(seconds >= 0 && seconds <= kMostSeconds)) continue;
    return std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000));
  }
  return std::nullopt;
}

}  // namespace gateway
