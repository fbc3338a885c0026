"""The blocking client: every operation, the options of a call, and what it refuses."""

import pickle
import threading
from datetime import timedelta

import pytest

import koophone
from koophone import InstanceState, JobState, VideoSettings, VideoSpec


def test_run_command_returns_a_result_for_every_phone_in_the_order_asked(client, emulator, phones):
    asked = [phones[2], phones[0], phones[1]]
    results = client.run_command(asked, "getprop ro.build.version.release")
    assert [result.instance_id for result in results] == asked
    assert {result.state for result in results} == {JobState.SUCCEEDED}
    assert results.all_ok and results.failed == () and results.raise_for_errors() is results
    assert len(emulator.journal()) == 3


def test_a_trace_goes_along_with_every_request(client, emulator, phones):
    trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    client.query_status(phones, traceparent=trace)
    task = client.start_command(phones, "true", traceparent=trace)
    task.wait(30, traceparent=trace)
    task.poll(traceparent=trace)
    sent = [request["traceparent"] for request in emulator.requests() if request["operation"] != "create_token"]
    assert len(sent) >= 4 and set(sent) == {trace}
    with pytest.raises(koophone.InvalidArgumentError, match="32 hex digits") as caught:
        client.query_status(phones, traceparent="mine")
    assert caught.value.argument == "traceparent"
    with pytest.raises(TypeError):
        client.query_status(phones, traceparent=1)


def test_stats_say_what_the_client_has_done(client, emulator, phones):
    assert client.stats() == koophone.Client(emulator.credentials, **emulator.settings).stats()
    client.query_status(phones)
    stats = client.stats()
    assert (stats.calls, stats.attempts, stats.logins, stats.connections_open) == (1, 2, 1, 1)
    assert stats.errors.asdict() == dict.fromkeys(stats.errors.asdict(), 0)
    with pytest.raises(koophone.OutcomeUnknownError):
        emulator.add_faults({"operation": "run_command", "action": "cut", "when": "after_execution"})
        client.run_command(phones, "true", check=True)
    assert client.stats().errors.outcome_unknown == len(phones)


def test_with_check_the_first_error_carries_every_result(client, emulator, phones):
    emulator.add_rules({"command": "fail *", "instance_ids": phones[1:], "stdout": "INSTALL_FAILED", "exit_status": 1})
    emulator.add_rules({"command": "fail *", "stdout": "fine"})
    task = client.start_command(phones, "fail now")
    calls = [
        lambda: client.run_command(phones, "fail now", check=True),
        lambda: task.wait(30, check=True),
        lambda: task.wait(30).raise_for_errors(),
    ]
    for call in calls:
        with pytest.raises(koophone.CommandFailedError, match="2 of 3 phones failed") as caught:
            call()
        error = caught.value
        assert (error.instance_id, error.output, error.maybe_executed) == (phones[1], "INSTALL_FAILED", True)
        assert type(error.results) is koophone.Results
        assert [result.ok for result in error.results] == [True, False, False]
        assert pickle.loads(pickle.dumps(error)).results == error.results
    for call in (client.query_status, client.set_video_settings):
        arguments = [koophone.VideoSettings()] if call == client.set_video_settings else []
        assert call(phones, *arguments, check=True).all_ok
    assert client.run_command(phones, "true", check=True).all_ok
    assert koophone.KooPhoneError("by hand").results == ()


def test_with_check_the_task_of_the_phones_that_started_is_not_lost(emulator, phones):
    with emulator.client(batch_size=1, max_attempts=1) as client:
        emulator.add_faults({"operation": "start_command", "instance_id": phones[1], "action": "html", "status": 503})
        emulator.add_faults({"operation": "reset_instances", "instance_id": phones[1], "action": "html", "status": 503})
        for start in (
            lambda: client.start_command(phones, "true", check=True),
            lambda: client.reset_instances(phones, check=True),
        ):
            with pytest.raises(koophone.KooPhoneError) as caught:
                start()
            assert caught.value.instance_id == phones[1]
            assert [phone.ok for phone in caught.value.results] == [True, False, True]
            results = client.resume_task(caught.value.saved_task).wait(30)
            assert [result.ok for result in results] == [True, False, True]


def test_a_phone_that_fails_is_named_and_the_others_keep_their_results(client, phones):
    results = client.run_command(phones, "false")
    assert not results.all_ok and len(results.failed) == 3
    with pytest.raises(koophone.KooPhoneError, match="3 of 3 phones failed"):
        results.raise_for_errors()
    assert results[0].error is not None and results[0].error == results[0].error


def test_a_task_is_followed_polled_saved_and_resumed(client, phones):
    task = client.start_command(phones, "true")
    assert task.operation == "start_command" and task.can_be_followed
    assert [phone.instance_id for phone in task.phones] == phones
    seen = []
    results = task.wait(30, on_progress=seen.append)
    assert results.all_ok and seen[0].total == 3 and seen[-1].succeeded == 3
    assert task.poll().finished
    resumed = client.resume_task(task.save())
    assert resumed.phones == task.phones
    assert resumed.wait(timeout=timedelta(seconds=30)) == results
    assert client.get_task(task.task_ids[0]).progress == seen[-1]


def test_what_a_progress_callback_raises_ends_the_waiting(client, phones):
    task = client.start_command(phones, "true")

    def stop(_progress):
        raise LookupError("seen enough")

    with pytest.raises(LookupError, match="seen enough"):
        task.wait(on_progress=stop)
    assert task.wait(30).all_ok


def test_a_progress_callback_may_call_the_client(client, emulator, phones):
    task = client.start_command(phones, "true")
    seen = []

    def look(progress):
        seen.append((progress.succeeded, client.query_status(phones).all_ok, task.poll().progress.total))

    assert task.wait(30, on_progress=look).all_ok
    assert seen[0] == (0, True, 3) and seen[-1] == (3, True, 3)


def test_every_progress_comes_before_the_end_in_order(client, emulator, phones):
    emulator.add_rules({"command": "slow *", "duration_ms": 30})
    seen = []
    task = client.start_command(phones, "slow 1")
    assert task.wait(30, on_progress=lambda progress: seen.append(progress.succeeded)).all_ok
    assert seen == sorted(set(seen)) and seen[-1] == 3


def test_waiting_out_of_time_keeps_the_last_state():
    with koophone.Emulator(phones=1, clock={"mode": "manual"}) as emulator, emulator.client() as client:
        task = client.start_command(emulator.instance_ids, "sleep 60")
        with pytest.raises(koophone.TimeoutError) as caught:
            task.wait(timeout=0.05)
        (job,) = caught.value.last_jobs
        assert job.instance_id == emulator.instance_ids[0] and job.state in (JobState.PENDING, JobState.RUNNING)
        emulator.advance(61)
        assert task.wait(30).all_ok


def test_status_video_reset_token_and_login(client, emulator, phones):
    assert [phone.state for phone in client.query_status(phones)] == [InstanceState.RUNNING] * 3
    spec = VideoSpec(bitrate_kbps=3000, fps=30)
    assert client.set_video_settings(phones, VideoSettings.uniform(spec, spec, spec)).all_ok
    assert len(emulator.phone(phones[0])["video_settings"]) == 6
    assert client.reset_instances(phones).wait(30).all_ok
    assert client.get_device_token(phones[0]).instance_id == phones[0]
    identity = client.login()
    assert (identity.method, identity.source, identity.user) == ("password", "environment", emulator.secrets["user"])


def test_repeatable_is_the_callers_word(client, emulator, phones):
    fault = {"operation": "run_command", "action": "cut", "when": "after_execution"}
    emulator.add_faults(fault)
    (result,) = client.run_command(phones[:1], "input tap 1 1")
    assert isinstance(result.error, koophone.OutcomeUnknownError) and result.error.maybe_executed
    assert emulator.commands() == ["input tap 1 1"]
    emulator.add_faults(fault)
    assert client.run_command(phones[:1], "true", repeatable=True).all_ok
    assert emulator.commands() == ["input tap 1 1", "true", "true"]


def test_a_call_is_cancelled_from_another_thread(client, emulator, phones):
    emulator.add_faults({"operation": "query_status", "action": "no_response"})
    token = koophone.CancelToken()
    assert not token.cancelled
    timer = threading.Timer(0.05, token.cancel)
    timer.start()
    with pytest.raises(koophone.CancelledError):
        client.query_status(phones, cancel=token)
    timer.join()
    assert token.cancelled and "True" in repr(token)


@pytest.mark.parametrize("timeout", [0.05, timedelta(milliseconds=50)])
def test_a_call_has_a_deadline(client, emulator, phones, timeout):
    client.login()
    emulator.add_faults({"operation": "query_status", "action": "no_response"})
    with pytest.raises(TimeoutError) as caught:
        client.query_status(phones, timeout=timeout)
    assert isinstance(caught.value, koophone.TimeoutError)


def test_a_deadline_keeps_the_results_that_have_come(emulator, phones):
    with emulator.client(batch_size=1) as client:
        client.login()
        emulator.add_faults({"operation": "run_command", "instance_id": phones[1], "action": "no_response"})
        results = client.run_command(phones, "true", timeout=2)
        assert [result.ok for result in results] == [True, False, True]
        assert isinstance(results[1].error, koophone.OutcomeUnknownError)


@pytest.mark.parametrize("timeout", [-1, float("nan"), float("inf")])
def test_a_senseless_timeout_is_refused(client, phones, timeout):
    with pytest.raises(koophone.InvalidArgumentError) as caught:
        client.query_status(phones, timeout=timeout)
    assert caught.value.argument == "timeout"


def test_one_text_is_not_a_list_of_phones(client, phones):
    with pytest.raises(TypeError, match="list"):
        client.query_status(phones[0])
    with pytest.raises(TypeError):
        client.query_status([1])
    with pytest.raises(TypeError):
        client.query_status(phones, timeout="soon")


def test_a_list_ends_with_its_client(emulator, phones):
    client = emulator.client()
    listing = client.list_instances(page_size=1)
    assert next(listing).instance_id == phones[0]
    client.close()
    with pytest.raises(koophone.InvalidArgumentError, match="the client is closed"):
        next(listing)
    assert listing.page_no == 2


def test_a_closed_client_says_so_and_its_tasks_go_on(emulator, phones):
    client = emulator.client()
    with client:
        task = client.start_command(phones, "true")
    with pytest.raises(koophone.InvalidArgumentError, match="closed"):
        client.login()
    assert "closed" in repr(client)
    assert task.wait(30).all_ok


def test_settings_are_taken_by_name_in_their_natural_types(emulator, tmp_path):
    settings = {"timeout": timedelta(seconds=2), "max_attempts": 1, "metadata": False}
    settings["token_cache"] = tmp_path / "tokens"
    with emulator.client(**settings) as client:
        client.login()
    assert list((tmp_path / "tokens").iterdir())
    with pytest.raises(koophone.InvalidArgumentError) as caught:
        emulator.client(batch_size=1000)
    assert caught.value.argument == "batch_size"
    with pytest.raises(koophone.InvalidArgumentError, match="endpoint"):
        koophone.Client(environment={}, endpiont="https://example.com")


def test_settings_of_none_are_not_given(emulator):
    assert repr(emulator.client(timeout=None)) == repr(emulator.client())


def test_the_environment_is_read_unless_another_is_given(emulator, monkeypatch, phones):
    secrets = emulator.secrets
    variables = {
        "KOOPHONE_ENDPOINT": emulator.endpoint,
        "KOOPHONE_IAM_ENDPOINT": emulator.endpoint,
        "KOOPHONE_REGION": secrets["region"],
        "KOOPHONE_USERNAME": secrets["user"],
        "KOOPHONE_PASSWORD": secrets["password"],
        "KOOPHONE_DOMAIN": secrets["account_domain"],
    }
    assert koophone.Client(environment=variables).query_status(phones).all_ok
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert koophone.Client().login().source == "environment"
    with pytest.raises(koophone.ConfigurationError):
        koophone.Client(environment={}, metadata=False).login()


def test_credentials_are_checked_and_never_shown():
    secret = "S3CRET"
    shown = [
        koophone.Credentials(token=secret),
        koophone.Credentials(username="u", password=secret, domain="d", scope="domain", token=None),
        koophone.Credentials(access_key="a", secret_key=secret, security_token=secret),
        koophone.Credentials.chain(),
    ]
    assert [repr(one) for one in shown] == [
        "Credentials(token)",
        "Credentials(password)",
        "Credentials(access_key)",
        "Credentials(chain)",
    ]
    with pytest.raises(koophone.InvalidArgumentError) as caught:
        koophone.Credentials(token=secret, access_key="a", secret_key=secret)
    assert secret not in str(caught.value) + repr(caught.value)
    with pytest.raises(koophone.ConfigurationError):
        koophone.Credentials()
    with pytest.raises(TypeError, match="pickle"):
        __import__("pickle").dumps(shown[0])


def test_64_threads_share_one_client(client, phones):
    failures = []

    def work():
        try:
            for _ in range(5):
                assert client.query_status(phones).all_ok
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(64)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_other_threads_run_while_a_call_waits(client, emulator, phones):
    client.login()
    emulator.add_faults({"operation": "query_status", "action": "delay", "milliseconds": 300})
    ticks = 0
    responded = threading.Event()

    def call():
        client.query_status(phones)
        responded.set()

    thread = threading.Thread(target=call)
    thread.start()
    while not responded.wait(0.005):
        ticks += 1
    thread.join()
    assert ticks >= 10


def test_a_list_is_read_page_by_page_and_an_error_leaves_it_where_it_was(emulator, phones):
    refusal = {"operation": "list_instances", "after": 1, "action": "error_code", "code": "KOOPHONE.API.1012"}
    emulator.add_faults(refusal)
    with emulator.client() as client:
        listing = client.list_instances(page_size=2)
        assert iter(listing) is listing and type(listing) is koophone.Listing and emulator.requests() == []
        ids = [next(listing).instance_id, next(listing).instance_id]
        with pytest.raises(koophone.RejectedError):
            next(listing)
        assert listing.page_no == 2 and "page_no=2" in repr(listing)
        ids += [phone.instance_id for phone in listing]
        assert ids == phones and list(listing) == []
        second = koophone.InstanceFilter(instance_id=ids[1])
        assert [phone.instance_id for phone in client.list_instances(filter=second)] == ids[1:2]
        with pytest.raises(koophone.InvalidArgumentError, match="page_size is 201"):
            next(client.list_instances(page_size=201))
        with pytest.raises(TypeError):
            client.list_instances(page_size="2")


def test_the_reading_of_a_page_has_the_options_of_a_call(client, emulator):
    emulator.add_faults({"operation": "list_instances", "times": 0, "action": "no_response"})
    token = koophone.CancelToken()
    listing = client.list_instances(timeout=0.05, cancel=token)
    with pytest.raises(koophone.TimeoutError):
        next(listing)
    token.cancel()
    with pytest.raises(koophone.CancelledError):
        next(listing)


def test_a_device_token_is_kept_and_makes_parameters_for_a_players_page():
    with koophone.Emulator(phones=1, quirks=["expired_time_present"]) as emulator, emulator.client() as client:
        token = client.device_token(emulator.instance_ids[0])
        authorization = token.get(timeout=20)
        assert token.get() == authorization
        assert client.device_token(emulator.instance_ids[0]).get() != authorization
    assert authorization.expires_at is not None
    assert authorization.expires_at.endswith("Z")
    parameters = authorization.h5_parameters("player-7")
    assert parameters.asdict(secrets=True) == {
        "boxid": authorization.device_id,
        "token": authorization.token,
        "uuid": "player-7",
        "signaling_url": authorization.signaling_url,
    }
    assert authorization.token not in repr(parameters) + repr(parameters.asdict()) + repr(token)
    android = authorization.android_parameters("player-7")
    assert android.asdict(secrets=True) == {
        "launch_key_address": authorization.external.address,
        "launch_key_port": authorization.external.port,
        "launch_key_token": authorization.token,
        "launch_key_userid": "player-7",
    }
    assert authorization.token not in repr(android)
    assert len(authorization.h5_parameters().uuid) == 36
    with pytest.raises(koophone.InvalidArgumentError, match="uuid"):
        authorization.h5_parameters("")
