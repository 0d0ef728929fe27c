"""kill -9 of the server while files are uploaded, again and again: what was acknowledged reads back as it was sent, and what was
not is either not there or there as it was sent."""
import hashlib
import random
import signal
import threading

from support.files import Files, make_files_repository
from support.process import is_sanitized

WRITERS = 6
ROUNDS = 100  # on each of two engines
SANITIZED_ROUNDS = 25  # it looks for other faults, which do not hide in the hundredth crash, and starts in seconds


def content_of(name):
    source = random.Random(name)
    return source.randbytes(source.choice([0, 100, 5_000, 70_000, 1_500_000]))


def version_of(name):
    return name.split("-")[0]


class Storm:
    """Writers that publish one file after the other until the server is gone. It goes at the moment when one of them has
    begun to send, or has been told that all is kept; the others are anywhere in between."""

    def __init__(self, server, key, round_number):
        self.files = Files(server, key)
        self.round_number = round_number
        self.tried, self.acknowledged, self.steps = [], [], 0
        self.changed = threading.Condition()
        self.writers = [threading.Thread(target=self._write, args=(number,)) for number in range(WRITERS)]

    def _write(self, number):
        count = 0
        while True:
            name = f"{self.round_number}-{number}-{count}"
            count += 1
            content = content_of(name)
            self._note(self.tried, name)
            try:
                answer = self.files.put(name, content, version_of(name))
            except (OSError, AssertionError):  # it is gone, or its answer breaks off
                return
            if answer.status != 201:
                return
            self._note(self.acknowledged, name)

    def _note(self, names, name):
        with self.changed:
            names.append(name)
            self.steps += 1
            self.changed.notify_all()

    def rage(self, server, wanted):
        for writer in self.writers:
            writer.start()
        with self.changed:
            assert self.changed.wait_for(lambda: self.steps >= wanted, timeout=60)
        server.send_signal(signal.SIGKILL)
        server.wait()
        for writer in self.writers:
            writer.join()


def test_nothing_acknowledged_is_lost_and_nothing_is_half_there(begun):
    key = make_files_repository(begun)
    acknowledged, tried = [], []
    rounds = SANITIZED_ROUNDS if is_sanitized(begun.binary) else ROUNDS
    for round_number in range(rounds):
        with begun.server() as server:
            storm = Storm(server, key, round_number)
            storm.rage(server, wanted=WRITERS + round_number * 7 % 23)
        acknowledged += storm.acknowledged
        tried += storm.tried
    assert len(acknowledged) >= rounds
    kept = set(acknowledged)
    with begun.server() as server:
        files = Files(server, key)
        for name in tried:
            answer = files.fetch(name, version_of(name))
            if name in kept:
                assert answer.status == 200, name
            else:
                assert answer.status in (200, 404), name
            if answer.status == 200:
                assert answer.body == content_of(name), name
                assert answer.header("X-Checksum-Sha256") == hashlib.sha256(answer.body).hexdigest()
        # What was not acknowledged can be sent again, and is whole then.
        for name in set(tried) - kept:
            assert files.put(name, content_of(name), version_of(name)).status in (201, 409)
            assert files.fetch(name, version_of(name)).body == content_of(name)
    done = begun.run("storage", "scrub", "--all", "--json")
    assert done.returncode == 0, done.stdout + done.stderr
