#include "app/server/refused_exchange.h"

#include <string>

#include "proxy/answer_fields.h"

namespace gateway::app {
namespace {

class RefusedExchange final : public Exchange {
 public:
  bool wants_body() const override { return false; }
  Flow on_body(std::string_view) override { return Flow::more; }
  void on_end() override {}
  void on_drained() override {}
};

}  // namespace

std::unique_ptr<Exchange> open_refused(const ApiError& error, const RequestId& id, const RequestHead& head,
                                       Client& client) {
  std::string body;
  append_error_body(body, error);
  FieldList fields;
  fields.add_view("content-type", "application/json");
  add_request_id(fields, id, client_request_id(head.headers));
  add_error_fields(fields, error);
  ResponseBody& out =
      client.send_head({.status = error.status, .headers = fields.span(), .content_length = body.size()});
  out.send_body(body);
  auto exchange = std::make_unique<RefusedExchange>();
  out.finish();
  return exchange;
}

}  // namespace gateway::app
