"""What a house rule is: a function from a tree to faults, beside planted examples that show that it can fail, and
some that look similar and are right."""
import dataclasses
from collections.abc import Callable, Iterable

from tidy.tree import Fault, Tree


@dataclasses.dataclass(frozen=True)
class Rule:
    name: str
    check: Callable[[Tree], Iterable[Fault]]
    catches: tuple[dict, ...]  # planted trees; each must give a fault
    allows: tuple[dict, ...]  # planted trees without one


RULES: dict[str, Rule] = {}


def rule(catches, allows=()):
    """Registers a rule. An example is {path: text}; several of them stand in a list."""
    def register(check):
        examples = [one if isinstance(one, list) else [one] for one in (catches, list(allows))]
        RULES[check.__name__] = Rule(check.__name__, check, tuple(examples[0]), tuple(examples[1]))
        return check
    return register
