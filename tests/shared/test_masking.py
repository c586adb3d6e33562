"""What names a person is unusable in a masked text, and nothing else is touched."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.masking import IDENTITY_CHECKS, IDENTITY_WEIGHTS, mask_personal


@pytest.mark.parametrize(
    ("written", "masked"),
    [
        ("打我电话13552535506，谢谢", "打我电话135****5506，谢谢"),
        ("138 0013 8000", "138****8000"),
        ("+86 138-0013-8000", "86138****8000"),
        ("１３８００１３８０００", "138****8000"),
        ("座机010-62345678", "座机010****5678"),
        ("身份证11010519491231002X。", "身份证110***********002X。"),
        ("卡号6216261000000000018", "卡号************0018"),
        ("6216 2610 0000 0000 018", "************0018"),
        ("写信到someone@example.com吧", "写信到s***@example.com吧"),
        ("微信号：zhang_san88", "微信号：z***"),
        ("我叫欧阳文斌,", "我叫欧**,"),
        ("联系人：全渠道，下午在", "联系人：全**，下午在"),
    ],
)
def test_what_names_a_person_is_recognised_but_not_usable(written: str, masked: str) -> None:
    assert mask_personal(written) == masked


@pytest.mark.parametrize(
    "written",
    [
        "打12345和95598都没用",
        "400-820-0000",
        "360426199101010072",
        "工单C20261122-000123，2026-11-22 10:30，12.50元",
        "我叫了三次师傅",
        "微信支付不成功",
        "订单号202611220000123456789",
    ],
)
def test_hotlines_numbers_of_things_and_plain_words_stay(written: str) -> None:
    assert mask_personal(written) == written


APART = st.sampled_from(["", "，", "身份证号", " ", "\n", "。好"])
AROUND = st.text(alphabet="你好，。燃气 ok\n!？的", max_size=12)


@given(
    before=AROUND,
    after=AROUND,
    start=st.sampled_from(["13", "15", "17", "19"]),
    rest=st.text(alphabet="0123456789", min_size=9, max_size=9),
    gap=st.sampled_from(["", " ", "-", ".", "–"]),
)
def test_no_mobile_number_survives_whatever_stands_around_it(
    before: str, after: str, start: str, rest: str, gap: str
) -> None:
    number = start + rest
    written = gap.join((number[:3], number[3:7], number[7:]))
    masked = mask_personal(f"{before}{written}{after}")
    assert number not in re.sub(r"\D", "", masked)
    assert number[-4:] in masked
    assert masked.endswith(after)


@given(before=APART, after=APART, body=st.from_regex(r"[1-6]\d{16}", fullmatch=True))
def test_no_identity_number_survives(before: str, after: str, body: str) -> None:
    total = sum(int(d) * w for d, w in zip(body, IDENTITY_WEIGHTS, strict=True))
    number = body + IDENTITY_CHECKS[total % 11]
    assert number not in mask_personal(f"{before}{number}{after}")


@given(st.text(max_size=200))
def test_masking_again_changes_nothing(text: str) -> None:
    once = mask_personal(text)
    assert mask_personal(once) == once
