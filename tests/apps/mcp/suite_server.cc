// A server of the protocol with the tools that its conformance suite calls by name, so that the suite can also test
// what no tool of the gateway shows. It prints its URL, and ends with its input.
#include <cstdio>
#include <memory>
#include <string>

#include "app/mcp/protocol.h"
#include "app/server/server.h"
#include "gateway/testing/memory_store.h"
#include "gateway/yaml_config.h"
#include "proxy/answer_fields.h"

using namespace gateway;
using namespace gateway::app;

namespace {

const mcp::ServerFacts kFacts{"suite", "Suite", "1", "Tools that the conformance suite calls by name."};

std::vector<mcp::Tool> suite_tools() {
  return {{"test_simple_text",
           "Text",
           "Returns a text.",
           {},
           {},
           [](const mcp::Arguments&) { return mcp::ToolAnswer{.text = "A simple text."}; }},
          {"test_error_handling", "Error", "Fails.", {}, {}, [](const mcp::Arguments&) {
             return mcp::failed("This tool always fails.");
           }}};
}

class ProtocolExchange final : public Exchange {
 public:
  ProtocolExchange(Client& client, HeaderSpan headers) : client_(client) {
    fields_ = {field(headers, "mcp-protocol-version"), field(headers, "mcp-method"), field(headers, "mcp-name")};
  }
  bool wants_body() const override { return !ended_; }
  Flow on_body(std::string_view bytes) override { return body_ += bytes, Flow::more; }
  void on_end() override {
    if (ended_) return;
    const auto tools = suite_tools();
    const auto answer = mcp::Protocol(kFacts, tools).answer(body_, &fields_);
    send(answer.status, answer.body);
  }
  void on_drained() override {}
  void send(int status, std::string_view body) {
    ended_ = true;
    FieldList fields;
    if (!body.empty()) fields.add_view("content-type", "application/json");
    if (status == 405) fields.add_view("allow", "POST");
    ResponseBody& out = client_.send_head({.status = status, .headers = fields.span(), .content_length = body.size()});
    if (!body.empty()) out.send_body(body);
    out.finish();
  }

 private:
  static std::optional<std::string> field(HeaderSpan headers, std::string_view name) {
    const HeaderField* found = find_header(headers, name);
    return found == nullptr ? std::nullopt : std::optional<std::string>(found->value);
  }

  Client& client_;
  mcp::HttpFields fields_;
  std::string body_;
  bool ended_ = false;
};

std::unique_ptr<Exchange> open(const MountContext&, const RequestHead& head, Client& client) {
  auto exchange = std::make_unique<ProtocolExchange>(client, head.headers);
  if (head.method != "POST") exchange->send(405, "");
  return exchange;
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 2) return 2;  // where its journals go
  Server::Options options;
  options.config = default_config([](const std::string&) { return std::nullopt; });
  options.config.listen = {"127.0.0.1:0"};
  options.config.workers = 1;
  options.journal_directory = arguments[1];
  options.mounts = [](Server&) { return std::vector<Mount>{{Service::clients, "/mcp", open}}; };
  auto server = Server::start(std::make_unique<testing::MemoryStore>(), std::move(options));
  if (!server) return 1;
  std::printf("http://%s/mcp\n", (*server)->addresses().front().c_str());
  std::fflush(stdout);
  while (std::getchar() != EOF) {
  }
  (*server)->drain();
  return (*server)->stop() ? 0 : 1;
}
