"""All gradients of a tensor network cost little more than the network: at most 3.2 times its floating point operations.

Each derivative by itself would cost about as much as the network, so that all of them would cost as many times that as
it has tensors.
"""

import pytest

import einsgrad as eg
from einsgrad.planner.cost import total_cost
from einsgrad.planner.joint import plan_joint
from einsgrad.planner.planning import make_plan

BOUND = 3.2


def network(edges):
    """Give the equation of a tensor network that has a tensor for each node of a graph, and a letter for each edge."""
    axes = {}
    for number, edge in enumerate(edges):
        for node in edge:
            axes.setdefault(node, []).append(f"e{number}")
    return "y = " + " ".join(f"A{node}_{{{','.join(letters)},}}" for node, letters in sorted(axes.items()))


def chain(n):
    return network([(k, k + 1) for k in range(n - 1)])


def ring(n):
    return network([(k, (k + 1) % n) for k in range(n)])


def binary_tree(n):
    return network([((k - 1) // 2, k) for k in range(1, n)])


def star(n):
    """Chains of three tensors that meet in one tensor of three axes, another such tensor at each of their ends."""
    return network([(0 if k <= 3 else k - 3, k) for k in range(1, n)])


def ladder(n):
    """A grid of two rows: the overlap of two matrix product states."""
    half = n // 2
    rows = [(row + k, row + k + 1) for row in (0, half) for k in range(half - 1)]
    return network(rows + [(k, half + k) for k in range(half)])


def grid(rows, columns):
    right = [(r * columns + c, r * columns + c + 1) for r in range(rows) for c in range(columns - 1)]
    down = [(r * columns + c, (r + 1) * columns + c) for r in range(rows - 1) for c in range(columns)]
    return network(right + down)


def forward_and_joint_flops(text, size):
    program = eg.parse(text)
    sizes = {letter.strip("′'"): size for x in program.inputs for letter in program.indices(x)}
    joint = plan_joint(program, None, None, sizes)
    assert len(joint.gradients) == len(program.inputs)
    return [flops(make_plan(planned, sizes), size) for planned in (joint.forward, joint.program)]


def flops(plan, size):
    sizes = {r: plan.extents.get(r, size) for r in plan.letters}
    return total_cost(plan.values, range(len(plan.values)), sizes).flops


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(chain(20), id="chain-20"),
        pytest.param(binary_tree(31), id="tree-31"),
        pytest.param(ring(20), id="ring-20"),
        pytest.param(star(31), id="star-31"),
        pytest.param(grid(3, 4), id="grid-12"),
        pytest.param(ladder(40), id="overlap-40"),
    ],
)
def test_all_gradients_of_a_network_cost_little_more_than_the_network(text):
    forward, joint = forward_and_joint_flops(text, 8)
    assert 0 < forward < joint <= BOUND * forward
