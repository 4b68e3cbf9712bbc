// Requests of operations beside chat and embeddings: what they must contain, and what they may come to.
#include "support/catch.h"
#include "wire/openai/bodies.h"
#include "wire/openai/request_reader.h"

namespace gateway {
namespace {

struct Outcome {
  bool good = false;
  RequestFacts facts;
  BadRequest why;
};

Outcome read(Operation operation, const std::string& members) {
  RequestReader reader;
  Outcome out;
  out.good = reader.read(operation, test::padded(R"({"model":"m")" + members + "}"), out.facts, out.why);
  return out;
}

TEST_CASE("each operation misses what it cannot do without", "[wire][request_reader]") {
  const struct {
    Operation operation;
    const char *enough, *param;
  } table[] = {{Operation::completions, R"(,"prompt":"a")", "prompt"},
               {Operation::images, R"(,"prompt":"a")", "prompt"},
               {Operation::speech, R"(,"input":"a")", "input"},
               {Operation::moderations, R"(,"input":"a")", "input"},
               {Operation::rerank, R"(,"documents":["a"])", "documents"}};
  for (const auto& each : table) {
    INFO(to_string(each.operation));
    CHECK(read(each.operation, each.enough).good);
    CHECK_FALSE(read(each.operation, "").good);
    CHECK(read(each.operation, "").why.param == each.param);
    const std::string twice = std::string(each.enough) + each.enough;
    CHECK_FALSE(read(each.operation, twice).good);
    CHECK(read(each.operation, twice).why.param == each.param);
  }
}

TEST_CASE("moderation without a model means OpenAI's, and no other operation has one", "[wire][request_reader]") {
  RequestReader reader;
  RequestFacts facts;
  BadRequest why;
  CHECK(reader.read(Operation::moderations, test::padded(R"({"input":"a"})"), facts, why));
  CHECK(facts.model == "omni-moderation-latest");
  CHECK(facts.model_by_path);  // so that it is written into what goes out
  CHECK(reader.read(Operation::moderations, test::padded(R"({"model":"m","input":"a"})"), facts, why));
  CHECK(facts.model == "m");
  CHECK_FALSE(facts.model_by_path);
  CHECK_FALSE(reader.read(Operation::moderations, test::padded(R"({"model":null,"input":"a"})"), facts, why));
  CHECK_FALSE(reader.read(Operation::embeddings, test::padded(R"({"input":"a"})"), facts, why));
  CHECK(why.param == "model");
}

TEST_CASE("wrong types and huge counts are refused by the field's name", "[wire][request_reader]") {
  const struct {
    Operation operation;
    std::string members, param;
  } table[] = {
      {Operation::completions, R"(,"prompt":7)", "prompt"},
      {Operation::completions, R"(,"prompt":["a",7])", "prompt"},
      {Operation::completions, R"(,"prompt":[-1])", "prompt"},
      {Operation::completions, R"(,"prompt":[[1,"a"]])", "prompt"},
      {Operation::completions, R"(,"prompt":"a","best_of":0)", "best_of"},
      {Operation::completions, R"(,"prompt":"a","best_of":129)", "best_of"},
      {Operation::completions, R"(,"prompt":"a","best_of":"2")", "best_of"},
      {Operation::completions, R"(,"prompt":"a","n":129)", "n"},
      {Operation::images, R"(,"prompt":["a"])", "prompt"},
      {Operation::images, R"(,"prompt":"a","n":1e9)", "n"},
      {Operation::images, R"(,"prompt":"a","n":-1)", "n"},
      {Operation::speech, R"(,"input":["a"])", "input"},
      {Operation::moderations, R"(,"input":7)", "input"},
      {Operation::rerank, R"(,"query":7,"documents":["a"])", "query"},
      {Operation::rerank, R"(,"query":"a","documents":"b")", "documents"},
      {Operation::rerank, R"(,"query":"a","documents":[7])", "documents"},
  };
  for (const auto& each : table) {
    INFO(to_string(each.operation) << each.members);
    const Outcome out = read(each.operation, each.members);
    CHECK_FALSE(out.good);
    CHECK(out.why.param == each.param);
  }
  std::string prompts;
  for (int i = 0; i < 2049; ++i) prompts += i > 0 ? ",\"a\"" : "\"a\"";
  CHECK(read(Operation::completions, ",\"prompt\":[" + prompts + "]").why.param == "prompt");
}

TEST_CASE("completions are as many as prompts times choices", "[wire][request_reader]") {
  const auto choices = [](const char* members) { return read(Operation::completions, members).facts.n; };
  CHECK(choices(R"(,"prompt":"a")") == 1);
  CHECK(choices(R"(,"prompt":["a","b","c"],"n":2)") == 6);
  CHECK(choices(R"(,"prompt":[1,2,3],"n":2)") == 2);  // one prompt, as token ids
  CHECK(choices(R"(,"prompt":[[1,2],[3]],"n":2)") == 4);
  CHECK(choices(R"(,"prompt":"a","n":2,"best_of":5)") == 5);  // all of them are billed
  CHECK(read(Operation::completions, R"(,"prompt":[[1,2],[3]])").facts.input_estimate ==
        read(Operation::completions, R"(,"prompt":[])").facts.input_estimate + 3);
}

TEST_CASE("units are what the request asks for", "[wire][request_reader]") {
  CHECK(read(Operation::images, R"(,"prompt":"a")").facts.units_bound.images == 1);
  CHECK(read(Operation::images, R"(,"n":4,"prompt":"a")").facts.units_bound.images == 4);
  CHECK(read(Operation::speech, R"(,"input":"gr\u00fc\u00dfe")").facts.units_bound.characters == 5);
  CHECK(read(Operation::speech, ",\"input\":\"grüße\"").facts.units_bound.characters == 5);
  CHECK_FALSE(read(Operation::speech, R"(,"input":"a")").facts.stream);
  CHECK(read(Operation::speech, R"(,"input":"a","stream_format":"sse")").facts.stream);
  CHECK_FALSE(read(Operation::speech, R"(,"input":"a","stream_format":"audio")").facts.stream);
  CHECK(read(Operation::images, R"(,"prompt":"a","stream":true)").facts.stream);
  CHECK_FALSE(read(Operation::moderations, R"(,"input":"a","stream":true)").facts.stream);  // none has streams
}

TEST_CASE("a rerank is as many searches as hundreds of its documents' chunks", "[wire][request_reader]") {
  const auto units = [](int documents, int bytes) {
    std::string list;
    for (int i = 0; i < documents; ++i)
      list += (i > 0 ? ",\"" : "\"") + std::string(static_cast<std::size_t>(bytes), 'x') + "\"";
    return read(Operation::rerank, R"(,"query":"q","documents":[)" + list + "]").facts;
  };
  CHECK(units(0, 0).units_bound.searches == 1);
  CHECK(units(100, 10).units_bound.searches == 1);
  CHECK(units(101, 10).units_bound.searches == 2);
  CHECK(units(100, 256).units_bound.searches == 2);  // each byte may be a token
  CHECK(units(100, 256).units_estimate.searches == 1);
  CHECK(units(50, 4'004).units_estimate.searches == 2);
  const std::int64_t once = units(1, 10).input_bound;
  CHECK(units(3, 10).input_bound == once + 2 * 10 + 2);  // the query goes with each document
}

}  // namespace
}  // namespace gateway
