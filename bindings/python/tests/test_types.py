"""What holds of every generated class, and of the enumerations."""

import copy
import json
import pickle
from enum import EnumMeta

import pytest

import koophone
import values
from koophone import _enums, _koophone

ERROR = koophone.ThrottledError("slow down", code="APIGW.0308", http_status=429)
GOOD = koophone.InstanceStatus(instance_id="a", state="running", status=2)

VALUES = [*values.VALUES, koophone.VideoSettings()]


def name_of(value):
    return type(value).__name__


def test_every_class_is_tested():
    classes = {one for one in vars(_koophone).values() if isinstance(one, type) and hasattr(one, "__match_args__")}
    assert classes == {type(value) for value in VALUES}


@pytest.mark.parametrize("value", VALUES, ids=name_of)
def test_values_are_equal_hashable_and_travel(value):
    for other in (pickle.loads(pickle.dumps(value)), copy.copy(value), copy.deepcopy(value)):
        assert other == value and hash(other) == hash(value) and type(other) is type(value)
    assert value != 1 and not (value == "a")
    assert len({value, copy.copy(value)}) == 1


@pytest.mark.parametrize("value", VALUES, ids=name_of)
def test_values_are_made_again_from_their_fields(value):
    fields = {name: getattr(value, name) for name in type(value).__match_args__}
    assert type(value)(**fields) == value


@pytest.mark.parametrize("value", VALUES, ids=name_of)
def test_values_are_frozen_and_show_every_field_but_no_secret(value):
    with pytest.raises(AttributeError):
        setattr(value, type(value).__match_args__[0], "other")
    with pytest.raises(AttributeError):
        value.another = 1
    shown = repr(value)
    assert shown.startswith(name_of(value) + "(") and "S3CRET" not in shown
    assert all(f"{name}=" in shown for name in type(value).__match_args__)


@pytest.mark.parametrize("value", VALUES, ids=name_of)
def test_values_and_their_fields_are_documented(value):
    assert type(value).__doc__
    assert all(getattr(type(value), name).__doc__ for name in type(value).__match_args__)


def test_values_match():
    match koophone.CommandResult(instance_id="a", state=koophone.JobState.SUCCEEDED, status=2, output="x"):
        case koophone.CommandResult("a", koophone.JobState.SUCCEEDED, output="x"):
            pass
        case _:
            pytest.fail("no match")


def test_what_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="flying"):
        koophone.InstanceStatus(instance_id="a", state="flying")
    with pytest.raises(ValueError, match="has the character ' '"):
        koophone.InstanceStatus(instance_id="no id", state="running")
    with pytest.raises(TypeError):
        koophone.InstanceStatus(instance_id=1, state="running")
    with pytest.raises(TypeError):
        koophone.InstanceOutcome(instance_id="a", error="bad")
    for name, wrong, right in [
        ("count", -1, r"count is -1; it must be a whole number from 0 upwards"),
        ("count", 1 << 40, r"count is 1099511627776; it must be a whole number below 2\^32"),
        ("count", 1 << 70, r"count is too large; it must be a whole number of at most 64 bits"),
        ("period_unit", "week", r"period_unit is \"week\"; it must be one of: month, year"),
        ("region", "a\ud800", r"region has a surrogate.*; it must be Unicode text"),
        ("network", "a\ud800", r"network has a surrogate.*; it must be Unicode text"),
    ]:
        fields = {name: getattr(values.INSTANCE_ORDER, name) for name in koophone.InstanceOrder.__match_args__}
        with pytest.raises(koophone.InvalidArgumentError, match=right) as refused:
            koophone.InstanceOrder(**{**fields, name: wrong})
        assert refused.value.argument == name
    with pytest.raises(TypeError, match=r"count has the type str; it must be a whole number \(int\)"):
        koophone.InstanceOrder(**{**fields, "count": "7"})
    with pytest.raises(koophone.InvalidArgumentError, match="url has a surrogate") as refused:
        koophone.AppPackage(url="S3CRET\ud800", package="a", version="1", file_name="a", size_mb=1, md5="a")
    assert "S3CRET" not in str(refused.value)


@pytest.mark.parametrize("enum", [one for one in vars(_enums).values() if isinstance(one, EnumMeta) and list(one)])
def test_enumerations_are_text(enum):
    for member in enum:
        assert member == member.value == str(member) and enum(member.value) is member
        assert pickle.loads(pickle.dumps(member)) is member


def test_results_stay_results_when_sliced():
    results = koophone.Results([GOOD] * 3)
    assert type(results[:2]) is koophone.Results and results[:2].all_ok and len(results[::-2]) == 2
    assert results[0] is results[-1] is GOOD


@pytest.mark.parametrize("value", VALUES, ids=name_of)
def test_values_become_plain_data(value):
    plain = value.asdict()
    assert list(plain) == list(type(value).__match_args__) and "S3CRET" not in repr(plain)
    assert json.loads(json.dumps(plain)) == plain
    assert list(value.asdict(secrets=True)) == list(plain)


def test_plain_data_goes_all_the_way_down():
    outcome = koophone.InstanceOutcome(instance_id="a", error=ERROR)
    failed = outcome.asdict()
    assert failed["instance_id"] == "a" and failed["error"]["kind"] == "throttled" and failed["error"]["causes"] == []
    progress = koophone.Progress(succeeded=0, failed=0, running=2, total=3)
    status = koophone.TaskStatus(jobs=[values.JOB_RESULT], progress=progress, finished=True).asdict()
    assert type(status["jobs"][0]["state"]) is str and status["progress"]["total"] == 3
    assert koophone.Results([outcome]).asdict() == [failed]
    secret = values.DEVICE_AUTHORIZATION
    assert (secret.asdict()["token"], secret.asdict(secrets=True)["token"]) == ("***", "S3CRET")


def test_results_are_a_tuple_that_can_be_asked():
    good, bad = GOOD, koophone.InstanceStatus(instance_id="b", state="unknown", error=ERROR)
    results = koophone.Results([good, bad])
    assert results == (good, bad) and results[0] is good and not results.all_ok
    assert results.failed == (bad,) and [one.ok for one in results] == [True, False]
    with pytest.raises(koophone.ThrottledError, match="1 of 2 phones failed; the first is b"):
        results.raise_for_errors()
    again = pickle.loads(pickle.dumps(results))
    assert again == results and type(again) is koophone.Results and repr(again).startswith("Results((InstanceStatus(")
    assert koophone.Results().all_ok and koophone.Results().raise_for_errors() == ()
    with pytest.raises(TypeError, match="one call"):
        koophone.Results([good, values.JOB_RESULT]).raise_for_errors()
    with pytest.raises(TypeError, match="one call"):
        koophone.Results([1]).raise_for_errors()
