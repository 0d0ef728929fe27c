"""Many packages, straight into the database of a server that does not run: one that was published, with all that hangs on it,
again and again under names that differ in their number. Its rows are as the program wrote them, whatever its format is."""
import sqlite3
from pathlib import Path

from rows import FIRST_ID, open_database

ID_HEAD = 24  # of an id in text: what is before its last twelve digits


def name_of(number: int) -> str:
    """Of one length, and spelled alike in every format: what stands for it in any row can be put in its place."""
    return f"bench{number:06d}"


def clone_package(path: Path, first: int, count: int):
    """The package name_of(first), under as many more names as `count` says."""
    with open_database(path) as connection:
        connection.row_factory = sqlite3.Row
        package = connection.execute("SELECT * FROM packages WHERE name = ?", (name_of(first),)).fetchone()
        versions = connection.execute("SELECT * FROM versions WHERE package_id = ?", (package["id"],)).fetchall()
        ids = [package["id"], *(version["id"] for version in versions)]
        numbers = [package["number"], *(version["number"] for version in versions)]
        if len({one[:ID_HEAD] for one in ids}) != len(ids):
            raise RuntimeError("two ids begin alike: publish it anew")
        for table in list_tables(connection):
            rows = list_rows_of(connection, table, package, numbers)
            if rows:
                insert_clones(connection, table, rows, Clones(first, count, ids, numbers))
    connection.close()


def list_tables(connection) -> list[str]:
    """Those that have something of a package, packages first."""
    tables = [row["name"] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE '%STRICT%'")]
    named = [table for table in tables if table != "downloads"
             and "package_id" in {column["name"] for column in connection.execute(f"PRAGMA table_info({table})")}]
    return ["packages", *named, "package_blobs", "blob_uses"]


def list_rows_of(connection, table: str, package, numbers: list[int]) -> list[sqlite3.Row]:
    if table == "packages":
        return [package]
    if table == "package_blobs":
        return connection.execute("SELECT * FROM package_blobs WHERE package = ?", (package["number"],)).fetchall()
    if table == "blob_uses":
        return [row for number in numbers for row in connection.execute("SELECT * FROM blob_uses WHERE owner = ?", (number,))]
    return connection.execute(f"SELECT * FROM {table} WHERE package_id = ?", (package["id"],)).fetchall()


class Clones:
    """What stands in the rows of one clone for what stands in those of the package."""

    def __init__(self, first: int, count: int, ids: list[str], numbers: list[int]):
        self.range = range(first + 1, first + 1 + count)
        self._first, self._ids, self._numbers = name_of(first), ids, numbers

    def text(self, value: str, clone: int) -> str:
        value = value.replace(self._first, name_of(clone))
        for one in self._ids:
            if one in value:
                value = value.replace(one, f"{one[:ID_HEAD]}{clone:012x}")
        return value

    def number(self, value: int, clone: int) -> int:
        """Below all that the program makes."""
        return FIRST_ID + self._numbers.index(value) * (1 << 32) + clone if value in self._numbers else value


def insert_clones(connection, table: str, rows: list[sqlite3.Row], clones: Clones):
    columns = rows[0].keys()
    numbered = {"packages": {"number"}, "versions": {"number"}, "package_blobs": {"package", "version"}, "blob_uses": {"owner"}}.get(table, set())

    def clone_row(row, clone: int) -> list:
        return [clones.text(row[column], clone) if isinstance(row[column], str)
                else clones.number(row[column], clone) if column in numbered else row[column] for column in columns]

    places = ", ".join("?" * len(columns))
    connection.executemany(f"INSERT INTO {table} VALUES ({places})", (clone_row(row, clone) for clone in clones.range for row in rows))
