#!/usr/bin/python3
"""clang-tidy over every source, three dozen at a time: nine tenths of the time that it takes for one file go into the
headers of Asio and the standard library, which a batch reads once. A batch is a file that includes its sources. Where
two have a name of their own in common (two anonymous `kind()` in one namespace), the second is read as a copy in which
that name has a number. A source because of which a batch does not compile is checked by itself, and it is said so,
since that costs time.

    tidy_batches.py build/release FILE...        the compile commands' folder, and what to check
"""
import concurrent.futures
import dataclasses
import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

BATCH = 36
ROOT = Path(__file__).resolve().parents[1]
CLANG_TIDY = ["clang-tidy-19", "--quiet"]
# A batch includes sources, which is what this check forbids; warnings are the compiler's, which has said them already.
AS_BATCH = ["--checks=-bugprone-suspicious-include", "--extra-arg=-w"]

NAMESPACE = re.compile(r"^(?:inline )?namespace ([\w:]+) \{")
# What .clang-format leaves in the first column is at namespace scope. A using-declaration may stand there twice.
DECLARED = re.compile(r"^(?:#define (\w+)|(?:template <[^\n]*> )?(?:struct|class|enum class|enum|union|concept) (\w+)|using (\w+) =|"
                      r"[\w:<>,*&\[\]. ()]*?\b(\w+)(?:\[\w*\])?(?:\(| =|\{|;))")
NO_DECLARATION = re.compile(r"^(?:using [\w:]+;|using namespace |using enum |static_assert|BOOST_DESCRIBE)")

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
        elif line[:1] not in ("", " ", "}", "/", ")") and not NO_DECLARATION.match(line):
            match = DECLARED.match(line)
            if match:
                names.add(f"{namespace}::{next(filter(None, match.groups()))}")
            is_open = not match and line.startswith(("const", "inline", "static"))
    return names


def with_numbers(text: str, names: set[str], number: int) -> str:
    """The source with a number behind each of the names, but for members of other things and what it includes."""
    words = re.compile(rf"(?<![\w.:])(?<!->)({'|'.join(sorted(name.rpartition('::')[2] for name in names))})\b")
    return "".join(line if line.startswith("#include") else words.sub(rf"\1_{number}", line) for line in text.splitlines(keepends=True))


@dataclasses.dataclass
class Batch:
    sources: list[str] = dataclasses.field(default_factory=list)
    taken: set[str] = dataclasses.field(default_factory=set)
    twice: dict[str, set[str]] = dataclasses.field(default_factory=dict)  # by source: names that one before it has

    def add(self, source: str, names: set[str]):
        self.sources.append(source)
        if self.taken & names:
            self.twice[source] = self.taken & names
        self.taken |= names

    def write(self, folder: Path) -> Path:
        """The file that includes all; copies lie where .clang-tidy takes them for sources, too."""
        lines = []
        for number, source in enumerate(self.sources):
            path = Path(source)
            if source in self.twice:
                path = folder / path.relative_to(ROOT)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(with_numbers(Path(source).read_text(), self.twice[source], number))
            lines.append(f'#include "{path}"\n')
        batch = folder / "batch.cpp"
        batch.write_text("".join(lines))
        return batch


def plan(sources: list[str]) -> list[Batch]:
    """Neighbours have the most names in common, so they are dealt out like cards."""
    batches = [Batch() for _ in range(-(-len(sources) // BATCH))]
    for source in sources:
        names = declared_names(Path(source).read_text())
        room = [batch for batch in batches if len(batch.sources) < BATCH]
        min(room, key=lambda batch: (len(batch.taken & names), len(batch.sources))).add(source, names)
    return batches


def command_of_all(commands: list[dict]) -> list[str]:
    """One command line with what any of the sources wants: they differ in folders to look into and in definitions."""
    words: dict[str, None] = {}
    for command in commands:
        line = shlex.split(command["command"])
        line = line[next(at for at, word in enumerate(line) if "clang++" in word) + 1:line.index("-o")]
        # Read as it is written, without the precompiled headers; nothing is built here, so there may be none.
        words |= dict.fromkeys(word for word in line if word != "-Xclang" and word != "-include" and "-pch" not in word and "cmake_pch" not in word)
    return ["clang++-19", *words]


def check_as(own: Path, source: Path | str, sources: list[str], commands: dict[str, dict], options: list[str]):
    """clang-tidy over one file, read with what any of the sources is compiled with."""
    own.mkdir(exist_ok=True)
    (own / "compile_commands.json").write_text(json.dumps([{
        "directory": commands[sources[0]]["directory"], "file": str(source),
        "arguments": [*command_of_all([commands[each] for each in sources]), "-c", str(source)]}]))
    return subprocess.run([*CLANG_TIDY, *options, "-p", str(own), str(source)], capture_output=True, text=True)


def check_batch(own: Path, batch: Batch, commands: dict[str, dict]) -> tuple[bool, str]:
    own.mkdir(exist_ok=True)
    told, is_clean = "", True
    while len(batch.sources) > 1:
        verdict = check_as(own, batch.write(own), batch.sources, commands, AS_BATCH)
        output = verdict.stdout.replace(f"{own}/", f"{ROOT}/")
        if "clang-diagnostic-error" not in output:
            return is_clean and verdict.returncode == 0, told + output
        why = next(line for line in output.splitlines() if "clang-diagnostic-error" in line)
        # Where the fault is in a header, somebody is to blame who has a name twice, and else the last one.
        guilty = next((source for source in batch.sources if why.startswith(f"{source}:")), next(reversed(batch.twice), batch.sources[-1]))
        told += f"{os.path.relpath(guilty, ROOT)} does not compile among others, so it was checked by itself:\n    {why}\n"
        alone = check_as(own, guilty, [guilty], commands, [])
        is_clean &= alone.returncode == 0
        told += alone.stdout
        batch.sources.remove(guilty)
        batch.twice.pop(guilty, None)
    verdict = check_as(own, batch.sources[0], batch.sources, commands, [])
    return is_clean and verdict.returncode == 0, told + verdict.stdout


def main() -> int:
    database = Path(sys.argv[1]).resolve()
    commands = {command["file"]: command for command in json.loads((database / "compile_commands.json").read_text())}
    sources = sorted(str(Path(name).resolve()) for name in sys.argv[2:])
    if unknown := [source for source in sources if source not in commands]:
        sys.exit(f"no compile command for {', '.join(unknown)}")
    # .clang-tidy looks at what lies in a room of src/ (HeaderFilterRegex), which src/main.cpp does not.
    alone = [source for source in sources if Path(source).parent == ROOT / "src"]
    batches = plan([source for source in sources if source not in alone]) + [Batch([source]) for source in alone]

    folder = database.parent / "tidy"
    folder.mkdir(exist_ok=True)
    is_clean = True
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        runs = [pool.submit(check_batch, folder / f"{number:02}", batch, commands) for number, batch in enumerate(batches)]
        for run in concurrent.futures.as_completed(runs):
            is_this_clean, output = run.result()
            is_clean &= is_this_clean
            print(output, end="", flush=True)
    return 0 if is_clean else 1


if __name__ == "__main__":
    sys.exit(main())
