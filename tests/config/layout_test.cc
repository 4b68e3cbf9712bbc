#include "config/support.h"

namespace {

using Lines = std::vector<std::string>;

TEST_CASE("a tab in the indentation is reported by name, at its place", "[config][layout]") {
  const Lines tab{"f:3:1: a tab in the indentation; YAML is indented by spaces alone"};
  CHECK(mistakes_of("workers: 1\nproviders:\n\tp: {type: simulated}\n") == tab);
  CHECK(mistakes_of("workers: 1\nproviders:\n\tp:\n\t\ttype: simulated\n\tq:\n\t\ttype: simulated\n") == tab);
  CHECK(mistakes_of("workers: 1\nproviders:\n\n  # what follows\n  p:\n  \ttype: simulated\n") ==
        Lines{"f:6:3: a tab in the indentation; YAML is indented by spaces alone"});
}

TEST_CASE("an indentation that fits no line above is reported at its line, with what would fit", "[config][layout]") {
  CHECK(mistakes_of("providers:\n  p: {type: simulated}\n q: {type: simulated}\n") ==
        Lines{"f:3:2: an indentation of 1 space fits no line above; expected 2 or 0"});
  CHECK(mistakes_of("providers:\n  p:\n    type: simulated\n   base_url: x\n\n\n\nmodels: {}\n") ==
        Lines{"f:4:4: an indentation of 3 spaces fits no line above; expected 4 or 2 or 0"});
  CHECK(mistakes_of("models:\n  a:\n    targets:\n      - {provider: p}\n     - {provider: q}\n") ==
        Lines{"f:5:6: an indentation of 5 spaces fits no line above; expected 6 or 4 or 2 or 0"});
}

TEST_CASE("a line deeper than one that has its value already is reported", "[config][layout]") {
  CHECK(mistakes_of("providers:\n  p: {type: simulated}\n   q: {type: simulated}\n") ==
        Lines{"f:3:4: an indentation of 3 spaces is deeper than the line above, which has its value already; "
              "expected 2"});
  CHECK(mistakes_of("workers: 1\n listen: x\n") ==
        Lines{"f:2:2: an indentation of 1 space is deeper than the line above, which has its value already; "
              "expected 0"});
  CHECK(mistakes_of("models:\n  a:\n    targets:\n    - provider: p\n       model: q\n") ==
        Lines{"f:5:8: an indentation of 7 spaces is deeper than the line above, which has its value already; "
              "expected 6"});
}

TEST_CASE("a key without its colon is reported at its own line", "[config][layout]") {
  CHECK(mistakes_of("providers:\n  p: {type: simulated}\nmodels\n  a: 1\n") ==
        Lines{"f:3:1: expected ':' after 'models'"});
}

TEST_CASE("a bracket that is not closed is reported where it is opened", "[config][layout]") {
  CHECK(mistakes_of("providers: {p: {type: simulated}\nmodels: {}\n") == Lines{"f:1:12: this '{' is not closed"});
  CHECK(mistakes_of("listen: [\n  a,\nworkers: 1\n") == Lines{"f:1:9: this '[' is not closed"});
}

TEST_CASE("comments, quotes, brackets and blocks of text are no indentation", "[config][layout]") {
  for (const char* before : {"x: \"a\n\tb\"\n", "x: {a: 1,\n\tb: 2}\n", "x: |\n  a\n    b: c\n", "\t# a comment\n"}) {
    INFO(before);
    const Lines found = mistakes_of(std::string(before) + "providers:\n  p: {type: simulated}\n q: 1\n");
    REQUIRE(found.size() == 1);
    CHECK_THAT(found[0], Catch::Contains("an indentation of 1 space fits no line above"));
  }
}

}  // namespace
