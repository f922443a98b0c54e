"""What Schemathesis needs to know of this API: how to log in, and what a refusal looks like."""

import os
from typing import Any
from uuid import uuid4

import httpx
import schemathesis

URL = os.environ["HEARTH_FUZZ_URL"]
TOKEN = os.environ["HEARTH_FUZZ_TOKEN"]
# What ends the login that is shown, or the person. They are tried on persons of their own.
ENDING = ["/api/auth/logout", "/api/auth/password", "/api/profile", "/api/auth/logins/{login_id}"]
# What this house without models cannot do, and says so; nothing else may be away.
NEEDS_A_MODEL = {"ai_not_configured", "no_recogniser"}
MALFORMED_IN_FORM = "The input was not accepted."


class Bearer:
    """The person of the run."""

    def get(self, case: Any, context: Any) -> str:
        return TOKEN

    def set(self, case: Any, data: str, context: Any) -> None:
        case.headers["Authorization"] = f"Bearer {data}"


@schemathesis.auth(refresh_interval=None).apply_to(
    path=ENDING, method=["POST", "DELETE", "PATCH", "PUT"]
)
class ThrowAway(Bearer):
    """A new person for each case."""

    def get(self, case: Any, context: Any) -> str:
        body = {"email": f"{uuid4().hex}@example.org", "password": "kitchen table 42"}
        answer = httpx.post(f"{URL}/api/auth/register", json=body, timeout=20)
        return str(answer.json()["access_token"])


schemathesis.auth(refresh_interval=None).apply_to(path_regex=".*").skip_for(
    path=ENDING, method=["POST", "DELETE", "PATCH", "PUT"]
)(Bearer)


@schemathesis.check
def reasoned_refusals(ctx: Any, response: Any, case: Any) -> None:
    """Every refusal is a problem document that says why, and not of data that fit the schema."""
    if response.status_code < 400:
        return
    assert response.headers["content-type"] == ["application/problem+json"], (
        "not a problem document"
    )
    told = response.json()
    assert told["status"] == response.status_code
    assert told["request_id"] == response.headers["x-request-id"][0], "another request id"
    assert told["code"] and told["detail"], "no reason"
    if response.status_code == 503:
        assert told["code"] in NEEDS_A_MODEL, f"away: {told['code']}"
    if response.status_code == 422:
        assert all(one.get("field") and one.get("message") for one in told.get("errors", [{}])), (
            "no field"
        )
        positive = case.meta is not None and case.meta.generation.mode.is_positive
        of_form = told["detail"] == MALFORMED_IN_FORM
        # JSON Schema calls 1.0 an integer; a count with a decimal point is refused here.
        pointed = any("Expected `int" in one["message"] for one in told["errors"])
        assert pointed or not (positive and of_form), f"fits the schema: {told['errors']}"
