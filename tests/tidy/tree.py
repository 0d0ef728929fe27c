"""The repository as the house rules read it: files with their text, and the same text with comments and strings
blanked out, so that a rule about code never trips over prose."""
import dataclasses
import functools
import io
import re
import subprocess
import tokenize
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).resolve().parents[2]
# Inputs that parsers are fed with; nobody's prose or code.
DATA = re.compile(r"(^|/)(testdata|corpus|golden)/|\.(dict|bin|png|ico|woff2|pem|lock)$|(^|/)package-lock\.json$|^LICENSE$")

CPP_TOKENS = re.compile(
    r"""(?P<comment>//[^\n]*|/\*.*?\*/)
      | (?P<raw>R"(?P<mark>[^ ()\\\t\v\f\n]{0,16})\(.*?\)(?P=mark)")
      | (?P<include>(?m:^)[ \t]*\#[ \t]*include[^\n]*)
      | (?P<string>"(?:\\.|[^"\\\n])*")
      | (?P<number>\b\d(?:'?[\w.])*)
      | (?P<char>'(?:\\.|[^'\\\n])+')""", re.VERBOSE | re.DOTALL)
SHELL_TOKENS = re.compile(r"""(?P<string>"(?:\\.|[^"\\])*"|'[^']*')|(?P<comment>(?:(?<=\s)|(?m:^))\#[^\n]*)""")


def blank(text: str) -> str:
    return re.sub(r"[^\n]", " ", text)


@dataclasses.dataclass(frozen=True)
class Fault:
    path: str
    line: int
    message: str

    def __str__(self):
        return f"{self.path}:{self.line}: {self.message}"


class Source:
    def __init__(self, path: str, text: str):
        self.path = path
        self.text = text
        self.name = PurePosixPath(path).name
        self.lines = text.split("\n")[:-1] if text.endswith("\n") else text.split("\n")

    @property
    def kind(self) -> str:
        suffix = PurePosixPath(self.path).suffix
        if suffix in (".cpp", ".hpp"):
            return "cpp"
        if suffix == ".py" or re.match(r"#!.*python", self.text):
            return "python"
        if suffix == ".sh" or re.match(r"#!.*\b(ba)?sh\b", self.text):
            return "shell"
        return {".cmake": "cmake", ".md": "markdown"}.get(suffix, "cmake" if self.name == "CMakeLists.txt" else "other")

    @property
    def is_test(self) -> bool:
        return self.path.startswith("tests/") or self.name.endswith("_test.cpp")

    @functools.cached_property
    def _parts(self) -> tuple[str, str]:
        """The text without comments and strings, and the comments alone; line for line as in the file."""
        if self.kind == "cpp":
            return self._split(CPP_TOKENS, kept=("number",))
        if self.kind == "python":
            return self._split_python()
        if self.kind in ("shell", "cmake"):
            return self._split(SHELL_TOKENS)
        return self.text, ""

    @property
    def code(self) -> str:
        return self._parts[0]

    @property
    def comments(self) -> str:
        return self._parts[1]

    @functools.cached_property
    def includes(self) -> list[tuple[int, str, bool]]:
        """Line, file and whether it is one of ours ("quoted"), of each #include outside comments."""
        without_comments = CPP_TOKENS.sub(lambda token: blank(token[0]) if token["comment"] or token["raw"] else token[0], self.text)
        return [(without_comments.count("\n", 0, match.start()) + 1, match[2], match[1] == '"')
                for match in re.finditer(r'^[ \t]*#[ \t]*include[ \t]*(["<])([^">\n]+)[">]', without_comments, re.MULTILINE)]

    def fault(self, line: int, message: str) -> Fault:
        return Fault(self.path, line, message)

    def find(self, pattern: str, text: str | None = None):
        """Line and match of a pattern in the code, or in another text of the same lines."""
        text = self.code if text is None else text
        for match in re.finditer(pattern, text, re.MULTILINE):
            yield text.count("\n", 0, match.start()) + 1, match

    def _split(self, tokens, kept=()):
        comments, end = [], 0
        code = []
        for token in tokens.finditer(self.text):
            between = self.text[end:token.start()]
            code += [between, token[0] if token.lastgroup in kept else blank(token[0])]
            comments += [blank(between), token[0] if token.lastgroup == "comment" else blank(token[0])]
            end = token.end()
        return "".join(code) + self.text[end:], "".join(comments) + blank(self.text[end:])

    def _split_python(self):
        code, comments = [list(line) for line in self.lines], [list(blank(line)) for line in self.lines]
        previous = tokenize.NEWLINE
        for token in tokenize.generate_tokens(io.StringIO(self.text).readline):
            is_docstring = token.type == tokenize.STRING and previous in (tokenize.NEWLINE, tokenize.INDENT, tokenize.NL, tokenize.COMMENT)
            if token.type in (tokenize.STRING, tokenize.COMMENT):
                self._move(code, comments if token.type == tokenize.COMMENT or is_docstring else None, token)
            previous = token.type
        return "\n".join(map("".join, code)), "\n".join(map("".join, comments))

    @staticmethod
    def _move(code, comments, token):
        (first, start), (last, end) = token.start, token.end
        for row in range(first - 1, last):
            left = start if row == first - 1 else 0
            right = end if row == last - 1 else len(code[row])
            if comments is not None:
                comments[row][left:right] = code[row][left:right]
            code[row][left:right] = " " * (right - left)


class Tree:
    """A set of sources: the repository's, or a few planted ones that show that a rule can fail."""

    def __init__(self, files: dict[str, str]):
        self.sources = [Source(path, text) for path, text in sorted(files.items())]

    def of_kind(self, *kinds, under="") -> list[Source]:
        return [source for source in self.sources if source.kind in kinds and source.path.startswith(under)]

    def find(self, path: str) -> Source | None:
        return next((source for source in self.sources if source.path == path), None)


@functools.cache
def repository_paths() -> tuple[str, ...]:
    """What belongs to the repository, new files too; a source archive without .git is walked."""
    listing = subprocess.run(["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                             cwd=ROOT, capture_output=True, check=False)
    if listing.returncode == 0:
        paths = listing.stdout.decode().split("\0")[:-1]
    else:
        paths = [str(path.relative_to(ROOT)) for path in ROOT.rglob("*") if path.is_file()]
        paths = [path for path in paths if not re.match(r"(build|data|\.git)/|.*(__pycache__|node_modules)/", path)]
    return tuple(path for path in paths if (ROOT / path).is_file())


@functools.cache
def repository() -> Tree:
    files = {}
    for path in repository_paths():
        if not DATA.search(path):
            try:
                files[path] = (ROOT / path).read_text()
            except UnicodeDecodeError:
                pass  # not a text
    return Tree(files)
