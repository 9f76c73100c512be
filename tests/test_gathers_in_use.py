"""Gathers, positions and ``iota`` as papers and other systems write them: accepted, with right gradients.

Of each the source is named; nothing is taken from it but the formula.
"""

from __future__ import annotations

from typing import NamedTuple

import pytest
from gathers import assert_gradients, sample

import einsgrad as eg


class Case(NamedTuple):
    """An expression: its source, and the text; ``rewritten`` says what was changed where it isn't as in the source."""

    source: str
    text: str
    rewritten: str = ""


TABLE = [
    Case("Tullio.jl, README: gather of rows", "y_ij = m_{k_i,j}"),
    Case("Tullio.jl, README: gather along columns", "y_ij = m_{i,k_j}"),
    Case("Tullio.jl, README: scatter with repeated positions", "y_pj = z_pj + δ_{p,k_i} a_ij", "+= is a selector"),
    Case("TensorCast.jl, README: indexing by an array", "y_ij = a_{i,k_j} w_j"),
    Case("einops, issue on einindex: embedding lookup", "y_btc = e_{i_{bt},c}"),
    Case("einindex, README: per-batch gather", "y_btc = a_{b,i_{bt},c}"),
    Case("PyTorch, torch.nn.Embedding", "y_bsj = e_{t_{bs},j}"),
    Case("PyTorch, torch.nn.EmbeddingBag, mode sum", "y_bj = 1_s e_{t_{bs},j}"),
    Case("PyTorch, torch.nn.EmbeddingBag, mode mean with weights", "y_bj = w_bs e_{t_{bs},j}"),
    Case("PyTorch, torch.nn.NLLLoss with class weights", "l = -w_{y_n} x_{n,y_n} / (1_m w_{y_m})"),
    Case("PyTorch, torch.nn.CrossEntropyLoss", "l = 1_n (log(1_c exp(x_nc)) - x_{n,y_n}) / |n|"),
    Case(
        "PyTorch, torch.nn.CrossEntropyLoss with label smoothing",
        "l = 1_n log(1_c exp(x_nc)) - (1 - ε) 1_n x_{n,y_n} - ε x_nc 1_nc / |c|",
    ),
    Case("PyTorch, torch.gather, dim 1", "y_ij = x_{i,k_{ij}}"),
    Case("PyTorch, torch.take_along_dim", "y_ij = x_{k_{ij},j}"),
    Case("PyTorch, Tensor.index_add_", "y_pj = x_pj + α δ_{p,k_n} s_nj"),
    Case("PyTorch, Tensor.scatter_add_, dim 0", "y_pj = x_pj + δ_{p,k_{nj}} s_nj"),
    Case("PyTorch, torch.nn.MultiMarginLoss, p = 2", "l = (1 - 1_k s_{n,y_n} + s_nk)^2 1_nk", "without its maximum"),
    Case("PyTorch, torch.bilinear at two lookups", "y_n = a_{i_n,f} w_fg b_{j_n,g}"),
    Case("JAX, jax.ops.segment_sum", "y_p = z_p + δ_{p,k_n} x_n"),
    Case("NumPy, numpy.bincount with weights", "c_p = z_p + w_n δ_{p,k_n}"),
    Case("Scarselli et al. 2009: sum over neighbours", "h_vk = z_vk + δ_{v,d_e} tanh(x_{s_e,j} w_jk)"),
    Case("Gilmer et al. 2017: messages with edge features", "m_vk = z_vk + δ_{v,d_e} x_{s_e,j} a_{ejk}"),
    Case(
        "Kipf and Welling 2017: symmetric normalisation",
        "h_vk = u_vk + sum_e δ_{v,d_e} x_{s_e,k} / sqrt(n_{s_e} n_{d_e})",
        "the sum is written, since it could bind the root alone",
    ),
    Case("Velickovic et al. 2018: score of an edge", "r_e = tanh(g_{s_e,k} a_k + g_{d_e,k} b_k)"),
    Case("Schuett et al. 2017, SchNet: filters of distances", "y_ik = z_ik + δ_{i,d_e} x_{s_e,k} f_ek"),
    Case(
        "Satorras et al. 2021, EGNN: update of coordinates",
        "y_vk = x_vk + δ_{v,d_e} (x_{d_e,k} - x_{s_e,k}) w_e",
    ),
    Case(
        "Schlichtkrull et al. 2018, R-GCN: a matrix for each relation",
        "h_vk = u_vk + δ_{v,d_e} x_{s_e,j} w_{r_e,j,k}",
    ),
    Case("Mikolov et al. 2013: positive pairs", "l = 1_n log(1 + exp(-u_{c_n,j} v_{o_n,j}))"),
    Case("Pennington et al. 2014, GloVe", "l = f_n (w_{i_n,k} v_{j_n,k} + b_{i_n} + c_{j_n} - x_n)^2"),
    Case("Koren et al. 2009: biases and factors", "l = 1_n (r_n - μ - b_{u_n} - c_{i_n} - p_{u_n,f} q_{i_n,f})^2"),
    Case("Rendle et al. 2009, BPR", "l = 1_n log(1 + exp(p_{u_n,f} (q_{j_n,f} - q_{i_n,f})))"),
    Case("Bordes et al. 2013, TransE: energy", "d_n = 1_k (e_{h_n,k} + r_{l_n,k} - e_{t_n,k})^2", "the sum is written"),
    Case("Yang et al. 2015, DistMult", "s_n = e_{h_n,k} r_{l_n,k} e_{t_n,k}"),
    Case("Nickel et al. 2011, RESCAL", "s_n = a_{h_n,f} r_{l_n,f,g} a_{t_n,g}"),
    Case("Lafferty et al. 2001, CRF: score of tags", "s_b = x_{b,i,y_{bi}} + w_{f_{bp},g_{bp}}"),
    Case("Bradley and Terry 1952", "E = -log(exp(s_{w_n}) / (exp(s_{w_n}) + exp(s_{l_n}))) 1_n"),
    Case("Vaswani et al. 2017: waves of the position", "y_sj = x_sj + sin(iota_s f_j)"),
    Case("Press et al. 2022, ALiBi", "a_hij = s_hij - m_h (1_j iota_i - 1_i iota_j)"),
    Case("Devlin et al. 2019, BERT: the first token is pooled", "y_bk = tanh(x[b,0,j] w_jk)"),
    Case("Springs with fixed ends", "v = k (x[0] - a)^2 + k (x[-1] - b)^2 + g_i x_i"),
    Case("Molecular mechanics: bonds", "v = k_b ((x_{i_b,c} - x_{j_b,c}) (x_{i_b,c} - x_{j_b,c}) - r_b)^2"),
    Case("Saad 2003: product with a matrix by its entries", "y_p = z_p + δ_{p,r_e} v_e x_{c_e}"),
]


@pytest.mark.parametrize("case", TABLE, ids=lambda case: case.source)
def test_gradients(case: Case) -> None:
    for sizes in ((4, 3, 5), (2, 3)):
        program = eg.parse(case.text)
        assert eg.parse(str(program)) == program
        assert_gradients(program, sample(program, sizes))
