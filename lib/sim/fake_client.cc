#include "gateway/testing/fake_client.h"

namespace gateway::testing {
namespace {

void require(bool kept, const char* rule) {
  if (!kept) detail::die(rule);
}

}  // namespace

ResponseBody& FakeClient::send_head(const ResponseHead& head) {
  require(!has_head() && !done(), "Client::send_head comes once, and before the end");
  require(head.status >= 200 && head.status <= 599, "Client::send_head has a final status");
  status_ = head.status;
  content_length_ = head.content_length;
  for (const HeaderField& field : head.headers) headers_.add(field.name, field.value);
  return *this;
}

Flow FakeClient::send_body(std::string_view bytes) {
  require(has_head(), "ResponseBody::send_body comes after send_head");
  require(!done(), "ResponseBody::send_body comes before the end");
  body_ += bytes;
  require(!content_length_ || body_.size() <= *content_length_, "a body is no longer than its content_length");
  pieces_.emplace_back(bytes);
  return pause_from_ && body_.size() >= *pause_from_ ? Flow::pause : flow_;
}

void FakeClient::finish() {
  require(has_head(), "ResponseBody::finish comes after send_head");
  require(!content_length_ || body_.size() == *content_length_, "a finished body has its content_length");
  end(finished_);
}

void FakeClient::abort() { end(aborted_); }

void FakeClient::end(bool& how) {
  require(!done(), "ResponseBody::finish or abort comes once");
  how = true;
  // A copy: it may destroy what holds it.
  if (const auto call = when_done_) call();
}

}  // namespace gateway::testing
