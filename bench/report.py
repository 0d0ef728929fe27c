"""What every benchmark prints and keeps: a table of rounds beside a peer's and against targets, the machine, who else
used it meanwhile, and the benchmark's own part of bench/RESULTS.md."""
import dataclasses
import datetime
import os
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "bench/RESULTS.md"
MIB = 1024 * 1024
HEADINGS = ["metric", "ours", "peer", "ratio", "target", "met"]


@dataclasses.dataclass
class Setup:
    """Where things are and how long to measure; a benchmark adds what it wants to know besides."""
    build: Path
    folder: Path
    rounds: int
    seconds: float


@dataclasses.dataclass
class Row:
    """One line of the table. `ours` and `peer` are the rounds' numbers; a target is for the ratio of the medians
    when there is a peer, else for our median."""
    metric: str
    unit: str
    ours: list[float]
    peer: list[float]
    target: float | None  # None: only to know
    is_at_least: bool = False  # else at most
    note: str = ""

    @property
    def value(self) -> float:
        ours = statistics.median(self.ours)
        return ours / statistics.median(self.peer) if self.peer else ours

    @property
    def is_met(self) -> bool | None:
        if self.target is None:
            return None
        return self.value >= self.target if self.is_at_least else self.value <= self.target


def render_number(value: float) -> str:
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def render_rounds(values: list[float], unit: str) -> str:
    """The median, and between what it lies."""
    if not values:
        return ""
    text = f"{render_number(statistics.median(values))} {unit}"
    if len(values) > 1:
        text += f" ({render_number(min(values))}–{render_number(max(values))})"
    return text


def render_cells(row: Row) -> list[str]:
    target = f"{'≥' if row.is_at_least else '≤'} {row.target:g}{'' if row.peer else ' ' + row.unit}" if row.target else ""
    verdict = {True: "yes", False: "NO", None: ""}[row.is_met]
    return [row.metric, render_rounds(row.ours, row.unit), render_rounds(row.peer, row.unit),
            f"{row.value:.2f}" if row.peer else "", target, ", ".join(filter(None, [verdict, row.note]))]


def render_table(rows: list[Row]) -> str:
    cells = [HEADINGS, *map(render_cells, rows)]
    widths = [max(len(line[column]) for line in cells) for column in range(len(HEADINGS))]
    lines = ["| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths)) + " |" for line in cells]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines) + "\n"


class Company:
    """How much of the machine others use while we measure: with much of that, times and p99 say little."""

    def __init__(self):
        self._start = time.monotonic()
        self._machine, self._ours = self._busy_seconds()

    def describe(self, apart_seconds: float = 0.0) -> str:
        """`apart_seconds`: CPU time of servers of ours that have not been waited for."""
        machine, ours = self._busy_seconds()
        foreign = max(0.0, (machine - self._machine) - (ours - self._ours) - apart_seconds)
        share = foreign / ((time.monotonic() - self._start) * os.cpu_count())
        return f"other processes used {share:.0%} of the cores meanwhile"

    @staticmethod
    def _busy_seconds() -> tuple[float, float]:
        """CPU time that the whole machine has used, and that this benchmark with all it started has."""
        ticks = list(map(int, Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]))
        user, nice, system, _idle, _iowait, irq, soft_irq, steal = ticks[:8]
        usage = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        return ((user + nice + system + irq + soft_irq + steal) / os.sysconf("SC_CLK_TCK"),
                sum(one.ru_utime + one.ru_stime for one in usage))


def measure_cases(names, cases, parent, make_bench) -> list[Row]:
    """Each case in a folder of its own. Small files stay until all have ended: ext4 without a journal looks at each inode that
    was freed in the last minutes before it takes another one, so what one case deletes would make the next one slow."""
    rows = []
    with tempfile.TemporaryDirectory(prefix="lodestone-bench-", dir=parent) as folder:
        for name in names:
            print(f"measuring {name} …", file=sys.stderr)
            own = Path(folder) / name
            own.mkdir()
            rows += cases[name](make_bench(own))
            drop_large_files(own)
    return rows


def drop_large_files(folder: Path):
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink() and path.stat().st_size > MIB:
            path.unlink()


def first_line(*command) -> str:
    output = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False).stdout
    return output.splitlines()[0].strip() if output else "unknown"


def describe_machine(*programs: str) -> str:
    cpus = re.findall(r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    memory_kib = int(re.search(r"^MemTotal:\s+(\d+)", Path("/proc/meminfo").read_text())[1])
    commit = first_line("git", "-c", "safe.directory=*", "-C", ROOT, "describe", "--always", "--dirty", "--exclude=*")
    return (f"{datetime.date.today()}, commit {commit}. {len(cpus)} × {cpus[0]}, {memory_kib / MIB:.0f} GiB, "
            f"Linux {first_line('uname', '-r')}; {', '.join([*programs, first_line('clang++-19', '--version')])}.")


def record(name: str, heading: str, measured: str):
    """Replaces the measured part of the benchmark's section; what a person wrote below it stays."""
    text = RESULTS.read_text() if RESULTS.exists() else "# Results of the benchmarks\n"
    block = f"<!-- {name}: written by ./dev bench {name} --record -->\n{measured}<!-- {name}: end -->\n"
    pattern = re.compile(rf"<!-- {name}: written.*?<!-- {name}: end -->\n", re.DOTALL)
    text = pattern.sub(lambda _: block, text) if pattern.search(text) else f"{text}\n{heading}\n\n{block}"
    RESULTS.write_text(text)
