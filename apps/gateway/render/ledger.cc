#include "app/render/ledger.h"

#include <set>

#include "app/render/json.h"

namespace gateway::app {
namespace {

Cell texts(const std::set<std::string, std::less<>>& values) {
  return cell(std::vector<std::string>(values.begin(), values.end()));
}

}  // namespace

std::string proof_json(const LedgerProof& proof) {
  std::vector<std::string> findings;
  for (const std::string& finding : proof.findings) findings.push_back(json::text(finding));
  return json::Object()
      .add("ok", json::boolean(findings.empty()))
      .add("rows", json::number(proof.rows))
      .add("accounts", json::number(proof.accounts))
      .add("pruned_before", json::optional(proof.pruned_before, json::time))
      .add("findings", json::list(findings))
      .str();
}

std::string sweep_json(const operations::SweepAnswer& swept) {
  const SweepReport& report = swept.report;
  return json::Object()
      .add("processes", json::number(static_cast<std::int64_t>(report.processes)))
      .add("replayed", json::number(static_cast<std::int64_t>(report.replayed)))
      .add("closed", json::number(static_cast<std::int64_t>(report.closed)))
      .add("damaged", json::number(static_cast<std::int64_t>(report.damaged)))
      .add("held", json::money(report.held))
      .str();
}

std::string prune_json(const operations::PruneAnswer& pruned) {
  return json::Object().add("before", json::time(pruned.before)).add("deleted", json::number(pruned.deleted)).str();
}

std::vector<Column> reprice_columns() {
  return {{"provider"},         {"model"},          {"rows", true},
          {"unpriced", true},   {"cost", true},     {"cost_now", true},
          {"difference", true}, {"price_versions"}, {"price_versions_now"}};
}

std::vector<Cell> reprice_cells(const operations::RepricedModel& model) {
  return {cell(model.provider),     cell(model.model),     cell(model.rows),
          cell(model.unpriced),     cell(model.cost),      cell(model.now),
          cell(model.difference()), texts(model.versions), texts(model.versions_now)};
}

}  // namespace gateway::app
