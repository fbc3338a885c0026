"""httpx, with dataclasses for results: its blocking client for sequential calls, its async client for concurrent."""

import uuid

import httpx
from harness import TOKEN, Arguments, measure, measure_async
from peers import typed

arguments = Arguments()


def request():
    headers = {"x-request-id": uuid.uuid4().hex, "x-auth-token": TOKEN}
    return {"url": arguments.url + arguments.path, "json": arguments.body, "headers": headers}


async def main():
    async with httpx.AsyncClient() as client:

        async def call():
            response = (await client.post(**request())).raise_for_status()
            return typed(arguments, response.json())

        await measure_async(arguments, call)


if arguments.in_flight == 1:
    with httpx.Client() as client:
        measure(arguments, lambda: typed(arguments, client.post(**request()).raise_for_status().json()))
else:
    import asyncio

    asyncio.run(main())
