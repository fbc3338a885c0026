"""One class per kind of error, every field an attribute."""

import copy
import pickle

import pytest

import koophone
from koophone._errors import ERROR_CLASSES

BUILT_IN = {
    koophone.InvalidArgumentError: ValueError,
    koophone.PermissionDeniedError: PermissionError,
    koophone.NotFoundError: LookupError,
    koophone.NetworkError: ConnectionError,
    koophone.TimeoutError: TimeoutError,
    koophone.InternalError: RuntimeError,
}

FIELDS = {
    "argument": "batch_size",
    "code": "KOOPHONE.API.1000",
    "http_status": 400,
    "request_id": "r1",
    "server_request_id": "s1",
    "retryable": True,
    "maybe_executed": True,
    "attempts": 3,
    "instance_id": "a44uhlf7",
    "output": "Failure [INSTALL_FAILED_INVALID_APK]",
    "causes": ("connection reset", "broken pipe"),
    "excerpt": "<html>",
    "last_jobs": (koophone.JobResult(state="running", output=""),),
}


def test_there_are_fifteen_and_all_are_public():
    assert len(ERROR_CLASSES) == 15
    assert all(getattr(koophone, one.__name__) is one and one.__name__ in koophone.__all__ for one in ERROR_CLASSES)


@pytest.mark.parametrize("one", ERROR_CLASSES)
def test_every_class_carries_everything(one):
    error = one("it went wrong", **FIELDS)
    assert isinstance(error, koophone.KooPhoneError) and isinstance(error, BUILT_IN.get(one, Exception))
    assert f"{error.kind.title().replace('_', '')}Error" == one.__name__
    assert error.message == "it went wrong"
    assert {name: getattr(error, name) for name in FIELDS} == FIELDS
    assert set(FIELDS) | {"kind", "message"} == set(koophone.ErrorDetails.__match_args__)
    for part in ("it went wrong", error.kind, "KOOPHONE.API.1000", "HTTP 400", "3 attempts", "r1", "connection reset"):
        assert part in str(error)
    assert repr(error).startswith(one.__name__ + "(")


@pytest.mark.parametrize("one", ERROR_CLASSES)
def test_every_class_travels(one):
    error = one("it went wrong", **FIELDS)
    for other in (pickle.loads(pickle.dumps(error)), copy.copy(error), copy.deepcopy(error)):
        assert type(other) is one and other == error and str(other) == str(error) and hash(other) == hash(error)
    assert error != one("something else")
    assert {error} == {copy.copy(error)}


def test_notes_travel_too():
    error = koophone.RejectedError("no")
    error.__notes__ = ["on phone 3"]
    assert pickle.loads(pickle.dumps(error)).__notes__ == ["on phone 3"]


def test_every_class_is_documented():
    assert all(one.__doc__ and f"``{one('x').kind}``" in one.__doc__ for one in ERROR_CLASSES)


def test_fields_that_do_not_exist_are_refused():
    with pytest.raises(TypeError):
        koophone.RejectedError("x", colour="red")


def test_errors_of_calls_are_caught_as_what_they_are(client, emulator, phones):
    emulator.stop()
    with pytest.raises(ConnectionError) as caught:
        client.query_status(phones)
    assert type(caught.value) is koophone.NetworkError and caught.value.retryable
