"""The main job in Python: log in, query status, set video, run a command, start one and follow it, reset, get device
tokens. Prints one line of JSON per step, which `cargo xtask demo` makes a table of.

    python main_job.py [--read-only] PHONE...

Settings and credentials come from the environment: KOOPHONE_ENDPOINT, KOOPHONE_USERNAME, ...
"""

import json
import sys
import time
from collections.abc import Callable

from tqdm import tqdm

from koophone import Client, VideoSettings, VideoSpec, progress_bar


def step(name: str, job: Callable[[], object]) -> None:
    """Does a step and prints its result: phones that succeeded, phones asked, time."""
    start, results = time.perf_counter(), job()
    phones = results if isinstance(results, (tuple, list)) else [results]
    ok = sum(getattr(phone, "ok", True) for phone in phones)
    milliseconds = round((time.perf_counter() - start) * 1000, 1)
    print(json.dumps({"step": name, "ok": ok, "phones": len(phones), "ms": milliseconds}), flush=True)


def main(arguments: list[str]) -> None:
    ids = [word for word in arguments if not word.startswith("--")]
    specs = [VideoSpec(bitrate_kbps=rate, fps=fps) for rate, fps in ((3000, 30), (5000, 30), (8000, 60))]
    # tqdm draws only on a terminal.
    with Client() as client, tqdm(unit="phone", leave=False, disable=None) as bar:
        step("log in", client.login)
        step("query status", lambda: client.query_status(ids))
        if "--read-only" not in arguments:
            follow = progress_bar(bar)
            step("set video", lambda: client.set_video_settings(ids, VideoSettings.uniform(*specs)))
            step("run command", lambda: client.phones(ids).getprop("ro.product.model"))
            step("start and wait", lambda: client.start_command(ids, "sleep 1").wait(on_progress=follow))
            step("reset and wait", lambda: client.reset_instances(ids).wait(on_progress=follow))
            step("device token", lambda: [client.get_device_token(phone) for phone in ids])


if __name__ == "__main__":
    main(sys.argv[1:])
