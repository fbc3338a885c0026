"""What the measured Python programs have in common: reading arguments, measuring and reporting. It imports little,
and late, because it is part of every process that is measured as a whole."""

from __future__ import annotations

import resource
import sys
import time

TOKEN = "a-token"
ACCESS_KEY = "AKEXAMPLE0000000TEST"
SECRET_KEY = "SKEXAMPLEsecretNOTREAL"
PROJECT_ID = "0123456789abcdef0123456789abcdef"
COMMAND = "logcat -d"
PATHS = {"statuses": "/v1/instances/batch-query-status", "results": "/v1/instances/sync-command"}


class Arguments:
    """``URL PAYLOAD CALLS IN_FLIGHT WARM_UP [signed]``"""

    def __init__(self) -> None:
        self.url, payload, calls, in_flight, warm_up, *rest = sys.argv[1:]
        self.payload, _, count = payload.partition(":")
        self.results = self.payload == "results"
        # Clients to create; 0 if calls are measured.
        self.clients = int(count) if self.payload == "clients" else 0
        self.calls, self.in_flight = int(calls), int(in_flight)
        # Calls before measuring, which open connections and fill caches.
        self.warm_up = int(warm_up)
        self.signed = "signed" in rest
        self.ids = [f"{n:032x}" for n in range(int(count) if self.payload == "fleet" else 32)]

    @property
    def path(self) -> str:
        return PATHS[self.payload]

    @property
    def body(self) -> dict[str, object]:
        body: dict[str, object] = {"instance_ids": self.ids}
        return body | {"command": COMMAND} if self.results else body

    def part(self, calls: int, worker: int) -> int:
        """The share of one of the workers."""
        return calls // self.in_flight + (worker < calls % self.in_flight)


def measure(arguments: Arguments, call) -> None:
    """Measures blocking calls; several callers have a thread each."""
    count = len(arguments.ids)

    def several(calls: int, walls: list[float]) -> None:
        for _ in range(calls):
            start = time.perf_counter()
            assert len(call()) == count
            walls.append(time.perf_counter() - start)

    def share(calls: int, walls: list[float]) -> None:
        if arguments.in_flight == 1:
            return several(calls, walls)
        import threading

        workers = range(arguments.in_flight)
        threads = [threading.Thread(target=several, args=(arguments.part(calls, n), walls)) for n in workers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    share(arguments.warm_up, [])
    walls: list[float] = []
    start = moment()
    share(arguments.calls, walls)
    report(start, moment(), walls)


async def measure_async(arguments: Arguments, call) -> None:
    """Measures awaited calls; several callers have a task each."""
    import asyncio

    count = len(arguments.ids)

    async def several(calls: int, walls: list[float]) -> None:
        for _ in range(calls):
            start = time.perf_counter()
            assert len(await call()) == count
            walls.append(time.perf_counter() - start)

    async def share(calls: int, walls: list[float]) -> None:
        if arguments.in_flight == 1:
            return await several(calls, walls)
        workers = range(arguments.in_flight)
        await asyncio.gather(*(several(arguments.part(calls, n), walls) for n in workers))

    await share(arguments.warm_up, [])
    walls: list[float] = []
    start = moment()
    await share(arguments.calls, walls)
    report(start, moment(), walls)


def moment() -> tuple[float, float]:
    """The wall time, and the CPU time of all threads, in seconds."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return time.perf_counter(), usage.ru_utime + usage.ru_stime


def report(start: tuple[float, float], end: tuple[float, float], walls: list[float]) -> None:
    # Peak memory; ru_maxrss would include the parent's.
    with open("/proc/self/status", encoding="ascii") as status:
        memory = next(int(line.split()[1]) for line in status if line.startswith("VmHWM:"))
    wall_us, rate = sorted(walls)[len(walls) // 2] * 1e6, len(walls) / (end[0] - start[0])
    cpu_us = (end[1] - start[1]) * 1e6
    print(f'{{"cpu_us": {cpu_us:.0f}, "wall_us": {wall_us:.2f}, "calls_per_s": {rate:.2f}, "rss_kb": {memory}}}')
