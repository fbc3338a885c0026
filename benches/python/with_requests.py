"""requests, with dataclasses for results."""

import uuid

import requests
from harness import TOKEN, Arguments, measure
from peers import typed

arguments = Arguments()
session = requests.Session()
# As many connections as callers; the default is ten.
session.mount(arguments.url, requests.adapters.HTTPAdapter(pool_maxsize=max(10, arguments.in_flight)))


def call():
    headers = {"x-request-id": uuid.uuid4().hex, "x-auth-token": TOKEN}
    response = session.post(arguments.url + arguments.path, json=arguments.body, headers=headers)
    response.raise_for_status()
    return typed(arguments, response.json())


measure(arguments, call)
