// The part of a proxy exchange that answers the client and closes the books.
#include <algorithm>

#include "chat/endpoint.h"
#include "proxy/answer_fields.h"
#include "proxy/entrance.h"
#include "proxy/proxy_exchange.h"
#include "proxy/route_header.h"
#include "wire/sse/scanner.h"

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

// Before the brace that ends the document.
void add_last_members(PaddedBuffer& document, std::string_view members) {
  if (members.empty()) return;
  const std::size_t at = document.view().rfind('}');
  if (at == std::string_view::npos) return;
  const std::string end(document.view().substr(at));
  document.truncate(at);
  document.append(members);
  document.append(end);
}

}  // namespace

// The pattern of the request's own model, whichever is tried.
std::string_view ProxyExchange::own_route() const noexcept {
  if (turn_.route == nullptr) return {};
  return turn_.model == 0 ? turn_.route->pattern : snapshot_->router.find(request_.facts.model)->pattern;
}

Flow ProxyExchange::on_stream(Attempt& attempt, std::string_view bytes) {
  if (state_ == State::trying) take(attempt);
  if (!answer_.head_sent()) {
    state_ = State::streaming;
    const std::string_view usual = attempt.relays_document() ? "application/json" : "text/event-stream; charset=utf-8";
    send_head(200, attempt.content_type().empty() ? usual : attempt.content_type(), std::nullopt, nullptr);
  }
  release_body();
  log_body("answer", bytes);
  const Flow flow = answer_.send(bytes);
  if (answer_.kept() > 0) count_room();
  return flow;
}

void ProxyExchange::on_complete(Attempt& attempt) {
  take(attempt);
  return flush_when_durable();
}

// The last bytes of an answer. With durability `power` they wait until the row is in the store.
void ProxyExchange::flush_when_durable() {
  state_ = State::flushing;
  end_waiting();
  if (upload_ != nullptr) {
    upload_->close();
    request_.body.release();
    count_room();
  }
  if (worker_.core.durability() != Durability::power || attempt_ == nullptr) return flush();
  const std::uint64_t rows = std::max(attempt_->settled_at(), lost_settled_at_);
  if (worker_.journal.confirmed() >= rows) return flush();
  const TimePoint deadline = std::max(request_.deadline, worker_.timer.now() + kLeastStoreWait);
  return worker_.durable_waits.add(*this, rows, deadline);
}

void ProxyExchange::on_waited(bool stored) {
  if (!stored) {
    worker_.core.log(LogLevel::error, "an answer is not finished: its row was not stored in time", request_.id.text());
    if (!failed_with_) failed_with_ = std::make_unique<ApiError>(not_stored());
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
  finish({200, {}});
  return answer_.finish();
}

void ProxyExchange::send_ending() {
  if (PaddedBuffer* document = attempt_->document()) {
    add_last_members(*document, request_.surface->last_members(attempt_->row()));
    log_body("answer", document->view());
    if (answer_.head_sent()) {  // while the answer was awaited: so the client reads events
      worker_.text.clear();
      append_sse_data(worker_.text, document->view());
      answer_.send(worker_.text);
      answer_.send(request_.surface->stream_end());
    } else {
      send_head(200, "application/json", document->size(), nullptr);
      answer_.send(*document);
    }
    gathered_ = document->size();
  } else if (attempt_->relays_document()) {
    answer_.send(request_.surface->last_members(attempt_->row()));
    answer_.send(attempt_->document_end());
  } else {
    if (!answer_.head_sent()) send_head(200, "text/event-stream; charset=utf-8", std::nullopt, nullptr);
    answer_.send(request_.surface->stream_end());
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

void ProxyExchange::on_broken(Attempt&, ApiError error) { return fail_with(std::move(error)); }

void ProxyExchange::fail_with(ApiError error) {
  failed_with_ = std::make_unique<ApiError>(std::move(error));
  return flush_when_durable();
}

void ProxyExchange::break_off(const ApiError& error) {
  if (attempt_ != nullptr && attempt_->relays_document()) {
    finish({200, error.code});  // within a document there is no saying it
    return answer_.abort();
  }
  worker_.text.clear();
  request_.surface->write_stream_error(worker_.text, error);
  answer_.send(worker_.text);
  finish({200, error.code});
  return answer_.abort();
}

void ProxyExchange::on_client_stuck(Attempt&) { return on_reader_gone(); }

void ProxyExchange::on_reader_gone() {
  finish({499, "client_left"});
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
  worker_.refusals.count(project_.config.name, own_route(), code);
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
  request_.surface->write_error(text, error);
  const int status = request_.surface->status_of(error);
  send_head(status, "application/json", text.size(), &error);
  answer_.send(text);
  finish({status, error.code.empty() ? error.type : error.code});
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
  add_request_id(fields, request_.id, request_.client_id, request_.surface->request_id_field());
  if (request_.accepted_at != TimePoint{}) {
    fields.add("openai-processing-ms",
               std::chrono::duration_cast<std::chrono::milliseconds>(tick - request_.accepted_at).count());
  }
  add_rate_limits(fields, project_, worker_.timer.now());
  if (attempt_ != nullptr) {
    const Row& row = attempt_->row();
    fields.add_view("x-gateway-provider", row.provider);
    fields.add_view("x-gateway-model", row.target_model);
    fields.add("x-gateway-attempts", static_cast<std::int64_t>(dispatched_));
    fields.add("x-gateway-overhead-us", std::chrono::duration_cast<std::chrono::microseconds>(overhead_).count());
    const auto wrote_max_tokens = attempt_->plan().holding.write_max_tokens;
    if (wrote_max_tokens) fields.add("x-gateway-max-tokens", *wrote_max_tokens);
    if (!attempt_->dropped().empty()) fields.add_view("x-gateway-dropped", attempt_->dropped());
    if (length) fields.add("x-gateway-cost", total_cost().to_string());
  }
  if (snapshot_->config.route_header && !decision_.all().empty())
    fields.add("x-gateway-route", route_header(snapshot_->router, request_.facts, decision_));
  if (error != nullptr) add_error_fields(fields, *error);
  answer_.send_head({.status = status, .headers = fields.span(), .content_length = length});
}

// Failed attempts have put theirs into cost_ already.
Money ProxyExchange::total_cost() const noexcept {
  const bool last_counts = attempt_ != nullptr && attempt_->row().state == RowState::settled;
  return last_counts ? cost_.plus_saturated(attempt_->row().cost) : cost_;
}

// --- the end --------------------------------------------------------------------------------------------------------

void ProxyExchange::log_body(std::string_view what, std::string_view bytes) const {
  if (!snapshot_->config.log_bodies) return;
  worker_.core.log(LogLevel::info, std::string(what).append(" body: ").append(bytes), request_.id.text());
}

// Only what was answered has means: clients may ask for any name.
void ProxyExchange::learn() {
  const TimePoint now = worker_.timer.now();
  if (!means_) means_ = worker_.core.means.make(BoundedTable<ModelMeans>::key(project_.config.name, model()), now);
  if (!means_) return;
  const Row& row = attempt_->row();
  means_->add(row.usage.output, row.cost_source != CostSource::none ? std::optional(row.cost) : std::nullopt, now);
}

// A project's tokens do not wait for a slow reader; its place does.
void ProxyExchange::correct_tokens() {
  if (!std::exchange(admitted_, false)) return;
  const Usage used = attempt_ != nullptr ? attempt_->row().usage : Usage{};
  project_.state->limits.correct(project_.config.limits, charged_tokens_, used.input + used.output,
                                 worker_.timer.now());
}

void ProxyExchange::finish(const Outcome& outcome) {
  state_ = State::done;
  if (upload_ != nullptr) upload_->close();
  retry_alarm_.disarm();
  hedge_alarm_.disarm();
  reader_alarm_.disarm();
  end_waiting();
  ExchangeRecord record = record_of(request_);
  if (attempt_ != nullptr) {
    const Row& row = attempt_->row();
    record.usage = row.usage;
    record.provider = row.provider;
    record.target_model = row.target_model;
    record.cost_source = row.cost_source;
    record.attempts = dispatched_;
    if (attempt_->first_byte_at() != TimePoint{}) {
      record.first_byte = attempt_->first_byte_at() - request_.accepted_at;
    }
  }
  correct_tokens();
  if (entered_) return_place(worker_, project_);
  record.path = info_of(request_.operation).full_path;
  record.status = outcome.status;
  record.error_code = outcome.error_code;
  record.streamed = request_.facts.stream;
  record.client_left = outcome.status == 499;
  record.cost = total_cost();
  record.overhead = overhead_;
  record.client = peer_;
  if (request_.accepted_at != TimePoint{}) record.total = worker_.timer.now() - request_.accepted_at;
  worker_.meters.add(record, own_route());
  worker_.core.log(record, request_.id.text());
}

}  // namespace gateway
