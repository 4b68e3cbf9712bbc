#include "gateway/replay.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "sim/play/play.h"
#include "sim/play/recording.h"

namespace gateway::sim {
namespace {

constexpr std::int64_t kMostPrompt = 4096;  // tokens that are sent

class Comparison {
 public:
  explicit Comparison(const Recording::State& recorded) : recorded_(recorded), texts_(recorded.texts) {
    for (const RecordedRequest& request : recorded.requests) {
      const Traffic& traffic = recorded.traffic[request.traffic];
      out_.was += request.cost;
      for (ReplayedCost* each : {&models_[traffic.model], &projects_[traffic.project]})
        ++each->requests, each->was += request.cost;
    }
  }

  void answer(const Player& player) {
    const RecordedRequest& was = recorded_.requests[player.request().record];
    ++out_.requests;
    out_.answered_before += was.answered ? 1 : 0;
    out_.answered_now += player.answered() ? 1 : 0;
    name_.clear();
    if (player.answered()) {
      name_.append(player.provider()).append(1, ' ').append(player.target_model());
    } else {
      name_.append(player.broken() ? "broken off" : std::to_string(player.status()))
          .append(1, ' ')
          .append(player.code());
    }
    const std::uint32_t now = texts_.number_of(name_);
    const bool unchanged = was.answered == player.answered() && (!was.answered || was.outcome == now);
    if (unchanged) {
      ++out_.unchanged;
    } else {
      ++differences_[{&player.request().traffic->model, was.outcome, now}];
    }
  }

  void row(const Row& row) {
    out_.now += row.cost;
    name_.assign(row.asked_model.view());
    models_[name_].now += row.cost;
    name_.assign(row.project.view());
    projects_[name_].now += row.cost;
  }

  Replayed result() {
    out_.first = recorded_.first_accepted;
    out_.last = recorded_.last_accepted;
    std::map<std::tuple<std::string, std::string, std::string>, std::int64_t>
        merged;  // kinds that differ in size alone
    for (const auto& [key, count] : differences_) {
      const auto& [model, was, now] = key;
      merged[{*model, texts_.text(was), texts_.text(now)}] += count;
    }
    for (const auto& [key, count] : merged)
      out_.differences.push_back({std::get<0>(key), std::get<1>(key), std::get<2>(key), count});
    std::stable_sort(out_.differences.begin(), out_.differences.end(),
                     [](const auto& a, const auto& b) { return a.requests > b.requests; });
    for (auto& [name, cost] : models_) cost.name = name, out_.models.push_back(cost);
    for (auto& [name, cost] : projects_) cost.name = name, out_.projects.push_back(cost);
    return std::move(out_);
  }

 private:
  const Recording::State& recorded_;
  Texts texts_;
  Replayed out_;
  std::map<std::tuple<const std::string*, std::uint32_t, std::uint32_t>, std::int64_t> differences_;
  std::map<std::string, ReplayedCost> models_, projects_;
  std::string name_;
};

}  // namespace

Result<Replayed> replay(const Recording& recording, const Config& config, const std::vector<ProjectConfig>& stored,
                        std::uint64_t seed) {
  const Recording::State& recorded = recording.state();
  const auto has = [](const std::vector<ProjectConfig>& projects, const std::string& name) {
    return std::any_of(projects.begin(), projects.end(), [&](const ProjectConfig& each) { return each.name == name; });
  };
  Play play;
  play.config = config;
  play.seed = seed;
  play.start = recorded.first_accepted;
  for (const ProviderConfig& provider : config.providers) play.scripted.push_back(provider.name);
  for (const ProjectConfig& project : stored) {
    if (!has(play.config.projects, project.name)) play.config.projects.push_back(project);
  }
  for (const Traffic& traffic : recorded.traffic) {
    if (!has(play.config.projects, traffic.project)) play.config.projects.emplace_back().name = traffic.project;
  }
  std::size_t next = 0;
  play.next = [&](PlayedRequest& request) {
    if (next == recorded.requests.size()) return false;
    const RecordedRequest& record = recorded.requests[next];
    request = {.at = std::chrono::microseconds(record.at),
               .traffic = &recorded.traffic[record.traffic],
               .input = record.input,
               .output = record.output,
               .cached = record.cached,
               .prompt = std::min<std::int64_t>(record.input, kMostPrompt),
               .record = static_cast<std::uint32_t>(next)};
    ++next;
    return true;
  };
  Random random(seed, "replay");
  std::string name;
  play.decide = [&](const ProviderCall& call) {
    name.assign(call.provider).append(1, ' ').append(call.model);
    const auto known = recorded.targets.find(name);
    const Sample& sample = known != recorded.targets.end() ? known->second : recorded.answered;
    return sample.empty() ? ProviderAnswer() : sample.draw(random);
  };
  Comparison comparison(recorded);
  play.on_answer = [&](const Player& player, Duration) { comparison.answer(player); };
  play.on_row = [&](const Row& row) { comparison.row(row); };
  if (auto played = sim::play(play); !played) return std::move(played).error();
  return comparison.result();
}

}  // namespace gateway::sim
