// The part of a proxy exchange that sends a large form while it comes.
#include <algorithm>
#include <utility>

#include "proxy/entrance.h"
#include "proxy/proxy_exchange.h"

namespace gateway {

// A form that is to be larger than what is gathered is refused as soon as it is known that it is to be gathered.
void ProxyExchange::consider_upload() {
  const std::uint64_t size = request_.body->size();
  const std::int64_t most = snapshot_->config.server.max_body;
  const bool is_large = std::max(size, announced_) > static_cast<std::uint64_t>(most);
  const bool is_due = size >= static_cast<std::uint64_t>(std::min(Upload::kFrom, most / 2)) && size != announced_;
  if (!is_large && !is_due) return;
  if (!form_->has_file() && size <= static_cast<std::uint64_t>(most)) return;
  const std::string_view why =
      why_gathered(worker_, *form_, *snapshot_, turn_.route, project_.config, request_.operation, announced_ > 0);
  if (why.empty()) {
    if (is_due) start_upload();
  } else if (is_large) {
    ApiError error = api_error::body_too_large(most);
    error.message.append(" A larger form is passed on as it comes, but ").append(why);
    refuse(error);
  }
}

void ProxyExchange::start_upload() {
  const std::uint64_t came = request_.body->size();
  request_.body_goes_on = true;
  if (announced_ > 0) request_.rest_length = announced_ - came;
  request_.facts = form_->facts_so_far(request_.rest_length, needs_bound(project_.config));
  upload_ = std::make_unique<Upload>(worker_.buffers, announced_, came);
  begin_trying();
  if (!route_request() || !choose_targets() || !admit_rates()) return;
  return advance();
}

Flow ProxyExchange::upload_on(std::string_view bytes) {
  if (bytes.empty()) return Flow::more;
  Upload& upload = *upload_;
  upload.count(bytes.size());
  const std::int64_t most = max_body(snapshot_->config.server, true);
  if (upload.came() > static_cast<std::uint64_t>(most)) return cut_upload(api_error::body_too_large(most)), Flow::more;
  BadRequest why;
  if (!upload.is_as_announced() && upload.is_all_here()) {
    return cut_upload(api_error::bad_request("The body is longer than its content-length.", {})), Flow::more;
  }
  if (!form_->read_on(bytes, why)) {
    return cut_upload(api_error::bad_request(std::move(why.message), std::move(why.param))), Flow::more;
  }
  if (upload.has_room && upload.kept().empty() && !upload.is_all_here()) {
    const std::size_t taken = attempt_->send_body(bytes);
    if (taken > 0) give_up_others();
    upload.has_room = taken == bytes.size();
    bytes.remove_prefix(taken);
  }
  if (bytes.empty()) return Flow::more;
  upload.keep(bytes);
  // It needs room as any body does. Without, its client is paused at once; one that sends on is ended.
  const bool fits = room_.extend(kept(), room_bound());
  if (!fits && upload.size() > 2 * Upload::kKept) return cut_upload(api_error::overloaded()), Flow::more;
  count_room();
  upload.is_paused = (!fits || upload.kept().size() >= Upload::kKept) && !upload.is_all_here();
  return upload.is_paused ? Flow::pause : Flow::more;
}

// No other target can be asked any more: what has gone is gone.
void ProxyExchange::give_up_others() {
  if (!std::exchange(upload_->is_whole, false)) return;
  request_.body.release();
  count_room();
}

void ProxyExchange::on_room(Attempt&) {
  upload_->has_room = true;
  return send_kept();
}

void ProxyExchange::send_kept() {
  Upload& upload = *upload_;
  if (!upload.has_room || (upload.is_open && upload.is_all_here())) return;
  if (const std::string_view kept = upload.kept(); !kept.empty()) {
    const std::size_t taken = attempt_->send_body(kept);
    upload.has_room = taken == kept.size();
    if (taken > 0) give_up_others();
    upload.drop(taken);
  }
  count_room();
  if (!upload.is_open && upload.has_room) {
    upload.has_room = false;
    return attempt_->end_body();
  }
  if (upload.is_paused && upload.kept().size() <= Upload::kKeptLittle) {
    upload.is_paused = false;
    return answer_.resume_request();
  }
}

// All of it has come.
void ProxyExchange::end_upload() {
  BadRequest why;
  RequestFacts complete;
  if (!upload_->is_as_announced()) why = {"The body is shorter than its content-length.", {}};
  if (!why.message.empty() || !form_->finish(complete, why)) {
    return cut_upload(api_error::bad_request(std::move(why.message), std::move(why.param)));
  }
  // An answer that has begun is read as what was asked for by then.
  if (attempt_ != nullptr && attempt_->first_byte_at() != TimePoint{}) complete.stream = request_.facts.stream;
  complete_facts(request_.facts, complete);
  upload_->is_open = false;
  send_kept();
}

// What has gone of it is no request: its provider never gets the end.
void ProxyExchange::cut_upload(ApiError error) {
  retry_alarm_.disarm();
  if (attempt_ == nullptr) return refuse(error);
  if (attempt_->cut(error.code.empty() ? error.type : error.code)) {
    cost_ = attempt_->row().state == RowState::failed ? cost_.plus_saturated(attempt_->row().cost) : cost_;
    error.should_not_retry = true;
  }
  return fail_with(std::move(error));
}

}  // namespace gateway
