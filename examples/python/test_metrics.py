"""What Prometheus reads from a client."""

import koophone
from metrics import metrics


def test_every_number_has_its_name_and_unit() -> None:
    with koophone.Emulator(phones=1) as emulator, emulator.client() as client:
        client.query_status(emulator.instance_ids)
        stats = client.stats()
    lines = metrics(stats).splitlines()
    for line in [
        "koophone_calls_total 1",
        "koophone_attempts_total 2",
        "koophone_connections_open 1",
        f"koophone_token_wait_seconds_total {stats.token_wait_ms / 1000}",
        'koophone_errors_total{kind="outcome_unknown"} 0',
    ]:
        assert line in lines
    assert len(lines) == len(stats.__match_args__) - 1 + len(stats.errors.__match_args__)
