"""Sizes given by letter: those of indices that the program has, and that an array can have."""

import pytest

import einsgrad as eg

PROGRAM = eg.parse("a_ij = 1_i b_j")


def refusal(sizes):
    with pytest.raises(eg.UsageError) as caught:
        eg.compile(PROGRAM, sizes=sizes)
    (found,) = caught.value.diagnostics
    return found


def test_an_index_that_the_program_lacks_is_refused():
    found = refusal({"q": 3})
    assert found.code == "unknown-index"
    assert "`q`" in found.message
    assert found.notes == ("it has i, j",)


@pytest.mark.parametrize("size", [-1, 2.5, "3", 10**24])
def test_what_is_no_size_is_refused(size):
    found = refusal({"i": size})
    assert found.code == "bad-size"
    assert "index `i`" in found.message


def test_zero_is_a_size():
    assert eg.compile(PROGRAM, sizes={"i": 0})(b=[1.0, 2.0]).shape == (0, 2)
