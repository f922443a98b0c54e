"""The description of the API: valid OpenAPI 3.1, complete, and true."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

Operation = tuple[str, str, dict[str, Any]]
OPEN = {"register", "log_in", "refresh", "request_reset", "reset_password", "verify_email"}


@pytest.fixture(scope="module")
def document(stranger: httpx.Client) -> dict[str, Any]:
    found: dict[str, Any] = stranger.get("/api/openapi.json").json()
    return found


def operations(document: dict[str, Any]) -> Iterator[Operation]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            yield path, method, operation


def test_it_is_valid(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1")
    assert [str(error) for error in OpenAPIV31SpecValidator(document).iter_errors()] == []


def test_every_operation_is_named_and_explained(document: dict[str, Any]) -> None:
    found = list(operations(document))
    names = [operation["operationId"] for _, _, operation in found]
    assert len(names) == len(set(names)) > 50
    for path, method, operation in found:
        assert operation["tags"], (method, path)
        # Litestar's own summary, where nobody wrote one, is the handler's name in capitals.
        assert " " in operation["summary"] or len(operation["summary"]) > 3, (method, path)
        assert operation["description"].endswith("."), (method, path)


def test_every_operation_says_how_it_refuses(document: dict[str, Any]) -> None:
    for path, method, operation in operations(document):
        responses = operation["responses"]
        wanted = {"400", "401", "403", "404", "422", "429", "503"}
        wanted |= {"415"} if "requestBody" in operation else set()
        assert wanted <= responses.keys(), (method, path)
        for status, response in responses.items():
            assert response["headers"]["X-Request-ID"]
            if status >= "400" and not (path.startswith("/api/health") and status == "503"):
                content = response["content"]["application/problem+json"]
                assert content["schema"] == {"$ref": "#/components/schemas/Problem"}


def test_only_what_must_be_is_open(document: dict[str, Any]) -> None:
    assert document["security"] == [{"bearer": []}, {"cookie": []}]
    assert document["components"]["securitySchemes"].keys() == {"bearer", "cookie"}
    open_ones = {
        operation["operationId"]
        for _, _, operation in operations(document)
        if operation.get("security") == []
    }
    assert {name for name in open_ones if not name.startswith("health")} == OPEN


def test_creating_takes_a_key_and_editing_a_version(document: dict[str, Any]) -> None:
    headers = {
        operation["operationId"]: {one["name"] for one in operation.get("parameters", [])}
        for _, _, operation in operations(document)
    }
    for name in ("log_meal", "copy_meal", "copy_day", "add_items", "weigh", "create_own_food"):
        assert "Idempotency-Key" in headers[name], name
    for name in ("change_meal", "change_item", "change_weight", "set_goal", "change_settings"):
        assert "If-Match" in headers[name], name


def test_bounds_inside_of_lists_and_maps_are_told(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    item = schemas["NewItem"]["properties"]
    assert item["confidence"]["anyOf"][0] == {"type": "number", "minimum": 0, "maximum": 1}
    assert "protein_g" in item["nutrients"]["anyOf"][0]["propertyNames"]["enum"]
    assert schemas["NewToken"]["properties"]["scopes"]["items"]["pattern"]
    assert schemas["NewMeal"]["additionalProperties"] is False
    assert schemas["NewMeal"]["properties"]["at"]["anyOf"][0]["format"] == "date-time"
