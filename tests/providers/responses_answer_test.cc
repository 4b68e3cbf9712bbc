#include "providers/responses_answer.h"

#include "providers/provider.h"
#include "support/catch.h"
#include "support/chat_log.h"
#include "support/json_value.h"
#include "support/recorded.h"
#include "surfaces/anthropic.h"
#include "surfaces/openai.h"
#include "surfaces/responses.h"
#include "wire/anthropic/message_reader.h"
#include "wire/openai/event_reader.h"
#include "wire/responses/response_reader.h"

using namespace gateway;
using gateway::testing::ChatLog;
using gateway::testing::event_data;
using gateway::testing::recorded_files;
using gateway::testing::RecordedFile;

namespace {

using Step = AnswerStream::Step;
using Kind = AttemptFailure::Kind;

// Of OpenAI and of others that speak its Responses API.
std::vector<RecordedFile> responses_recorded(std::string_view ending) {
  auto out = recorded_files(ending, [](std::string_view) { return true; });
  std::erase_if(out, [](const RecordedFile& each) {
    return !each.name.starts_with("openai-responses/") && each.name.find("responses-stream") == std::string::npos;
  });
  return out;
}

const Provider& provider() {
  static const auto made = [] {
    ProviderConfig config;
    config.name = "account";
    config.type = ProviderType::responses;
    config.api_key = Secret("secret");
    config.base_url = "https://api.openai.com/v1";
    return *make_provider(config);
  }();
  return *made;
}

// Hears the events, and writes them for clients of each shape.
class Sink final : public AnswerSink {
 public:
  explicit Sink(bool stream)
      : openai_(make_openai_writer(stream, true)),
        anthropic_(make_anthropic_writer(stream, 1)),
        responses_(make_responses_writer(stream, "")) {}
  void event(const ChatEvent& event) override {
    log.event(event);
    openai_->write(event, openai);
    anthropic_->write(event, anthropic);
    responses_->write(event, responses);
  }
  void relay(std::string_view bytes) override { relayed += bytes; }
  bool has_sent() const noexcept override { return !relayed.empty() || !log.lines.empty(); }
  ChatLog log;
  std::string relayed, openai, anthropic, responses;

 private:
  std::unique_ptr<AnswerWriter> openai_, anthropic_, responses_;
};

struct Answer {
  explicit Answer(bool streams, Shape client = Shape::openai) : sink(streams) {
    facts.stream = streams;
    answer.emplace(AnswerContext{.tools = tools,
                                 .request = facts,
                                 .client = client,
                                 .max_event = 1024 * 1024,
                                 .max_answer = 4 * 1024 * 1024,
                                 .provider = &provider()});
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
  std::optional<ResponsesAnswer> answer;
};

template <class Reader>
ChatLog read_back(Reader reader, const std::string& bytes, bool stream) {
  ChatLog log;
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

ChatLog read_chat(const std::string& bytes, bool stream) {
  ChatLog log;
  ChatEventReader reader;
  PaddedBuffer json;
  if (stream) {
    for (const std::string_view data : event_data(bytes)) reader.read_chunk(data, log);
  } else {
    json.append(bytes);
    reader.read_document(json, log);
  }
  reader.finish(log);
  return log;
}

// What clients of each shape read is what was said.
void check_clients(const Sink& sink, bool stream) {
  const ChatLog::Choice& said = sink.log.choices.at(0);
  REQUIRE_FALSE(sink.log.usage.empty());
  const Usage& usage = sink.log.usage.back().usage;
  std::vector<ChatLog> logs;
  logs.push_back(read_chat(sink.openai, stream));
  logs.push_back(read_back(anthropic::MessageReader(), sink.anthropic, stream));
  logs.push_back(read_back(responses::ResponseReader(responses::kRawOrigin), sink.responses, stream));
  for (std::size_t i = 0; i < logs.size(); ++i) {
    CAPTURE(i);
    CHECK(logs[i].fault == "");
    const ChatLog::Choice& choice = logs[i].choices[0];
    CHECK(choice.text + choice.refusal == said.text + said.refusal);
    CHECK(choice.reasoning == said.reasoning);
    CHECK(choice.signatures.size() == said.signatures.size());
    REQUIRE(choice.tools.size() == said.tools.size());
    for (std::size_t k = 0; k < said.tools.size(); ++k) {
      CHECK(choice.tools[k].id == said.tools[k].id);
      CHECK(choice.tools[k].name == said.tools[k].name);
      if (i != 1 || !said.tools[k].custom) CHECK(choice.tools[k].arguments == said.tools[k].arguments);
    }
    CHECK(logs[i].usage.back().usage.input == usage.input);
    CHECK(logs[i].usage.back().usage.output == usage.output);
    CHECK(logs[i].usage.back().usage.cached_input == usage.cached_input);
  }
}

std::string whole_frame(std::string_view type, std::string_view more) {
  return "event: " + std::string(type) + "\ndata: {\"type\":\"" + std::string(type) + "\"," + std::string(more) +
         "}\n\n";
}
const std::string kCreated =
    whole_frame("response.created", R"("response":{"id":"resp_1","model":"m","created_at":5,"output":[]})");
const std::string kItem = whole_frame("response.output_item.added", R"("output_index":0,"item":{"type":"message"})");
const std::string kText = whole_frame("response.output_text.delta", R"("output_index":0,"delta":"Hello there")");
const std::string kDone = whole_frame(
    "response.completed",
    R"("response":{"id":"resp_1","status":"completed","usage":{"input_tokens":30,"input_tokens_details":)"
    R"({"cached_tokens":10},"output_tokens":7,"output_tokens_details":{"reasoning_tokens":4},"total_tokens":37}})");
const Error kGone{ErrorCode::lost, "gone"};

}  // namespace

TEST_CASE("recorded responses say the same wherever they are cut, to clients of each shape",
          "[providers][responses][fixtures]") {
  for (const auto& each : responses_recorded(".sse")) {
    CAPTURE(each.name);
    Answer whole(true);
    const Step end = whole.play(200, each.text, each.text.size());
    if (each.name.find("error-in-stream") != std::string::npos) {
      CHECK((end == Step::failed));
      CHECK((whole.answer->fault().ending == Observed::Ending::refused));
      CHECK_FALSE(whole.sink.has_sent());
      continue;
    }
    REQUIRE((end == Step::ended));
    CHECK(whole.sink.log.fault == "");
    check_clients(whole.sink, true);
    const AnswerReport& report = whole.answer->report();
    REQUIRE(report.figures.usage);
    CHECK(report.figures.usage->input > 0);
    CHECK(report.finish_reason.view() == "completed");
    const std::size_t step = 1 + each.text.size() / 1000;  // each byte is an end of a piece below
    for (std::size_t cut = 1; cut < each.text.size(); cut += step) {
      Answer pieces(true);
      const std::vector<HeaderField> head{{"content-type", "text/event-stream"}};
      pieces.answer->on_head({.status = 200, .headers = head});
      Step last = pieces.answer->push(std::string_view(each.text).substr(0, cut), pieces.sink);
      if (last == Step::more) last = pieces.answer->push(std::string_view(each.text).substr(cut), pieces.sink);
      if (last == Step::more) last = pieces.answer->finish({}, pieces.sink);
      REQUIRE((last == Step::ended));
      REQUIRE(pieces.sink.openai == whole.sink.openai);
    }
    Answer bytes(true);
    CHECK((bytes.play(200, each.text, 1) == Step::ended));
    CHECK(bytes.sink.responses == whole.sink.responses);
    CHECK(bytes.answer->report().weight == report.weight);
  }
}

TEST_CASE("a client of the same shape is relayed the bytes of a response", "[providers][responses][fixtures]") {
  for (const auto& each : responses_recorded(".sse")) {
    CAPTURE(each.name);
    if (each.name.find("error-in-stream") != std::string::npos) continue;
    for (const std::size_t piece : {std::size_t{1}, std::size_t{97}, each.text.size()}) {
      Answer answer(true, Shape::responses);
      REQUIRE((answer.play(200, each.text, piece) == Step::ended));
      CHECK(std::string_view(each.text).starts_with(answer.sink.relayed));
      CHECK(answer.sink.relayed.find("response.completed") != std::string::npos);
      CHECK(answer.sink.log.lines.empty());
    }
  }
}

TEST_CASE("recorded documents of responses reach clients of each shape", "[providers][responses][fixtures]") {
  for (const auto& each : responses_recorded(".response.json")) {
    CAPTURE(each.name);
    if (each.name.find("error") != std::string::npos) continue;
    const bool is_queued = each.name.find("background") != std::string::npos;
    for (const bool streams : {false, true}) {
      Answer answer(streams);
      CHECK((answer.play(200, each.text, 1000) == (is_queued ? Step::failed : Step::ended)));
      if (is_queued) continue;
      CHECK(answer.sink.log.fault == "");
      check_clients(answer.sink, streams);
      Answer same(streams, Shape::responses);
      CHECK((same.play(200, each.text, 1000) == Step::ended));
      if (!streams) {
        REQUIRE(same.answer->document() != nullptr);
        CHECK(same.answer->document()->view() == each.text);
      } else {
        CHECK(same.sink.responses.find("event: response.completed") != std::string::npos);
      }
    }
  }
}

TEST_CASE("recorded errors of responses have the kind that they mean", "[providers][responses][fixtures]") {
  const std::map<std::string, std::pair<int, Kind>> known{
      {"openai-responses/error-400-context.response.json", {400, Kind::client_fault}},
      {"openai-responses/error-400-model.response.json", {400, Kind::client_fault}},
      {"openai-responses/error-401.response.json", {401, Kind::credentials}},
      {"openai-responses/v-error-429-quota.response.json", {429, Kind::credentials}}};
  for (const auto& each : responses_recorded(".response.json")) {
    const auto found = known.find(each.name);
    if (found == known.end()) continue;
    CAPTURE(each.name);
    for (const Shape client : {Shape::openai, Shape::responses}) {
      Answer answer(true, client);
      CHECK((answer.play(found->second.first, each.text, 50) == Step::failed));
      const AnswerFault& fault = answer.answer->fault();
      CHECK((fault.kind == found->second.second));
      CHECK((fault.ending == Observed::Ending::refused));
      REQUIRE(fault.error != nullptr);
      CHECK_FALSE(fault.error->message.empty());
    }
  }
}

TEST_CASE("what an account's reasoning was sealed by is marked as that account's", "[providers][responses]") {
  const std::string item =
      whole_frame("response.output_item.done",
                  R"("output_index":0,"item":{"type":"reasoning","summary":[{"type":"summary_text","text":"So."},)"
                  R"({"type":"summary_text","text":"Then."}],"encrypted_content":"c2VhbGVk"})");
  Answer answer(true);
  REQUIRE((answer.play(200, kCreated + item + kItem + kText + kDone, 11) == Step::ended));
  const ChatLog::Choice& said = answer.sink.log.choices.at(0);
  CHECK(said.reasoning == "So.\n\nThen.");
  REQUIRE(said.signatures.size() == 1);
  CHECK(said.signatures[0] == "|c2VhbGVk|openai-responses-v1@account");
  CHECK(answer.sink.anthropic.find("\"gateway:openai-responses-v1@account:c2VhbGVk\"") != std::string::npos);
  CHECK(answer.sink.responses.find("\"gateway:openai-responses-v1@account:r:c2VhbGVk\"") != std::string::npos);
  CHECK(answer.sink.openai.find("\"format\":\"openai-responses-v1@account\"") != std::string::npos);
}

TEST_CASE("usage is complete, and tools of the provider's are counted", "[providers][responses]") {
  const std::string search =
      whole_frame("response.output_item.done",
                  R"("output_index":0,"item":{"type":"web_search_call","action":{"type":"search","query":"x"}})");
  const std::string opened =
      whole_frame("response.output_item.done",
                  R"("output_index":1,"item":{"type":"web_search_call","action":{"type":"open_page"}})");
  const std::string code =
      whole_frame("response.output_item.done", R"("output_index":2,"item":{"type":"code_interpreter_call"})");
  Answer answer(true, Shape::responses);
  REQUIRE((answer.play(200, kCreated + search + opened + kItem + kText + kDone, 20) == Step::ended));
  const Reported& figures = answer.answer->report().figures;
  REQUIRE(figures.usage);
  CHECK(figures.usage->input == 30);
  CHECK(figures.usage->cached_input == 10);
  CHECK(figures.usage->output == 7);
  CHECK(figures.usage->reasoning == 4);
  CHECK(figures.usage->searches == 1);
  CHECK_FALSE(figures.usage_odd);
  Answer odd(true, Shape::responses);
  REQUIRE((odd.play(200, kCreated + code + kDone, 20) == Step::ended));
  CHECK(odd.answer->report().figures.usage_odd);
}

TEST_CASE("what the events of a response left out is in its end, and is not said twice", "[providers][responses]") {
  const std::string call = R"({"type":"function_call","call_id":"c1","name":"f","arguments":"{\"a\":1}"})";
  const std::string said = R"({"type":"message","content":[{"type":"output_text","text":"Hello there"}]})";
  const auto done = [](const std::string& output) {
    return whole_frame("response.completed", R"("response":{"status":"completed","output":[)" + output +
                                                 R"(],"usage":{"input_tokens":3,)" +
                                                 R"("output_tokens":2,"total_tokens":5}})");
  };
  const std::string begun = whole_frame(
      "response.output_item.added", R"("output_index":0,"item":{"type":"function_call","call_id":"c1","name":"f"})");
  for (const std::string& stream : {kCreated + done(call + "," + said), kCreated + begun + done(call + "," + said)}) {
    Answer answer(true);
    REQUIRE((answer.play(200, stream, 20) == Step::ended));
    const ChatLog::Choice& choice = answer.sink.log.choices.at(0);
    REQUIRE(choice.tools.size() == 1);
    CHECK(choice.tools[0].arguments == R"({"a":1})");
    CHECK(choice.text == "Hello there");
    check_clients(answer.sink, true);
  }
  const std::string later = whole_frame("response.output_item.added", R"("output_index":1,"item":{"type":"message"})") +
                            whole_frame("response.output_text.delta", R"("output_index":1,"delta":"Hello there")");
  for (const std::string& events : {kItem + kText, later}) {
    Answer moved(true);
    REQUIRE((moved.play(200, kCreated + events + done(said), 20) == Step::ended));
    CHECK(moved.sink.log.choices.at(0).text == "Hello there");
  }
}

TEST_CASE("a response that breaks off is cut off, one that was cut says why", "[providers][responses]") {
  for (const Shape client : {Shape::openai, Shape::responses}) {
    Answer cut(true, client);
    CHECK((cut.play(200, kCreated + kItem + kText, 9) == Step::failed));
    CHECK((cut.answer->fault().ending == Observed::Ending::cut_off));
    CHECK((cut.answer->fault().kind == Kind::lost));
    CHECK(cut.answer->report().weight.bytes() == 11);
    CHECK(cut.answer->report().generation_id.view() == "resp_1");
    Answer broken(true, client);
    CHECK((broken.play(200, kCreated + kItem + kText, 9, kGone) == Step::failed));
  }
  const std::string incomplete = whole_frame(
      "response.incomplete", R"("response":{"id":"resp_1","status":"incomplete","incomplete_details":)"
                             R"({"reason":"max_output_tokens"},"usage":{"input_tokens":3,"output_tokens":2}})");
  Answer shortened(true);
  CHECK((shortened.play(200, kCreated + kItem + kText + incomplete, 30) == Step::ended));
  CHECK(shortened.sink.log.choices.at(0).finish == "length");
  CHECK(shortened.answer->report().figures.usage->output == 2);
}

TEST_CASE("an error that comes with a response's beginning is its first event", "[providers][responses]") {
  const std::string busy = whole_frame("error", R"("code":"rate_limit_exceeded","message":"Slow down.","param":null)");
  const std::string failed =
      whole_frame("response.failed", R"("response":{"id":"resp_1","status":"failed","error":{"code":"server_error",)"
                                     R"("message":"Oh."},"usage":null})");
  for (const Shape client : {Shape::openai, Shape::responses}) {
    Answer early(true, client);
    CHECK((early.play(200, kCreated + busy, 10'000) == Step::failed));
    CHECK((early.answer->fault().kind == Kind::rate_limited));
    CHECK((early.answer->fault().ending == Observed::Ending::refused));
    CHECK_FALSE(early.sink.has_sent());
    Answer late(true, client);
    CHECK((late.play(200, kCreated + kItem + kText + failed, 10'000) == Step::failed));
    CHECK((late.answer->fault().kind == Kind::server_error));
    CHECK((late.answer->fault().ending == Observed::Ending::cut_off));
    CHECK(late.answer->fault().error->message == "Oh.");
    // What came in an earlier turn has gone out.
    Answer turns(true, client);
    const std::vector<HeaderField> head{{"content-type", "text/event-stream"}};
    turns.answer->on_head({.status = 200, .headers = head});
    CHECK((turns.answer->push(kCreated, turns.sink) == Step::more));
    CHECK(turns.sink.has_sent());
    CHECK((turns.answer->push(busy, turns.sink) == Step::failed));
  }
  Answer document(false);
  CHECK((document.play(200,
                       R"({"id":"resp_1","object":"response","status":"failed","output":[],)"
                       R"("error":{"code":"server_error","message":"Oh."}})",
                       50) == Step::failed));
  CHECK(document.answer->fault().error->message == "Oh.");
}

TEST_CASE("a document that breaks off costs what it said of itself", "[providers][responses]") {
  const std::string body =
      R"({"id":"resp_1","object":"response","status":"completed","model":"m","usage":{"input_tokens":3,)"
      R"("output_tokens":2,"total_tokens":5},"output":[{"type":"message","content":[{"type":"output_text",)"
      R"("text":"Hello there"}]}]})";
  Answer whole(false);
  CHECK((whole.play(200, body, 10, kGone) == Step::ended));
  CHECK(whole.sink.log.fault == "");
  CHECK(whole.sink.log.choices.at(0).text == "Hello there");
  Answer cut(false);
  CHECK((cut.play(200, body.substr(0, body.size() - 20), 10, kGone) == Step::failed));
  REQUIRE(cut.answer->report().figures.usage);
  CHECK(cut.answer->report().figures.usage->output == 2);
  Answer page(false);
  CHECK((page.play(200, "<html>hello</html>", 5) == Step::failed));
  CHECK_FALSE(page.answer->fault().final);
}
