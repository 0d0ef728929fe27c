"""The list of exceptions from the house rules: exact numbers, so that what is in it can only shrink."""
import dataclasses
import re

from tidy.rules import rule
from tidy.tree import Fault

LIST = "tests/tidy/exceptions.txt"
KINDS = ("file", "function", "catch", "co_spawn", "sockets", "sql")


@dataclasses.dataclass
class Excess:
    """Something above its ceiling: exact, so that an exception can neither lag behind nor run ahead."""
    where: str
    number: int
    fault: Fault


def exceptions(tree) -> dict[tuple[str, str], tuple[int, int]]:
    """(rule, where) to the number allowed and the line that says so."""
    source = tree.find(LIST)
    entries = {}
    for line, text in enumerate(source.lines if source else [], start=1):
        match = re.fullmatch(rf"({'|'.join(KINDS)})\s+(\S+)\s+(\d+)\s+(\S.*)", text)
        if match:
            entries[match[1], match[2]] = (int(match[3]), line)
    return entries


def check_ratchet(tree, kind, excesses):
    allowed = {where: entry for (rule_name, where), entry in exceptions(tree).items() if rule_name == kind}
    for excess in excesses:
        number, line = allowed.pop(excess.where, (0, 0))
        if excess.number > number:
            yield excess.fault
        elif excess.number < number:
            yield Fault(LIST, line, f"{excess.where} is down to {excess.number}: lower the exception from {number}")
    for where, (_, line) in allowed.items():
        yield Fault(LIST, line, f"{where} needs no exception ({kind}) any more: remove the line")


@rule(catches=[{LIST: "files src/x.cpp 600 a typing error\n"}, {LIST: "file src/x.cpp 600\n"}], allows=[{LIST: "# nothing\n\n"}])
def exceptions_are_well_formed(tree):
    source = tree.find(LIST)
    known = {line for _, line in exceptions(tree).values()}
    for line, text in enumerate(source.lines if source else [], start=1):
        if text.strip() and not text.startswith("#") and line not in known:
            yield source.fault(line, "write rule, where, number, reason; once for each place")
