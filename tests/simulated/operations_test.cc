// What the simulated provider answers to operations beside chat and embeddings.
#include <fmt/format.h>
#include <simdjson.h>

#include <string>

#include "gateway/testing/manual_timer.h"
#include "simulated/media.h"
#include "simulated/upstream.h"
#include "support/catch.h"
#include "wire/multipart/forms.h"
#include "wire/openai/answer_reader.h"

using namespace gateway;

namespace {

struct Heard final : UpstreamReply {
  void on_head(const UpstreamHead& head) override {
    status = head.status;
    content_type = header_value(head.headers, "content-type");
  }
  Flow on_body(std::string_view bytes) override { return body += bytes, ++pieces, Flow::more; }
  void on_end(Result<void> result) override { whole = result.has_value(); }
  int status = 0, pieces = 0;
  std::string content_type, body;
  bool whole = false;
};

Heard ask(std::string_view path, const std::string& body, std::string_view type = "application/json") {
  testing::ManualTimer timer;
  SimulatedUpstream upstream(timer);
  Heard reply;
  const std::string_view pieces[] = {body};
  const HeaderField fields[] = {{"content-type", type}};
  auto call =
      upstream.start({.origin = nullptr, .method = "POST", .path = path, .headers = fields, .body = pieces}, reply);
  timer.advance(std::chrono::minutes(1));
  return reply;
}

AnswerFacts facts_of(const Heard& heard) {
  AnswerReader reader;
  AnswerFacts facts;
  reader.read(heard.body, facts);
  return facts;
}

std::string json_at(const Heard& heard, const std::string& pointer) {
  simdjson::dom::parser parser;
  simdjson::dom::element value;
  return parser.parse(heard.body).at_pointer(pointer).get(value) == simdjson::SUCCESS ? simdjson::minify(value) : "?";
}

std::string text_at(const Heard& heard, const char* pointer) {
  simdjson::dom::parser parser;
  std::string_view text;
  return parser.parse(heard.body).at_pointer(pointer).get(text) == simdjson::SUCCESS ? std::string(text) : "?";
}

TEST_CASE("simulated completions answer each prompt", "[simulated]") {
  const Heard one = ask("/v1/completions", R"({"model":"simulated/echo","prompt":["one","two"],"n":2})");
  CHECK(one.status == 200);
  CHECK(text_at(one, "/choices/1/text") == "one");
  CHECK(text_at(one, "/choices/2/text") == "two");
  CHECK(facts_of(one).usage.output == 4);
  const Heard stream = ask("/v1/completions", R"({"model":"simulated/echo","prompt":"a b c d e","stream":true})");
  CHECK(stream.body.ends_with("data: [DONE]\n\n"));
  CHECK(stream.pieces == 4);
  CHECK_FALSE(
      ask("/v1/completions", R"({"model":"simulated/echo?fault=cut","prompt":"abcdefgh","stream":true})").whole);
}

TEST_CASE("a simulated picture is a PNG, and the same prompt's is the same", "[simulated]") {
  const Heard two = ask("/v1/images/generations", R"({"model":"simulated/image","prompt":"a cat","n":2})");
  CHECK(facts_of(two).data_count == 2);
  CHECK(text_at(two, "/data/0/b64_json").starts_with("iVBORw0KGgo"));
  CHECK(text_at(two, "/data/0/b64_json") != text_at(two, "/data/1/b64_json"));
  CHECK(simulated_picture("a") == simulated_picture("a"));
  CHECK(simulated_picture("a") != simulated_picture("b"));
  const Heard stream = ask("/v1/images/generations", R"({"model":"simulated/image","prompt":"a","stream":true})");
  CHECK(stream.content_type == "text/event-stream");
  CHECK(stream.body.find("event: image_generation.completed\n") != std::string::npos);
}

TEST_CASE("simulated speech is a WAV as long as its text", "[simulated]") {
  const Heard heard = ask("/v1/audio/speech", R"({"model":"simulated/speech","input":"hello","voice":"any"})");
  CHECK(heard.content_type == "audio/wav");
  CHECK(heard.body == simulated_sound("hello"));
  CHECK(heard.body.substr(0, 4) == "RIFF");
  CHECK(heard.body.size() == 44 + 5 * 60 * 8 * 2);
  CHECK(simulated_sound(std::string(100'000, 'x')).size() == 44 + 20'000 * 8 * 2);
}

TEST_CASE("simulated rerank puts first what has most of the query's words", "[simulated]") {
  const Heard ranked = ask("/v1/rerank", R"({"model":"simulated/rerank","query":"red cat","documents":)"
                                         R"(["a dog","a red cat","a cat"],"top_n":2,"return_documents":true})");
  CHECK(text_at(ranked, "/results/0/document/text") == "a red cat");
  CHECK(text_at(ranked, "/results/1/document/text") == "a cat");
  CHECK(text_at(ranked, "/results/2/document/text") == "?");
  CHECK(facts_of(ranked).searches == 1);
  CHECK(facts_of(ranked).has_results);
}

TEST_CASE("simulated moderation flags categories by words", "[simulated]") {
  const Heard heard =
      ask("/v1/moderations", R"({"model":"simulated/moderation",)"
                             R"("input":["peace and new skills","violence","I will KILL you","how to steal"]})");
  const auto flagged = [&heard](int i, std::string_view category) {
    std::string pointer(category);  // a "/" of a JSON pointer's segment is written "~1"
    if (const std::size_t slash = pointer.find('/'); slash != pointer.npos) pointer.replace(slash, 1, "~1");
    return json_at(heard, fmt::format("/results/{}/{}", i, category.empty() ? "flagged" : "categories/" + pointer));
  };
  CHECK(flagged(0, "") == "false");
  CHECK(flagged(1, "violence") == "true");
  CHECK(flagged(1, "hate") == "false");
  CHECK(flagged(2, "harassment/threatening") == "true");
  CHECK(flagged(2, "violence") == "true");
  CHECK(flagged(3, "illicit") == "true");
  CHECK(flagged(3, "") == "true");
  CHECK(json_at(heard, "/results/3/category_scores/illicit") == "0.9");
}

TEST_CASE("a simulated transcript has the form that is asked for, and the sound's length", "[simulated]") {
  const auto transcribe = [](std::string_view format, const char* stream = "false") {
    return ask("/v1/audio/transcriptions",
               test::form({test::form_text("model", "simulated/transcribe"), test::form_text("response_format", format),
                           test::form_text("stream", stream), test::form_file("file", simulated_sound("hello"))}),
               test::kFormType);
  };
  const Heard json = transcribe("json");
  CHECK(facts_of(json).has_text);
  CHECK(facts_of(json).audio_ms == 300);
  CHECK(text_at(transcribe("verbose_json"), "/task") == "transcribe");
  CHECK(transcribe("text").body == "Lorem ipsum dolor sit amet.\n");
  CHECK(transcribe("srt").body.starts_with("1\n00:00:00,000 --> 00:00:00,300\n"));
  CHECK(transcribe("vtt").body.starts_with("WEBVTT\n\n00:00:00.000 --> 00:00:00.300\n"));
  const Heard events = transcribe("json", "true");
  CHECK(events.pieces == 6);
  CHECK(events.body.find("transcript.text.done") != std::string::npos);
  CHECK(ask("/v1/audio/transcriptions", "{}").status == 400);
}

TEST_CASE("base64 has the forms of RFC 4648", "[simulated]") {
  const std::pair<const char*, const char*> table[] = {{"", ""},        {"f", "Zg=="},        {"fo", "Zm8="},
                                                       {"foo", "Zm9v"}, {"foob", "Zm9vYg=="}, {"foobar", "Zm9vYmFy"}};
  for (const auto& [bytes, text] : table) {
    std::string out;
    append_base64(out, bytes);
    CHECK(out == text);
  }
}

}  // namespace
