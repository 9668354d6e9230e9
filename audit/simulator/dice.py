"""The simulator's source of chance."""

from __future__ import annotations

import random


class Dice(random.Random):
    """As `random.Random`, but whole numbers in a fifth of the time: a province takes a million of them."""

    def randint(self, a: int, b: int) -> int:
        """A whole number from `a` to `b`, both included; even enough for spans far below 2**53."""
        return a + int(self.random() * (b - a + 1))
