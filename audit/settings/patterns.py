"""Regular expressions of the settings, which are searched in texts of strangers: none may take long on any text.

Python's engine tries one way after the other to match. How many ways a pattern has is told from its parsed form, so
that escapes and classes cannot hide it: a choice within a repetition has as many as 2 to the power of its length, two
``.*`` one behind the other as many as the square of it. What has more than `WAYS_MAX` is refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

# the parser of regular expressions has no public name
from re import _constants as constants  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any, Final

TEXT_LENGTH_MAX: Final = 4_000
"""Longest text that is searched: prose of the log is cut there (`audit.columns`)."""
WAYS_MAX: Final = 40_000
"""Most ways, from each place of a text: one ``.*`` and a few choices beside it take a second at most."""

_REPEATS: Final = frozenset({constants.MAX_REPEAT, constants.MIN_REPEAT, constants.POSSESSIVE_REPEAT})


def _is_of_a_word(sign: str) -> bool:
    return sign.isalnum() or sign == "_"


_IN_A_CATEGORY: Final[Mapping[Any, Callable[[str], bool]]] = {
    constants.CATEGORY_SPACE: str.isspace,
    constants.CATEGORY_DIGIT: str.isdigit,
    constants.CATEGORY_WORD: _is_of_a_word,
}
_OUTSIDE_A_CATEGORY: Final = {
    constants.CATEGORY_NOT_SPACE: constants.CATEGORY_SPACE,
    constants.CATEGORY_NOT_DIGIT: constants.CATEGORY_DIGIT,
    constants.CATEGORY_NOT_WORD: constants.CATEGORY_WORD,
}


def ways(pattern: str) -> float:
    """In how many ways a pattern may be tried from one place of a text, at most; infinite where that is exponential.

    Raises:
        re.error: it is no regular expression.
    """
    return _ways_of_sequence(list(parser.parse(pattern)), is_whole=True)


def _ways_of_sequence(nodes: list[Any], *, is_whole: bool = False) -> float:
    """The product of the parts' ways; a repetition that can end in one place only, as in ``[^;]*;``, has one."""
    found = 1.0
    for place, node in enumerate(nodes):
        is_last = place + 1 == len(nodes)
        if node[0] in _REPEATS and len(node[1][2]) == 1:
            repeated = node[1][2][0]
            ends_itself = is_last and is_whole
            if ends_itself or (not is_last and _is_apart(repeated, nodes[place + 1])):
                found *= _ways(repeated) if _ways(repeated) == 1 else float("inf")
                continue
        found *= _ways(node)
    return found


def _ways(node: Any) -> float:
    kind, content = node
    if kind in _REPEATS:
        least, most, body = content
        inside = _ways_of_sequence(list(body))
        if inside > 1 and most > 1:
            return float("inf")
        lengths: int = min(most, TEXT_LENGTH_MAX) - min(least, TEXT_LENGTH_MAX) + 1
        return inside * lengths
    if kind is constants.BRANCH:
        return sum(_ways_of_sequence(list(branch)) for branch in content[1])
    if kind is constants.GROUPREF_EXISTS:
        return float("inf")  # nobody needs it, and what it does to the count nobody can tell
    if kind in {constants.SUBPATTERN, constants.ASSERT, constants.ASSERT_NOT}:
        return _ways_of_sequence(list(content[-1]))
    if kind is constants.ATOMIC_GROUP:
        return _ways_of_sequence(list(content))
    return 1


def _is_apart(repeated: Any, following: Any) -> bool:
    """Whether what follows is one letter that the repeated sign never is."""
    kind, letter = following
    if kind in _REPEATS and letter[0] > 0 and len(letter[2]) == 1:
        kind, letter = letter[2][0]
    if kind is not constants.LITERAL:
        return False
    forms = {chr(letter), *chr(letter).lower(), *chr(letter).upper()}
    return not any(_may_be(repeated, form) for form in forms)


def _may_be(node: Any, sign: str) -> bool:
    """Whether a node may match a sign; true where that cannot be told."""
    kind, content = node
    if kind is constants.LITERAL:
        return sign.casefold() == chr(content).casefold()
    if kind is constants.RANGE:
        return any(content[0] <= ord(form) <= content[1] for form in {sign, *sign.lower(), *sign.upper()})
    if kind is constants.CATEGORY:
        if content in _OUTSIDE_A_CATEGORY:
            return not _IN_A_CATEGORY[_OUTSIDE_A_CATEGORY[content]](sign)
        return content not in _IN_A_CATEGORY or _IN_A_CATEGORY[content](sign)
    if kind is constants.IN:
        negated = content[0][0] is constants.NEGATE
        return negated is not any(_may_be(one, sign) for one in content[negated:])
    return True


def is_bounded(pattern: str) -> bool:
    """Whether no text of the log can keep a search for the pattern busy. Raises `re.error` where it is none."""
    re.compile(pattern)
    return ways(pattern) <= WAYS_MAX
