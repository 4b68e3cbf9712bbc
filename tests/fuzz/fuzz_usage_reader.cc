#include <string>

#include "fuzz/fuzz_target.h"
#include "fuzz/json_oracle.h"
#include "wire/openai/answer_reader.h"

namespace gateway::fuzz {

// Answers are distinguished from garbage, figures are sane, and a scan of a chunk misses nothing that a reading finds.
void usage_reader(std::string_view input) {
  static AnswerReader reader;
  static AnswerFacts facts;
  reader.read(input, facts);
  const ChunkHints hints = scan_chunk(input);
  require(hints.weight.bytes() >= 0 && hints.weight.bytes() <= static_cast<std::int64_t>(input.size()),
          "a scan counts no more than there is");

  if (input.starts_with("\xef\xbb\xbf")) input.remove_prefix(3);
  bool is_object = false;
  const Verdict verdict = json_verdict(input, is_object);
  if (facts.is_object) require(verdict != Verdict::invalid, "no malformed answer is read");
  if (!facts.is_object) {
    require(verdict != Verdict::valid || !is_object || depth_of(input) > 256, "no valid answer is called malformed");
    require(!facts.has_usage && !facts.has_error && facts.id.empty(), "what is not read has no facts");
    return;
  }
  const Usage& u = facts.usage;
  require(u.input >= 0 && u.output >= 0 && u.cached_input >= 0 && u.cache_write >= 0 && u.reasoning >= 0,
          "no figure is negative");
  require(u.cached_input + u.cache_write <= u.input && u.reasoning <= u.output, "parts are within their whole");
  require(u.input <= 10'000'000'000 && u.output <= 10'000'000'000, "no figure is absurd");
  require(!facts.cost || !facts.cost->is_negative(), "no cost is negative");
  require(facts.error.status == 0 || (facts.error.status >= 400 && facts.error.status <= 599), "a status is one");
  require(facts.weight.bytes() >= 0, "content is not negative");
  if (input.find('\\') != std::string_view::npos) return;  // keys may be spelled in other ways
  require(!facts.has_usage || hints.may_have_usage, "a scan misses no usage");
  require(facts.finish_reason.empty() || hints.may_have_finish, "a scan misses no finish");
}

}  // namespace gateway::fuzz
