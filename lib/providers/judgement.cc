#include "providers/judgement.h"

#include <array>

#include "chat/endpoint.h"

namespace gateway {
namespace {

using Kind = AttemptFailure::Kind;
using JudgedAs = Judgement::Verdict;

bool reports_use(const AnswerFacts& facts) noexcept {
  const bool tokens = facts.has_usage && facts.usage.input + facts.usage.output > 0;
  return tokens || (facts.cost && !facts.cost->is_zero());
}

// What operations beside chat answer in places of their own.
bool is_usable(const SeenAnswer& seen) noexcept {
  const EndpointInfo::Usable usable = info_of(seen.operation).usable;
  return (usable == EndpointInfo::Usable::results && seen.facts->has_results) ||
         (usable == EndpointInfo::Usable::text && seen.facts->has_text);
}

JudgedAs verdict_on(const SeenAnswer& seen) noexcept {
  const AnswerFacts& facts = *seen.facts;
  if (seen.status != 200) return JudgedAs::error;
  if (!facts.is_object) return JudgedAs::broken;
  const bool says_error = facts.has_error || seen.event_name == "error";
  if (facts.finish_reason == "error" && (says_error || !facts.has_content)) return JudgedAs::error;
  if (facts.has_content || is_usable(seen)) return JudgedAs::answer;
  if (says_error) return JudgedAs::error;
  if (facts.has_choices && info_of(seen.operation).usable == EndpointInfo::Usable::choices) return JudgedAs::answer;
  if (facts.has_loose_error) return JudgedAs::error;
  return JudgedAs::empty;
}

RefusalSubject subject_of(const ProviderError& error) noexcept {
  if (error.wrong_key) return RefusalSubject::account;
  RefusalSubject subject = RefusalSubject::unknown;
  for (const std::string_view text : {std::string_view(error.message), std::string_view(error.more),
                                      std::string_view(error.code), std::string_view(error.type)}) {
    const RefusalSubject said = refusal_subject(text);
    if (said == RefusalSubject::request) return said;
    if (said != RefusalSubject::unknown) subject = said;
  }
  return subject;
}

// 402 alone says that the account is to be paid for; 403 alone may be a filter at which one prompt gets stuck.
Kind kind_of_refusal(int status, const ProviderError& error) noexcept {
  switch (subject_of(error)) {
    case RefusalSubject::request:
      return Kind::request_refused;
    case RefusalSubject::account:
      return Kind::credentials;
    case RefusalSubject::unknown:
      break;
  }
  return status == 402 ? Kind::credentials : Kind::forbidden;
}

// OpenRouter's 503 where none of its providers takes what the request asks for.
bool cannot_be_routed(const ProviderError& error) noexcept {
  return error.message.find("routing requirements") != std::string::npos;
}

// OpenAI's 429 where the account is to be paid for: no waiting helps.
bool is_without_credit(const ProviderError& error) noexcept {
  static constexpr std::string_view kWord = "insufficient_quota";
  return error.code == kWord || error.type == kWord;
}

// The kind of failure that an HTTP status means.
Kind kind_of(int status, const ProviderError& error) noexcept {
  if (status == 401) return Kind::credentials;
  if (status == 402 || (status == 403 && !error.moderation)) return kind_of_refusal(status, error);
  if (status == 503 && cannot_be_routed(error)) return Kind::request_refused;
  if (status == 429 && is_without_credit(error)) return Kind::credentials;
  if (status == 429) return exceeds_provider_limit(error.message) ? Kind::client_fault : Kind::rate_limited;
  if (status == 503 || status == 529) return Kind::overloaded;
  if (status == 408 || status == 504 || status == 524) return Kind::timeout;
  if (status < 400 || status >= 500) return Kind::server_error;
  return error.wrong_key ? Kind::credentials : Kind::client_fault;
}

}  // namespace

Judgement judge(const SeenAnswer& seen) noexcept {
  Judgement out;
  out.verdict = verdict_on(seen);
  out.billed = reports_use(*seen.facts);
  if (out.verdict == JudgedAs::answer) return out;
  if (out.verdict == JudgedAs::error) {
    const ProviderError& error = seen.facts->error;
    out.status = seen.status != 200 ? seen.status : error.status != 0 ? error.status : 502;
    if (seen.status == 200 && error.status == 0 && error.wrong_key) out.status = 401;
    out.kind = kind_of(out.status, error);
  } else {
    out.status = 502;
  }
  out.may_follow = !out.billed && out.kind != Kind::client_fault;
  return out;
}

Observed::Ending ending_of(Kind kind) noexcept {
  using Ending = Observed::Ending;
  return kind == Kind::lost || kind == Kind::limit_reached ? Ending::cut_off : Ending::refused;
}

BodyKind body_kind(std::string_view beginning, bool says_events) noexcept {
  static constexpr std::array<std::string_view, 5> kFields{"data", "event", "id", "retry", ":"};
  static constexpr std::string_view kBom = "\xef\xbb\xbf";
  const BodyKind said = says_events ? BodyKind::events : BodyKind::document;
  if (beginning.substr(0, kBom.size()) == kBom) beginning.remove_prefix(kBom.size());
  const std::size_t first = beginning.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return BodyKind::unknown;
  beginning.remove_prefix(first);
  if (kBom.substr(0, beginning.size()) == beginning) return BodyKind::unknown;
  if (beginning.front() == '{' || beginning.front() == '[') return BodyKind::document;
  for (const std::string_view field : kFields) {
    if (field == ":" && beginning.front() == ':') return BodyKind::events;
    if (field.substr(0, beginning.size()) == beginning) return BodyKind::unknown;
    if (beginning.substr(0, field.size()) != field) continue;
    const char next = beginning[field.size()];
    if (next == ':' || next == '\n' || next == '\r') return BodyKind::events;
  }
  return said;
}

}  // namespace gateway
