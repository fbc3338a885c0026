"""What is wrong with an argument is said at once, with its name, and nothing is sent."""

import pytest

import koophone
from koophone import VideoSetting, VideoSettings, VideoSpec

SPEC = VideoSpec(bitrate_kbps=3000, fps=30)
MOBILE = VideoSetting(network="mobile", codec="h264", p540=SPEC, p720=SPEC, p1080=SPEC)

WRONG_TYPES = [
    ("query_status", ("a44uhlf7",), {}, "instance_ids has the type str; it must be a list of ids"),
    ("query_status", (None,), {}, "instance_ids has the type NoneType; it must be a list of ids"),
    ("query_status", (["a44uhlf7", 7],), {}, r"instance_ids\[1\] has the type int; it must be text"),
    ("query_status", (b"a44uhlf7",), {}, r"instance_ids\[0\] has the type int; it must be text"),
    ("run_command", (["a44uhlf7"], 7), {}, "command has the type int; it must be text"),
    ("run_command", (["a44uhlf7"], None), {}, "command has the type NoneType; it must be text"),
    ("run_command", (["a44uhlf7"], b"true"), {}, "command has the type bytes; it must be text"),
    ("run_command", (["a44uhlf7"], "true"), {"check": "no"}, "check has the type str; it must be True or False"),
    ("query_status", (["a44uhlf7"],), {"check": 1}, "check has the type int; it must be True or False"),
    ("start_command", (["a44uhlf7"], "true"), {"repeatable": "no"}, "repeatable has the type str"),
    ("reset_instances", (["a44uhlf7"],), {"repeatable": None}, "repeatable has the type NoneType"),
    ("get_device_token", (7,), {}, "instance_id has the type int; it must be text"),
    ("get_task", (7,), {}, "task_id has the type int; it must be text"),
    ("login", (), {"timeout": "soon"}, "timeout has the type str; it must be seconds as a number, or a timedelta"),
    ("login", (), {"timeout": True}, "timeout has the type bool"),
    ("login", (), {"timeout": [1]}, "timeout has the type list"),
    ("login", (), {"cancel": True}, "cancel has the type bool; it must be a CancelToken"),
    ("set_video_settings", (["a44uhlf7"], 7), {}, "video_settings has the type int; it must be a list of VideoSetting"),
    ("set_video_settings", (["a44uhlf7"], [SPEC]), {}, r"video_settings\[0\] has the type VideoSpec"),
    ("resume_task", (7,), {}, "saved has the type int; it must be text"),
]
WRONG_VALUES = [
    ("query_status", (["a44uhlf7", "\ud800"],), {}, "instance_ids[1]"),
    ("run_command", (["a44uhlf7"], "\udcff"), {}, "command"),
    ("login", (), {"timeout": -1}, "timeout"),
    ("login", (), {"timeout": float("nan")}, "timeout"),
    ("login", (), {"timeout": float("inf")}, "timeout"),
    ("login", (), {"timeout": 1e300}, "timeout"),
]


@pytest.mark.parametrize(("call", "arguments", "options", "message"), WRONG_TYPES)
def test_an_argument_of_a_wrong_type_is_named(client, emulator, call, arguments, options, message):
    with pytest.raises(TypeError, match=message):
        getattr(client, call)(*arguments, **options)
    assert emulator.requests() == []


@pytest.mark.parametrize(("call", "arguments", "options", "argument"), WRONG_VALUES)
def test_an_argument_of_a_wrong_value_is_named(client, emulator, call, arguments, options, argument):
    with pytest.raises(koophone.InvalidArgumentError) as caught:
        getattr(client, call)(*arguments, **options)
    assert caught.value.argument == argument and argument in str(caught.value)
    assert emulator.requests() == []


@pytest.mark.parametrize(("call", "arguments", "options", "message"), WRONG_TYPES)
async def test_awaited_calls_name_it_too(emulator, call, arguments, options, message):
    async with emulator.async_client() as client:
        with pytest.raises(TypeError, match=message):
            await getattr(client, call)(*arguments, **options)
    assert emulator.requests() == []


def test_an_endless_timeout_is_refused_and_the_right_way_is_said(client):
    with pytest.raises(koophone.InvalidArgumentError, match='timeout="none"'):
        client.login(timeout=float("inf"))


async def test_arguments_of_waiting_are_checked(client, emulator, phones):
    task = client.start_command(phones, "true")
    for call in (task.wait, task.poll):
        with pytest.raises(TypeError, match="timeout has the type str"):
            call(timeout="soon")
    with pytest.raises(TypeError, match="check has the type str"):
        task.wait(check="no")
    with pytest.raises(TypeError, match="on_progress has the type int; it must be a function"):
        task.wait(on_progress=7)
    async with emulator.async_client() as other:
        with pytest.raises(TypeError, match="on_progress has the type int; it must be a function"):
            await other.resume_task(task.save()).wait(on_progress=7)
    with pytest.raises(TypeError, match="password has the type int"):
        koophone.Credentials(username="u", password=7, domain="d")
    with pytest.raises(TypeError, match="seconds has the type str"):
        emulator.advance("soon")


def test_ids_come_from_anything_that_holds_text(client, phones):
    class Id(str):
        pass

    for ids in (tuple(phones), iter(phones), (Id(one) for one in phones), dict.fromkeys(phones)):
        assert [result.instance_id for result in client.query_status(ids)] == phones


def test_what_an_iterator_of_ids_raises_is_passed_on(client):
    def ids():
        yield "a44uhlf7"
        raise LookupError("no more")

    with pytest.raises(LookupError, match="no more"):
        client.query_status(ids())


def test_video_settings_are_made_read_and_changed():
    settings = VideoSettings.default()
    assert settings == VideoSettings() and len(settings) == 6
    assert tuple(settings) == settings.settings
    changed = settings.with_setting(MOBILE)
    assert changed.setting("mobile", koophone.Codec.H264) == MOBILE and len(changed) == 6
    assert settings.setting(koophone.Network.MOBILE, "h264") != MOBILE
    only = VideoSettings([MOBILE])
    assert list(only) == [MOBILE] and only.setting("wifi", "h264") is None
    added = VideoSetting(network="wifi", codec="h264", p540=SPEC, p720=SPEC, p1080=SPEC)
    assert [one.network.value for one in only.with_setting(added)] == ["mobile", "wifi"]
    with pytest.raises(ValueError, match="network: .*radio"):
        settings.setting("radio", "h264")
    with pytest.raises(TypeError, match=r"settings\[0\] has the type VideoSpec; it must be a VideoSetting"):
        VideoSettings([SPEC])


@pytest.mark.parametrize("settings", [[MOBILE], (MOBILE,), VideoSettings([MOBILE])], ids=["list", "tuple", "class"])
def test_a_list_of_video_settings_will_do(client, emulator, phones, settings):
    assert client.set_video_settings(phones, video_settings=settings).all_ok
    assert len(emulator.phone(phones[0])["video_settings"]) == 1
