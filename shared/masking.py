"""What names a person in words that people write, found and made unusable."""

import re
import unicodedata
from typing import Final

LONG_NUMBER: Final = re.compile(r"(?<![0-9A-Za-z])\d(?:[ -]?\d){14,17}[ -]?[\dXx](?![0-9A-Za-z])")
"""What may be a resident identity number or a bank card; check digits tell."""

IDENTITY_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
IDENTITY_CHECKS: Final = "10X98765432"
"""GB 11643-1999: the weighted sum of 17 digits, modulo 11, gives the eighteenth."""

EMAIL: Final = re.compile(r"[A-Za-z0-9][\w.+-]{0,63}@[\w-]+(?:\.[\w-]+)+", re.ASCII)

GAP: Final = r"[\s\-.·–—－]{0,2}"
MOBILE: Final = re.compile(rf"(?<!\d)(?:\+?86{GAP})?1[3-9]\d(?:{GAP}\d{{4}}){{2}}(?!\d)")
LANDLINE: Final = re.compile(rf"(?<!\d)\(?0\d{{2,3}}\)?{GAP}[2-9]\d{{2,3}}{GAP}\d{{4}}(?!\d)")
"""With its area code; 12345, 95xxx and 400 numbers belong to no person."""

ACCOUNT: Final = re.compile(
    r"(?P<cue>(?:微信号?|weixin|wechat|QQ号?)\s*(?:是|为|is|[::：])?\s*)"
    r"(?P<name>[A-Za-z0-9][\w-]{4,19})",
    re.IGNORECASE | re.ASCII,
)

NAME: Final = re.compile(
    r"(?P<cue>我(?:的名字)?叫|名叫|(?:姓名|联系人|收件人)\s*(?:是|为|[:：])\s*)"
    r"(?P<name>(?![了过你您他她它人来啥什不车外着一个客服师快修物维])"
    r"(?:(?:欧阳|上官|司马|司徒|诸葛|皇甫|尉迟|公孙|令狐|慕容|端木|夏侯)[\u4e00-\u9fff]{1,2}"
    r"|[\u4e00-\u9fff]{2,3}))"
)
"""Only where a name is introduced as one: no pattern finds a name that merely occurs."""

ASCII_DIGITS: Final = {ord("０") + digit: str(digit) for digit in range(10)}
"""A Chinese keyboard types １３８ as well as 138."""


def mask_personal(text: str) -> str:
    """Return a text whose phones, identity and card numbers, addresses and names are unusable.

    Whoever knows one recognises it: a phone keeps its first three and last four digits.
    """
    text = EMAIL.sub(lambda found: masked_email(found.group()), text.translate(ASCII_DIGITS))
    text = LONG_NUMBER.sub(_masked_number, text)
    for phone in (MOBILE, LANDLINE):
        text = phone.sub(_masked_phone, text)
    text = ACCOUNT.sub(lambda found: f"{found['cue']}{found['name'][0]}***", text)
    return NAME.sub(lambda found: f"{found['cue']}{found['name'][0]}**", text)


def masked_email(address: str) -> str:
    """Return an address of which its owner knows his own, and nobody else the rest."""
    name, _, domain = address.rpartition("@")
    return f"{name[:1]}***@{domain}"


def masked_phone(number: str) -> str:
    """Return a phone number that a colleague recognises and nobody else can call."""
    return f"{number[:-8]}****{number[-4:]}"


def bare_number(written: str) -> str:
    """Return a number without what stands between its digits, in plain ASCII."""
    return re.sub("[ -]", "", unicodedata.normalize("NFKC", written)).upper()


def is_identity(number: str) -> bool:
    """Return whether it is a resident identity number with the right check digit."""
    if len(number) != len(IDENTITY_WEIGHTS) + 1 or not number[:-1].isdecimal():
        return False
    total = sum(int(d) * w for d, w in zip(number[:-1], IDENTITY_WEIGHTS, strict=True))
    return number[-1] == IDENTITY_CHECKS[total % 11]


def is_card(number: str) -> bool:
    """Return whether the check digit of a bank card is right (ISO/IEC 7812, Luhn)."""
    if not number.isdecimal():
        return False
    digits = [int(digit) for digit in reversed(number)]
    doubled = sum(sum(divmod(2 * digit, 10)) for digit in digits[1::2])
    return (sum(digits[::2]) + doubled) % 10 == 0


def _masked_number(found: re.Match[str]) -> str:
    number = bare_number(found.group())
    if is_identity(number):
        return f"{number[:3]}***********{number[-4:]}"
    return f"************{number[-4:]}" if is_card(number) else found.group()


def _masked_phone(found: re.Match[str]) -> str:
    digits = re.sub(r"\D", "", unicodedata.normalize("NFKC", found.group()))
    return masked_phone(digits)
