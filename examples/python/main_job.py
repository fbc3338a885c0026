"""The main job in Python: log in, query status, set video, run a command, start one and follow it, reset, get device
tokens. Prints one line of JSON per step, which `cargo xtask demo` makes a table of.

    python main_job.py [--read-only] PHONE...

Settings and credentials come from the environment: KOOPHONE_ENDPOINT, KOOPHONE_USERNAME, ...
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from typing import Any

from tqdm import tqdm

from koophone import Client, Results, Task, VideoSettings, VideoSpec, progress_bar


def step(name: str, job: Callable[[], Results[Any] | None]) -> None:
    """Does a step and prints what came of it: phones that did well, phones asked, time."""
    start = time.perf_counter()
    results = job()
    milliseconds = round((time.perf_counter() - start) * 1000, 1)
    asked = 1 if results is None else len(results)
    ok = 1 if results is None else len(results) - len(results.failed)
    print(json.dumps({"step": name, "ok": ok, "phones": asked, "ms": milliseconds}), flush=True)


def follow(task: Task) -> Results[Any]:
    # tqdm draws only where somebody can see it.
    with tqdm(unit="phone", leave=False, disable=None) as bar:
        return task.wait(on_progress=progress_bar(bar))


def main(arguments: list[str]) -> None:
    phones = [word for word in arguments if not word.startswith("--")]
    with Client() as client:

        def login() -> None:
            client.login()

        step("log in", login)
        step("query status", lambda: client.query_status(phones))
        if "--read-only" in arguments:
            return
        specs = [VideoSpec(bitrate_kbps=rate, fps=fps) for rate, fps in ((3000, 30), (5000, 30), (8000, 60))]
        step("set video", lambda: client.set_video_settings(phones, VideoSettings.uniform(*specs)))
        step("run command", lambda: client.run_command(phones, "getprop ro.product.model"))
        step("start and wait", lambda: follow(client.start_command(phones, "sleep 1")))
        step("reset and wait", lambda: follow(client.reset_instances(phones)))
        start, tokens = time.perf_counter(), [client.get_device_token(phone) for phone in phones]
        milliseconds = round((time.perf_counter() - start) * 1000, 1)
        print(json.dumps({"step": "device token", "ok": len(tokens), "phones": len(phones), "ms": milliseconds}))


if __name__ == "__main__":
    main(sys.argv[1:])
