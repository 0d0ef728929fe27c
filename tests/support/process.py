"""What the kernel knows about a process under test, and waiting for it to change where no event tells of it."""
import mmap
import os
import re
import shutil
import subprocess
import time
from pathlib import Path

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


def resident_bytes(pid) -> int:
    return int(re.search(r"^VmRSS:\s+(\d+) kB$", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)[1]) * 1024


def descriptor_count(pid) -> int:
    return len(os.listdir(f"/proc/{pid}/fd"))


def cpu_seconds(pid) -> float:
    """User and system time of all its threads so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_PER_SECOND


def find_program(name) -> str | None:
    """Also where programs of the system are, which an ordinary user's PATH leaves out."""
    return shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")


def end(process, limit_s):
    """Asks it to end, and ends it when it does not; only this process."""
    process.terminate()
    try:
        process.wait(timeout=limit_s)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def is_sanitized(binary) -> bool:
    """Such a build answers right but with several times the memory: only then are its numbers not the program's."""
    with open(binary, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        return any(content.find(mark) >= 0 for mark in (b"__asan_init", b"__tsan_init"))


def wait_until(is_reached, limit_s=60.0):
    """Asks until the answer is true, for what no event tells of. Asking should take a while itself: a request does."""
    deadline = time.monotonic() + limit_s
    while not (answer := is_reached()):
        assert time.monotonic() < deadline, f"not reached in {limit_s} s"
    return answer


def read_metrics(connection) -> dict[str, float]:
    """Every series on /metrics, by its name with labels as the page shows it; over a connection of Server.connect()."""
    lines = connection.request("GET", "/metrics", connection.operator_headers).body.decode().splitlines()
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines if not line.startswith("#"))}


def settled_descriptors(pid, witness) -> int:
    """How many a server holds open by itself: its first round of scrubbing is the last that opens something unasked."""
    wait_until(lambda: read_metrics(witness)["lodestone_scrub_last_done_seconds"] > 0)
    return descriptor_count(pid)
