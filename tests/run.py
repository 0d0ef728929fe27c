#!/usr/bin/python3
"""The test runner behind `./dev test`: the GoogleTest programs of a build folder in shards, a few at a time, then
pytest over tests/, beside one PostgreSQL for all of them. A line for each program and file as it ends, and one closing
line that counts each test once."""
# Both write JUnit XML, so one reader serves both. A program that crashes or hangs leaves no XML: its output says
# how far it came, and the test it was in counts as failed.
import argparse
import contextlib
import dataclasses
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from support.postgres import shared_server
from support.progress import render_progress
from support.server import SANITIZER_REPORT

ROOT = Path(__file__).resolve().parent.parent
JOBS = (os.cpu_count() or 1) + 2  # half of the time a test waits
SHARDS = 2
PROGRAM_LIMIT_S = 900  # for one shard of one program; sanitized programs run about three times slower
PYTEST_LIMIT_S = 1800
TEST_LIMIT_S = 300  # for one Python test, by pytest-timeout
OUTPUT_TAIL_LINES = 120
REASON_LIMIT = 200  # characters of a skip's reason
# Where haproxy and debootstrap are; an ordinary user's PATH leaves these folders out.
SYSTEM_FOLDERS = "/usr/sbin:/sbin"

SYMBOLIZER = "external_symbolizer_path=/usr/lib/llvm-19/bin/llvm-symbolizer"
SANITIZER_ENV = {
    "ASAN_OPTIONS": f"detect_stack_use_after_return=1:strict_string_checks=1:detect_leaks=1:{SYMBOLIZER}",
    "UBSAN_OPTIONS": f"print_stacktrace=1:{SYMBOLIZER}",
    "TSAN_OPTIONS": f"second_deadlock_stack=1:suppressions={ROOT}/tests/tsan_suppressions.txt:{SYMBOLIZER}",
}


@dataclasses.dataclass
class Outcome:
    name: str
    result: str  # passed, failed, skipped
    text: str = ""  # why it was skipped, or what it printed
    seconds: float = 0.0


def run_limited(command, log: Path, limit_s: int, env: dict, pass_fds=()):
    """Runs a command in a session of its own, its output in `log`; answers the exit code, or None when it was
    killed at the limit with everything that it had started."""
    with open(log, "wb") as output:
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
                                 env={**os.environ, **env}, cwd=ROOT, start_new_session=True, pass_fds=pass_fds)
    try:
        return child.wait(timeout=limit_s)
    except BaseException as reason:  # also when the runner itself is interrupted
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()
        if isinstance(reason, subprocess.TimeoutExpired):
            return None
        raise


def end_of(log: Path) -> str:
    lines = log.read_text(errors="replace").splitlines()
    left_out = [f"… {len(lines) - OUTPUT_TAIL_LINES} earlier lines"] if len(lines) > OUTPUT_TAIL_LINES else []
    return "\n".join(left_out + lines[-OUTPUT_TAIL_LINES:])


def render_reason(message: str) -> str:
    """Why a test was skipped, on one line."""
    # GoogleTest puts the file and line first.
    text = " ".join(re.sub(r"\A\S+:\d+\n", "", message).split())
    return text if len(text) <= REASON_LIMIT else text[:REASON_LIMIT] + "…"


def read_junit(path: Path, prefix: str) -> list[Outcome]:
    outcomes = []
    for case in xml.etree.ElementTree.parse(path).iter("testcase"):
        outcome = Outcome(f"{prefix}{case.get('classname', '')}.{case.get('name')}", "passed",
                          seconds=float(case.get("time") or 0))
        faults = case.findall("failure") + case.findall("error")
        skip = case.find("skipped")
        if faults:
            outcome.result = "failed"
            outcome.text = "\n".join((fault.text or fault.get("message") or "").strip() for fault in faults)
        elif skip is not None:
            outcome.result = "skipped"
            outcome.text = render_reason(skip.get("message") or "no reason given")
        elif case.get("status") == "notrun":
            outcome.result, outcome.text = "skipped", "disabled in the source"
        outcomes.append(outcome)
    return outcomes


def read_crash(log: Path, prefix: str, code) -> list[Outcome]:
    """What a program without XML still tells: the tests it finished, and the one it died in."""
    text = log.read_text(errors="replace")
    started = re.findall(r"^\[ RUN      \] (\S+)$", text, re.MULTILINE)
    ended = {name: mark for mark, name in re.findall(r"^\[(       OK |  FAILED  |  SKIPPED )\] (\S+?),? \(", text, re.MULTILINE)}
    results = {"       OK ": "passed", "  FAILED  ": "failed", "  SKIPPED ": "skipped"}
    outcomes = [Outcome(prefix + name, results[ended[name]], "see the output of the crash") for name in started if name in ended]
    how = "was killed: it took too long" if code is None else f"ended with code {code} before its report"
    unfinished = [name for name in started if name not in ended]
    outcomes.append(Outcome(prefix + (unfinished[-1] if unfinished else "(outside any test)"), "failed",
                            f"The program {how}; tests after this one did not run.\n{end_of(log)}"))
    return outcomes


def output_of_test(log: Path, name: str) -> str:
    """What a failed GoogleTest test printed, its own failure messages among it."""
    match = re.search(rf"^\[ RUN      \] {re.escape(name)}\n(.*?)^\[  FAILED  \] {re.escape(name)}",
                      log.read_text(errors="replace"), re.MULTILINE | re.DOTALL)
    return match.group(1).rstrip() if match else ""


def reported_in_passed_tests(log: Path) -> dict[str, str]:
    """The tests that passed while a sanitizer complained, and what they printed: the program may go on after a
    complaint, and GoogleTest does not hear of it."""
    passed = re.finditer(r"^\[ RUN      \] (\S+)\n(.*?)^\[       OK \] \1 ", log.read_text(errors="replace"), re.MULTILINE | re.DOTALL)
    return {test[1]: test[2].rstrip() for test in passed if SANITIZER_REPORT.search(test[2])}


def list_matching(program: Path, name: str) -> list[str] | None:
    """The tests of a program that have `name` in theirs, in whatever case; None means all of them."""
    if name.lower() in program.name.lower():
        return None
    listing = subprocess.run([str(program), "--gtest_list_tests"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                             text=True, check=True, env={**os.environ, **SANITIZER_ENV}, cwd=ROOT).stdout
    tests, suite = [], ""
    for line in listing.splitlines():
        word = line.partition("#")[0].rstrip()  # behind it stands a parameter's value
        if line.startswith("  "):
            tests.append(suite + word.strip())
        elif word.endswith("."):
            suite = word
    return [test for test in tests if name.lower() in test.lower()]


def run_shard(program: Path, shard: int, tests: list[str] | None, folder: Path) -> list[Outcome]:
    report = folder / f"{program.name}-{shard}.xml"
    log = folder / f"{program.name}-{shard}.log"
    command = [str(program), f"--gtest_output=xml:{report}", "--gtest_color=no"]
    if tests is not None:
        filters = folder / f"{program.name}-{shard}.flags"  # a command line has less room
        filters.write_text(f"--gtest_filter={':'.join(tests)}\n")
        command.append(f"--gtest_flagfile={filters}")
    code = run_limited(command, log, PROGRAM_LIMIT_S,
                       {**SANITIZER_ENV, "GTEST_TOTAL_SHARDS": str(SHARDS), "GTEST_SHARD_INDEX": str(shard)})
    prefix = f"{program.name}: "
    if code is None or not report.exists():
        return read_crash(log, prefix, code)
    outcomes = read_junit(report, prefix)
    reported = reported_in_passed_tests(log)
    for outcome in outcomes:
        name = outcome.name.removeprefix(prefix)
        if outcome.result == "failed":
            outcome.text = output_of_test(log, name) or outcome.text
        elif name in reported:
            outcome.result, outcome.text = "failed", reported[name]
    if code != 0 and all(outcome.result != "failed" for outcome in outcomes):
        # For example a leak that the sanitizer reports when the program ends.
        outcomes.append(Outcome(f"{prefix}(at the end, shard {shard})", "failed", end_of(log)))
    return outcomes


def run_programs(build: Path, name: str, folder: Path) -> list[Outcome]:
    programs = sorted(path for path in (build / "tests").glob("*_tests") if os.access(path, os.X_OK))
    outcomes = []
    with ThreadPoolExecutor(JOBS) as pool:
        shards = {}
        for program in programs:
            tests = list_matching(program, name)
            if tests != []:
                shards[program] = [pool.submit(run_shard, program, shard, tests, folder) for shard in range(SHARDS)]
        for program, futures in shards.items():
            ended = [outcome for future in futures for outcome in future.result()]
            print(render_progress(program.name, [outcome.result for outcome in ended], sum(outcome.seconds for outcome in ended)),
                  flush=True)
            outcomes += ended
    return outcomes


def run_pytest(build, arguments, folder: Path) -> list[Outcome]:
    report, log = folder / "pytest.xml", folder / "pytest.log"
    ours = os.dup(sys.stdout.fileno())  # its own goes into the log
    command = [sys.executable, "-B", "-m", "pytest", "-n", str(JOBS), "--dist", "loadgroup", f"--timeout={TEST_LIMIT_S}",
               f"--junitxml={report}", f"--progress={ours}", f"--containing={arguments.name}", str(ROOT / (arguments.only or "tests"))]
    command += [f"--ignore={ROOT / folder}" for folder in arguments.skip]
    env = dict(SANITIZER_ENV)
    if build:
        env.update(LODESTONE_BUILD=str(build), LODESTONE_BINARY=str(build / "lodestone"))
    try:
        code = run_limited(command, log, PYTEST_LIMIT_S, env, pass_fds=[ours])
    finally:
        os.close(ours)
    if code is None or not report.exists():
        return [Outcome("pytest", "failed", f"pytest ended with {code} and without its report.\n{end_of(log)}")]
    outcomes = read_junit(report, "")
    nothing_matched = 5
    if code not in (0, nothing_matched) and all(outcome.result != "failed" for outcome in outcomes):
        outcomes.append(Outcome("pytest", "failed", end_of(log)))
    return outcomes


def print_outcomes(outcomes: list[Outcome], seconds: float) -> bool:
    count = {"passed": 0, "failed": 0, "skipped": 0}
    unique = {}
    for outcome in outcomes:  # a test that is reported twice, as a crash may, keeps its worst result
        known = unique.get(outcome.name)
        if known is None or outcome.result == "failed":
            unique[outcome.name] = outcome
    for outcome in unique.values():
        count[outcome.result] += 1
    for outcome in sorted(unique.values(), key=lambda one: -one.seconds)[:3]:
        if outcome.seconds >= 5:
            print(f"slow: {outcome.seconds:.1f} s {outcome.name}")
    for outcome in unique.values():
        if outcome.result == "failed":
            print(f"\nFAILED {outcome.name}\n{outcome.text}")
    for outcome in unique.values():
        if outcome.result == "skipped":
            print(f"skipped {outcome.name}: {outcome.text}")
    print(f"Tests took {seconds:.0f} s.")
    print(f"{count['passed']} passed, {count['failed']} failed, {count['skipped']} skipped")
    return count["failed"] == 0 and count["passed"] + count["skipped"] > 0


def open_scratch(folder: Path):
    """Has the tests, and all that they start, keep their temporary files in a folder that goes when we do."""
    folder.chmod(0o711)  # a test that is root starts programs that are not
    scratch = folder / "t"  # short: a Unix socket's path may have 107 bytes
    scratch.mkdir()
    scratch.chmod(0o1777)
    os.environ["TMPDIR"] = tempfile.tempdir = str(scratch)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("build", nargs="?", help="a folder that ./dev build made; none runs Python tests only")
    parser.add_argument("name", nargs="?", default="", help="run what contains this in its name")
    parser.add_argument("--only", default="", metavar="FOLDER", help="the Python tests of this folder, or `cpp`: none")
    parser.add_argument("--except", action="append", default=[], metavar="FOLDER", dest="skip", help="without the Python tests of this folder")
    arguments = parser.parse_args()

    build = (ROOT / arguments.build).resolve() if arguments.build else None
    start = time.monotonic()
    outcomes = []
    os.environ["PATH"] += f":{SYSTEM_FOLDERS}"
    with tempfile.TemporaryDirectory(prefix="lodestone-", ignore_cleanup_errors=True) as folder:
        open_scratch(Path(folder))
        with shared_server() if build else contextlib.nullcontext():
            if build:
                outcomes += run_programs(build, arguments.name, Path(folder))
            if arguments.only != "cpp":
                outcomes += run_pytest(build, arguments, Path(folder))
    if arguments.name and not outcomes:
        print(f"no test has '{arguments.name}' in its name")
        return 1
    return 0 if print_outcomes(outcomes, time.monotonic() - start) else 1


if __name__ == "__main__":
    sys.exit(main())
