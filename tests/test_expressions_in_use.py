"""Expressions of papers and text books: each is accepted, and its gradients agree with differences.

Each row says where the expression is from, how it is written here, and whether as there or rewritten naturally. What is
not read as printed there is refused with what to write instead.
"""

from __future__ import annotations

import pytest

import einsgrad as eg

WRITTEN, REWRITTEN = "as written", "rewritten"

EXPRESSIONS = [
    ("Petersen and Pedersen, The Matrix Cookbook: determinants", "d = det_ij(A_ik X_kl B_lj)", WRITTEN),
    ("Petersen and Pedersen, The Matrix Cookbook: inverses", "t = a_i inv(X)_ij b_j", WRITTEN),
    ("Petersen and Pedersen, The Matrix Cookbook: inverses", "t = A_ij inv(X)_jk B_ki", REWRITTEN),
    ("Petersen and Pedersen, The Matrix Cookbook: inverses", "t = inv_ij(X_ij + A_ij)_kk", REWRITTEN),
    ("Bishop, Pattern Recognition: multivariate normal", "E = -1/2 z_i inv(S)_ij z_j - 1/2 logdet(S)", WRITTEN),
    ("Rezende and Mohamed, Normalizing Flows: planar", "l = log(abs(1 + u_i w_i (1 - tanh(w_j z_j + b)^2)))", WRITTEN),
    (
        "Dinh et al., Real NVP: coupling layer",
        "y_i = x_i exp(tanh(a_ij z_j)) + b_ij z_j; l = 1_i tanh(a_ij z_j)",
        REWRITTEN,
    ),
    ("Ramachandran et al., Searching for Activation Functions", "f(x) = x sigmoid(β x); y_i = f(z_i)", WRITTEN),
    ("Misra, Mish", "mish(x) = x tanh(softplus(x)); y_i = mish(w_ij x_j)", WRITTEN),
    ("Lin et al., Focal Loss", "fl(p) = -(1 - p)^2 log(p); L = 1_n fl(sigmoid(z_n))", WRITTEN),
    (
        "Barron, A General and Adaptive Robust Loss: Charbonnier",
        "ρ(x) = sqrt((x / c)^2 + 1) - 1; L = 1_n ρ(y_n - t_n)",
        WRITTEN,
    ),
    (
        "Barron, A General and Adaptive Robust Loss: Geman-McClure",
        "ρ(x) = 2 (x / c)^2 / ((x / c)^2 + 4); L = 1_n ρ(y_n - t_n)",
        WRITTEN,
    ),
    (
        "Hodgkin and Huxley, A quantitative description: rate of m",
        "β(v) = 4 exp(-v / 18); r_n = -β(u_n) m_n",
        REWRITTEN,
    ),
    ("Boyd and Vandenberghe, Convex Optimization: log-sum-exp", "f = logsumexp_i(a_ij x_j + b_i)", WRITTEN),
    ("Boyd and Vandenberghe, Convex Optimization: geometric mean", "f = prod_i(x_i)^(1 / |i|)", WRITTEN),
    (
        "Boyd and Vandenberghe, Convex Optimization: analytic centre of a matrix inequality",
        "f = -logdet_ij(F_ij + x_k G_kij)",
        WRITTEN,
    ),
    ("Boyd and Vandenberghe, Convex Optimization: piecewise-linear", "f = max_i(a_ij x_j + b_i)", WRITTEN),
    ("Boyd and Vandenberghe, Convex Optimization: matrix fractional function", "f = x_i inv(Y)_ij x_j", WRITTEN),
    ("Petersen and Pedersen, The Matrix Cookbook: derivative of a trace of an inverse", "f = inv(X)_ii", WRITTEN),
    (
        "Petersen and Pedersen, The Matrix Cookbook: determinant of a product of three",
        "f = logdet_ij(δ_ij + X_ki X_kj)",
        REWRITTEN,
    ),
    (
        "Petersen and Pedersen, The Matrix Cookbook: determinant of a quadratic form",
        "f = det_ij(B_ij + X_ki A_kl X_lj)",
        REWRITTEN,
    ),
    ("Petersen and Pedersen, The Matrix Cookbook: Euclidean distance", "f = norm_i(x_i - a_i)", WRITTEN),
    (
        "Bishop, Pattern Recognition: Gaussian mixture",
        "l = sum_n log(sum_k p_k exp(-1/2 sum_d (x_nd 1_k - 1_n m_kd)^2 / (1_n s_k)))",
        REWRITTEN,
    ),
    ("Bishop, Pattern Recognition: multiclass logistic regression", "E = -t_nk log(softmax_k(w_kd x_nd))", WRITTEN),
    (
        "Bishop, Pattern Recognition: Student's t",
        "l = lgamma((ν + 1) / 2) - lgamma(ν / 2) - 1/2 log(π ν) - (ν + 1) / 2 mean_n(log(1 + (x_n - μ)^2 / ν))",
        REWRITTEN,
    ),
    (
        "Bishop, Pattern Recognition: Dirichlet",
        "l = lgamma(sum_k a_k) - sum_k lgamma(a_k) + sum_k (a_k - 1) log(m_k)",
        WRITTEN,
    ),
    (
        "Bishop, Pattern Recognition: Gaussian-process likelihood",
        "l = -1/2 t_n inv_nm(K_nm + σ^2 δ_nm) t_m - 1/2 logdet_nm(K_nm + σ^2 δ_nm)",
        REWRITTEN,
    ),
    ("Rasmussen and Williams, Gaussian Processes: predictive mean", "f = k_a inv_ab(K_ab + s^2 δ_ab) y_b", WRITTEN),
    (
        "Rasmussen and Williams, Gaussian Processes: rational quadratic kernel",
        "k_nm = (1 + sum_d (x_nd 1_m - 1_n z_md)^2 / (2 α l^2))^(-α)",
        REWRITTEN,
    ),
    (
        "Murphy, Machine Learning: negative binomial",
        "l = sum_n (lgamma(y_n + r) - lgamma(r) + r log(r / (r + u_n)) + y_n log(u_n / (r + u_n)))",
        REWRITTEN,
    ),
    ("Murphy, Machine Learning: beta-binomial", "l = sum_n (lgamma(k_n + a) - lgamma(k_n + a + b))", REWRITTEN),
    ("McCullagh and Nelder, Generalized Linear Models: Poisson", "l = sum_n (y_n x_nd w_d - exp(x_nd w_d))", WRITTEN),
    (
        "Hastie et al., The Elements of Statistical Learning: hinge",
        "L = sum_n maximum(0, 1 - y_n x_nd w_d) + λ/2 sum_d w_d^2",
        REWRITTEN,
    ),
    (
        "Hastie et al., The Elements of Statistical Learning: Huber",
        "h(x) = [abs(x) <= c] x^2 / 2 + [abs(x) > c] c (abs(x) - c / 2); L = sum_n h(y_n - t_n)",
        REWRITTEN,
    ),
    ("Koenker and Bassett, Regression Quantiles", "ρ(x) = x (τ - [x < 0]); L = sum_n ρ(y_n - t_n)", WRITTEN),
    (
        "Tipping, Sparse Bayesian Learning",
        "l = logdet_ij(C_ij + φ_id φ_jd / α_d) + t_i inv_ij(C_ij + φ_id φ_jd / α_d) t_j",
        REWRITTEN,
    ),
    ("Vaswani et al., Attention Is All You Need", "o_nv = softmax_m(q_nk k_mk / sqrt(|k|)) v_mv", WRITTEN),
    (
        "Vaswani et al., Attention Is All You Need: causal",
        "p_nm = [m <= n] exp(q_nk k_mk); o_nv = p_nm v_mv / (sum_k p_nk)",
        REWRITTEN,
    ),
    (
        "Ba et al., Layer Normalization",
        "c_ni = x_ni - 1_i mean_j(x_nj); y_ni = c_ni / sqrt(mean_j(c_nj^2) + ε)",
        REWRITTEN,
    ),
    ("Zhang and Sennrich, Root Mean Square Layer Normalization", "y_ni = g_i x_ni / sqrt(mean_j(x_nj^2) + ε)", WRITTEN),
    ("Hendrycks and Gimpel, Gaussian Error Linear Units", "g(x) = x/2 (1 + erf(x / sqrt(2))); y_i = g(x_i)", WRITTEN),
    ("Clevert et al., Exponential Linear Units", "e(x) = [x > 0] x + [x <= 0] α (exp(x) - 1); y_i = e(x_i)", WRITTEN),
    ("Oord et al., Contrastive Predictive Coding: InfoNCE", "L = -mean_n(s_nn - logsumexp_m(s_nm))", WRITTEN),
    (
        "Schroff et al., FaceNet: triplet loss",
        "L = sum_n maximum(0, sum_d (a_nd - p_nd)^2 - sum_d (a_nd - q_nd)^2 + α)",
        REWRITTEN,
    ),
    (
        "Hadsell et al., Dimensionality Reduction by an Invariant Mapping",
        "L = sum_n (t_n d_n^2 + (1 - t_n) maximum(0, m - d_n)^2)",
        REWRITTEN,
    ),
    (
        "Kingma and Welling, Auto-Encoding Variational Bayes",
        "L = -1/2 sum_nj (1 + log(s_nj^2) - m_nj^2 - s_nj^2)",
        WRITTEN,
    ),
    ("Rendle et al., BPR", "L = -sum_n log(sigmoid(u_nf (p_nf - q_nf)))", WRITTEN),
    ("Cox, Regression Models and Life-Tables", "l = sum_i d_i (x_ip b_p - log(sum_j r_ij exp(x_jp b_p)))", REWRITTEN),
    (
        "Bradley and Terry, Rank Analysis: paired comparisons",
        "l = sum_{j != i} w_ij (log(p_i) 1_j - log(p_i 1_j + 1_i p_j))",
        REWRITTEN,
    ),
    ("Plackett, The Analysis of Permutations", "l = sum_i (s_i - log(sum_{j >= i} exp(s_j)))", WRITTEN),
    (
        "Jackson, Classical Electrodynamics: charges",
        "U = 1/2 sum_{j != i} q_i q_j / norm_d(x_id 1_j - 1_i x_jd)",
        REWRITTEN,
    ),
    (
        "Allen and Tildesley, Computer Simulation of Liquids: Lennard-Jones",
        "U = sum_{i < j} 4 ε ((σ / r_ij)^12 - (σ / r_ij)^6)",
        WRITTEN,
    ),
    (
        "Ising, Beitrag zur Theorie des Ferromagnetismus: pairs",
        "E = -sum_{i < j} J_ij s_i s_j - h sum_i s_i",
        REWRITTEN,
    ),
    ("Kuramoto, Self-entrainment of oscillators", "r_i = w_i + K / |j| sum_j sin(1_i θ_j - θ_i 1_j)", REWRITTEN),
    ("Shannon, A Mathematical Theory of Communication", "H = -sum_i p_i log(p_i)", WRITTEN),
    ("Kullback and Leibler, On Information and Sufficiency", "D = sum_i p_i log(p_i / q_i)", WRITTEN),
    (
        "Cuturi, Sinkhorn Distances",
        "F = sum_i a_i f_i + sum_j b_j g_j - ε sum_ij exp((f_i 1_j + 1_i g_j - C_ij) / ε)",
        REWRITTEN,
    ),
    ("PyTorch, BCEWithLogitsLoss", "L = -mean_n(y_n log(sigmoid(x_n)) + (1 - y_n) log(1 - sigmoid(x_n)))", WRITTEN),
    ("PyTorch, CosineSimilarity", "c_n = (x_nd y_nd) / maximum(norm_d(x_nd) norm_d(y_nd), ε)", REWRITTEN),
    (
        "PyTorch, SmoothL1Loss",
        "h(x) = [abs(x) < β] x^2 / (2 β) + [abs(x) >= β] (abs(x) - β / 2); L = mean_n(h(x_n - y_n))",
        REWRITTEN,
    ),
    ("PyTorch, PoissonNLLLoss", "L = mean_n(exp(x_n) - t_n x_n)", WRITTEN),
    ("PyTorch, GaussianNLLLoss", "L = 1/2 mean_n(log(maximum(v_n, ε)) + (x_n - t_n)^2 / maximum(v_n, ε))", REWRITTEN),
    ("PyTorch, Hardswish", "h(x) = x minimum(maximum(x + 3, 0), 6) / 6; y_i = h(x_i)", REWRITTEN),
    ("PyTorch, Softsign", "y_i = x_i / (1 + abs(x_i))", WRITTEN),
    ("JAX, jax.nn.celu", "c(x) = maximum(x, 0) + α (exp(minimum(x, 0) / α) - 1); y_i = c(x_i)", REWRITTEN),
    ("JAX, jax.numpy.cumsum", "y_i = cumsum_i(x_i)", WRITTEN),
    ("Tullio.jl, README: a maximum over an index", "M_i = max_j(A_ij + 1_i B_j)", REWRITTEN),
    ("Tullio.jl, README: a product over an index", "P_i = prod_j(A_ij)", WRITTEN),
    (
        "Mirsky, An Introduction to Linear Algebra: Vandermonde",
        "V = prod_ij(1_i 1_j + [i < j] (1_i x_j - x_i 1_j - 1))",
        REWRITTEN,
    ),
    ("Kalman, A New Approach to Linear Filtering: gain", "K_ij = P_ik H_lk inv_lj(H_la P_ab H_jb + R_lj)", WRITTEN),
    ("Fedorov, Theory of Optimal Experiments: A-optimal design", "f = inv_ij(δ_ij + w_n x_ni x_nj)_kk", REWRITTEN),
    (
        "Ledoit and Wolf, A Well-Conditioned Estimator: shrinkage of each class",
        "l = sum_n logdet_ij(S_nij + λ δ_ij)",
        WRITTEN,
    ),
    ("Higham, Functions of Matrices: resolvent", "r = u_i inv_ij(z δ_ij - A_ij) v_j", WRITTEN),
]


@pytest.mark.parametrize(("source", "text", "how"), EXPRESSIONS, ids=[text for _, text, _ in EXPRESSIONS])
def test_expressions_in_use(source: str, text: str, how: str) -> None:
    report = eg.check(text)
    assert source
    assert how in (WRITTEN, REWRITTEN)
    assert report.ok, report.diagnostics
    assert report.gradients
    assert all(gradient.ok and not gradient.note for gradient in report.gradients)


def test_most_are_accepted_as_written() -> None:
    written = sum(how == WRITTEN for _, _, how in EXPRESSIONS)
    assert len(EXPRESSIONS) >= 60
    assert 2 * written >= len(EXPRESSIONS)


REFUSED = [
    ("Hastie et al.: hinge", "L = sum_n max(0, 1 - y_n x_nd w_d)", "write `maximum(0, 1 - y_n x_nd w_d)`"),
    ("Jackson: charges", "U = sum_{j != i} q_i q_j / norm_d(x_id - x_jd)", "multiply by `1_j`"),
    ("Kuramoto", "r_i = w_i + sum_j sin(θ_j - θ_i)", "multiply by `1_i`"),
    ("Cosine similarity", "c_n = x_nd y_nd / (norm_d(x_nd) norm_d(y_nd))", "choose another letter"),
    ("Attention, causal", "o_nv = p_nm v_mv / sum_m p_nm", "needs brackets"),
    ("Ising: field without its sum", "E = -sum_{i < j} J_ij s_i s_j - h s_i", "multiply by `1_i`"),
]
"""What is not read as papers print it, and what its error says to write."""


@pytest.mark.parametrize(("source", "text", "way_out"), REFUSED, ids=[text for _, text, _ in REFUSED])
def test_what_is_refused_says_what_to_write(source: str, text: str, way_out: str) -> None:
    assert source
    with pytest.raises(eg.EinsgradError) as error:
        eg.parse(text)
    assert way_out in str(error.value)
