#include "app/cli/watch.h"

#include <fmt/format.h>

#include <sstream>

#include "app/cli/parser/command.h"
#include "app/cli/screen.h"
#include "app/values/moments.h"
#include "base/time_text.h"

namespace gateway::app {

void add_flags(Command& command, WatchFlag& flag) {
  command
      .add_option("--watch", flag.every, "Show it again and again, each 2s unless said; changes are marked", "LENGTH")
      ->optional_value();
}

void Changes::next() {
  before_ = std::move(seen_);
  seen_.clear();
}

void Changes::mark(const std::vector<std::string>& key, std::vector<Cell>& cells, bool colour) {
  std::vector<std::string>& texts = seen_[key];
  for (const Cell& each : cells) texts.push_back(each.text);
  const auto old = before_.find(key);
  for (std::size_t i = 0; i < cells.size() && !before_.empty(); ++i) {
    if (old != before_.end() && old->second[i] == texts[i]) continue;
    cells[i].tone = Tone::accent;
    if (!colour && !cells[i].text.empty()) cells[i].text += '*';
  }
}

Outcome watch(const std::string& every, Session& session, const std::function<Outcome(Session&)>& view) {
  const std::string length = every.empty() ? "2s" : every;
  const auto pause = read_duration("--watch", length);
  if (!pause) return pause.error();
  if (*pause < std::chrono::milliseconds(100) || *pause > std::chrono::hours(24))
    return usage_error(fmt::format("--watch: expected from 100ms to 24h, found '{}'", length));
  LiveScreen live(session);
  do {
    std::ostringstream shown;
    Session inner{.out = shown,
                  .err = session.err,
                  .environment = session.environment,
                  .now = session.now,
                  .is_terminal = session.is_terminal};
    inner.out << fmt::format("{}, every {}{}\n", rfc3339(std::chrono::floor<std::chrono::seconds>(session.now())),
                             length, session.is_terminal ? "; q ends" : "");
    const Outcome outcome = view(inner);
    if (!outcome) return outcome;
    if (!session.is_terminal) shown << '\n';
    live.show(shown.str());
    if (*outcome != kFine) return outcome;
  } while (live.wait(*pause));
  return kFine;
}

}  // namespace gateway::app
