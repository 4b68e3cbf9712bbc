// What an answer is, by all that may stand in it.
#include "providers/judgement.h"

#include <string>

#include "support/catch.h"

using namespace gateway;

namespace {

using Verdict = Judgement::Verdict;
using Kind = AttemptFailure::Kind;

Judgement judged(std::string_view json, SeenAnswer seen = {}) {
  AnswerReader reader;
  AnswerFacts facts;
  reader.read(json, facts);
  seen.facts = &facts;
  return judge(seen);
}

const std::string kGood = R"("choices":[{"index":0,"message":{"content":"hi"},"finish_reason":"stop"}])";

}  // namespace

TEST_CASE("choices with content are an answer whatever stands beside", "[proxy][judgement]") {
  for (const char* beside : {R"("error":{})", R"("error":"")", R"("error":false)", R"("error":null)",
                             R"("error":{"code":null,"message":""})", R"("error":{"message":"odd"})",
                             R"("message":"m")", R"("detail":"d")", R"("object":"error")"}) {
    CAPTURE(beside);
    CHECK(judged("{" + std::string(beside) + "," + kGood + "}").verdict == Verdict::answer);
    CHECK(judged("{" + std::string(beside) + R"(,"choices":[{"delta":{"content":"hi"}}]})", {.in_stream = true})
              .verdict == Verdict::answer);
    CHECK(judged("{" + std::string(beside) + R"(,"data":[{"embedding":[1]}]})", {.operation = Operation::embeddings})
              .verdict == Verdict::answer);
  }
  CHECK(judged(R"({"choices":[{"message":{"content":""},"finish_reason":"length"}]})").verdict == Verdict::answer);
}

TEST_CASE("an error is one by any of its spellings, and means a status", "[proxy][judgement]") {
  struct Case {
    const char* json;
    int status;
    Kind kind;
  };
  for (const Case& each : {
           Case{R"({"error":{"message":"m","code":400}})", 400, Kind::client_fault},
           Case{R"({"error":{"message":"m","status_code":400}})", 400, Kind::client_fault},
           Case{R"({"error":"m"})", 502, Kind::server_error},
           Case{R"({"error":true})", 502, Kind::server_error},
           Case{R"([{"error":{"message":"m","code":429}}])", 429, Kind::rate_limited},
           Case{R"({"choices":null,"error":{"message":"m","code":413}})", 413, Kind::client_fault},
           Case{R"({"choices":[{"delta":{"content":""},"finish_reason":"error"}],"error":{"message":"m"}})", 502,
                Kind::server_error},
           Case{R"({"choices":[{"delta":{"content":"x"},"finish_reason":"error"}],"error":{"message":"m"}})", 502,
                Kind::server_error},
           Case{R"({"choices":[{"delta":{"content":""},"finish_reason":"error"}]})", 502, Kind::server_error},
           Case{R"({"choices":[{"delta":{},"finish_reason":"error","error":{"message":"m","code":429}}]})", 429,
                Kind::rate_limited},
           Case{R"({"choices":[{"message":{"content":""},"finish_reason":"error","error":{"code":502}}]})", 502,
                Kind::server_error},
           Case{R"({"message":"no healthy upstream"})", 502, Kind::server_error},
           Case{R"({"detail":[{"msg":"m"}]})", 502, Kind::server_error},
           Case{R"({"error_code":17,"error_msg":"m"})", 502, Kind::server_error},
           Case{R"({"error_code":504})", 504, Kind::timeout},
           Case{R"({"object":"error","message":"m","code":500})", 500, Kind::server_error},
           Case{R"({"code":"x","error":"Incorrect API key provided: sk***ef."})", 401, Kind::credentials},
       }) {
    CAPTURE(each.json);
    for (const bool in_stream : {false, true}) {
      const Judgement judgement = judged(each.json, {.in_stream = in_stream});
      CHECK(judgement.verdict == Verdict::error);
      CHECK(judgement.status == each.status);
      CHECK(judgement.kind == each.kind);
      CHECK(judgement.may_follow == (each.kind != Kind::client_fault));
    }
  }
  CHECK(judged(R"({"odd":1})", {.in_stream = true, .event_name = "error"}).verdict == Verdict::error);
}

TEST_CASE("the status decides where it is not 200; a wrong key may come as 400", "[proxy][judgement]") {
  CHECK(judged("{" + kGood + "}", {.status = 500}).verdict == Verdict::error);
  CHECK(judged("<html>", {.status = 503}).kind == Kind::overloaded);
  CHECK(judged("<html>", {.status = 500}).kind == Kind::server_error);
  CHECK(judged("{}", {.status = 401}).kind == Kind::credentials);
  CHECK(judged(R"({"error":{"message":"m","metadata":{"reasons":["violence"]}}})", {.status = 403}).kind ==
        Kind::client_fault);
  CHECK(
      judged(R"([{"error":{"code":400,"message":"API key not valid. Please pass one.","status":"INVALID_ARGUMENT"}}])",
             {.status = 400})
          .kind == Kind::credentials);
  CHECK(judged(R"({"error":{"code":400,"message":"m","details":[{"reason":"API_KEY_INVALID"}]}})", {.status = 400})
            .kind == Kind::credentials);
  CHECK(judged(R"({"error":{"message":"the text says: incorrect api key"}})", {.status = 400}).kind ==
        Kind::client_fault);
}

TEST_CASE("402 and 403 are about the account, about the request, or do not say why", "[proxy][judgement]") {
  const auto kind = [](int status, const char* json) {
    const Judgement judgement = judged(json, {.status = status});
    CHECK(judgement.may_follow);
    return judgement.kind;
  };
  CHECK(kind(402, "{}") == Kind::credentials);
  CHECK(kind(402, "<html>") == Kind::credentials);
  CHECK(kind(402, R"({"error":{"message":"needs more credits, or fewer max_tokens"}})") == Kind::request_refused);
  CHECK(kind(403, "{}") == Kind::forbidden);
  CHECK(kind(403, "<html>") == Kind::forbidden);
  CHECK(kind(403, R"({"error":{"message":"no","type":"permission_error"}})") == Kind::credentials);
  CHECK(kind(403, R"({"error":{"message":"this parameter is not for you","type":"permission_error"}})") ==
        Kind::request_refused);
  CHECK(kind(403, R"({"error":{"message":"Provider returned error","metadata":{"raw":"your key is blocked"}}})") ==
        Kind::credentials);
  CHECK(kind(403, R"({"error":{"message":"no","code":"invalid_api_key"}})") == Kind::credentials);
  CHECK(kind(401, R"({"error":{"message":"may not use this feature"}})") == Kind::credentials);
  CHECK(
      kind(429, R"({"error":{"message":"over your quota","type":"insufficient_quota","code":"insufficient_quota"}})") ==
      Kind::credentials);
  CHECK(kind(429, R"({"error":{"message":"over your quota","type":"requests","code":"rate_limit_exceeded"}})") ==
        Kind::rate_limited);
  CHECK(kind(503, R"({"error":{"message":"no available model provider that meets your routing requirements"}})") ==
        Kind::request_refused);
  CHECK(judged(R"({"error":{"code":402,"message":"can only afford 3"}})").kind == Kind::request_refused);
}

TEST_CASE("what reports tokens or a cost is billed and never asked again", "[proxy][judgement]") {
  const std::string usage = R"("usage":{"prompt_tokens":100,"completion_tokens":50})";
  const Judgement empty = judged(R"({"choices":[],)" + usage + "}");
  CHECK(empty.verdict == Verdict::empty);
  CHECK(empty.billed);
  CHECK_FALSE(empty.may_follow);
  const Judgement error = judged(R"({"error":{"message":"m","code":503},)" + usage + "}");
  CHECK(error.verdict == Verdict::error);
  CHECK_FALSE(error.may_follow);
  CHECK_FALSE(judged(R"({"error":{"message":"m"},)" + usage + "}", {.status = 500}).may_follow);
  CHECK(judged(R"({"choices":[],"usage":{"prompt_tokens":0,"completion_tokens":0}})").may_follow);
  CHECK(judged(R"({"choices":[]})").may_follow);
  CHECK(judged(R"({"data":[]})", {.operation = Operation::embeddings}).verdict == Verdict::empty);
  CHECK(judged("<html>").verdict == Verdict::broken);
  CHECK(judged("<html>").may_follow);
  CHECK(judged("[]").verdict == Verdict::broken);
}

TEST_CASE("a body is events or a document by how it begins", "[proxy][judgement]") {
  for (const bool says_events : {false, true}) {
    for (const char* events : {"data: {}", "data:{}", ": hi", "event: error\n", "id:7", "retry: 3\n", "\r\n\r\ndata: x",
                               "\xef\xbb\xbf"
                               "data: x",
                               ":"}) {
      CHECK(body_kind(events, says_events) == BodyKind::events);
    }
    for (const char* document : {"{", "\n\n {\"a\"", "[{", "\xef\xbb\xbf{"}) {
      CHECK(body_kind(document, says_events) == BodyKind::document);
    }
    for (const char* either : {"", "\n \n", "d", "data", "even", "\xef", "\xef\xbb\xbf", "\xef\xbb\xbfid"}) {
      CHECK(body_kind(either, says_events) == BodyKind::unknown);
    }
    for (const char* odd : {"<html>", "dataset", "hello"}) {
      CHECK(body_kind(odd, says_events) == (says_events ? BodyKind::events : BodyKind::document));
    }
  }
}
