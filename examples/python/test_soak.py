"""Rounds of random input on all phones at once, followed with a progress bar."""

from __future__ import annotations

import asyncio

from fleet import GAME, Fleet
from tqdm import tqdm

from koophone import AsyncClient, progress_bar

ROUNDS, EVENTS = 4, 500


async def soak(client: AsyncClient, phone: str) -> list[str]:
    """All rounds of one phone; what went wrong."""
    problems = []
    for number in range(ROUNDS):
        task = await client.start_command([phone], f"monkey -p {GAME} -s {number} {EVENTS}")
        (job,) = await task.wait(timeout=120)
        alive = await client.run_command([phone], f"pidof {GAME}")
        if not (job.ok and alive.all_ok):
            problems.append(f"{phone}, round {number}: {job.error or 'the game is gone'}")
    return problems


async def test_soak_phone_by_phone(fleet: Fleet, koophone_async_client: AsyncClient) -> None:
    """Each phone at its own pace."""
    fleet.start_game()
    soaked = [soak(koophone_async_client, phone) for phone in fleet.phones]
    with tqdm(total=len(soaked), unit="phone", desc="soak") as bar:
        for done in asyncio.as_completed(soaked):
            assert await done == []
            bar.update()


async def test_soak_in_step(fleet: Fleet, koophone_async_client: AsyncClient) -> None:
    """All phones as one task, whose progress the core tells."""
    fleet.start_game()
    task = await koophone_async_client.start_command(fleet.phones, f"monkey -p {GAME} {EVENTS}")
    with tqdm(unit="phone", desc="in step") as bar:
        results = await task.wait(timeout=120, on_progress=progress_bar(bar))
    assert results.all_ok
    assert bar.n == len(fleet.phones)
