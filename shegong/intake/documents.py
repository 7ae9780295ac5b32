"""Check digits of the codes that name organisations: unified social credit codes, community codes, provisional codes."""

import re
from functools import lru_cache

# GB 32100-2015: the alphabet has no I, O, S, V, Z
_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_VALUE = {letter: at for at, letter in enumerate(_ALPHABET)}
_WEIGHTS = [pow(3, at, 31) for at in range(17)]
_BODY_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)  # GB 11714-1997, the organisation code inside


@lru_cache(maxsize=200_000)
def is_credit_code(code: str) -> bool:
    """Whether `code` is a unified social credit code: form, its own check digit and the one of the organisation code."""
    if not re.fullmatch(
        r"[1-9A-HJ-NPQRTUWXY][1-9A-HJ-NPQRTUWXY]\d{6}[0-9A-HJ-NPQRTUWXY]{8}[0-9X][0-9A-HJ-NPQRTUWXY]", code
    ):
        return False
    return code[-1] == credit_check_digit(code[:17]) and code[16] == organisation_check_digit(code[8:16])


def credit_check_digit(body: str) -> str:
    """The 18th character for the first 17."""
    return _ALPHABET[-sum(_VALUE[c] * w for c, w in zip(body, _WEIGHTS, strict=True)) % 31]


def organisation_check_digit(body: str) -> str:
    """The ninth character of an organisation code for its first eight."""
    total = sum(
        (int(c) if c.isdigit() else ord(c) - 55) * w for c, w in zip(body, _BODY_WEIGHTS, strict=True)
    )
    digit = -total % 11
    return "X" if digit == 10 else str(digit)


@lru_cache(maxsize=200_000)
def is_employer_id(code: str) -> bool:
    """A credit code, a 12-digit community code, or the bureau's provisional code (L and 17 digits)."""
    return bool(re.fullmatch(r"33\d{10}|L\d{17}", code)) or is_credit_code(code)


CHECKS = {"uscc": is_credit_code, "employer_id": is_employer_id}


def clean_number(text: str) -> str:
    """A document number in capitals without blanks, and an identity number without what else was put around its digits.

    Only what leaves no doubt: an X of another alphabet or a multiplication sign at its end, dashes between its groups,
    a quotation mark before it, ".0" behind it.
    """
    number = re.sub(r"\s", "", text).upper()
    bare = re.sub(r"^[‘’`´′＇]+|[‘’`´′＇]+$|\.0+$", "", number)
    bare = re.sub(r"[-‐‑–—.·_]", "", bare)
    bare = re.sub(r"(?<=^[0-9]{17})[ХΧ×✕✖╳＊*]$", "X", bare)
    return bare if re.fullmatch(r"[0-9]{17}[0-9X]", bare) else number
