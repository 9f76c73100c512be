"""Matrix notation: what is recognised, and that it is worth what the equation is."""

from types import MappingProxyType

import numpy as np
import pytest
from hypothesis import assume, event, given, settings
from hypothesis import strategies as st
from matrix_reader import count_unknown, read_right_side
from programs import PROGRAMS, draw_arrays

import einsgrad as eg
from einsgrad.ir import build
from einsgrad.ir.equations import Definition
from einsgrad.ir.letters import separate
from einsgrad.ir.names import split_gradient_name
from einsgrad.ir.nodes import Index
from einsgrad.ir.program import Program
from einsgrad.reference import evaluate, index_sizes
from einsgrad.render.matrix import matrix_definition, matrix_names
from einsgrad.render.unicode import unicode


def only(text):
    return eg.parse(text).definitions[0]


def shown(text):
    layout = matrix_definition(only(text))
    return None if layout is None else unicode(layout)


ARTICLE = {
    "matrix addition": ("a_ij = b_ij + c_ij", "A = B + C"),
    "matrix transpose": ("a_ij = b_ji", "A = Bᵀ"),
    "matrix trace": ("λ = a_ii", "λ = tr(A)"),
    "scalar-matrix multiplication": ("a_ij = λ b_ij", "A = λ B"),
    "matrix multiplication": ("a_ij = b_ik c_kj", "A = B C"),
    "Hadamard multiplication": ("a_ij = b_ij c_ij", "A = B ⊙ C"),
    "outer product": ("a_ij = b_i c_j", "A = 𝐛 𝐜ᵀ"),
    "dot product": ("λ = b_i c_i", "λ = 𝐛 · 𝐜"),
    "Euclidean norm": ("λ = sqrt(x_i x_i)", "λ = ‖𝐱‖"),
}


@pytest.mark.parametrize(("text", "expected"), ARTICLE.values(), ids=ARTICLE)
def test_the_articles_table(text, expected):
    assert shown(text) == expected


def test_the_articles_gradients():
    gradients = eg.grad(eg.parse("y_ij = x_ik a_kj"))
    names = matrix_names(gradients.definitions)
    assert [unicode(matrix_definition(d, names)) for d in gradients.definitions] == [
        "∂l/∂X = ∂l/∂Y Aᵀ",
        "∂l/∂A = Xᵀ ∂l/∂Y",
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # products, with as few transposes as the order of the free indices allows
        ("y_ij = a_ik b_kl c_lj", "Y = A B C"),
        ("y_ij = x_ki a_jk", "Y = Xᵀ Aᵀ"),
        ("y_ij = a_jk b_ki", "Y = Bᵀ Aᵀ"),
        ("y_i = a_ij x_j", "𝐲 = A 𝐱"),
        ("y_j = x_i a_ij", "𝐲 = Aᵀ 𝐱"),
        ("y_i = a_ij b_jk x_k", "𝐲 = A B 𝐱"),
        ("z = x_i a_ij y_j", "z = 𝐱ᵀ A 𝐲"),
        ("z = w_ij x_i y_j", "z = 𝐱ᵀ W 𝐲"),
        ("y_ij = a_ik d_k b_kj", "Y = A diag(𝐝) B"),
        ("y_ij = d_i a_ij e_j", "Y = diag(𝐝) A diag(𝐞)"),
        ("y_i = (x_j x_j) x_i", "𝐲 = ‖𝐱‖² 𝐱"),
        ("y_i = (x_j z_j) a_ik z_k", "𝐲 = (𝐱 · 𝐳) A 𝐳"),
        # traces and norms
        ("z = a_ij b_ji", "z = tr(A B)"),
        ("z = a_ij b_ij", "z = tr(Aᵀ B)"),
        ("z = a_ij b_jk c_ki", "z = tr(B C A)"),
        ("z = a_ij a_ij", "z = ‖A‖_F²"),
        ("z = 1_ij a_ij^2", "z = ‖A‖_F²"),
        ("z = sqrt(a_ij a_ij)", "z = ‖A‖_F"),
        ("z = 1_i x_i^2", "z = ‖𝐱‖²"),
        ("z = x_i x_i", "z = ‖𝐱‖²"),
        # diagonals, identities and ones
        ("y_ij = δ_ij a_i", "Y = diag(𝐚)"),
        ("y_i = a_ii", "𝐲 = diag(A)"),
        ("y_ij = λ δ_ij", "Y = λ I"),
        ("y_ij = δ_ik a_kj", "Y = A"),
        ("y_ij = 1_ij", "Y = 𝟏 𝟏ᵀ"),
        ("y_i = 1_j a_ij", "𝐲 = A 𝟏"),
        ("y_j = 1_i a_ij", "𝐲 = Aᵀ 𝟏"),
        ("z = 1_ij a_ij", "z = 𝟏ᵀ A 𝟏"),
        ("z = 1_i a_i", "z = 𝟏ᵀ 𝐚"),
        ("z = 1_i 1_i a_jj", "z = |i| tr(A)"),
        ("y_ij = 1_i b_j", "Y = 𝟏 𝐛ᵀ"),
        ("y_ij = m_i 1_j", "Y = 𝐦 𝟏ᵀ"),
        ("y_i = a_i + 2", "𝐲 = 𝐚 + 2 𝟏"),
        ("y_ij = 1 - a_ij", "Y = 𝟏 𝟏ᵀ - A"),
        # Hadamard products among others
        ("y_ij = g_ik h_ik w_jk", "Y = (G ⊙ H) Wᵀ"),
        ("y_ij = c_ij a_ik b_kj", "Y = C ⊙ (A B)"),
        ("y_i = z_ij p_jk z_ik", "𝐲 = (Z ⊙ (Z P)) 𝟏"),
        ("z = a_i b_i c_i", "z = (𝐚 ⊙ 𝐛)ᵀ 𝐜"),
        ("y_ij = a_ij/b_ij", "Y = A ⊘ B"),
        ("y_i = a_i c_i/(b_i d_i)", "𝐲 = 𝐚 ⊙ 𝐜 ⊘ (𝐛 ⊙ 𝐝)"),
        ("y_i = 1/b_i", "𝐲 = 𝐛^(∘-1)"),
        ("y_i = 1/b_i/c_i", "𝐲 = (𝐛 ⊙ 𝐜)^(∘-1)"),
        ("y_ij = a_ij^2", "Y = A^(∘2)"),
        ("y_ij = x_ij/sqrt(v_i + ε)", "Y = diag((𝐯 + ε 𝟏)^(∘-1/2)) X"),
        ("y_i = sqrt(a_i)", "𝐲 = 𝐚^(∘1/2)"),
        # functions
        ("y_ij = exp(a_ij)", "Y = exp(A)"),
        ("y_ij = sigmoid(x_ik w_kj + 1_i b_j)", "Y = sigmoid(X W + 𝟏 𝐛ᵀ)"),
        ("y_i = maximum(a_i, 0)", "𝐲 = max(𝐚, 0)"),
        ("z = log(2 π)", "z = log(2 π)"),
        ("y_ij = exp(a_ji)", "Y = exp(A)ᵀ"),
        # sums and differences, each term turned the same way
        ("s_ij = 1/2 (g_ij + g_ji)", "S = 1/2 (G + Gᵀ)"),
        ("y_ij = a_ji + b_jk c_ki", "Y = Aᵀ + Cᵀ Bᵀ"),
        ("y_ij = -2 a_ij + 1/2 a_ik b_kj - c_ij", "Y = -2 A + 1/2 A B - C"),
        ("y_ij = a_ij - (b_ij - c_ij)", "Y = A - (B - C)"),
        ("y_ij = -(b_ij - c_ij)", "Y = -(B - C)"),
        ("y_ij = -b_ij c_ij", "Y = -B ⊙ C"),
        ("y_i = sqrt(a_i)^2", "𝐲 = (𝐚^(∘1/2))^(∘2)"),
        ("y_i = 1/sqrt(a_i)^3", "𝐲 = 𝐚^(∘-3/2)"),
        ("y_ij = a_ik (b_kj + c_jk)", "Y = A (B + Cᵀ)"),
        # numbers, scalars and sizes
        ("y_ij = 2 λ a_ij/(μ |k|); z = q_k 1_k", "Y = 2/(μ |k|) λ A"),
        ("z = 2 |i| x_i x_i/λ", "z = 2 |i| ‖𝐱‖²/λ"),
        ("z = -1/2 a b^3 sqrt(c)", "z = -1/2 a b³ √c"),
        ("z = 1/a", "z = 1/a"),
        ("H = |h|; z = x_h x_h", "H = |h|"),
        ("ε = 1e-5", "ε = 0.00001"),
    ],
)  # fmt: skip
def test_recognised(text, expected):
    assert shown(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "y_ijk = a_ij b_jk",
        "y_ij = a_ijk b_k",
        "z = a_ir b_jr c_kr a_ij b_jk c_ki",
        "y_i = a_i^b_i",
        "y_ij = maximum(a_ij, b_i)",
        "y_b = exp(x_bij 1_ij)",
    ],
)
def test_what_matrices_cannot_say(text):
    assert shown(text) is None


def test_a_gradient_of_a_vector_is_a_vector():
    assert shown("∂l/∂x_i = ∂l/∂y_j a_ji") == "∂l/∂𝐱 = Aᵀ ∂l/∂𝐲"


def test_an_inner_product_of_gradients_has_no_dot():
    assert shown("z = ∂l/∂x_i x_i") == "z = (∂l/∂𝐱)ᵀ 𝐱"


# --- names


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("y_ij = x_ik W1_kj", {"y": "Y", "x": "X", "W1": "W1"}),
        ("y_ij = w1_ij γ_ji", {"y": "Y", "w1": "W1", "γ": "Γ"}),
        ("y_ij = α_ij σ_ij", {"y": "Y", "α": "α", "σ": "σ"}),
        ("y_ij = x_ij X_ij", {"y": "Y", "x": "x", "X": "X"}),
        ("y_ij = n_ij N", {"y": "Y", "n": "n", "N": "N"}),
        ("y_ij = i_ij", {"y": "Y", "i": "i"}),
        ("y_i = x_ij v_j λ", {"y": "y", "x": "X", "v": "v", "λ": "λ"}),
        ("∂l/∂x_ij = ∂l/∂y_ij", {"l": "l", "x": "X", "y": "Y"}),
    ],
)
def test_names(text, expected):
    assert matrix_names(eg.parse(text).definitions) == expected


def test_names_are_those_of_all_equations():
    definitions = eg.parse("y_ij = x_ij; z_ij = X y_ij").definitions
    names = matrix_names(definitions)
    assert [unicode(matrix_definition(d, names)) for d in definitions] == ["Y = x", "Z = X Y"]


def test_a_tensor_called_as_the_identity():
    assert shown("y_ij = I_ij + λ δ_ij") == "Y = I + λ diag(𝟏)"


# --- soundness


def check(definition, arrays, sizes):
    """Compare the equation with what a reader of the layout makes of it; tell whether it could be."""
    layout = matrix_definition(definition)
    if layout is None or count_unknown(layout) > 5:
        return False
    program = Program((definition,))
    expected = evaluate(program, arrays, sizes)[definition.name]
    names = matrix_names([definition])
    by_shown_name = {
        tuple(names[n] for n in parts) if (parts := split_gradient_name(name)) else names[name]: value
        for name, value in arrays.items()
    }
    counts = {i.name: n for i, n in index_sizes(program, arrays, sizes)[0].items()}
    with np.errstate(all="ignore"):
        found = read_right_side(layout, by_shown_name, {**sizes, **counts})
    values = [np.reshape(v, expected.shape) for v in found if np.size(v) == expected.size and _fits(v, expected)]
    assert any(np.allclose(v, expected, rtol=1e-9, atol=1e-9, equal_nan=True) for v in values), unicode(layout)
    return True


def _fits(value, expected):
    return np.shape(value) == (expected.shape if expected.ndim != 1 else (*expected.shape, 1))


_SIZES = MappingProxyType({"i": 2, "j": 3, "k": 4})
_RANGE = MappingProxyType({Index(name): name[0] for name in ("i", "j", "k", "i1", "j1")})


def _random_factor(rng):
    """A tensor with letters thrown in anyhow, or a delta, a number, a power, a root or a difference of such."""
    letters = [rng.choice(list(_RANGE)) for _ in range(rng.choice([0, 1, 1, 2, 2, 2]))]
    factor = build.tensor(rng.choice("tuv") + "".join(_RANGE[i] for i in letters), letters)
    match rng.randint(0, 12):
        case 0 if len(letters) == 2 and _RANGE[letters[0]] == _RANGE[letters[1]]:
            return build.delta(*letters)
        case 1:
            return build.power(factor, build.literal(rng.choice([2, -1])))
        case 2:
            return build.literal(rng.choice([-1, 2]))
        case 3:
            positive = build.add([build.power(factor, build.literal(2)), build.literal(1)])
            root = build.power(build.apply("sqrt", [positive]), build.literal(rng.choice([-1, 2, -2, -3, 3])))
            return rng.choice([root, build.reciprocal(root)])
        case 4:
            difference = build.add([factor, build.negate(build.apply("tanh", [factor]))])
            return build.add([factor, build.negate(difference)])
        case _:
            return factor


def _random_product(rng, free):
    """Factors of all kinds, and one-tensors among them."""
    factors = [_random_factor(rng) for _ in range(rng.randint(1, 5))]
    carried = {i for f in factors for i in f.free}
    missing = [i for i in (*free, *(i for i in _RANGE if i in carried and rng.random() < 0.1)) if i not in carried]
    if missing:
        factors.insert(rng.randint(0, len(factors)), build.one(missing))
    return build.product(factors, [i for i in carried if i not in free])


def _random_equation(rng):
    free = rng.sample(list(_RANGE), rng.choice([0, 1, 2, 2]))
    terms = [_random_product(rng, free) for _ in range(rng.choice([1, 1, 2]))]
    rhs = build.add([terms[0], build.negate(terms[1])]) if len(terms) > 1 else terms[0]
    return separate(Definition("y", tuple(free), rhs))


@settings(max_examples=600, deadline=None)
@given(st.randoms(use_true_random=False))
def test_random_products_are_worth_what_they_say(rng):
    definition = _random_equation(rng)
    program = Program((definition,))
    draw = np.random.default_rng(rng.randint(0, 2**32))
    arrays = {name: draw.normal(size=[_SIZES[axis] for axis in name[1:]]) for name in program.inputs}
    sizes = {i.name: _SIZES[range_] for i, range_ in _RANGE.items()}
    event(f"compared: {check(definition, arrays, sizes)}")


@settings(max_examples=300, deadline=None)
@given(PROGRAMS, st.integers(0, 2**32 - 1))
def test_random_programs_are_worth_what_they_say(program, seed):
    sizes = {"i": 2, "i1": 2, "j": 3, "j1": 3, "k": 4}
    known = draw_arrays(program, sizes, seed)
    values = {**known, **evaluate(program, known, sizes)}
    compared = 0
    for definition in program.definitions:
        used = {name: values[name] for name in Program((definition,)).inputs}
        assume(all(np.all(np.isfinite(v)) for v in used.values()))
        compared += check(definition, used, sizes)
    event(f"compared: {compared} of {len(program.definitions)}")


@pytest.mark.parametrize("text", [text for text, _ in ARTICLE.values()])
def test_the_articles_table_is_worth_what_it_says(text):
    definition = only(text)
    draw = np.random.default_rng(0)
    sizes = {"i": 2, "j": 3, "k": 4}
    names = Program((definition,))
    arrays = {x: draw.normal(size=[sizes[i] for i in names.indices(x)]) for x in names.inputs}
    assert check(definition, arrays, sizes)


def test_depth_does_not_meet_the_recursion_limit():
    x = build.tensor("x", [Index("i"), Index("j")])
    node = x
    for _ in range(3000):
        node = build.apply("tanh", [build.add([node, x])])
    assert matrix_definition(Definition("y", (Index("j"), Index("i")), node)) is not None


def test_a_long_chain_is_quick():
    letters = [Index(f"i{n}") for n in range(400)]
    factors = [build.tensor(f"a{n}", [letters[n], letters[n + 1]]) for n in range(399)]
    node = build.product(factors, letters[1:-1])
    layout = matrix_definition(Definition("y", (letters[-1], letters[0]), node))
    assert unicode(layout).startswith("Y = A398ᵀ A397ᵀ ")
