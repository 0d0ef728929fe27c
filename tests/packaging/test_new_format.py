"""`./dev new-format`: what it makes in a copy of the tree is laid out, keeps to the house's rules, and compiles as the
programs and their tests do. That it also works is what its own tests and the conformance suite say, once it is built."""
import json
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
from tidy import documents, floors, ratchet, sizes, sql, words
from tidy.rules import RULES
from tidy.tree import Tree

ROOT = Path(__file__).resolve().parents[2]
MODULES = (documents, floors, ratchet, sizes, sql, words)  # importing them registers their rules
LIST = "src/app/serving/formats.cpp"
ADDRESSES = "docs/user/routes.md"
MADE = {"src/formats/crates/crates.hpp", "src/formats/crates/crates.cpp", "src/formats/crates/crates_test.cpp", "docs/user/crates.md"}
# What the new files speak of, for the rules that follow it.
BESIDE = ("docs/user/repositories.md", "tests/support/shop_test.hpp")


def texts_of(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*") if path.is_file() and path.suffix in (".cpp", ".hpp", ".md")}


def new_format(tree: Path, *arguments) -> subprocess.CompletedProcess:
    return subprocess.run([tree / "dev", "new-format", *arguments], text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT)


pytestmark = pytest.mark.xdist_group("new_format")  # a copy of the tree is many files: they share what they can


def copy_tree(folder: Path) -> Path:
    """What belongs to the repository, as far as it is needed."""
    if shutil.which("clang-format-19") is None:
        pytest.skip("clang-format-19 is not installed (Debian package clang-format-19)")
    for name in ("src", "docs", "tests/new_format"):
        shutil.copytree(ROOT / name, folder / name)
    for name in ("dev", ".clang-format"):
        shutil.copy(ROOT / name, folder / name)
    return folder


@pytest.fixture
def tree(tmp_path) -> Path:
    return copy_tree(tmp_path)


@pytest.fixture(scope="module")
def untouched(tmp_path_factory) -> Path:
    """For what is refused, and changes nothing."""
    return copy_tree(tmp_path_factory.mktemp("untouched"))


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    """With a new format."""
    tree = copy_tree(tmp_path_factory.mktemp("made"))
    done = new_format(tree, "crates", "Crates")
    assert done.returncode == 0, done.stdout
    return tree


def test_a_format_is_a_folder_a_page_and_two_lines(tree):
    before = texts_of(tree)
    done = new_format(tree, "crates", "Crates, and what they need")
    assert done.returncode == 0, done.stdout
    after = texts_of(tree)
    assert {path for path in after if after[path] != before.get(path)} == {*MADE, LIST, ADDRESSES}
    lines = set(after[LIST].splitlines()) - set(before[LIST].splitlines())
    assert lines == {'#include "formats/crates/crates.hpp"', "        &formats::crates::format(),"}
    assert not [path for path in MADE if "sample" in after[path].lower()], "all of the template's own words are replaced"
    assert '"Crates, and what they need"' in after["src/formats/crates/crates.cpp"]

    layout = subprocess.run(["clang-format-19", "--dry-run", "-Werror", *(tree / path for path in (*MADE, LIST) if not path.endswith(".md"))],
                            text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert layout.returncode == 0, layout.stdout
    planted = Tree({path: after.get(path) or (ROOT / path).read_text() for path in (*MADE, *BESIDE)})
    faults = [str(fault) for rule in RULES.values() for fault in rule.check(planted) if fault.path in MADE]
    assert faults == []

    again = new_format(tree, "crates", "Crates")
    assert again.returncode == 1 and "is there already" in again.stdout and texts_of(tree) == after


@pytest.mark.parametrize("name", ["aa", "crates", "zebra"])
def test_its_addresses_stand_where_the_program_would_list_them(tree, name):
    """What src/app/serving/routes_document_test.cpp makes of the program's own tables, when it is built."""
    before = (tree / ADDRESSES).read_text().splitlines()
    done = new_format(tree, name, "Crates")
    assert done.returncode == 0, done.stdout
    after = (tree / ADDRESSES).read_text().splitlines()
    added = [line for line in after if line not in before]
    assert [line for line in after if line not in added] == before
    source = (tree / f"src/formats/{name}/{name}.cpp").read_text()
    file_path = re.search(r'file_path = "([^"]+)"', source).group(1)
    routes = re.findall(r'\{(\w+),\s+(file_path|"[^"]+"),\s+may\("([^"]+)"\)', source)
    assert len(routes) == source.count(" may(\"")
    methods = {"get": "GET", "put": "PUT", "del": "DELETE"}
    assert sorted(added) == sorted(f"| `{methods[method]} {file_path if path == 'file_path' else path[1:-1]}` | `{right}` |"
                                   for method, path, right in routes)
    rows = [re.match(r"\| `([A-Z]+) (\S+)` \|", line) for line in after[after.index("## Besides"):]]
    order = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]
    keys = [(row.group(2), order.index(row.group(1))) for row in rows if row]
    assert keys == sorted(keys) and len(keys) > len(added)


@pytest.mark.parametrize("arguments,said", [
    ([], "usage: ./dev new-format NAME TITLE"), (["crates"], "usage:"), (["a", "b", "c"], "usage:"), (["Crates", "Crates"], "lower-case"),
    (["9crates", "Crates"], "begins with a letter"), (["a/b", "Crates"], "lower-case"), (["x" * 32, "Crates"], "2 to 31"),
    (["http", "Crates"], "is there already"), (["blobs", "Blobs"], "means something else"), (["class", "Classes"], "a word of C++"),
    (["generic", "Crates"], "is there already"), (["crates", 'Crates", .x = "'], "title"), (["crates", "Crates\n"], "title")])
def test_what_cannot_be_a_format_is_refused(untouched, arguments, said):
    before = texts_of(untouched)
    done = new_format(untouched, *arguments)
    assert done.returncode == 1 and said in done.stdout, done.stdout
    assert texts_of(untouched) == before


def compile_command_of(commands: list[dict], source: str) -> list[str]:
    """How the build compiles it, without what it writes, and without headers that it compiled beforehand."""
    words = shlex.split(next(one["command"] for one in commands if one["file"] == str(ROOT / source)))
    if Path(words[0]).name == "ccache":
        words = words[1:]
    kept = []
    skipped = 0
    for at, word in enumerate(words):
        if skipped:
            skipped -= 1
        elif word in ("-o", "-MF", "-MT", "-MQ"):
            skipped = 1
        elif word == "-Xclang" and words[at + 1] in ("-include-pch", "-include"):
            skipped = 3
        elif word not in ("-c", "-MD", "-Winvalid-pch", str(ROOT / source)):
            kept.append(word)
    return kept


@pytest.mark.parametrize("source,like", [("src/formats/crates/crates.cpp", "src/formats/generic/generic.cpp"),
                                         ("src/formats/crates/crates_test.cpp", "src/formats/generic/generic_test.cpp"), (LIST, LIST)])
def test_what_is_made_compiles(made, binary, source, like):
    file = binary.parent / "compile_commands.json"
    if not file.exists():
        pytest.skip(f"{binary.parent} is not a build folder: no compile_commands.json in it")
    words = [word.replace(f"-I{ROOT}/src", f"-I{made}/src") for word in compile_command_of(json.loads(file.read_text()), like)]
    compiled = subprocess.run([*words, "-fsyntax-only", made / source], text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              cwd=binary.parent)
    assert compiled.returncode == 0, compiled.stdout
