#include "proxy/stored_response.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "gateway/headers.h"
#include "policy/routing/retry.h"
#include "providers/responses.h"
#include "proxy/answer_fields.h"
#include "proxy/attempt.h"
#include "proxy/entrance.h"

namespace gateway {
namespace {

using Failed = AttemptFailure::Kind;

// The ledger thread answers within a few milliseconds, unless the store makes it wait.
constexpr auto kLookupEvery = std::chrono::milliseconds(1);
// The rows of an answer that has just ended are in the ledger by then.
constexpr auto kLookAgain = std::chrono::milliseconds(100);
constexpr auto kFindWithin = std::chrono::seconds(10);
constexpr std::size_t kMaxIgnored = 64 * 1024;  // of a body that means nothing
constexpr std::size_t kMaxError = 64 * 1024;

ApiError error_of(const AnswerFault& fault, std::optional<std::chrono::milliseconds> retry_after) {
  switch (fault.kind) {
    case Failed::client_fault:
      return api_error::from_provider(fault.status, *fault.error);
    case Failed::rate_limited:
      return api_error::provider_rate_limited(retry_after);
    case Failed::credentials:
    case Failed::forbidden:
    case Failed::request_refused:
      return api_error::provider_unavailable();
    case Failed::timeout:
      return api_error::provider_timeout();
    default:
      return api_error::provider_error(*fault.error);
  }
}

}  // namespace

std::string_view StoredResponse::methods(std::string_view part) noexcept {
  if (part.empty()) return "GET, DELETE";
  return part == "/cancel" ? "POST" : "GET";
}

bool StoredResponse::allows(std::string_view part, std::string_view method) noexcept {
  return part.empty() ? method == "GET" || method == "DELETE" : method == methods(part);
}

StoredResponse::StoredResponse(GatewayWorker& worker, Client& client, const Incoming& in, Caller caller)
    : worker_(worker),
      line_(client),
      snapshot_(in.snapshot),
      project_(*caller.project),
      peer_(in.head.peer),
      id_(in.response),
      method_(in.head.method),
      query_(in.head.query),
      part_(in.part),
      request_(worker.buffers),
      room_(worker.core.buffered, caller.project->state->buffered),
      error_(worker.answers.room) {
  read_head(request_, in, caller);
}

StoredResponse::~StoredResponse() {
  if (state_ != State::done) finish(499, "client_left");
}

void StoredResponse::begin(std::optional<std::uint64_t> content_length) {
  if (content_length.value_or(0) > kMaxIgnored) return refuse(api_error::body_too_large(kMaxIgnored));
  if (const auto error = take_place(worker_, *snapshot_, project_, room_, {})) return refuse(*error);
  entered_ = true;
}

Flow StoredResponse::on_body(std::string_view bytes) {
  if (state_ != State::reading) return Flow::more;
  read_ += bytes.size();
  if (read_ > kMaxIgnored) refuse(api_error::body_too_large(kMaxIgnored));
  return Flow::more;
}

void StoredResponse::on_end() {
  if (state_ != State::reading) return;
  state_ = State::finding;
  request_.accepted = worker_.timer.wall();
  request_.accepted_at = moved_ = worker_.timer.now();
  const auto refusal = project_.state->limits.charge(project_.config.limits, 0, request_.accepted_at);
  if (refusal.verdict != RateLimits::Verdict::admitted) return refuse(rate_error(refusal, 0));
  // A row keeps no longer ids, and would find another's by the beginning.
  if (id_.size() > decltype(Row::generation_id)::capacity()) return refuse(api_error::response_not_found(id_));
  return start_look();
}

void StoredResponse::start_look() {
  lookup_ = worker_.core.answer_lookups.start(project_.config.name, id_);
  if (!lookup_) return refuse(api_error::overloaded());
  worker_.timer.arm(alarm_, worker_.timer.now() + kLookupEvery);
}

void StoredResponse::look() {
  if (!lookup_) return start_look();
  const TimePoint now = worker_.timer.now();
  if (!lookup_->done.load(std::memory_order_acquire)) {
    if (now - request_.accepted_at > kFindWithin) return refuse(api_error::unavailable("the ledger does not answer"));
    return worker_.timer.arm(alarm_, now + kLookupEvery);
  }
  const auto& found = lookup_->provider;
  if (!found) return refuse(api_error::unavailable("the ledger cannot be read"));
  if (!*found && !std::exchange(looked_again_, true)) {
    lookup_.reset();
    return worker_.timer.arm(alarm_, now + kLookAgain);
  }
  const auto owner = *found ? snapshot_->providers.find(**found) : snapshot_->providers.end();
  // One of another shape stores nothing that could be asked for, whatever it calls its answers.
  if (owner == snapshot_->providers.end() || owner->second->dialect->shape() != Shape::responses) {
    return refuse(api_error::response_not_found(id_));
  }
  provider_ = owner->second.get();
  return query_owner();
}

void StoredResponse::query_owner() {
  state_ = State::asking;
  moved_ = worker_.timer.now();
  arm();
  DialectOutput& out = worker_.outgoing;
  out.clear();
  write_stored_response(*provider_, {.id = id_, .part = part_, .query = query_}, out);
  call_ = worker_.upstream_for(*provider_)
              .start({.origin = &provider_->base.origin,
                      .method = method_,
                      .path = out.path,
                      .headers = out.fields.span(),
                      .body = {},
                      .connect_timeout = snapshot_->config.timeouts.connect},
                     reply_);
}

// --- time -----------------------------------------------------------------------------------------------------------

void StoredResponse::arm() {
  const Timeouts& limits = snapshot_->config.timeouts;
  auto idle = state_ == State::asking ? limits.first_byte : limits.idle;
  if (paused_ || ended_) idle = std::max<std::chrono::milliseconds>(idle, kSlowReader);
  worker_.timer.arm(alarm_, std::min(moved_ + idle, request_.accepted_at + limits.total));
}

void StoredResponse::on_time() {
  if (state_ == State::finding) return look();
  call_.reset();
  if (state_ == State::sending) return break_off();
  return answer_error(api_error::provider_timeout());
}

// --- what comes back ------------------------------------------------------------------------------------------------

void StoredResponse::on_head(const UpstreamHead& head) {
  status_ = head.status;
  moved_ = worker_.timer.now();
  if (head.status >= 200 && head.status < 300) {
    state_ = State::sending;
    const std::string_view type = header_value(head.headers, "content-type");
    const std::optional<std::uint64_t> length = head.status == 204 ? std::optional<std::uint64_t>(0) : std::nullopt;
    send_head(head.status, type.empty() ? "application/json" : type, length, nullptr);
  } else {
    state_ = State::refused;
    retry_after_ = parse_retry_after(header_value(head.headers, "retry-after"),
                                     header_value(head.headers, "retry-after-ms"), worker_.timer.wall());
    provider_->dialect
        ->open_answer({.tools = worker_.answers,
                       .request = request_.facts,
                       .client = request_.surface->shape(),
                       .max_event = kMaxError,
                       .max_answer = kMaxError},
                      error_)
        .on_head(head);
  }
  arm();
}

Flow StoredResponse::on_bytes(std::string_view bytes) {
  moved_ = worker_.timer.now();
  arm();
  if (state_ == State::refused) {
    // Gathered, and judged at its end, or once there is more of it than anybody reads.
    failed_ = error_->push(bytes, reply_) == AnswerStream::Step::failed;
    error_size_ += bytes.size();
    if (!failed_ && error_size_ <= kMaxError) return Flow::more;
    call_.reset();
    return on_answered({}), Flow::pause;
  }
  paused_ = line_.send(bytes) == Flow::pause;
  if (paused_) arm();
  return paused_ ? Flow::pause : Flow::more;
}

void StoredResponse::on_drained() {
  if (state_ != State::sending) return;
  moved_ = worker_.timer.now();
  arm();
  if (line_.go_on() == Flow::pause) return;
  if (ended_) {
    finish(status_, {});
    return line_.finish();
  }
  if (std::exchange(paused_, false)) call_->resume();
}

void StoredResponse::on_answered(const Result<void>& how) {
  if (state_ == State::sending) {
    if (!how) return break_off();
    ended_ = true;
    if (line_.kept() > 0) return;
    finish(status_, {});
    return line_.finish();
  }
  if (state_ == State::refused) {
    failed_ = failed_ || error_->finish(how, reply_) == AnswerStream::Step::failed;
    const AnswerFault& fault = error_->fault();
    if (failed_ && fault.error != nullptr) {
      provider_->hide_secrets(*fault.error);
      ApiError error = error_of(fault, retry_after_ ? retry_after_ : fault.retry_after);
      error.is_overload = fault.kind == Failed::overloaded;
      if (fault.kind != Failed::client_fault) log("status " + std::to_string(status_) + ": " + fault.error->message);
      return answer_error(error);
    }
  }
  log(how ? "status " + std::to_string(status_) + " without a usable answer" : how.error().detail);
  return answer_error(!how && how.error().code == ErrorCode::timeout ? api_error::provider_timeout()
                                                                     : api_error::provider_error());
}

// For the operator, who alone can do something about it.
void StoredResponse::log(std::string_view what) const {
  std::string text = provider_->config.name + ": a stored response: ";
  text += what;
  provider_->hide_secrets(text);
  worker_.core.log(LogLevel::warning, text, request_.id.text());
}

// --- the answers ----------------------------------------------------------------------------------------------------

void StoredResponse::refuse(const ApiError& error) {
  const std::string_view code = error.code.empty() ? error.type : error.code;
  worker_.refusals.count(project_.config.name, {}, code);
  worker_.core.refused.count(code);
  return answer_error(error);
}

void StoredResponse::answer_error(const ApiError& error) {
  std::string text;
  request_.surface->write_error(text, error);
  const int status = request_.surface->status_of(error);
  send_head(status, "application/json", text.size(), &error);
  line_.send(text);
  finish(status, error.code.empty() ? error.type : error.code);
  return line_.finish();
}

void StoredResponse::break_off() {
  finish(status_, paused_ || ended_ ? "client_left" : "provider_error");
  return line_.abort();
}

void StoredResponse::send_head(int status, std::string_view content_type, std::optional<std::uint64_t> length,
                               const ApiError* error) {
  FieldList& fields = worker_.fields;
  fields.clear();
  fields.add_view("content-type", content_type);
  if (content_type.starts_with("text/event-stream")) {
    fields.add_view("cache-control", "no-cache");
    fields.add_view("x-accel-buffering", "no");
  }
  add_request_id(fields, request_.id, request_.client_id, request_.surface->request_id_field());
  add_rate_limits(fields, project_, worker_.timer.now());
  if (provider_ != nullptr) fields.add_view("x-gateway-provider", provider_->config.name);
  if (error != nullptr) add_error_fields(fields, *error);
  line_.send_head({.status = status, .headers = fields.span(), .content_length = length});
}

void StoredResponse::finish(int status, std::string_view error_code) {
  state_ = State::done;
  worker_.timer.disarm(alarm_);
  if (std::exchange(entered_, false)) return_place(worker_, project_);
  ExchangeRecord record = record_of(request_);
  record.path = path();
  if (provider_ != nullptr) {
    record.provider = provider_->config.name;
    record.attempts = 1;
  }
  record.status = status;
  record.error_code = error_code;
  record.client_left = error_code == "client_left";
  record.client = peer_;
  if (request_.accepted_at != TimePoint{}) record.total = worker_.timer.now() - request_.accepted_at;
  worker_.meters.add(record, {});
  worker_.core.log(record, request_.id.text());
}

std::string_view StoredResponse::path() const noexcept {
  if (part_.empty()) return "/v1/responses/{id}";
  return part_ == "/cancel" ? "/v1/responses/{id}/cancel" : "/v1/responses/{id}/input_items";
}

}  // namespace gateway
