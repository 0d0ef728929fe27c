"""A document for users, and the shell blocks in it: what a reader pastes is run as it stands, in one shell from the first to
the last, so that the document stays true."""
import re
import subprocess
import threading
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
BLOCK = re.compile(r"^( *)```(\w+)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
LIMIT_S = 120.0


def blocks_of(name: str, language: str) -> list[str]:
    text = (ROOT / "docs/user" / name).read_text()
    return [body for _, kind, body in BLOCK.findall(text) if kind == language]


class Shell:
    """`with Shell(folder, environment) as shell:` bash that ends at the first command that fails; everything that was
    printed so far is in `printed`."""

    def __init__(self, folder: Path, environment: dict[str, str]):
        self.folder, self.environment, self.printed = folder, environment, ""

    def __enter__(self):
        self.process = subprocess.Popen(["bash", "-euo", "pipefail"], cwd=self.folder, env=self.environment, text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait(timeout=LIMIT_S)

    def run(self, block: str) -> str:
        """What it printed; fails with that when a command failed."""
        guard = threading.Timer(LIMIT_S, self.process.kill)
        guard.start()
        try:
            self.process.stdin.write(block + "\nprintf '\\n\\0\\n'\n")
            self.process.stdin.flush()
            lines = []
            while (line := self.process.stdout.readline()) not in ("\0\n", ""):
                lines.append(line)
        finally:
            guard.cancel()
        printed = "".join(lines)
        self.printed += printed
        assert line, f"this failed:\n{block}\nand printed:\n{printed}"
        return printed


class Walk:
    """Runs a document's blocks one by one. `stands_for` says what a placeholder of the document is here: a text, or a
    function that makes it when it is needed. Each must be in the document."""

    def __init__(self, name: str, shell: Shell, stands_for: dict):
        self.blocks, self.shell, self.stands_for = blocks_of(name, "sh"), shell, stands_for
        assert self.blocks, f"docs/user/{name} has no shell blocks"
        for placeholder in stands_for:
            assert any(placeholder in block for block in self.blocks), f"docs/user/{name} no longer has {placeholder}"

    def run(self):
        """Yields each block as the reader sees it with what it printed, so that the test can look or do something."""
        for block in self.blocks:
            text = block
            for placeholder, value in self.stands_for.items():
                if placeholder in text:
                    text = text.replace(placeholder, value if isinstance(value, str) else value())
            yield block, self.shell.run(text)
