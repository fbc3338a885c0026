"""For generic HTTP clients: the typed results that a program would create from a response."""

from dataclasses import dataclass

from harness import Arguments


@dataclass(frozen=True, slots=True)
class Status:
    instance_id: str
    status: int


@dataclass(frozen=True, slots=True)
class Result:
    instance_id: str
    status: int
    error_code: str
    error_msg: str
    execute_msg: str


def typed(arguments: Arguments, response: dict) -> list[Status] | list[Result]:
    if response["error_code"] != "0":
        raise RuntimeError(response["error_msg"])
    if arguments.results:
        return [
            Result(r["instance_id"], r["status"], r["error_code"], r["error_msg"], r["execute_msg"])
            for r in response["data"]["cmd_results"]
        ]
    return [Status(s["instance_id"], s["status"]) for s in response["data"]["status_results"]]
