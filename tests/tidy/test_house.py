"""The house rules, each over the whole repository, and each over planted examples that it must catch or allow."""
import pytest
from tidy import documents, floors, ratchet, sizes, sql, words
from tidy.rules import RULES
from tidy.tree import Tree, repository

MODULES = (documents, floors, ratchet, sizes, sql, words)  # importing them registers their rules


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.name)
def test_house(rule):
    faults = sorted(map(str, rule.check(repository())))
    if faults:
        pytest.fail("\n".join(faults), pytrace=False)


@pytest.mark.parametrize("rule,planted", [(rule, planted) for rule in RULES.values() for planted in rule.catches],
                         ids=lambda value: getattr(value, "name", ""))
def test_rule_can_fail(rule, planted):
    assert list(rule.check(Tree(planted))), f"{rule.name} does not catch {planted}"


@pytest.mark.parametrize("rule,planted", [(rule, planted) for rule in RULES.values() for planted in rule.allows],
                         ids=lambda value: getattr(value, "name", ""))
def test_rule_allows(rule, planted):
    assert not list(map(str, rule.check(Tree(planted))))


def test_every_rule_has_examples():
    assert len(RULES) >= 25
    assert not [rule.name for rule in RULES.values() if not rule.catches or not rule.allows]


def test_the_repository_is_read():
    assert repository().find("src/base/limits.hpp") and repository().find("dev")
