"""Text for packages that are made up: the same for the same seed, and packed to about half."""
import random

VOCABULARY_WORDS = 3000
LETTERS = "etaoinshrdlucmfwypvbgkjqxz"


def write_text(size_bytes: int, seed: int = 1) -> bytes:
    source = random.Random(seed)
    vocabulary = ["".join(source.choices(LETTERS[:16], k=source.randint(2, 9))) for _ in range(VOCABULARY_WORDS)]
    lines, size = [], 0
    while size < size_bytes:
        line = " ".join(source.choices(vocabulary, k=12)) + "\n"
        lines.append(line)
        size += len(line)
    return "".join(lines).encode()[:size_bytes]
