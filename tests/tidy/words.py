"""Rules about words: how files begin, which names are too vague to use, and what may not be written anywhere."""
import re

from tidy.floors import ROOMS
from tidy.rules import rule

# Joined here so that this file does not contain what it bans.
BANNED_NOTES = ["TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK"]
PUBLIC_HOSTS = [f"{name}.{domain}" for name, domain in [
    ("npmjs", "org"), ("npmjs", "com"), ("yarnpkg", "com"), ("pypi", "org"), ("pythonhosted", "org"), ("crates", "io"), ("rubygems", "org"),
    ("maven", "org"), ("maven.apache", "org"), ("docker", "io"), ("docker", "com"), ("ghcr", "io"), ("quay", "io"), ("gcr", "io"),
    ("proxy.golang", "org"), ("sum.golang", "org"), ("nuget", "org"), ("packagist", "org"), ("huggingface", "co"), ("hex", "pm"),
    ("pub", "dev"), ("anaconda", "org"), ("r-project", "org"), ("registry.terraform", "io"), ("galaxy.ansible", "com"),
    ("artifacthub", "io"), ("deb.debian", "org"), ("alpinelinux", "org"), ("modelcontextprotocol", "io"), ("luarocks", "org"), ("cocoapods", "org")]]
COMMENT_MARKS = {".cpp": "//", ".hpp": "//", ".ts": "//", ".js": "//", ".mjs": "//", ".css": "/*", ".sql": "--", ".html": "<!--", ".svelte": "<!--",
                 ".py": '"""', ".sh": "#", ".cmake": "#", ".toml": "#", ".yml": "#", ".yaml": "#", ".ini": "#", ".cfg": "#", ".service": "#",
                 ".clang-format": "#", ".clang-tidy": "#", "CMakeLists.txt": "#", "Dockerfile": "#", "exceptions.txt": "#"}
VAGUE_PARTS = {"manager", "managers", "helper", "helpers", "util", "utils", "utility", "utilities"}
# Names that a language or library insists on.
FOREIGN_NAMES = {"get_return_object", "get_executor", "get_allocator"}


def mark_of(source) -> str | None:
    if source.text.startswith("#!"):
        return '"""' if source.kind == "python" else "#"
    for ending, mark in COMMENT_MARKS.items():
        if source.name.endswith(ending):
            return mark
    return None


def first_comment(source, mark) -> str:
    """The first block of comment lines, without its marks."""
    body = re.sub(r"\A#!.*\n|\A<!doctype[^>]*>\s*", "", source.text, flags=re.IGNORECASE)
    if mark in ("/*", "<!--", '"""'):
        end = {"/*": "*/", "<!--": "-->", '"""': '"""'}[mark]
        match = re.match(rf"\s*{re.escape(mark)}(.*?){re.escape(end)}", body, re.DOTALL)
        if match:
            return match[1].strip()
        mark = "//" if mark == "/*" else "#"
    match = re.match(rf"(?:{re.escape(mark)}[^\n]*\n?)+", body)
    return re.sub(rf"^{re.escape(mark)}+", "", match[0], flags=re.MULTILINE).strip() if match else ""


@rule(catches=[{"src/base/x.cpp": "#include <string>\n"}, {"src/base/x.hpp": "// x.hpp\n"}, {"src/base/x.hpp": "// What this is for\n"}, {"tests/x.py": "import os\n"}, {"web/x.ts": "let x = 1;\n"},
               {"dev": "#!/usr/bin/env bash\nset -e\n"}, {"cmake/X.cmake": "# Set up\n"}],
      allows=[{"src/base/x.cpp": "// What this file is for.\n"}, {"src/base/x.cpp": "// Numbers as they write them.\n// https://example/spec\n"}, {"dev": "#!/usr/bin/env bash\n# What it is for.\n"},
              {"tests/x.py": '"""What it is for."""\n'}, {"web/x.html": "<!doctype html>\n<!-- What it is for. -->\n"}, {"data.json": "{}\n"}])
def files_say_what_they_are_for(tree):
    for source in tree.sources:
        mark = mark_of(source)
        if mark is None or not source.text.strip():
            continue
        opening = first_comment(source, mark)
        paragraph = re.split(r"\n\s*\n", opening)[0]
        # A sentence ends somewhere in it; an address of a specification may follow.
        if len(paragraph.split()) < 4 or not re.search(r"[.!?)…](\s|$)|\bhttps?://\S+", paragraph):
            yield source.fault(1, "a file without an opening is banned, begin with a comment that says in a sentence what the file is for")


@rule(catches={"src/base/x.hpp": "// A header without its guard.\nint x;\n"}, allows=[{"src/base/x.hpp": "// One.\n#pragma once\n"}])
def headers_are_included_once(tree):
    for source in tree.of_kind("cpp"):
        if source.path.endswith(".hpp") and not re.search(r"^#pragma once$", source.code, re.MULTILINE):
            yield source.fault(1, "a header without a guard is banned, use #pragma once")


def words_of(identifier: str) -> set[str]:
    return {part.lower() for part in re.findall(r"[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])", identifier)}


@rule(catches=[{"src/base/x.cpp": "int get_size();\n"}, {"src/base/x.cpp": "void process_all() {}\n"}, {"src/base/x.cpp": "void do_it();\n"},
               {"src/base/x.cpp": "void handle_request();\n"}, {"src/base/x.cpp": "class KeyManager;\n"}, {"src/base/x.cpp": "auto url_helper = 1;\n"},
               {"src/base/string_utils.hpp": "\n"}, {"src/common/x.hpp": "\n"}, {"src/base/x.hpp": "namespace common {\n"}, {"src/base/x.hpp": "namespace a::detail_util {\n"},
               {"tests/x.py": "def get_it(): pass\n"}, {"dev": "#!/bin/bash\nhandle_it() { :; }\n"}],
      allows=[{"src/base/process_metrics.cpp": "#include <utility>\n// A manager.\nauto x = std::get_if<int>(&y); z.get_executor(); std::get_time(a, b);\n"}])
def names_say_something(tree):
    for source in tree.sources:
        for part in re.split(r"[/.]", source.path):
            if part == "common" or words_of(part) & VAGUE_PARTS:
                yield source.fault(1, f"'{part}' is banned in a path, use a name for what is in it")
        if source.kind in ("cpp", "python", "shell"):
            yield from vague_identifiers(source)


def vague_identifiers(source):
    # A call of somebody else's function stands behind a dot, an arrow or a namespace; a declaration of ours does not.
    declared = {"cpp": r"(?<![\w.>:])((?:get|handle|process|do)_[a-z]\w*)\s*\(", "python": r"\bdef ((?:get|handle|process|do)_[a-z]\w*)",
                "shell": r"^((?:get|handle|process|do)_\w+)\(\)"}[source.kind]
    for line, match in source.find(declared):
        if match[1] not in FOREIGN_NAMES:
            yield source.fault(line, f"{match[1]}() is banned, use a verb that says what it does: find_, list_, parse_, render_, open_, make_, check_ or none")
    if source.kind == "cpp":
        for line, match in source.find(r"(?<![\w:.>])[A-Za-z_]\w*"):
            if words_of(match[0]) & VAGUE_PARTS:
                yield source.fault(line, f"{match[0]} is banned, use a name for what it is: managers, helpers and utils collect everything")
        for line, match in source.find(r"\bnamespace\s+([\w:]+)"):
            if "common" in match[1].split("::") or words_of(match[1]) & VAGUE_PARTS:
                yield source.fault(line, f"namespace {match[1]} is banned, use the folder's name")


@rule(catches=[{"src/http/x.cpp": "// A.\nnamespace lodestone::app {\n}\n"}, {"src/base/x.cpp": "namespace lodestone::base {\n}\n"},
               {"src/http/wire/x.cpp": "namespace lodestone::http::wire {\n}\n"}],
      allows=[{"src/http/wire/x.cpp": "namespace lodestone::http {\nnamespace {\n}\n}\n"}, {"src/base/x.cpp": "namespace lodestone::limits {\n}\nnamespace std {\n}\n"},
              {"src/app/x.cpp": "namespace lodestone {\nclass Log;\n}\nnamespace lodestone::app {\n}\n"}])
def namespaces_are_folders(tree):
    for source in tree.of_kind("cpp", under="src/"):
        parts = source.path.split("/")
        found = list(source.find(r"^namespace (lodestone[\w:]*)"))
        if len(parts) < 3 or not found:
            continue
        # base has no namespace of its own, and neither have the rooms of a folder.
        own = "lodestone" if parts[1] == "base" else "::".join(["lodestone", *(parts[1:2] if parts[1] in ROOMS else parts[1:-1])])
        banned = {"lodestone::base", *(f"lodestone::{parts[1]}::{room}" for room in ROOMS.get(parts[1], ()))}
        if wrong := next((match for _, match in found if match[1] in banned), None):
            yield source.fault(found[0][0], f"namespace {wrong[1]} is banned, use {own}: base and rooms need no name of their own")
        elif not any(match[1] == own or match[1].startswith(own + "::") or own.startswith(match[1] + "::") and match[1] != "lodestone" for _, match in found):
            yield source.fault(found[0][0], f"namespace {found[0][1][1]} is banned here, use {own}: a namespace is a folder")


@rule(catches=[{"tests/support/x.hpp": "// A.\nnamespace lodestone::testing {\n}\n"}],
      allows=[{"tests/support/x.hpp": "// A.\nnamespace lodestone::test {\n}\n"}, {"src/base/x_test.cpp": "using testing::HasSubstr;\n"}])
def test_support_has_one_namespace(tree):
    for source in tree.of_kind("cpp"):
        for line, _ in source.find(r"^namespace lodestone::testing\b"):
            yield source.fault(line, "namespace lodestone::testing is banned, use lodestone::test: it would hide GoogleTest's own")


@rule(catches=[{"src/base/x_test.cpp": "std::this_thread::sleep_for(1s);\n"}, {"tests/x.py": "time.sleep(1)\n"}, {"tests/x.sh": "sleep 2\n"},
               {"tests/x.py": "from time import sleep\n"}, {"src/base/x_test.cpp": "usleep(10);\n"}],
      allows=[{"tests/x.py": '"""Never time.sleep(1)."""\n'}, {"src/base/x_test.cpp": "// sleep_for would be wrong\n"}])
def tests_do_not_sleep(tree):
    pattern = {"cpp": r"\b(sleep_for|sleep_until|usleep|nanosleep|sleep)\s*\(", "python": r"\b(time\.sleep|asyncio\.sleep|import sleep)\b",
               "shell": r"(?:^|[;&|(]|\bdo\b|\bthen\b)\s*(sleep)\b"}
    for source in tree.of_kind("cpp", "python", "shell"):
        if source.is_test:
            for line, match in source.find(pattern[source.kind]):
                yield source.fault(line, f"{match[1]} is banned in tests, use a wait for the event itself (a log line, a byte, an exit)")


@rule(catches=[{"src/base/x.cpp": "int x;  // NOLINT\n"}, {"src/base/x.cpp": "int x;  // NOLINT(bugprone-thing)\n"}, {"src/base/x.cpp": "// NOLINTNEXTLINE: because\n"},
               {"src/base/x.cpp": "// clang-format off\n"}, {"dev": "#!/bin/bash\n# shellcheck disable=SC2086\n"}],
      allows=[{"src/base/x.cpp": "int x;  // NOLINT(bugprone-thing): the kernel's own spelling\n// clang-format off: a table\n// clang-format on\n"},
              {"dev": "#!/bin/bash\n# shellcheck disable=SC2086 # split on purpose\n"}])
def switched_off_checks_have_a_reason(tree):
    wanted = [("cpp", r"\bNOLINT(NEXTLINE|BEGIN)?\b", r"NOLINT\w*\([\w.,*-]+\):? +\S+ +\S+", "NOLINT", "NOLINT(check-name): reason"),
              ("cpp", r"clang-format off", r"clang-format off: +\S+", "clang-format off", "clang-format off: reason"),
              ("shell", r"shellcheck disable", r"shellcheck [^#]*disable=\S+ +# +\S+", "shellcheck disable", "shellcheck disable=SC… # reason"),
              ("python", r"# noqa", r"# noqa: ?\w+:? +\S+", "noqa", "noqa: code: reason")]
    for kind, pattern, right, banned, form in wanted:
        for source in tree.of_kind(kind):
            for line, _ in source.find(pattern, source.comments):
                if not re.search(right, source.lines[line - 1]):
                    yield source.fault(line, f"{banned} alone is banned, use `{form}`")


@rule(catches=[{"src/base/x.cpp": f"// {note}: later\n"} for note in BANNED_NOTES], allows=[{"src/base/x.cpp": 'auto name = "/tmp/x-XXXXXX";\n'}])
def notes_to_self_are_issues(tree):
    for source in tree.sources:
        for line, match in source.find(rf"\b({'|'.join(BANNED_NOTES)})\b", source.text):
            yield source.fault(line, f"{match[0]} is banned, use an issue, or do it now")


@rule(catches=[{"docs/x.md": f"See https://registry.{PUBLIC_HOSTS[0]}/.\n"}, {"src/base/x.cpp": f'auto host = "{PUBLIC_HOSTS[3]}";\n'}],
      allows=[{"docs/x.md": "See https://registry.example/ and https://www.rfc-editor.org/.\n"}])
def public_registries_are_not_named(tree):
    pattern = r"(?<![\w-])((?:[\w-]+\.)*(?:" + "|".join(map(re.escape, PUBLIC_HOSTS)) + r"))(?![\w-])"
    for source in tree.sources:
        for line, match in source.find(pattern, source.text):
            yield source.fault(line, f"{match[1]} is banned, use upstream.example or registry.example: an upstream is configuration")


@rule(catches=[{"docs/x.md": "Look into /" + "work/main first.\n"}, {"dev": "cd /" + "home/me/src\n"}],
      allows=[{"docs/x.md": "GET https://registry.example/work/1\n"}])
def paths_of_one_machine_are_not_written(tree):
    for source in tree.sources:
        for line, match in source.find(r"(?<![\w.~/$}-])/(?:work|root|home/\w+|tmp/(?:wt|brief))/\w+", source.text):
            yield source.fault(line, f"{match[0]} is banned, use a path inside the repository")
