"""Much at once, straight into the database of a server that does not run: what would take hours to push. The rows are as
the program writes them; the first of each kind was pushed, and is repeated under other names."""
import hashlib
import sqlite3
import time
from pathlib import Path

TENANT = "default"
FIRST_ID = 1 << 40  # below all that the program makes: those are microseconds since 2020, and twelve bits more
COLLECTED_BYTES = b"x" * 64
NUMBERS = "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ?) "


def now_us() -> int:
    return time.time_ns() // 1000


def open_database(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=60)
    connection.execute("PRAGMA cache_size = -500000")
    return connection


def tag_name(number: int) -> str:
    return f"tag-{number:06d}"


def image_name(number: int) -> str:
    return f"image-{number:06d}"


def add_tags(path: Path, image: str, count: int):
    """So many more tags of the image's one version, and so many more images beside it."""
    with open_database(path) as connection:
        connection.execute(NUMBERS + """
            INSERT INTO tags (tenant_id, repository_id, package_id, name, version_id, version_name, updated_at, updated_by)
            SELECT t.tenant_id, t.repository_id, t.package_id, printf('tag-%06d', n), t.version_id, t.version_name, t.updated_at, t.updated_by
            FROM numbers, (SELECT t.* FROM tags AS t JOIN packages AS p ON p.id = t.package_id WHERE p.name = ? LIMIT 1) AS t""", (count, image))
        connection.execute(NUMBERS + """
            INSERT INTO packages (tenant_id, repository_id, id, number, name, name_key, description, keywords, metadata, version,
                                  created_at, created_by, updated_at, updated_by)
            SELECT tenant_id, repository_id, printf('01900000-0000-7000-8000-%012d', n), ? + n, printf('image-%06d', n), printf('image-%06d', n),
                   description, keywords, metadata, version, created_at, created_by, updated_at, updated_by
            FROM numbers, (SELECT * FROM packages WHERE name = ?)""", (count, FIRST_ID, image))
    connection.close()


def add_needed_blobs(path: Path, count: int):
    """Blobs that versions need; their bytes nobody asks for."""
    with open_database(path) as connection:
        connection.execute(NUMBERS + "INSERT INTO blobs (id, sha256, size_bytes, state, state_at, created_at) "
                           "SELECT ? + n, randomblob(32), 4096, 'live', ?, ? FROM numbers", (count, FIRST_ID, now_us(), now_us()))
        connection.execute("INSERT INTO blob_uses (tenant_id, owner, blob_id) SELECT ?, id, id FROM blobs WHERE id BETWEEN ? AND ?",
                           (TENANT, FIRST_ID, FIRST_ID + count))
    connection.close()


def add_garbage(path: Path, folder: Path, count: int):
    """Blobs that nobody needs: so many whose grace is over, with their files, and as many that were just found."""
    now, made = now_us(), set()
    condemned = []
    for number in range(count):
        sha256 = hashlib.sha256(number.to_bytes(8, "big")).digest()
        place = folder / sha256.hex()[:2]
        if place not in made:
            place.mkdir(parents=True, exist_ok=True)
            made.add(place)
        (place / f"{sha256.hex()}-{FIRST_ID + number:016x}").write_bytes(COLLECTED_BYTES)
        condemned.append((FIRST_ID + number, sha256, len(COLLECTED_BYTES), "condemned", now, now - count + number, now))
    insert = "INSERT INTO blobs (id, sha256, size_bytes, state, state_at, review_at, created_at) "
    with open_database(path) as connection:
        connection.executemany(insert + "VALUES (?, ?, ?, ?, ?, ?, ?)", condemned)
        connection.execute(NUMBERS + insert + "SELECT ? + n, randomblob(32), 64, 'live', ?, ? + n, ? FROM numbers",
                           (count, FIRST_ID + count, now, now - count, now))
        connection.execute("DELETE FROM chores WHERE name = 'blobs.collect'")  # or it waits for its turn
    connection.close()


def is_garbage_left(path: Path) -> bool:
    """Whether the collector has something to look at, while it may be at it."""
    connection = sqlite3.connect(path, timeout=60)
    found = connection.execute("SELECT 1 FROM blobs WHERE review_at <= ? LIMIT 1", (now_us(),)).fetchone()
    connection.close()
    return found is not None


def count_garbage(path: Path) -> dict[str, int]:
    """Of what add_garbage() put there, by state."""
    connection = sqlite3.connect(path, timeout=60)
    counts = connection.execute("SELECT state, count(*) FROM blobs WHERE id < ? GROUP BY state", (1 << 50,)).fetchall()
    connection.close()
    return dict(counts)
