// A provider for measurements: answers at once with a fixed completion of about 1 KiB, or streams chunks at a fixed
// pace.
//   bench_upstream PORT [chunks=50] [every_ms=100]
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>

#include "app/server/http1_session.h"
#include "app/server/listener.h"
#include "gateway/epoll_loop.h"
#include "net/address.h"
#include "net/socket.h"

namespace gateway {
namespace {

std::string completion() {
  std::string text(700, 'x');
  return R"({"id":"chatcmpl-bench","object":"chat.completion","created":1700000000,"model":"bench","choices":[{"index":0,)"
         R"("message":{"role":"assistant","content":")" +
         text +
         R"(","refusal":null},"logprobs":null,"finish_reason":"stop"}],)"
         R"("usage":{"prompt_tokens":450,"completion_tokens":170,"total_tokens":620}})";
}

const std::string kCompletion = completion();
const std::string kChunk =
    "data: {\"id\":\"chatcmpl-bench\",\"object\":\"chat.completion.chunk\",\"created\":1700000000,\"model\":\"bench\","
    "\"choices\":[{\"index\":0,\"delta\":{\"content\":\" token\"},\"logprobs\":null,\"finish_reason\":null}]}\n\n";
const std::string kEnd =
    "data: {\"id\":\"chatcmpl-bench\",\"object\":\"chat.completion.chunk\",\"created\":1700000000,\"model\":\"bench\","
    "\"choices\":[{\"index\":0,\"delta\":{},\"logprobs\":null,\"finish_reason\":\"stop\"}]}\n\n"
    "data: {\"id\":\"chatcmpl-bench\",\"object\":\"chat.completion.chunk\",\"created\":1700000000,\"model\":\"bench\","
    "\"choices\":[],\"usage\":{\"prompt_tokens\":450,\"completion_tokens\":50,\"total_tokens\":500}}\n\ndata: "
    "[DONE]\n\n";

struct Pace {
  int chunks = 50;
  std::chrono::milliseconds every{100};
};

class BenchExchange final : public Exchange, private Alarm {
 public:
  BenchExchange(Timer& timer, Client& client, Pace pace) : timer_(timer), client_(client), pace_(pace) {}
  bool wants_body() const override { return true; }
  Flow on_body(std::string_view bytes) override {
    if (bytes.find("\"stream\":true") != std::string_view::npos) streams_ = true;
    return Flow::more;
  }
  void on_end() override {
    const HeaderField json[] = {{"content-type", "application/json"}};
    const HeaderField events[] = {{"content-type", "text/event-stream"}};
    if (streams_) {
      out_ = &client_.send_head({.status = 200, .headers = events, .content_length = {}});
      return timer_.arm(*this, timer_.now() + pace_.every);
    }
    out_ = &client_.send_head({.status = 200, .headers = json, .content_length = kCompletion.size()});
    out_->send_body(kCompletion);
    out_->finish();
  }
  void on_drained() override {}

 private:
  void on_alarm() override {
    if (sent_++ < pace_.chunks) {
      timer_.arm(*this, timer_.now() + pace_.every);
      out_->send_body(kChunk);
      return;
    }
    out_->send_body(kEnd);
    out_->finish();
  }

  Timer& timer_;
  Client& client_;
  ResponseBody* out_ = nullptr;
  const Pace pace_;
  bool streams_ = false;
  int sent_ = 0;
};

class BenchServer final : public app::ExchangeOpener, public app::SessionOwner, public app::ConnectionSink {
 public:
  BenchServer(EpollLoop& loop, Pace pace)
      : loop_(loop), context_(loop, *this, *this, RequestIdSource(0, 1)), pace_(pace) {}
  std::unique_ptr<Exchange> open(const RequestHead&, Client& client) override {
    return std::make_unique<BenchExchange>(loop_, client, pace_);
  }
  void on_closed(app::Http1Session& session) override {
    loop_.defer_delete([&session] { delete &session; });
  }
  void on_connection(net::UniqueFd fd, const app::Entrance&) override {
    new app::Http1Session(context_, app::Transport(std::move(fd), nullptr));
  }

 private:
  EpollLoop& loop_;
  app::SessionContext context_;
  const Pace pace_;
};

int number(const char* text, int otherwise) {
  int n = otherwise;
  std::from_chars(text, text + std::string_view(text).size(), n);
  return n;
}

int run(int argc, char** argv) {
  if (argc < 2) return std::fprintf(stderr, "usage: bench_upstream PORT [CHUNKS] [EVERY_MS]\n"), 2;
  Pace pace;
  if (argc > 2) pace.chunks = number(argv[2], pace.chunks);
  if (argc > 3) pace.every = std::chrono::milliseconds(number(argv[3], 100));
  const auto address = net::parse_address("127.0.0.1:" + std::string(argv[1]));
  if (!address) return std::fprintf(stderr, "%s\n", address.error().detail.c_str()), 2;
  auto socket = net::listen_on(*address);
  if (!socket) return std::fprintf(stderr, "%s\n", socket.error().detail.c_str()), 1;
  EpollLoop loop;
  BenchServer server(loop, pace);
  app::ConnectionGate gate({});
  app::Listener listener(loop, std::move(*socket), app::Entrance{}, gate, server);
  loop.run();
  return 0;
}

}  // namespace
}  // namespace gateway

int main(int argc, char** argv) { return gateway::run(argc, argv); }
