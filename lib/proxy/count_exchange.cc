#include "proxy/count_exchange.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/row_model.h"
#include "proxy/admission.h"
#include "proxy/answer_fields.h"
#include "proxy/entrance.h"
#include "proxy/route_plan.h"
#include "proxy/target_plan.h"

namespace gateway {
namespace {

constexpr std::string_view kPath = "/v1/messages/count_tokens";
// A client waits for this before it sends what it counts: then it is better estimated.
constexpr auto kCountLimit = std::chrono::seconds(10);
constexpr std::size_t kMaxCount = 64 * 1024;

}  // namespace

CountExchange::CountExchange(GatewayWorker& worker, Client& client, const Incoming& in, Caller caller)
    : worker_(worker),
      line_(client),
      snapshot_(in.snapshot),
      project_(*caller.project),
      peer_(in.head.peer),
      request_(worker.buffers),
      room_(worker.core.buffered, caller.project->state->buffered) {
  read_head(request_, in, caller);
}

CountExchange::~CountExchange() {
  if (state_ != State::done) finish(499, "client_left");
}

void CountExchange::begin(std::optional<std::uint64_t> content_length) {
  if (const auto error = take_place(worker_, *snapshot_, project_, room_, {.bytes = content_length.value_or(0)})) {
    return refuse(*error);
  }
  entered_ = true;
}

Flow CountExchange::on_body(std::string_view bytes) {
  if (state_ == State::reading) gather(bytes);
  return Flow::more;
}

void CountExchange::gather(std::string_view bytes) {
  const std::size_t size = request_.body->size() + bytes.size();
  const std::int64_t most = snapshot_->config.server.max_body;
  if (size > static_cast<std::uint64_t>(most)) return refuse(api_error::body_too_large(most));
  if (!room_.extend(static_cast<std::int64_t>(size), room_bound(*snapshot_))) return refuse(api_error::overloaded());
  request_.body->append(bytes);
}

void CountExchange::on_end() {
  if (state_ != State::reading) return;
  state_ = State::counting;
  request_.accepted = worker_.timer.wall();
  request_.accepted_at = worker_.timer.now();
  if (const auto error = judge()) return refuse(*error);
  if (!query_provider()) return answer_estimate();
}

std::optional<ApiError> CountExchange::judge() {
  BadRequest why;
  RequestFacts& facts = request_.facts;
  if (!request_.surface->read(worker_.requests, *request_.body, {}, facts, why)) {
    return api_error::bad_request(std::move(why.message), std::move(why.param));
  }
  route_ = snapshot_->router.find(facts.model);
  if (route_ == nullptr) return api_error::model_not_found(facts.model);
  request_.asked_model = row_model(facts.model);
  if (!allows(project_.config.models, facts.model)) return api_error::model_not_allowed(facts.model);
  if (auto refused = refused_alternative(*snapshot_, project_.config, facts)) return refused;
  choice_ = plan_route({.snapshot = *snapshot_,
                        .route = *route_,
                        .project = project_.config,
                        .key = request_.key,
                        .key_name = request_.key_name,
                        .headers = request_.route_fields,
                        .facts = facts,
                        .model = facts.model,
                        .body = *request_.body,
                        .turn = snapshot_->router.next_turn(*route_),
                        .at = request_.accepted,
                        .now = request_.accepted_at});
  if (choice_.size() == 0) return no_target_fits(*route_, choice_);
  const auto refusal = project_.state->limits.charge(project_.config.limits, 0, worker_.timer.now());
  if (refusal.verdict != RateLimits::Verdict::admitted) return rate_error(refusal, 0);
  return std::nullopt;
}

// The one that the message itself would go to now.
const TargetConfig& CountExchange::first_target() const {
  const TimePoint now = worker_.timer.now();
  for (const std::size_t each : choice_.order()) {
    const TargetConfig& target = route_->targets[each];
    if (usable_from(worker_, *snapshot_, project_, target, request_.facts.model) <= now) return target;
  }
  return route_->targets[choice_.target(0)];
}

bool CountExchange::query_provider() {
  const TargetConfig& target = first_target();
  const Provider& provider = *snapshot_->provider(target.provider);
  const Dialect& dialect = *provider.dialect;
  model_ = target_model(target, request_.facts.model);
  if (!dialect.counts_input() || request_.is_translated_for(dialect.shape())) return false;
  DialectOutput& out = worker_.outgoing;
  out.clear();
  const auto written = dialect.write(
      provider, {.facts = &request_.facts, .counts = true, .target_model = model_, .client_fields = request_.fields},
      texts_, out);
  if (!written) return false;
  provider_ = &provider;
  const Timeouts& timeouts = target.timeouts ? *target.timeouts : snapshot_->config.timeouts;
  worker_.timer.arm(alarm_, worker_.timer.now() + std::min<Duration>(kCountLimit, timeouts.total));
  call_ = worker_.upstream_for(provider).start({.origin = &provider.base.origin,
                                                .method = "POST",
                                                .path = out.path,
                                                .headers = out.fields.span(),
                                                .body = out.pieces(request_.body->view()),
                                                .connect_timeout = timeouts.connect},
                                               reply_);
  return true;
}

// --- what comes back ------------------------------------------------------------------------------------------------

void CountExchange::Reply::on_head(const UpstreamHead& head) {
  status = head.status;
  if (status == 200) return;
  owner_.provider_->dialect
      ->open_answer({.tools = owner_.worker_.answers,
                     .request = owner_.request_.facts,
                     .client = owner_.request_.surface->shape(),
                     .max_event = kMaxCount,
                     .max_answer = kMaxCount},
                    error)
      .on_head(head);
}

Flow CountExchange::Reply::on_body(std::string_view bytes) {
  if (error.get() != nullptr) {
    // Gathered: it is judged at its end, unless it is too large.
    if (!failed) failed = error->push(bytes, *this) == AnswerStream::Step::failed;
  } else if (body.size() + bytes.size() <= kMaxCount) {
    body += bytes;
  } else {
    body.clear();
    status = 0;  // it is no count
  }
  return Flow::more;
}

// What is wrong with the request is the client's to know; of all else, as of a provider that is overloaded, an estimate
// is the better answer.
void CountExchange::on_answered(const Result<void>& how) {
  worker_.timer.disarm(alarm_);
  const bool is_count = reply_.body.find("\"input_tokens\"") != std::string::npos;
  if (how && reply_.status == 200 && is_count) return answer(200, reply_.body, "provider", nullptr);
  if (how && reply_.error.get() != nullptr) {
    const bool failed = reply_.failed || reply_.error->finish(how, reply_) == AnswerStream::Step::failed;
    const AnswerFault& fault = reply_.error->fault();
    if (failed && fault.kind == AttemptFailure::Kind::client_fault && fault.error != nullptr) {
      provider_->hide_secrets(*fault.error);
      return answer_error(api_error::from_provider(fault.status, *fault.error));
    }
  }
  return answer_estimate();
}

void CountExchange::on_time() {
  call_.reset();
  return answer_estimate();
}

// --- the answers ----------------------------------------------------------------------------------------------------

void CountExchange::refuse(const ApiError& error) {
  const std::string_view code = error.code.empty() ? error.type : error.code;
  worker_.refusals.count(project_.config.name, route_ != nullptr ? std::string_view(route_->pattern) : "", code);
  worker_.core.refused.count(code);
  return answer_error(error);
}

void CountExchange::answer_error(const ApiError& error) {
  std::string text;
  request_.surface->write_error(text, error);
  return answer(request_.surface->status_of(error), text, {}, &error);
}

void CountExchange::answer_estimate() {
  const std::string text = "{\"input_tokens\":" + std::to_string(request_.facts.input_estimate) + "}";
  return answer(200, text, "estimate", nullptr);
}

void CountExchange::answer(int status, std::string_view body, std::string_view counted_by, const ApiError* error) {
  FieldList& fields = worker_.fields;
  fields.clear();
  fields.add_view("content-type", "application/json");
  add_request_id(fields, request_.id, request_.client_id, request_.surface->request_id_field());
  add_rate_limits(fields, project_, worker_.timer.now());
  if (!counted_by.empty()) fields.add_view("x-gateway-count", counted_by);
  if (provider_ != nullptr) fields.add_view("x-gateway-provider", provider_->config.name);
  if (error != nullptr) add_error_fields(fields, *error);
  line_.send_head({.status = status, .headers = fields.span(), .content_length = body.size()});
  line_.send(body);
  std::string_view code;
  if (error != nullptr) code = error->code.empty() ? error->type : error->code;
  finish(status, code);
  return line_.finish();
}

void CountExchange::finish(int status, std::string_view error_code) {
  state_ = State::done;
  worker_.timer.disarm(alarm_);
  if (std::exchange(entered_, false)) return_place(worker_, project_);
  ExchangeRecord record = record_of(request_);
  record.path = kPath;
  if (provider_ != nullptr) {
    record.provider = provider_->config.name;
    record.target_model = model_;
    record.attempts = 1;
  }
  record.status = status;
  record.error_code = error_code;
  record.client_left = status == 499;
  record.client = peer_;
  if (request_.accepted_at != TimePoint{}) record.total = worker_.timer.now() - request_.accepted_at;
  worker_.meters.add(record, route_ != nullptr ? route_->pattern : std::string_view{});
  worker_.core.log(record, request_.id.text());
}

}  // namespace gateway
