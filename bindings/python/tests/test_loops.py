"""One client, several event loops, one after the other and at once."""

import asyncio
import gc
import threading
import weakref

import pytest
import trio

import koophone


def test_loops_one_after_the_other_leave_nothing_behind(emulator, phones):
    client = emulator.async_client()
    loops = []

    async def call():
        loops.append(weakref.ref(asyncio.get_running_loop()))
        return (await client.query_status(phones)).all_ok

    assert all(asyncio.run(call()) for _ in range(5))
    gc.collect()
    assert [loop() for loop in loops] == [None] * 5


def test_loops_in_many_threads(emulator, phones):
    client = emulator.async_client()
    good = []

    async def calls():
        results = await asyncio.gather(*(client.query_status(phones) for _ in range(10)))
        good.append(all(result.all_ok for result in results))

    threads = [threading.Thread(target=lambda: asyncio.run(calls())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert good == [True] * 8


def test_a_loop_that_ends_with_calls_open_is_left_alone(phones):
    no_response = {"operation": "query_status", "action": "no_response", "times": 0}
    with koophone.Emulator(phones=3, faults=[no_response]) as emulator:
        client = emulator.async_client()

        async def leave():
            task = asyncio.ensure_future(client.query_status(emulator.instance_ids))
            await asyncio.sleep(0)
            return task

        loop = asyncio.new_event_loop()
        task = loop.run_until_complete(leave())
        task.cancel()
        loop.run_until_complete(asyncio.gather(task, return_exceptions=True))
        loop.close()
        assert task.cancelled()


def test_under_trio_the_error_names_the_remedy(emulator, phones):
    async def main():
        async with emulator.async_client() as client:
            await client.query_status(phones)

    with pytest.raises(koophone.InvalidArgumentError, match=r"trio\.to_thread\.run_sync"):
        trio.run(main)


def test_the_remedy_for_trio_works(emulator, phones):
    async def main():
        with emulator.client() as client, trio.fail_after(30):
            return await trio.to_thread.run_sync(client.query_status, phones)

    assert trio.run(main).all_ok


class ReceivingLoop(asyncio.SelectorEventLoop):
    """Like Windows's usual loop: it can receive from sockets, but not watch them."""

    def add_reader(self, *_):
        raise NotImplementedError


def test_a_loop_that_cannot_watch(emulator, phones):
    client = emulator.async_client()
    reports = []

    async def calls():
        for _ in range(3):
            results = await asyncio.gather(*(client.query_status(phones) for _ in range(10)))
            assert all(result.all_ok for result in results)
        task = await client.start_command(phones, "true")
        assert (await task.wait(on_progress=reports.append)).all_ok

    async def main():
        await calls()
        emulator.add_faults({"operation": "query_status", "action": "no_response"})
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(client.query_status(phones), 0.05)
        await calls()
        # One turn of the loop for what was cancelled; then nothing of ours runs without a waiter.
        await asyncio.sleep(0)
        return asyncio.all_tasks() == {asyncio.current_task()}

    loop = ReceivingLoop()
    try:
        assert loop.run_until_complete(main())
    finally:
        loop.close()
    assert reports[-1].succeeded == len(phones)
