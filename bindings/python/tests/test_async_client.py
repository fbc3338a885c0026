"""The asyncio client: the same results, cancellation by the task, and event loops that start and end."""

import asyncio
import contextlib

import pytest

import koophone

pytestmark = pytest.mark.asyncio


@pytest.fixture
async def client(emulator):
    async with emulator.async_client() as client:
        yield client


async def test_every_operation(client, emulator, phones):
    assert (await client.run_command(phones, "true")).all_ok
    task = await client.start_command(phones, "true")
    seen = []
    results = await task.wait(30, on_progress=seen.append)
    assert results.all_ok and [one.instance_id for one in results] == phones
    assert seen[0].total == 3 and seen[-1].succeeded == 3
    assert await task == results and (await task.poll()).finished
    assert await client.resume_task(task.save()) == results
    assert (await client.get_task(task.task_ids[0])).finished
    assert (await client.set_video_settings(phones, koophone.VideoSettings())).all_ok
    assert (await client.query_status(phones)).all_ok
    assert (await (await client.reset_instances(phones)).wait(30)).all_ok
    assert (await client.get_device_token(phones[0])).token
    assert (await client.login()).method == "password"
    assert emulator.endpoint in repr(client) and "start_command" in repr(task)


async def test_a_device_token_is_kept():
    with koophone.Emulator(phones=1, quirks=["expired_time_present"]) as emulator:
        async with emulator.async_client() as client:
            token = client.device_token(emulator.instance_ids[0])
            first, second = await asyncio.gather(token.get(), token.get(timeout=20))
            assert isinstance(token, koophone.AsyncDeviceToken)
            assert first == second


async def test_with_check_the_first_error_carries_every_result(emulator, phones):
    async with emulator.async_client(batch_size=1, max_attempts=1) as client:
        task = await client.start_command(phones, "false", check=True)
        for call in (client.run_command(phones, "false", check=True), task.wait(30, check=True)):
            with pytest.raises(koophone.CommandFailedError, match="3 of 3") as caught:
                await call
            assert [result.ok for result in caught.value.results] == [False] * 3
        assert (await client.query_status(phones, check=True)).all_ok
        assert (await client.set_video_settings(phones, koophone.VideoSettings(), check=True)).all_ok
        for start, arguments in ((client.start_command, ["true"]), (client.reset_instances, [])):
            fault = {"operation": start.__name__, "instance_id": phones[1], "action": "html", "status": 503}
            emulator.add_faults(fault)
            with pytest.raises(koophone.KooPhoneError) as caught:
                await start(phones, *arguments, check=True)
            results = await client.resume_task(caught.value.saved_task)
            assert [result.ok for result in results] == [True, False, True]


async def test_many_calls_at_once(client, phones):
    results = await asyncio.gather(*(client.query_status(phones) for _ in range(200)))
    assert len(results) == 200 and all(result.all_ok for result in results)


async def test_cancelling_the_task_cancels_the_call(client, emulator, phones):
    await client.login()
    emulator.add_faults({"operation": "query_status", "action": "no_response"})
    waiting = asyncio.create_task(client.query_status(phones))
    while not any(request["operation"] == "query_status" for request in emulator.requests()):
        await asyncio.sleep(0.005)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    # The connection is closed as well: the emulator sees that the client has gone.
    while emulator.requests()[-1]["status"] != "cut":
        await asyncio.sleep(0.005)
    assert (await client.query_status(phones)).all_ok


async def test_a_time_limit_of_asyncio_works(client, emulator, phones):
    emulator.add_faults({"operation": "query_status", "action": "no_response"})
    with pytest.raises(asyncio.TimeoutError):
        await asyncio.wait_for(client.query_status(phones), 0.05)


async def test_a_cancel_token_raises_our_error(client, emulator, phones):
    emulator.add_faults({"operation": "query_status", "action": "no_response"})
    token = koophone.CancelToken()
    asyncio.get_running_loop().call_later(0.05, token.cancel)
    with pytest.raises(koophone.CancelledError):
        await client.query_status(phones, cancel=token)


async def test_errors_are_those_of_the_blocking_client(client):
    with pytest.raises(koophone.PermissionDeniedError) as caught:
        await client.run_command(["nobody"], "true")
    assert caught.value.http_status == 401 and caught.value.request_id
    with pytest.raises(TypeError):
        await client.query_status("text")


async def test_what_a_progress_callback_raises_ends_the_waiting(client, phones):
    task = await client.start_command(phones, "true")

    def stop(_progress):
        raise LookupError("seen enough")

    with pytest.raises(LookupError, match="seen enough"):
        await task.wait(on_progress=stop)
    assert (await task).all_ok


@pytest.mark.parametrize(
    ("raised", "reaches"),
    [(StopIteration(), RuntimeError), (asyncio.CancelledError(), asyncio.CancelledError)],
    ids=["StopIteration", "CancelledError"],
)
async def test_whatever_a_progress_callback_raises_reaches_the_waiter(client, phones, raised, reaches):
    task = await client.start_command(phones, "true")

    def stop(_progress):
        raise raised

    waiting = asyncio.ensure_future(task.wait(on_progress=stop))
    await asyncio.wait([waiting], timeout=30)
    with pytest.raises(reaches):
        waiting.result()
    assert (await task).all_ok


async def test_a_closed_client_says_so(emulator):
    client = emulator.async_client()
    async with client:
        listing = client.list_instances(page_size=1)
    with pytest.raises(koophone.InvalidArgumentError, match="closed"):
        await client.login()
    with pytest.raises(koophone.InvalidArgumentError, match="closed"):
        await anext(listing)
    async with contextlib.aclosing(emulator.async_client()) as client:
        assert (await client.login()).method == "password"
    with pytest.raises(koophone.InvalidArgumentError, match="closed"):
        await client.login()


async def test_the_loop_runs_while_a_call_waits(client, emulator, phones):
    await client.login()
    emulator.add_faults({"operation": "query_status", "action": "delay", "milliseconds": 200})
    waiting = asyncio.create_task(client.query_status(phones))
    turns = 0
    while not waiting.done():
        await asyncio.sleep(0.005)
        turns += 1
    assert (await waiting).all_ok and turns >= 5


async def test_a_blocking_client_works_in_worker_threads(emulator, phones):
    with emulator.client() as client:
        results = await asyncio.gather(*(asyncio.to_thread(client.query_status, phones) for _ in range(8)))
    assert all(result.all_ok for result in results)


async def test_a_list_is_read_page_by_page_and_continues_after_an_error_and_a_cancellation(emulator, phones):
    refusal = {"operation": "list_instances", "after": 1, "action": "error_code", "code": "KOOPHONE.API.1012"}
    async with emulator.async_client() as client:
        listing = client.list_instances(page_size=2)
        emulator.add_faults(refusal, {"operation": "list_instances", "after": 1, "action": "no_response"})
        ids = []
        with pytest.raises(koophone.RejectedError):
            async for phone in listing:
                ids.append(phone.instance_id)
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(listing.__anext__(), 0.1)
        assert listing.page_no == 2 and ids == phones[:2]
        ids += [phone.instance_id async for phone in listing]
        assert ids == phones
        assert [phone async for phone in listing] == []
