#include "providers/gemini_answer.h"

#include "providers/gemini_embeddings.h"
#include "support/catch.h"
#include "support/chat_log.h"
#include "support/json_value.h"
#include "support/recorded.h"
#include "surfaces/anthropic.h"
#include "surfaces/insforge.h"
#include "surfaces/openai.h"
#include "wire/anthropic/message_reader.h"
#include "wire/openai/event_reader.h"

using namespace gateway;
using gateway::testing::ChatLog;
using gateway::testing::event_data;
using gateway::testing::gemini_recorded;

namespace {

using Step = AnswerStream::Step;
using Kind = AttemptFailure::Kind;

// Hears the events, and writes them for clients of each shape.
class Sink final : public AnswerSink {
 public:
  explicit Sink(bool stream)
      : openai_(make_openai_writer(stream, true)),
        anthropic_(make_anthropic_writer(stream, 1)),
        insforge_(make_insforge_writer(stream ? InsforgeAnswer::events : InsforgeAnswer::document)) {}
  void event(const ChatEvent& event) override {
    log.event(event);
    openai_->write(event, openai);
    anthropic_->write(event, anthropic);
    insforge_->write(event, insforge);
  }
  void relay(std::string_view) override { FAIL("nobody speaks this shape"); }
  bool has_sent() const noexcept override { return !log.lines.empty(); }
  ChatLog log;
  std::string openai, anthropic, insforge;

 private:
  std::unique_ptr<AnswerWriter> openai_, anthropic_, insforge_;
};

struct Answer {
  explicit Answer(bool streams) : sink(streams) {
    facts.stream = streams;
    answer.emplace(AnswerContext{.tools = tools,
                                 .request = facts,
                                 .client = Shape::openai,
                                 .max_event = 1024 * 1024,
                                 .max_answer = 4 * 1024 * 1024});
  }
  Step play(int status, std::string_view body, std::size_t piece, const Result<void>& how = {}) {
    const std::vector<HeaderField> head{
        {"content-type", facts.stream && status == 200 ? "text/event-stream" : "application/json"}};
    answer->on_head({.status = status, .headers = head});
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
  std::optional<GeminiAnswer> answer;
};

ChatLog read_openai(const std::string& bytes, bool stream) {
  ChatLog log;
  ChatEventReader reader;
  if (stream) {
    for (const std::string_view data : event_data(bytes)) reader.read_chunk(data, log);
  } else {
    PaddedBuffer json;
    json.append(bytes);
    reader.read_document(json, log);
  }
  reader.finish(log);
  return log;
}

ChatLog read_anthropic(const std::string& bytes, bool stream) {
  ChatLog log;
  anthropic::MessageReader reader;
  if (stream) {
    for (const std::string_view data : event_data(bytes)) reader.read_event(data, &log);
  } else {
    PaddedBuffer json;
    json.append(bytes);
    reader.read_document(json, &log);
  }
  reader.finish(log);
  return log;
}

// What clients of the other shapes read is what was said.
void check_surfaces(const Sink& sink, bool stream) {
  const ChatLog::Choice& said = sink.log.choices.at(0);
  const Usage* usage = sink.log.usage.empty() ? nullptr : &sink.log.usage.back().usage;
  for (const bool is_openai : {true, false}) {
    CAPTURE(is_openai);
    ChatLog log = is_openai ? read_openai(sink.openai, stream) : read_anthropic(sink.anthropic, stream);
    CHECK(log.fault == "");
    ChatLog::Choice& choice = log.choices[0];
    CHECK(choice.text == said.text);
    CHECK(choice.reasoning == said.reasoning);
    REQUIRE(choice.tools.size() == said.tools.size());
    for (std::size_t i = 0; i < said.tools.size(); ++i) {
      CHECK(choice.tools[i].id == said.tools[i].id);
      CHECK(choice.tools[i].name == said.tools[i].name);
      CHECK(choice.tools[i].arguments == said.tools[i].arguments);
      if (is_openai) CHECK(choice.tools[i].signature == said.tools[i].signature);
      // Where calls have no place for it, it goes ahead of them, marked as whose it is.
      if (is_openai || said.tools[i].signature.empty()) continue;
      const std::string marked = "gateway:google-gemini-call-v1:" + said.tools[i].signature;
      CHECK(sink.anthropic.find("\"" + marked + "\"") != std::string::npos);
    }
    if (usage != nullptr) {
      REQUIRE_FALSE(log.usage.empty());
      CHECK(log.usage.back().usage.input == usage->input);
      CHECK(log.usage.back().usage.output == usage->output);
      CHECK(log.usage.back().usage.cached_input == usage->cached_input);
    }
  }
  CHECK_FALSE(sink.insforge.empty());
}

}  // namespace

TEST_CASE("recorded streams say the same wherever they are cut, to clients of each shape",
          "[providers][gemini][fixtures]") {
  for (const auto& each : gemini_recorded(".sse")) {
    CAPTURE(each.name);
    Answer whole(true);
    REQUIRE((whole.play(200, each.text, each.text.size()) == Step::ended));
    CHECK(whole.sink.log.fault == "");
    check_surfaces(whole.sink, true);
    const AnswerReport& report = whole.answer->report();
    CHECK(report.generation_id.view() == whole.sink.log.id);
    CHECK_FALSE(report.figures.output_unknown);
    for (std::size_t cut = 1; cut < each.text.size(); ++cut) {
      Answer pieces(true);
      const std::vector<HeaderField> head{{"content-type", "text/event-stream"}};
      pieces.answer->on_head({.status = 200, .headers = head});
      REQUIRE((pieces.answer->push(std::string_view(each.text).substr(0, cut), pieces.sink) == Step::more));
      REQUIRE((pieces.answer->push(std::string_view(each.text).substr(cut), pieces.sink) == Step::more));
      REQUIRE((pieces.answer->finish({}, pieces.sink) == Step::ended));
      REQUIRE(pieces.sink.openai == whole.sink.openai);
    }
    Answer bytes(true);
    CHECK((bytes.play(200, each.text, 1) == Step::ended));
    CHECK(bytes.sink.anthropic == whole.sink.anthropic);
    CHECK(bytes.sink.insforge == whole.sink.insforge);
    CHECK(bytes.answer->report().weight == report.weight);
  }
}

TEST_CASE("recorded documents reach clients of each shape", "[providers][gemini][fixtures]") {
  for (const auto& each : gemini_recorded(".response.json")) {
    CAPTURE(each.name);
    if (each.name.find("error") != std::string::npos) continue;
    for (const bool streams : {false, true}) {
      Answer answer(streams);
      REQUIRE((answer.play(200, each.text, 1000) == Step::ended));
      CHECK(answer.sink.log.fault == "");
      check_surfaces(answer.sink, streams);
    }
  }
}

TEST_CASE("recorded errors have the kind that they mean", "[providers][gemini][fixtures]") {
  const std::map<std::string, std::pair<int, Kind>> known{{"a-error-503", {503, Kind::overloaded}},
                                                          {"error-400-key", {400, Kind::credentials}},
                                                          {"error-400-temperature", {400, Kind::client_fault}},
                                                          {"error-429", {429, Kind::rate_limited}},
                                                          {"v-error-429-retry-info", {429, Kind::rate_limited}}};
  for (const auto& each : gemini_recorded(".response.json")) {
    const auto found = known.find(each.name);
    if (found == known.end()) continue;
    CAPTURE(each.name);
    for (const bool streams : {false, true}) {
      Answer answer(streams);
      CHECK((answer.play(found->second.first, each.text, 50) == Step::failed));
      const AnswerFault& fault = answer.answer->fault();
      CHECK((fault.kind == found->second.second));
      CHECK((fault.ending == Observed::Ending::refused));
      REQUIRE(fault.error != nullptr);
      CHECK_FALSE(fault.error->message.empty());
      if (each.name == "error-429") CHECK(fault.retry_after == std::chrono::seconds(48));
      if (each.name == "v-error-429-retry-info") CHECK(fault.retry_after == std::chrono::milliseconds(34400));
    }
  }
}

namespace {

std::string chunk(std::string_view members) { return "data: {" + std::string(members) + "}\r\n\r\n"; }
const std::string kHello =
    chunk(R"("candidates":[{"content":{"parts":[{"text":"Hello there"}]}}],"responseId":"r-1",)"
          R"("usageMetadata":{"promptTokenCount":30,"candidatesTokenCount":1,"totalTokenCount":31})");
constexpr std::string_view kStopped = R"("candidates":[{"finishReason":"STOP"}])";
const Error kGone{ErrorCode::lost, "gone"};

}  // namespace

TEST_CASE("a stream is complete once it says why it stopped, and cut off before", "[providers][gemini]") {
  for (const bool cleanly : {true, false}) {
    const Result<void> how = cleanly ? Result<void>{} : Result<void>{kGone};
    Answer cut(true);
    CHECK((cut.play(200, kHello, 9, how) == Step::failed));
    CHECK((cut.answer->fault().ending == Observed::Ending::cut_off));
    CHECK((cut.answer->fault().kind == Kind::lost));
    const AnswerReport& report = cut.answer->report();
    REQUIRE(report.figures.usage);
    CHECK(report.figures.usage->input == 30);
    CHECK(report.figures.output_unknown);
    CHECK(report.weight.bytes() == 11);
    Answer whole(true);
    CHECK((whole.play(200, kHello + chunk(kStopped), 9, how) == Step::ended));
    CHECK_FALSE(whole.answer->report().figures.output_unknown);
  }
  Answer several(true);
  several.facts.n = 2;
  CHECK((several.play(200, kHello + chunk(kStopped), 9, kGone) == Step::failed));
}

TEST_CASE("an error within a stream ends it", "[providers][gemini]") {
  const std::string error = chunk(R"("error":{"code":503,"message":"Busy.","status":"UNAVAILABLE"})");
  Answer late(true);
  CHECK((late.play(200, kHello + error, 9) == Step::failed));
  CHECK((late.answer->fault().kind == Kind::overloaded));
  CHECK((late.answer->fault().ending == Observed::Ending::cut_off));
  Answer early(true);
  CHECK((early.play(200, error, 9) == Step::failed));
  CHECK((early.answer->fault().ending == Observed::Ending::refused));
  CHECK(early.answer->fault().status == 503);
  Answer list(true);
  CHECK((list.play(429, R"([{"error":{"code":429,"message":"Slow.","details":[{"retryDelay":"2s"}]}}])", 9) ==
         Step::failed));
  CHECK((list.answer->fault().kind == Kind::rate_limited));
  CHECK(list.answer->fault().retry_after == std::chrono::seconds(2));
}

TEST_CASE("a document that breaks off is billed by what there is of it", "[providers][gemini]") {
  const std::string body = R"({"candidates":[{"content":{"parts":[{"text":"Hello there"}]},"finishReason":"STOP"}],)"
                           R"("usageMetadata":{"promptTokenCount":3,"candidatesTokenCount":2,"totalTokenCount":5},)"
                           R"("responseId":"r-1"})";
  Answer whole(false);
  CHECK((whole.play(200, body, 10, kGone) == Step::ended));
  CHECK(whole.sink.log.fault == "");
  CHECK(whole.sink.log.usage.back().usage.output == 2);
  Answer cut(false);
  CHECK((cut.play(200, body.substr(0, 60), 10, kGone) == Step::failed));
  CHECK(cut.answer->report().weight.bytes() == 11);
  CHECK_FALSE(cut.answer->report().figures.usage);
  Answer clean(false);
  CHECK((clean.play(200, body.substr(0, 60), 10) == Step::failed));
  CHECK(clean.answer->fault().final);
  Answer page(false);
  CHECK((page.play(200, "<html>hello</html>", 5) == Step::failed));
  CHECK_FALSE(page.answer->fault().final);
  Answer empty(false);
  CHECK((empty.play(200, R"({"candidates":[]})", 9) == Step::failed));
  CHECK_FALSE(empty.answer->fault().final);
  Answer unfinished(false);
  CHECK(
      (unfinished.play(200, R"({"candidates":[{"content":{"parts":[{"text":"Hello there"}]}}]})", 9) == Step::failed));
  CHECK((unfinished.answer->fault().ending == Observed::Ending::cut_off));
}

// As an answer it would be an empty one that stopped where it should: agents take their work for done.
TEST_CASE("a call that cannot be read fails, where nothing else was said", "[providers][gemini]") {
  const auto body = [](std::string_view parts, std::string_view reason) {
    return R"({"candidates":[{"content":{"parts":[)" + std::string(parts) + R"(]},"finishReason":")" +
           std::string(reason) + R"("}],"usageMetadata":{"promptTokenCount":4,"totalTokenCount":4}})";
  };
  for (const std::string_view reason :
       {"MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL", "MISSING_THOUGHT_SIGNATURE"}) {
    for (const bool stream : {false, true}) {
      CAPTURE(reason, stream);
      const auto play = [&](Answer& answer, std::string_view parts) {
        const std::string json = body(parts, reason);
        return answer.play(200, stream ? "data: " + json + "\n\n" : json, 9);
      };
      Answer broken(stream);
      CHECK((play(broken, "") == Step::failed));
      CHECK((broken.answer->fault().kind == Kind::request_refused));
      CHECK(broken.answer->fault().final);
      CHECK(broken.answer->fault().error->message == reason);
      REQUIRE(broken.answer->report().figures.usage);
      CHECK(broken.answer->report().figures.usage->input == 4);
      Answer thought(stream);
      CHECK((play(thought, R"({"text":"Hm.","thought":true})") == Step::failed));
      Answer spoke(stream);
      CHECK((play(spoke, R"({"text":"Hello"})") == Step::ended));
      CHECK(spoke.sink.log.choices.at(0).text == "Hello");
      Answer called(stream);
      CHECK((play(called, R"({"functionCall":{"name":"f","args":{}}})") == Step::ended));
    }
  }
  Answer stopped(false);
  CHECK((stopped.play(200, body("", "STOP"), 9) == Step::ended));
}

TEST_CASE("embeddings come in OpenAI's shape, as numbers or as base64", "[providers][gemini]") {
  const std::string json = R"({"embeddings":[{"values":[0.5,-1]},{"values":[2]}]})";
  std::string out;
  const EmbeddingsRead read = write_openai_embeddings(json, "m", false, 7, out);
  CHECK(read.is_one);
  CHECK_FALSE(read.counted);
  CHECK(out == R"({"object":"list","data":[{"object":"embedding","index":0,"embedding":[0.5,-1]},)"
               R"({"object":"embedding","index":1,"embedding":[2]}],"model":"m","usage":{"prompt_tokens":7,)"
               R"("total_tokens":7}})");
  out.clear();
  const std::string vertex =
      R"({"predictions":[{"embeddings":{"values":[0.5,-1],"statistics":{"token_count":4.0,"truncated":false}}}]})";
  CHECK(write_openai_embeddings(vertex, "m", true, 7, out).counted == 4);
  CHECK(out.find(R"("embedding":"AAAAPwAAgL8=")") != std::string::npos);
  CHECK_FALSE(write_openai_embeddings(R"({"candidates":[]})", "m", true, 7, out).is_one);
}
