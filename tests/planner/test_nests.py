"""What is fused into one loop, and what is not."""

import pytest

import einsgrad as eg
from einsgrad.calculus.apart import sizes_apart
from einsgrad.planner.iteration import iterate
from einsgrad.planner.joint import plan_joint
from einsgrad.planner.nests import Leaf, matrix_products, nest
from einsgrad.planner.plan import needed
from einsgrad.planner.planning import make_plan


def shape_of(text, wrt, **sizes):
    """Describe the loops of value and gradients: by their letters, in `[]` what goes by blocks; `@` is a product."""
    program = eg.parse(text)
    apart = sizes_apart(program, sizes)
    plan = make_plan(plan_joint(program, None, wrt, apart).program, apart)
    iteration = iterate(plan, needed(plan.values, set(plan.results.values())), ())
    known = {d: plan.extents.get(r, 64) for d, r in iteration.ranges.items()}
    products = matrix_products(iteration, known)

    def described(node):
        if isinstance(node, Leaf):
            return "@" if node.operation.number in products else ""
        letter = plan.letters[iteration.ranges[node.dim]].name[0]
        inside = " ".join(filter(None, map(described, node.body)))
        return f"{letter}[{inside}]" if node.is_blocked else f"{letter}({inside})" if inside else letter

    nodes = nest(iteration, products, known)
    return " ".join(described(node) for node in nodes if not isinstance(node, Leaf) and node.is_parallel)


@pytest.mark.parametrize(
    ("text", "wrt", "sizes", "loops"),
    [
        # Maximum, sum of exponentials, quotient and gradient: one pass over the rows, their letter inside.
        ("y_bc = exp(x_bc) / (1_k exp(x_bk))", ["x"], {"b": 4096, "c": 1024}, "b(k k k k)"),
        # Each row of the data is read by the product and, still in the cache, by the gradient.
        (
            "z_n = x_ni w_i; L = 1/|n| 1_n (log(1 + exp(z_n)) - t_n z_n)",
            ["w"],
            {"n": 20000, "i": 500},
            "n(i i)",
        ),
        # Scores and their softmax are there for one head at a time.
        (
            "s_hts = q_htd k_hsd; a_hts = exp(s_hts) / (1_u exp(s_htu)); y_htd = a_hts v_hsd",
            [],
            {"h": 32, "t": 256, "s": 256, "d": 64},
            "h(@ t(s s s) @)",
        ),
        # What all rows are needed for waits until they are there.
        ("u_ik = exp(x_ik); z_ij = u_ik u_jk", [], {"i": 2000, "k": 300}, "i(k) i[@]"),
        # A mean over rows, then what needs it.
        ("m_c = 1/|b| 1_b x_bc; y_bc = x_bc - 1_b m_c", [], {"b": 4096, "c": 1024}, "b(c) b(c)"),
    ],
)
def test_loops(text, wrt, sizes, loops):
    assert shape_of(text, wrt, **sizes) == loops
