"""Names in generated code: the equations' own for what they name, telling ones for the rest, none twice."""

import ast

import pytest

from einsgrad.calculus.joint import make_joint
from einsgrad.frontend.parser import parse_program
from einsgrad.targets.numpy.module import generate
from einsgrad.targets.numpy.words import words_beside


def forward_of(text):
    """The statements of the forward function, without those for sizes and types."""
    module = ast.parse(generate(make_joint(parse_program(text), None, ())))
    (function,) = [n for n in module.body if isinstance(n, ast.FunctionDef) and n.name == "_forward"]
    lines = map(ast.unparse, function.body[:-1])
    return [line for line in lines if not line.startswith(("n_", "dtype = "))]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("y_i = sin(x_i) + 1/(1_j sin(x_j)) 1_i", ["sin_x = np.sin(x)", "y: Array = sin_x + 1 / sin_x.sum()"]),
        ("y_bh = x_bh - m_b 1_h; z_bh = exp(x_bh - m_b 1_h)", ["y = x - m[:, None]", "z = np.exp(y)"]),
        (
            "y_i = (x_i - m_i) z_i; u_i = (x_i - m_i) v_i",
            ["x_minus_m = x - m", "y = x_minus_m * z", "u = x_minus_m * v"],
        ),
        ("y_i = (x_i + 1) z_i; u_i = (x_i + 1) v_i", ["shifted_x = x + 1", "y = shifted_x * z", "u = shifted_x * v"]),
        ("y_i = x_i s z_i; u_i = x_i s v_i", ["x_times_s = x * s", "y = x_times_s * z", "u = x_times_s * v"]),
        ("y_i = sin(3 x_i); u_i = cos(3 x_i)", ["scaled_x = 3 * x", "y = np.sin(scaled_x)", "u = np.cos(scaled_x)"]),
        ("y_i = sin(1/x_i); u_i = cos(1/x_i)", ["inverse_x = 1 / x", "y = np.sin(inverse_x)", "u = np.cos(inverse_x)"]),
        (
            "y_i = sin(a_ij x_j) + a_ij x_j",
            ["u1 = a @ x", "y: Array = np.sin(u1) + u1"],  # the argument of a function has an equation of its own
        ),
        (
            "y_i = (a_ij x_j) z_i; u_i = (a_ij x_j) v_i",
            ["a_dot_x = a @ x", "y = a_dot_x * z", "u = a_dot_x * v"],
        ),
        (
            "y_i = sin(maximum(x_i, 2)); u_i = cos(maximum(x_i, 2))",
            ["maximum_x = np.maximum(x, 2)", "y = np.sin(maximum_x)", "u = np.cos(maximum_x)"],
        ),
        (
            "y_i = sin(-x_i); u_i = cos(-x_i)",
            ["minus_x = -x", "y = np.sin(minus_x)", "u = np.cos(minus_x)"],
        ),
        (
            "y_i = sin(|i| x_i^p / |i|^p); u_i = cos(x_i^p)",
            ["x_to_the_p = x ** p", "y = np.sin(n_i / n_i ** p * x_to_the_p)", "u = np.cos(x_to_the_p)"],
        ),
        (
            "t = sin(x_ii + 1); u = cos(1_j x_jj)",
            [
                "sum_diagonal_x = np.einsum('ii->i', x).sum()",
                "t = np.sin(sum_diagonal_x + 1)",
                "u = np.cos(sum_diagonal_x)",
            ],
        ),
        ("y_i = (x_i + z_i) v_i; u_i = (x_i + z_i) w_i", ["x_plus_z = x + z", "y = x_plus_z * v", "u = x_plus_z * w"]),
        (
            "y_i = (x_i / z_i) v_i^2; u_i = exp(x_i / z_i)",
            ["x_over_z = x / z", "y = x_over_z * np.square(v)", "u = np.exp(x_over_z)"],
        ),
        ("y_i = x_i^2.5 v_i; u_i = x_i^2.5 w_i", ["power_of_x = x ** 2.5", "y = power_of_x * v", "u = power_of_x * w"]),
        ("y_i = x_i^2 v_i; u_i = x_i^2 w_i", ["squared_x = np.square(x)", "y = squared_x * v", "u = squared_x * w"]),
        (
            "y_i = (sqrt(2) + |i|) v_i; u_i = (sqrt(2) + |i|) v_i^2",
            ["shifted_n_i = np.sqrt(2).item() + n_i", "y = shifted_n_i * v", "u = shifted_n_i * np.square(v)"],
        ),
        (
            "y_i = exp_x[i] exp(x_i); u_i = v_i exp(x_i)",  # a tensor that is called so
            ["exp_x_2 = np.exp(x)", "y = exp_x * exp_x_2", "u = v * exp_x_2"],
        ),
        (
            "y_i = sin(log(x_i) exp(x_i) z_i); u_i = cos(log(x_i) exp(x_i) z_i)",  # too long to be telling
            ["y_part = np.log(x) * np.exp(x) * z", "y = np.sin(y_part)", "u = np.cos(y_part)"],
        ),
    ],
)
def test_temporaries_are_called_after_what_they_are(text, wanted):
    assert forward_of(text) == wanted


def test_tensors_keep_their_names_with_their_axes_in_another_order():
    text = "q_bhtk = x_btd w_dhk; y_bhts = q_bhtk q_bhsk"
    assert forward_of(text)[-2:] == [
        "q = (x_matrix @ w_matrix).reshape(n_b, n_t, n_h, n_k)",
        "y: Array = q.transpose(0, 2, 1, 3) @ q.transpose(0, 2, 3, 1)",
    ]


def test_matrices_are_made_once():
    lines = forward_of("q_bthk = x_btd w_dhk; k_bthk = x_btd v_dhk; y_bthk = q_bthk k_bthk")
    assert sum(line.startswith("x_matrix = ") for line in lines) == 1
    assert sum("x_matrix @" in line for line in lines) == 2


def test_words_of_ours_give_way_to_tensors():
    words = words_beside(["np", "Array", "Outputs"])
    assert (words.np, words.array, words.outputs, words.scalar) == ("_np", "_Array", "_Outputs", "Scalar")
    assert words.put_into("def f(x: Array, n: ArrayLike) -> Scalar: np.exp(npx)") == (
        "def f(x: _Array, n: ArrayLike) -> Scalar: _np.exp(npx)"
    )


def test_brackets_nest_no_deeper_than_can_be_read():
    assert forward_of("y = x (a + x (b + x (c + x (d + x (e + x (f + x))))))") == [
        "a_plus_x_times_b = a + x * (b + x * (c + x * (d + x * (e + x * (f + x)))))",
        "y: Scalar = x * a_plus_x_times_b",
    ]
