"""Whole modules, to the byte; each golden is also run, so that none is kept that doesn't work.

``python tests/targets/numpy/test_golden_modules.py`` writes the goldens anew, after their self-tests have passed.
"""

import subprocess
import sys
from pathlib import Path

import pytest

from einsgrad.calculus.joint import make_joint
from einsgrad.frontend.parser import parse_program
from einsgrad.targets.numpy.module import generate

GOLDEN = Path(__file__).parents[2] / "golden"
TEXTS = {
    "matmul": "y_ij = x_ik a_kj",
    "layer_norm": """
        m_b = 1/|h| 1_h x_bh
        v_b = 1/|h| 1_h (x_bh - 1_h m_b)^2
        y_bh = (x_bh - 1_h m_b) / sqrt(v_b + 1e-5) γ_h + 1_b β_h
    """,
    "attention": """
        s_bij = 1/8 q_bid k_bjd
        z_bij = exp(s_bij) / (1_k exp(s_bik))
        y_bid = z_bij v_bjd
    """,
    "self_attention": """
        q_bhtk = x_btd wq_dhk
        k_bhsk = x_bsd wk_dhk
        v_bhse = x_bsd wv_dhe
        s_bhts = q_bhtk k_bhsk / sqrt(|k|)
        a_bhts = exp(s_bhts) / (1_u exp(s_bhtu))
        y_btd = a_bhts v_bhse wo_hed
    """,
    "logistic_regression": """
        z_n = x_nd w_d + c
        l = 1/|n| 1_n (softplus(z_n) - t_n z_n) + λ w_d w_d
    """,
    "two_outputs": "d_ij = δ_ij x_i; t = 1_i gelu(x_i)",
}


def module_of(name):
    return generate(make_joint(parse_program(TEXTS[name]), None, None))


def run(path):
    return subprocess.run([sys.executable, "-W", "error", str(path)], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("name", TEXTS)
def test_module_is_the_golden_one(name):
    assert module_of(name) == (GOLDEN / f"numpy_{name}.py").read_text()


@pytest.mark.parametrize("name", TEXTS)
def test_golden_module_passes_its_self_test(name):
    result = run(GOLDEN / f"numpy_{name}.py")
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.splitlines()[-1] == "ok"
    assert result.stdout.startswith("gradient by ")


def test_text_does_not_depend_on_the_hash_seed():
    code = (
        "from test_golden_modules import TEXTS, module_of; import hashlib; "
        "print(hashlib.sha256(''.join(map(module_of, TEXTS)).encode()).hexdigest())"
    )
    printed = {
        subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            check=True,
            cwd=Path(__file__).parent,
            env={"PYTHONHASHSEED": seed, "PATH": "", "PYTHONPATH": str(Path(__file__).parents[3])},
        ).stdout
        for seed in ("0", "1", "2")
    }
    assert len(printed) == 1


if __name__ == "__main__":
    for case in TEXTS:
        path = GOLDEN / f"numpy_{case}.py"
        path.write_text(module_of(case))
        done = run(path)
        if done.returncode:
            raise SystemExit(f"{case}: {done.stdout}{done.stderr}")
