"""Measures modebox for the table: a question as a line of JSON on stdin, its answer as a line on stdout.

What is measured is what `benches/src` measures of ours, in the same units: processor time of the whole process, and time by the clock.
"""

import asyncio
import json
import sys
import time

import modebox

LIMITS = modebox.Limits(max_host_calls=1_000, max_concurrency=128)


async def echo(value):
    return value


async def wait(value):
    await asyncio.sleep(value["ms"] / 1e3)
    return value["ms"]


TOOLS = {"tools": {"echo": echo, "wait": wait}}


async def answer(runner, question):
    """Runs a script so many times, and says what it took and what came of it."""
    limits = modebox.Limits(cpu_timeout_ms=question["stop_ms"]) if question.get("stop_ms") else LIMITS
    tools = TOOLS if question["has_tools"] else {}
    cpu, wall = time.process_time_ns(), time.perf_counter_ns()
    for _ in range(question["count"]):
        result = await runner.run(question["script"], host_functions=tools, limits=limits, throw_on_error=False)
    cpu, wall = time.process_time_ns() - cpu, time.perf_counter_ns() - wall
    value = result.value if result.error is None else result.error.code
    return {"cpu_ns": cpu, "wall_ns": wall, "value": value if isinstance(value, str) else json.dumps(value)}


async def main():
    with modebox.Runner() as runner:
        for line in sys.stdin:
            print(json.dumps(await answer(runner, json.loads(line))), flush=True)


asyncio.run(main())
