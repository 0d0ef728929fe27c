"""kill -9 of the server while files are uploaded, again and again: what was acknowledged reads back as it was sent, and what was
not is either not there or there as it was sent."""
import hashlib
import random
import signal
import threading

from support.files import Files, make_files_repository

ROUNDS, WRITERS = 25, 4


def content_of(name):
    source = random.Random(name)
    return source.randbytes(source.choice([0, 100, 5_000, 70_000, 1_500_000]))


def version_of(name):
    return name.split("-")[0]


class Storm:
    """Writers that publish one file after the other until the server is gone."""

    def __init__(self, server, key, round_number):
        self.files = Files(server, key)
        self.round_number = round_number
        self.tried, self.acknowledged = [], []
        self.changed = threading.Condition()
        self.writers = [threading.Thread(target=self._write, args=(number,)) for number in range(WRITERS)]

    def _write(self, number):
        count = 0
        while True:
            name = f"{self.round_number}-{number}-{count}"
            count += 1
            self.tried.append(name)
            try:
                answer = self.files.put(name, content_of(name), version_of(name))
            except (OSError, AssertionError):  # it is gone, or its answer breaks off
                return
            if answer.status != 201:
                return
            with self.changed:
                self.acknowledged.append(name)
                self.changed.notify_all()

    def rage(self, server, wanted):
        for writer in self.writers:
            writer.start()
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.acknowledged) >= wanted, timeout=60)
        server.send_signal(signal.SIGKILL)
        server.wait()
        for writer in self.writers:
            writer.join()


def test_nothing_acknowledged_is_lost_and_nothing_is_half_there(begun):
    key = make_files_repository(begun)
    acknowledged, tried = [], []
    for round_number in range(ROUNDS):
        with begun.server() as server:
            storm = Storm(server, key, round_number)
            storm.rage(server, wanted=1 + round_number * 7 % 23)
        acknowledged += storm.acknowledged
        tried += storm.tried
    assert len(acknowledged) >= ROUNDS
    with begun.server() as server:
        files = Files(server, key)
        for name in tried:
            answer = files.fetch(name, version_of(name))
            if name in acknowledged:
                assert answer.status == 200, name
            else:
                assert answer.status in (200, 404), name
            if answer.status == 200:
                assert answer.body == content_of(name), name
                assert answer.header("X-Checksum-Sha256") == hashlib.sha256(answer.body).hexdigest()
        # What was not acknowledged can be sent again, and is whole then.
        for name in set(tried) - set(acknowledged):
            assert files.put(name, content_of(name), version_of(name)).status in (201, 409)
            assert files.fetch(name, version_of(name)).body == content_of(name)
    done = begun.run("storage", "scrub", "--all", "--json")
    assert done.returncode == 0, done.stdout + done.stderr
