"""What the measured programs in Python do around their calls: arguments in, figures out; and the typed results of
peers."""

from __future__ import annotations

import asyncio
import json
import resource
import statistics
import sys
import threading
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

TOKEN = "a-token"
ACCESS_KEY = "AKEXAMPLE0000000TEST"
SECRET_KEY = "SKEXAMPLEsecretNOTREAL"
PROJECT_ID = "0123456789abcdef0123456789abcdef"
COMMAND = "logcat -d"
PATHS = {"statuses": "/v1/instances/batch-query-status", "results": "/v1/instances/sync-command"}


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


class Arguments:
    """``URL PAYLOAD CALLS IN_FLIGHT [signed]``"""

    def __init__(self) -> None:
        self.url, payload, calls, in_flight, *rest = sys.argv[1:]
        self.payload, _, phones = payload.partition(":")
        self.results = self.payload == "results"
        self.calls, self.in_flight = int(calls), int(in_flight)
        self.signed = "signed" in rest
        self.ids = [f"{n:032x}" for n in range(int(phones or 32))]
        # Calls before the measuring starts: they open connections and fill caches. A single call is measured cold.
        self.warm_up = 0 if self.calls == 1 else max(self.calls // 10, self.in_flight)

    @property
    def path(self) -> str:
        return PATHS[self.payload]

    @property
    def body(self) -> dict[str, object]:
        body: dict[str, object] = {"instance_ids": self.ids}
        return body | {"command": COMMAND} if self.results else body

    def typed(self, answer: dict) -> list[Status] | list[Result]:
        """The results of an answer, as a program that wants types would make them."""
        if answer["error_code"] != "0":
            raise RuntimeError(answer["error_msg"])
        if self.results:
            return [
                Result(r["instance_id"], r["status"], r["error_code"], r["error_msg"], r["execute_msg"])
                for r in answer["data"]["cmd_results"]
            ]
        return [Status(s["instance_id"], s["status"]) for s in answer["data"]["status_results"]]

    def part(self, calls: int, worker: int) -> int:
        """The share of one of the workers."""
        return calls // self.in_flight + (worker < calls % self.in_flight)


def measure(arguments: Arguments, call: Callable[[], object]) -> None:
    """Measures blocking calls, each caller with a thread of its own where there are several."""
    count = len(arguments.ids)

    def several(calls: int, walls: list[float]) -> None:
        for _ in range(calls):
            start = time.perf_counter()
            assert len(call()) == count  # type: ignore[arg-type]
            walls.append(time.perf_counter() - start)

    def share(calls: int, walls: list[float]) -> None:
        if arguments.in_flight == 1:
            return several(calls, walls)
        workers = range(arguments.in_flight)
        threads = [threading.Thread(target=several, args=(arguments.part(calls, n), walls)) for n in workers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    share(arguments.warm_up, [])
    walls: list[float] = []
    start = (time.perf_counter(), cpu())
    share(arguments.calls, walls)
    report(start, walls)


async def measure_async(arguments: Arguments, call: Callable[[], Awaitable[object]]) -> None:
    """Measures awaited calls, each of several callers with a task of its own."""
    count = len(arguments.ids)

    async def several(calls: int, walls: list[float]) -> None:
        for _ in range(calls):
            start = time.perf_counter()
            assert len(await call()) == count  # type: ignore[arg-type]
            walls.append(time.perf_counter() - start)

    async def share(calls: int, walls: list[float]) -> None:
        if arguments.in_flight == 1:
            return await several(calls, walls)
        workers = range(arguments.in_flight)
        await asyncio.gather(*(several(arguments.part(calls, n), walls) for n in workers))

    await share(arguments.warm_up, [])
    walls: list[float] = []
    start = (time.perf_counter(), cpu())
    await share(arguments.calls, walls)
    report(start, walls)


def cpu() -> float:
    """User and system time of all threads, in seconds."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def report(start: tuple[float, float], walls: list[float]) -> None:
    wall, used = time.perf_counter() - start[0], cpu() - start[1]
    # The most memory at a time; ru_maxrss would remember the parent's.
    with open("/proc/self/status", encoding="ascii") as status:
        memory = next(int(line.split()[1]) for line in status if line.startswith("VmHWM:"))
    figures = {
        "cpu_us": round(used * 1e6),
        "wall_us": statistics.median(walls) * 1e6,
        "calls_per_s": len(walls) / wall,
        "rss_kb": memory,
    }
    print(json.dumps(figures))
