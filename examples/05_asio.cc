// The library in a program that has an event loop of its own, here Asio's: provider connections, time limits and the
// program's own sockets are all served by one io_context on one thread. A second thread does the ledger's work.
//
// The provider is a server of this example's, on the same loop, so that no network is needed.
#include <asio/ip/tcp.hpp>
#include <asio/read_until.hpp>
#include <asio/write.hpp>
#include <atomic>
#include <cstdio>
#include <memory>
#include <string>
#include <thread>

#include "asio_loop.h"
#include "gateway/curl_upstream.h"
#include "gateway/gateway.h"
#include "gateway/testing/fake_client.h"
#include "gateway/testing/memory_store.h"
#include "random_key.h"

namespace {

using asio::ip::tcp;

// Answers one request after another with the same completion.
class TinyProvider {
 public:
  explicit TinyProvider(asio::io_context& io) : acceptor_(io, {asio::ip::make_address("127.0.0.1"), 0}) { accept(); }
  std::string base_url() const { return "http://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port()); }

 private:
  void accept() {
    acceptor_.async_accept([this](const asio::error_code& error, tcp::socket socket) {
      if (error) return;
      serve(std::make_shared<tcp::socket>(std::move(socket)));
      accept();
    });
  }
  // The request is read up to the end of its body, which is the end of its JSON.
  void serve(const std::shared_ptr<tcp::socket>& socket) {
    const auto request = std::make_shared<std::string>();
    asio::async_read_until(*socket, asio::dynamic_buffer(*request), "}]}",
                           [this, socket, request](const asio::error_code& error, std::size_t) {
                             if (error) return;
                             asio::async_write(*socket, asio::buffer(answer_),
                                               [this, socket](const asio::error_code& failed, std::size_t) {
                                                 if (!failed) serve(socket);
                                               });
                           });
  }

  static std::string make_answer() {
    const std::string body =
        R"({"id":"1","object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant",)"
        R"("content":"hello from Asio"},"finish_reason":"stop"}],"usage":{"prompt_tokens":5,"completion_tokens":4}})";
    return "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: " + std::to_string(body.size()) +
           "\r\n\r\n" + body;
  }

  tcp::acceptor acceptor_;
  const std::string answer_ = make_answer();
};

gateway::Config configuration(const std::string& base_url) {
  gateway::Config config;
  gateway::ProviderConfig& provider = config.providers.emplace_back();
  provider.name = "tiny";
  provider.base_url = base_url;
  provider.proxy = "direct";
  gateway::RouteConfig& route = config.routes.emplace_back();
  route.pattern = "tiny";
  route.targets.emplace_back().provider = "tiny";
  route.targets[0].prices.emplace().input = gateway::Money::parse("0.000001").value();
  route.targets[0].prices->output = gateway::Money::parse("0.000002").value();
  config.projects.emplace_back().name = "demo";
  return config;
}

// The ledger's work, which may block on the store: every few milliseconds, as Core::pump says.
class LedgerThread {
 public:
  explicit LedgerThread(gateway::Core& core)
      : thread_([this, &core] {
          while (!stopping_) {
            pump(core);
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
          }
          pump(core);
        }) {}
  ~LedgerThread() {
    stopping_ = true;
    thread_.join();
  }

 private:
  static void pump(gateway::Core& core) {
    core.pump(gateway::TimePoint(std::chrono::steady_clock::now()),
              std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now()));
  }
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace

int main() {
  asio::io_context io;
  AsioLoop loop(io);
  gateway::CurlUpstream upstream(loop);
  TinyProvider provider(io);

  gateway::testing::MemoryStore store;
  const gateway::NewApiKey key = random_key("demo");
  if (auto put = store.put_key(key.stored); !put) return 1;
  auto core = gateway::Core::create(
      {.config = configuration(provider.base_url()), .store = &store, .now = loop.now(), .wall = loop.wall()});
  if (!core) return std::fprintf(stderr, "%s\n", core.error().detail.c_str()), 1;
  gateway::Gateway gateway(**core, 0, loop, upstream);

  gateway::testing::FakeClient client;  // a program's own would write to its connection
  std::unique_ptr<gateway::Exchange> exchange;
  {
    const LedgerThread ledger(**core);
    client.when_done([&io] { io.stop(); });
    asio::post(io, [&] {
      const gateway::HeaderField headers[] = {{"x-api-key", key.text}};
      exchange = gateway.open({.method = "POST", .path = "/v1/chat/completions", .headers = headers, .has_body = true},
                              client);
      exchange->on_body(R"({"model":"tiny","messages":[{"role":"user","content":"hello"}]})");
      exchange->on_end();
    });
    io.run_for(std::chrono::seconds(60));
  }
  const auto sums = store.usage({.by = {gateway::UsageKey::model}});
  std::printf("%d %s\n", client.status(), client.body().c_str());
  if (!sums || sums->size() != 1) return 1;
  std::printf("%s: %s USD\n", sums->front().key[0].c_str(), sums->front().cost.to_string().c_str());
  return client.status() == 200 && sums->front().cost == gateway::Money::parse("0.000013").value() ? 0 : 1;
}
