// Opens many streams at once and reads them to their end: for CPU per relayed chunk and memory per open stream.
//   stream_load URL_BASE KEY STREAMS [MODEL]
// Prints one JSON line: streams that ended with [DONE], chunks, seconds. Tells on standard error when all are open.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "gateway/curl_upstream.h"
#include "gateway/epoll_loop.h"
#include "providers/base_url.h"

namespace gateway {
namespace {

struct Totals {
  int open = 0, ended = 0, whole = 0, failed = 0;
  long chunks = 0;
};

class Stream final : public UpstreamReply {
 public:
  explicit Stream(Totals& totals) : totals_(totals) {}
  void on_head(const UpstreamHead& head) override {
    if (head.status == 200) ++totals_.open;
  }
  Flow on_body(std::string_view bytes) override {
    for (std::size_t at = 0; (at = bytes.find("\n\n", at)) != std::string_view::npos; at += 2) ++totals_.chunks;
    if (bytes.find("data: [DONE]") != std::string_view::npos) ++totals_.whole;
    return Flow::more;
  }
  void on_end(Result<void> result) override {
    ++totals_.ended;
    if (!result) ++totals_.failed;
  }
  std::unique_ptr<Call> call;

 private:
  Totals& totals_;
};

int run(int argc, char** argv) {
  if (argc < 4) return std::fprintf(stderr, "usage: stream_load URL_BASE KEY STREAMS [MODEL]\n"), 2;
  const auto base = parse_base_url(argv[1], "direct");
  if (!base) return std::fprintf(stderr, "%s\n", base.error().detail.c_str()), 2;
  const int count = std::atoi(argv[3]);
  const std::string model = argc > 4 ? argv[4] : "bench";
  const std::string body =
      R"({"model":")" + model + R"(","stream":true,"messages":[{"role":"user","content":"Tell me something."}]})";
  const std::string bearer = std::string("Bearer ") + argv[2];
  const std::string path = base->path + "/chat/completions";
  const HeaderField fields[] = {{"authorization", bearer}, {"content-type", "application/json"}};
  const std::string_view pieces[] = {body};

  EpollLoop loop;
  CurlUpstream upstream(loop);
  Totals totals;
  std::vector<std::unique_ptr<Stream>> streams;
  const auto begin = std::chrono::steady_clock::now();
  bool told = false;
  while (totals.ended < count && std::chrono::steady_clock::now() - begin < std::chrono::seconds(120)) {
    // A hundred a turn, so that no queue of connections overflows.
    for (int i = 0;
         i < 100 && static_cast<int>(streams.size()) < count && static_cast<int>(streams.size()) < totals.open + 400;
         ++i) {
      streams.push_back(std::make_unique<Stream>(totals));
      Stream& stream = *streams.back();
      stream.call = upstream.start(
          {.origin = &base->origin, .method = "POST", .path = path, .headers = fields, .body = pieces}, stream);
    }
    loop.run_once(std::chrono::milliseconds(20));
    if (!told && totals.open >= count) {
      std::fprintf(stderr, "open\n");
      told = true;
    }
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  std::printf("{\"streams\": %d, \"whole\": %d, \"failed\": %d, \"chunks\": %ld, \"seconds\": %.3f}\n", count,
              totals.whole, totals.failed, totals.chunks, took.count());
  return totals.whole == count ? 0 : 1;
}

}  // namespace
}  // namespace gateway

int main(int argc, char** argv) { return gateway::run(argc, argv); }
