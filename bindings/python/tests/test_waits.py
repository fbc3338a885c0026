"""Waits: success, timeout, cancellation, and the arguments that they refuse."""

import asyncio
import os
import pickle
import signal

import pytest

import koophone

SYSTEM = "com.android.systemui"
LEVEL = ("debug.game.level", "3")
SOON = 0.3


def reach_level(emulator, phones):
    emulator.add_rules({"command": "getprop debug.game.level", "instance_ids": phones, "stdout": "3\n"})


def test_a_wait_gives_what_was_waited_for_and_the_number_of_calls(client, emulator, phones):
    phone = client.phone(phones[0])
    waited = phone.app_wait(SYSTEM)
    assert (type(waited), waited.value, waited.calls) == (koophone.WaitedNumberList, (620,), 1)
    gone = phone.app_wait_gone("com.none", 60)
    assert (type(gone), gone.calls, hasattr(gone, "value")) == (koophone.WaitedDone, 1, False)
    assert phone.wait_prop("ro.product.model", "KooPhone").calls == 1
    boot = phone.wait_for_boot()
    assert (type(boot), boot.value, boot.calls) == (koophone.WaitedText, phone.boot_id(), 2)
    assert emulator.commands(phones[1]) == []


def test_a_list_is_asked_in_one_call_and_its_progress_is_reported(client, emulator, phones):
    seen = []

    def on_progress(progress):
        seen.append((progress.succeeded, progress.running))
        if progress.running == 2:
            reach_level(emulator, phones)

    reach_level(emulator, phones[:1])
    results = client.phones(phones).wait_prop(*LEVEL, timeout=60, on_progress=on_progress, check=True)
    assert type(results) is koophone.Results and {type(result) for result in results} == {koophone.WaitedDoneResult}
    assert [result.value.calls for result in results] == [1, 2, 2]
    assert [result.instance_id for result in results] == phones
    assert seen == [(0, 3), (1, 2), (3, 0)]
    assert len([one for one in emulator.requests() if one["operation"] == "run_command"]) == 2


def test_when_the_time_is_up_the_error_holds_the_last_output(client, phones):
    with pytest.raises(koophone.TimeoutError, match="ro.product.model is not x after 300ms and 1 call;") as caught:
        client.phone(phones[0]).wait_prop("ro.product.model", "x", SOON)
    assert (caught.value.output, caught.value.attempts, caught.value.maybe_executed) == ("KooPhone", 1, False)
    every = client.phones(phones)
    for result in every.app_wait("com.none", SOON):
        assert type(result.error) is koophone.TimeoutError and result.value is None and result.error.output is None
    with pytest.raises(koophone.TimeoutError, match="3 of 3 phones failed") as caught:
        every.app_wait_gone(SYSTEM, SOON, check=True)
    assert [result.error.output for result in caught.value.results] == ["620"] * 3


def test_the_boot_before_never_counts(client, phones):
    every = client.phones(phones[:2])
    before = [result.value for result in every.boot_id()]
    client.reboot_instances(phones[:1], check=True)
    new, old = every.wait_for_boot(before, 3)
    assert new.value.value != before[0] and new.value.calls >= 2
    assert type(old.error) is koophone.TimeoutError and old.error.output == old.raw == before[1]
    assert client.phone(phones[0]).wait_for_boot(before[0]).value == new.value.value


def test_a_wait_continues_after_a_lost_response_but_not_after_a_refusal(emulator, phones):
    with emulator.client(max_attempts=1) as client:
        emulator.add_faults({"operation": "run_command", "action": "cut", "when": "after_execution"})
        assert client.phone(phones[0]).wait_prop("ro.product.model", "KooPhone", 60).calls == 2
        emulator.add_faults({"operation": "run_command", "action": "no_permission", "times": 0})
        with pytest.raises(koophone.PermissionDeniedError):
            client.phones(phones).app_wait(SYSTEM)


def test_a_wait_is_cancelled_from_elsewhere(client, phones):
    token = koophone.CancelToken()
    results = client.phones(phones).app_wait("com.none", cancel=token, on_progress=lambda _: token.cancel())
    assert [type(result.error) for result in results] == [koophone.CancelledError] * 3


def test_what_a_progress_callback_raises_ends_the_wait(client, phones):
    with pytest.raises(KeyError, match="Progress"):
        client.phone(phones[0]).app_wait("com.none", on_progress={}.__getitem__)


async def test_awaited_waits_give_the_same(emulator, phones):
    seen = []
    async with emulator.async_client() as client:
        phone, every = client.phone(phones[0]), client.phones(phones)
        assert await phone.app_wait(SYSTEM, on_progress=seen.append) == koophone.WaitedNumberList(value=[620], calls=1)
        assert [(one.succeeded, one.running) for one in seen] == [(0, 1), (1, 0)]
        assert [result.value.calls for result in await every.wait_for_boot(["1", "2", "3"])] == [2] * 3
        with pytest.raises(koophone.TimeoutError) as caught:
            await phone.app_wait_gone(SYSTEM, SOON)
        assert caught.value.output == "620"
        task = asyncio.create_task(phone.app_wait("com.none"))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


@pytest.fixture
async def both(client, emulator):
    """The same calls of both clients, each as something to await."""

    class Blocking:
        def wait_until(self, *arguments, **options):
            return asyncio.to_thread(client.phones(emulator.instance_ids).wait_until, *arguments, **options)

    async with emulator.async_client() as other:
        yield [Blocking(), other.phones(emulator.instance_ids)]


GET_LEVEL = f"getprop {LEVEL[0]}"


async def test_a_predicate_decides_from_what_was_printed(both, emulator, phones):
    for target in both:
        asked, seen = [], []

        def reached(text):
            asked.append(text)
            reach_level(emulator, phones)
            return text == "3"

        results = await target.wait_until(GET_LEVEL, reached, on_progress=lambda one: seen.append(one.succeeded))
        assert results.all_ok and [result.value.value for result in results] == ["3"] * len(phones)
        assert asked[-len(phones) :] == ["3"] * len(phones) and seen[-1] == len(phones)
        emulator.clear_rules()


async def test_what_a_predicate_raises_ends_the_wait(both, emulator):
    def fails(text):
        raise KeyError(text)

    async def awaited(text):
        return True

    for target in both:
        with pytest.raises(KeyError):
            await target.wait_until("ls /sdcard", fails)
        for unusable in (awaited, lambda text: (one for one in text)):
            with pytest.raises(TypeError, match="predicate must return True or False"):
                await target.wait_until("ls /sdcard", unusable)
        late = await target.wait_until("ls /sdcard", lambda text: None, SOON)
        assert [one.error.kind for one in late] == ["timeout"] * len(emulator.instance_ids)


def test_a_predicate_may_make_calls(client, phones):
    phone = client.phone(phones[0])
    assert phone.wait_until("ls /sdcard", lambda text: phone.getprop("ro.product.model") == "KooPhone").calls == 1


async def test_a_callback_that_cancels_its_own_task_costs_no_other_call_its_outcome(emulator, phones):
    async with emulator.async_client() as client:
        wait = None

        def fails(_):
            wait.cancel()
            raise KeyError

        for options in ({}, {"on_progress": fails}):
            predicate = str.strip if options else fails
            wait = asyncio.create_task(client.phone(phones[0]).wait_until("ls /sdcard", predicate, **options))
            others = [asyncio.create_task(client.phone(phones[1]).getprop("ro.product.model")) for _ in range(50)]
            assert set(await asyncio.wait_for(asyncio.gather(*others), 20)) == {"KooPhone"}
            with pytest.raises(asyncio.CancelledError):
                await wait


@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
@pytest.mark.skipif(not hasattr(os, "fork"), reason="a system without fork")
def test_a_child_that_a_callback_forks_leaves_the_call_to_its_parent(client, phones):
    phone, parent = client.phone(phones[0]), os.getpid()
    children = []

    def forks(_):
        children.append(os.fork())
        if children[-1] != 0:
            return True
        signal.alarm(20)
        return True

    try:
        waited = phone.wait_until("ls /sdcard", forks)
    except koophone.CancelledError as error:
        ok = os.getpid() != parent and "forked" in str(error) and phone.getprop("ro.product.model") == "KooPhone"
        os._exit(0 if ok else 1)
    except BaseException:
        os._exit(2)
    assert os.getpid() == parent and waited.calls == 1
    assert os.waitpid(children[0], 0)[1] == 0


WRONG_TYPES = [
    ("wait_until", ("ls /sdcard", "Download"), {}, "predicate has the type str; it must be a function"),
    ("wait_until", ("ls /sdcard", None), {}, "predicate has the type NoneType; it must be a function"),
    ("wait_until", ("ls /sdcard", str.strip), {"on_progress": 7}, "on_progress has the type int"),
    ("app_wait", (7,), {}, r"package has the type int; it must be text \(str\)"),
    ("app_wait", (SYSTEM, "soon"), {}, "timeout has the type str; it must be seconds"),
    ("app_wait_gone", (SYSTEM,), {"on_progress": 7}, "on_progress has the type int; it must be a function, or None"),
    ("wait_prop", ("a", 1), {}, "value has the type int; it must be text"),
    ("wait_for_boot", (7,), {}, "before has the type int; it must be a text, a list of texts, or None"),
    ("wait_for_boot", (["1", None],), {}, r"before\[1\] has the type NoneType; it must be text"),
]
WRONG_VALUES = [
    ("wait_until", ("ls | wc", str.strip), {}, "command", "'|'"),
    ("app_wait", ("a b",), {}, "package", "package"),
    ("app_wait_gone", ("a:b",), {}, "package", "it must be a package such as com.example.game"),
    ("wait_prop", ("a;b", "1"), {}, "name", "';' at place 2"),
    ("wait_for_boot", ([],), {}, "before", "before has 0 boot ids"),
    ("wait_for_boot", (["1", "2"],), {}, "before", "before has 2 boot ids, which is not one for each phone"),
    ("wait_for_boot", (" ",), {"timeout": 1}, "before", "before has"),
    ("app_wait", (SYSTEM, -1), {}, "timeout", "timeout is -1 seconds"),
]


@pytest.mark.parametrize(("verb", "arguments", "options", "message"), WRONG_TYPES)
async def test_an_argument_of_a_wrong_type_is_named(client, emulator, phones, verb, arguments, options, message):
    async with emulator.async_client() as other:
        for target in (client.phone(phones[0]), client.phones(phones), other.phone(phones[0]), other.phones(phones)):
            with pytest.raises(TypeError, match=message):
                await getattr(target, verb)(*arguments, **options)
    assert emulator.requests() == []


@pytest.mark.parametrize(("verb", "arguments", "options", "argument", "message"), WRONG_VALUES)
async def test_an_argument_of_a_wrong_value_is_named(
    client, emulator, phones, verb, arguments, options, argument, message
):
    async with emulator.async_client() as other:
        for target in (client.phone(phones[0]), client.phones(phones), other.phone(phones[0]), other.phones(phones)):
            with pytest.raises(koophone.InvalidArgumentError) as caught:
                await getattr(target, verb)(*arguments, **options)
            assert caught.value.argument == argument and message in str(caught.value)
    assert emulator.requests() == []


def test_results_travel(client, phones):
    every = client.phones(phones)
    late = every.app_wait("com.none", 0)
    for results in (every.app_wait(SYSTEM), every.app_wait_gone("com.none"), every.wait_for_boot(), late):
        again = pickle.loads(pickle.dumps(results))
        assert again == results and [hash(one) for one in again] == [hash(one) for one in results]
    assert every.app_wait(SYSTEM).asdict()[1]["value"] == {"value": [620], "calls": 1}
    assert every.app_wait_gone("com.none").asdict()[1]["value"] == {"calls": 1}
