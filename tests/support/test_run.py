"""The test runner itself: it may never count a test twice, lose one that crashed or hung, or end well with nothing run."""
import os
import re
import select
import subprocess
import sys

import pytest
import run

REPORT = """<testsuites><testsuite name="S">
<testcase name="good" status="run" result="completed" time="0.1" classname="S" />
<testcase name="bad" status="run" result="completed" time="0" classname="S"><failure message="Expected 1">Expected 1</failure></testcase>
<testcase name="left" status="run" result="skipped" classname="S"><skipped message="a_test.cpp:3&#x0A;no IPv6 here" /></testcase>
<testcase name="cut" status="run" result="skipped" classname="S"><skipped message="no server:&#x0A;  it said E: 1&#x0A;" /></testcase>
<testcase name="DISABLED_x" status="notrun" result="suppressed" classname="S" />
</testsuite></testsuites>"""


def plant(folder, script):
    """A program that looks like a GoogleTest one to the runner; $report is where it was told to write."""
    tests = folder / "tests"
    tests.mkdir(exist_ok=True)
    program = tests / "planted_tests"
    program.write_text('#!/bin/bash\n# A planted test program.\nreport=${1#--gtest_output=xml:}\n'
                       '[[ $1 != --gtest_list_tests ]] || { printf "First.  # TypeParam = int\\n  Alpha/0  # GetParam() = 1\\nSecond.\\n  Beta\\n"; exit 0; }\n'
                       f'[[ $GTEST_SHARD_INDEX == 0 ]] || {{ echo "<testsuites/>" > "$report"; exit 0; }}\n{script}\n')
    program.chmod(0o755)
    return folder


def outcomes_of(folder, only=""):
    scratch = folder / "scratch"
    scratch.mkdir()
    return {one.name.removeprefix("planted_tests: "): one for one in run.run_programs(folder, only, scratch)}


def ends_soon(pid) -> bool:
    """Whether a process, not necessarily a child of ours, is gone or goes within ten seconds."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([descriptor], [], [], 10)[0])
    finally:
        os.close(descriptor)


def test_counts_and_reasons(tmp_path):
    outcomes = outcomes_of(plant(tmp_path, f"""
        printf '[ RUN      ] S.bad\\nthe details\\n[  FAILED  ] S.bad (0 ms)\\n'
        cat > "$report" <<'END'\n{REPORT}\nEND
        exit 1"""))
    assert {name: one.result for name, one in outcomes.items()} == {"S.good": "passed", "S.bad": "failed", "S.left": "skipped", "S.cut": "skipped", "S.DISABLED_x": "skipped"}
    assert outcomes["S.bad"].text == "the details"
    assert outcomes["S.left"].text == "no IPv6 here"
    assert outcomes["S.cut"].text == "no server: it said E: 1"


def test_a_crash_is_a_failure_of_the_test_it_happened_in(tmp_path):
    outcomes = outcomes_of(plant(tmp_path, """
        printf '[ RUN      ] S.first\\n[       OK ] S.first (1 ms)\\n[ RUN      ] S.second\\nheap-use-after-free\\n'
        kill -SEGV $$"""))
    assert outcomes["S.first"].result == "passed"
    assert outcomes["S.second"].result == "failed" and "heap-use-after-free" in outcomes["S.second"].text


def test_what_a_sanitizer_reports_counts_against_the_test_that_it_interrupted(tmp_path):
    outcomes = outcomes_of(plant(tmp_path, """
        printf '[ RUN      ] S.first\\nWARNING: ThreadSanitizer: data race (pid=1)\\n[       OK ] S.first (1 ms)\\n'
        printf '[ RUN      ] S.second\\n[       OK ] S.second (1 ms)\\n'
        cat > "$report" <<'END'
<testsuites><testsuite><testcase name="first" classname="S"/><testcase name="second" classname="S"/></testsuite></testsuites>
END
        exit 66"""))
    assert {name: one.result for name, one in outcomes.items()} == {"S.first": "failed", "S.second": "passed"}
    assert "data race" in outcomes["S.first"].text


def test_a_hanging_program_is_killed_with_what_it_started(tmp_path, monkeypatch):
    monkeypatch.setattr(run, "PROGRAM_LIMIT_S", 2)
    os.mkfifo(tmp_path / "never")
    outcomes = outcomes_of(plant(tmp_path, f"""
        printf '[ RUN      ] S.waits\\n'
        bash -c 'echo $$ >"{tmp_path}/child"; read <"{tmp_path}/never"; true'
        true"""))
    assert outcomes["S.waits"].result == "failed" and "too long" in outcomes["S.waits"].text
    assert ends_soon(int((tmp_path / "child").read_text()))


def test_a_fault_after_the_last_test_is_a_failure(tmp_path):
    outcomes = outcomes_of(plant(tmp_path, """
        echo '<testsuites><testsuite><testcase name="good" classname="S"/></testsuite></testsuites>' > "$report"
        echo 'LeakSanitizer: detected memory leaks'
        exit 1"""))
    assert outcomes["S.good"].result == "passed"
    assert "LeakSanitizer" in outcomes["(at the end, shard 0)"].text


@pytest.mark.parametrize("results,is_good,closing", [
    (["passed", "skipped"], True, "1 passed, 0 failed, 1 skipped"),
    (["passed", "failed"], False, "1 passed, 1 failed, 0 skipped"),
    ([], False, "0 passed, 0 failed, 0 skipped"),
])
def test_closing_line(capsys, results, is_good, closing):
    assert run.print_outcomes([run.Outcome(f"t{index}", result, "why") for index, result in enumerate(results)], 1.0) == is_good
    assert capsys.readouterr().out.splitlines()[-1] == closing


def test_a_name_counts_once_with_its_worst_result(capsys):
    run.print_outcomes([run.Outcome("t", "passed"), run.Outcome("t", "failed"), run.Outcome("t", "passed")], 1.0)
    assert capsys.readouterr().out.splitlines()[-1] == "0 passed, 1 failed, 0 skipped"


@pytest.mark.parametrize("name,filters", [("ALPHA", "First.Alpha/0"), ("second.b", "Second.Beta"), (".", "First.Alpha/0:Second.Beta"),
                                          ("Planted", None), ("gamma", "nothing ran")])
def test_names_match_in_whatever_case(tmp_path, name, filters):
    plant(tmp_path, f"""
        cp "${{3#--gtest_flagfile=}}" "{tmp_path}/flags" 2>/dev/null || touch "{tmp_path}/flags"
        echo '<testsuites><testsuite><testcase name="good" classname="S"/></testsuite></testsuites>' > "$report" """)
    outcomes = outcomes_of(tmp_path, name)
    if filters == "nothing ran":
        assert outcomes == {} and not (tmp_path / "flags").exists()
    else:
        assert list(outcomes) == ["S.good"]
        assert (tmp_path / "flags").read_text() == (f"--gtest_filter={filters}\n" if filters else "")


def run_runner(*arguments, **env):
    return subprocess.run([sys.executable, "-B", run.__file__, *map(str, arguments)], env={**os.environ, "LODESTONE_TEST_POSTGRES": "none", **env}, text=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def test_a_name_that_nothing_has_is_a_mistake(tmp_path):
    done = run_runner(plant(tmp_path, "exit 1"), "no-such-test", "--only", "tests/support")
    assert (done.returncode, done.stdout) == (1, "no test has 'no-such-test' in its name\n")


def test_python_tests_report_as_they_end_and_leave_nothing(tmp_path):
    (tmp_path / "empty").mkdir()
    done = run_runner(tmp_path / "empty", "Test_Raw.PY", "--only", "tests/support", TMPDIR=str(tmp_path))
    first, *_, last = done.stdout.splitlines()
    assert re.fullmatch(r"support/test_raw\.py +\d+\.\d s  (\d+) passed", first), done.stdout
    assert done.returncode == 0 and re.fullmatch(r"\d+ passed, 0 failed, 0 skipped", last)
    assert [path.name for path in tmp_path.iterdir()] == ["empty"]
