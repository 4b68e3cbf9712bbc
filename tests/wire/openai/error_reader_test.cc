// Where providers put the reason of an error.
#include "wire/openai/error_reader.h"

#include <string>

#include "support/catch.h"
#include "wire/openai/answer_reader.h"

namespace gateway {
namespace {

std::string reason_in(std::string_view json) {
  AnswerReader reader;
  AnswerFacts facts;
  reader.read(json, facts);
  CHECK((facts.has_error || facts.has_loose_error));
  return whole_reason(facts.error);
}

TEST_CASE("the reason of an error is found wherever it stands", "[wire][error]") {
  const struct {
    const char *json, *reason;
  } cases[] = {
      {R"({"error":{"message":"no"}})", "no"},
      {R"({"error":"no"})", "no"},
      {R"([{"error":{"message":"no","code":429}}])", "no"},
      {R"({"error":[{"message":"no"},{"message":"never"}]})", "no; never"},
      {R"({"detail":"no"})", "no"},
      {R"({"detail":[{"loc":["body","model"],"msg":"no","type":"missing"},{"msg":"never"}]})", "no; never"},
      {R"({"detail":{"message":"no"}})", "no"},
      {R"({"object":"error","message":"no","code":400})", "no"},
      {R"({"message":{"detail":[{"msg":"no"}]}})", "no"},
      {R"({"error":{"message":{"detail":"no"}}})", "no"},
      {R"({"error_code":17,"error_msg":"no"})", "no"},
      {R"({"error":{"message":"no","failed_generation":"<tool>"}})", "no (<tool>)"},
      {R"({"error":{"message":"no","innererror":{"code":"ResponsibleAI"}}})", "no (ResponsibleAI)"},
      {R"({"error":{"message":"no","metadata":{"raw":"never","provider_name":"x"}}})", "no (never)"},
      {R"({"error":{"message":"no","metadata":{"reasons":["violence","hate"]}}})", "no (violence; hate)"},
      {R"({"error":{"message":"no, and why","metadata":{"raw":"why"}}})", "no, and why"},
  };
  for (const auto& each : cases) {
    CAPTURE(each.json);
    CHECK(reason_in(each.json) == each.reason);
  }
}

TEST_CASE("plain text is a reason, a page of HTML is none", "[wire][error]") {
  CHECK(plain_error(" upstream connect error \n").message == "upstream connect error");
  CHECK(plain_error("<html><body>nginx</body></html>").message.empty());
  CHECK(plain_error(std::string("\x1f\x8b\x08", 3)).message.empty());
  CHECK(plain_error("Incorrect API key provided").wrong_key);
  CHECK(plain_error(R"({"error":{"message":"cut o)").message == "cut o");
}

}  // namespace
}  // namespace gateway
