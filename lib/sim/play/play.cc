#include "sim/play/play.h"

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <utility>

#include "gateway/api_key.h"
#include "sim/play/folding_store.h"

namespace gateway::sim {
namespace {

// The ledger's work is done as often as a server's ledger thread does it while somebody waits for it, for a lease or a
// stored row. What nobody waits for is done when there is some of it.
constexpr Duration kPumpEvery = std::chrono::milliseconds(2);
constexpr Duration kPumpAtLeastEvery = std::chrono::minutes(10);
constexpr std::int64_t kPumpAfterCalls = 128;

class Stage {
 public:
  explicit Stage(const Play& play)
      : play_(play),
        clock_(play.start),
        store_(play.on_row),
        upstream_(clock_, play.decide,
                  [this](std::size_t number) -> const PlayedRequest& { return players_[number]->request(); }),
        on_done_([this](Player& player) { ended(player); }) {}

  Result<Duration> run() {
    if (auto opened = open(); !opened) return std::move(opened).error();
    PlayedRequest request;
    bool more = play_.next(request);
    auto change = play_.changes.begin();
    while (more || in_flight_ > 0) {
      TimePoint now = TimePoint::max();
      if (more) now = clock_.at(request.at);
      if (change != play_.changes.end()) now = std::min(now, clock_.at((*change)->at));
      if (const auto due = clock_.next_due()) now = std::min(now, *due);
      if (now == TimePoint::max()) return Error{ErrorCode::invalid, "an answer can never come"};
      clock_.move_to(std::max(now, clock_.now()));
      if (is_pump_due()) pump();
      if (change != play_.changes.end() && clock_.at((*change)->at) <= clock_.now()) {
        if (auto changed = reload(**change++); !changed) return std::move(changed).error();
      } else if (!clock_.run_one() && more && clock_.at(request.at) <= clock_.now()) {
        if (auto sent = send(request); !sent) return std::move(sent).error();
        more = play_.next(request);
      }
    }
    while (core_->stats().ledger_queued > 0) pump();
    return ended_;
  }

 private:
  Result<void> open() {
    auto created = Core::create({.config = prepared(play_.config),
                                 .store = &store_,
                                 .process = play_.seed + 1,
                                 .now = clock_.now(),
                                 .wall = clock_.wall(),
                                 .played = play_.scripted});
    if (!created) return std::move(created).error();
    core_ = std::move(*created);
    gateway_ = std::make_unique<Gateway>(*core_, 0, clock_, upstream_);
    if (auto added = add_keys(play_.config); !added) return added;
    return {};
  }

  static Config prepared(Config config) {
    mark_providers(config);
    return config;
  }

  // One key for each project that has none yet.
  Result<void> add_keys(const Config& config) {
    for (const ProjectConfig& project : config.projects) {
      if (keys_.contains(project.name)) continue;
      std::array<std::uint8_t, 48> bytes{};
      const std::size_t number = keys_.size() + 1;
      for (std::size_t i = 0; i < bytes.size(); ++i) {  // in the secret and in the id
        bytes[i] = static_cast<std::uint8_t>(number >> (8 * (i % sizeof number)));
      }
      const NewApiKey key = make_api_key(bytes, project.name);
      if (auto put = store_.put_key(key.stored, false); !put) return put;
      keys_[project.name] = key.text;
    }
    core_->tenants_changed();
    pump();
    return {};
  }

  Result<void> reload(const Change& change) {
    if (change.share) return core_->stage(prepared(change.config), *change.share);
    if (auto reloaded = core_->reload(prepared(change.config)); !reloaded) return reloaded;
    return add_keys(change.config);
  }

  Result<const RequestText*> text_of(const Traffic& traffic) {
    const auto known = texts_.find(&traffic);
    if (known != texts_.end()) return &known->second;
    const std::string& project = traffic.project.empty() && !play_.config.projects.empty()
                                     ? play_.config.projects.front().name
                                     : traffic.project;
    const auto key = keys_.find(project);
    if (key == keys_.end()) return Error{ErrorCode::not_found, "there is no project '" + project + "'"};
    return &texts_.emplace(&traffic, request_text(traffic, key->second)).first->second;
  }

  Result<void> send(const PlayedRequest& request) {
    const auto text = text_of(*request.traffic);
    if (!text) return text.error();
    if (idle_.empty()) {
      idle_.push_back(players_.size());
      players_.push_back(std::make_unique<Player>(players_.size(), on_done_));
    }
    const std::size_t number = idle_.back();
    idle_.pop_back();
    ++in_flight_;
    players_[number]->play(request, **text, *gateway_);
    return {};
  }

  void ended(Player& player) {
    ended_ = clock_.elapsed();
    --in_flight_;
    play_.on_answer(player, ended_);
    idle_.push_back(player.number());
  }

  bool is_pump_due() const noexcept {
    const Duration since = clock_.now() - pumped_;
    if (in_flight_ > upstream_.asked()) return since >= kPumpEvery;
    return upstream_.started() - pumped_calls_ >= kPumpAfterCalls || since >= kPumpAtLeastEvery;
  }

  void pump() {
    pumped_ = clock_.now();
    pumped_calls_ = upstream_.started();
    core_->pump(clock_.now(), clock_.wall());
  }

  const Play& play_;
  VirtualClock clock_;
  FoldingStore store_;
  PlayedUpstream upstream_;
  std::unique_ptr<Core> core_;
  std::unique_ptr<Gateway> gateway_;
  std::map<std::string, std::string> keys_;  // by project
  std::map<const Traffic*, RequestText> texts_;
  Player::OnDone on_done_;
  std::vector<std::unique_ptr<Player>> players_;
  std::vector<std::size_t> idle_;
  std::int64_t in_flight_ = 0;
  TimePoint pumped_{};
  std::int64_t pumped_calls_ = 0;
  Duration ended_{0};
};

}  // namespace

Result<Duration> play(const Play& play) { return Stage(play).run(); }

}  // namespace gateway::sim
