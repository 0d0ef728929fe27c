"""Sizes that the house rules put ceilings on: how long a function is, and how much of a folder is comment."""
import ast
import re

from tidy.tree import Source

CONTROL = re.compile(r"^\s*(else\s+)?(if|for|while|switch|catch|do|try|return|case|default)\b")
ATTRIBUTE = re.compile(r"\balignas\s*\([^)\n]*\)|\[\[[^\n]*?\]\]|\b(?:public|private|protected)\s*:(?!:)")
CONTAINER = re.compile(r"\b(namespace|class|struct|union|enum|extern)\b[^()]*$")


def function_lengths(source: Source) -> list[tuple[str, int, int]]:
    """Name, first line and number of lines of each function; nested ones belong to what they stand in."""
    if source.kind == "cpp":
        return cpp_functions(source.code)
    if source.kind == "python":
        return [(node.name, node.lineno, node.end_lineno - node.lineno + 1) for node in ast.walk(ast.parse(source.text))
                if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]
    if source.kind == "shell":
        # In quoted strings a brace may stand at the start of a line, in code it ends the function.
        return [(match[1], line, match[0].count("\n") + 1) for line, match in source.find(r"^([\w-]+)\(\) *[{(](?:[^\n]*[})]$|(?s:.*?)^[})])")]
    return []


def cpp_functions(code: str) -> list[tuple[str, int, int]]:
    """An estimate by braces: a body is a brace behind parentheses, in a namespace or class. It is exact for code
    that clang-format has laid out."""
    code = re.sub(r"^[ \t]*#(?:[^\n\\]|\\.|\\\n)*", lambda line: re.sub(r"[^\n]", " ", line[0]), code, flags=re.MULTILINE)
    functions, depth, open_function = [], 0, None
    containers = []  # whether each of those that are open is a list of values, where braces are no bodies
    header_start = 0
    for brace in re.finditer(r"[{};]", code):
        sign, position = brace[0], brace.start()
        if open_function:
            depth += {"{": 1, "}": -1, ";": 0}[sign]
            if depth == 0:
                name, start = open_function
                first, last = code.count("\n", 0, start) + 1, code.count("\n", 0, position) + 1
                open_function, header_start = None, position + 1
                functions.append([name, first, last - first + 1])
            continue
        header = ATTRIBUTE.sub(lambda one: " " * len(one[0]), code[header_start:position])
        if sign == "{":
            if containers and containers[-1]:
                containers.append(True)
            elif not header.strip(" \n,") and functions or header.strip().startswith(","):
                # The braces before this one were a member's initialiser: `: size_{0}, name_{name} {`.
                name, first, _ = functions.pop() if functions else ("?", code.count("\n", 0, position) + 1, 0)
                open_function, depth = (name, offset_of(code, first)), 1
            elif "(" in header and not CONTAINER.search(header) and not CONTROL.match(header):
                start = header_start + len(header) - len(header.lstrip())
                open_function, depth = (name_of(header), start), 1
            else:
                containers.append(header.rstrip().endswith("="))
        elif sign == "}" and containers:
            containers.pop()
        header_start = position + 1
    return [tuple(function) for function in functions]


def offset_of(code: str, line: int) -> int:
    lines = code.split("\n")
    return sum(len(one) + 1 for one in lines[:line - 1])


def name_of(header: str) -> str:
    match = re.search(r"\b(TEST\w*|TYPED_TEST\w*|BENCHMARK\w*)\s*\(([^)]*)\)", header)
    if match:
        return re.sub(r"\s*,\s*", ".", match[2].strip())
    match = re.search(r"([~\w:]+|operator\s*[^\s(]+)\s*\(", header)
    return match[1] if match else "?"


def comment_share(sources: list[Source]) -> tuple[int, float]:
    """Lines that are not empty, and which share of them holds a comment."""
    lines = sum(1 for source in sources for line in source.lines if line.strip())
    commented = sum(1 for source in sources for line in source.comments.split("\n") if line.strip())
    return lines, commented / lines if lines else 0.0
