"""Rules about size: files, functions, comments, and the few places that may catch or spawn. Exceptions stand in
exceptions.txt, a ratchet that only shrinks."""
from collections import Counter

from tidy.measure import comment_share, function_lengths
from tidy.ratchet import LIST, Excess, check_ratchet
from tidy.rules import rule
from tidy.tree import Fault

FILE_CEILING = 500
FUNCTION_CEILING = 70
COMMENT_SHARE = (0.05, 0.25)  # the aim is 0.12 to 0.18
COMMENT_MIN_LINES = 300  # a smaller folder says nothing yet
MEASURED = ("cpp", "python", "shell", "cmake")


LONG = "// Long.\n" + "int x;\n" * 505
@rule(catches=[{"src/base/x.cpp": LONG}, {"src/base/x.cpp": LONG, LIST: "file src/base/x.cpp 505 grew\n"},
               {"src/base/x.cpp": LONG, LIST: "file src/base/x.cpp 507 shrank\n"}, {LIST: "file src/base/x.cpp 510 gone\n"}],
      allows=[{"src/base/x.cpp": LONG, LIST: "file src/base/x.cpp 506 a table\n"}])
def files_have_a_ceiling(tree):
    def excesses():
        for source in tree.of_kind(*MEASURED):
            if len(source.lines) > FILE_CEILING:
                yield Excess(source.path, len(source.lines), source.fault(1, f"{len(source.lines)} lines, the ceiling is {FILE_CEILING}: find the two ideas in it"))
    yield from check_ratchet(tree, "file", excesses())


BODY = "    step();\n" * 71
@rule(catches=[{"src/base/x.cpp": "namespace a {\nvoid long_one(int x) {\n" + BODY + "}\n}\n"},
               {"src/base/x.cpp": "class A {\n  A(int b) : b_{b}, c_{b} {\n" + BODY + "  }\n};\n"},
               {"src/base/x.cpp": "struct alignas(64) A {\n  int f() const noexcept {\n" + BODY + "  }\n};\n"},
               {"tests/x.py": "def f():\n" + BODY}, {"dev": "#!/usr/bin/env bash\nf() {\n" + BODY + "}\n"},
               {"src/base/x_test.cpp": "TEST(A, b) {\n" + BODY + "}\n", LIST: "function src/base/x_test.cpp:A.b 72 grew\n"}],
      allows=[{"src/base/x.cpp": "namespace a {\nclass B {\n" + "    void f() { g(); }\n" * 80 + "};\n}\n"},
              {"src/base/x_test.cpp": "TEST(A, b) {\n" + BODY + "}\n", LIST: "function src/base/x_test.cpp:A.b 73 a table\n"}])
def functions_have_a_ceiling(tree):
    def excesses():
        for source in tree.of_kind(*MEASURED):
            for name, line, length in function_lengths(source):
                if length > FUNCTION_CEILING:
                    yield Excess(f"{source.path}:{name}", length, source.fault(line, f"{name} has {length} lines, the ceiling is {FUNCTION_CEILING}: name its parts"))
    yield from check_ratchet(tree, "function", excesses())


def count_everywhere(tree, kind, pattern, advice):
    places = Counter()
    first = {}
    for source in tree.of_kind("cpp", under="src/"):
        if not source.is_test:
            for line, _ in source.find(pattern):
                places[source.path] += 1
                first.setdefault(source.path, source.fault(line, advice))
    yield from check_ratchet(tree, kind, [Excess(path, number, first[path]) for path, number in places.items()])


@rule(catches=[{"src/http/x.cpp": "try {} catch (...) {}\n"}, {LIST: "catch src/http/x.cpp 1 gone\n"},
               {"src/http/x.cpp": "try {} catch (...) {} catch (...) {}\n", LIST: "catch src/http/x.cpp 1 a border\n"}],
      allows=[{"src/http/x.cpp": "try {} catch (...) {}\n", LIST: "catch src/http/x.cpp 1 a border\n"}, {"src/http/x.cpp": "// catch it\n"}])
def errors_are_caught_in_few_places(tree):
    yield from count_everywhere(tree, "catch", r"\bcatch\b", "catch is banned here, let it climb to serve() (or list the file in tests/tidy/exceptions.txt)")


@rule(catches=[{"src/http/x.cpp": "co_spawn(a, b, c);\n"}, {"src/http/x.cpp": "spawn_vital(a, b, c);\n"}],
      allows=[{"src/http/x_test.cpp": "co_spawn(a, b, c);\n"}, {"src/http/x.cpp": "#include <boost/asio/co_spawn.hpp>\n"}])
def coroutines_start_in_few_places(tree):
    yield from count_everywhere(tree, "co_spawn", r"\bco_spawn\b|(?<!void )\bspawn(?:_vital)?\(", "a coroutine starts here, await it (or list the file in tests/tidy/exceptions.txt)")


@rule(catches=[{"src/base/x.cpp": "// Only the first line.\n" + "int x;\n" * 400}, {"src/base/x.cpp": "// Noise.\nint x;\n" * 200}],
      allows=[{"src/base/x.cpp": ("// Why.\n" + "int x;\n" * 6) * 60}, {"src/base/x.cpp": "int x;\n" * 10}])
def folders_are_commented_with_measure(tree):
    folders = {}
    for source in tree.of_kind("cpp", under="src/"):
        if not source.is_test:
            folders.setdefault(source.path.rsplit("/", 1)[0], []).append(source)
    for folder, sources in folders.items():
        lines, share = comment_share(sources)
        if lines >= COMMENT_MIN_LINES and not COMMENT_SHARE[0] <= share <= COMMENT_SHARE[1]:
            yield Fault(folder, 1, f"{share:.0%} of its lines are comments; it should be 12 to 18 %, contracts and reasons")
