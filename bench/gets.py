"""What GETs cost servers that are asked for the same thing in turn: many connections for who is quick, and for who is not
requests one after the other, as a load that ends in the midst of them would say little."""
import dataclasses
import time

from registries import Client
from wrk import run_wrk

CONNECTIONS = 16
QUICK_S = 0.005
TICK_S = 0.01  # in which the kernel counts CPU time


@dataclasses.dataclass
class Asked:
    """One address, at one server."""
    server: object
    path: str
    headers: dict[str, str] = dataclasses.field(default_factory=dict)

    def fetch(self) -> bytes:
        with Client(self.server) as client:
            return client.ask(200, "GET", self.path, **self.headers).text


class Visitor:
    """A server for who does not say who they are."""

    def __init__(self, server):
        self.port, self.headers, self.cpu_seconds = server.port, {}, server.cpu_seconds


def measure_gets(asked: dict[str, Asked], rounds: int, seconds: float) -> dict[str, list[float]]:
    """Requests for each second of CPU time, in each round; one round before warms up."""
    is_quick = {name: took_twice(one) < QUICK_S for name, one in asked.items()}
    found = {name: [] for name in asked}
    for number in range(rounds + 1):
        for name, one in asked.items():
            before = one.server.cpu_seconds()
            requests = ask_by_many(one, seconds if number else 1) if is_quick[name] else ask_in_a_row(one, seconds if number else 0)
            if number > 0:
                found[name].append(requests / max(TICK_S, one.server.cpu_seconds() - before))
    return found


def took_twice(one: Asked) -> float:
    """How long the second of two requests took."""
    one.fetch()
    start = time.monotonic()
    one.fetch()
    return time.monotonic() - start


def ask_by_many(one: Asked, seconds: float) -> int:
    return run_wrk(one.server.port, one.path, seconds, {**one.server.headers, **one.headers}, CONNECTIONS).requests


def ask_in_a_row(one: Asked, seconds: float) -> int:
    requests, start = 0, time.monotonic()
    with Client(one.server) as client:
        while requests < 3 or time.monotonic() - start < seconds:
            client.ask(200, "GET", one.path, **one.headers)
            requests += 1
    return requests
