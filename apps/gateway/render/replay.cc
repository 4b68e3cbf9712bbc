#include "app/render/replay.h"

#include <fmt/format.h>

#include <ostream>

#include "app/render/counted.h"
#include "app/render/json.h"
#include "app/render/table.h"
#include "base/time_text.h"

namespace gateway::app {
namespace {

std::string difference_text(const MoneySum& was, const MoneySum& now) {
  MoneySum difference = now;
  difference -= was;
  return (difference > MoneySum{} ? "+" : "") + difference.to_string();
}

void print_costs(std::ostream& out, const char* what, const std::vector<sim::ReplayedCost>& costs) {
  out << '\n';
  Listing table(out, Format::table,
                {{what}, {"requests", true}, {"cost_was", true}, {"cost_now", true}, {"difference", true}});
  for (const sim::ReplayedCost& each : costs)
    table.add({cell(each.name), cell(each.requests), cell(each.was), cell(each.now),
               cell(difference_text(each.was, each.now))});
  table.end();
}

std::string costs_json(const char* what, const std::vector<sim::ReplayedCost>& costs) {
  std::vector<std::string> out;
  for (const sim::ReplayedCost& each : costs) {
    out.push_back(json::Object()
                      .add(what, json::text(each.name))
                      .add("requests", json::number(each.requests))
                      .add("cost_was", json::money(each.was))
                      .add("cost_now", json::money(each.now))
                      .str());
  }
  return json::list(out);
}

}  // namespace

void print_replay(std::ostream& out, const sim::Replayed& replayed) {
  out << fmt::format("{}, accepted from {} to {}: {} as before\n", counted(replayed.requests, "request"),
                     rfc3339(replayed.first), rfc3339(replayed.last), replayed.unchanged);
  out << fmt::format("answered  {} (before: {})\n", replayed.answered_now, replayed.answered_before);
  out << fmt::format("cost      {} USD (before: {} USD; {})\n", replayed.now.to_string(), replayed.was.to_string(),
                     difference_text(replayed.was, replayed.now));
  if (!replayed.differences.empty()) {
    out << "\nwhat would differ\n";
    Listing table(out, Format::table, {{"requests", true}, {"model"}, {"was"}, {"now"}});
    for (const sim::ReplayedRoute& each : replayed.differences)
      table.add({cell(each.requests), cell(each.model), cell(each.was), cell(each.now)});
    table.end();
  }
  print_costs(out, "model", replayed.models);
  print_costs(out, "project", replayed.projects);
}

std::string replay_json(const sim::Replayed& replayed) {
  std::vector<std::string> differences;
  for (const sim::ReplayedRoute& each : replayed.differences) {
    differences.push_back(json::Object()
                              .add("model", json::text(each.model))
                              .add("was", json::text(each.was))
                              .add("now", json::text(each.now))
                              .add("requests", json::number(each.requests))
                              .str());
  }
  return json::Object()
      .add("requests", json::number(replayed.requests))
      .add("unchanged", json::number(replayed.unchanged))
      .add("first", json::time(replayed.first))
      .add("last", json::time(replayed.last))
      .add("answered_was", json::number(replayed.answered_before))
      .add("answered_now", json::number(replayed.answered_now))
      .add("cost_was", json::money(replayed.was))
      .add("cost_now", json::money(replayed.now))
      .add("differences", json::list(differences))
      .add("models", costs_json("model", replayed.models))
      .add("projects", costs_json("project", replayed.projects))
      .str();
}

}  // namespace gateway::app
