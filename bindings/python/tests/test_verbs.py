"""Verbs: what they give for one phone and for many, that none is done twice, and what they refuse."""

import hashlib
import inspect
import json
import pickle
from datetime import timedelta
from fractions import Fraction

import pytest

import koophone
from koophone import AsyncPhone, AsyncPhones, Phone, Phones, command

GAME = "com.example.game"
CUT = {"operation": "run_command", "action": "cut", "when": "after_execution"}

VERBS = [name for name, one in vars(Phone).items() if inspect.isfunction(one) and not name.startswith("_")]

WRONG_TYPES = [
    ("click", ("360", 640), {}, r"x has the type str; it must be a whole number \(int\)"),
    ("click", (360, 640.5), {}, "y has the type float; it must be a whole number"),
    ("click", (True, 640), {}, "x has the type bool; it must be a whole number"),
    ("click_ratio", ("0.5", 0), {}, "x has the type str; it must be a number"),
    ("click_ratio", (0.5, True), {}, "y has the type bool; it must be a number"),
    ("pull", ("/sdcard/a", 7), {}, "local has the type int; it must be a path"),
    ("read_file", ("/sdcard/a", 1.5), {}, "max_calls has the type float; it must be a whole number"),
    ("getprop", (7,), {}, r"name has the type int; it must be text \(str\)"),
    ("keyevent", (None,), {}, "key has the type NoneType; it must be text"),
    ("send_keys", (b"a",), {}, "text has the type bytes; it must be text"),
    ("long_click", (1, 1, "0.5"), {}, "duration has the type str; it must be seconds as a number, or a timedelta"),
    ("long_click", (1, 1), {"duration": True}, "duration has the type bool; it must be seconds"),
    ("swipe", (1, 1, 1, 1, None), {}, "duration has the type NoneType; it must be seconds"),
    ("drag", (1, 1, 1, 1), {"duration": [1]}, "duration has the type list; it must be seconds"),
    ("wake", (), {"timeout": "soon"}, "timeout has the type str"),
    ("click", (1, 1), {"repeatable": "no"}, "repeatable has the type str; it must be True or False"),
]
WRONG_VALUES = [
    ("click", (-1, 5), {}, "x", "x is -1"),
    ("click", (1 << 70, 5), {}, "x", "x is too large; it must be a whole number of at most 64 bits"),
    ("click_ratio", (1.5, 0), {}, "x", "x is 1.5; it must be a fraction"),
    ("click_ratio", (0, float("nan")), {}, "y", "y is NaN; it must be a fraction"),
    ("read_file", ("/sdcard/a", 0), {}, "max_calls", "max_calls is 0; it must be 1 or more"),
    ("read_file", ("/sdcard/a", 1 << 63), {}, "max_calls", "max_calls is too large"),
    ("pull", ("/sdcard/a", "/no/such/folder/a"), {}, "local", "local is /no/such/folder/a, "),
    ("logcat_tail", (0,), {}, "lines", "lines"),
    ("swipe", (1, 1, 1, 40_000), {}, "y2", "y2 is 40000"),
    ("long_click", (1, 1, -0.5), {}, "duration", "duration is -0.5 seconds; it must be a finite number from 0 upwards"),
    ("long_click", (1, 1, float("nan")), {}, "duration", "duration is NaN seconds; it must be a finite number"),
    ("long_click", (1, 1, float("inf")), {}, "duration", "duration is inf seconds; it must be a finite number"),
    ("swipe", (1, 1, 1, 1, timedelta(seconds=-1)), {}, "duration", "duration is -1 seconds"),
    ("drag", (1, 1, 1, 1, 0), {}, "duration", "it must be 1 ms to 20 s"),
    ("drag", (1, 1, 1, 1, 20.5), {}, "duration", "duration is 20.5s; it must be 1 ms to 20 s"),
    ("getprop", ("a;reboot",), {}, "name", "';' at place 2"),
    ("app_start", (GAME, "a/b"), {}, "activity", "activity"),
    ("install_remote", ("game.apk",), {}, "path", "it must begin with /"),
    ("settings_put", ("user", "a", 1), {}, "namespace", "it must be system, secure or global"),
    ("keyevent", ("HOME 3",), {}, "key", "HOME 3"),
    ("send_keys", ("价",), {}, "text", "价"),
]


@pytest.fixture
def phone(client, phones):
    return client.phone(phones[0])


@pytest.fixture
def with_game():
    """An emulator whose phones find the package of a game."""
    with koophone.Emulator(phones=2, files={f"/sdcard/{GAME}.apk": "PK"}) as emulator:
        yield emulator


def test_reads_have_their_values(phone):
    assert phone.getprop("ro.product.model") == "KooPhone"
    assert phone.getprop("ro.no.such") == ""
    width, height = size = phone.window_size()
    assert (type(size), size.width, size.height) == (koophone.WindowSize, 720, 1280) == (type(size), width, height)
    assert (phone.battery().level, phone.battery().powered) == (100, True)
    assert phone.rotation() == 0
    assert phone.settings_put("system", "user_rotation", 1) is None
    assert phone.rotation() == 1
    assert phone.is_screen_on() is True
    phone.keyevent("SLEEP")
    assert phone.is_screen_on() is False
    phone.wake()
    assert phone.is_screen_on() is True


def test_an_application_lives(with_game):
    with with_game.client() as client:
        phone = client.phone(with_game.instance_ids[0])
        assert phone.list_packages(GAME) == ()
        phone.install_remote(f"/sdcard/{GAME}.apk")
        assert phone.list_packages(GAME) == (GAME,)
        assert (phone.app_info(GAME).package, phone.app_info(GAME).version_code) == (GAME, 1)
        assert phone.pidof(GAME) == ()
        phone.app_start(GAME)
        (pid,) = phone.pidof(GAME)
        assert type(pid) is int
        phone.app_start(GAME, ".Main")
        assert (phone.app_current().package, phone.app_current().activity) == (GAME, f"{GAME}.Main")
        phone.home()
        assert phone.app_current().package == "com.android.launcher3"
        phone.app_stop(GAME)
        phone.app_clear(GAME)
        phone.uninstall(GAME)
        with pytest.raises(koophone.CommandFailedError) as caught:
            phone.app_info(GAME)
        assert caught.value.instance_id == phone.instance_id and not caught.value.maybe_executed


def test_touches_and_keys_are_these_commands(phone, emulator):
    phone.click(360, 640)
    phone.long_click(1, 2)
    phone.long_click(1, 2, 0.8)
    phone.swipe(1, 2, 3, 4, duration=timedelta(milliseconds=300))
    phone.drag(1, 2, 3, 4, Fraction(1, 4))
    phone.keyevent(3)
    phone.keyevent("VOLUME_UP")
    phone.back()
    phone.send_keys("a b")
    assert emulator.commands(phone.instance_id) == [
        "input tap 360 640",
        "input swipe 1 2 1 2 500",
        "input swipe 1 2 1 2 800",
        "input swipe 1 2 3 4 300",
        "input draganddrop 1 2 3 4 250",
        "input keyevent 3",
        "input keyevent KEYCODE_VOLUME_UP",
        "input keyevent KEYCODE_BACK",
        "input text a",
        "input keyevent 62",
        "input text b",
    ]


def test_results_are_in_the_order_asked(client, emulator, phones):
    asked = [phones[2], phones[0], phones[1], phones[0]]
    emulator.add_rules({"command": "getprop *", "instance_ids": [phones[0]], "stdout": "Other\n"})
    emulator.set_phone_state(phones[1], 1)
    results = client.phones(iter(asked)).getprop("ro.product.model")
    assert type(results) is koophone.Results and {type(result) for result in results} == {koophone.TextResult}
    assert [result.instance_id for result in results] == asked
    assert [result.value for result in results] == ["KooPhone", "Other", None, "Other"]
    good, bad = results[0], results[2]
    assert good.ok and good.raw == "KooPhone" and good.request_id and not good.truncated
    assert not bad.ok and bad.error.instance_id == phones[1] and not bad.error.maybe_executed
    with pytest.raises(koophone.KooPhoneError, match="1 of 4 phones failed") as caught:
        client.phones(asked).getprop("ro.product.model", check=True)
    assert [result.ok for result in caught.value.results] == [True, True, False, True]
    # What failed on many is what is raised for one.
    with pytest.raises(type(bad.error)) as alone:
        client.phone(phones[1]).getprop("ro.product.model")
    assert (alone.value.code, alone.value.instance_id) == (bad.error.code, phones[1])


def test_a_file_is_read_and_copied(phone, tmp_path):
    phone.screencap("/sdcard/screen.png")
    content = phone.read_file("/sdcard/screen.png")
    assert type(content.bytes) is bytes
    assert hashlib.sha256(content.bytes).hexdigest() == content.sha256
    assert json.loads(json.dumps(content.asdict()))["bytes"] == list(content.bytes)
    assert pickle.loads(pickle.dumps(content)) == content
    pulled = phone.pull("/sdcard/screen.png", tmp_path / "screen.png")
    assert pulled.local == str(tmp_path / "screen.png")
    assert (tmp_path / "screen.png").read_bytes() == content.bytes


async def test_the_pages_of_a_file_are_reported(client, emulator, phones):
    client.phone(phones[0]).screencap("/sdcard/screen.png")
    for many in (False, True):
        seen = []
        target = client.phones(phones[:1]) if many else client.phone(phones[0])
        target.read_file("/sdcard/screen.png", on_progress=seen.append)
        async with emulator.async_client() as other:
            target = other.phones(phones[:1]) if many else other.phone(phones[0])
            await target.logcat_tail(1, on_progress=seen.append)
        assert [(one.succeeded, one.total) for one in seen][-1] == (1, 1) and len(seen) >= 3

    def stop(progress):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        client.phone(phones[0]).read_file("/sdcard/screen.png", on_progress=stop)


def test_an_output_that_was_cut_says_so(client, emulator, phones):
    names = "".join(f"package:com.example.number{number:03}\n" for number in range(60))
    emulator.add_rules({"command": "pm list packages *", "stdout": names})
    with pytest.raises(koophone.CommandFailedError, match="a longer part finds fewer") as caught:
        client.phone(phones[0]).list_packages("com.example")
    assert caught.value.output.startswith("package:com.example.number000")


@pytest.mark.parametrize("many", [False, True], ids=["one", "many"])
def test_a_click_is_never_sent_twice_and_a_read_is_retried(client, emulator, phones, many):
    target = client.phones(phones) if many else client.phone(phones[0])
    emulator.add_faults(CUT)
    if many:
        results = target.click(1, 2)
        assert [type(result.error) for result in results] == [koophone.OutcomeUnknownError] * 3
        assert all(result.error.maybe_executed for result in results)
    else:
        with pytest.raises(koophone.OutcomeUnknownError) as caught:
            target.click(1, 2)
        assert caught.value.maybe_executed and caught.value.instance_id == phones[0]
    assert emulator.commands(phones[0]) == ["input tap 1 2"]
    emulator.clear_journal()
    emulator.add_faults(CUT)
    found = target.getprop("ro.product.model")
    assert ([result.value for result in found] if many else [found]) == ["KooPhone"] * (3 if many else 1)
    assert emulator.commands(phones[0]) == ["getprop ro.product.model"] * 2


def test_by_the_callers_word_a_click_is_sent_again(phone, emulator):
    emulator.add_faults(CUT)
    assert phone.click(1, 2, repeatable=True) is None
    assert emulator.commands(phone.instance_id) == ["input tap 1 2"] * 2


def test_a_half_typed_text_says_how_far_it_got(phone, emulator):
    emulator.add_faults({**CUT, "after": 1})
    with pytest.raises(koophone.OutcomeUnknownError, match="typed before it: 1 of 3 characters"):
        phone.send_keys("a b")
    assert emulator.commands(phone.instance_id) == ["input text a", "input keyevent 62"]


def test_a_verb_has_the_options_of_a_call(phone, emulator):
    trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    phone.click(1, 2, traceparent=trace)
    assert emulator.requests()[-1]["traceparent"] == trace
    emulator.add_faults({"operation": "run_command", "times": 0, "action": "no_response"})
    with pytest.raises(koophone.KooPhoneError) as caught:
        phone.getprop("a", timeout=0.05)
    assert isinstance(caught.value, (koophone.TimeoutError, koophone.OutcomeUnknownError))
    token = koophone.CancelToken()
    token.cancel()
    with pytest.raises(koophone.CancelledError):
        phone.getprop("a", cancel=token)


@pytest.mark.parametrize(("verb", "arguments", "options", "message"), WRONG_TYPES)
async def test_an_argument_of_a_wrong_type_is_named(client, emulator, phones, verb, arguments, options, message):
    for target in (client.phone(phones[0]), client.phones(phones)):
        with pytest.raises(TypeError, match=message):
            getattr(target, verb)(*arguments, **options)
    async with emulator.async_client() as other:
        for target in (other.phone(phones[0]), other.phones(phones)):
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
                value = getattr(target, verb)(*arguments, **options)
                await value
            assert caught.value.argument == argument and message in str(caught.value)
            assert "none" not in str(caught.value)
    assert all(request["operation"] != "run_command" for request in emulator.requests())


@pytest.mark.parametrize("kind", ["client", "async_client"])
def test_ids_are_checked(emulator, kind):
    client = getattr(emulator, kind)()
    with pytest.raises(TypeError, match="instance_ids has the type str; it must be a list of ids"):
        client.phones("a44uhlf7")
    with pytest.raises(TypeError, match=r"instance_ids\[1\] has the type int"):
        client.phones(["a44uhlf7", 7])
    with pytest.raises(TypeError, match=r"instance_id has the type list; it must be text \(str\)"):
        client.phone(["a44uhlf7"])
    # Other wrong ids are the error of each verb, as of each operation.
    assert client.phone("no good").instance_id == "no good"
    client.close()


def test_a_wrong_id_is_the_error_of_each_verb(client, emulator):
    for target in (client.phone("no good"), client.phones(["good1", "no good"]), client.phones([])):
        with pytest.raises(koophone.InvalidArgumentError):
            target.wake()
    assert emulator.requests() == []


async def test_awaited_verbs_give_the_same(emulator, phones):
    async with emulator.async_client() as client:
        phone, all_phones = client.phone(phones[0]), client.phones(phones)
        assert await phone.getprop("ro.product.model") == "KooPhone"
        assert await phone.click(1, 2) is None
        assert (await all_phones.click(3, 4)).all_ok
        assert [size.value.width for size in await all_phones.window_size()] == [720] * 3
        assert emulator.commands(phones[0])[1:3] == ["input tap 1 2", "input tap 3 4"]
        with pytest.raises(koophone.CommandFailedError) as caught:
            await phone.app_info("com.none")
        assert caught.value.instance_id == phones[0]
        emulator.clear_journal()
        emulator.add_faults(CUT)
        with pytest.raises(koophone.OutcomeUnknownError):
            await phone.click(1, 2)
        assert emulator.commands() == ["input tap 1 2"]
        with pytest.raises(koophone.CommandFailedError):
            await all_phones.app_info("com.none", check=True)


@pytest.mark.parametrize("kind", ["client", "async_client"])
async def test_phones_show_their_ids_and_end_with_their_client(emulator, phones, kind):
    client = getattr(emulator, kind)()
    one, many = client.phone(phones[0]), client.phones(phones)
    assert (one.instance_id, many.instance_ids) == (phones[0], tuple(phones))
    prefix = "Async" if kind == "async_client" else ""
    assert (repr(one), repr(many)) == (f"{prefix}Phone({phones[0]!r})", f"{prefix}Phones({phones!r})")
    client.close()
    for target in (one, many):
        with pytest.raises(koophone.InvalidArgumentError, match="the client is closed"):
            await target.wake()
    with pytest.raises(koophone.InvalidArgumentError, match="the client is closed"):
        client.phone(phones[0])


def test_phones_keep_their_client_and_emulator():
    phone = (lambda emulator: emulator.client().phone(emulator.instance_ids[0]))(koophone.Emulator(phones=1))
    assert phone.getprop("ro.product.model") == "KooPhone"
    phone._keeps._emulator.stop()


def test_results_travel(client, emulator, phones):
    emulator.set_phone_state(phones[0], 1)
    every = client.phones(phones)
    for results in (every.click(1, 2), every.pidof("com.android.systemui"), every.window_size()):
        again = pickle.loads(pickle.dumps(results))
        assert again == results and [hash(one) for one in again] == [hash(one) for one in results]
        assert type(results[0])(**{name: getattr(results[0], name) for name in results[0].__match_args__}) == results[0]
    assert results[0].value is None and results[0].asdict()["error"]["instance_id"] == phones[0]
    assert results.asdict()[1]["value"] == {"width": 720, "height": 1280}
    assert every.pidof("com.android.systemui").asdict()[1]["value"] == [620]


def test_an_absent_value_is_none():
    for one in vars(koophone).values():
        if "raw" in getattr(one, "__match_args__", ()):
            made = one(instance_id="a", raw="")
            assert made.ok and getattr(made, "value", None) is None and made.request_id is None


@pytest.mark.parametrize("verb", VERBS)
def test_the_four_classes_have_the_same_verbs(verb):
    names = [list(inspect.signature(getattr(one, verb)).parameters) for one in (Phone, AsyncPhone, Phones, AsyncPhones)]
    assert names[0] == names[1] and names[2] == names[3] == [*names[0], "check"]
    assert all(">>>" in getattr(one, verb).__doc__ for one in (Phone, AsyncPhone, Phones, AsyncPhones))


def test_a_command_that_the_service_may_refuse_is_explained():
    assert command.why_not("getprop ro.product.model") is None
    assert "'|' at place 12" in command.why_not("ls /sdcard | wc")
    assert command.why_not("") is not None
    with pytest.raises(TypeError, match=r"text has the type int"):
        command.why_not(7)
    with pytest.raises(koophone.InvalidArgumentError, match="surrogate"):
        command.why_not("\ud800")
