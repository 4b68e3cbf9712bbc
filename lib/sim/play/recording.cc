#include "sim/play/recording.h"

#include <algorithm>
#include <bit>

namespace gateway::sim {
namespace {

constexpr std::int64_t kLeastBound = 256;
constexpr std::int64_t kMostTokens = 1'000'000'000;

// A bound that the answer kept: the next power of two above it, so that few kinds of requests differ.
std::int64_t bound_of(std::int64_t output) {
  return std::max(kLeastBound, static_cast<std::int64_t>(std::bit_ceil(static_cast<std::uint64_t>(output))));
}

std::int64_t tokens(std::int64_t count) { return std::clamp<std::int64_t>(count, 0, kMostTokens); }

std::uint32_t traffic_of(Recording::State& state, const Row& row) {
  const bool chat = row.operation == Operation::chat;
  const std::int64_t bound = chat ? bound_of(tokens(row.usage.output)) : 0;
  std::string& kind = state.name;
  kind.assign(row.project.view()).append(1, '\n').append(row.asked_model.view()).append(1, '\n');
  kind.append(chat ? row.streamed ? "s" : "c" : "e").append(std::to_string(bound));
  const auto known = state.kinds.find(kind);
  if (known != state.kinds.end()) return known->second;
  const auto number = static_cast<std::uint32_t>(state.traffic.size());
  Traffic& traffic = state.traffic.emplace_back();
  traffic.project = row.project.str();
  traffic.model = row.asked_model.str();
  traffic.operation = row.operation;
  traffic.stream = chat && row.streamed;
  if (chat) traffic.max_tokens = bound;
  state.kinds.emplace(kind, number);
  return number;
}

// What a provider did, as its attempt tells it.
ProviderAnswer answer_of(const Row& row) {
  ProviderAnswer answer;
  const bool began = row.first_byte != WallTime{};
  answer.begins = std::max(Duration(0), Duration((began ? row.first_byte : row.ended) - row.dispatched));
  if (began) answer.lasts = std::max(Duration(0), Duration(row.ended - row.first_byte));
  if (row.state == RowState::settled) return answer;
  if (row.status >= 400) {
    answer.status = row.status;
  } else if (row.status != 0) {
    answer.breaks = true;
  } else {
    answer.outage = row.error_code.view() == "provider_timeout" ? Outage::hanging : Outage::refused;
  }
  return answer;
}

}  // namespace

Recording::Recording() : state_(std::make_unique<State>()) {}
Recording::~Recording() = default;
Recording::Recording(Recording&&) noexcept = default;
Recording& Recording::operator=(Recording&&) noexcept = default;

void Recording::add(const Row& row) {
  State& state = *state_;
  const bool same = !state.requests.empty() && state.last == row.request;
  const bool playable = row.operation == Operation::chat || row.operation == Operation::embeddings;
  if (row.state == RowState::open || !playable || (!same && row.entry != 0)) {
    ++state.left_out;
    return;
  }
  if (!same) {
    if (state.requests.empty()) state.first_accepted = row.accepted;
    state.last = row.request;
    state.last_accepted = std::max(state.last_accepted, row.accepted);
    RecordedRequest& request = state.requests.emplace_back();
    request.at = std::max<std::int64_t>((row.accepted - state.first_accepted).count(), 0);
    request.traffic = traffic_of(state, row);
  }
  RecordedRequest& request = state.requests.back();
  request.cost = request.cost.plus_saturated(row.cost);
  if (row.entry != 0 || row.error_code.view() == "hedge_lost") return;
  state.name.assign(row.provider.view()).append(1, ' ').append(row.target_model.view());
  if (row.state != RowState::interrupted) {
    const ProviderAnswer answer = answer_of(row);
    state.targets[state.name].add(answer, state.random);
    if (row.state == RowState::settled) state.answered.add(answer, state.random);
  }
  request.answered = row.state == RowState::settled;
  request.input = static_cast<std::int32_t>(tokens(row.usage.input));
  request.cached = static_cast<std::int32_t>(std::min(tokens(row.usage.cached_input), tokens(row.usage.input)));
  request.output = static_cast<std::int32_t>(tokens(row.usage.output));
  if (!request.answered) state.name = "failed " + row.error_code.str();
  request.outcome = state.texts.number_of(state.name);
}

std::size_t Recording::requests() const noexcept { return state_->requests.size(); }
std::size_t Recording::left_out() const noexcept { return state_->left_out; }

}  // namespace gateway::sim
