"""Answers of the administration held against their own description, GET /admin/v1/openapi.json."""

import jsonschema
import openapi_spec_validator


def closed(part):
    """The same schemas, but an object has nothing that is not described. (The document leaves room for later versions.)"""
    if isinstance(part, list):
        return [closed(each) for each in part]
    if not isinstance(part, dict):
        return part
    more = {"additionalProperties": False} if part.get("type") == "object" and "properties" in part else {}
    return {**more, **{name: closed(each) for name, each in part.items()}}


class Description:
    def __init__(self, document: dict):
        openapi_spec_validator.validate(document)
        self.document = document
        self.components = closed(document["components"])
        self.operations = {each["operationId"]: (method.upper(), path.removeprefix("/admin/v1/"), each)
                           for path, methods in document["paths"].items() for method, each in methods.items()}
        self.checked: set[str] = set()  # operations whose answers were held against it

    def name_of(self, method: str, path: str) -> str | None:
        """Of the operation that a call is of; None: of none."""
        given = path.partition("?")[0].split("/")
        found = [(each.count("{"), name) for name, (of, each, _) in self.operations.items()
                 if of == method and len(each.split("/")) == len(given)
                 and all(want.startswith("{") or want == segment for want, segment in zip(each.split("/"), given))]
        return min(found)[1] if found else None

    def problems(self, schema: dict, value) -> list[str]:
        whole = {**closed(schema), "components": self.components}
        checker = jsonschema.Draft202012Validator(whole, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER)
        return [f"{error.json_path}: {error.message[:300]}" for error in checker.iter_errors(value)]

    def check(self, method: str, path: str, status: int, answer) -> None:
        """The answer has all that is described, of the types that are described, and nothing else."""
        name = self.name_of(method, path)
        if name is None:
            return
        responses = self.operations[name][2]["responses"]
        described = responses.get(str(status), responses["default"])
        if "$ref" in described:
            described = self.document["components"]["responses"][described["$ref"].split("/")[-1]]
        else:
            self.checked.add(name)
        problems = self.problems(described["content"]["application/json"]["schema"], answer)
        assert not problems, f"{method} {path} gave {status}: {problems}"
