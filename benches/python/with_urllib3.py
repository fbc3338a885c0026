"""urllib3 and json, with dataclasses for results."""

import json
import uuid

import urllib3
from harness import TOKEN, Arguments, measure
from peers import typed

arguments = Arguments()
pool = urllib3.PoolManager(maxsize=arguments.in_flight)


def call():
    headers = {"content-type": "application/json", "x-request-id": uuid.uuid4().hex, "x-auth-token": TOKEN}
    response = pool.request("POST", arguments.url + arguments.path, body=json.dumps(arguments.body), headers=headers)
    if response.status != 200:
        raise RuntimeError(response.status)
    return typed(arguments, json.loads(response.data))


measure(arguments, call)
