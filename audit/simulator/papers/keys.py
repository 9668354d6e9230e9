"""RSA keys that follow from a seed: equal provinces have equal files, to the byte.

Fit for a simulation only: who knows the seed knows the keys.
"""

from __future__ import annotations

import math
import random
from functools import cache
from typing import Final

from cryptography.hazmat.primitives.asymmetric import rsa

BITS: Final = 2_048
_EXPONENT: Final = 65_537
_ROUNDS: Final = 8
_SMALL: Final = math.prod(n for n in range(3, 2_000, 2) if all(n % d for d in range(3, math.isqrt(n) + 1, 2)))


@cache
def key_of(seed: int, holder: str) -> rsa.RSAPrivateKey:
    """The key of a holder in the province of a seed; made once in a process, since it takes half a second."""
    rng = random.Random(f"{seed} {holder}")  # noqa: S311  # the point is that it can be repeated
    p, q = _prime(rng), _prime(rng)
    d = rsa.rsa_recover_private_exponent(_EXPONENT, p, q)
    public = rsa.RSAPublicNumbers(_EXPONENT, p * q)
    dmp1, dmq1, iqmp = rsa.rsa_crt_dmp1(d, p), rsa.rsa_crt_dmq1(d, q), rsa.rsa_crt_iqmp(p, q)
    return rsa.RSAPrivateNumbers(p, q, d, dmp1, dmq1, iqmp, public).private_key()


def _prime(rng: random.Random) -> int:
    """A prime of half the bits, its two highest bits set: the product of two has all of them."""
    half = BITS // 2
    while True:
        candidate = rng.getrandbits(half) | (0b11 << (half - 2)) | 1
        coprime = math.gcd(candidate, _SMALL) == 1 and math.gcd(candidate - 1, _EXPONENT) == 1
        if coprime and _is_prime(candidate, rng):
            return candidate


def _is_prime(candidate: int, rng: random.Random) -> bool:
    """Miller and Rabin's test."""
    odd, twos = candidate - 1, 0
    while odd % 2 == 0:
        odd, twos = odd // 2, twos + 1
    for _ in range(_ROUNDS):
        power = pow(rng.randrange(2, candidate - 1), odd, candidate)
        if power in (1, candidate - 1):
            continue
        for _ in range(twos - 1):
            power = power * power % candidate
            if power == candidate - 1:
                break
        else:
            return False
    return True
