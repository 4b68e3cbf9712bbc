#include "providers/anthropic_answer.h"

#include "providers/anthropic.h"
#include "support/catch.h"
#include "support/chat_log.h"
#include "support/recorded.h"

using namespace gateway;
using gateway::testing::anthropic_recorded;
using gateway::testing::ChatLog;

namespace {

using Step = AnswerStream::Step;
using Kind = AttemptFailure::Kind;

class Sink final : public AnswerSink {
 public:
  void event(const ChatEvent& event) override { log.event(event); }
  void relay(std::string_view bytes) override { relayed += bytes; }
  bool has_sent() const noexcept override { return !relayed.empty() || !log.lines.empty(); }
  ChatLog log;
  std::string relayed;
};

struct Answer {
  explicit Answer(bool streams, Shape client = Shape::openai) {
    facts.stream = streams;
    answer.emplace(AnswerContext{
        .tools = tools, .request = facts, .client = client, .max_event = 1024 * 1024, .max_answer = 1024 * 1024});
  }
  Step play(int status, std::string_view body, std::size_t piece, const Result<void>& how = {},
            std::vector<HeaderField> more = {}) {
    more.push_back({"content-type", facts.stream && status == 200 ? "text/event-stream" : "application/json"});
    answer->on_head({.status = status, .headers = more});
    for (std::size_t at = 0; at < body.size(); at += piece) {
      const Step step = answer->push(body.substr(at, piece), sink);
      if (step != Step::more) return step;
    }
    return answer->finish(how, sink);
  }
  BufferPool buffers;
  AnswerTools tools{{}, {}, {}, buffers};
  RequestFacts facts;
  Sink sink;
  std::optional<AnthropicAnswer> answer;
};

std::string frame(std::string_view type, std::string_view more) {
  return "event: " + std::string(type) + "\ndata: {\"type\":\"" + std::string(type) + "\"" + std::string(more) +
         "}\n\n";
}
std::string start() {
  return frame(
      "message_start",
      R"(,"message":{"id":"msg_1","type":"message","model":"claude-x","content":[],"usage":{"input_tokens":30,)"
      R"("output_tokens":2}})");
}
std::string text(std::string_view words) {
  return frame("content_block_start", R"(,"index":0,"content_block":{"type":"text","text":""})") +
         frame("content_block_delta",
               R"(,"index":0,"delta":{"type":"text_delta","text":")" + std::string(words) + "\"}");
}
std::string error(const char* type) {
  return R"({"type":"error","error":{"type":")" + std::string(type) + R"(","message":"Words."},"request_id":"req_1"})";
}

}  // namespace

TEST_CASE("recorded streams say the same, whatever the cuts", "[providers][anthropic][fixtures]") {
  for (const auto& each : anthropic_recorded(".sse")) {
    CAPTURE(each.name);
    if (each.name.find("message-start") != std::string::npos) continue;
    Answer whole(true);
    const Step end = whole.play(200, each.text, each.text.size());
    CHECK(whole.sink.log.fault == "");
    const bool breaks = each.name.find("overloaded") != std::string::npos;
    CHECK((end == (breaks ? Step::failed : Step::ended)));
    if (each.text.size() > 16 * 1024) continue;
    for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, std::size_t{97}}) {
      Answer cut(true);
      CHECK((cut.play(200, each.text, piece) == end));
      CHECK(cut.sink.log.said() == whole.sink.log.said());
      CHECK(cut.answer->report().weight == whole.answer->report().weight);
    }
  }
}

TEST_CASE("a client of the same shape is relayed the bytes", "[providers][anthropic][fixtures]") {
  for (const auto& each : anthropic_recorded(".sse")) {
    if (each.name.find("overloaded") != std::string::npos || each.name.find("message-start") != std::string::npos)
      continue;
    CAPTURE(each.name);
    Answer answer(true, Shape::anthropic);
    CHECK((answer.play(200, each.text, 1000) == Step::ended));
    CHECK((each.text + "\n\n").starts_with(answer.sink.relayed));  // some lack the blank line at the end
    CHECK(answer.sink.relayed.find("message_stop") != std::string::npos);
    CHECK(answer.sink.log.lines.empty());
  }
}

TEST_CASE("errors have the kind that their status or type means", "[providers][anthropic]") {
  struct Case {
    int status;
    const char* type;
    Kind kind;
  };
  for (const Case& each :
       {Case{400, "invalid_request_error", Kind::client_fault}, Case{401, "authentication_error", Kind::credentials},
        Case{402, "billing_error", Kind::credentials}, Case{404, "not_found_error", Kind::client_fault},
        Case{413, "request_too_large", Kind::client_fault}, Case{429, "rate_limit_error", Kind::rate_limited},
        Case{500, "api_error", Kind::server_error}, Case{504, "timeout_error", Kind::timeout},
        Case{529, "overloaded_error", Kind::overloaded}}) {
    CAPTURE(each.type);
    for (const int status : {each.status, 200}) {
      Answer answer(true);
      const std::string body = status == 200 ? "event: error\ndata: " + error(each.type) + "\n\n" : error(each.type);
      CHECK((answer.play(status, body, 11) == Step::failed));
      const AnswerFault& fault = answer.answer->fault();
      CHECK((fault.kind == each.kind));
      CHECK(fault.status == each.status);
      REQUIRE(fault.error != nullptr);
      CHECK(fault.error->message == "Words.");
      CHECK((fault.ending == Observed::Ending::refused));
    }
  }
}

TEST_CASE("an account without credit is our affair, not the client's", "[providers][anthropic]") {
  Answer credit(false);
  credit.play(
      400, R"({"type":"error","error":{"type":"invalid_request_error","message":"Your credit balance is too low."}})",
      9);
  CHECK((credit.answer->fault().kind == Kind::credentials));
  const std::string limited =
      R"({"type":"error","error":{"type":"rate_limit_error","message":"Over.","details":{"code":"enforced_spend_limit_reached"}}})";
  Answer later(false);
  later.play(429, limited, 9, {}, {{"retry-after", "7"}});
  CHECK((later.answer->fault().kind == Kind::rate_limited));
}

TEST_CASE("a page of some proxy is an error with its status, or none at all", "[providers][anthropic]") {
  Answer large(false);
  CHECK((large.play(413, "<html>too large</html>", 5) == Step::failed));
  CHECK((large.answer->fault().kind == Kind::client_fault));
  Answer page(true);
  CHECK((page.play(200, "<html>hello</html>", 5) == Step::failed));
  CHECK((page.answer->fault().kind == Kind::server_error));
}

TEST_CASE("a stream without its end is cut off, and its output is not known", "[providers][anthropic]") {
  for (const bool cleanly : {true, false}) {
    Answer answer(true);
    const Result<void> how = cleanly ? Result<void>{} : Result<void>{Error{ErrorCode::lost, "gone"}};
    CHECK((answer.play(200, start() + text("Hello there, and more"), 13, how) == Step::failed));
    CHECK((answer.answer->fault().ending == Observed::Ending::cut_off));
    CHECK((answer.answer->fault().kind == Kind::lost));
    const AnswerReport& report = answer.answer->report();
    REQUIRE(report.figures.usage);
    CHECK(report.figures.usage->input == 30);
    CHECK(report.figures.output_unknown);
    CHECK(report.weight.bytes() == 21);
    CHECK(report.generation_id.view() == "msg_1");
  }
}

TEST_CASE("what a stream's beginning counts of the output is none of it, also where nothing else comes",
          "[providers][anthropic]") {
  for (const char* usage : {"", R"(,"usage":null)", R"(,"usage":{"output_tokens":null})"}) {
    CAPTURE(usage);
    Answer answer(true);
    const std::string end = frame("message_delta", R"(,"delta":{"stop_reason":"end_turn"})" + std::string(usage));
    const std::string stream = start() + text("Hello there, and more") + end + frame("message_stop", "");
    REQUIRE((answer.play(200, stream, stream.size()) == Step::ended));
    CHECK(answer.answer->report().figures.output_unknown);
  }
}

TEST_CASE("an error in the middle of a stream ends it", "[providers][anthropic]") {
  Answer answer(true);
  const std::string stream = start() + text("Hello") + "event: error\ndata: " + error("overloaded_error") + "\n\n";
  CHECK((answer.play(200, stream, stream.size()) == Step::failed));
  CHECK((answer.answer->fault().kind == Kind::overloaded));
  CHECK((answer.answer->fault().ending == Observed::Ending::cut_off));
  CHECK(answer.answer->report().figures.output_unknown);
}

TEST_CASE("a document that broke off behind its end is whole", "[providers][anthropic]") {
  const std::string body =
      R"({"id":"msg_1","type":"message","model":"claude-x","content":[{"type":"text","text":"Hi"}],)"
      R"("stop_reason":"end_turn","usage":{"input_tokens":3,"output_tokens":2}})";
  Answer answer(false);
  CHECK((answer.play(200, body, 10, Error{ErrorCode::lost, "gone"}) == Step::ended));
  CHECK(answer.sink.log.fault == "");
  CHECK(answer.sink.log.choices[0].text == "Hi");
  CHECK(answer.sink.log.usage.back().usage.output == 2);
  Answer cut(false);
  CHECK((cut.play(200, body.substr(0, 40), 10, Error{ErrorCode::lost, "gone"}) == Step::failed));
}

TEST_CASE("a document that is cut off is billed, and not asked for again", "[providers][anthropic]") {
  const std::string body =
      R"({"usage":{"input_tokens":3,"output_tokens":2},"id":"msg_1","type":"message","model":"claude-x",)"
      R"("content":[{"type":"text","text":"Hello there"}],"stop_reason":"end_turn"})";
  Answer with_usage(false);
  CHECK((with_usage.play(200, body.substr(0, body.size() - 20), 10) == Step::failed));
  CHECK(with_usage.answer->fault().final);
  CHECK((with_usage.answer->fault().ending == Observed::Ending::cut_off));
  REQUIRE(with_usage.answer->report().figures.usage);
  CHECK(with_usage.answer->report().figures.usage->output == 2);
  CHECK(with_usage.answer->report().generation_id.view() == "msg_1");

  const std::string rest = "{" + body.substr(body.find("\"id\""));
  for (const Result<void>& how : {Result<void>{}, Result<void>{Error{ErrorCode::lost, "gone"}}}) {
    Answer without(false);
    CHECK((without.play(200, rest.substr(0, rest.size() - 20), 10, how) == Step::failed));
    CHECK((without.answer->fault().ending == Observed::Ending::cut_off));
    CHECK_FALSE(without.answer->report().figures.usage);
    CHECK(without.answer->report().weight.bytes() >= 11);
  }

  Answer other(false);
  CHECK((other.play(200, R"({"message":"some prox)", 10) == Step::failed));
  CHECK_FALSE(other.answer->fault().final);
  CHECK((other.answer->fault().ending == Observed::Ending::refused));
}
