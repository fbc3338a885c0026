"""aiohttp, with dataclasses for results."""

import asyncio
import uuid

import aiohttp
from harness import TOKEN, Arguments, measure_async
from peers import typed

arguments = Arguments()


async def main():
    async with aiohttp.ClientSession() as session:

        async def call():
            headers = {"x-request-id": uuid.uuid4().hex, "x-auth-token": TOKEN}
            async with session.post(arguments.url + arguments.path, json=arguments.body, headers=headers) as response:
                response.raise_for_status()
                return typed(arguments, await response.json())

        await measure_async(arguments, call)


asyncio.run(main())
