"""Rounds of random input, followed with a progress bar."""

from __future__ import annotations

import asyncio

from game import GAME
from tqdm import tqdm

from koophone import AsyncClient, Client, Phones, progress_bar


async def soak(client: AsyncClient, phone: str) -> None:
    for seed in range(4):
        task = await client.start_command([phone], f"monkey -p {GAME} -s {seed} 500")
        await task.wait(timeout=120, check=True)
        assert await client.phone(phone).pidof(GAME), f"the game is gone from {phone} in round {seed}"


async def test_each_phone_at_its_own_pace(phones: Phones, koophone_async_client: AsyncClient) -> None:
    await asyncio.gather(*(soak(koophone_async_client, phone) for phone in phones.instance_ids))


def test_all_phones_as_one_task(phones: Phones, koophone_client: Client) -> None:
    with tqdm(unit="phone") as bar:
        task = koophone_client.start_command(phones.instance_ids, f"monkey -p {GAME} 500")
        task.wait(timeout=120, on_progress=progress_bar(bar), check=True)
    assert bar.n == len(phones.instance_ids)
