"""The error function and its complement, as generated modules bring them along."""

from __future__ import annotations

POLYNOMIAL = '''
def _polynomial(x: Any, *coefficients: float) -> Any:
    """A polynomial, from its highest coefficient to its lowest."""
    value: Any = coefficients[0] * x + coefficients[1]
    for coefficient in coefficients[2:]:
        value *= x
        value += coefficient
    return value
'''

SCALED_ERFC = '''
def _scaled_erfc(a: Any) -> Any:
    """exp(a a) erfc(a) from 0.46875 to 4; W. J. Cody's rational approximation."""
    above = _polynomial(
        a,
        2.15311535474403846e-8,
        5.64188496988670089e-1,
        8.88314979438837594e0,
        6.61191906371416295e1,
        2.98635138197400131e2,
        8.81952221241769090e2,
        1.71204761263407058e3,
        2.05107837782607147e3,
        1.23033935479799725e3,
    )
    below = _polynomial(
        a,
        1.0,
        1.57449261107098347e1,
        1.17693950891312499e2,
        5.37181101862009858e2,
        1.62138957456669019e3,
        3.29079923573345963e3,
        4.36261909014324716e3,
        3.43936767414372164e3,
        1.23033935480374942e3,
    )
    return above / below
'''

SINGLE_ERF = '''
def _single_erf(x: Any) -> Any:
    """The error function, to the round-off of single precision.

    Polynomials of least largest error: of erf(x) / x in x squared up to 1, of the
    logarithm of erfc(x) in x beyond. From 4 on it is 1.
    """
    a, c = np.abs(x), np.clip(x, -1, 1)
    near = c * _polynomial(
        c * c,
        7.853840995e-5,
        -8.010187458e-4,
        5.188326984e-3,
        -2.685381157e-2,
        1.128358514e-1,
        -3.761262582e-1,
        1.128379166e0,
    )
    logarithm = _polynomial(
        np.clip(a, 1, 4),
        1.855829183e-4,
        -2.939706023e-3,
        2.180575098e-2,
        -1.030383318e-1,
        -6.382245251e-1,
        -1.127040741e0,
        -3.535467168e-4,
    )
    return np.where(a <= 1, near, c * (1 - np.exp(logarithm)))[()]
'''

ERF = '''
@_blockwise
def _erf(x: Any) -> Any:
    """The error function, to round-off.

    The rational approximations of W. J. Cody, Rational Chebyshev approximations for
    the error function, Mathematics of Computation 23 (1969): of erf(x) / x in x squared
    up to 0.46875, of exp(x x) erfc(x) beyond. From 6 on it is 1.
    """
    if np.result_type(x) == np.float32:
        return _single_erf(x)
    a = np.minimum(np.abs(x), 6)
    c = np.clip(x, -0.46875, 0.46875)
    above = _polynomial(
        c * c,
        1.85777706184603153e-1,
        3.16112374387056560e0,
        1.13864154151050156e2,
        3.77485237685302021e2,
        3.20937758913846947e3,
    )
    below = _polynomial(
        c * c,
        1.0,
        2.36012909523441209e1,
        2.44024637934444173e2,
        1.28261652607737228e3,
        2.84423683343917062e3,
    )
    near = c * above / below
    far = np.copysign(1 - np.exp(-a * a) * _scaled_erfc(a), x)
    return np.where(a <= 0.46875, near, far)[()]
'''

ERFC = '''
@_blockwise
def _erfc(x: Any) -> Any:
    """1 - erf(x), to round-off, also where little is left.

    Beyond 0.46875 by W. J. Cody's rational approximations of exp(x x) erfc(x). The
    square in the exponent is taken apart, so that its rounding does not grow with x.
    """
    a = np.clip(np.abs(x), 0.46875, 28)
    z = 1 / (a * a)
    above = _polynomial(
        z,
        1.63153871373020978e-2,
        3.05326634961232344e-1,
        3.60344899949804439e-1,
        1.25781726111229246e-1,
        1.60837851487422766e-2,
        6.58749161529837803e-4,
    )
    below = _polynomial(
        z,
        1.0,
        2.56852019228982242e0,
        1.87295284992346047e0,
        5.27905102951428412e-1,
        6.05183413124413191e-2,
        2.33520497626869185e-3,
    )
    far = (0.5641895835477563 - z * above / below) / a
    s = np.trunc(16 * a) / 16
    tail = np.exp(-s * s) * np.exp((s - a) * (s + a)) * np.where(a <= 4, _scaled_erfc(a), far)
    beyond = np.where(x > 0, tail, 2 - tail)
    return np.where(np.abs(x) <= 0.46875, 1 - _erf(x), beyond)[()]
'''
