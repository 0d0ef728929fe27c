"""Rules that keep documents, limits and fuzz harnesses true to the code."""
import posixpath
import re

from tidy.measure import cpp_functions
from tidy.rules import rule
from tidy.tree import Fault, repository, repository_paths

LIMITS = "src/base/limits.hpp"
TENANT_LIMITS = "src/base/tenant_limits.hpp"
UNITS = {"kib", "mib", "gib"}  # what the limits are written in


def has_path(tree, path) -> bool:
    """Whether a file or folder exists: in the planted tree, or in the repository with its data files too."""
    if tree is not repository():
        return any(source.path == path or source.path.startswith(path + "/") for source in tree.sources)
    return path in repository_paths() or any(one.startswith(path + "/") for one in repository_paths())


@rule(catches=[{LIMITS: "inline constexpr std::size_t forgotten_bytes = 1;\n", "src/http/x.cpp": "int x = limits::other_bytes;\n"},
               {TENANT_LIMITS: "inline constexpr std::int64_t forgotten_rows = 1;\n", "src/http/x.cpp": "int x = limits::other_bytes;\n"}],
      allows=[{LIMITS: "inline constexpr std::size_t kib = 1024;\ninline constexpr auto head_bytes = 32 * kib;\n", "src/http/x.cpp": "int x = limits::head_bytes;\n"}])
def limits_are_used(tree):
    sources = list(tree.of_kind("cpp", under="src/"))
    headers = [source for source in sources if re.fullmatch(r"src/base/(\w+_)?limits\.hpp", source.path)]
    code = "\n".join(source.code for source in sources if source not in headers and not source.is_test)
    for limits in headers:
        for line, match in limits.find(r"^inline constexpr [\w:]+ (\w+) ="):
            if match[1] not in UNITS and not re.search(rf"\blimits::{match[1]}\b", code):
                yield limits.fault(line, f"limits::{match[1]} is used nowhere: enforce it or remove it")


@rule(catches=[{"ARCHITECTURE.md": "Then `render_page()` runs.\n", "src/base/x.cpp": "// render_page() went away.\n"},
               {"ARCHITECTURE.md": "Then `render_page()` runs.\n", "src/base/x.cpp": "int main() {\n    return render_page();\n}\n"},
               {"ARCHITECTURE.md": "Then `Router::find()` runs.\n", "src/base/x.cpp": "int Table::find() {\n}\nint main() {\n    return router.find();\n}\n"}],
      allows=[{"ARCHITECTURE.md": "Then `Router::find()`, `Door::open()` and `render_page(request)` run.\n",
               "src/base/x.cpp": "Page Router::find() {\n}\nint render_page (int x);\nclass Door : Wall {\n  public:\n    void open();\n};\n"}])
def architecture_names_what_exists(tree):
    """What is named has to be defined or declared so: a call, or another class's function of that name, is not it."""
    code = "\n".join(source.code for source in tree.of_kind("cpp", under="src/"))
    document = tree.find("ARCHITECTURE.md")
    for line, match in document.find(r"`(?:(\w+)::)?([\w~]+)\([^`]*\)`", document.text) if document else ():
        if not is_declared(code, match[1], match[2]):
            name = "::".join(filter(None, match.groups()))
            yield document.fault(line, f"{name}() does not exist in src: the walk through the code has to follow it")


def is_declared(code: str, owner: str | None, name: str) -> bool:
    """Functions of a namespace begin at the margin, members stand in the braces of their class, calls do neither."""
    if owner is None:
        return bool(re.search(rf"^\w[^\n;=]*?\b{name}\s*\(", code, re.MULTILINE))
    bodies = re.findall(rf"^(?:class|struct) {owner}\b[^;{{]*\{{\n(.*?)^\}};", code, re.MULTILINE | re.DOTALL)
    defined = re.search(rf"^\w[^\n;=]*\b{owner}::{name}\s*\(|^{owner}::{name}\s*\(", code, re.MULTILINE)
    return bool(defined) or any(re.search(rf"^    \w[^\n;=]*?\b{name}\s*\(", body, re.MULTILINE) for body in bodies)


@rule(catches=[{"docs/x.md": "[here](gone.md)\n"}, {"README.md": "[here](docs/gone.md#part)\n"}, {"README.md": "[here]: docs/gone.md\n"},
               {"docs/x.md": "# One\n[here](#two)\n"}],
      allows=[{"docs/x.md": "# A part: two\n[a](y.md) [b](https://example/x) [c](#a-part-two) [d](../docs/y.md#z)\n```\n[e](gone.md)\n```\n", "docs/y.md": "\n"}])
def links_lead_somewhere(tree):
    for document in tree.of_kind("markdown"):
        text = re.sub(r"^```.*?^```|`[^`\n]*`", lambda code: re.sub(r"[^\n]", " ", code[0]), document.text, flags=re.MULTILINE | re.DOTALL)
        anchors = {anchor_of(match[1]) for _, match in document.find(r"^#+ +(.*)$", document.text)}
        for line, match in document.find(r"\]\(<?([^)\s>]+)>?[^)]*\)|^\[[^\]]+\]: +(\S+)", text):
            target, _, anchor = (match[1] or match[2]).partition("#")
            if re.match(r"[a-z]+:", target):
                continue
            path = posixpath.normpath(posixpath.join(posixpath.dirname(document.path), target)) if target else document.path
            if not has_path(tree, path) or (not target and anchor not in anchors):
                yield document.fault(line, f"the link to {match[1] or match[2]} leads nowhere")


@rule(catches=[{"docs/x.md": "| a | b |\n|---|---|\n| 1 | 2 |\n\n| 3 | 4 |\n"}, {"README.md": "Text\n\n| 3 | 4 |\nmore\n"}],
      allows=[{"docs/x.md": "| a | b |\n|---|---|\n| 1 | 2 |\n| 3 | 4 |\n\n```\n| no table\n```\n\nText | and\n\n| a |\n| :-: |\n| 1 |\n"}])
def tables_have_heads(tree):
    """Rows after an empty line are text with strokes in it."""
    for document in tree.of_kind("markdown"):
        text = re.sub(r"^```.*?^```", lambda code: re.sub(r"[^\n]", " ", code[0]), document.text, flags=re.MULTILINE | re.DOTALL)
        for line, match in document.find(r"(?:^\|.*\n?)+", text):
            if not re.match(r"\|.*\n\|[ :|-]+\|? *$", match[0], re.MULTILINE):
                yield document.fault(line, "a table's rows without its head: is there an empty line before them?")


def anchor_of(heading: str) -> str:
    """How a heading is addressed: lower case, words joined by hyphens, no punctuation."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


@rule(catches={"docs/adr/0001-one.md": "\n", "docs/adr/README.md": "[2](0002-two.md)\n"}, allows=[{"docs/adr/0001-one.md": "\n", "docs/adr/README.md": "[1](0001-one.md)\n"}])
def decisions_are_listed(tree):
    index = tree.find("docs/adr/README.md")
    for document in tree.of_kind("markdown", under="docs/adr/"):
        if document is not index and (index is None or f"({document.name})" not in index.text):
            yield document.fault(1, "this decision is not linked in docs/adr/README.md")


@rule(catches=[{"fuzz/path_fuzz.cpp": "\n"}, {"fuzz/corpus/path_fuzz/a": "x"}],
      allows=[{"fuzz/path_fuzz.cpp": "\n", "fuzz/corpus/path_fuzz/a": "x"}])
def fuzz_harnesses_have_seeds(tree):
    harnesses = {match[1]: source for source in tree.sources if (match := re.fullmatch(r"fuzz/(\w+_fuzz)\.cpp", source.path))}
    for name, source in harnesses.items():
        if not has_path(tree, f"fuzz/corpus/{name}"):
            yield source.fault(1, f"fuzz/corpus/{name} does not exist: start the fuzzer from inputs that mean something")
    paths = repository_paths() if tree is repository() else [source.path for source in tree.sources]
    for name in sorted({path.split("/")[2] for path in paths if re.match(r"fuzz/corpus/\w+/", path)} - set(harnesses)):
        yield Fault(f"fuzz/corpus/{name}", 1, "these seeds belong to no harness")


@rule(catches=[{"src/http/x.hpp": "namespace a {\nstd::optional<int> parse_size(std::string_view text);\n}\n", "fuzz/x_fuzz.cpp": "parse_other(text);\n"}],
      allows=[{"src/http/x.hpp": "namespace a {\nint parse_size(int x);\nclass B {\n    int parse_inside(int x);\n};\n}\n", "fuzz/x_fuzz.cpp": "http::parse_size(text);\n"}])
def parsers_are_fuzzed(tree):
    fuzzed = "\n".join(source.code for source in tree.of_kind("cpp", under="fuzz/"))
    for source in tree.of_kind("cpp", under="src/"):
        if not source.path.endswith(".hpp"):
            continue
        for line, match in free_functions(source, r"\b(parse_\w+)\s*\("):
            if not re.search(rf"\b{match[1]}\s*[(<]", fuzzed):
                yield source.fault(line, f"{match[1]}() is fuzzed nowhere: call it from a harness in fuzz/")


def free_functions(source, pattern):
    """Matches that stand in a namespace or outside, not in a class or a function body."""
    inside = set()
    for _, first, length in cpp_functions(source.code):
        inside.update(range(first + 1, first + length))
    for match in re.finditer(r"^(?:class|struct|union)\b[^;{]*\{", source.code, re.MULTILINE):
        end = source.code.find("\n}", match.end())
        inside.update(range(source.code.count("\n", 0, match.start()) + 1, source.code.count("\n", 0, end) + 2))
    return ((line, match) for line, match in source.find(pattern) if line not in inside)
