#!/usr/bin/python3
"""clang-tidy over every source, a dozen at a time: nine tenths of the time that it takes for one file go into the
headers of Asio and the standard library, which a batch reads once. A batch is a file that includes its sources; those
that have a name of their own in common (two anonymous `kind()` in one namespace) go into different batches. Should a
batch still not compile as one, its sources are checked one by one and it is said so, since that costs time.

    tidy_batches.py build/release FILE...        the compile commands' folder, and what to check
"""
import concurrent.futures
import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

BATCH = 12
ROOT = Path(__file__).resolve().parents[1]
CLANG_TIDY = ["clang-tidy-19", "--quiet"]
# A batch includes sources, which is what this check forbids; warnings are the compiler's, which has said them already.
AS_BATCH = ["--checks=-bugprone-suspicious-include", "--extra-arg=-w"]

NAMESPACE = re.compile(r"^(?:inline )?namespace ([\w:]+) \{")
# What .clang-format leaves in the first column is at namespace scope.
DECLARED = re.compile(r"^(?:#define (\w+)|(?:template <[^\n]*> )?(?:struct|class|enum|enum class|union|concept) (\w+)|using (?:[\w:]+::)?(\w+)\b|"
                      r"[\w:<>,*&\[\]. ()]*?\b(\w+)(?:\[\w*\])?(?:\(| =|\{|;))")

# Where a type is so long that the name stands on a line below.
DECLARED_BELOW = re.compile(r"^ +(?:[\w:<>,*&. ]*> )?(\w+)(?: =|\{|;)")


def declared_names(text: str) -> set[str]:
    """Names at namespace scope, each with the named namespace that it is in."""
    namespace, names, is_open = "", set(), False
    for line in text.split("\n"):
        if match := NAMESPACE.match(line):
            namespace = match[1]
        elif is_open and line[:1] == " ":
            if match := DECLARED_BELOW.match(line):
                names.add(f"{namespace}::{match[1]}")
                is_open = False
        elif line[:1] not in ("", " ", "}", "/", ")"):
            match = DECLARED.match(line)
            if match:
                names.add(f"{namespace}::{next(filter(None, match.groups()))}")
            is_open = not match and line.startswith(("const", "inline", "static"))
    return names


def plan(sources: list[str]) -> list[list[str]]:
    """Batches without a name twice. Neighbours have the most names in common, so they are dealt out like cards."""
    batches = [([], set()) for _ in range(max(1, len(sources) // BATCH))]
    for turn, source in enumerate(sources):
        names = declared_names(Path(source).read_text())
        order = batches[turn % len(batches):] + batches[:turn % len(batches)]
        fitting = [batch for batch in order if not batch[1] & names and len(batch[0]) < 2 * BATCH]
        if not fitting:
            batches.append(([], set()))
            fitting = [batches[-1]]
        members, taken = min(fitting, key=lambda batch: len(batch[0]))
        members.append(source)
        taken |= names
    return [members for members, _ in batches if members]


def command_of_all(commands: list[dict]) -> list[str]:
    """One command line with what any of the sources wants: they differ in folders to look into and in definitions."""
    words: dict[str, None] = {}
    for command in commands:
        line = shlex.split(command["command"])
        line = line[next(at for at, word in enumerate(line) if "clang++" in word) + 1:line.index("-o")]
        # Read as it is written, without the precompiled headers; nothing is built here, so there may be none.
        words |= dict.fromkeys(word for word in line if word != "-Xclang" and word != "-include" and "-pch" not in word and "cmake_pch" not in word)
    return ["clang++-19", *words]


def check_as(name: str, source: Path | str, sources: list[str], commands: dict[str, dict], folder: Path, options: list[str]):
    """clang-tidy over one file, read with what any of the sources is compiled with."""
    own = folder / name
    own.mkdir(exist_ok=True)
    (own / "compile_commands.json").write_text(json.dumps([{
        "directory": commands[sources[0]]["directory"], "file": str(source),
        "arguments": [*command_of_all([commands[each] for each in sources]), "-c", str(source)]}]))
    return subprocess.run([*CLANG_TIDY, *options, "-p", str(own), str(source)], capture_output=True, text=True)


def check_batch(number: int, sources: list[str], commands: dict[str, dict], folder: Path) -> tuple[bool, str]:
    if len(sources) > 1:
        batch = folder / f"batch_{number:02}.cpp"
        batch.write_text("".join(f'#include "{source}"\n' for source in sources))
        verdict = check_as(f"{number:02}", batch, sources, commands, folder, AS_BATCH)
        if "clang-diagnostic-error" not in verdict.stdout:
            return verdict.returncode == 0, verdict.stdout
        why = next(line for line in verdict.stdout.splitlines() if "clang-diagnostic-error" in line)
        names = " ".join(os.path.relpath(source, ROOT) for source in sources)
        note = f"These do not compile as one, so they were checked one by one: {names}\n    {why}\n"
    else:
        note = ""
    verdicts = [check_as(f"{number:02}", source, [source], commands, folder, []) for source in sources]
    return all(verdict.returncode == 0 for verdict in verdicts), note + "".join(verdict.stdout for verdict in verdicts)


def main() -> int:
    database = Path(sys.argv[1]).resolve()
    commands = {command["file"]: command for command in json.loads((database / "compile_commands.json").read_text())}
    sources = sorted(str(Path(name).resolve()) for name in sys.argv[2:])
    if unknown := [source for source in sources if source not in commands]:
        sys.exit(f"no compile command for {', '.join(unknown)}")
    # .clang-tidy looks at what lies in a room of src/ (HeaderFilterRegex), which src/main.cpp does not.
    alone = [source for source in sources if Path(source).parent == ROOT / "src"]
    batches = plan([source for source in sources if source not in alone]) + [[source] for source in alone]

    folder = database.parent / "tidy"
    folder.mkdir(exist_ok=True)
    is_clean = True
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        runs = [pool.submit(check_batch, number, batch, commands, folder) for number, batch in enumerate(batches)]
        for run in concurrent.futures.as_completed(runs):
            is_this_clean, output = run.result()
            is_clean &= is_this_clean
            print(output, end="", flush=True)
    return 0 if is_clean else 1


if __name__ == "__main__":
    sys.exit(main())
