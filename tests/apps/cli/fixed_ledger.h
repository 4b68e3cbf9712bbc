// The ledger that the golden outputs are of.
#pragma once

#include "apps/cli/cli.h"

// Two projects; a request that was retried and corrected, one that failed, one that is open, older ones, and refusals.
inline void fill_fixed_ledger(Cli& cli) {
  using namespace std::chrono_literals;
  cli.good("project create demo --cap 25/month --cap 0.001/day --rpm 600 --warn 50,90");
  cli.good("project create other --cap 1/total");
  cli.good("project create idle");
  const WallTime now = fixed_now();
  std::vector<Row> rows;
  for (int day = 1; day <= 10; ++day) {
    Row row = settled_row(100 + day, now - day * 24h);
    row.cost = Money::units(std::int64_t{123'450'000} * day);
    if (day % 3 == 0) row.asked_model = "smart";
    if (day % 4 == 0) row.project = "other";
    rows.push_back(row);
  }
  Row first = settled_row(1, now - 2min);
  first.state = RowState::failed;
  first.status = 500;
  first.error_code = "provider_error";
  first.cost = {};
  first.cost_source = CostSource::none;
  first.usage = {};
  first.finish_reason = "";
  first.first_byte = {};
  first.client_request_id = "checkout-17";
  Row second = settled_row(1, now - 2min);
  second.attempt = 2;
  second.provider = "anthropic";
  second.target_model = "claude-haiku-4-5";
  second.dispatched = first.ended + 100ms;
  second.first_byte = second.dispatched + 400ms;
  second.ended = second.dispatched + 1400ms;
  second.client_request_id = "checkout-17";
  Row correction = second;
  correction.entry = 1;
  correction.state = RowState::adjustment;
  correction.cost = Money::units(1'000'000);
  correction.cost_source = CostSource::provider;
  correction.usage = {};
  correction.ended = now - 30s;
  Row failed = first;
  failed.request = request_id(2, now - 1min);
  failed.accepted = now - 1min;
  failed.dispatched = failed.accepted + 1ms;
  failed.ended = failed.accepted + 30s;
  failed.status = 0;
  failed.error_code = "provider_timeout";
  failed.client_request_id = "";
  Row open = settled_row(3, now - 5s);
  open.state = RowState::open;
  open.cost = {};
  open.cost_source = CostSource::none;
  open.status = 0;
  open.usage = {};
  open.first_byte = open.ended = {};
  open.finish_reason = "";
  rows.insert(rows.end(), {first, second, correction, failed, open});
  std::vector<RefusalCount> refusals;
  for (const auto& [code, model, count] : std::vector<std::tuple<std::string, std::string, std::int64_t>>{
           {"rate_limit_exceeded", "fast", 7}, {"model_not_found", "", 2}, {"insufficient_quota", "fast", 3}}) {
    RefusalCount refusal;
    refusal.minute = std::chrono::floor<std::chrono::minutes>(now.time_since_epoch()).count();
    refusal.project = "demo";
    refusal.model = model;
    refusal.code = code;
    refusal.count = count;
    refusals.push_back(refusal);
  }
  append(*cli.store(), rows, refusals);
}
