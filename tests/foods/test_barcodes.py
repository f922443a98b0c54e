import pytest
from hypothesis import given
from hypothesis import strategies as st

from hearth.foods.barcodes import (
    canonical,
    check_digit,
    expanded,
    forms,
    is_valid,
    looks_like_barcode,
)

# Printed numbers whose check digits are published in standards and on packages.
GOLDEN = {
    "4006381333931": "4006381333931",  # EAN-13
    "73513537": "73513537",  # EAN-8
    "036000291452": "0036000291452",  # UPC-A
    "0036000291452": "0036000291452",  # the same as EAN-13
    "00036000291452": "0036000291452",  # the same as GTIN-14
    "04252614": "0042100005264",  # UPC-E
    "01234565": "0012345000065",  # UPC-E
    "1234565": "0012345000065",  # the same without its leading zero
    "425261": "0004252000061",  # UPC-E 00425261 without its two
    "00000001234565": "01234565",  # GTIN-14 of an EAN-8
    "10614141000415": "10614141000415",  # GTIN-14 of an outer pack
    "4006381 333931": "4006381333931",
}


@pytest.mark.parametrize(("printed", "known"), GOLDEN.items())
def test_every_printed_form_is_one_number(printed: str, known: str) -> None:
    found = canonical(printed)
    assert found is not None
    assert found.text == known


@pytest.mark.parametrize(
    "text",
    [
        "4006381333932",
        "",
        "abc",
        "123",
        "00000000",
        "0000000000000",
        "123456789012345",
        "٤٠٠٦٣٨١٣٣٣٩٣١",
    ],
)
def test_what_does_not_check_is_no_barcode(text: str) -> None:
    assert canonical(text) is None


@pytest.mark.parametrize(
    ("upc_e", "upc_a"),
    [
        ("01234565", "012345000065"),  # the last of the six digits is 5 to 9
        ("04252614", "042100005264"),  # 0, 1 or 2
        ("01201303", "012000000133"),
        ("01234531", "012300000451"),  # 3
        ("01234543", "012340000053"),  # 4
        ("01234566", None),  # the check digit is wrong
        ("21234565", None),  # number systems are 0 and 1
        ("1234565", None),
    ],
)
def test_upc_e_is_spelt_out(upc_e: str, upc_a: str | None) -> None:
    assert expanded(upc_e) == upc_a


@pytest.mark.parametrize("code", ["2012345678900", "0212345678909", "20123451"])
def test_a_shop_s_own_numbers_are_internal(code: str) -> None:
    body = code[:-1]
    found = canonical(body + str(check_digit(body)))
    assert found is not None
    assert found.internal


@given(st.text("0123456789", min_size=11, max_size=11).filter(lambda body: body.strip("0")))
def test_upc_a_ean_13_and_gtin_14_are_equal(body: str) -> None:
    upc = body + str(check_digit(body))
    found = {canonical(printed) for printed in (upc, "0" + upc, "00" + upc)}
    assert len(found) == 1
    assert None not in found


@given(st.text("0123456789", min_size=5, max_size=7).filter(lambda body: body.strip("0")))
def test_lost_zeros_change_no_short_number(body: str) -> None:
    code = (body + str(check_digit(body))).zfill(8)
    less = code.lstrip("0")
    assert len(less) < 6 or canonical(less) == canonical(code)


@given(st.text("0123456789", min_size=12, max_size=12).filter(lambda body: body[:5].strip("0")))
def test_canonical_is_its_own_canonical_form_and_has_all_its_forms(body: str) -> None:
    found = canonical(body + str(check_digit(body)))
    assert found is not None
    assert canonical(found.text) == found
    assert {canonical(form) for form in forms(found.text)} == {found}


@given(st.text("0123456789", min_size=12, max_size=12), st.integers(0, 12), st.integers(1, 9))
def test_one_wrong_digit_never_checks(body: str, place: int, by: int) -> None:
    code = body + str(check_digit(body))
    wrong = code[:place] + str((int(code[place]) + by) % 10) + code[place + 1 :]
    assert not is_valid(wrong)


@given(st.text(max_size=20))
def test_nothing_typed_breaks_it(text: str) -> None:
    canonical(text)
    looks_like_barcode(text)


def test_words_are_not_taken_for_barcodes() -> None:
    assert looks_like_barcode("4006381-333931")
    assert not looks_like_barcode("7up")
    assert not looks_like_barcode("milk 12345678")
