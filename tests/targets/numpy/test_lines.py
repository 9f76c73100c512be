"""Lines of Python: what fits is one line, to the column, and what doesn't breaks as formatters break it."""

import pytest

from einsgrad.targets.numpy.functions import dictionary
from einsgrad.targets.numpy.lines import assignment, call


@pytest.mark.parametrize(
    ("columns", "wanted"),
    [
        (18, ["f = g(aaa, bbb)[0]"]),
        (17, ["f = g(", "    aaa, bbb", ")[0]"]),
        (12, ["f = g(", "    aaa, bbb", ")[0]"]),
        (11, ["f = g(", "    aaa,", "    bbb,", ")[0]"]),
    ],
)
def test_a_list_in_brackets_has_a_line_of_its_own_then_a_line_an_item(columns, wanted):
    assert call("f = g(", ["aaa", "bbb"], ")[0]", columns) == wanted


def test_an_empty_list_does_not_break():
    assert call("def function(", [], ") -> None:", 10) == ["def function() -> None:"]


@pytest.mark.parametrize(
    ("columns", "wanted"),
    [(21, ['d = {"a": aa, "b": b}']), (20, ["d = {", '    "a": aa,', '    "b": b,', "}"])],
)
def test_a_dictionary_has_one_line_or_one_an_item(columns, wanted):
    assert dictionary("d = ", {"a": "aa", "b": "b"}, columns) == wanted


@pytest.mark.parametrize(
    ("columns", "wanted"),
    [
        (21, ["y += a.b(i, j)  # (i)"]),
        (20, ["# y has the axes (i)", "y += a.b(i, j)"]),
        (14, ["# y has the axes (i)", "y += a.b(i, j)"]),
        (13, ["y += a.b(", "    i, j", ")  # (i)"]),
    ],
)
def test_a_comment_goes_before_a_line_that_it_does_not_fit_in(columns, wanted):
    assert assignment("y", "a.b(i, j)", "(i)", columns, "+=") == wanted


def test_the_type_of_a_variable_is_not_in_its_comment():
    assert assignment("y: Array", "aaaa", "(i)", 16) == ["# y has the axes (i)", "y: Array = aaaa"]


@pytest.mark.parametrize(
    ("code", "wanted"),
    [
        ("(a @ b.reshape(i, j)).reshape(k, m)", ["y = (a @ b.reshape(i, j)).reshape(", "    k, m", ")"]),
        ("(aaaaaaaaaaaaaaaaaaaaaaa @ b)[..., 0]", ["y = (aaaaaaaaaaaaaaaaaaaaaaa @ b)[", "    ..., 0", "]"]),
        (
            "aaaaaaaaaaaaaaaaaaaaa + bbbbbbbbbbbbbb(c)",
            ["y = (", "    aaaaaaaaaaaaaaaaaaaaa", "  + bbbbbbbbbbbbbb(c)", ")"],
        ),
    ],
)
def test_a_long_expression_breaks_in_its_last_brackets_or_at_its_signs(code, wanted):
    assert assignment("y", code, "", 34) == wanted
