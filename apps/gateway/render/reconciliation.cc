#include "app/render/reconciliation.h"

#include <vector>

#include "app/render/json.h"

namespace gateway::app {
namespace {

std::string line_json(const ReconciledLine& line) {
  return json::Object()
      .add("day", json::text(line.day))
      .add("model", json::text(line.model))
      .add("ledger", json::money(line.ledger))
      .add("billed", json::money(line.billed))
      .add("difference", json::money(line.difference()))
      .add("byok", json::money(line.byok))
      .add("ledger_byok", json::money(line.ledger_byok))
      .add("ledger_requests", json::number(line.ledger_requests))
      .add("billed_requests", json::number(line.billed_requests))
      .add("open", json::number(line.open))
      .str();
}

std::string bill_json(const operations::ComparedBill& bill) {
  std::vector<std::string> lines;
  for (const ReconciledLine& line : bill.lines) lines.push_back(line_json(line));
  return json::Object()
      .add("provider", json::text(bill.provider))
      .add("finished", json::time(bill.finished))
      .add("error", bill.trouble.empty() ? json::null() : json::text(bill.trouble))
      .add("since", json::time(bill.since))
      .add("until", json::time(bill.until))
      .add("ledger", json::money(bill.ledger))
      .add("billed", json::money(bill.billed))
      .add("difference", json::money(bill.billed - bill.ledger))
      .add("absolute_difference", json::money(absolute_difference(bill.lines)))
      .add("differences", json::list(lines))
      .add("booked", json::number(static_cast<std::int64_t>(bill.booked)))
      .str();
}

}  // namespace

std::string reconciliation_json(const operations::ReconciliationReport& report) {
  std::vector<std::string> bills;
  for (const operations::ComparedBill& bill : report.bills) bills.push_back(bill_json(bill));
  return json::Object()
      .add("last_success", json::time(report.last_success))
      .add("failures", json::number(report.failures))
      .add("providers", json::list(bills))
      .str();
}

}  // namespace gateway::app
