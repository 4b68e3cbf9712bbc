// The part of a proxy exchange that answers the client and closes the books.
#include <algorithm>

#include "proxy/answer_fields.h"
#include "proxy/proxy_exchange.h"

namespace gateway {
namespace {

// What an answer may wait for its row at least, also where it ended at its last moment: a transaction or two.
constexpr auto kLeastStoreWait = std::chrono::milliseconds(250);

ApiError not_stored() {
  ApiError error = api_error::unavailable("the ledger cannot be written");
  error.retry_after.reset();
  error.should_not_retry = true;  // it has been done, and costs
  return error;
}

}  // namespace

Flow ProxyExchange::on_stream(std::string_view bytes) {
  if (!answer_.head_sent()) {
    state_ = State::streaming;
    const bool document = attempt_->relays_document();
    send_head(200, document ? "application/json" : "text/event-stream; charset=utf-8", std::nullopt, nullptr);
  }
  release_body();
  log_body("answer", bytes);
  const Flow flow = answer_.send(bytes);
  if (answer_.kept() > 0) count_room();
  return flow;
}

void ProxyExchange::on_answer(const PaddedBuffer&) { return flush_when_durable(); }
void ProxyExchange::on_stream_end() { return flush_when_durable(); }

// The last bytes of an answer. With durability `power` they wait until the row is in the store.
void ProxyExchange::flush_when_durable() {
  state_ = State::flushing;
  end_waiting();
  const bool waits = worker_.core.durability() == Durability::power && attempt_ != nullptr && !attempt_->is_durable();
  if (!waits) return flush();
  const TimePoint deadline = std::max(deadline_, worker_.timer.now() + kLeastStoreWait);
  return worker_.durable_waits.add(*this, attempt_->settled_at(), deadline);
}

void ProxyExchange::on_waited(bool stored) {
  if (!stored) {
    worker_.core.log(LogLevel::error, "an answer is not finished: its row was not stored in time", row_.request.text());
    if (!failed_with_) failed_with_ = not_stored();
  }
  return flush();
}

// Comes again as the client takes what there is. No good end is said before it has nearly all of that, and until then
// its place and its room are not free.
void ProxyExchange::flush() {
  if (answer_.kept() > 0) return await_reader();
  if (failed_with_) return answer_error(*failed_with_);
  if (answer_.flow() == Flow::pause) return await_reader();
  if (!std::exchange(ending_sent_, true)) {
    send_ending();
    if (attempt_->document() != nullptr && answer_.flow() == Flow::pause) return await_reader();
  }
  close_books(200, {});
  return answer_.finish();
}

void ProxyExchange::send_ending() {
  if (PaddedBuffer* document = attempt_->document()) {
    send_head(200, "application/json", document->size(), nullptr);
    log_body("answer", document->view());
    answer_.send(*document);
    gathered_ = document->size();
  } else if (attempt_->relays_document()) {
    answer_.send(attempt_->document_end());
  } else {
    if (!answer_.head_sent()) send_head(200, "text/event-stream; charset=utf-8", std::nullopt, nullptr);
    answer_.send("data: [DONE]\n\n");
  }
  release_body();
  learn();
  correct_tokens();
}

// All is known and settled; the client takes it slowly.
void ProxyExchange::await_reader() {
  state_ = State::handing_over;
  count_room();
  worker_.timer.arm(reader_alarm_, worker_.timer.now() + attempt_->reader_patience());
}

void ProxyExchange::on_broken(ApiError error) { return fail_with(std::move(error)); }

void ProxyExchange::fail_with(ApiError error) {
  failed_with_ = std::move(error);
  return flush_when_durable();
}

void ProxyExchange::break_off(const ApiError& error) {
  if (attempt_ != nullptr && attempt_->relays_document()) {
    close_books(200, error.code);  // within a document there is no saying it
    return answer_.abort();
  }
  worker_.text.assign("data: ");
  append_error_body(worker_.text, error);
  worker_.text += "\n\n";
  answer_.send(worker_.text);
  close_books(200, error.code);
  return answer_.abort();
}

void ProxyExchange::on_client_stuck() {
  close_books(499, "client_left");
  return answer_.abort();
}

void ProxyExchange::on_drained() {
  const bool took_all = answer_.go_on() == Flow::more;
  count_room();
  switch (state_) {
    case State::streaming:
      return took_all ? attempt_->resume() : attempt_->reader_goes_on();
    case State::handing_over:
      return took_all ? flush() : await_reader();
    default:
      return;
  }
}

void ProxyExchange::refuse(const ApiError& error) {
  const std::string_view code = error.code.empty() ? error.type : error.code;
  // By the route: clients make up the names of models.
  worker_.refusals.count(project_.config.name, route_ != nullptr ? std::string_view(route_->pattern) : "", code);
  worker_.core.refused.count(code);
  if (admitted_) {
    admitted_ = entered_ = false;
    project_.state->limits.undo(project_.config.limits, charged_tokens_, worker_.timer.now());
    worker_.core.in_flight.fetch_sub(1, std::memory_order_relaxed);
  }
  return answer_error(error);
}

void ProxyExchange::answer_error(const ApiError& error) {
  if (answer_.head_sent()) return break_off(error);
  std::string& text = worker_.text;
  text.clear();
  append_error_body(text, error);
  send_head(error.status, "application/json", text.size(), &error);
  answer_.send(text);
  close_books(error.status, error.code.empty() ? error.type : error.code);
  return answer_.finish();
}

void ProxyExchange::send_head(int status, std::string_view content_type, std::optional<std::uint64_t> length,
                              const ApiError* error) {
  const TimePoint tick = worker_.timer.tick();
  overhead_ += tick - worker_.timer.now();
  FieldList& fields = worker_.fields;
  fields.clear();
  fields.add_view("content-type", content_type);
  if (!length) {
    fields.add_view("cache-control", "no-cache");
    fields.add_view("x-accel-buffering", "no");
  }
  add_request_id(fields, row_.request, row_.client_request_id);
  if (accepted_at_ != TimePoint{}) {
    fields.add("openai-processing-ms",
               std::chrono::duration_cast<std::chrono::milliseconds>(tick - accepted_at_).count());
  }
  add_rate_limits(fields, project_, worker_.timer.now());
  if (attempt_ != nullptr) {
    fields.add_view("x-gateway-provider", row_.provider);
    fields.add_view("x-gateway-model", row_.target_model);
    fields.add("x-gateway-attempts", static_cast<std::int64_t>(row_.attempt));
    fields.add("x-gateway-overhead-us", std::chrono::duration_cast<std::chrono::microseconds>(overhead_).count());
    if (wrote_max_tokens_) fields.add("x-gateway-max-tokens", *wrote_max_tokens_);
    if (length) fields.add("x-gateway-cost", total_cost().to_string());
  }
  if (error != nullptr) add_error_fields(fields, *error);
  answer_.send_head({.status = status, .headers = fields.span(), .content_length = length});
}

// Failed attempts have put theirs into cost_ already.
Money ProxyExchange::total_cost() const noexcept {
  const bool last_counts = attempt_ != nullptr && row_.state == RowState::settled;
  return last_counts ? cost_.plus_saturated(row_.cost) : cost_;
}

// --- the end --------------------------------------------------------------------------------------------------------

void ProxyExchange::log_body(std::string_view what, std::string_view bytes) const {
  if (!snapshot_->config.log_bodies) return;
  worker_.core.log(LogLevel::info, std::string(what).append(" body: ").append(bytes), row_.request.text());
}

// Only what was answered has means: clients may ask for any name.
void ProxyExchange::learn() {
  const TimePoint now = worker_.timer.now();
  if (!means_) means_ = worker_.core.means.make(BoundedTable<ModelMeans>::key(project_.config.name, facts_.model), now);
  if (!means_) return;
  means_->add(row_.usage.output, row_.cost_source != CostSource::none ? std::optional(row_.cost) : std::nullopt, now);
}

// A project's tokens do not wait for a slow reader; its place does.
void ProxyExchange::correct_tokens() {
  if (!std::exchange(admitted_, false)) return;
  project_.state->limits.correct(project_.config.limits, charged_tokens_, row_.usage.input + row_.usage.output,
                                 worker_.timer.now());
}

void ProxyExchange::close_books(int status, std::string_view error_code) {
  state_ = State::done;
  retry_alarm_.disarm();
  reader_alarm_.disarm();
  end_waiting();
  ExchangeRecord record;
  if (attempt_ != nullptr) {
    record.usage = row_.usage;
    record.provider = row_.provider;
    record.target_model = row_.target_model;
    record.cost_source = row_.cost_source;
    record.attempts = row_.attempt;
    if (row_.first_byte != WallTime{}) record.first_byte = row_.first_byte - row_.accepted;
  }
  correct_tokens();
  if (entered_) {
    project_.state->limits.leave();
    worker_.core.in_flight.fetch_sub(1, std::memory_order_relaxed);
  }
  record.request = row_.request;
  record.client_request_id = row_.client_request_id;
  record.project = row_.project;
  record.key = row_.key;
  record.path = row_.endpoint == Endpoint::embeddings ? "/v1/embeddings" : "/v1/chat/completions";
  record.asked_model = row_.asked_model;
  record.status = status;
  record.error_code = error_code;
  record.streamed = row_.streamed;
  record.client_left = status == 499;
  record.cost = total_cost();
  record.overhead = overhead_;
  record.client = peer_;
  if (accepted_at_ != TimePoint{}) record.total = worker_.timer.now() - accepted_at_;
  worker_.meters.add(record, route_ != nullptr ? route_->pattern : std::string_view{});
  worker_.core.log(record, row_.request.text());
}

}  // namespace gateway
